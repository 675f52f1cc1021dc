/// Thrust's backends of the host, as many as the compiler's flags and the installed libraries allow; the target thrust in
/// CMake.
#pragma once

#include <cayley/backend/thrust.hpp>
#include <cayley/backend/thrust_cpp.hpp>
#ifdef _OPENMP
#include <cayley/backend/thrust_omp.hpp>
#endif
#if __has_include(<tbb/task_arena.h>)
#include <cayley/backend/thrust_tbb.hpp>
#endif
