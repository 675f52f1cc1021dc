#include <boost/test/unit_test.hpp>
#include <cayley/backend/cpu.hpp>
#include <cayley/nn/embedding.hpp>
#include <cayley/nn/pair.hpp>
#include <conformance/archetype_backend.hpp>
#include <tuple>
#include <vector>

BOOST_AUTO_TEST_SUITE(embedding_test)

namespace {

using namespace cayley;

using Backends = std::tuple<Cpu, cayley::testing::ArchetypeBackend>;

BOOST_AUTO_TEST_CASE_TEMPLATE(rows_are_looked_up_by_index, B, Backends) {
  const Matrix<float> host = Matrix<float>::Random(4, 3);
  const DeviceMatrix<B, float> table(B{}, host);
  const std::vector<Pair> pairs{{0, 3}, {2, 2}, {1, 0}};
  const auto indices = device_pairs(B{}, std::span<Pair const>(pairs), 4);

  const Matrix<float> left = embed(table, indices, 0, 2).host();
  const Matrix<float> right = embed(table, indices, 1, 2).host();
  const Matrix<float> all = embed(table, indices, 0, 1).host();
  for (Index i = 0; i < 3; ++i) {
    const Pair pair = pairs[static_cast<std::size_t>(i)];
    BOOST_TEST((left.row(i) == host.row(pair.a)));
    BOOST_TEST((right.row(i) == host.row(pair.b)));
    BOOST_TEST((all.row(2 * i) == host.row(pair.a)));
    BOOST_TEST((all.row(2 * i + 1) == host.row(pair.b)));
  }

  const auto none = device_pairs(B{}, std::span<Pair const>(), 4);
  BOOST_TEST(embed(table, none, 1, 2).rows() == 0);
  BOOST_CHECK_THROW(embed(table, indices, 2, 2), Error);
  BOOST_CHECK_THROW(embed(table, indices, 0, 4), Error);
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
