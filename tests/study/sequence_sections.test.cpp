#include <cayley/study/sequence_sections.hpp>

#include <boost/test/unit_test.hpp>
#include <string>
#include <utility>
#include <vector>

#include "io/scratch_folder.hpp"
#include "study/small_sequence_runs.hpp"

BOOST_AUTO_TEST_SUITE(sequence_sections_test)

using namespace cayley;
using namespace cayley::testing;

namespace {

struct Counts {
  std::size_t figures = 0, notes = 0;
};

/// What the report of a small run has, with or without a log.
Counts report(std::string const& task, bool has_log) {
  const ScratchFolder scratch;
  write_small_sequence_run(scratch / "run", small_sequence_json(task), {2, 10});
  if (has_log) {
    std::string header = "epoch,train_loss,test_loss,train_acc,test_acc,train_loss_average";
    std::string row = ",2.5,nan,0.5,nan,2.5";
    for (char const* part : {"digit_0", "trigram_0"}) {
      header += std::string(",train_loss_") + part;
      row += ",1.5";
    }
    write_file_atomically(scratch / "run" / "log.csv",
                          header + "\n0" + row + "\n10" + row + "\n11,2.");  // being written
  }
  const auto run = read_sequence_run(scratch / "run");
  Counts counts;
  for (Section const& section : sequence_sections(run, explain(run), 1)) {
    BOOST_TEST(section.figure.has_value() == section.note.empty());
    counts.figures += section.figure ? 1 : 0;
    counts.notes += section.note.empty() ? 0 : 1;
    if (!section.figure) continue;
    BOOST_TEST(!section.figure->reading.empty(), section.figure->title);
    for (Panel const& panel : section.figure->panels) {
      BOOST_TEST(!panel.x.title.empty(), section.figure->title);
      BOOST_TEST(!panel.y.title.empty(), section.figure->title);
      BOOST_TEST(!panel.traces.empty(), section.figure->title);
    }
  }
  return counts;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_figure_of_the_notebooks_is_there) {
  for (auto const& [task, figures] :
       {std::pair{"max_of_n", 6u}, {"digit_addition", 9u}, {"skip_trigram", 7u}, {"induction", 3u}}) {
    BOOST_TEST_CONTEXT(task) {
      const Counts counts = report(task, true);
      BOOST_TEST(counts.figures == figures);
      BOOST_TEST(counts.notes == 0u);
    }
  }
}

BOOST_AUTO_TEST_CASE(without_a_log_a_note_says_so) {
  for (auto const& [task, figures] :
       {std::pair{"max_of_n", 5u}, {"digit_addition", 5u}, {"skip_trigram", 3u}, {"induction", 1u}}) {
    BOOST_TEST_CONTEXT(task) {
      const Counts counts = report(task, false);
      BOOST_TEST(counts.figures == figures);
      BOOST_TEST(counts.notes == 1u);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_network_without_circuits_shows_its_losses) {
  const ScratchFolder scratch;
  Json json = small_sequence_json("max_of_n");
  json["transformer"]["attn_only"] = false;
  write_small_sequence_run(scratch / "run", json, {2});
  write_file_atomically(scratch / "run" / "log.csv",
                        std::string("epoch,train_loss,test_loss,train_acc,test_acc\n0,1,nan,0,nan\n"));
  const auto run = read_sequence_run(scratch / "run");
  const std::vector<Section> sections = sequence_sections(run, explain(run), 1);
  BOOST_TEST_REQUIRE(sections.size() == 3u);
  BOOST_TEST(sections[0].note.find("Circuits") != std::string::npos);
  BOOST_TEST(sections[2].figure.has_value());
}

BOOST_AUTO_TEST_SUITE_END()
