/// Irreps of the rotation families: cyclic and dihedral groups.
#pragma once

#include <cayley/group/cyclic.hpp>
#include <cayley/group/dihedral.hpp>
#include <cayley/representation/irrep.hpp>
#include <cmath>
#include <memory>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

namespace cayley {

namespace detail {

/// cos and sin of 2 pi j/n for j = 0 .. n-1, exact at multiples of a quarter turn. Copies share their table.
class UnitCircle {
 public:
  explicit UnitCircle(Index n) {
    std::vector<std::pair<double, double>> points;
    points.reserve(static_cast<std::size_t>(n));
    for (Index j = 0; j < n; ++j) {
      // Reduce to the first eighth of a turn, so that symmetric angles give equal magnitudes and zeros are
      // zeros.
      const Index eighths = 8 * j / n;
      const Index quarter = (eighths + 1) / 2;
      const double angle = 2 * std::numbers::pi * static_cast<double>(4 * j - quarter * n) / static_cast<double>(4 * n);
      const double c = std::cos(angle), s = std::sin(angle);
      switch (quarter % 4) {
        case 0:
          points.emplace_back(c, s);
          break;
        case 1:
          points.emplace_back(-s, c);
          break;
        case 2:
          points.emplace_back(-c, -s);
          break;
        default:
          points.emplace_back(s, -c);
      }
    }
    points_ = std::make_shared<std::vector<std::pair<double, double>> const>(std::move(points));
  }
  /// (cos, sin) of 2 pi j/n for any j >= 0.
  std::pair<double, double> operator()(Index j) const {
    return (*points_)[static_cast<std::size_t>(j) % points_->size()];
  }

 private:
  std::shared_ptr<std::vector<std::pair<double, double>> const> points_;
};

}  // namespace detail

/// Irreps of C_n: `trivial`; for even n `sign`, the alternating vector; `freq_k` for 1 <= k < n/2, of complex
/// type, the rotation by 2 pi k j/n. Basis functions: `Const`, `+-1`, `cos k`, `sin k`.
template <Index Size>
Irreps irreps(Cyclic<Size> const& g) {
  const Index n = g.order();
  const ConjugacyClasses classes = conjugacy_classes(g);
  std::vector<Irrep> list{trivial_irrep(classes)};
  if (n % 2 == 0) {
    list.push_back(one_dimensional_irrep("sign", classes, [](Element a) { return a % 2 == 0 ? 1.0 : -1.0; }, {"+-1"}));
  }
  const detail::UnitCircle circle(n);
  for (Index k = 1; 2 * k < n; ++k) {
    Irrep::Rule rule = [circle, k](Element a, double* out) {
      const auto [c, s] = circle(k * static_cast<Index>(a));
      out[0] = c, out[1] = -s, out[2] = s, out[3] = c;
    };
    auto characters = traces_by_class(classes, 2, rule);
    const std::string name = std::to_string(k);
    list.emplace_back("freq_" + name, 2, IrrepType::complex, std::move(characters), std::move(rule),
                      std::vector<std::string>{"cos " + name, "sin " + name});
  }
  return Irreps(classes, std::move(list));
}

/// Irreps of D_n: `trivial`; `sign`, -1 on reflections; for even n `sign_r` = (-1)^r and `sign_rs` =
/// (-1)^(r+s) on the element (r, s); `freq_k` for 1 <= k < n/2, of real type: the rotation by 2 pi k r/n
/// after diag(1, (-1)^s).
template <Index Size>
Irreps irreps(Dihedral<Size> const& g) {
  const Index n = g.size();
  const ConjugacyClasses classes = conjugacy_classes(g);
  const auto parity = [](bool odd) { return odd ? -1.0 : 1.0; };
  std::vector<Irrep> list{trivial_irrep(classes)};
  list.push_back(one_dimensional_irrep("sign", classes, [=](Element a) { return parity(g.reflected(a)); }));
  if (n % 2 == 0) {
    list.push_back(one_dimensional_irrep("sign_r", classes, [=](Element a) { return parity(g.rotation(a) % 2 != 0); }));
    list.push_back(one_dimensional_irrep(
        "sign_rs", classes, [=](Element a) { return parity((g.rotation(a) % 2 != 0) != g.reflected(a)); }));
  }
  const detail::UnitCircle circle(n);
  for (Index k = 1; 2 * k < n; ++k) {
    Irrep::Rule rule = [circle, k, g, parity](Element a, double* out) {
      const auto [c, s] = circle(k * static_cast<Index>(g.rotation(a)));
      const double f = parity(g.reflected(a));
      out[0] = c, out[1] = -s * f, out[2] = s, out[3] = c * f;
    };
    auto characters = traces_by_class(classes, 2, rule);
    list.emplace_back("freq_" + std::to_string(k), 2, IrrepType::real, std::move(characters), std::move(rule));
  }
  return Irreps(classes, std::move(list));
}

}  // namespace cayley
