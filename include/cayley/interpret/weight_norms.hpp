/// The sum of squared weights of each parameter.
#pragma once

#include <string>
#include <vector>

namespace cayley {

/// The sum of squared weights of one parameter.
struct WeightNorm {
  std::string name;
  double sum_of_squares;
};

/// By parameter, in the order of the model; everything that is trained counts.
template <class Model>
std::vector<WeightNorm> weight_norms(Model const& model) {
  std::vector<WeightNorm> norms;
  for (auto const& parameter : model.parameters()) {
    norms.push_back({parameter.name(), parameter.host().template cast<double>().squaredNorm()});
  }
  return norms;
}

/// Of all parameters together.
inline double total_sum_of_squares(std::vector<WeightNorm> const& norms) {
  double sum = 0;
  for (WeightNorm const& norm : norms) sum += norm.sum_of_squares;
  return sum;
}

}  // namespace cayley
