// cayley-lab report as a user runs it: the page, its numbers, and what a run may lack.
#include <boost/test/unit_test.hpp>
#include <cayley/io/json.hpp>
#include <cayley/plot/page.hpp>
#include <filesystem>

#include "io/scratch_folder.hpp"
#include "lab/run_lab.hpp"
#include "study/published_runs.hpp"

BOOST_AUTO_TEST_SUITE(report_test)

using namespace cayley;
namespace utf = boost::unit_test;

std::size_t count(std::string const& text, std::string const& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++found;
  return found;
}

void train_small(std::filesystem::path const& run, int seed) {
  write_file_atomically(run.parent_path() / "small.json",
                        R"({"group": "SymmetricGroup", "group_parameter": 3, "model": "OneLayerMLP",
    "layers": {"embed_dim": 8, "hidden_dim": 12}, "frac_train": 0.8, "num_epochs": 300, "checkpoint_points": 6})");
  check_lab("train " + (run.parent_path() / "small.json").string() + " --out " + run.string() + " --seed " +
                std::to_string(seed),
            0, {"300 epochs done"});
}

BOOST_AUTO_TEST_CASE(bad_usage_is_2_and_bad_input_is_1) {
  const ScratchFolder scratch;
  check_lab("report", 2, {"DIR"});
  check_lab("report a --cdn --plotly b", 2, {"--plotly"});
  check_lab("report --cdn " + (scratch / "nowhere").string(), 1, {"nowhere"});
  check_lab("report --plotly " + (scratch / "plotly.js").string() + " " + scratch.path().string(), 1, {"plotly.js"});
}

BOOST_AUTO_TEST_CASE(a_run_its_seeds_and_its_figures) {
  const ScratchFolder scratch;
  train_small(scratch / "a", 1);
  train_small(scratch / "b", 2);
  const std::string a = (scratch / "a").string(), b = (scratch / "b").string();
  check_lab("report --cdn " + a, 0, {"report.html"});
  const std::string one = read_file(scratch / "a" / "report.html");
  BOOST_TEST(one.find("300 epochs") != std::string::npos);
  BOOST_TEST(one.find("class=\"note\"") == std::string::npos);
  BOOST_TEST(count(one, "class=\"figure\"") > 25u);
  BOOST_TEST(one.find("median") == std::string::npos);
  check_lab("report --cdn " + a + " " + b + " --out " + (scratch / "both.html").string(), 0, {"both.html"});
  BOOST_TEST(read_file(scratch / "both.html").find("median test loss") != std::string::npos);
  std::filesystem::remove_all(scratch / "a" / "checkpoints");
  write_file_atomically(scratch / "plotly.js", "const embedded = 1;");
  check_lab("report --plotly " + (scratch / "plotly.js").string() + " " + a, 0, {"report.html"});
  const std::string without = read_file(scratch / "a" / "report.html");
  BOOST_TEST(without.find("no checkpoints") != std::string::npos);
  BOOST_TEST(without.find("const embedded = 1;") != std::string::npos);
  BOOST_TEST(count(without, "class=\"figure\"") + 10 < count(one, "class=\"figure\""));
}

BOOST_AUTO_TEST_CASE(the_report_of_the_published_run_shows_the_published_numbers,
                     *utf::precondition(cayley::testing::reference_is_set)) {
  const ScratchFolder scratch;
  const std::filesystem::path run = cayley::testing::reference_file("runs/S5_MLP_seed2/cfg.json").parent_path();
  check_lab("report --cdn " + run.string() + " --elements " +
                cayley::testing::published_elements("S5_MLP_seed2").value().string() + " --reference " +
                (run / "exact_metrics.json").string() + " --out " + (scratch / "page.html").string(),
            0, {"page.html"});
  const std::string page = read_file(scratch / "page.html");
  for (char const* part :
       {"uses sign and standard; they explain 84.8 % of the logits; without standard the loss is 7.28",
        "<th scope=\"row\">logit_excluded_loss_standard_rep</th><td>7.27984</td><td>7.27984</td>",
        "<th scope=\"row\">percent_logits_explained</th><td>0.848082</td><td>0.848082</td>"}) {
    BOOST_TEST(page.find(part) != std::string::npos, part);
  }
}

BOOST_AUTO_TEST_SUITE_END()
