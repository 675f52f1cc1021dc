// A transform in double takes no functions in float: what is given and what is expected are named.
#include <cayley/fourier/transform.hpp>

cayley::Matrix<double> coefficients(cayley::FourierBasis<double> const& basis, cayley::Matrix<float> const& functions) {
#ifdef REPAIRED
  return cayley::transform(basis, functions.cast<double>());
#else
  return cayley::transform(basis, functions);
#endif
}
