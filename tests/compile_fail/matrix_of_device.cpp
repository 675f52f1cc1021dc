// The weights of a model whose backend has memory of its own cannot be read in place: host_view is named.
#include <cayley/nn/one_layer_mlp.hpp>
#include <conformance/own_backend.hpp>

float first_weight(cayley::OneLayerMlp<cayley::testing::OwnBackend, float>& network) {
#ifdef REPAIRED
  return network.parameters()[0].values().host()(0, 0);
#else
  return network.parameters()[0].values().matrix()(0, 0);
#endif
}
