/// Ranks that are threads of one process: what several processes do, where there is no MPI.
#pragma once

#include <barrier>
#include <cayley/backend/concept.hpp>
#include <cayley/backend/cpu.hpp>
#include <cstddef>
#include <exception>
#include <memory>
#include <span>
#include <thread>
#include <vector>

namespace cayley::testing {

/// A `Cpu` that is one of several.
class ThreadRank : public Cpu {
 public:
  struct Link {
    explicit Link(int ranks) : places(static_cast<std::size_t>(ranks)), barrier(ranks) {}
    std::vector<std::byte*> places;  // of the memory that each rank shows the others
    std::barrier<> barrier;
  };

  ThreadRank(int rank, std::shared_ptr<Link> link) : rank_(rank), link_(std::move(link)) {}

  int rank() const { return rank_; }
  int ranks() const { return static_cast<int>(link_->places.size()); }

  void broadcast(std::span<std::byte> bytes) const {
    show(bytes);
    if (rank_ != 0) std::copy_n(link_->places[0], bytes.size(), bytes.data());
    link_->barrier.arrive_and_wait();
  }

  void gather(std::span<std::byte> bytes, std::span<Index const> begins) const {
    show(bytes);
    for (std::size_t r = 0; r < link_->places.size(); ++r) {
      if (static_cast<int>(r) == rank_) continue;
      std::copy(link_->places[r] + begins[r], link_->places[r] + begins[r + 1], bytes.data() + begins[r]);
    }
    link_->barrier.arrive_and_wait();
  }

 private:
  void show(std::span<std::byte> bytes) const {
    link_->places[static_cast<std::size_t>(rank_)] = bytes.data();
    link_->barrier.arrive_and_wait();
  }

  int rank_;
  std::shared_ptr<Link> link_;
};

static_assert(Backend<ThreadRank, float> && HasRanks<ThreadRank>);

/// Calls f(backend) in `ranks` threads at once, each one rank; returns what each threw.
template <class F>
std::vector<std::exception_ptr> in_ranks(int ranks, F const& f) {
  const auto link = std::make_shared<ThreadRank::Link>(ranks);
  std::vector<std::exception_ptr> trouble(static_cast<std::size_t>(ranks));
  std::vector<std::thread> threads;
  for (int r = 0; r < ranks; ++r) {
    threads.emplace_back([&, r] {
      try {
        f(ThreadRank(r, link));
      } catch (...) {
        trouble[static_cast<std::size_t>(r)] = std::current_exception();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return trouble;
}

}  // namespace cayley::testing
