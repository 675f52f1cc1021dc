// Question: what does a network that the library does not have learn of a group?
//
// Mathematics: the network with quadratic activations, hidden(a, b) = (W_x[a] + W_y[b])^2 entry by entry and
// logits(a, b) = hidden(a, b) W_U. The square of a sum holds the product 2 W_x[a] W_y[b], so that of two cosines of one
// frequency a neuron makes a cosine of the sum a + b; what else the square holds must cancel between neurons. On a cyclic
// group weights of this form solve the task exactly.
// Ref: Gromov, Grokking modular arithmetic (2023).
//
// The model is a class of 100 lines: its parameters, its forward pass with hook points, and a step, written in the
// operations of a backend. The trainer and the analyses take it as they take the library's own.
//
// Expected output: the test accuracy reaches 1; the gradient agrees with differences of the loss; most neurons work in
// one frequency. Returns 1 if any of this fails.

#include <array>
#include <cayley/cayley.hpp>
#include <cmath>
#include <cstdio>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

using namespace cayley;

namespace {

/// The hidden layer, a call a row: sum = x[a] + y[b] and hidden = sum^2, (a, b) = pairs[row].
/// Shape: x and y (order, cols), pairs (rows, 2), sum and hidden (rows, cols).
template <class Scalar>
struct SquareOfSum {
  Scalar const* x;
  Scalar const* y;
  Element const* pairs;
  Scalar* sum;
  Scalar* hidden;
  Index cols;

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    Scalar const* left = x + static_cast<Index>(pairs[2 * row]) * cols;
    Scalar const* right = y + static_cast<Index>(pairs[2 * row + 1]) * cols;
    for (Index c = lanes.rank(); c < cols; c += lanes.size()) {
      const Scalar s = left[c] + right[c];
      sum[row * cols + c] = s;
      hidden[row * cols + c] = s * s;
    }
  }
};

/// Its gradient, a call an entry: of the square in, of the sum out.
template <class Scalar>
struct SquareBackward {
  Scalar* gradient;
  Scalar const* sum;

  CAYLEY_HOST_DEVICE void operator()(Index i) const { gradient[i] *= 2 * sum[i]; }
};

/// Shape: W_x and W_y (order, hidden_dim), W_U (hidden_dim, order).
/// Hook points: hidden (batch, hidden_dim), out (batch, order).
template <class B, class Scalar>
class Quadratic : public ModelParameters<B, Scalar> {
 public:
  using typename ModelParameters<B, Scalar>::Gradients;
  using typename ModelParameters<B, Scalar>::Tensor;
  using Batch = std::span<Pair const>;
  using Data = GroupComposition;
  using Examples = PairExamples<B>;

  Quadratic(B const& device, Index order, Index hidden_dim)
      : ModelParameters<B, Scalar>(device, "Quadratic", zero_parameters(device, order, hidden_dim)) {}

  static std::span<std::string_view const> hook_names() { return hook_points; }

  /// Shape: (pairs, order).
  Tensor forward(Batch pairs, Hooks<B, Scalar> const& hooks = {}) const {
    hooks.check(hook_names());
    const auto rows = static_cast<Index>(pairs.size());
    Tensor sum(backend(), rows, hidden_dim()), hidden(backend(), rows, hidden_dim()), out(backend(), rows, order());
    fill_hidden(device_pairs(backend(), pairs, order()).data(), sum, hidden);
    hooks.run("hidden", hidden);
    product(std::as_const(hidden).view(), w_u().view(), out.view());
    hooks.run("out", out);
    return out;
  }

  Examples examples(Data const& data, BatchUse use) const {
    return Examples(backend(), data.examples, data.labels, order(), order(), 1024, use);
  }

  /// Activations of the last batch.
  class Workspace {
   public:
    explicit Workspace(Quadratic const& model)
        : sum(model.backend(), 0, 0), hidden(sum), gradient(sum), out(sum), losses_(0), is_correct_(0) {}

