#include <boost/test/unit_test.hpp>
#include <cayley/backend/cpu.hpp>
#include <cayley/nn/parameter.hpp>
#include <conformance/archetype_backend.hpp>
#include <string>
#include <tuple>

BOOST_AUTO_TEST_SUITE(parameter_test)

namespace {

using namespace cayley;
using cayley::testing::ArchetypeBackend;

using Backends = std::tuple<Cpu, ArchetypeBackend>;

template <class Action>
std::string error_of(Action&& action) {
  try {
    action();
  } catch (Error const& error) {
    return error.what();
  }
  return "no error";
}

template <class B>
ParameterList<B, double> two_parameters() {
  return {"Toy",
          {Parameter<B, double>(B{}, "W_x", {3, "order"}, {2, "embed_dim"}),
           Parameter<B, double>(B{}, "W_U", {2, "embed_dim"}, {4, "classes"})}};
}

BOOST_AUTO_TEST_CASE_TEMPLATE(parameters_start_at_zero_and_take_matrices, B, Backends) {
  Parameter<B, double> parameter(B{}, "W_x", {3, "order"}, {2, "embed_dim"});
  BOOST_TEST(parameter.name() == "W_x");
  BOOST_TEST(parameter.rows() == 3);
  BOOST_TEST(parameter.cols() == 2);
  BOOST_TEST((parameter.host() == Matrix<double>::Zero(3, 2)));

  const Matrix<double> values = Matrix<double>::Random(3, 2);
  parameter.assign(values);
  BOOST_TEST((parameter.host() == values));
  BOOST_TEST(error_of([&] { parameter.assign(Matrix<double>::Zero(2, 3)); }) ==
             "W_x: expected shape (order, embed_dim) = (3, 2), found (2, 3)");
  BOOST_TEST((parameter.host() == values));
}

BOOST_AUTO_TEST_CASE(a_parameter_has_rows_and_columns) {
  BOOST_TEST(error_of([] {
               Parameter<Cpu, float>(Cpu{}, "W_x", {0, "order"}, {2, "embed_dim"});
             }) == "W_x: expected order of at least 1, found 0");
  BOOST_TEST(error_of([] {
               Parameter<Cpu, float>(Cpu{}, "W_x", {3, "order"}, {-2, "embed_dim"});
             }) == "W_x: expected embed_dim of at least 1, found -2");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(lists_find_parameters_by_name, B, Backends) {
  auto list = two_parameters<B>();
  const auto copy = list;
  const Matrix<double> values = Matrix<double>::Random(2, 4);
  list.assign("W_U", values);
  BOOST_TEST(list.all().size() == 2U);
  BOOST_TEST(list.all()[1].name() == "W_U");
  BOOST_TEST((list.at("W_U").host() == values));
  BOOST_TEST(copy.at("W_U").host().isZero());

  BOOST_TEST(error_of([&] { list.assign("W_u", values); }) ==
             "Toy has no parameter 'W_u' (did you mean W_x, W_U?); expected one of W_x, W_U");
  BOOST_TEST(error_of([&] { list.assign("W_x", values); }) ==
             "Toy: W_x: expected shape (order, embed_dim) = (3, 2), found (2, 4)");
}

BOOST_AUTO_TEST_CASE(lists_are_assigned_as_a_whole) {
  auto list = two_parameters<Cpu>();
  NamedMatrices<double> matrices{{"W_x", Matrix<double>::Ones(3, 2)}, {"W_U", Matrix<double>::Ones(2, 4)}};
  list.assign(matrices, "sizes as built");
  BOOST_TEST(list.at("W_x").host().isOnes());

  matrices["W_U"] = Matrix<double>::Ones(4, 2);
  BOOST_TEST(error_of([&] { list.assign(matrices, "sizes as built"); }) ==
             "Toy: W_U: expected shape (embed_dim, classes) = (2, 4), found (4, 2) (sizes as built)");
  matrices.erase("W_U");
  BOOST_TEST(error_of([&] { list.assign(matrices, ""); }) == "Toy: no tensor W_U, found W_x");
  BOOST_TEST(error_of([&] { named_matrix(NamedMatrices<double>{}, "Toy", "W_x"); }) ==
             "Toy: no tensor W_x, found none");
  matrices["bias"] = Matrix<double>::Ones(1, 1);
  BOOST_TEST(error_of([&] { list.assign(matrices, ""); }) == "Toy has no parameter 'bias'; expected one of W_x, W_U");
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
