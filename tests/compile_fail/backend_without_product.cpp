// A model on a backend that lacks one required operation: the operation is named.
#include <cayley/nn/one_layer_mlp.hpp>
#include <conformance/own_backend.hpp>

struct Device : cayley::testing::OwnBackend {
#ifndef REPAIRED
  void matrix_product() = delete;  // hides that of OwnBackend
#endif
};

using Network = cayley::OneLayerMlp<Device, float>;

cayley::Index count(Network const& network) {
  return static_cast<cayley::Index>(network.parameters().size());
}
