// What one training step of each study costs: counted by a backend that keeps account and computes nothing. Prints the
// table of docs/backends.md. Floating-point operations: two for each multiply-add of matrix products, of attention and of
// mixing tables, the other functors left out. Traffic: every operand and result of a product once, and all memory that the
// step uses, written once and read once by the other launches. Rates of an H100 SXM from its datasheet: 67 TFLOP/s in
// float32 without tensor cores, 3.35 TB/s.
#include <cayley/backend/attention.hpp>
#include <cayley/backend/concept.hpp>
#include <cayley/backend/token_tables.hpp>
#include <cayley/core/random.hpp>
#include <cayley/group/cyclic.hpp>
#include <cayley/nn/bilinear.hpp>
#include <cayley/nn/initial_weights.hpp>
#include <cayley/nn/one_layer_mlp.hpp>
#include <cayley/nn/transformer.hpp>
#include <cayley/task/digit_addition.hpp>
#include <cayley/task/group_composition.hpp>
#include <cayley/task/induction.hpp>
#include <cayley/task/max_of_n.hpp>
#include <cayley/task/modular_arithmetic.hpp>
#include <cayley/task/sequence_task.hpp>
#include <cayley/task/skip_trigram.hpp>
#include <cayley/task/split.hpp>
#include <cayley/task/token_sequences.hpp>
#include <cayley/train/optimizer.hpp>

#include <algorithm>
#include <cstdio>
#include <vector>

namespace {

using namespace cayley;

struct Account {
  double operations = 0, product_bytes = 0, memory = 0;
  int launches = 0;
};
Account account;

// Keeps account of what it is told to do, and does not do it.
class Accountant {
 public:
  static constexpr bool joins_rows = true;

  template <class T>
  class Buffer {
   public:
    Buffer() = default;
    explicit Buffer(Index size) : values_(static_cast<std::size_t>(size)) { account.memory += bytes(); }
    Buffer(Buffer const& other) : values_(other.values_) { account.memory += bytes(); }
    Buffer(Buffer&& other) noexcept : values_(std::move(other.values_)) { other.values_.clear(); }
    Buffer& operator=(Buffer const& other) { return *this = Buffer(other); }
    Buffer& operator=(Buffer&& other) noexcept {
      values_.swap(other.values_);
      return *this;
    }
    ~Buffer() { account.memory -= bytes(); }

    T* data() { return values_.data(); }
    T const* data() const { return values_.data(); }
    Index size() const { return static_cast<Index>(values_.size()); }

   private:
    double bytes() const { return static_cast<double>(values_.size() * sizeof(T)); }

    std::vector<T> values_;
  };

  template <class T>
  void upload(std::span<T const> host, Buffer<T>& buffer) const {
    std::copy(host.begin(), host.end(), buffer.data());
  }
  template <class T>
  void download(Buffer<T> const& buffer, std::span<T> host) const {
    std::copy_n(buffer.data(), host.size(), host.begin());
  }

  template <class T>
  void matrix_product(MatrixView<std::type_identity_t<T> const> a, MatrixView<std::type_identity_t<T> const> b,
                      MatrixView<T> c, std::type_identity_t<T>, std::type_identity_t<T> beta) const {
    check_product<T>(a, b, c);
    const auto rows = static_cast<double>(c.rows), cols = static_cast<double>(c.cols),
               depth = static_cast<double>(a.product_cols()), batches = static_cast<double>(c.batches);
    ++account.launches;
    account.operations += 2 * rows * cols * depth * batches;
    account.product_bytes += sizeof(T) * batches * (rows * depth + depth * cols + rows * cols * (beta == T(0) ? 1 : 2));
  }

  template <class Functor>
  void for_each(Index count, Functor const&) const {
    account.launches += count > 0 ? 1 : 0;
  }
  template <class Functor>
  void for_each_row(Index rows, Functor const& functor) const {
    account.launches += rows > 0 ? 1 : 0;
    account.operations += operations(static_cast<double>(rows), functor);
  }

  // The whole batch at once.
  Index preferred_rows(Index) const { return Index{1} << 40; }

 private:
  template <class Functor>
  static double operations(double, Functor const&) {
    return 0;
  }
  template <class First, class... Rest>
  static double operations(double, JoinedRows<First, Rest...> const& joined) {
    const double first = operations(static_cast<double>(joined.rows), joined.first);
    return first + operations(0, joined.rest);
  }
  template <class Last>
  static double operations(double, JoinedRows<Last> const& joined) {
    return operations(static_cast<double>(joined.rows), joined.last);
  }
  template <class First, class... Rest>
  static double operations(double rows, RowsInTurn<First, Rest...> const& in_turn) {
    return operations(rows, in_turn.first) + operations(rows, in_turn.rest);
  }
  template <class Last>
  static double operations(double rows, RowsInTurn<Last> const& in_turn) {
    return operations(rows, in_turn.last);
  }

