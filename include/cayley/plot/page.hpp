/// Pages: figures, tables and sentences in one HTML file that works offline.
#pragma once

#include <array>
#include <cayley/core/error.hpp>
#include <cayley/io/atomic_file.hpp>
#include <cayley/io/json.hpp>
#include <cayley/plot/figure.hpp>
#include <cayley/plot/page_script.hpp>
#include <cayley/plot/plotly_json.hpp>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cayley {

/// Where Debian's python3-plotly has plotly.js.
inline constexpr char const* debian_plotly_path = "/usr/share/python3-plotly/plotly.js";
/// The public address of the same version.
inline constexpr char const* public_plotly_address = "https://cdn.plot.ly/plotly-2.6.3.min.js";

/// Rows of cells; the first column is a heading.
struct PageTable {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
};

/// A piece of a page: a table, a figure, or a note that says why there is none.
struct Section {
  std::string title;
  std::string text = {};  ///< a sentence below the title
  std::optional<PageTable> table = {};
  std::optional<Figure> figure = {};
  std::string note = {};
};

struct Page {
  std::string title;
  std::vector<std::string> summary;  ///< paragraphs below the title
  std::vector<Section> sections;
};

/// Text with the characters that HTML gives a meaning replaced.
inline std::string html_text(std::string_view text) {
  std::string result;
  for (char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

/// Ref: RFC 4648, section 4.
inline std::string base64(std::string_view bytes) {
  static constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string result;
  result.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      result += k <= bytes.size() - i ? digits[group >> (18 - 6 * k) & 63U] : '=';
    }
  }
  return result;
}

/// Numeric arrays of at least so many entries are packed in pages.
inline constexpr std::size_t packed_size = 32;

namespace detail {

inline bool all_numbers(Json const& array) {
  for (Json const& value : array) {
    if (!value.is_number() && !value.is_null()) return false;
  }
  return true;
}

inline void append_floats(Json const& array, std::string& bytes) {
  for (Json const& value : array) {
    const float number = value.is_null() ? std::numeric_limits<float>::quiet_NaN() : value.get<float>();
    const auto* start = reinterpret_cast<char const*>(&number);
    bytes.append(start, sizeof number);
  }
}

}  // namespace detail

/// Plotly's JSON with each large array of numbers, or of rows of numbers, as `{"f32": base64, "shape": [rows, columns]}`,
/// 32-bit floats in the order of bytes of x86; columns is 0 for an array of numbers.
inline Json packed(Json json) {
  if (json.is_object()) {
    for (auto& [key, value] : json.items()) value = packed(std::move(value));
    return json;
  }
  if (!json.is_array()) return json;
  std::string bytes;
  if (json.size() >= packed_size && detail::all_numbers(json)) {
    detail::append_floats(json, bytes);
    return {{"f32", base64(bytes)}, {"shape", {json.size(), 0}}};
  }
  const std::size_t columns = json.empty() || !json[0].is_array() ? 0 : json[0].size();
  bool matrix = columns * json.size() >= packed_size;
  for (Json const& row : json) matrix = matrix && row.is_array() && row.size() == columns && detail::all_numbers(row);
  if (matrix) {
    for (Json const& row : json) detail::append_floats(row, bytes);
    return {{"f32", base64(bytes)}, {"shape", {json.size(), columns}}};
  }
  for (Json& value : json) value = packed(std::move(value));
  return json;
}

namespace detail {

/// JSON inside a script element: "</" and "<!--" would end or confuse it.
inline std::string json_in_html(Json const& json) {
  std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace), result;
  result.reserve(text.size());
  for (char c : text) {
    if (c == '<') {
      result += "\\u003c";
    } else {
      result += c;
    }
  }
  return result;
}

inline void append_table(std::string& html, PageTable const& table) {
  html += "<div class=\"table\"><table><thead><tr>";
  for (std::string const& cell : table.columns) html += "<th scope=\"col\">" + html_text(cell) + "</th>";
  html += "</tr></thead><tbody>\n";
  for (auto const& row : table.rows) {
    html += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) {
      html += (i == 0 ? "<th scope=\"row\">" : "<td>") + html_text(row[i]) + (i == 0 ? "</th>" : "</td>");
    }
    html += "</tr>\n";
  }
  html += "</tbody></table></div>\n";
}

}  // namespace detail

