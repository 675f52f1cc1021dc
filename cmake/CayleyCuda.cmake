# Defines cayley::cuda: cayley::cayley with what the backend Thrust<Cuda> needs. Where it is used, CUDA is enabled as a
# language, and nvcc compiles for C++20. Every translation unit of a program that links it must do so, as it turns
# Eigen's own CUDA support off, which would turn off its vector instructions on the host.
find_package(CUDAToolkit 12 REQUIRED)
if(NOT CMAKE_CUDA20_STANDARD_COMPILE_OPTION)  # CMake before 3.26 does not know that nvcc has it
  set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION "-std=c++20")
  set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION "-std=c++20")
endif()
set(CMAKE_CUDA_STANDARD 20)
set(CMAKE_CUDA_STANDARD_REQUIRED ON)
if(NOT TARGET cayley::cuda)
  add_library(cayley::cuda INTERFACE IMPORTED GLOBAL)
  target_link_libraries(cayley::cuda INTERFACE cayley::cayley CUDA::cudart CUDA::cublas)
  target_compile_definitions(cayley::cuda INTERFACE EIGEN_NO_CUDA)
endif()
