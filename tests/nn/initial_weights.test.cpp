#include <bit>
#include <boost/test/unit_test.hpp>
#include <cayley/backend/cpu.hpp>
#include <cayley/nn/initial_weights.hpp>
#include <cayley/task/split.hpp>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <iomanip>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <reference.hpp>
#include <span>
#include <sstream>
#include <string>
#include <vector>

BOOST_AUTO_TEST_SUITE(initial_weights_test)

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

/// Mean cross-entropy in double of the logits in these rows.
double mean_loss(Matrix<float> const& logits, std::vector<Index> const& rows, std::vector<Element> const& labels) {
  double sum = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const RowVector<double> row = logits.row(rows[i]).cast<double>();
    const double largest = row.maxCoeff();
    sum += largest + std::log((row.array() - largest).exp().sum()) - row[labels[i]];
  }
  return sum / static_cast<double>(rows.size());
}

BOOST_AUTO_TEST_CASE(transformers_of_published_runs_bit_for_bit,
                     *boost::unit_test::precondition(cayley::testing::reference_is_set)) {
  const auto vectors = reference_json("rng_vectors.json");
  for (std::string const group : {"S5", "A5"}) {
    const std::string run = group + "_T_seed1";
    auto const& tensors = vectors.at("model_init").at(run);
    auto const& split = vectors.at("split").at(run);
    const auto elements = reference_json("elements_" + group + ".json").get<std::vector<std::vector<std::size_t>>>();
    const auto order = static_cast<Index>(elements.size());
    Transformer<Cpu, float> model(Cpu{}, {.d_model = 128,
                                          .n_heads = 4,
                                          .d_head = 32,
                                          .d_mlp = 512,
                                          .d_vocab = order + 1,
                                          .d_vocab_out = order,
                                          .n_ctx = 3});
    TorchGenerator generator(split.at("seed").get<std::uint64_t>());
    draw_initial_weights(model, generator);
    std::size_t drawn_tensors = 0;
    for (auto const& parameter : model.parameters()) {
      if (!tensors.contains(parameter.name())) {
        BOOST_TEST(parameter.host().isZero(), parameter.name());
        continue;
      }
      ++drawn_tensors;
      BOOST_TEST(crc_of(parameter.host()) == tensors.at(parameter.name()).at("crc32_le_f32").get<std::string>(),
                 run << ": " << parameter.name());
    }
    BOOST_TEST(drawn_tensors == tensors.size());

    std::map<std::vector<std::size_t>, Element> index;
    for (std::size_t g = 0; g < elements.size(); ++g) index[elements[g]] = static_cast<Element>(g);
    const auto n = static_cast<std::uint32_t>(order);
    const auto frac_train = reference_json("runs/" + run + "/cfg.json").at("frac_train").get<double>();
    const auto pairs = random_split(order * order, frac_train, split.at("seed").get<std::uint64_t>());
    const auto loss_of = [&](std::vector<std::uint32_t> const& part) {
      std::vector<std::uint32_t> tokens;
      std::vector<Index> last;
      std::vector<Element> labels;
      for (std::uint32_t pair : part) {
        tokens.insert(tokens.end(), {pair / n, pair % n, n});
        last.push_back(static_cast<Index>(tokens.size()) - 1);
        std::vector<std::size_t> product;
        for (std::size_t i : elements[pair / n]) product.push_back(elements[pair % n][i]);
        labels.push_back(index.at(product));
      }
      return mean_loss(model.forward({tokens, 3}).host(), last, labels);
    };
    const double train = loss_of(pairs.train), test = loss_of(pairs.test);
    BOOST_TEST(std::abs(train - split.at("init_train_loss").get<double>()) < 1e-7);
    BOOST_TEST(std::abs(test - split.at("init_test_loss").get<double>()) < 1e-7);
  }
}

