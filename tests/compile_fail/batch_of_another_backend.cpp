// A model is given a batch in the memory of another backend: both backends are named.
#include <cayley/backend/cpu.hpp>
#include <cayley/nn/one_layer_mlp.hpp>
#include <conformance/own_backend.hpp>

#ifdef REPAIRED
using Place = cayley::testing::OwnBackend;
#else
using Place = cayley::Cpu;
#endif

double loss(cayley::OneLayerMlp<cayley::testing::OwnBackend, float> const& network,
            cayley::PairExamples<Place> const& batch) {
  cayley::OneLayerMlp<cayley::testing::OwnBackend, float>::Workspace workspace(network);
  network.loss(batch, workspace);
  return workspace.losses().sum;
}
