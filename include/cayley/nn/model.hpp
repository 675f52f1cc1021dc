/// The concept `Model`: what training and interpretation may ask of a network.
#pragma once

#include <cayley/backend/concept.hpp>
#include <cayley/backend/device_matrix.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/nn/batch_loss.hpp>
#include <cayley/nn/hooks.hpp>
#include <cayley/nn/parameter.hpp>
#include <concepts>
#include <cstdint>
#include <span>
#include <string_view>

namespace cayley {

namespace detail {

template <class M>
using TensorOf = DeviceMatrix<typename M::BackendType, typename M::ScalarType>;
template <class M>
using HooksOf = Hooks<typename M::BackendType, typename M::ScalarType>;
template <class M>
using ParameterOf = Parameter<typename M::BackendType, typename M::ScalarType>;

}  // namespace detail

/// A network on a backend; a value, whose copies share nothing.
///   parameters()             in a fixed order; the mutable span is for optimisers and loaders
///   set_parameter(name, m)   overwrites one of them by a host matrix
///   set_parameters(matrices) overwrites all of them
///   hook_names()             the hook points in the order in which `forward` reaches them
///   forward(batch, hooks)    logits, (batch, classes), a row per example; runs every hook point
/// Laws: forward(batch) is forward(batch, empty hooks); `forward` changes nothing in the model, whether a
/// callback throws or not; models of the same shape and the same parameters compute the same.
/// Errors: a batch, name or matrix that does not fit throws `Error` before anything is computed or changed.
template <class M>
concept Model = std::copyable<M> && Backend<typename M::BackendType, typename M::ScalarType> &&
    requires(M& model, M const& constant, typename M::Batch batch, detail::HooksOf<M> const& hooks,
             std::string_view name, Matrix<typename M::ScalarType> const& matrix,
             NamedMatrices<typename M::ScalarType> const& matrices) {
  { constant.backend() } -> std::same_as<typename M::BackendType const&>;
  { model.parameters() } -> std::same_as<std::span<detail::ParameterOf<M>>>;
  { constant.parameters() } -> std::same_as<std::span<detail::ParameterOf<M> const>>;
  model.set_parameter(name, matrix);
  model.set_parameters(matrices);
  { constant.hook_names() } -> std::same_as<std::span<std::string_view const>>;
  { constant.forward(batch) } -> std::same_as<detail::TensorOf<M>>;
  { constant.forward(batch, hooks) } -> std::same_as<detail::TensorOf<M>>;
};

/// A model that can be trained.
///   Data                                     a data set: size(), empty(), subset(places), as in task/
///   examples(data, use)                      a batch in device memory, made once and read by many steps
///   Workspace(model)                         the memory of a step
///   loss(examples, workspace)                measures; workspace.losses() has the result
///   loss_and_gradient(examples, workspace, gradients)   the same, and the gradient of the mean loss in each parameter,
///                                            which overwrites those before
///   zero_gradients()                         a matrix of zeros for each parameter
/// Laws: the gradient is that of the loss; both are those of `forward` up to rounding; on a backend with tasks the bits
/// are the same for any number of threads.
template <class M>
concept TrainableModel = Model<M> && std::constructible_from<typename M::Workspace, M const&> &&
    requires(M const& model, typename M::Data const& data, std::span<std::uint32_t const> places,
             typename M::Examples const& examples, typename M::Workspace& workspace, typename M::Gradients& gradients) {
  { data.size() } -> std::same_as<Index>;
  { data.subset(places) } -> std::same_as<typename M::Data>;
  { model.examples(data, BatchUse::gradient) } -> std::same_as<typename M::Examples>;
  { model.zero_gradients() } -> std::same_as<typename M::Gradients>;
  model.loss(examples, workspace);
  model.loss_and_gradient(examples, workspace, gradients);
  { workspace.losses() } -> std::same_as<BatchLoss>;
};

}  // namespace cayley
