// cayley-lab report on a short run of each study of notebooks 000, 002 and 003: every figure is on the page, and what a
// run lacks costs figures alone.
#include <boost/test/unit_test.hpp>
#include <cayley/io/json.hpp>
#include <filesystem>
#include <string>

#include "io/scratch_folder.hpp"
#include "lab/run_lab.hpp"

BOOST_AUTO_TEST_SUITE(report_notebooks_test)

using namespace cayley;

namespace {

/// Trains a small transformer by the command; `flags` name the task and its data.
void train(std::filesystem::path const& run, std::string const& flags) {
  check_lab(
      "train --model Transformer --seed 5 --lr 0.01 --weight_decay 0.1 --threads 1 --transformer.d_model 16 "
      "--transformer.n_heads 2 --transformer.d_head 8 --transformer.d_mlp 16 " +
          flags + " --out " + run.string(),
      0, {"epochs done"});
}

/// Writes the report and returns the page. plotly.js is linked, so that no package is needed.
std::string page_of(std::filesystem::path const& run, int figures) {
  check_lab("report " + run.string() + " --cdn --threads 2", 0, {"wrote " + std::to_string(figures) + " figures"});
  return read_file(run / "report.html");
}

bool has(std::string const& page, std::string const& text) {
  return page.find(text) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_CASE(modular_addition) {
  const ScratchFolder scratch;
  const auto run = scratch / "run";
  train(run,
        "--task add --group CyclicGroup --group_parameter 3 --frac_train 0.7 --epochs 40 --log_every 5 "
        "--checkpoint_every 20");
  const std::string page = page_of(run, 33);  // two of the log, 31 of the notebook
  BOOST_TEST(has(page, "Periodicity"));
  BOOST_TEST(has(page, "Right on"));
  BOOST_TEST(has(page, "uses freq_1"));
  BOOST_TEST(!has(page, "class=\"note\""));
  std::filesystem::remove_all(run / "checkpoints");
  std::filesystem::remove(run / "log.csv");
  BOOST_TEST(has(page_of(run, 19), "no checkpoints"));
}

BOOST_AUTO_TEST_CASE(sequences) {
  struct Study {
    char const *flags, *heading;
    int figures;
  };
  const std::string common =
      "--transformer.init sequences --batch_size 32 --epochs 40 --log_every 5 --checkpoint_every 20 ";
  for (Study const& study :
       {Study{"--task max_of_n --sequences.vocabulary 8 --transformer.attn_only true", "copy it", 6},
        Study{"--task digit_addition --sequences.digits 2", "whole sums", 9},
        Study{"--task skip_trigram --sequences.keys 3 --sequences.noise_length 6 --transformer.attn_only true",
              "Gradient of the loss", 7},
        Study{"--task induction --sequences.length 13 --sequences.copied 3 --sequences.copies 2 "
              "--sequences.vocabulary 9 --transformer.attn_only true --transformer.n_layers 2",
              "Previous-token heads", 3}}) {
    BOOST_TEST_CONTEXT(study.flags) {
      const ScratchFolder scratch;
      const auto run = scratch / "run";
      train(run, common + study.flags);
      const std::string page = page_of(run, study.figures);
      BOOST_TEST(has(page, study.heading));
      BOOST_TEST(!has(page, "class=\"note\""));
      // Two seeds of it, here the same run twice: a figure more, with both.
      check_lab("report " + run.string() + " " + run.string() + " --cdn --out " + (scratch / "both.html").string(), 0,
                {"wrote " + std::to_string(study.figures + 1) + " figures"});
      std::filesystem::remove(run / "log.csv");
      std::filesystem::remove_all(run / "checkpoints");
      BOOST_TEST(has(read_file((check_lab("report " + run.string() + " --cdn", 0, {"wrote "}), run / "report.html")),
                     "class=\"note\""));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
