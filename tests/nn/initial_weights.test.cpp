#include <bit>
#include <boost/test/unit_test.hpp>
#include <cayley/backend/cpu.hpp>
#include <cayley/nn/initial_weights.hpp>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <iomanip>
#include <nlohmann/json.hpp>
#include <reference.hpp>
#include <sstream>
#include <string>
#include <vector>

namespace {

using namespace cayley;

std::string crc_of(Matrix<float> const& matrix) {
  std::vector<std::uint32_t> words;
  for (Index i = 0; i < matrix.size(); ++i) words.push_back(std::bit_cast<std::uint32_t>(matrix.data()[i]));
  std::ostringstream crc;
  crc << std::hex << std::setw(8) << std::setfill('0') << cayley::testing::crc32(words);
  return crc.str();
}

nlohmann::json reference_json(std::string const& name) {
  std::ifstream file(cayley::testing::reference_file(name));
  return nlohmann::json::parse(file);
}

BOOST_AUTO_TEST_CASE(weights_of_published_runs_bit_for_bit,
                     *boost::unit_test::precondition(cayley::testing::reference_is_set)) {
  const auto published = reference_json("rng_vectors.json").at("model_init");
  for (std::string const run :
       {"S5_MLP_seed2", "D59_MLP_seed1", "A5_MLP_seed1", "S6_MLP_seed1", "S5_MLP_hidden_dim_32_seed1"}) {
    const auto config = reference_json("runs/" + run + "/cfg.json");
    auto const& tensors = published.at(run);
    const auto order = tensors.at("W_x").at("shape").at(0).get<Index>();
    auto const& layers = config.at("layers");
    OneLayerMlp<Cpu, float> model(
        Cpu{}, {order, layers.at("embed_dim").get<Index>(), layers.at("hidden_dim").get<Index>(), order});
    TorchGenerator generator(config.at("seed").get<std::uint64_t>());
    draw_initial_weights(model, generator);
    for (auto const& parameter : model.parameters()) {
      auto const& tensor = tensors.at(parameter.name());
      BOOST_TEST(parameter.rows() == tensor.at("shape").at(0).get<Index>());
      BOOST_TEST(parameter.cols() == tensor.at("shape").at(1).get<Index>());
      BOOST_TEST(crc_of(parameter.host()) == tensor.at("crc32_le_f32").get<std::string>(),
                 run << ": " << parameter.name());
    }
  }
}

Matrix<float> drawn(TorchGenerator& generator, Index rows, Index cols, float divisor,
                    NormalPath path = NormalPath::vector) {
  Matrix<float> matrix(rows, cols);
  const auto values = generator.randn(static_cast<std::size_t>(rows * cols), path);
  for (Index i = 0; i < matrix.size(); ++i) matrix.data()[i] = values[static_cast<std::size_t>(i)] / divisor;
  return matrix;
}

BOOST_AUTO_TEST_CASE(scaled_normal_numbers_have_variance_1_over_fan_in) {
  TorchGenerator generator(4), same(4);
  const Matrix<float> matrix = scaled_normal(generator, 100, 200, 25);
  BOOST_TEST((matrix == drawn(same, 100, 200, 5)));
  BOOST_TEST(std::abs(matrix.cast<double>().squaredNorm() / 20000 - 0.04) < 0.002);
  BOOST_TEST(generator.random32() == same.random32());
}

BOOST_AUTO_TEST_CASE(mlp_weights_are_drawn_in_their_order_and_the_bias_is_zero) {
  const OneLayerMlpShape shape{5, 9, 8, 7, true};
  for (const NormalPath path : {NormalPath::vector, NormalPath::scalar}) {
    OneLayerMlp<Cpu, double> model(Cpu{}, shape);
    model.set_parameter("b_hidden", Matrix<double>::Ones(1, 8));
    TorchGenerator generator(6), same(6);
    draw_initial_weights(model, generator, path);
    const auto weights = model.parameters();
    BOOST_TEST((weights[0].host() == drawn(same, 5, 9, 3, path).cast<double>()));
    BOOST_TEST((weights[1].host() == drawn(same, 5, 9, 3, path).cast<double>()));
    BOOST_TEST((weights[2].host() == drawn(same, 18, 8, std::sqrt(18.0f), path).cast<double>()));
    BOOST_TEST((weights[3].host() == drawn(same, 8, 7, std::sqrt(8.0f), path).cast<double>()));
    BOOST_TEST(weights[4].host().isZero());
    BOOST_TEST(generator.random32() == same.random32());
  }
}

BOOST_AUTO_TEST_CASE(bilinear_weights_are_drawn_in_their_order) {
  Bilinear<Cpu, float> model(Cpu{}, {5, 9, 7});
  TorchGenerator generator(6), same(6);
  draw_initial_weights(model, generator);
  BOOST_TEST((model.parameters()[0].host() == drawn(same, 5, 9, 3)));
  BOOST_TEST((model.parameters()[1].host() == drawn(same, 5, 9, 3)));
  BOOST_TEST((model.parameters()[2].host() == drawn(same, 9, 7, 3)));
}

}  // namespace
