/// What a training step costs on a device besides its arithmetic.
#pragma once

#include <conformance/own_backend.hpp>

namespace cayley::testing {

/// The counts of the second step of this kind, when all memory is there.
template <class M>
BackendCounts counts_of_step(M const& model, typename M::Examples const& batch) {
  typename M::Workspace workspace(model);
  auto gradients = model.zero_gradients();
  model.loss_and_gradient(batch, workspace, gradients);
  const BackendCounts before = OwnBackend::counts();
  model.loss_and_gradient(batch, workspace, gradients);
  return OwnBackend::counts() - before;
}

}  // namespace cayley::testing
