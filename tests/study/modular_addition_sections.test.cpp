#include <cayley/study/modular_addition_sections.hpp>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cayley/study/training_run.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "io/scratch_folder.hpp"

BOOST_AUTO_TEST_SUITE(modular_addition_sections_test)

using namespace cayley;

namespace {

/// A run of some steps, after which the neurons of this network already have a best frequency each.
void train_small(std::filesystem::path const& directory) {
  const Json json = parse_json(R"({"task": "add", "group": "CyclicGroup", "group_parameter": 3, "frac_train": 0.7,
    "model": "Transformer", "seed": 3, "num_epochs": 20, "checkpoint_every": 10,
    "transformer": {"d_model": 8, "n_heads": 2, "d_head": 4, "d_mlp": 12}})",
                               "cfg.json");
  start_run(parse_config(json, "cfg.json"), ".", "cfg.json", directory, {}, {});
}

std::vector<Section> report_of(std::filesystem::path const& directory, int threads = 1) {
  const StoredRun run = read_run(directory);
  return modular_addition_sections(run, run_analysis(run), threads);
}

std::size_t figures_in(std::vector<Section> const& sections) {
  return static_cast<std::size_t>(
      std::count_if(sections.begin(), sections.end(), [](Section const& s) { return s.figure.has_value(); }));
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_figure_of_the_notebook_is_there) {
  const ScratchFolder scratch;
  train_small(scratch / "run");
  const std::vector<Section> sections = report_of(scratch / "run", 2);
  // C_3 has one frequency, which explains all of every neuron: there are clusters.
  BOOST_TEST(figures_in(sections) == 31u);
  BOOST_TEST(sections.size() == 31u);
  BOOST_TEST(sections.front().title == "Periodicity");
  for (Section const& section : sections) {
    BOOST_TEST(!section.figure->title.empty());
    BOOST_TEST(!section.figure->reading.empty(), section.figure->title);
    for (Panel const& panel : section.figure->panels) {
      BOOST_TEST(!panel.x.title.empty(), section.figure->title);
      BOOST_TEST(!panel.y.title.empty(), section.figure->title);
    }
  }
}

BOOST_AUTO_TEST_CASE(without_checkpoints_a_note_says_so) {
  const ScratchFolder scratch;
  train_small(scratch / "run");
  std::filesystem::remove_all(scratch / "run" / "checkpoints");
  const std::vector<Section> sections = report_of(scratch / "run");
  BOOST_TEST(figures_in(sections) == 19u);
  BOOST_TEST_REQUIRE(sections.size() == 20u);
  BOOST_TEST(sections.back().title == "Development during training");
  BOOST_TEST(sections.back().note.find("no checkpoints") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_checkpoint_that_cannot_be_read_costs_the_figures_over_training) {
  const ScratchFolder scratch;
  train_small(scratch / "run");
  write_file_atomically(scratch / "run" / "checkpoints" / "10.safetensors", std::string("no tensors"));
  const std::vector<Section> sections = report_of(scratch / "run");
  BOOST_TEST(figures_in(sections) == 19u);
  BOOST_TEST(sections.back().note.find("10.safetensors") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
