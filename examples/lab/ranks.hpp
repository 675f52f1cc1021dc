/// The processes that mpirun starts one run in.
#pragma once

#include <string>

#include "train_on.hpp"

namespace lab {

/// From construction to the end of the scope this process is one of several, where mpirun has started it as such.
class Ranks {
 public:
  /// Errors: `cayley::Error` when there are several and the program was built without MPI.
  Ranks();
  Ranks(Ranks const&) = delete;
  Ranks& operator=(Ranks const&) = delete;
  ~Ranks();

  static int rank();   ///< 0 where there is one process
  static int count();  ///< 1 where there is one process

  /// Says on rank 0 what went wrong, and ends every process with exit code 1.
  [[noreturn]] static void give_up(std::string const& message);
};

/// How many processes mpirun or srun has started with this one, as their environment says.
int ranks_started();

/// `Cpu` in several processes; only where the program was built with MPI.
LabBackend mpi_backend();

}  // namespace lab
