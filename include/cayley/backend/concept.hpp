/// The concept `Backend`: what a place that computes (CPU, Thrust system, GPU) must offer to run every model.
///
/// Five operations are required, each a concept of its own so that a compile error names the missing one. All
/// other primitives (primitives.hpp) are functors that run through `for_each` or `for_each_row`, so a new
/// backend gets them for nothing; it overrides one by overloading `for_each_row` for that functor's type.
/// Syntax is checked by the concept; the laws by tests/conformance/backend_conformance.hpp:
///   buffer          Buffer<T>(n) owns n values T{}; copies are deep. data() points into device memory: only
///                   functors and `matrix_product` may read through it.
///   copy            download(buffer, host) gives back what upload(host, buffer) put there; `Error` when the
///                   sizes differ.
///   matrix product  matrix_product(a, b, c, alpha, beta) is c = alpha a b + beta c for each matrix of the
///                   batch, after `check_product`. c shares no memory with a or b; if beta = 0, c is not
///                   read.
///   for each        for_each(count, f) calls f(i) once for every i in 0 .. count-1.
///   for each row    for_each_row(rows, f) calls f(row, lanes) for every row in 0 .. rows-1, once on every
///                   lane of a `LaneGroup` that the backend chooses.
/// Calls of a functor run in any order and maybe at once: each writes only its own outputs. A functor is a
/// trivially copyable object with CAYLEY_HOST_DEVICE call operators that holds sizes and raw device pointers.
/// Operations take effect in the order in which they are called on one backend; `download` waits for those
/// before it. A backend is a cheap handle: copies share the device, and its operations are const.
///
/// A Thrust system fits as it is: Buffer wraps its vector (data() is a raw_pointer_cast), `for_each` is
/// for_each_n over a counting iterator, `for_each_row` is that with `OneLane` on the host or a warp per row
/// on a GPU, and `matrix_product` is a BLAS call. Includes no Eigen.
#pragma once

#include <algorithm>
#include <cayley/backend/host_device.hpp>
#include <cayley/backend/lane_group.hpp>
#include <cayley/backend/matrix_view.hpp>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

namespace cayley {

namespace detail {

/// The least functors that `for_each` and `for_each_row` must accept.
struct ElementProbe {
  CAYLEY_HOST_DEVICE void operator()(Index) const {}
};
struct TaskProbe {
  void operator()(Index, int) const {}
};
struct RowProbe {
  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index, Lanes const&) const {}
};

template <class Array, class T>
concept OwningArray = std::copyable<Array> && std::default_initializable<Array> &&
    std::constructible_from<Array, Index> && requires(Array& array, Array const& constant) {
  { array.data() } -> std::same_as<T*>;
  { constant.data() } -> std::same_as<T const*>;
  { constant.size() } -> std::same_as<Index>;
};

struct NoRecording {};
template <class B>
struct RecordingOf {
  using Type = NoRecording;
};
template <class B>
  requires requires {
    typename B::Recording;
  }
struct RecordingOf<B> {
  using Type = typename B::Recording;
};

}  // namespace detail

/// An owning array of `T` in device memory, `typename B::template Buffer<T>`, zero-initialised.
template <class B, class T>
concept HasBuffer = detail::OwningArray<typename B::template Buffer<T>, T>;

/// Copies between a host array and a buffer of the same size.
template <class B, class T>
concept HasCopy = HasBuffer<B, T> && requires(B const& backend, typename B::template Buffer<T>& buffer,
                                              std::span<T const> from_host, std::span<T> to_host) {
  backend.upload(from_host, buffer);
  backend.download(buffer, to_host);
};

/// c = alpha a b + beta c on row-major matrices: strided batches, transposes, row strides.
template <class B, class T>
concept HasMatrixProduct = requires(B const& backend, MatrixView<T const> a, MatrixView<T const> b, MatrixView<T> c,
                                    T alpha, T beta) {
  backend.matrix_product(a, b, c, alpha, beta);
};

/// A functor f(Index i) for every i below a count.
template <class B>
concept HasForEach = requires(B const& backend, Index count, detail::ElementProbe functor) {
  backend.for_each(count, functor);
};

/// A functor f(Index row, LaneGroup const& lanes) for every row below a count.
template <class B>
concept HasForEachRow = requires(B const& backend, Index rows, detail::RowProbe functor) {
  backend.for_each_row(rows, functor);
};