// Step 0 of the notebook on sequences, whose losses are printed to nine digits: weights from the seed, and the first
// batch of its generator.
BOOST_AUTO_TEST_CASE(digit_addition_starts_at_its_published_loss) {
  Transformer<Cpu, float> model(
      Cpu{},
      {.d_model = 512, .n_heads = 4, .d_head = 128, .d_mlp = 2048, .d_vocab = 12, .d_vocab_out = 10, .n_ctx = 18});
  TorchGenerator generator(129000), digits(129000);
  draw_initial_weights(model, generator, TransformerInit::sequences);
  std::vector<std::uint32_t> numbers(2 * 64 * 5), tokens;  // (2, 64, 5)
  for (auto& digit : numbers) digit = digits.random32() % 10;
  std::vector<Index> rows;
  std::vector<Element> labels;
  for (std::size_t s = 0; s < 64; ++s) {
    const auto x = std::span(numbers).subspan(5 * s, 5), y = std::span(numbers).subspan(320 + 5 * s, 5);
    std::vector<std::uint32_t> sum(6);
    std::uint32_t carry = 0;
    for (std::size_t i = 5; i-- > 0; carry = (x[i] + y[i] + carry) / 10) sum[i + 1] = (x[i] + y[i] + carry) % 10;
    sum[0] = carry;
    tokens.insert(tokens.end(), x.begin(), x.end());
    tokens.push_back(10);
    tokens.insert(tokens.end(), y.begin(), y.end());
    tokens.push_back(11);
    for (std::uint32_t digit : sum) {
      rows.push_back(static_cast<Index>(tokens.size()) - 1);
      labels.push_back(digit);
      tokens.push_back(digit);
    }
  }
  const double loss = mean_loss(model.forward({tokens, 18}).host(), rows, labels);
  BOOST_TEST(std::abs(loss - 2.59335171) < 2e-7, loss);
}

BOOST_AUTO_TEST_CASE(skip_trigrams_start_at_their_published_loss) {
  Transformer<Cpu, float> model(Cpu{}, {.d_model = 32,
                                        .n_heads = 1,
                                        .d_head = 8,
                                        .d_vocab = 22,
                                        .d_vocab_out = 10,
                                        .n_ctx = 42,
                                        .attn_only = true,
                                        .has_biases = false});
  TorchGenerator generator(6798), batch(6798);
  draw_initial_weights(model, generator, TransformerInit::sequences);
  std::vector<std::uint32_t> noise(256 * 40), keys(256), tokens;
  for (auto& token : noise) token = 2 + batch.random32() % 10;
  for (auto& key : keys) key = batch.random32() % 10;
  std::vector<Index> rows;
  for (std::size_t s = 0; s < 256; ++s) {
    tokens.push_back(0);
    tokens.insert(tokens.end(), noise.begin() + static_cast<Index>(40 * s),
                  noise.begin() + static_cast<Index>(40 * s + 40));
    tokens.push_back(1);
    rows.push_back(static_cast<Index>(tokens.size()) - 1);
  }
  for (std::size_t s = 0; s < 256; ++s) tokens[42 * s + 1 + batch.random32() % 40] = 12 + keys[s];
  const double loss = mean_loss(model.forward({tokens, 42}).host(), rows, keys);
  BOOST_TEST(std::abs(loss - 2.34612692) < 2e-8, loss);
}

BOOST_AUTO_TEST_CASE(induction_starts_at_its_published_loss) {
  Transformer<Cpu, float> model(Cpu{}, {.n_layers = 2,
                                        .d_model = 48,
                                        .n_heads = 4,
                                        .d_head = 12,
                                        .d_vocab = 128,
                                        .d_vocab_out = 128,
                                        .n_ctx = 85,
                                        .attn_only = true,
                                        .has_biases = false,
                                        .doubled_residual = true});
  TorchGenerator generator(123);
  draw_initial_weights(model, generator, TransformerInit::induction);
  std::mt19937 random(123);
  const auto up_to = [&](std::uint32_t largest) {
    std::uint32_t value = 0;
    do value = static_cast<std::uint32_t>(random()) & (std::bit_ceil(largest + 1) - 1);
    while (value > largest);
    return value;
  };
  std::vector<std::uint32_t> tokens(128 * 85);
  std::vector<Index> rows;
  std::vector<Element> labels;
  for (int batch = 0; batch < 2; ++batch) {  // the study discards the first batch
    for (auto& token : tokens) token = 1 + up_to(126);
    std::vector<std::uint32_t> starts(3 * 128);  // (3, 128)
    for (std::size_t i = 0; i < starts.size(); ++i)
      starts[i] = 1 + 28 * static_cast<std::uint32_t>(i / 128) + up_to(12);
    rows.clear();
    labels.clear();
    for (std::size_t s = 0; s < 128; ++s) {
      tokens[85 * s] = 0;
      for (std::size_t copy = 1; copy < 3; ++copy) {
        const std::size_t from = 85 * s + starts[s], to = 85 * s + starts[128 * copy + s];
        for (std::size_t t = 0; t < 16; ++t) tokens[to + t] = tokens[from + t];
        for (std::size_t t = 0; t < 15; ++t) {
          rows.push_back(static_cast<Index>(to + t));
          labels.push_back(tokens[to + t + 1]);
        }
      }
    }
  }
  // The published mean runs over the first 84 positions, its factor over all 85.
  const double loss = mean_loss(model.forward({tokens, 85}).host(), rows, labels) * 85 / 84;
  BOOST_TEST(std::abs(loss - 5.07085304) < 1e-7, loss);
}

