#include <cayley/nn/transformer_gradients.hpp>

#include <boost/test/unit_test.hpp>
#include <nn/toy_transformers.hpp>

BOOST_AUTO_TEST_SUITE(transformer_gradients_test)

namespace {

using namespace cayley;
using namespace cayley::testing;

}  // namespace

// Values are compared with finite differences in general_transformer.test.cpp; here, that chunks add up.
BOOST_AUTO_TEST_CASE(gradients_of_parts_add_up) {
  const auto model = toy_transformer<double>(toy_shape());
  const TokenSequences data = toy_sequences();
  const auto whole = model.unfolded_loss_and_gradient(data);
  std::vector<Matrix<double>> sum;
  for (auto const& gradient : whole.gradients) sum.push_back(Matrix<double>::Zero(gradient.rows(), gradient.cols()));
  const auto all = static_cast<double>(data.labels.size());
  for (const std::uint32_t sequence : {0u, 1u, 2u, 4u}) {  // those with targets
    const std::uint32_t place[]{sequence};
    const TokenSequences part = data.subset(place);
    const auto found = model.unfolded_loss_and_gradient(part);
    const double share = static_cast<double>(part.labels.size()) / all;
    for (std::size_t p = 0; p < sum.size(); ++p) sum[p] += share * found.gradients[p].host();
  }
  for (std::size_t p = 0; p < sum.size(); ++p) {
    BOOST_TEST((sum[p] - whole.gradients[p].host()).cwiseAbs().maxCoeff() < 1e-13, p);
  }
}

BOOST_AUTO_TEST_SUITE_END()
