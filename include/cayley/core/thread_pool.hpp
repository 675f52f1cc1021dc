/// Threads that share numbered tasks.
#pragma once

#include <atomic>
#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace cayley {

/// A fixed number of threads, the caller's included, that wait for work. Neither copied nor moved.
class ThreadPool {
 public:
  /// Errors: `Error` unless 1 <= threads <= 1024.
  explicit ThreadPool(int threads) {
    require(threads >= 1 && threads <= 1024, "threads: expected 1 .. 1024, found ", threads);
    workers_.reserve(static_cast<std::size_t>(threads - 1));
    for (int i = 1; i < threads; ++i) workers_.emplace_back([this, i] { work(i); });
  }
  ThreadPool(ThreadPool const&) = delete;
  ThreadPool& operator=(ThreadPool const&) = delete;
  ~ThreadPool() {
    stop_ = true;
    round_.fetch_add(1, std::memory_order_release);
    round_.notify_all();
    for (std::thread& worker : workers_) worker.join();
  }

  int threads() const { return static_cast<int>(workers_.size()) + 1; }

  /// Calls task(i, worker) once for every i in 0 .. count-1, at once and in any order, and waits for all. `worker`, in
  /// 0 .. threads-1, is the thread that makes the call. One caller at a time; a task does not call `run` of this pool.
  /// Errors: the first exception that a task throws; tasks not yet begun are then left out.
  template <class Task>
  void run(Index count, Task const& task) {
    if (workers_.empty() || count <= 1) {
      for (Index i = 0; i < count; ++i) task(i, 0);
      return;
    }
    using Plain = std::remove_reference_t<Task>;
    task_ = std::addressof(task);
    call_ = [](void const* object, Index i, int worker) { (*static_cast<Plain const*>(object))(i, worker); };
    count_ = count;
    next_.store(0, std::memory_order_relaxed);
    gate_.store(0, std::memory_order_release);
    round_.fetch_add(1, std::memory_order_release);
    round_.notify_all();
    take_tasks(0);
    // No task is left to take: a worker that has not come in yet need not be waited for.
    for (int gate = gate_.fetch_or(shut, std::memory_order_acq_rel) | shut; gate != shut;
         gate = gate_.load(std::memory_order_acquire)) {
      gate_.wait(gate, std::memory_order_acquire);
    }
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  }

 private:
  void work(int worker) {
    std::uint32_t seen = 0;
    while (true) {
      round_.wait(seen, std::memory_order_acquire);
      seen = round_.load(std::memory_order_acquire);
      if (stop_) return;
      if (!enter()) continue;
      take_tasks(worker);
      if (gate_.fetch_sub(1, std::memory_order_acq_rel) == (shut | 1)) gate_.notify_one();
    }
  }

  /// Whether a round is under way, which then does not end before the worker has left.
  bool enter() {
    int gate = gate_.load(std::memory_order_relaxed);
    while (!(gate & shut)) {
      if (gate_.compare_exchange_weak(gate, gate + 1, std::memory_order_acq_rel, std::memory_order_relaxed))
        return true;
    }
    return false;
  }

  void take_tasks(int worker) {
    for (Index i = next_.fetch_add(1, std::memory_order_relaxed); i < count_;
         i = next_.fetch_add(1, std::memory_order_relaxed)) {
      try {
        call_(task_, i, worker);
      } catch (...) {
        const std::lock_guard lock(failure_mutex_);
        if (!failure_) failure_ = std::current_exception();
        next_.store(count_, std::memory_order_relaxed);
      }
    }
  }

  std::vector<std::thread> workers_;
  std::atomic<std::uint32_t> round_ = 0;  // a new value wakes the workers
  static constexpr int shut = 1 << 16;    // more than there can be workers
  std::atomic<int> gate_ = shut;          // workers at the tasks of this round; and whether it is over
  std::atomic<Index> next_ = 0;           // the next task that nobody has taken
  Index count_ = 0;
  void const* task_ = nullptr;
  void (*call_)(void const*, Index, int) = nullptr;
  std::mutex failure_mutex_;
  std::exception_ptr failure_;
  std::atomic<bool> stop_ = false;
};

}  // namespace cayley
