#include <cayley/study/run_loop.hpp>

#include <boost/test/unit_test.hpp>
#include <cayley/nn/one_layer_mlp.hpp>
#include <cmath>
#include <vector>

BOOST_AUTO_TEST_SUITE(run_loop_test)

using namespace cayley;

// Whole runs are in training_run.test.cpp and sequence_run.test.cpp.
BOOST_AUTO_TEST_CASE(the_moving_average_is_over_fifty_rows) {
  std::vector<LogRow> rows;
  for (int i = 0; i < 120; ++i) {
    const LogRow row = detail::with_more_columns({i, static_cast<double>(i), 0, 0, 0, {0.5}}, rows, 2);
    BOOST_TEST_REQUIRE(row.more.size() == 3u);
    const double first = std::max(0, i - 49);
    BOOST_TEST(row.more[0] == (first + i) / 2);
    BOOST_TEST(row.more[1] == 0.5);
    BOOST_TEST(std::isnan(row.more[2]));  // a part that the batch does not have
    rows.push_back(row);
  }
}

BOOST_AUTO_TEST_CASE(weights_are_stored_under_their_names_with_the_configuration) {
  const OneLayerMlp<Cpu, float> model({}, {3, 2, 4, 3});
  RunConfig config;
  config.group = "CyclicGroup";
  config.group_parameter = 3;
  config.model = "OneLayerMLP";
  const TensorFile file = weights_file(model, config);
  BOOST_TEST((file.shape("W") == Shape{4, 4}));
  BOOST_TEST(file.metadata().at("group") == "CyclicGroup");
  BOOST_TEST(file.metadata().at("group_parameter") == "3");
}

BOOST_AUTO_TEST_SUITE_END()
