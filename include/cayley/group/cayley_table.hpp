/// The Cayley table of a group as a value: every product and inverse, looked up.
#pragma once

#include <cayley/group/any_group.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace cayley {

/// All products of a group of moderate size; itself a model of `FiniteGroup`. Built once by `cayley_table(g)` and owned
/// by the caller, so that what follows need not be a template on the group.
/// Shape: products are row-major, (order, order): entry (a, b) is a*b.
class CayleyTable {
 public:
  /// Takes products that are known to obey the laws; use `TableGroup` for a table of unknown origin.
  CayleyTable(std::string name, Element identity, std::vector<Element> generators, std::vector<Element> products,
              std::vector<Element> inverses)
      : name_(std::move(name)),
        identity_(identity),
        generators_(std::move(generators)),
        products_(std::move(products)),
        inverses_(std::move(inverses)) {}

  Index order() const { return static_cast<Index>(inverses_.size()); }
  Element identity() const { return identity_; }
  Element compose(Element a, Element b) const { return products_[a * inverses_.size() + b]; }
  Element inverse(Element a) const { return inverses_[a]; }
  std::vector<Element> generators() const { return generators_; }
  std::string name() const { return name_; }

  /// The products a*b for all b.
  std::span<const Element> row(Element a) const {
    return std::span(products_).subspan(a * inverses_.size(), inverses_.size());
  }
  std::span<const Element> products() const { return products_; }
  std::span<const Element> inverses() const { return inverses_; }

 private:
  std::string name_;
  Element identity_;
  std::vector<Element> generators_;
  std::vector<Element> products_;
  std::vector<Element> inverses_;
};

static_assert(FiniteGroup<CayleyTable>);

namespace detail {

inline CayleyTable cayley_table_of(AnyGroup const& g) {
  const auto order = static_cast<std::size_t>(g.order());
  std::vector<Element> products(order * order), inverses(order);
  std::vector<Element> const& steps = g.generators();
  std::vector<std::vector<Element>> step_rows;
  for (Element s : steps) {
    auto& row = step_rows.emplace_back(order);
    for (Element b : elements(g)) row[b] = g.compose(s, b);
  }
  const auto row_of = [&](Element a) { return std::span(products).subspan(a * order, order); };

  std::vector<bool> reached(order, false);
  std::vector<Element> queue{g.identity()};
  reached[g.identity()] = true;
  for (Element b : elements(g)) row_of(g.identity())[b] = b;
  for (std::size_t next = 0; next < queue.size(); ++next) {
    const Element p = queue[next];
    const auto known = row_of(p);
    for (auto const& step : step_rows) {
      const Element product = step[p];
      if (reached[product]) continue;
      reached[product] = true;
      queue.push_back(product);
      const auto row = row_of(product);
      for (std::size_t b = 0; b < order; ++b) row[b] = step[known[b]];
    }
  }
  for (Element a : elements(g)) inverses[a] = g.inverse(a);
  return CayleyTable(g.name(), g.identity(), steps, std::move(products), std::move(inverses));
}

}  // namespace detail

/// The Cayley table of `g`.
/// Cost: O(order) products for each generator and order^2 look-ups: the row of s*p is the row of p seen
/// through the row of s. 4 order^2 bytes.
CayleyTable cayley_table(FiniteGroup auto const& g) {
  return detail::cayley_table_of(detail::without_type(g));
}

}  // namespace cayley
