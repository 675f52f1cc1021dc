# Defines cayley::mpi, where MPI is found: cayley::cayley with what the backend MpiCpu needs.
find_package(MPI QUIET COMPONENTS CXX)
if(MPI_CXX_FOUND AND NOT TARGET cayley::mpi)
  add_library(cayley::mpi INTERFACE IMPORTED GLOBAL)
  target_link_libraries(cayley::mpi INTERFACE cayley::cayley MPI::MPI_CXX)
  # The old C++ bindings of MPI are not used, and do not compile without warnings.
  target_compile_definitions(cayley::mpi INTERFACE OMPI_SKIP_MPICXX MPICH_SKIP_MPICXX)
endif()
