#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cayley/backend/cpu.hpp>
#include <cayley/group/cyclic.hpp>
#include <cayley/nn/initial_weights.hpp>
#include <cayley/task/group_composition.hpp>
#include <cayley/task/split.hpp>
#include <cayley/train/trainer.hpp>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

BOOST_AUTO_TEST_SUITE(trainer_test)

namespace {

using namespace cayley;

using Net = Bilinear<Cpu, float>;
using Mlp = OneLayerMlp<Cpu, float>;

// The pairs of a cyclic group, 60 % of them for training.
struct Task {
  GroupComposition train, test;
};
Task cyclic_task(Index order) {
  const GroupComposition all = group_composition(Cyclic<>{order});
  const TrainTestSplit split = random_split(order * order, 0.6, 1);
  return {all.subset(split.train), all.subset(split.test)};
}

Net initial_net(Index order, Cpu const& cpu = Cpu{}) {
  Net model(cpu, {order, 12, order});
  TorchGenerator generator(1);
  draw_initial_weights(model, generator);
  return model;
}

Trainer<Net> net_trainer(TrainerOptions const& options, Index order = 7, Cpu const& cpu = Cpu{}) {
  const Task task = cyclic_task(order);
  return {initial_net(order, cpu), task.train, task.test, options, TorchGenerator(5)};
}

TrainerOptions quick(Index batch_size = 0) {
  TrainerOptions options;
  options.optimizer.lr = 1e-2;
  options.optimizer.weight_decay = 0.1;
  options.batch_size = batch_size;
  return options;
}

template <class M>
bool same_weights(M const& a, M const& b) {
  bool same = true;
  for (std::size_t p = 0; p < a.parameters().size(); ++p) {
    same = same && a.parameters()[p].host() == b.parameters()[p].host();
  }
  return same;
}

bool same_rows(LogRow const& a, LogRow const& b) {
  return a.epoch == b.epoch && a.train_loss == b.train_loss && a.test_loss == b.test_loss &&
         a.train_accuracy == b.train_accuracy && a.test_accuracy == b.test_accuracy;
}

BOOST_AUTO_TEST_CASE(training_lowers_the_loss_of_a_bilinear_network) {
  auto trainer = net_trainer(quick());
  const LogRow before = trainer.evaluate();
  BOOST_TEST(before.epoch == -1);
  for (int epoch = 0; epoch < 200; ++epoch) trainer.run_epoch();
  const LogRow after = trainer.evaluate();
  BOOST_TEST(trainer.epochs() == 200);
  BOOST_TEST(after.epoch == 199);
  BOOST_TEST(before.train_loss > 1);
  BOOST_TEST(after.train_loss < 0.1);
  BOOST_TEST(after.train_accuracy == 1);
}

BOOST_AUTO_TEST_CASE(training_lowers_the_loss_of_an_mlp_by_every_optimizer) {
  const Task task = cyclic_task(7);
  for (const OptimizerKind kind : {OptimizerKind::adam_w, OptimizerKind::adam, OptimizerKind::sgd}) {
    Mlp model(Cpu{}, {7, 8, 24, 7, true});
    TorchGenerator generator(1);
    draw_initial_weights(model, generator);
    TrainerOptions options = quick();
    options.optimizer.kind = kind;
    options.optimizer.weight_decay = 1e-4;
    if (kind == OptimizerKind::sgd) options.optimizer.lr = 0.3, options.optimizer.momentum = 0.9;
    Trainer<Mlp> trainer(model, task.train, task.test, options, TorchGenerator(5));
    for (int epoch = 0; epoch < 200; ++epoch) trainer.run_epoch();
    BOOST_TEST(trainer.evaluate().train_loss < 0.2, "optimizer " << static_cast<int>(kind));
  }
}

BOOST_AUTO_TEST_CASE(a_row_has_the_means_over_both_sets) {
  auto trainer = net_trainer(quick());
  trainer.run_epoch();
  const LogRow row = trainer.evaluate();
  const Task task = cyclic_task(7);
  const auto measured = [&](GroupComposition const& data) {
    const Matrix<double> logits = trainer.model().forward(data.examples).host().cast<double>();
    double loss = 0, correct = 0;
    for (Index i = 0; i < logits.rows(); ++i) {
      const auto label = static_cast<Index>(data.labels[static_cast<std::size_t>(i)]);
      loss += std::log((logits.row(i).array() - logits(i, label)).exp().sum());
      correct += logits(i, label) == logits.row(i).maxCoeff() ? 1 : 0;
    }
    const auto count = static_cast<double>(logits.rows());
    return std::pair(loss / count, correct / count);
  };
  BOOST_TEST(std::abs(row.train_loss - measured(task.train).first) < 1e-5);
  BOOST_TEST(std::abs(row.test_loss - measured(task.test).first) < 1e-5);
  BOOST_TEST(std::abs(row.train_accuracy - measured(task.train).second) < 1e-12);
  BOOST_TEST(std::abs(row.test_accuracy - measured(task.test).second) < 1e-12);
  BOOST_TEST(same_rows(trainer.evaluate(), row));  // measuring changes nothing
}

BOOST_AUTO_TEST_CASE(losses_are_measured_on_the_first_examples_alone_where_asked_for) {
  TrainerOptions options = quick(8);
  options.eval_examples = 5;
  auto trainer = net_trainer(options);
  trainer.run_epoch();
  const LogRow row = trainer.evaluate();
  const Task task = cyclic_task(7);
  const std::vector<std::uint32_t> first{0, 1, 2, 3, 4};
  Trainer<Net> measuring(trainer.model(), task.train.subset(first), task.test.subset(first), quick(),
                         TorchGenerator(5));
  const LogRow expected = measuring.evaluate();
  BOOST_TEST(row.train_loss == expected.train_loss);
  BOOST_TEST(row.test_loss == expected.test_loss);
  BOOST_TEST(row.train_accuracy == expected.train_accuracy);
  // A step on all examples measures its loss on them.
  options.batch_size = 0;
  auto whole = net_trainer(options);
  auto plain = net_trainer(quick());
  BOOST_TEST(whole.evaluate().train_loss == plain.evaluate().train_loss);
}

// A step of the trainer is loss_and_gradient and a step of the optimiser, nothing else.
BOOST_AUTO_TEST_CASE(a_full_batch_epoch_is_one_step) {
  auto trainer = net_trainer(quick());
  Net model = initial_net(7);
  const Task task = cyclic_task(7);
  Net::Workspace workspace(model);
  auto gradients = model.zero_gradients();
  Optimizer<Cpu, float> optimizer(quick().optimizer, model);
  const auto batch = model.examples(task.train.examples, task.train.labels);
  for (int epoch = 0; epoch < 5; ++epoch) {
    trainer.run_epoch();
    model.loss_and_gradient(batch, workspace, gradients);
    optimizer.step(model, gradients);
  }
  BOOST_TEST(same_weights(trainer.model(), model));
  // A batch size that the training set does not exceed is the whole set.
  auto large_batch = net_trainer(quick(29));
  for (int epoch = 0; epoch < 5; ++epoch) large_batch.run_epoch();
  BOOST_TEST(same_weights(large_batch.model(), model));
  BOOST_TEST(large_batch.state().steps == 5);
}

BOOST_AUTO_TEST_CASE(the_first_step_of_a_warm_up_moves_no_weight) {
  TrainerOptions options = quick();
  options.schedule.warmup_steps = 4;
  auto trainer = net_trainer(options);
  trainer.run_epoch();
  BOOST_TEST(same_weights(trainer.model(), initial_net(7)));
  BOOST_TEST(!trainer.state().moments.at("exp_avg").at("W_U").isZero());  // but the gradient is remembered
  trainer.run_epoch();
  BOOST_TEST(!same_weights(trainer.model(), initial_net(7)));
}

// A model that notes the batches that it is asked for.
struct Noting : Net {
  explicit Noting(Net const& model) : Net(model) {}
  Examples examples(Data const& data, BatchUse use) const {
    batches->push_back(data.examples);
    return Net::examples(data, use);
  }
  std::shared_ptr<std::vector<std::vector<Pair>>> batches = std::make_shared<std::vector<std::vector<Pair>>>();
};
static_assert(TrainableModel<Noting>);

std::vector<int> sorted(std::vector<Pair> const& pairs) {
  std::vector<int> keys;
  for (Pair const& pair : pairs) keys.push_back(static_cast<int>(100 * pair.a + pair.b));
  std::sort(keys.begin(), keys.end());
  return keys;
}

BOOST_AUTO_TEST_CASE(mini_batches_visit_every_example_once_an_epoch) {
  const Task task = cyclic_task(7);  // 29 training examples
  const Noting model(initial_net(7));
  Trainer<Noting> trainer(model, task.train, task.test, quick(8), TorchGenerator(5));
  std::vector<std::vector<Pair>> epochs;
  for (int epoch = 0; epoch < 3; ++epoch) {
    model.batches->clear();
    trainer.run_epoch();
    std::vector<std::size_t> sizes;
    epochs.emplace_back();
    for (auto const& batch : *model.batches) {
      sizes.push_back(batch.size());
      epochs.back().insert(epochs.back().end(), batch.begin(), batch.end());
    }
    BOOST_TEST(sizes == (std::vector<std::size_t>{8, 8, 8, 5}), boost::test_tools::per_element());
    BOOST_TEST(sorted(epochs.back()) == sorted(task.train.examples), boost::test_tools::per_element());
    BOOST_TEST(trainer.state().steps == 4 * (epoch + 1));
    BOOST_TEST(trainer.epochs() == epoch + 1);
  }
  // In an order drawn anew.
  BOOST_TEST((epochs[0] != epochs[1]));
  BOOST_TEST((epochs[1] != epochs[2]));
  // By the generator of the trainer.
  const auto order = TorchGenerator(5).randperm(29);
  BOOST_TEST((epochs[0] == task.train.subset(order).examples));
}

BOOST_AUTO_TEST_CASE(an_epoch_of_some_batches_takes_the_first_ones) {
  const Task task = cyclic_task(7);
  const Noting model(initial_net(7));
  TrainerOptions options = quick(8);
  options.epoch_batches = 2;
  Trainer<Noting> trainer(model, task.train, task.test, options, TorchGenerator(5));
  TorchGenerator generator(5);
  for (int epoch = 0; epoch < 2; ++epoch) {
    model.batches->clear();
    trainer.run_epoch();
    std::vector<Pair> seen;
    for (auto const& batch : *model.batches) seen.insert(seen.end(), batch.begin(), batch.end());
    const auto order = generator.randperm(29);
    BOOST_TEST((seen == task.train.subset(std::span(order).first(16)).examples));
    BOOST_TEST(trainer.state().steps == 2 * (epoch + 1));
  }
}

BOOST_AUTO_TEST_CASE(a_run_that_goes_on_from_a_state_has_the_bits_of_one_that_never_stopped) {
  for (const Index batch_size : {0, 8}) {
    for (const OptimizerKind kind : {OptimizerKind::adam_w, OptimizerKind::sgd}) {
      TrainerOptions options = quick(batch_size);
      options.optimizer.kind = kind;
      options.optimizer.momentum = kind == OptimizerKind::sgd ? 0.9 : 0;
      options.schedule.warmup_steps = 10;
      auto whole = net_trainer(options);
      for (int epoch = 0; epoch < 12; ++epoch) whole.run_epoch();
      for (const int k : {0, 1, 5, 12}) {
        auto first = net_trainer(options);
        for (int epoch = 0; epoch < k; ++epoch) first.run_epoch();
        const TrainingState<float> state = first.state();
        BOOST_TEST(state.epoch == k);

        auto second = net_trainer(options);
        second.run_epoch();  // whatever it did before
        second.restore(state);
        BOOST_TEST(second.epochs() == k);
        BOOST_TEST(same_rows(second.evaluate(), first.evaluate()));
        for (int epoch = k; epoch < 12; ++epoch) second.run_epoch();
        BOOST_TEST(same_weights(second.model(), whole.model()));
        BOOST_TEST(second.state().steps == whole.state().steps);
        BOOST_TEST(second.state().generator == whole.state().generator);
        BOOST_TEST(same_rows(second.evaluate(), whole.evaluate()));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(any_number_of_threads_trains_the_same_weights) {
  const Task task = cyclic_task(32);  // 614 training examples, 3 lanes
  const auto trained = [&](Cpu const& cpu, Index batch_size) {
    Mlp model(cpu, {32, 10, 40, 32});
    TorchGenerator generator(1);
    draw_initial_weights(model, generator);
    BOOST_TEST(model.examples(task.train.examples, task.train.labels).lanes() == 3);
    Trainer<Mlp> trainer(model, task.train, task.test, quick(batch_size), TorchGenerator(5));
    for (int epoch = 0; epoch < 20; ++epoch) trainer.run_epoch();
    return std::pair(trainer.model(), trainer.evaluate());
  };
  const auto expected = trained(Cpu{}, 0);
  for (const int threads : {1, 2, 3, 8}) {
    const auto found = trained(Cpu(threads), 0);
    BOOST_TEST(same_weights(found.first, expected.first), threads << " threads");
    BOOST_TEST(same_rows(found.second, expected.second), threads << " threads");
  }
  BOOST_TEST(same_weights(trained(Cpu(3), 300).first, trained(Cpu{}, 300).first));
}

BOOST_AUTO_TEST_CASE(copies_of_a_trainer_train_on_independently) {
  auto trainer = net_trainer(quick(8));
  trainer.run_epoch();
  auto copy = trainer;
  trainer.run_epoch();
  BOOST_TEST(copy.epochs() == 1);
  BOOST_TEST(!same_weights(copy.model(), trainer.model()));
  copy.run_epoch();
  BOOST_TEST(same_weights(copy.model(), trainer.model()));
}

template <class Action>
std::string error_of(Action&& action) {
  try {
    action();
  } catch (Error const& error) {
    return error.what();
  }
  return "no error";
}

BOOST_AUTO_TEST_CASE(a_state_that_does_not_fit_leaves_the_trainer_as_it_was) {
  auto trainer = net_trainer(quick(8));
  trainer.run_epoch();
  auto other = net_trainer(quick(8));
  for (int epoch = 0; epoch < 3; ++epoch) other.run_epoch();
  const auto good = other.state();
  const auto refused = [&](auto const& edit) {
    TrainingState<float> state = good;
    edit(state);
    const auto before = trainer.state();
    const std::string error = error_of([&] { trainer.restore(state); });
    const auto after = trainer.state();
    BOOST_TEST(after.epoch == before.epoch);
    BOOST_TEST(after.steps == before.steps);
    BOOST_TEST(after.generator == before.generator);
    BOOST_TEST((after.weights == before.weights));
    BOOST_TEST((after.moments == before.moments));
    return error;
  };
  BOOST_TEST(refused([](auto& state) { state = net_trainer(quick(), 5).state(); }) ==
             "Bilinear: W_x: expected shape (order, embed_dim) = (7, 12), found (5, 12) (the training state belongs to "
             "a model of other sizes)");
  BOOST_TEST(refused([](auto& state) { state.weights.erase("W_x"); }) == "Bilinear: no tensor W_x, found W_U, W_y");
  BOOST_TEST(refused([](auto& state) { state.moments.erase("exp_avg"); }) == "optimizer: no moments exp_avg");
  BOOST_TEST(refused([](auto& state) { state.moments["exp_avg"]["W_y"].resize(1, 2); }) != "no error");
  BOOST_TEST(refused([](auto& state) { state.moments["exp_avg_sq"].erase("W_U"); }) != "no error");
  BOOST_TEST(refused([](auto& state) { state.generator = "none"; }) ==
             "generator state: expected the text of a Mersenne twister, found 4 characters");
  trainer.restore(good);
  BOOST_TEST(same_weights(trainer.model(), other.model()));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_trained_is_refused) {
  const Task task = cyclic_task(7);
  const auto error = [&](GroupComposition const& train, TrainerOptions const& options, Index order = 7) {
    return error_of([&] { Trainer<Net>(initial_net(order), train, task.test, options, TorchGenerator(5)); });
  };
  BOOST_TEST(error(task.train, quick()) == "no error");
  BOOST_TEST(error({}, quick()) == "training: the training set is empty");
  BOOST_TEST(error(task.train, quick(-1)) == "training: batch_size: expected at least 0, found -1");
  TrainerOptions options = quick();
  options.epoch_batches = -2;
  BOOST_TEST(error(task.train, options) == "training: epoch_batches: expected at least 0, found -2");
  BOOST_TEST(error(task.train, quick(), 5).find("expected elements below the order 5") != std::string::npos);
  TrainerOptions bad = quick();
  bad.optimizer.lr = -1;
  BOOST_TEST(error(task.train, bad) == "optimizer: lr: expected at least 0, found -1");
  GroupComposition unlabelled = task.train;
  unlabelled.labels.pop_back();
  BOOST_TEST(error(unlabelled, quick()) == "a batch of 29 pairs has 28 labels");
}

BOOST_AUTO_TEST_CASE(without_a_test_set_its_means_are_nan) {
  Trainer<Net> trainer(initial_net(7), cyclic_task(7).train, {}, quick(), TorchGenerator(5));
  trainer.run_epoch();
  const LogRow row = trainer.evaluate();
  BOOST_TEST(std::isfinite(row.train_loss));
  BOOST_TEST(std::isnan(row.test_loss));
  BOOST_TEST(std::isnan(row.test_accuracy));
}

// What a plan was told on the way.
struct Record {
  std::vector<std::int64_t> logged, kept;
  std::vector<LogRow> rows;
  std::vector<Net> checkpoints;

  TrainingPlan<Net> plan(std::int64_t num_epochs) {
    TrainingPlan<Net> plan;
    plan.num_epochs = num_epochs;
    plan.on_log = [this](LogRow const& row) { logged.push_back(row.epoch), rows.push_back(row); };
    plan.on_checkpoint = [this](std::int64_t epoch, Net const& model) {
      kept.push_back(epoch), checkpoints.push_back(model);
    };
    return plan;
  }
};
using Epochs = std::vector<std::int64_t>;

BOOST_AUTO_TEST_CASE(a_plan_is_logged_and_kept_at_its_epochs) {
  auto trainer = net_trainer(quick());
  Record record;
  auto plan = record.plan(10);
  plan.log = EpochRule::every(10, 3);
  plan.checkpoints = EpochRule::every(10, 4);
  BOOST_TEST((train(trainer, plan) == TrainingEnd::finished));
  BOOST_TEST(trainer.epochs() == 10);
  BOOST_TEST(record.logged == (Epochs{0, 3, 6, 9}), boost::test_tools::per_element());
  BOOST_TEST(record.kept == (Epochs{0, 4, 8, 9}), boost::test_tools::per_element());

  auto same = net_trainer(quick());
  for (std::size_t next = 0; same.epochs() < 10;) {
    same.run_epoch();
    if (next < 4 && same.epochs() - 1 == record.kept[next]) {
      BOOST_TEST(same_weights(record.checkpoints[next++], same.model()));
    }
    if (same.epochs() == 4) BOOST_TEST(same_rows(record.rows[1], same.evaluate()));
  }
  // Done is done.
  BOOST_TEST((train(trainer, plan) == TrainingEnd::finished));
  BOOST_TEST(trainer.epochs() == 10);
  BOOST_TEST(record.logged.size() == 4U);
}

BOOST_AUTO_TEST_CASE(a_plan_without_callables_trains_all_the_same) {
  auto trainer = net_trainer(quick());
  TrainingPlan<Net> plan;
  plan.num_epochs = 5;
  plan.log = EpochRule::every(5, 1);
  plan.checkpoints = EpochRule::every(5, 1);
  BOOST_TEST((train(trainer, plan) == TrainingEnd::finished));
  BOOST_TEST(trainer.epochs() == 5);
}

BOOST_AUTO_TEST_CASE(a_stop_by_rule_ends_with_a_checkpoint) {
  Record record;
  auto plan = record.plan(2000);
  plan.log = EpochRule::every(2000, 10);
  plan.checkpoints = EpochRule::every(2000, 1999);
  plan.stop.train_loss = 0.5;
  auto trainer = net_trainer(quick());
  BOOST_TEST((train(trainer, plan) == TrainingEnd::stopped));
  const auto last = trainer.epochs() - 1;
  BOOST_TEST(last < 1999);
  BOOST_TEST(record.logged.back() == last);
  BOOST_TEST(record.rows.back().train_loss <= 0.5);
  BOOST_TEST(record.rows[record.rows.size() - 2].train_loss > 0.5);
  BOOST_TEST(record.kept == (Epochs{0, last}), boost::test_tools::per_element());
  BOOST_TEST(same_weights(record.checkpoints.back(), trainer.model()));

  // A run that goes on remembers the rows before and stops at once.
  auto again = record.plan(2000);
  again.log = plan.log;
  again.stop = plan.stop;
  again.rows = record.rows;
  BOOST_TEST((train(trainer, again) == TrainingEnd::stopped));
  BOOST_TEST(trainer.epochs() == last + 1);

  // Without checkpoints there is none at the end either.
  Record unkept;
  auto logging = unkept.plan(2000);
  logging.log = plan.log;
  logging.stop = plan.stop;
  auto fresh = net_trainer(quick());
  BOOST_TEST((train(fresh, logging) == TrainingEnd::stopped));
  BOOST_TEST(unkept.kept.empty());
}

BOOST_AUTO_TEST_CASE(an_interrupted_run_goes_on_to_the_same_end) {
  Record whole;
  auto plan = whole.plan(12);
  plan.log = EpochRule::every(12, 2);
  auto uninterrupted = net_trainer(quick(8));
  BOOST_TEST((train(uninterrupted, plan) == TrainingEnd::finished));

  Record parts;
  auto interrupted_plan = parts.plan(12);
  interrupted_plan.log = plan.log;
  int asked = 0;
  interrupted_plan.keep_going = [&] { return ++asked % 5 != 0; };
  auto trainer = net_trainer(quick(8));
  BOOST_TEST((train(trainer, interrupted_plan) == TrainingEnd::interrupted));
  BOOST_TEST(trainer.epochs() == 5);
  auto next = net_trainer(quick(8));
  next.restore(trainer.state());
  interrupted_plan.rows = parts.rows;
  BOOST_TEST((train(next, interrupted_plan) == TrainingEnd::interrupted));
  BOOST_TEST(next.epochs() == 10);
  BOOST_TEST((train(next, interrupted_plan) == TrainingEnd::finished));
  BOOST_TEST(asked == 12);
  BOOST_TEST(same_weights(next.model(), uninterrupted.model()));
  BOOST_TEST(parts.rows.size() == whole.rows.size());
  for (std::size_t i = 0; i < whole.rows.size(); ++i) BOOST_TEST(same_rows(parts.rows[i], whole.rows[i]));

  // After the last epoch there is nothing to interrupt.
  auto last = net_trainer(quick());
  auto one_epoch = parts.plan(1);
  one_epoch.keep_going = [] { return false; };
  BOOST_TEST((train(last, one_epoch) == TrainingEnd::finished));
}

BOOST_AUTO_TEST_CASE(a_loss_that_is_no_number_ends_the_run) {
  Net model = initial_net(7);
  Matrix<float> weights = model.parameters()[2].host();
  weights(0, 0) = std::numeric_limits<float>::quiet_NaN();
  model.set_parameter("W_U", weights);
  const Task task = cyclic_task(7);
  Trainer<Net> trainer(model, task.train, task.test, quick(), TorchGenerator(5));
  Record record;
  auto plan = record.plan(20);
  plan.log = EpochRule::every(20, 3);
  plan.stop.train_loss = 1e-3;
  BOOST_TEST((train(trainer, plan) == TrainingEnd::diverged));
  BOOST_TEST(trainer.epochs() == 1);
  BOOST_TEST(record.logged == (Epochs{0}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(data_without_end_go_on_from_a_state_with_the_same_bits) {
  // Pairs of Z/7 drawn one by one by the generator whose state is passed along.
  const auto source = [](Index count, std::string& state) {
    TorchGenerator generator = TorchGenerator::from_state(state);
    LabelledExamples<Pair> batch;
    for (Index i = 0; i < count; ++i) {
      const Element a = generator.random32() % 7, b = generator.random32() % 7;
      batch.examples.push_back({a, b});
      batch.labels.push_back((a + b) % 7);
    }
    state = generator.state();
    return batch;
  };
  const auto begin = [&] {
    return Trainer<Net>(initial_net(7), source, TorchGenerator(3).state(), cyclic_task(7).test, quick(16));
  };
  auto whole = begin();
  for (int step = 0; step < 9; ++step) whole.run_epoch();
  auto first = begin();
  for (int step = 0; step < 4; ++step) first.run_epoch();
  auto copy = first;  // trains on independently
  auto second = begin();
  second.restore(first.state());
  for (int step = 0; step < 5; ++step) {
    second.run_epoch();
    copy.run_epoch();
  }
  BOOST_TEST(same_weights(second.model(), whole.model()));
  BOOST_TEST(same_weights(copy.model(), whole.model()));
  BOOST_TEST(second.state().generator == whole.state().generator);
  BOOST_TEST(first.epochs() == 4);
  // The training loss is that of the last batch, before its step.
  auto one = begin();
  one.run_epoch();
  std::string state = TorchGenerator(3).state();
  const Net model = initial_net(7);
  Net::Workspace workspace(model);
  model.loss(model.examples(source(16, state), BatchUse::loss), workspace);
  BOOST_TEST(one.evaluate().train_loss == workspace.losses().mean(), boost::test_tools::tolerance(1e-6));
  BOOST_CHECK_THROW(Trainer<Net>(initial_net(7), source, state, {}, quick(0)), Error);
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
