/// Optimisers: AdamW, Adam and stochastic gradient descent with momentum, as in torch.optim.
#pragma once

#include <algorithm>
#include <array>
#include <cayley/backend/concept.hpp>
#include <cayley/backend/optimizer_update.hpp>
#include <cayley/core/error.hpp>
#include <cayley/nn/model_parameters.hpp>
#include <cayley/nn/parameter.hpp>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace cayley {

/// AdamW shrinks the weights themselves; Adam and SGD add weight_decay times the weights to the gradient.
enum class OptimizerKind { adam_w, adam, sgd };

/// Settings of an optimiser; the defaults are those of the published runs.
struct OptimizerOptions {
  OptimizerKind kind = OptimizerKind::adam_w;
  double lr = 1e-3;
  double weight_decay = 1;
  std::array<double, 2> betas{0.9, 0.98};  ///< of Adam and AdamW
  double eps = 1e-8;                       ///< of Adam and AdamW
  double momentum = 0;                     ///< of SGD
};

/// An optimiser with the moments of every parameter of one model.
template <class B, class Scalar>
class Optimizer {
 public:
  using Gradients = ParameterGradients<B, Scalar>;
  /// By PyTorch's name of the moment, then by parameter.
  using NamedMoments = std::map<std::string, NamedMatrices<Scalar>, std::less<>>;

  /// Errors: `Error` naming the setting that is out of range.
  Optimizer(OptimizerOptions const& options, ModelParameters<B, Scalar> const& model) : options_(options) {
    const auto in_range = [](bool holds, char const* name, char const* range, double value) {
      require(holds, "optimizer: ", name, ": expected ", range, ", found ", value);
    };
    in_range(options.lr >= 0, "lr", "at least 0", options.lr);
    in_range(options.weight_decay >= 0, "weight_decay", "at least 0", options.weight_decay);
    for (double beta : options.betas) in_range(beta >= 0 && beta < 1, "betas", "0 .. 1", beta);
    in_range(options.eps >= 0, "eps", "at least 0", options.eps);
    in_range(options.momentum >= 0 && options.momentum < 1, "momentum", "0 .. 1", options.momentum);
    if (options.kind == OptimizerKind::sgd) {
      moments_.emplace_back("momentum_buffer", model.zero_gradients());
    } else {
      moments_.emplace_back("exp_avg", model.zero_gradients());
      moments_.emplace_back("exp_avg_sq", model.zero_gradients());
    }
  }

  OptimizerOptions const& options() const { return options_; }

  /// Steps taken.
  std::int64_t steps() const { return steps_; }

  /// Changes every parameter of the model by one step; `lr_factor` multiplies the learning rate.
  void step(ModelParameters<B, Scalar>& model, Gradients const& gradients, double lr_factor = 1) {
    begin_step(model.backend(), lr_factor);
    finish_step(model, gradients);
  }

  /// The two halves of `step`: the first one stores on the device what is new in this step, the second one is the same
  /// for every step.
  void begin_step(B const& backend, double lr_factor = 1) {
    ++steps_;
    const double lr = options_.lr * lr_factor, t = static_cast<double>(steps_);
    StepSizes<Scalar> sizes{1, static_cast<Scalar>(lr), 1};
    if (options_.kind == OptimizerKind::adam_w) sizes.keep = static_cast<Scalar>(1 - lr * options_.weight_decay);
    if (options_.kind != OptimizerKind::sgd) {
      sizes.step_size = static_cast<Scalar>(lr / (1 - std::pow(options_.betas[0], t)));
      sizes.root_correction = static_cast<Scalar>(std::sqrt(1 - std::pow(options_.betas[1], t)));
    }
    backend.for_each(1, StoreStepSizes<Scalar>{sizes, step_sizes_.data()});
  }
  void finish_step(ModelParameters<B, Scalar>& model, Gradients const& gradients) {
    const auto s = [](double x) { return static_cast<Scalar>(x); };
    if (options_.kind == OptimizerKind::sgd) {
      update(model, [&](std::size_t p, Scalar* weight, Index first) {
        return SgdUpdate<Scalar>{weight,
                                 gradients[p].data() + first,
                                 moments_[0].second[p].data() + first,
                                 s(options_.weight_decay),
                                 s(options_.momentum),
                                 step_sizes_.data()};
      });
      return;
    }
    const double beta1 = options_.betas[0], beta2 = options_.betas[1];
    const double l2 = options_.kind == OptimizerKind::adam_w ? 0 : options_.weight_decay;
    update(model, [&](std::size_t p, Scalar* weight, Index first) {
      return AdamUpdate<Scalar>{weight,
                                gradients[p].data() + first,
                                moments_[0].second[p].data() + first,
                                moments_[1].second[p].data() + first,
                                step_sizes_.data(),
                                s(l2),
                                s(beta1),
                                s(1 - beta1),
                                s(beta2),
                                s(1 - beta2),
                                s(options_.eps)};
    });
  }

