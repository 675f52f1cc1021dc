#include <boost/test/unit_test.hpp>
#include <cayley/backend/cpu.hpp>
#include <cayley/backend/device_matrix.hpp>
#include <conformance/archetype_backend.hpp>
#include <string>
#include <tuple>

BOOST_AUTO_TEST_SUITE(device_matrix_test)

namespace {

using namespace cayley;
using cayley::testing::ArchetypeBackend;

using Backends = std::tuple<Cpu, ArchetypeBackend>;

BOOST_AUTO_TEST_CASE_TEMPLATE(host_matrices_come_back_as_they_went, B, Backends) {
  const Matrix<double> host = Matrix<double>::Random(5, 7);
  const DeviceMatrix<B, double> copy(B{}, host);
  BOOST_TEST(copy.rows() == 5);
  BOOST_TEST(copy.cols() == 7);
  BOOST_TEST((copy.host() == host));

  DeviceMatrix<B, double> matrix(B{}, 2, 3);
  BOOST_TEST((matrix.host() == Matrix<double>::Zero(2, 3)));
  matrix.assign(host.block(1, 2, 2, 3));  // rows with gaps between them
  BOOST_TEST((matrix.host() == host.block(1, 2, 2, 3)));
  matrix.assign(host.block(1, 2, 3, 2).transpose().eval());
  BOOST_TEST((matrix.host() == host.block(1, 2, 3, 2).transpose()));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(copies_are_deep, B, Backends) {
  DeviceMatrix<B, float> matrix(B{}, Matrix<float>::Ones(2, 2));
  const auto copy = matrix;
  matrix.assign(Matrix<float>::Zero(2, 2));
  BOOST_TEST((copy.host() == Matrix<float>::Ones(2, 2)));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_wrong_shape_is_refused, B, Backends) {
  DeviceMatrix<B, float> matrix(B{}, 2, 3);
  BOOST_CHECK_EXCEPTION(matrix.assign(Matrix<float>::Zero(3, 2)), Error, [](Error const& error) {
    return std::string(error.what()) == "assign: expected a matrix of shape (2, 3), found (3, 2)";
  });
}

BOOST_AUTO_TEST_CASE_TEMPLATE(empty_matrices_are_matrices, B, Backends) {
  DeviceMatrix<B, float> matrix(B{}, 0, 3);
  BOOST_TEST(matrix.host().rows() == 0);
  matrix.assign(Matrix<float>(0, 3));
}

BOOST_AUTO_TEST_CASE(host_memory_is_edited_in_place) {
  DeviceMatrix<Cpu, float> matrix(Cpu{}, 2, 3);
  matrix.matrix()(1, 2) = 4;
  BOOST_TEST(matrix.host()(1, 2) == 4);
  BOOST_TEST(matrix.matrix().data() == matrix.data());
}

template <class M>
concept HasMatrix = requires(M& m) {
  m.matrix();
};
static_assert(HasMatrix<DeviceMatrix<Cpu, float>> && !HasMatrix<DeviceMatrix<ArchetypeBackend, float>>);

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
