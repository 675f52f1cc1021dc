/// The backend of several processes. Needs MPI: link cayley::mpi.
#pragma once

#include <cayley/backend/mpi_cpu.hpp>
