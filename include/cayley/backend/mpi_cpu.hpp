/// The backend `MpiCpu`: `Cpu` in several processes that train one network together. Needs MPI, the target cayley::mpi.
#pragma once

#include <mpi.h>

#include <algorithm>
#include <cayley/backend/concept.hpp>
#include <cayley/backend/cpu.hpp>
#include <cayley/core/matrix.hpp>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

namespace cayley {

/// MPI, from construction to the end of the scope; calls come from the thread that made it.
class MpiSession {
 public:
  MpiSession() {
    int provided = 0;
    MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided);
  }
  MpiSession(MpiSession const&) = delete;
  MpiSession& operator=(MpiSession const&) = delete;
  ~MpiSession() { MPI_Finalize(); }
};

/// A process of several, the ranks of MPI_COMM_WORLD. Each holds the whole network and the whole batch; the lanes of the
/// sums over a batch are divided between them, gathered, and added in the order of the lanes by all. So any number of
/// ranks and threads gives the same bits as `Cpu` on one, on machines of one type.
/// Errors: MPI ends the program when a process is lost.
class MpiCpu : public Cpu {
 public:
  /// Needs an `MpiSession`.
  MpiCpu() { find_place(); }
  /// Errors: `Error` unless 1 <= threads <= 1024.
  explicit MpiCpu(int threads) : Cpu(threads) { find_place(); }

  int rank() const { return rank_; }
  int ranks() const { return ranks_; }

  /// The bytes of rank 0 become those of all.
  void broadcast(std::span<std::byte> bytes, int root = 0) const {
    constexpr std::size_t most = std::size_t{1} << 30;  // MPI counts in int
    for (std::size_t first = 0; first < bytes.size(); first += most) {
      const auto count = static_cast<int>(std::min(most, bytes.size() - first));
      MPI_Bcast(bytes.data() + first, count, MPI_BYTE, root, MPI_COMM_WORLD);
    }
  }

  /// Bytes begins[r] .. begins[r + 1] of rank r become those of all.
  void gather(std::span<std::byte> bytes, std::span<Index const> begins) const {
    if (bytes.size() <= static_cast<std::size_t>(std::numeric_limits<int>::max())) {
      std::vector<int> counts, places;
      for (int r = 0; r < ranks_; ++r) {
        const auto i = static_cast<std::size_t>(r);
        places.push_back(static_cast<int>(begins[i]));
        counts.push_back(static_cast<int>(begins[i + 1] - begins[i]));
      }
      MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, bytes.data(), counts.data(), places.data(), MPI_BYTE,
                     MPI_COMM_WORLD);
      return;
    }
    for (int r = 0; r < ranks_; ++r) {
      const auto first = static_cast<std::size_t>(begins[static_cast<std::size_t>(r)]);
      const auto last = static_cast<std::size_t>(begins[static_cast<std::size_t>(r) + 1]);
      broadcast(bytes.subspan(first, last - first), r);
    }
  }

 private:
  void find_place() {
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks_);
  }

  int rank_ = 0;
  int ranks_ = 1;
};

static_assert(Backend<MpiCpu, float> && HasTasks<MpiCpu> && HasRanks<MpiCpu>);

}  // namespace cayley
