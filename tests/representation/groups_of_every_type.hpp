/// Small groups outside the built-in families, with irreps of complex and of quaternionic type.
#pragma once

#include <cayley/group/table_group.hpp>
#include <vector>

namespace cayley::testing {

/// The dicyclic group of order 12: a^3 = b^4 = 1, b inverts a.
inline TableGroup dicyclic_group_12() {
  return TableGroup::generated_by("Dic3", {{1, 2, 0, 3, 4, 5, 6}, {0, 2, 1, 4, 5, 6, 3}});
}

/// The affine maps x -> a x + b modulo 7 with a in {1, 2, 4}: C7:C3, of order 21.
inline TableGroup frobenius_group_21() {
  return TableGroup::generated_by("C7:C3", {{1, 2, 3, 4, 5, 6, 0}, {0, 2, 4, 6, 1, 3, 5}});
}

/// SL(2,3), of order 24, on the eight row vectors (x, y) != 0 over F_3, numbered 3x + y - 1.
inline TableGroup special_linear_group_2_3() {
  const auto image = [](int a, int b, int c, int d) {
    std::vector<int> images;
    for (int code = 1; code < 9; ++code) {
      const int x = code / 3, y = code % 3;
      images.push_back((x * a + y * c) % 3 * 3 + (x * b + y * d) % 3 - 1);
    }
    return images;
  };
  return TableGroup::generated_by("SL(2,3)", {image(1, 1, 0, 1), image(1, 0, 1, 1)});
}

/// PSL(2,7), of order 168, as the symmetries of the Fano plane.
inline TableGroup projective_special_linear_group_2_7() {
  return TableGroup::generated_by("PSL(2,7)", {{1, 2, 3, 4, 5, 6, 0}, {1, 0, 4, 3, 2, 5, 6}});
}

}  // namespace cayley::testing