  /// Copies of the moments on the host.
  NamedMoments moments(ModelParameters<B, Scalar> const& model) const {
    NamedMoments result;
    for (auto const& [name, matrices] : moments_) {
      for (std::size_t p = 0; p < matrices.size(); ++p) {
        result[name][model.parameters()[p].name()] = matrices[p].host();
      }
    }
    return result;
  }

  /// Goes on from these moments.
  /// Errors: `Error` naming the moment and the parameter that is missing or of another shape; nothing has then
  ///         changed.
  void restore(ModelParameters<B, Scalar> const& model, NamedMoments const& moments, std::int64_t steps) {
    for (auto const& [name, matrices] : moments_) {
      const auto found = moments.find(name);
      require(found != moments.end(), "optimizer: no moments ", name);
      for (std::size_t p = 0; p < matrices.size(); ++p) {
        std::string const& parameter = model.parameters()[p].name();
        Matrix<Scalar> const& matrix = named_matrix(found->second, "optimizer: " + name, parameter);
        require(matrix.rows() == matrices[p].rows() && matrix.cols() == matrices[p].cols(), "optimizer: ", name, " of ",
                parameter, ": expected shape (", matrices[p].rows(), ", ", matrices[p].cols(), "), found (",
                matrix.rows(), ", ", matrix.cols(), ")");
      }
    }
    for (auto& [name, matrices] : moments_) {
      NamedMatrices<Scalar> const& found = moments.find(name)->second;
      for (std::size_t p = 0; p < matrices.size(); ++p) matrices[p].assign(found.at(model.parameters()[p].name()));
    }
    steps_ = steps;
  }

 private:
  /// `update_of(p, weight, first)`: the functor of the entries of parameter p from `first` on.
  template <class UpdateOf>
  void update(ModelParameters<B, Scalar>& model, UpdateOf const& update_of) {
    const auto parameters = model.parameters();
    B const& backend = model.backend();
    const auto size = [&](std::size_t p) { return parameters[p].rows() * parameters[p].cols(); };
    if constexpr (HasTasks<B>) {
      constexpr Index block = 1 << 14;
      if (blocks_.empty()) {
        for (std::size_t p = 0; p < parameters.size(); ++p) {
          for (Index first = 0; first < size(p); first += block) blocks_.emplace_back(p, first);
        }
      }
      run_tasks(backend, static_cast<Index>(blocks_.size()), [&](Index i, int) {
        const auto [p, first] = blocks_[static_cast<std::size_t>(i)];
        Scalar* weight = parameters[p].values().data() + first;
        backend.for_each(std::min(block, size(p) - first), update_of(p, weight, first));
      });
    } else {
      using Joined = JoinedUpdates<decltype(update_of(0, nullptr, 0))>;
      for (std::size_t p = 0; p < parameters.size();) {
        Joined joined;
        for (; p < parameters.size() && joined.count < Joined::most; ++p) {
          joined.add(size(p), update_of(p, parameters[p].values().data(), 0));
        }
        backend.for_each_row(joined.rows, joined);
      }
    }
  }

  OptimizerOptions options_;
  std::int64_t steps_ = 0;
  std::vector<std::pair<std::string, Gradients>> moments_;
  typename B::template Buffer<Scalar> step_sizes_{3};
  std::vector<std::pair<std::size_t, Index>> blocks_;  // parameter and first entry of each task
};

}  // namespace cayley
