/// Records activations of a forward pass as host matrices.
#pragma once

#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/core/near_names.hpp>
#include <cayley/nn/hooks.hpp>
#include <concepts>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cayley {

/// Activations by hook name, each (batch, ...) as it was when its recorder ran; a later pass overwrites.
/// A cache may be moved but not copied. Hooks that record into it stay valid whatever becomes of it.
template <class Scalar>
class ActivationCache {
 public:
  ActivationCache() = default;
  ActivationCache(ActivationCache&&) noexcept = default;
  ActivationCache& operator=(ActivationCache&&) noexcept = default;

  /// Adds to `hooks` a recorder for each of these names. Callbacks added before it come first, so that it
  /// records what they left.
  template <class B>
  void record(Hooks<B, Scalar>& hooks, std::initializer_list<std::string_view> names) {
    for (std::string_view name : names) add_recorder(hooks, name);
  }

  /// Adds a recorder for those of a model's hook points that the filter accepts; all of them
  /// without a filter.
  template <class B, std::predicate<std::string_view> Filter>
  void record(Hooks<B, Scalar>& hooks, std::span<std::string_view const> hook_names, Filter filter) {
    for (std::string_view name : hook_names) {
      if (filter(name)) add_recorder(hooks, name);
    }
  }
  template <class B>
  void record(Hooks<B, Scalar>& hooks, std::span<std::string_view const> hook_names) {
    record(hooks, hook_names, [](std::string_view) { return true; });
  }

  /// The activation of this name.
  /// Errors: `Error` listing what was recorded.
  Matrix<Scalar> const& operator[](std::string_view name) const {
    const auto found = recorded_->find(name);
    if (found == recorded_->end()) {
      fail("no activation '", name, "' was recorded; recorded: ", recorded_->empty() ? "none" : joined_names(names()));
    }
    return found->second;
  }
  bool contains(std::string_view name) const { return recorded_->find(name) != recorded_->end(); }

  /// What was recorded, sorted.
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (auto const& entry : *recorded_) names.push_back(entry.first);
    return names;
  }

  /// Forgets all recorded activations; recorders stay in their hooks.
  void clear() { recorded_->clear(); }

 private:
  using Recorded = std::map<std::string, Matrix<Scalar>, std::less<>>;

  template <class B>
  void add_recorder(Hooks<B, Scalar>& hooks, std::string_view name) {
    hooks.add(std::string(name), [recorded = recorded_](HookedTensor<B, Scalar>& tensor) {
      (*recorded)[std::string(tensor.name())] = tensor.host();
    });
  }

  std::shared_ptr<Recorded> recorded_ = std::make_shared<Recorded>();
};

}  // namespace cayley