/// A place that computes with `Scalar`s and looks rows up by 32-bit indices.
template <class B, class Scalar = float>
concept Backend = std::copyable<B> && HasBuffer<B, Scalar> && HasBuffer<B, std::uint32_t> && HasCopy<B, Scalar> &&
    HasCopy<B, std::uint32_t> && HasMatrixProduct<B, Scalar> && HasForEach<B> && HasForEachRow<B>;

/// Optional: the values of a buffer lie in host memory and may be read and written in place through a span.
template <class B, class T>
concept HasHostView = HasBuffer<B, T> && requires(B const& backend, typename B::template Buffer<T>& buffer) {
  { backend.host_view(buffer) } -> std::same_as<std::span<T>>;
};

/// Optional: tasks at once, on `threads()` workers. run_tasks(count, f) calls f(i, worker) once for every i in
/// 0 .. count-1, maybe at once and in any order, and waits for all; calls at once have different workers in
/// 0 .. threads()-1. f may call any operation of the backend but `run_tasks`.
template <class B>
concept HasTasks = requires(B const& backend, Index count, detail::TaskProbe task) {
  { backend.threads() } -> std::same_as<int>;
  backend.run_tasks(count, task);
};

/// On how many workers `run_tasks` may call at once.
template <class B>
int task_workers(B const& backend) {
  if constexpr (HasTasks<B>) return backend.threads();
  return 1;
}

/// Calls task(i, worker) for every i in 0 .. count-1, at once where the backend can.
template <class B, class Task>
void run_tasks(B const& backend, Index count, Task const& task) {
  if constexpr (HasTasks<B>) {
    backend.run_tasks(count, task);
  } else {
    for (Index i = 0; i < count; ++i) task(i, 0);
  }
}

/// Optional: several processes, the ranks, run the same program on copies of the same data, and divide work between them.
///   rank(), ranks()        the number of this process, from 0, and how many there are
///   broadcast(bytes)       the bytes of rank 0 become those of all
///   gather(bytes, begins)  bytes begins[r] .. begins[r + 1] of rank r become those of all
/// All ranks make the same calls in the same order.
template <class B>
concept HasRanks = requires(B const& backend, std::span<std::byte> bytes, std::span<Index const> begins) {
  { backend.rank() } -> std::same_as<int>;
  { backend.ranks() } -> std::same_as<int>;
  backend.broadcast(bytes);
  backend.gather(bytes, begins);
};

/// Rows of a functor that run together with those of other functors.
template <class Functor>
struct RowsOf {
  Index rows;
  Functor functor;
};
template <class Functor>
RowsOf(Index, Functor) -> RowsOf<Functor>;

/// What the backends of one type have done since the program began. `launches`: calls of `for_each`, `for_each_row` and
/// `matrix_product` that had something to do, each of which a GPU starts as one kernel. `synchronizations`: waits of the
/// host, one for each copy to or from it.
struct BackendCounts {
  std::int64_t launches = 0;
  std::int64_t allocations = 0;
  std::int64_t synchronizations = 0;

  friend BackendCounts operator-(BackendCounts const& a, BackendCounts const& b) {
    return {a.launches - b.launches, a.allocations - b.allocations, a.synchronizations - b.synchronizations};
  }
  bool operator==(BackendCounts const&) const = default;
};

/// Optional: the backend counts its own work.
template <class B>
concept CountsWork = requires {
  { B::counts() } -> std::same_as<BackendCounts>;
};

/// Optional: launches that are the same every time are recorded once and then run again as one.
///   Recording       a default-constructed one is empty; a copy is empty, too
///   replay(r, f)    runs what f launches: f itself, or what r recorded of it. f allocates no buffers and copies nothing
///                   to or from the host; between two calls with r, what f reads and writes stays where it is
template <class B>
concept RecordsWork = requires(B const& backend, typename B::Recording& recording, void (*work)()) {
  requires std::copyable<typename B::Recording> && std::default_initializable<typename B::Recording>;
  backend.replay(recording, work);
};

/// Work that is done again and again, and what a backend recorded of it: once a call has allocated no buffer, and anew
/// where buffers were allocated in the meantime, which may have taken the place of those that it used.
template <class B>
class RepeatedWork {
 public:
  /// Calls work(), or runs what it launched at an earlier call.
  template <class Work>
  void run(B const& backend, Work const& work) {
    if constexpr (RecordsWork<B> && CountsWork<B>) {
      const std::int64_t before = B::counts().allocations;
      if (is_settled_ && before == allocations_) {
        backend.replay(recording_, work);
        return;
      }
      recording_ = {};
      work();
      allocations_ = B::counts().allocations;
      is_settled_ = allocations_ == before;
    } else {
      work();
    }
  }

