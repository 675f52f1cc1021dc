// Prints the character table of S4; returns 1 if its rows are not orthogonal.
#include <cayley/representation/irreps.hpp>
#include <cmath>
#include <cstdio>

int main() {
  const cayley::Symmetric<4> g;
  const cayley::Irreps irreps = cayley::irreps(g);
  const cayley::Matrix<double> table = irreps.character_table();  // (irreps, classes)
  for (cayley::Index i = 0; i < table.rows(); ++i) {
    std::printf("%-10s", irreps[i].label().c_str());
    for (cayley::Index c = 0; c < table.cols(); ++c) std::printf("%4.0f", table(i, c));
    std::printf("\n");
  }
  double worst = 0;
  for (cayley::Index i = 0; i < table.rows(); ++i) {
    for (cayley::Index j = 0; j < table.rows(); ++j) {
      double product = 0;
      for (cayley::Element a : cayley::elements(g)) {
        product += irreps.character(irreps[i], a) * irreps.character(irreps[j], a);
      }
      worst = std::fmax(worst, std::fabs(product / 24 - (i == j ? 1 : 0)));
    }
  }
  std::printf("%d irreps, orthogonal to %g\n", static_cast<int>(irreps.size()), worst);
  return irreps.size() == 5 && worst < 1e-12 ? 0 : 1;
}
