/// Draws figures with any text and any numbers: each becomes JSON that can be read again and a page whose data do not end
/// its script, or `cayley::Error` is thrown.
#include <fuzzer/FuzzedDataProvider.h>

#include <cayley/plot/animation.hpp>
#include <cayley/plot/page.hpp>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "fuzz.hpp"

namespace {

using namespace cayley;

class Drawer {
 public:
  explicit Drawer(FuzzedDataProvider& bytes) : bytes_(bytes) {}

  Figure figure() {
    Figure f;
    f.title = text();
    f.reading = text();
    f.columns = bytes_.ConsumeIntegralInRange<std::size_t>(0, 3);
    const int panels = bytes_.ConsumeIntegralInRange(0, 3);
    for (int i = 0; i < panels; ++i) f.panels.push_back(panel());
    return f;
  }

  std::string text() { return bytes_.ConsumeRandomLengthString(12); }

 private:
  double number() {
    switch (bytes_.ConsumeIntegralInRange(0, 3)) {
      case 0:
        return bytes_.ConsumeIntegralInRange(-3, 3);
      case 1:
        return bytes_.ConsumeProbability<double>();
      default: {
        const auto bits = bytes_.ConsumeIntegral<std::uint64_t>();
        double value = 0;
        static_assert(sizeof value == sizeof bits);
        std::memcpy(&value, &bits, sizeof value);
        return value;
      }
    }
  }
  std::vector<double> numbers() {
    std::vector<double> result(bytes_.ConsumeIntegralInRange<std::size_t>(0, 40));
    for (double& value : result) value = number();
    return result;
  }
  std::vector<std::string> texts() {
    std::vector<std::string> result(bytes_.ConsumeIntegralInRange<std::size_t>(0, 4));
    for (std::string& value : result) value = text();
    return result;
  }
  ColourScale scale() { return bytes_.ConsumeBool() ? ColourScale::diverging : ColourScale::sequential; }

  FigureAxis axis() {
    FigureAxis result;
    result.title = text();
    result.logarithmic = bytes_.ConsumeBool();
    if (bytes_.ConsumeBool()) result.range = Limits{number(), number()};
    if (bytes_.ConsumeBool()) result.ticks.push_back({number(), text()});
    return result;
  }
  Panel panel() {
    Panel result;
    result.title = text();
    result.x = axis();
    result.y = axis();
    if (bytes_.ConsumeBool()) result.markers.push_back({number(), text(), bytes_.ConsumeBool()});
    const int traces = bytes_.ConsumeIntegralInRange(0, 3);
    for (int i = 0; i < traces; ++i) result.traces.push_back(trace());
    return result;
  }
  Trace trace() {
    switch (bytes_.ConsumeIntegralInRange(0, 4)) {
      case 0: {
        Curve curve;
        curve.name = text();
        curve.x = numbers();
        curve.y = bytes_.ConsumeBool() ? curve.x : numbers();
        curve.hover = texts();
        curve.colour = bytes_.ConsumeIntegral<std::uint8_t>();
        return curve;
      }
      case 1: {
        Points points;
        points.name = text();
        points.x = points.y = numbers();
        points.value = bytes_.ConsumeBool() ? points.x : numbers();
        points.scale = scale();
        return points;
      }
      case 2:
        return Bars{text(), texts(), numbers()};
      case 3:
        return Histogram{text(), numbers(), bytes_.ConsumeIntegralInRange(-1, 20)};
      default: {
        HeatMap map;
        map.z.resize(bytes_.ConsumeIntegralInRange(0, 7), bytes_.ConsumeIntegralInRange(0, 7));
        for (Index i = 0; i < map.z.size(); ++i) map.z.data()[i] = number();
        map.row_labels = texts();
        map.column_labels = texts();
        map.scale = scale();
        map.value_title = text();
        map.text = bytes_.ConsumeBool();
        return map;
      }
    }
  }

  FuzzedDataProvider& bytes_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  FuzzedDataProvider bytes(data, size);
  attempt([&] {
    Drawer drawer(bytes);
    Figure figure = drawer.figure();
    if (bytes.ConsumeBool()) figure = animated(drawer.text(), {drawer.text(), "2"}, {figure, figure});
    const Json json = plotly_json(figure);
    expect(parse_json(json_text(json, "figure"), "again") == json);
    // The figure's data stand in an element of their own in the page, as they are.
    Section section;
    section.title = section.note = section.text = drawer.text();
    section.figure = figure;
    Json drawn = packed(json);
    if (section.title == figure.title) drawn["layout"].erase("title");
    const std::string html = section_html(section, "figure");
    const std::string begin = "id=\"figure-json\">", end = "</script>";
    const std::size_t from = html.find(begin) + begin.size(), to = html.find(end, from);
    expect(parse_json(html.substr(from, to - from), "page") == drawn);
    expect(html.find("<script", from) == std::string::npos);
  });
  return 0;
}
