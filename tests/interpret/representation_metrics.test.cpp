#include <cayley/interpret/representation_metrics.hpp>

#include <cayley/group/alternating.hpp>
#include <cayley/group/cyclic.hpp>
#include <cayley/group/dihedral.hpp>
#include <cayley/group/symmetric.hpp>

#include <boost/test/unit_test.hpp>

#include "interpret/toy_network.hpp"

BOOST_AUTO_TEST_SUITE(representation_metrics_test)

using namespace cayley;
using namespace cayley::testing;

namespace {

/// Every metric of every irrep from its definition, with n^3 cubes and characters.
template <FiniteGroup G>
void check_definitions(G const& g) {
  const CayleyTable table = cayley_table(g);
  const FourierBasis<double> basis(g);
  Irreps const& irreps = basis.irreps();
  const Index n = table.order();
  const PairNetwork network = toy_mlp(n);
  const TrainingSet train = every_third_pair(n);
  RepresentationMetricsOptions options;
  options.key_threshold = 0.02;
  const RepresentationMetrics metrics = representation_metrics(network, table, basis, train, options);

  const Matrix<double> logits = all_logits(network);
  const Matrix<double> centred = logits.colwise() - logits.rowwise().mean();
  const Matrix<double> hidden = network.hidden_of_all();
  const Matrix<double> hidden_centred = hidden.rowwise() - hidden.colwise().mean();
  const HiddenMeans means = hidden_means(network, table);
  const auto close = boost::test_tools::tolerance(1e-10);
  const auto by_product = [&](Matrix<double> const& m) {
    Matrix<double> rows(n * n, m.cols());
    for (Index i = 0; i < n * n; ++i) rows.row(i) = m.row(table.products()[static_cast<std::size_t>(i)]);
    return rows;
  };
  Matrix<double> key_logits = Matrix<double>::Zero(n * n, n), key_hidden = Matrix<double>::Zero(n, hidden.cols());
  double explained = 0;
  std::vector<Index> key;
  for (Index r = 0; r < irreps.size(); ++r) {
    IrrepMetrics const& m = metrics.irreps[static_cast<std::size_t>(r)];
    BOOST_TEST_CONTEXT(group_name(g) << ", " << irreps[r].label()) {
      const auto projected = [&](Matrix<double> const& f) { return naive_projection(irreps, table, r, f); };
      BOOST_TEST(m.x_embed == projected(network.left_embedding).squaredNorm() / network.left_embedding.squaredNorm(),
                 close);
      BOOST_TEST(m.y_embed == projected(network.right_embedding).squaredNorm() / network.right_embedding.squaredNorm(),
                 close);
      BOOST_TEST(
          m.unembed == projected(network.unembedding.transpose()).squaredNorm() / network.unembedding.squaredNorm(),
          close);
      const auto hidden_share = [&](Matrix<double> const& mean) {
        return static_cast<double>(n) * projected(mean.rowwise() - means.overall).squaredNorm() /
               hidden_centred.squaredNorm();
      };
      const auto near_zero = [](double x, double y) { return std::abs(x - y) < 1e-12 + 1e-10 * std::abs(y); };
      BOOST_TEST(near_zero(m.hidden_x, hidden_share(means.by_left)));
      BOOST_TEST(near_zero(m.hidden_y, hidden_share(means.by_right)));
      BOOST_TEST(near_zero(m.hidden_xy, hidden_share(means.by_product)));
      const Matrix<double> part = projected(means.by_product);
      BOOST_TEST(m.hidden_restricted_loss == naive_loss(by_product(part) * network.unembedding, table), close);
      BOOST_TEST(m.hidden_excluded_loss == naive_loss((hidden - by_product(part)) * network.unembedding, table, &train),
                 close);
      if (r == 0) {
        BOOST_TEST(std::isnan(m.logit_similarity));
        continue;
      }
      Matrix<double> cube(n * n, n);
      for (Index i = 0; i < n * n; ++i) {
        for (Element c : elements(table)) {
          cube(i, c) = irreps.character(irreps[r],
                                        table.compose(table.products()[static_cast<std::size_t>(i)], table.inverse(c)));
        }
      }
      const double similarity = centred.cwiseProduct(cube).sum() / (centred.norm() * cube.norm());
      BOOST_TEST(near_zero(m.logit_similarity, similarity));
      const Matrix<double> q = cube * (similarity * centred.norm() / cube.norm());
      BOOST_TEST(m.logit_restricted_loss == naive_loss(q, table), close);
      BOOST_TEST(m.logit_excluded_loss == naive_loss(centred - q, table, &train), close);
      explained += similarity * similarity;
      if (similarity > options.key_threshold) {
        key.push_back(r);
        key_logits += q;
        key_hidden += part;
      }
    }
  }
  BOOST_TEST(metrics.key == key, boost::test_tools::per_element());
  BOOST_TEST(metrics.logits_explained == explained, close);
  BOOST_TEST(metrics.total_logit_restricted_loss == naive_loss(key_logits, table), close);
  BOOST_TEST(metrics.total_logit_excluded_loss == naive_loss(centred - key_logits, table, &train), close);
  BOOST_TEST(metrics.total_hidden_restricted_loss == naive_loss(by_product(key_hidden) * network.unembedding, table),
             close);
  BOOST_TEST(metrics.total_hidden_excluded_loss ==
                 naive_loss((hidden - by_product(key_hidden)) * network.unembedding, table, &train),
             close);
}

}  // namespace

