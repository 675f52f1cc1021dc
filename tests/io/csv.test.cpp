#include <cayley/io/csv.hpp>

#include <sys/resource.h>

#include <array>
#include <bit>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "io/scratch_folder.hpp"

BOOST_AUTO_TEST_SUITE(csv_test)

namespace {

using cayley::csv_number;
using cayley::CsvAppender;
using cayley::CsvTable;
using cayley::cut_csv_after;
using cayley::Error;
using cayley::parse_csv;
using cayley::read_csv;
using cayley::read_file;
using cayley::read_growing_csv;
using cayley::write_csv;
using cayley::write_file_atomically;

using Row = std::vector<double>;
const std::vector<std::string> columns{"epoch", "loss"};

BOOST_AUTO_TEST_CASE(numbers_are_short_and_whole_ones_have_no_exponent) {
  const std::vector<std::pair<double, std::string>> texts{{0, "0"},
                                                          {-0.0, "-0"},
                                                          {7, "7"},
                                                          {-120'000, "-120000"},
                                                          {1e6, "1000000"},
                                                          {9'007'199'254'740'991, "9007199254740991"},
                                                          {1e300, "1e+300"},
                                                          {0.1, "0.1"},
                                                          {1e-7, "1e-07"},
                                                          {std::nan(""), "nan"},
                                                          {-std::nan(""), "nan"},
                                                          {std::numeric_limits<double>::infinity(), "inf"},
                                                          {-std::numeric_limits<double>::infinity(), "-inf"}};
  for (auto const& [value, text] : texts) BOOST_TEST(csv_number(value) == text);
}

BOOST_AUTO_TEST_CASE(every_number_reads_back_to_the_bit) {
  const ScratchFolder folder;
  CsvTable table{{"x"}, {}};
  const auto with_bits = [](std::uint64_t bits) { return std::bit_cast<double>(bits); };
  for (std::uint64_t bits : {0x0ull, 0x1ull, 0x8000000000000000ull, 0x000fffffffffffffull, 0x0010000000000000ull,
                             0x7fefffffffffffffull, 0x7ff0000000000000ull, 0xfff0000000000000ull}) {
    table.rows.push_back({with_bits(bits)});
  }
  std::mt19937_64 generator(1);
  while (table.rows.size() < 20'000) {
    const double value = with_bits(generator());
    const auto epoch = static_cast<double>(generator() >> (generator() % 64));
    if (!std::isnan(value)) table.rows.push_back({value});
    table.rows.push_back({epoch});
  }
  write_csv(folder / "x.csv", table);
  const CsvTable read = read_csv(folder / "x.csv");
  BOOST_TEST_REQUIRE(read.rows.size() == table.rows.size());
  std::size_t different = 0;
  for (std::size_t i = 0; i < read.rows.size(); ++i) {
    const double found = read.rows[i][0], expected = table.rows[i][0];
    different += std::bit_cast<std::uint64_t>(found) != std::bit_cast<std::uint64_t>(expected);
    different += std::strtod(csv_number(expected).c_str(), nullptr) != expected;
  }
  BOOST_TEST(different == 0U);
}

BOOST_AUTO_TEST_CASE(a_table_is_read) {
  const CsvTable table = parse_csv("epoch,loss,acc\n0,0.5,\r\n1,nan,-2e-3\n", "a.csv");
  BOOST_TEST(table.columns == (std::vector<std::string>{"epoch", "loss", "acc"}), boost::test_tools::per_element());
  BOOST_TEST(table.column("epoch") == (Row{0, 1}), boost::test_tools::per_element());
  BOOST_TEST(std::isnan(table.column("loss")[1]));
  BOOST_TEST(std::isnan(table.column("acc")[0]));
  BOOST_TEST(table.column("acc")[1] == -2e-3);
  BOOST_TEST(parse_csv("epoch,loss\n", "a.csv").rows.empty());
  BOOST_TEST(parse_csv("epoch,loss\n", "a.csv").column("loss").empty());
}

BOOST_AUTO_TEST_CASE(a_table_is_written_as_it_is_read) {
  const ScratchFolder folder;
  const CsvTable table{{"epoch", "loss"}, {{0, 2.5}, {1'000'000, std::nan("")}}};
  write_csv(folder / "log.csv", table);
  BOOST_TEST(read_file(folder / "log.csv") == "epoch,loss\n0,2.5\n1000000,nan\n");
  BOOST_TEST(read_csv(folder / "log.csv").rows[1][0] == 1e6);
  BOOST_TEST(folder.entry_count() == 1U);
}

BOOST_AUTO_TEST_CASE(a_column_that_is_not_there_is_named) {
  const CsvTable table = parse_csv("epoch,test_loss\n0,1\n", "runs/log.csv");
  BOOST_CHECK_EXCEPTION(
      table.column("test_los"), Error,
      says({"runs/log.csv", "no column \"test_los\"", "did you mean test_loss?", "epoch, test_loss"}));
  const CsvTable ragged{{"a", "b"}, {{1, 2}, {3}}};
  BOOST_CHECK_EXCEPTION(ragged.column("a"), Error, says({"row 1", "expected 2 fields, found 1"}));
}

BOOST_AUTO_TEST_CASE(mistakes_name_the_file_and_the_line) {
  const auto refuses = [](std::string const& text, std::vector<std::string> parts) {
    parts.push_back("runs/log.csv");
    BOOST_CHECK_EXCEPTION(parse_csv(text, "runs/log.csv"), Error, says(parts));
  };
  refuses("", {"header line", "empty file"});
  refuses("epoch,loss", {"line 1", "expected a newline", "end of the file"});
  refuses("0,0.5\n1,0.25\n", {"line 1", "header line", "numbers"});
  refuses("\n", {"line 1", "header line"});
  refuses("a,b,a\n", {"line 1", "\"a\" occurs twice"});
  refuses("\"a\",b\n", {"line 1", "quote"});
  refuses("epoch,loss\n0,1\n1\n", {"line 3", "expected 2 fields, found 1"});
  refuses("epoch,loss\n0,1,2\n", {"line 2", "expected 2 fields, found 3"});
  refuses("epoch,loss\n\n", {"line 2", "expected 2 fields, found 1"});
  refuses("epoch,loss\n0,1\n1,0.5", {"line 3", "expected a newline"});
  for (std::string const field : {"abc", "1x", " 1", "1 ", "+1", "0x10", "1e999", "--1", "\"1\""}) {
    refuses("epoch,loss\n0," + field + "\n", {"line 2", "column \"loss\"", "expected a number", "\"" + field + "\""});
  }
  BOOST_CHECK_EXCEPTION(read_csv("absent/log.csv"), Error, says({"absent/log.csv", "No such file"}));
}

BOOST_AUTO_TEST_CASE(what_could_not_be_read_is_not_written) {
  const ScratchFolder folder;
  const auto refuses = [&](CsvTable const& table, std::vector<std::string> parts) {
    parts.push_back("log.csv");
    BOOST_CHECK_EXCEPTION(write_csv(folder / "log.csv", table), Error, says(parts));
  };
  refuses({{}, {}}, {"header line"});
  refuses({{"1", "2"}, {}}, {"header line"});
  refuses({{"a,b"}, {}}, {"comma"});
  refuses({{"a\n"}, {}}, {"line break"});
  refuses({{"a", "a"}, {}}, {"\"a\" occurs twice"});
  refuses({{"a", "b"}, {{1, 2}, {1}}}, {"row 1", "expected 2 fields, found 1"});
  BOOST_CHECK_THROW(CsvAppender(folder / "log.csv", {"a", "a"}), Error);
  BOOST_TEST(folder.entry_count() == 0U);
}

BOOST_AUTO_TEST_CASE(rows_are_appended) {
  const ScratchFolder folder;
  {
    CsvAppender log(folder / "log.csv", columns);
    BOOST_TEST(read_file(folder / "log.csv") == "epoch,loss\n");
    log.append(Row{0, 4.75});
    log.append(std::array{1.0, std::nan("")});
    log.sync();
    BOOST_TEST(read_file(folder / "log.csv") == "epoch,loss\n0,4.75\n1,nan\n");
    BOOST_CHECK_EXCEPTION(log.append(Row{2}), Error, says({"log.csv", "2 fields", "found 1"}));
    CsvAppender moved(std::move(log));
    moved.append(Row{2, 1});
  }
  CsvAppender(folder / "log.csv", columns).append(Row{3, 0.5});
  BOOST_TEST(read_file(folder / "log.csv") == "epoch,loss\n0,4.75\n1,nan\n2,1\n3,0.5\n");
}

BOOST_AUTO_TEST_CASE(a_row_that_a_crash_cut_short_is_dropped) {
  const ScratchFolder folder;
  const std::string whole = "epoch,loss\n0,4.75\n", row = "1,0.125\n";
  for (std::size_t length = 0; length < row.size(); ++length) {
    write_file_atomically(folder / "log.csv", whole + row.substr(0, length));
    CsvAppender log(folder / "log.csv", columns);
    BOOST_TEST(read_file(folder / "log.csv") == whole);
    log.append(Row{1, 2});
    BOOST_TEST(read_file(folder / "log.csv") == whole + "1,2\n");
  }
}

BOOST_AUTO_TEST_CASE(another_header_is_refused) {
  const ScratchFolder folder;
  for (std::string const text : {"", "epoch,los", "epoch,loss", "epoch,acc\n0,1\n", "epoch,loss,acc\n"}) {
    write_file_atomically(folder / "log.csv", text);
    BOOST_CHECK_EXCEPTION(CsvAppender(folder / "log.csv", columns), Error,
                          says({"log.csv", "expected the header line \"epoch,loss\"",
                                "found \"" + text.substr(0, text.find('\n')) + "\""}));
    BOOST_TEST(read_file(folder / "log.csv") == text);
  }
  BOOST_CHECK_EXCEPTION(CsvAppender(folder / "absent" / "log.csv", columns), Error, says({"absent/log.csv"}));
  BOOST_CHECK_EXCEPTION(CsvAppender(folder.path(), columns), Error, says({"Is a directory"}));
}

BOOST_AUTO_TEST_CASE(a_failed_append_leaves_the_rows_before_it) {
  const ScratchFolder folder;
  CsvAppender log(folder / "log.csv", columns);
  log.append(Row{0, 0.125});
  rlimit before{};
  BOOST_TEST_REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  const rlimit small{22, before.rlim_max};  // three bytes of the next row fit
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ::setrlimit(RLIMIT_FSIZE, &small);
  std::string message;
  try {
    log.append(Row{1, 0.125});
  } catch (Error const& error) {
    message = error.what();
  }
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  BOOST_TEST(says({"log.csv", "cannot append", "File too large"})(Error(message)));
  BOOST_TEST(read_file(folder / "log.csv") == "epoch,loss\n0,0.125\n");
  log.append(Row{1, 2});
  BOOST_TEST(read_file(folder / "log.csv") == "epoch,loss\n0,0.125\n1,2\n");
}

BOOST_AUTO_TEST_CASE(rows_after_the_last_one_wanted_are_cut) {
  const ScratchFolder folder;
  const auto cut = [&](std::string const& text, double last) {
    write_file_atomically(folder / "log.csv", text);
    cut_csv_after(folder / "log.csv", last);
    return read_file(folder / "log.csv");
  };
  const std::string text = "epoch,loss\n0,4.750\n1,nan\r\n2,\n1000000,1\n";
  BOOST_TEST(cut(text, 1e6) == text);
  BOOST_TEST(cut(text, 999'999) == "epoch,loss\n0,4.750\n1,nan\r\n2,\n");
  BOOST_TEST(cut(text, 1) == "epoch,loss\n0,4.750\n1,nan\r\n");
  BOOST_TEST(cut(text, 0.5) == "epoch,loss\n0,4.750\n");
  BOOST_TEST(cut(text, -1) == "epoch,loss\n");
  BOOST_TEST(cut(text + "1", 1e7) == text);
  BOOST_TEST(cut("epoch,loss\n3,1\n1,1\n2,1\n0,1", 1) == "epoch,loss\n1,1\n");
  BOOST_TEST(folder.entry_count() == 1U);
}

BOOST_AUTO_TEST_CASE(a_file_that_grows_is_read_up_to_its_last_whole_line) {
  const ScratchFolder folder;
  const auto rows = [&](std::string const& text) {
    write_file_atomically(folder / "log.csv", text);
    return read_growing_csv(folder / "log.csv").rows;
  };
  BOOST_TEST((rows("epoch,loss\n0,4\n1,2") == std::vector<std::vector<double>>{{0, 4}}));
  BOOST_TEST((rows("epoch,loss\n0,4\n1,2\n") == std::vector<std::vector<double>>{{0, 4}, {1, 2}}));
  BOOST_TEST(rows("epoch,loss\n0,").empty());
  BOOST_CHECK_EXCEPTION(rows("epoch,loss"), Error, says({"log.csv", "header line"}));
  BOOST_CHECK_EXCEPTION(rows("epoch,loss\n0\n1"), Error, says({"log.csv", "line 2", "expected 2 fields"}));
}

BOOST_AUTO_TEST_CASE(what_is_no_table_is_not_cut) {
  const ScratchFolder folder;
  const auto refuses = [&](std::string const& text, std::vector<std::string> parts) {
    write_file_atomically(folder / "log.csv", text);
    parts.push_back("log.csv");
    BOOST_CHECK_EXCEPTION(cut_csv_after(folder / "log.csv", 0), Error, says(parts));
    BOOST_TEST(read_file(folder / "log.csv") == text);
  };
  refuses("", {"header line", "found none"});
  refuses("epoch,loss", {"header line", "found none"});
  refuses("0,1\n1,1\n", {"line 1", "header line"});
  refuses("epoch,loss\n0,1\nx,1\n", {"line 3", "expected a number", "\"x\""});
  BOOST_CHECK_EXCEPTION(cut_csv_after(folder / "none.csv", 0), Error, says({"none.csv", "No such file"}));
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
