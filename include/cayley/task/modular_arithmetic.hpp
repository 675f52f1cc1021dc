/// Modular arithmetic: from two residues to the value of an operation on them.
#pragma once

#include <array>
#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/core/near_names.hpp>
#include <cayley/core/python_random.hpp>
#include <cayley/task/group_composition.hpp>
#include <cayley/task/labelled.hpp>
#include <concepts>
#include <cstdint>
#include <functional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace cayley {

/// The largest modulus: its 2^24 pairs with their labels take 200 MB.
inline constexpr Index max_modulus = 4096;

namespace detail {

/// Errors: `Error` unless the modulus is 2 .. `max_modulus`.
inline void check_modulus(Index p) {
  require(p >= 2 && p <= max_modulus, "modular arithmetic: expected a modulus of 2 .. ", max_modulus, ", found ", p);
}

}  // namespace detail

/// Every pair (x, y) of residues, labelled with f(x, y); f takes two integers, of type `Index`, and returns one.
/// Index: the pair (x, y) is entry x p + y.
/// Errors: `Error` when p is not 2 .. `max_modulus`, or a value is not 0 .. p-1.
template <std::invocable<Index, Index> F>
  requires std::integral<std::invoke_result_t<F&, Index, Index>> LabelledExamples<Pair> modular_function(Index p, F f) {
    detail::check_modulus(p);
    LabelledExamples<Pair> task{all_pairs(p), {}};
    task.labels.reserve(task.examples.size());
    for (Pair const& pair : task.examples) {
      const auto value = std::invoke(f, Index{pair.a}, Index{pair.b});
      require(std::cmp_less_equal(0, value) && std::cmp_less(value, p), "modular arithmetic: expected values 0 .. ",
              p - 1, ", found ", value, " of (", pair.a, ", ", pair.b, ")");
      task.labels.push_back(static_cast<Element>(value));
    }
    return task;
  }

/// x + y mod p.
/// Index, Errors: as `modular_function`.
inline LabelledExamples<Pair> modular_sum(Index p) {
  return modular_function(p, [p](Index x, Index y) { return (x + y) % p; });
}

/// x - y mod p.
/// Index, Errors: as `modular_function`.
inline LabelledExamples<Pair> modular_difference(Index p) {
  return modular_function(p, [p](Index x, Index y) { return (x - y + p) % p; });
}

/// x^2 + xy + y^2 mod p.
/// Index, Errors: as `modular_function`.
inline LabelledExamples<Pair> modular_quadratic(Index p) {
  return modular_function(p, [p](Index x, Index y) { return (x * x + x * y + y * y) % p; });
}

/// x / y mod p, the z with z y = x: all x, and y from 1 to p-1, as 0 divides nothing.
/// Index: the pair (x, y) is entry x (p-1) + y-1.
/// Errors: as `modular_function`, and when p is not prime.
/// Ref: Power et al., Grokking: generalization beyond overfitting on small algorithmic datasets (2022), appendix A.1.1.
inline LabelledExamples<Pair> modular_quotient(Index p) {
  detail::check_modulus(p);
  for (Index divisor = 2; divisor * divisor <= p; ++divisor) {
    require(p % divisor != 0, "modular division: expected a prime modulus, found ", p, " = ", divisor, " * ",
            p / divisor);
  }
  LabelledExamples<Pair> task;
  task.examples.reserve(static_cast<std::size_t>(p * (p - 1)));
  std::vector<Index> inverse(static_cast<std::size_t>(p), 1);
  for (Index y = 2; y < p; ++y) {
    // p = q y + r gives 1/y = -q (1/r).
    inverse[static_cast<std::size_t>(y)] = (p - p / y) * inverse[static_cast<std::size_t>(p % y)] % p;
  }
  for (Element x : ElementRange(p)) {
    for (Element y = 1; y < p; ++y) {
      task.examples.push_back({x, y});
      task.labels.push_back(static_cast<Element>(x * inverse[y] % p));
    }
  }
  return task;
}

/// A table of independent values, each 0 .. p-1 equally often: there is nothing in it to generalise. The values are
/// those of numpy's `RandomState(seed).randint(0, p, (p, p))`.
/// Index, Errors: as `modular_function`, and when the seed is 2^32 or more.
inline LabelledExamples<Pair> modular_random_table(Index p, std::uint64_t seed) {
  detail::check_modulus(p);
  NumpyGenerator generator(seed);
  return modular_function(p, [&](Index, Index) { return generator.randint(0, static_cast<std::uint32_t>(p)); });
}

/// Names of the operations that `modular_arithmetic` knows: the published ones, and `divide`.
inline constexpr std::array<std::string_view, 5> modular_operations{"add", "subtract", "x2xyy2", "divide", "rand"};

/// The data set of the operation of that name.
/// Errors: those of the operation; `Error` with near names when there is none of that name.
inline LabelledExamples<Pair> modular_arithmetic(std::string_view operation, Index p, std::uint64_t seed = 0) {
  if (operation == "add") return modular_sum(p);
  if (operation == "subtract") return modular_difference(p);
  if (operation == "x2xyy2") return modular_quadratic(p);
  if (operation == "divide") return modular_quotient(p);
  if (operation == "rand") return modular_random_table(p, seed);
  fail("modular arithmetic: no operation \"", operation, "\"", name_suggestion(operation, modular_operations));
}

}  // namespace cayley