BOOST_AUTO_TEST_CASE(metrics_follow_their_definitions_on_groups_of_every_type) {
  check_definitions(Symmetric<3>{});
  check_definitions(Alternating<4>{});  // has a complex pair
  check_definitions(Cyclic<7>{});
  check_definitions(Cyclic<8>{});
  check_definitions(Dihedral<4>{});
  check_definitions(Product{Cyclic<3>{}, Cyclic<2>{}});
}

BOOST_AUTO_TEST_CASE(a_wrong_guess_of_the_key_irreps_is_repaired) {
  // Logits whose norm over the sampled products is far from their norm over all: the products 0, n/4, .. are
  // muted.
  const CayleyTable table = cayley_table(Cyclic<16>{});
  const FourierBasis<double> basis(Cyclic<16>{});
  PairNetwork network = toy_mlp(16);
  network.hidden = [inner = network.hidden, &table](std::span<const Pair> pairs, MatrixRef<double> out) {
    inner(pairs, out);
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      if (table.compose(pairs[i].a, pairs[i].b) % 4 == 0) out.row(static_cast<Index>(i)) *= 1e-3;
    }
  };
  const TrainingSet train = every_third_pair(16);
  BOOST_TEST(estimated_logit_power(network, table) < 1e-4 * pair_losses(network, table, train).centred_logit_power);
  const RepresentationMetrics guessed = representation_metrics(network, table, basis, train, {.key_threshold = 0.05});
  BOOST_TEST(guessed.key.size() < 8u);
  for (Index r = 1; r < basis.irreps().size(); ++r) {
    const bool key = std::find(guessed.key.begin(), guessed.key.end(), r) != guessed.key.end();
    BOOST_TEST((guessed.irreps[static_cast<std::size_t>(r)].logit_similarity > 0.05) == key);
  }
  const RepresentationMetrics told = representation_metrics(network, table, basis, train, {.key = guessed.key});
  BOOST_TEST(told.total_logit_excluded_loss == guessed.total_logit_excluded_loss);
  BOOST_TEST(told.total_hidden_restricted_loss == guessed.total_hidden_restricted_loss);
}

BOOST_AUTO_TEST_CASE(totals_run_over_the_listed_irreps) {
  const CayleyTable table = cayley_table(Cyclic<7>{});
  const FourierBasis<double> basis(Cyclic<7>{});
  const PairNetwork network = toy_mlp(7);
  const auto all = representation_metrics(network, table, basis, every_third_pair(7), {.key_threshold = -1});
  const auto one = representation_metrics(network, table, basis, every_third_pair(7),
                                          {.listed = std::vector<Index>{0, 2}, .key_threshold = -1});
  BOOST_TEST(all.key.size() == 3u);
  BOOST_TEST((one.key == std::vector<Index>{2}));
  BOOST_TEST(one.logits_explained == all.irreps[2].logit_similarity * all.irreps[2].logit_similarity);
}

BOOST_AUTO_TEST_CASE(a_basis_of_another_group_is_refused) {
  const CayleyTable table = cayley_table(Cyclic<7>{});
  BOOST_CHECK_THROW(representation_metrics(toy_mlp(7), table, FourierBasis<double>(Cyclic<6>{}), every_third_pair(7)),
                    Error);
}

BOOST_AUTO_TEST_CASE(a_network_that_has_learned_nothing_has_what_dimensions_say) {
  const Symmetric<4> g;
  const CayleyTable table = cayley_table(g);
  const FourierBasis<double> basis(g);
  const Index n = g.order(), hidden = 2000;
  const PairNetwork network =
      pair_network(OneLayerMlp<Cpu, double>::from_parameters(Cpu{}, {{"W_x", random_matrix(n, 400, 1)},
                                                                     {"W_y", random_matrix(n, 400, 2)},
                                                                     {"W", random_matrix(800, hidden, 3)},
                                                                     {"W_U", random_matrix(hidden, n, 4, 0.01)}}));
  const RepresentationMetrics metrics = representation_metrics(network, table, basis, every_third_pair(n));
  for (Index r = 0; r < basis.irreps().size(); ++r) {
    IrrepMetrics const& m = metrics.irreps[static_cast<std::size_t>(r)];
    const double functions = static_cast<double>(basis.irreps()[r].isotypic_dimension()), share = functions / 24;
    BOOST_TEST_CONTEXT(basis.irreps()[r].label()) {
      // 400 independent columns, so within a few times sqrt(2 / (400 functions)) of the share.
      for (double found : {m.x_embed, m.y_embed, m.unembed}) {
        BOOST_TEST(std::abs(found - share) < 5 * std::sqrt(2 / (400 * functions)) * share);
      }
      if (r == 0) continue;
      // Functions of ab are 1 in 24 of what is left of functions of a pair; most of h is functions of a and of b.
      BOOST_TEST(m.hidden_xy < share / 20);
      BOOST_TEST(std::abs(m.logit_similarity) < 0.1);
    }
  }
  BOOST_TEST(metrics.all_loss > std::log(20));
  BOOST_TEST(metrics.logits_explained < 0.02);
}

BOOST_AUTO_TEST_SUITE_END()
