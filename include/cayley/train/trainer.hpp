/// The trainer: epochs of gradient descent on a model, losses of its training and test set, and its state.
#pragma once

#include <algorithm>
#include <cayley/backend/concept.hpp>
#include <cayley/core/error.hpp>
#include <cayley/core/random.hpp>
#include <cayley/nn/batch_loss.hpp>
#include <cayley/nn/model.hpp>
#include <cayley/task/labelled.hpp>
#include <cayley/train/epoch_rule.hpp>
#include <cayley/train/log_row.hpp>
#include <cayley/train/optimizer.hpp>
#include <cayley/train/schedule.hpp>
#include <cayley/train/stop_rule.hpp>
#include <cayley/train/training_state.hpp>
#include <cmath>
#include <cstdint>
#include <functional>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace cayley {

/// How a `Trainer` steps.
struct TrainerOptions {
  OptimizerOptions optimizer;
  Schedule schedule;
  Index batch_size = 0;     ///< examples of a step, drawn without replacement in each epoch; 0: all of them
  Index epoch_batches = 0;  ///< steps of an epoch on mini-batches; 0: until each example has had its turn
  /// Examples that losses are measured on, the first ones of the test set and, on mini-batches, of the training set; 0: all.
  Index eval_examples = 0;
};

/// Data without end: draws `count` examples from the generator whose state the text is, and moves the text on. The same
/// text gives the same examples.
template <class Data>
using DataSource = std::function<Data(Index count, std::string& state)>;

/// A model in training. Copies train on independently, but share the threads of the backend.
template <TrainableModel M>
class Trainer {
 public:
  using Scalar = typename M::ScalarType;
  using Data = typename M::Data;

  /// `generator` draws the batches. The test set may be empty.
  /// Errors: `Error` for an empty training set, examples that do not fit the model, or settings out of range.
  Trainer(M model, Data train, Data const& test, TrainerOptions const& options, TorchGenerator const& generator)
      : model_(std::move(model)),
        options_(options),
        optimizer_(options.optimizer, model_),
        generator_(generator),
        train_(std::move(train)),
        train_batch_(in_batches() ? model_.examples(first_of(train_, options), BatchUse::loss)
                                  : model_.examples(train_, BatchUse::gradient)),
        test_batch_(model_.examples(first_of(test, options), BatchUse::loss)),
        workspace_(model_),
        gradients_(model_.zero_gradients()) {
    require(train_.size() > 0, "training: the training set is empty");
    for (auto const& [name, value] :
         {std::pair{"batch_size", options.batch_size}, std::pair{"epoch_batches", options.epoch_batches},
          std::pair{"eval_examples", options.eval_examples}}) {
      require(value >= 0, "training: ", name, ": expected at least 0, found ", value);
    }
  }

  /// Trains on data without end: an epoch is one step on `batch_size` fresh examples. `state`: of the source's generator.
  /// Errors: `Error` unless the batch size is at least 1, and as above.
  Trainer(M model, DataSource<Data> source, std::string state, Data const& test, TrainerOptions const& options)
      : model_(std::move(model)),
        options_(options),
        optimizer_(options.optimizer, model_),
        source_(std::move(source)),
        source_state_(std::move(state)),
        train_batch_(model_.examples(Data{}, BatchUse::loss)),
        test_batch_(model_.examples(first_of(test, options), BatchUse::loss)),
        workspace_(model_),
        gradients_(model_.zero_gradients()) {
    require(options.batch_size >= 1, "training on data without end: batch_size: expected at least 1, found ",
            options.batch_size);
  }

  M const& model() const { return model_; }

  /// Epochs done.
  std::int64_t epochs() const { return epochs_; }

  /// One pass over the training set, or `epoch_batches` steps; of data without end, one step.
  void run_epoch() {
    if (source_) {
      step(model_.examples(source_(options_.batch_size, source_state_), BatchUse::gradient));
      last_step_ = workspace_.losses();
    } else if (!in_batches()) {
      // The same launches every time, on the same memory.
      optimizer_.begin_step(model_.backend(), options_.schedule.factor(optimizer_.steps()));
      full_step_.run(model_.backend(), [this] {
        model_.loss_and_gradient(train_batch_, workspace_, gradients_);
        optimizer_.finish_step(model_, gradients_);
      });
    } else {
      const auto order = generator_.randperm(static_cast<std::uint32_t>(train_.size()));
      const auto size = static_cast<std::size_t>(options_.batch_size);
      Index steps = 0;
      for (std::size_t first = 0; first < order.size(); first += size) {
        if (options_.epoch_batches > 0 && steps++ == options_.epoch_batches) break;
        const Data batch = train_.subset(std::span(order).subspan(first, std::min(size, order.size() - first)));
        step(model_.examples(batch, BatchUse::gradient));
      }
    }
    ++epochs_;
  }

