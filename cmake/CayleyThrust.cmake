# Defines cayley::thrust, where Thrust's headers are found: cayley::cayley, and what the backends Thrust<Cpp>, Thrust<Omp>
# and Thrust<Tbb> need. The library asks for the last two only where a program includes their headers.
#   CAYLEY_THRUST_INCLUDE_DIR   the folder that holds thrust/, of Debian's libthrust-dev or a CUDA toolkit's include/cccl
#   CAYLEY_THRUST_SYSTEMS       set here: which of cpp, omp and tbb can be used
find_path(CAYLEY_THRUST_INCLUDE_DIR thrust/for_each.h DOC "Folder that holds thrust/")
set(CAYLEY_THRUST_SYSTEMS "")
if(CAYLEY_THRUST_INCLUDE_DIR AND NOT TARGET cayley::thrust)
  set(CAYLEY_THRUST_SYSTEMS cpp)
  add_library(cayley::thrust INTERFACE IMPORTED GLOBAL)
  target_link_libraries(cayley::thrust INTERFACE cayley::cayley)
  target_include_directories(cayley::thrust SYSTEM INTERFACE ${CAYLEY_THRUST_INCLUDE_DIR})
  find_package(OpenMP QUIET COMPONENTS CXX)
  if(OpenMP_CXX_FOUND)
    list(APPEND CAYLEY_THRUST_SYSTEMS omp)
    target_link_libraries(cayley::thrust INTERFACE OpenMP::OpenMP_CXX)
    # The library divides its own work; Eigen would start threads within it.
    target_compile_definitions(cayley::thrust INTERFACE EIGEN_DONT_PARALLELIZE)
  endif()
  find_package(TBB QUIET CONFIG)
  if(TBB_FOUND)
    list(APPEND CAYLEY_THRUST_SYSTEMS tbb)
    target_link_libraries(cayley::thrust INTERFACE TBB::tbb)
  endif()
endif()
