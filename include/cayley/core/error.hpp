/// The one exception type of the library.
#pragma once

#include <sstream>
#include <stdexcept>
#include <string>

namespace cayley {

/// Run-time misuse: the message names the file, tensor or key, what was expected and what was found.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Throws `Error` with the streamed parts as its message.
template <class... Parts>
[[noreturn]] void fail(Parts const&... parts) {
  std::ostringstream message;
  (message << ... << parts);
  throw Error(message.str());
}

/// Throws `Error` with the streamed parts unless `condition` holds.
template <class... Parts>
void require(bool condition, Parts const&... parts) {
  if (!condition) fail(parts...);
}

}  // namespace cayley
