// Runs that several ranks train together: the bits of one, and the files of one.
#include <boost/test/unit_test.hpp>
#include <cayley/study/training_run.hpp>
#include <string>
#include <vector>

#include "backend/thread_ranks.hpp"
#include "io/scratch_folder.hpp"
#include "study/run_results.hpp"

BOOST_AUTO_TEST_SUITE(ranks_run_test)

using namespace cayley;
using cayley::testing::in_ranks;
using cayley::testing::result_bytes;
using cayley::testing::ThreadRank;

namespace {

struct Study {
  char const* name;
  char const* config;
};

// Pairs in several lanes, in one lane, in mini-batches; transformers that fold, in one pass and in several, and that do not.
constexpr Study studies[] = {
    {"mlp", R"({"group": "SymmetricGroup", "group_parameter": 4, "frac_train": 0.7, "model": "OneLayerMLP",
               "layers": {"embed_dim": 8, "hidden_dim": 12, "hidden_bias": true})"},
    {"lane", R"({"group": "CyclicGroup", "group_parameter": 7, "frac_train": 0.7, "model": "OneLayerMLP",
                "layers": {"embed_dim": 8, "hidden_dim": 12})"},
    {"bilinear", R"({"group": "AlternatingGroup", "group_parameter": 5, "frac_train": 0.5, "model": "BilinearNet",
                    "layers": {"embed_dim": 8}, "batch_size": 700)"},
    {"transformer", R"({"task": "add", "group": "CyclicGroup", "group_parameter": 31, "frac_train": 0.8,
                       "model": "Transformer", "transformer": {"d_model": 16, "n_heads": 2, "d_head": 8, "d_mlp": 24})"},
    {"passes", R"({"group": "DihedralGroup", "group_parameter": 41, "frac_train": 0.9, "model": "Transformer",
                  "transformer": {"d_model": 8, "n_heads": 2, "d_head": 4, "d_mlp": 16})"},
    {"general", R"({"task": "induction", "sequences": {"length": 16, "copied": 3, "copies": 2, "vocabulary": 9},
                   "batch_size": 8, "model": "Transformer",
                   "transformer": {"d_model": 8, "n_heads": 2, "d_head": 4, "n_layers": 2, "attn_only": true})"},
};

RunConfig config_of(Study const& study) {
  return parse_config(parse_json(std::string(study.config) + R"(, "seed": 1, "num_epochs": 6, "log_every": 2,
    "checkpoint_every": 3})",
                                 study.name),
                      study.name);
}

TrainingRunResult begin_run(auto const& backend, Study const& study, std::filesystem::path const& out,
                            TrainingRunOptions const& options = {}) {
  return start_run(backend, config_of(study), ".", "cfg.json", out, {}, options);
}

void check_all_well(std::vector<std::exception_ptr> const& trouble) {
  for (auto const& t : trouble) {
    if (t) BOOST_CHECK_NO_THROW(std::rethrow_exception(t));
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(any_number_of_ranks_gives_the_same_bits) {
  for (Study const& study : studies) {
    const ScratchFolder scratch;
    begin_run(Cpu{}, study, scratch / "one");
    for (int ranks : {1, 2, 3, 4}) {
      const auto out = scratch / std::to_string(ranks);
      std::vector<TrainingRunResult> results(static_cast<std::size_t>(ranks));
      check_all_well(in_ranks(ranks, [&](ThreadRank const& backend) {
        results[static_cast<std::size_t>(backend.rank())] = begin_run(backend, study, out);
      }));
      BOOST_TEST((result_bytes(out) == result_bytes(scratch / "one")), study.name << " in " << ranks);
      for (TrainingRunResult const& result : results) {
        BOOST_TEST(result.epochs == 6);
        BOOST_REQUIRE(!result.rows.empty());
        BOOST_TEST(result.rows.back().train_loss == results.front().rows.back().train_loss);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_run_goes_on_with_another_number_of_ranks) {
  for (Study const& study : studies) {
    const ScratchFolder scratch;
    begin_run(Cpu{}, study, scratch / "one");
    TrainingRunOptions until;
    until.until = 3;
    check_all_well(in_ranks(3, [&](ThreadRank const& backend) { begin_run(backend, study, scratch / "run", until); }));
    until.until = 5;
    check_all_well(in_ranks(2, [&](ThreadRank const& backend) { resume_run(backend, scratch / "run", until); }));
    resume_run(Cpu{}, scratch / "run", {});
    BOOST_TEST((result_bytes(scratch / "run") == result_bytes(scratch / "one")), study.name);
    // A run that has ended is left as it is.
    std::vector<std::int64_t> epochs(2);
    check_all_well(in_ranks(2, [&](ThreadRank const& backend) {
      epochs[static_cast<std::size_t>(backend.rank())] = resume_run(backend, scratch / "run", {}).epochs;
    }));
    for (std::int64_t e : epochs) BOOST_TEST(e == 6);
  }
}

BOOST_AUTO_TEST_CASE(the_wish_of_the_root_ends_all) {
  const ScratchFolder scratch;
  std::vector<TrainingEnd> ends(3, TrainingEnd::finished);
  check_all_well(in_ranks(3, [&](ThreadRank const& backend) {
    TrainingRunOptions options;
    options.go_on = [&](std::int64_t epochs, std::span<LogRow const>) { return backend.rank() != 0 || epochs < 4; };
    ends[static_cast<std::size_t>(backend.rank())] = begin_run(backend, studies[0], scratch / "run", options).end;
  }));
  for (TrainingEnd end : ends) BOOST_TEST((end == TrainingEnd::interrupted));
}

BOOST_AUTO_TEST_CASE(trouble_with_the_directory_is_everyones) {
  const ScratchFolder scratch;
  begin_run(Cpu{}, studies[0], scratch / "run");
  const auto trouble = in_ranks(3, [&](ThreadRank const& backend) { begin_run(backend, studies[0], scratch / "run"); });
  for (auto const& t : trouble) {
    BOOST_REQUIRE((t != nullptr));
    BOOST_CHECK_EXCEPTION(std::rethrow_exception(t), Error, [](Error const& e) {
      return std::string(e.what()).find("expected no run in this directory") != std::string::npos;
    });
  }
}

BOOST_AUTO_TEST_SUITE_END()