// The study of modular addition: each matrix as the older layout stores it, in the study's order.
BOOST_AUTO_TEST_CASE(modular_addition_weights_are_drawn_in_their_order_and_layout) {
  const TransformerShape shape{.n_layers = 2,
                               .d_model = 9,
                               .n_heads = 2,
                               .d_head = 4,
                               .d_mlp = 6,
                               .d_vocab = 8,
                               .d_vocab_out = 16,
                               .n_ctx = 3,
                               .has_layer_norm = true};
  for (const TransformerInit init :
       {TransformerInit::modular_addition, TransformerInit::sequences, TransformerInit::induction}) {
    Transformer<Cpu, double> model(Cpu{}, shape);
    for (auto& parameter : model.parameters()) {
      parameter.assign(Matrix<double>::Constant(parameter.rows(), parameter.cols(), 7));
    }
    TorchGenerator generator(3), same(3);
    draw_initial_weights(model, generator, init, NormalPath::scalar);
    std::map<std::string, Matrix<float>> found;
    for (auto const& parameter : model.parameters()) found[parameter.name()] = parameter.host().cast<float>();
    const auto next = [&](Index rows, Index cols, float divisor) {
      return drawn(same, rows, cols, divisor, NormalPath::scalar);
    };
    BOOST_TEST((found["embed.W_E"] == next(9, 8, 3).transpose()));
    BOOST_TEST((found["pos_embed.W_pos"] == next(3, 9, 3)));
    for (std::string const block : {"blocks.0.", "blocks.1."}) {
      for (std::string const name : {"attn.W_K", "attn.W_Q", "attn.W_V"}) {
        const Matrix<float> w =
            next(8, 9, init == TransformerInit::induction ? 2.0f : 3.0f);  // (n_heads d_head, d_model)
        BOOST_TEST((found[block + name].topRows(9) == w.topRows(4).transpose()));
        BOOST_TEST((found[block + name].bottomRows(9) == w.bottomRows(4).transpose()));
      }
      if (init == TransformerInit::sequences) {
        const Matrix<float> w_o = next(18, 4, 3);  // (n_heads d_model, d_head)
        BOOST_TEST((found[block + "attn.W_O"].topRows(4) == w_o.topRows(9).transpose()));
        BOOST_TEST((found[block + "attn.W_O"].bottomRows(4) == w_o.bottomRows(9).transpose()));
      } else {
        BOOST_TEST((found[block + "attn.W_O"] == next(9, 8, 3).transpose()));
      }
      BOOST_TEST((found[block + "mlp.W_in"] == next(6, 9, 3).transpose()));
      BOOST_TEST((found[block + "mlp.W_out"] == next(9, 6, 3).transpose()));
      for (char const* bias : {"attn.b_Q", "attn.b_O", "mlp.b_in", "mlp.b_out", "ln1.b", "ln2.b"}) {
        BOOST_TEST(found[block + bias].isZero(), bias);
      }
      BOOST_TEST(found[block + "ln1.w"].isOnes());
    }
    BOOST_TEST((found["unembed.W_U"] == next(9, 16, 4)));
    BOOST_TEST(found["ln_final.w"].isOnes());
    BOOST_TEST(generator.random32() == same.random32());
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