  // A row of scores, for every position or, behind a causal mask, for half of them.
  static double of_attention(double rows, AttentionShape const& shape, bool is_causal) {
    return 2 * rows * static_cast<double>(shape.length * shape.head_dim) / (is_causal ? 2 : 1);
  }
  static double operations(double rows, AttentionScores<float> const& f) {
    return of_attention(rows, f.shape, f.is_causal);
  }
  static double operations(double rows, AttentionValues<float> const& f) {
    return of_attention(rows, f.shape, f.is_causal);
  }
  static double operations(double rows, AttentionValuesBackward<float> const& f) {
    return of_attention(rows, f.shape, f.is_causal);
  }

  static double of_tables(double rows, TokenTableShape const& shape) {
    return 2 * rows * static_cast<double>(shape.weights() * shape.cols);
  }
  static double operations(double rows, MixTokenTables<float> const& f) { return of_tables(rows, f.shape); }
  static double operations(double rows, TokenAttentionBackward<float> const& f) { return of_tables(rows, f.shape); }
  // Its rows are those of the table; each example gives a multiply-add to every number that it read.
  static double operations(double, TokenTableGradient<float> const& f) {
    return of_tables(static_cast<double>(examples), f.shape);
  }

 public:
  inline static Index examples = 0;
};
static_assert(Backend<Accountant, float>);

template <class M>
void print(char const* study, M const& initial, typename M::Examples const& batch, Index examples) {
  M model = initial;
  typename M::Workspace workspace(model);
  auto gradients = model.zero_gradients();
  Optimizer<Accountant, float> optimizer({}, model);
  Accountant::examples = examples;
  const auto step = [&] {
    model.loss_and_gradient(batch, workspace, gradients);
    optimizer.step(model, gradients);
  };
  step();
  const double memory = account.memory;
  account = {};
  step();
  account.memory = memory;
  const double bytes = account.product_bytes + 2 * memory;
  std::printf("| %s | %.2f | %.0f | %.0f | %d | %.0f | %.0f |\n", study, account.operations / 1e9, bytes / 1e6,
              memory / 1e6, account.launches, account.operations / 67e12 * 1e6, bytes / 3.35e12 * 1e6);
}

template <class M, class Shape>
void print_group(char const* study, Shape const& shape, Index order, double fraction) {
  const M model(Accountant{}, shape);
  const auto train = group_composition(Cyclic<>{order}).subset(random_split(order * order, fraction, 1).train);
  print(study, model, model.examples(train), static_cast<Index>(train.labels.size()));
}

template <SequenceTask Task>
void print_sequences(char const* study, Task const& task, TransformerShape shape, Index sequences) {
  shape.d_vocab = task.d_vocab();
  shape.d_vocab_out = task.d_vocab_out();
  shape.n_ctx = task.n_ctx();
  const Transformer<Accountant, float> model(Accountant{}, shape);
  print(study, model, model.examples(SequenceBatches<Task>(task, 1).next(sequences)), sequences);
}

TransformerShape transformer(Index layers, Index d_model, Index heads, Index d_head, Index d_mlp) {
  TransformerShape shape;
  shape.n_layers = layers;
  shape.d_model = d_model;
  shape.n_heads = heads;
  shape.d_head = d_head;
  shape.attn_only = d_mlp == 0;
  if (d_mlp > 0) shape.d_mlp = d_mlp;
  shape.has_biases = shape.mlp_biases_alone = d_mlp > 0;
  return shape;
}

}  // namespace

int main() {
  std::puts(
      "| study, one step | GFLOP | MB moved | MB used | launches | us of arithmetic | us of memory |\n"
      "| --- | --- | --- | --- | --- | --- | --- |");
  print_group<OneLayerMlp<Accountant, float>>("S5, `OneLayerMlp`, 5 760 pairs",
                                              OneLayerMlpShape{120, 256, 128, 120, false}, 120, 0.4);
  print_group<Bilinear<Accountant, float>>("S5, `Bilinear`, 5 760 pairs", BilinearShape{120, 256, 120}, 120, 0.4);
  print_group<OneLayerMlp<Accountant, float>>("S6, `OneLayerMlp`, 207 360 pairs",
                                              OneLayerMlpShape{720, 256, 128, 720, false}, 720, 0.4);
  {
    constexpr Index p = 113;
    TransformerShape shape = transformer(1, 128, 4, 32, 512);
    shape.d_vocab = shape.d_vocab_out = p + 1;
    shape.n_ctx = 3;
    const Transformer<Accountant, float> model(Accountant{}, shape);
    const TokenSequences train = pair_sequences(modular_sum(p), p).subset(shuffled_split(p * p, 0.3, 0).train);
    print("p = 113, `Transformer`, 3 830 pairs", model, model.examples(train), 3830);
  }
  print_sequences("max of two, 4 096 pairs", MaxOfN{}, transformer(1, 32, 1, 32, 0), 4096);
  print_sequences("digits, 64 sequences", DigitAddition{}, transformer(1, 512, 4, 128, 2048), 64);
  print_sequences("trigrams, 256 sequences", SkipTrigram{}, transformer(1, 32, 1, 8, 0), 256);
  TransformerShape induction = transformer(2, 48, 4, 12, 0);
  induction.doubled_residual = true;
  print_sequences("induction, 128 sequences", Induction{}, induction, 128);
}