    BatchLoss losses() const { return downloaded_loss(out.backend(), losses_, is_correct_, out.rows()); }

   private:
    friend Quadratic;
    void resize(Index rows, Index hidden_dim, Index classes) {
      if (out.rows() == rows) return;
      sum = hidden = gradient = Tensor(out.backend(), rows, hidden_dim);
      out = Tensor(out.backend(), rows, classes);
      losses_ = typename B::template Buffer<Scalar>(rows);
      is_correct_ = typename B::template Buffer<std::uint32_t>(rows);
    }

    Tensor sum, hidden, gradient;  // (rows, hidden_dim)
    Tensor out;                    // (rows, classes)
    typename B::template Buffer<Scalar> losses_;
    typename B::template Buffer<std::uint32_t> is_correct_;
  };

  void loss(Examples const& batch, Workspace& work) const { pass(batch, work, 0); }

  void loss_and_gradient(Examples const& batch, Workspace& work, Gradients& gradients) const {
    pass(batch, work, Scalar(1) / static_cast<Scalar>(batch.size()));  // work.out is now the gradient of the logits
    Tensor const& out = work.out;
    product(transposed(std::as_const(work.hidden).view()), out.view(), gradients[2].view());
    product(out.view(), transposed(w_u().view()), work.gradient.view());
    backend().for_each(out.rows() * hidden_dim(), SquareBackward<Scalar>{work.gradient.data(), work.sum.data()});
    for (const std::size_t operand : {std::size_t{0}, std::size_t{1}}) {
      Tensor& table = gradients[operand];
      backend().for_each(table.rows() * table.cols(), Fill<Scalar>{table.data(), 0});
      for (Index lane = 0; lane < batch.lanes(); ++lane) {
        for (auto const& chunk : batch.chunks(lane)) {
          const Segments segments = operand == 0 ? batch.by_left(chunk) : batch.by_right(chunk);
          Scalar const* rows = work.gradient.data() + chunk.first * hidden_dim();
          backend().for_each_row(segments.count, SegmentSum<Scalar>{segments, rows, hidden_dim(), table.data(),
                                                                    hidden_dim(), hidden_dim()});
        }
      }
    }
  }

  using ModelParameters<B, Scalar>::backend;

 private:
  static constexpr std::array<std::string_view, 2> hook_points{"hidden", "out"};

  static std::vector<Parameter<B, Scalar>> zero_parameters(B const& device, Index order, Index hidden_dim) {
    const ParameterSide elements{order, "order"}, neurons{hidden_dim, "hidden_dim"};
    return {{device, "W_x", elements, neurons}, {device, "W_y", elements, neurons}, {device, "W_U", neurons, elements}};
  }

  Index order() const { return this->values(0).rows(); }
  Index hidden_dim() const { return this->values(0).cols(); }
  Tensor const& w_u() const { return this->values(2); }

  void product(MatrixView<Scalar const> a, MatrixView<Scalar const> b, MatrixView<Scalar> c) const {
    backend().template matrix_product<Scalar>(a, b, c, Scalar(1), Scalar(0));
  }

  void fill_hidden(Element const* pairs, Tensor& sum, Tensor& hidden) const {
    backend().for_each_row(sum.rows(), SquareOfSum<Scalar>{this->values(0).data(), this->values(1).data(), pairs,
                                                           sum.data(), hidden.data(), hidden_dim()});
  }

  /// Losses of a batch; with `gradient_scale` also the gradient of the logits, in their place.
  void pass(Examples const& batch, Workspace& work, Scalar gradient_scale) const {
    work.resize(batch.size(), hidden_dim(), order());
    fill_hidden(batch.pairs(), work.sum, work.hidden);
    product(std::as_const(work.hidden).view(), w_u().view(), work.out.view());
    backend().for_each_row(batch.size(),
                           SoftmaxCrossEntropy<Scalar>{work.out.data(), order(), batch.labels(), work.losses_.data(),
                                                       work.is_correct_.data(), order(), gradient_scale});
  }
};