 private:
  typename detail::RecordingOf<B>::Type recording_;
  std::int64_t allocations_ = 0;  // at the end of the last call of the work
  bool is_settled_ = false;       // that call allocated nothing
};

/// The rows of several functors, one after the other, as those of one. The question whose row it is comes once for each
/// functor, not one within the other: a GPU has room for few nested branches.
template <class First, class... Rest>
struct JoinedRows {
  Index rows;
  First first;
  JoinedRows<Rest...> rest;

  JoinedRows(RowsOf<First> const& head, RowsOf<Rest> const&... tail)
      : rows(head.rows), first(head.functor), rest(tail...) {}

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    if (row >= 0 && row < rows) first(row, lanes);
    rest(row - rows, lanes);
  }
};
template <class Last>
struct JoinedRows<Last> {
  Index rows;
  Last last;

  explicit JoinedRows(RowsOf<Last> const& part) : rows(part.rows), last(part.functor) {}

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    if (row >= 0 && row < rows) last(row, lanes);
  }
};

/// A row of one functor, then the same row of the next.
template <class First, class... Rest>
struct RowsInTurn {
  First first;
  RowsInTurn<Rest...> rest;

  explicit RowsInTurn(First const& head, Rest const&... tail) : first(head), rest(tail...) {}

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    first(row, lanes);
    lanes.sync();
    rest(row, lanes);
  }
};
template <class Last>
struct RowsInTurn<Last> {
  Last last;

  explicit RowsInTurn(Last const& functor) : last(functor) {}

  template <LaneGroup Lanes>
  CAYLEY_HOST_DEVICE void operator()(Index row, Lanes const& lanes) const {
    last(row, lanes);
  }
};

/// Optional: a call costs so much that the rows of several functors had better run in one.
template <class B>
concept JoinsRows = requires {
  requires B::joins_rows;
};

/// The rows of all these functors, in any order and maybe at once: none reads or writes what another one writes.
template <class B, class... Functors>
void for_each_row_of(B const& backend, RowsOf<Functors> const&... parts) {
  if constexpr (JoinsRows<B> && sizeof...(Functors) > 1) {
    backend.for_each_row((parts.rows + ...), JoinedRows<Functors...>(parts...));
  } else {
    (backend.for_each_row(parts.rows, parts.functor), ...);
  }
}

/// The rows of one functor after the other: a row may read what the functors before have written to the same row, and
/// to no other.
template <class B, class... Functors>
void for_each_row_in_turn(B const& backend, Index rows, Functors const&... functors) {
  if constexpr (JoinsRows<B> && sizeof...(Functors) > 1) {
    backend.for_each_row(rows, RowsInTurn<Functors...>(functors...));
  } else {
    (backend.for_each_row(rows, functors), ...);
  }
}

/// c = alpha a b + beta c for each matrix of a batch: as tasks where the backend has them, else by one call.
template <class Scalar, class B>
void batched_product(B const& backend, MatrixView<Scalar const> a, MatrixView<Scalar const> b, MatrixView<Scalar> c,
                     Scalar alpha, Scalar beta) {
  if constexpr (HasTasks<B>) {
    check_product<Scalar>(a, b, c);
    run_tasks(backend, c.batches, [&](Index k, int) {
      backend.template matrix_product<Scalar>(a.matrix(k), b.matrix(k), c.matrix(k), alpha, beta);
    });
  } else {
    backend.template matrix_product<Scalar>(a, b, c, alpha, beta);
  }
}

/// How many rows of a batch to work on at a time when each needs `row_bytes` of memory meanwhile, at least 1:
/// `backend.preferred_rows(row_bytes)` where the backend says, else what fits in 64 MiB.
template <class B>
Index preferred_rows(B const& backend, Index row_bytes) {
  Index rows = (Index{64} << 20) / std::max<Index>(1, row_bytes);
  if constexpr (requires { backend.preferred_rows(row_bytes); }) rows = backend.preferred_rows(row_bytes);
  return std::max<Index>(1, rows);
}

}  // namespace cayley
