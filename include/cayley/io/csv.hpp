/// Tables of numbers as comma-separated text: read, written whole, and appended to row by row.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cayley/core/error.hpp>
#include <cayley/core/near_names.hpp>
#include <cayley/io/atomic_file.hpp>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace cayley {

/// Columns of numbers with names.
/// Shape: every row has one number per column.
struct CsvTable {
  std::vector<std::string> columns;
  std::vector<std::vector<double>> rows;
  std::string source = "table";  ///< names the table in messages

  /// The numbers below `name`, one a row.
  /// Errors: `Error` when there is no such column (with near names), or a row has another number of fields.
  std::vector<double> column(std::string_view name) const {
    const auto found = std::find(columns.begin(), columns.end(), name);
    if (found == columns.end()) fail(source, ": no column \"", name, "\"", name_suggestion(name, columns));
    const auto place = static_cast<std::size_t>(found - columns.begin());
    std::vector<double> values;
    values.reserve(rows.size());
    for (auto const& row : rows) {
      require(row.size() == columns.size(), source, ": row ", values.size(), ": expected ", columns.size(),
              " fields, found ", row.size());
      values.push_back(row[place]);
    }
    return values;
  }
};

/// The shortest text that reads back as the same number; whole numbers below 2^53 without exponent. Every NaN is `nan`.
inline std::string csv_number(double value) {
  if (std::isnan(value)) return "nan";
  std::array<char, 32> text;
  char* const end = text.data() + text.size();
  const bool whole = std::abs(value) < 0x1p53 && std::trunc(value) == value;
  const auto result =
      whole ? std::to_chars(text.data(), end, value, std::chars_format::fixed) : std::to_chars(text.data(), end, value);
  return std::string(text.data(), result.ptr);
}

