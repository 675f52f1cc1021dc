/// A lock between processes, held by an open file.
#pragma once

#include <fcntl.h>
#include <sys/file.h>

#include <cayley/core/error.hpp>
#include <cayley/io/atomic_file.hpp>
#include <cerrno>
#include <filesystem>
#include <type_traits>

namespace cayley {

/// A file is locked by someone else.
class InUse : public Error {
 public:
  using Error::Error;
};

/// Holds the file `path` for itself, from construction to the end of the scope; the file is created where there is
/// none, stays behind and is never written. The kernel frees the lock when the process ends, however it ends. A child
/// made by fork() shares the lock until it ends too or starts another program.
class FileLock {
 public:
  /// Does not wait.
  /// Errors: `InUse` naming the file when another process or another `FileLock` holds it; `Error` when it cannot be
  ///         opened.
  explicit FileLock(std::filesystem::path const& path)
      : file_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)) {
    if (file_.number() < 0) detail::fail_with_reason(path, "cannot open", errno);
    while (::flock(file_.number(), LOCK_EX | LOCK_NB) != 0) {
      if (errno == EWOULDBLOCK) throw InUse(path.string() + ": is in use by another process");
      if (errno != EINTR) detail::fail_with_reason(path, "cannot lock", errno);
    }
  }

 private:
  detail::Descriptor file_;
};

static_assert(std::is_nothrow_move_constructible_v<FileLock> && std::is_nothrow_move_assignable_v<FileLock>);
static_assert(!std::is_copy_constructible_v<FileLock>);

}  // namespace cayley
