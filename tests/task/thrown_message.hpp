/// The messages of errors, for tests of what they say.
#pragma once

#include <cayley/core/error.hpp>
#include <string>

namespace cayley::testing {

/// What the `Error` says that `f()` throws; "no error" when it throws none.
template <class F>
std::string thrown_message(F const& f) {
  try {
    f();
  } catch (Error const& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace cayley::testing