namespace detail {

/// The number that `field` spells; NaN for an empty one, nullopt for any other text.
inline std::optional<double> csv_value(std::string_view field) {
  if (field.empty()) return std::numeric_limits<double>::quiet_NaN();
  double value = 0;
  const auto result = std::from_chars(field.data(), field.data() + field.size(), value);
  if (result.ec != std::errc() || result.ptr != field.data() + field.size()) return std::nullopt;
  return value;
}

/// The next line of `text` without its end, taken off it. `where` names it in messages.
inline std::string_view take_csv_line(std::string_view& text, std::string const& where) {
  const std::size_t end = text.find('\n');
  require(end != text.npos, where, ": expected a newline at its end, found the end of the file");
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

inline std::vector<std::string_view> csv_fields(std::string_view line) {
  std::vector<std::string_view> fields;
  while (true) {
    const std::size_t comma = line.find(',');
    fields.push_back(line.substr(0, comma));
    if (comma == line.npos) return fields;
    line.remove_prefix(comma + 1);
  }
}

/// The number in a field; for a message its `place` in the file is put together only when there is none.
template <class Place>
double require_csv_value(std::string_view field, Place const& place) {
  const std::optional<double> value = csv_value(field);
  if (!value) fail(place(), ": expected a number, found \"", field.substr(0, 60), "\"");
  return *value;
}

/// Errors: `Error` unless these columns can be told apart, and from a row.
template <class Names>
void check_csv_columns(Names const& columns, std::string const& where) {
  bool numbers = true;
  for (auto name = columns.begin(); name != columns.end(); ++name) {
    require(name->find_first_of(",\"\r\n") == name->npos, where, ": column \"", *name,
            "\": expected a name without comma, quote and line break");
    require(std::find(columns.begin(), name, *name) == name, where, ": column \"", *name, "\" occurs twice");
    numbers = numbers && csv_value(*name).has_value();
  }
  require(!numbers, where, ": expected a header line with names of columns, found ",
          columns.empty() ? "none" : "numbers or nothing");
}

inline std::string csv_header(std::vector<std::string> const& columns) {
  std::string line;
  for (std::size_t i = 0; i < columns.size(); ++i) line.append(i == 0 ? "" : ",").append(columns[i]);
  return line.append("\n");
}

/// Appends a row to `text`.
inline void add_csv_row(std::string& text, std::span<double const> row) {
  for (std::size_t i = 0; i < row.size(); ++i) text.append(i == 0 ? "" : ",").append(csv_number(row[i]));
  text.append("\n");
}

inline std::string csv_place(std::string const& source, std::size_t line) {
  return source + ": line " + std::to_string(line);
}

}  // namespace detail

/// The table in `text`, a whole file of a header line and lines of numbers; `source` names it in messages. An empty
/// field is NaN. Lines end with a newline, or with a carriage return and a newline.
/// Errors: `Error` naming the line, what was expected and what was found: names of columns, one number per column, a
///         newline at the end of the last line too.
inline CsvTable parse_csv(std::string_view text, std::string const& source) {
  CsvTable table;
  table.source = source;
  require(!text.empty(), source, ": expected a header line with names of columns, found an empty file");
  const auto names = detail::csv_fields(detail::take_csv_line(text, detail::csv_place(source, 1)));
  detail::check_csv_columns(names, detail::csv_place(source, 1));
  table.columns.assign(names.begin(), names.end());
  for (std::size_t line = 2; !text.empty(); ++line) {
    const std::string where = detail::csv_place(source, line);
    const auto fields = detail::csv_fields(detail::take_csv_line(text, where));
    require(fields.size() == names.size(), where, ": expected ", names.size(), " fields, found ", fields.size());
    std::vector<double> row;
    row.reserve(fields.size());
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const auto place = [&] { return where + ": column \"" + table.columns[i] + "\""; };
      row.push_back(detail::require_csv_value(fields[i], place));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

/// The table in the file `path`.
/// Errors: as `read_file` and `parse_csv`.
inline CsvTable read_csv(std::filesystem::path const& path) {
  return parse_csv(read_file(path), path.string());
}

/// The table in a file to which another process may be appending: without a last line that has no newline yet.
/// Errors: as `read_csv`.
inline CsvTable read_growing_csv(std::filesystem::path const& path) {
  const std::string bytes = read_file(path);
  return parse_csv(std::string_view(bytes).substr(0, bytes.rfind('\n') + 1), path.string());
}

/// Writes `table` to the file `path`, atomically.
/// Errors: `Error` when `parse_csv` would refuse the columns or a row; as `write_file_atomically`.
inline void write_csv(std::filesystem::path const& path, CsvTable const& table) {
  detail::check_csv_columns(table.columns, path.string());
  std::string text = detail::csv_header(table.columns);
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    auto const& row = table.rows[i];
    require(row.size() == table.columns.size(), path.string(), ": row ", i, ": expected ", table.columns.size(),
            " fields, found ", row.size());
    detail::add_csv_row(text, row);
  }
  write_file_atomically(path, text);
}

/// Removes the rows whose first column is greater than `last`, atomically, and a last line without newline, which is
/// the beginning of a row that a crash cut short. Other lines stay as they are, to the byte. A `CsvAppender` that has
/// the file open would go on with the old one.
/// Errors: `Error` naming the file and the line when there is no header line or a first field is no number; as
///         `read_file` and `write_file_atomically`.
inline void cut_csv_after(std::filesystem::path const& path, double last) {
  const std::string bytes = read_file(path);
  const std::string source = path.string();
  std::string_view rest = std::string_view(bytes).substr(0, bytes.rfind('\n') + 1);
  require(!rest.empty(), source, ": expected a header line with names of columns, found none");
  std::string kept;
  kept.reserve(rest.size());
  for (std::size_t line = 1; !rest.empty(); ++line) {
    const std::string_view whole = rest.substr(0, rest.find('\n') + 1);
    const auto place = [&] { return detail::csv_place(source, line); };
    const std::string_view text = detail::take_csv_line(rest, source);
    if (line == 1) {
      detail::check_csv_columns(detail::csv_fields(text), place());
      kept.append(whole);
    } else if (!(detail::require_csv_value(text.substr(0, text.find(',')), place) > last)) {
      kept.append(whole);
    }
  }
  if (kept.size() != bytes.size()) write_file_atomically(path, kept);
}

/// A table in a file that grows by rows. A crash leaves at most the beginning of a row behind, which the next
/// `CsvAppender` drops. One at a time may have the file open.
class CsvAppender {
 public:
  /// Goes on with the file `path`, or begins it with a header line where there is none.
  /// Errors: `Error` naming the file when its header line is not that of `columns`, or it cannot be read or written.
  CsvAppender(std::filesystem::path path, std::vector<std::string> const& columns)
      : path_(std::move(path)), columns_(columns.size()), file_(opened(path_)) {
    detail::check_csv_columns(columns, path_.string());
    const std::string header = detail::csv_header(columns);
    if (file_.number() < 0) {
      write_file_atomically(path_, header);
      file_ = detail::Descriptor(opened(path_));
      if (file_.number() < 0) detail::fail_with_reason(path_, "cannot open", ENOENT);
    }
    const std::string bytes = read_file(path_);
    require(bytes.starts_with(header), path_.string(), ": expected the header line \"",
            header.substr(0, header.size() - 1), "\", found \"", bytes.substr(0, std::min(bytes.find('\n'), max_found)),
            "\"");
    size_ = bytes.rfind('\n') + 1;
    if (size_ != bytes.size() && !truncated()) detail::fail_with_reason(path_, "cannot drop half a line", errno);
  }

  /// Appends a row by a single write.
  /// Errors: `Error` naming the file when the row has not one number per column, or cannot be written; the file is then
  ///         as before.
  void append(std::span<double const> row) {
    require(row.size() == columns_, path_.string(), ": expected a row of ", columns_, " fields, found ", row.size());
    std::string line;
    detail::add_csv_row(line, row);
    if (!detail::written(file_, line)) {
      const int reason = errno;
      // Better no further row than one that begins in the middle of a line.
      if (!truncated()) file_.close();
      detail::fail_with_reason(path_, "cannot append", reason);
    }
    size_ += line.size();
  }

  /// Returns when every row is on the disk.
  /// Errors: `Error` naming the file and the reason.
  void sync() {
    if (::fsync(file_.number()) != 0) detail::fail_with_reason(path_, "cannot flush to the disk", errno);
  }

 private:
  static constexpr std::size_t max_found = 200;

  /// -1 when there is no such file.
  static int opened(std::filesystem::path const& path) {
    const int number = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
    if (number < 0 && errno != ENOENT) detail::fail_with_reason(path, "cannot open", errno);
    return number;
  }

  bool truncated() { return ::ftruncate(file_.number(), static_cast<off_t>(size_)) == 0; }

  std::filesystem::path path_;
  std::size_t columns_;
  detail::Descriptor file_;
  std::size_t size_ = 0;  ///< bytes of whole lines
};

}  // namespace cayley
