#include <boost/test/unit_test.hpp>
#include <cayley/backend/cpu.hpp>
#include <cayley/nn/model_parameters.hpp>
#include <conformance/archetype_backend.hpp>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

BOOST_AUTO_TEST_SUITE(model_parameters_test)

namespace {

using namespace cayley;
using cayley::testing::ArchetypeBackend;

// The least model: two parameters and nothing to compute.
template <class B>
class TwoParameters : public ModelParameters<B, double> {
 public:
  explicit TwoParameters(B const& backend)
      : ModelParameters<B, double>(backend, "Two",
                                   {Parameter<B, double>(backend, "W_x", {3, "order"}, {2, "embed_dim"}),
                                    Parameter<B, double>(backend, "W_U", {2, "embed_dim"}, {4, "classes"})}) {}
  using ModelParameters<B, double>::values;
};
using Backends = std::tuple<Cpu, ArchetypeBackend>;

static_assert(std::is_same_v<TwoParameters<Cpu>::Tensor, DeviceMatrix<Cpu, double>>);
static_assert(std::is_same_v<TwoParameters<Cpu>::Gradients, std::vector<DeviceMatrix<Cpu, double>>>);

BOOST_AUTO_TEST_CASE_TEMPLATE(parameters_of_a_model_keep_their_order, B, Backends) {
  const TwoParameters<B> model(B{});
  BOOST_TEST(model.parameters().size() == 2U);
  BOOST_TEST(model.parameters()[0].name() == "W_x");
  BOOST_TEST(model.parameters()[1].name() == "W_U");
  BOOST_TEST(model.values(1).data() == model.parameters()[1].values().data());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(gradients_have_the_shapes_of_the_parameters, B, Backends) {
  TwoParameters<B> model(B{});
  model.set_parameter("W_U", Matrix<double>::Ones(2, 4));
  const auto gradients = model.zero_gradients();
  BOOST_TEST(gradients.size() == 2U);
  BOOST_TEST((gradients[0].host() == Matrix<double>::Zero(3, 2)));
  BOOST_TEST((gradients[1].host() == Matrix<double>::Zero(2, 4)));
}

BOOST_AUTO_TEST_CASE(copies_of_a_model_share_nothing_but_the_backend) {
  const Cpu cpu(2);
  TwoParameters<Cpu> model(cpu);
  const auto copy = model;
  model.set_parameter("W_x", Matrix<double>::Ones(3, 2));
  BOOST_TEST(model.parameters()[0].host().isOnes());
  BOOST_TEST(copy.parameters()[0].host().isZero());
  BOOST_TEST(copy.backend().threads() == 2);
}

BOOST_AUTO_TEST_CASE(unknown_names_and_wrong_shapes_open_with_the_model) {
  TwoParameters<Cpu> model(Cpu{});
  const auto error_of = [&](auto&& action) {
    try {
      action();
    } catch (Error const& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  BOOST_TEST(error_of([&] { model.set_parameter("W_u", Matrix<double>::Ones(2, 4)); }) ==
             "Two has no parameter 'W_u' (did you mean W_x, W_U?); expected one of W_x, W_U");
  BOOST_TEST(error_of([&] { model.set_parameter("W_U", Matrix<double>::Ones(4, 2)); }) ==
             "Two: W_U: expected shape (embed_dim, classes) = (2, 4), found (4, 2)");
  BOOST_TEST(error_of([&] {
               model.set_parameters({{"W_x", Matrix<double>::Ones(3, 2)}}, "as built");
             }) == "Two: no tensor W_U, found W_x");
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
