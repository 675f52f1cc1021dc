// The program in README.md: which irreps does the number of inversions of a permutation
// meet?
//
// The number of inversions counts the pairs i < j with p(i) > p(j). Up to the constant 5, its mean, each term
// changes sign when the two points are exchanged, so of the seven irreps of S5 the function meets the trivial
// one, (4,1) and (3,1,1) alone. Expected output: powers 3000 = 120 * 5^2, 480 and 20 there, the last two
// adding up to 120 times the variance 25/6, and 0 elsewhere. Returns 1 if there is power elsewhere, or if the
// transform is not undone.

#include <cayley/fourier/isotypic.hpp>
#include <cstdio>

int main() {
  using namespace cayley;
  constexpr Symmetric<5> g;
  const FourierBasis basis(g);  // 120 orthonormal functions on S5, by irrep
  Vector<double> inversions = Vector<double>::Zero(g.order());
  for (Element a : elements(g)) {
    const Permutation<5> p = g.permutation(a);
    for (std::size_t j = 0; j < 5; ++j) {
      for (std::size_t i = 0; i < j; ++i) inversions[a] += p[i] > p[j];
    }
  }
  const Matrix<double> coefficients = transform(basis, inversions);  // (120, 1)
  const Vector<double> power = isotypic_power(basis, inversions);    // (7)
  for (Index i = 0; i < power.size(); ++i) {
    std::printf("%-12s%8.2f\n", basis.irreps()[i].label().c_str(), power[i]);
  }
  const double rest = inversions.squaredNorm() - power[0] - power[1] - power[3];
  return rest < 1e-9 && (inverse_transform(basis, coefficients) - inversions).norm() < 1e-9 ? 0 : 1;
}