  /// Losses and accuracies with the weights as they are, under the number of the epoch last run. The training loss on
  /// data without end is that of the last step's batch, before the step; its parts are in `more`.
  LogRow evaluate() {
    const auto of = [this](auto const& batch) {
      model_.loss(batch, workspace_);
      return workspace_.losses();
    };
    const BatchLoss train = source_ ? last_step_ : of(train_batch_), test = of(test_batch_);
    LogRow row{epochs_ - 1, train.mean(), test.mean(), train.accuracy(), test.accuracy()};
    for (std::size_t part = 0; part < train.parts.size(); ++part) row.more.push_back(train.part_mean(part));
    return row;
  }

  /// Everything that decides how training goes on.
  TrainingState<Scalar> state() const {
    TrainingState<Scalar> state{
        epochs_, optimizer_.steps(), source_ ? source_state_ : generator_.state(), {}, optimizer_.moments(model_)};
    for (auto const& parameter : model_.parameters()) state.weights[parameter.name()] = parameter.host();
    return state;
  }

  /// Goes on from a state.
  /// Errors: `Error` naming what is missing or does not fit; the trainer is then unchanged.
  void restore(TrainingState<Scalar> const& state) {
    M model = model_;
    model.set_parameters(state.weights, "the training state belongs to a model of other sizes");
    Optimizer<typename M::BackendType, Scalar> optimizer(options_.optimizer, model);
    optimizer.restore(model, state.moments, state.steps);
    if (source_) {
      source_state_ = state.generator;
    } else {
      generator_ = TorchGenerator::from_state(state.generator);
    }
    model_ = std::move(model);
    optimizer_ = std::move(optimizer);
    full_step_ = {};
    epochs_ = state.epoch;
  }

 private:
  bool in_batches() const { return options_.batch_size > 0 && options_.batch_size < static_cast<Index>(train_.size()); }

  static Data first_of(Data const& data, TrainerOptions const& options) {
    if (options.eval_examples <= 0 || options.eval_examples >= static_cast<Index>(data.size())) return data;
    std::vector<std::uint32_t> first(static_cast<std::size_t>(options.eval_examples));
    std::iota(first.begin(), first.end(), 0u);
    return data.subset(first);
  }

  void step(typename M::Examples const& batch) {
    model_.loss_and_gradient(batch, workspace_, gradients_);
    optimizer_.step(model_, gradients_, options_.schedule.factor(optimizer_.steps()));
  }

  M model_;
  TrainerOptions options_;
  Optimizer<typename M::BackendType, Scalar> optimizer_;
  TorchGenerator generator_{0};
  DataSource<Data> source_;
  std::string source_state_;
  BatchLoss last_step_;
  Data train_;
  typename M::Examples train_batch_, test_batch_;
  typename M::Workspace workspace_;
  typename M::Gradients gradients_;
  RepeatedWork<typename M::BackendType> full_step_;
  std::int64_t epochs_ = 0;
};

/// How far to train, and what to do on the way.
template <class M>
struct TrainingPlan {
  std::int64_t num_epochs = 0;
  EpochRule log = EpochRule::none();
  EpochRule checkpoints = EpochRule::none();
  StopRule stop;
  std::vector<LogRow> rows;  ///< of a run that goes on: those logged before
  std::function<void(LogRow const&)> on_log;
  std::function<void(std::int64_t epoch, M const&)> on_checkpoint;  ///< after that epoch
  std::function<bool()> keep_going;                                 ///< asked after every epoch
};

/// Why a run ended.
enum class TrainingEnd {
  finished,     ///< all epochs done
  stopped,      ///< the stop rule holds
  interrupted,  ///< `keep_going` said no
  diverged      ///< a logged training loss is no longer a number
};

/// Trains until the plan is fulfilled. A stop by rule, too, ends with a checkpoint.
template <TrainableModel M>
TrainingEnd train(Trainer<M>& trainer, TrainingPlan<M> const& plan) {
  std::vector<LogRow> rows = plan.rows;
  if (plan.stop.holds(rows)) return TrainingEnd::stopped;
  while (trainer.epochs() < plan.num_epochs) {
    const std::int64_t epoch = trainer.epochs();
    trainer.run_epoch();
    bool ends = false, is_number = true;
    if (plan.log.contains(epoch)) {
      rows.push_back(trainer.evaluate());
      if (plan.on_log) plan.on_log(rows.back());
      is_number = std::isfinite(rows.back().train_loss);
      ends = !is_number || plan.stop.holds(rows);
    }
    if (plan.on_checkpoint && is_number &&
        (plan.checkpoints.contains(epoch) || (ends && !plan.checkpoints.epochs().empty()))) {
      plan.on_checkpoint(epoch, trainer.model());
    }
    if (!is_number) return TrainingEnd::diverged;
    const bool go_on = !plan.keep_going || plan.keep_going();
    if (ends) return TrainingEnd::stopped;
    if (!go_on && trainer.epochs() < plan.num_epochs) return TrainingEnd::interrupted;
  }
  return TrainingEnd::finished;
}

}  // namespace cayley