static_assert(TrainableModel<Quadratic<Cpu, float>>);

/// Largest difference between the gradient of the mean loss and differences of it, relative to the largest entry.
double gradient_error(Quadratic<Cpu, double> model, GroupComposition const& data) {
  const auto batch = model.examples(data, BatchUse::gradient);
  typename Quadratic<Cpu, double>::Workspace work(model);
  auto gradients = model.zero_gradients();
  model.loss_and_gradient(batch, work, gradients);
  double worst = 0;
  for (std::size_t p = 0; p < gradients.size(); ++p) {
    Parameter<Cpu, double>& parameter = model.parameters()[p];
    const Matrix<double> values = parameter.host(), gradient = gradients[p].host();
    for (const Index i : {Index{0}, values.rows() / 2, values.rows() - 1}) {
      const auto loss_at = [&](double step) {
        Matrix<double> moved = values;
        moved(i, 0) += step;
        parameter.assign(moved);
        model.loss(batch, work);
        return work.losses().mean();
      };
      const double difference = (loss_at(1e-5) - loss_at(-1e-5)) / 2e-5;
      worst = std::fmax(worst, std::fabs(difference - gradient(i, 0)) / gradient.cwiseAbs().maxCoeff());
    }
    parameter.assign(values);
  }
  return worst;
}

template <class Model>
void draw_weights(Model& model, std::uint64_t seed) {
  TorchGenerator generator(seed);
  for (auto& parameter : model.parameters()) {
    const Matrix<float> values = scaled_normal(generator, parameter.rows(), parameter.cols(), parameter.cols());
    parameter.assign(values.cast<typename Model::ScalarType>());
  }
}

}  // namespace

int main() {
  constexpr Cyclic<31> g;
  const GroupComposition data = group_composition(g);
  const TrainTestSplit split = random_split(data.size(), 0.7, 1);

  Quadratic<Cpu, double> in_double(Cpu{}, g.order(), 8);
  draw_weights(in_double, 1);
  const double error = gradient_error(in_double, data);
  std::printf("gradient: relative error %.1e\n", error);

  Quadratic<Cpu, float> model(Cpu{}, g.order(), 96);
  draw_weights(model, 1);
  TrainerOptions options;
  options.optimizer.lr = 0.005;
  Trainer trainer(model, data.subset(split.train), data.subset(split.test), options, TorchGenerator(1));
  TrainingPlan<Quadratic<Cpu, float>> plan;
  plan.num_epochs = 20000;
  plan.log = EpochRule::every(plan.num_epochs, 50);
  plan.stop.test_accuracy = 1;
  LogRow last;
  plan.on_log = [&](LogRow const& row) { last = row; };
  train(trainer, plan);
  std::printf("epoch %d: training loss %.2g, test loss %.2g, test accuracy %.4f\n", static_cast<int>(last.epoch),
              last.train_loss, last.test_loss, last.test_accuracy);

  const FourierBasis basis(g);
  Matrix<double> hidden;  // (order^2, hidden_dim)
  Hooks<Cpu, float> hooks;
  hooks.add("hidden", [&](MatrixRef<float> activations) { hidden = activations.cast<double>(); });
  trainer.model().forward(data.examples, hooks);
  const std::vector<ExplainedNeuron> neurons = explained_neurons(pair_power(basis, hidden));
  int in_one = 0;
  for (ExplainedNeuron const& neuron : neurons) in_one += neuron.centred_fraction > 0.8;
  std::printf("%d of %zu neurons have more than 80 %% of their variance in one frequency\n", in_one, neurons.size());
  return error < 1e-6 && last.test_accuracy == 1 && 2 * in_one > static_cast<int>(neurons.size()) ? 0 : 1;
}