/// The element of a page that loads plotly.js: the text of a file, or a link to an address (`https://..`, or a path on the
/// server that the page comes from).
/// Errors: `Error` naming the file when it cannot be read.
inline std::string embedded_plotly(std::filesystem::path const& file) {
  std::string text = read_file(file);
  require(text.find("</script") == std::string::npos, file.string(), ": is no script that fits into a page");
  return "<script>" + std::move(text) + "</script>\n";
}
inline std::string linked_plotly(std::string_view address) {
  return "<script src=\"" + html_text(address) + "\"></script>\n";
}

/// A section as HTML. `id` is that of its figure in the page: the figure's JSON stands in `<script id="<id>-json">`, and
/// the page's script draws it into `<div id="<id>" class="figure">` when it comes near.
inline std::string section_html(Section const& section, std::string const& id) {
  std::string html = "<section>\n";
  if (!section.title.empty()) html += "<h2>" + html_text(section.title) + "</h2>\n";
  if (!section.text.empty()) html += "<p>" + html_text(section.text) + "</p>\n";
  if (section.table) detail::append_table(html, *section.table);
  if (section.figure) {
    if (!section.figure->reading.empty())
      html += "<p class=\"reading\">" + html_text(section.figure->reading) + "</p>\n";
    Json json = packed(plotly_json(*section.figure));
    if (section.title == section.figure->title) json["layout"].erase("title");  // the heading says it
    html += "<div id=\"" + id + "\" class=\"figure\" role=\"img\" aria-label=\"" + html_text(section.figure->title) +
            "\" style=\"min-height:" + std::to_string(json["layout"]["height"].get<int>()) + "px\"></div>\n";
    html += "<script type=\"application/json\" id=\"" + id + "-json\">" + detail::json_in_html(json) + "</script>\n";
  }
  if (!section.note.empty()) html += "<p class=\"note\">" + html_text(section.note) + "</p>\n";
  return html + "</section>\n";
}

/// The whole page. `plotly`: `embedded_plotly` or `linked_plotly`; `more_script`: runs after the page's own.
inline std::string page_html(Page const& page, std::string const& plotly, std::string_view more_script = "") {
  std::string html = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  html += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  html += "<meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n<title>" +
          html_text(page.title) + "</title>\n<style>" + page_style + "</style>\n</head>\n<body>\n<main>\n<h1>" +
          html_text(page.title) + "</h1>\n";
  for (std::string const& paragraph : page.summary) html += "<p class=\"summary\">" + html_text(paragraph) + "</p>\n";
  for (std::size_t i = 0; i < page.sections.size(); ++i) {
    html += section_html(page.sections[i], "figure-" + std::to_string(i));
  }
  html += "</main>\n" + plotly + "<script>" + page_script + "</script>\n";
  if (!more_script.empty()) html.append("<script>").append(more_script).append("</script>\n");
  return html + "</body>\n</html>\n";
}

/// A page with a figure and nothing else, light, of the given width in pixels and of the figure's height: what a browser
/// makes a picture or a page of print of. `plotly`: as for `page_html`.
inline std::string picture_html(Figure const& figure, std::string const& plotly, int width) {
  const Json json = packed(plotly_json(figure));
  const std::string size = std::to_string(width) + "px " + std::to_string(json["layout"]["height"].get<int>()) + "px";
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>" + html_text(figure.title) +
         "</title>\n<style>@page { size: " + size +
         "; margin: 0; } html { color-scheme: only light; } body { margin: 0; " + "width: " + std::to_string(width) +
         "px; background: #ffffff; } .modebar { display: none; }</style>\n" +
         "</head>\n<body>\n<div id=\"figure\" class=\"figure\"></div>\n" +
         "<script type=\"application/json\" id=\"figure-json\">" + detail::json_in_html(json) + "</script>\n" + plotly +
         "<script>" + page_script + "cayley.drawAll();</script>\n</body>\n</html>\n";
}

}  // namespace cayley
