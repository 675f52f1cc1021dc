/// A backend that records launches and runs them again, as a GPU replays a graph: what changes from step to step must lie
/// in its memory, not in what was recorded.
#pragma once

#include <cayley/backend/thrust_options.hpp>
#include <conformance/archetype_backend.hpp>
#include <functional>
#include <vector>

namespace cayley::testing {

/// Serial loops. A functor is kept by value, like the arguments of a kernel.
class RecordingBackend {
  using Counters = detail::WorkCounters<RecordingBackend>;
  using Launches = std::vector<std::function<void()>>;

 public:
  static constexpr bool joins_rows = true;
  static BackendCounts counts() { return Counters::read(); }

  /// Recordings that were begun, and those that were run again.
  static inline int recorded = 0, replayed = 0;

  template <class T>
  class Buffer : public ArchetypeBackend::Buffer<T> {
   public:
    Buffer() = default;
    explicit Buffer(Index size) : ArchetypeBackend::Buffer<T>(size) { count(); }
    Buffer(Buffer const& other) : ArchetypeBackend::Buffer<T>(other) { count(); }
    Buffer(Buffer&&) noexcept = default;
    Buffer& operator=(Buffer const& other) { return *this = Buffer(other); }
    Buffer& operator=(Buffer&&) noexcept = default;
    ~Buffer() = default;

   private:
    void count() const {
      if (this->size() > 0) Counters::add(Counters::allocations);
    }
  };

  template <class T>
  void upload(std::span<T const> host, Buffer<T>& buffer) const {
    require(recording_ == nullptr, "upload: not while launches are recorded");
    Counters::add(Counters::synchronizations);
    ArchetypeBackend{}.upload(host, buffer);
  }
  template <class T>
  void download(Buffer<T> const& buffer, std::span<T> host) const {
    require(recording_ == nullptr, "download: not while launches are recorded");
    Counters::add(Counters::synchronizations);
    ArchetypeBackend{}.download(buffer, host);
  }

  template <class T>
  void matrix_product(MatrixView<T const> a, MatrixView<T const> b, MatrixView<T> c, std::type_identity_t<T> alpha,
                      std::type_identity_t<T> beta) const {
    launch([=] { ArchetypeBackend{}.matrix_product<T>(a, b, c, alpha, beta); });
  }
  template <class Functor>
  void for_each(Index count, Functor const& functor) const {
    launch([=] {
      for (Index i = 0; i < count; ++i) functor(i);
    });
  }
  template <class Functor>
  void for_each_row(Index rows, Functor const& functor) const {
    launch([=] {
      for (Index row = 0; row < rows; ++row) functor(row, OneLane{});
    });
  }

  class Recording {
   public:
    Recording() = default;
    Recording(Recording const&) {}
    Recording& operator=(Recording const&) {
      launches_.clear();
      return *this;
    }

   private:
    friend RecordingBackend;
    Launches launches_;
  };

  template <class Work>
  void replay(Recording& recording, Work const& work) const {
    if (recording.launches_.empty()) {
      recording_ = &recording.launches_;
      work();
      recording_ = nullptr;
      ++recorded;
    }
    for (auto const& launch : recording.launches_) launch();
    ++replayed;
  }

 private:
  template <class Launch>
  void launch(Launch const& launch) const {
    Counters::add(Counters::launches);
    if (recording_ != nullptr) {
      recording_->push_back(launch);
    } else {
      launch();
    }
  }

  // Of all copies of the backend, like the stream of a GPU.
  static inline Launches* recording_ = nullptr;
};

static_assert(Backend<RecordingBackend, float> && Backend<RecordingBackend, double>);
static_assert(RecordsWork<RecordingBackend> && CountsWork<RecordingBackend> && JoinsRows<RecordingBackend>);

}  // namespace cayley::testing
