#include <cayley/io/file_lock.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <filesystem>
#include <optional>
#include <utility>

#include "io/scratch_folder.hpp"

BOOST_AUTO_TEST_SUITE(file_lock_test)

namespace {

using cayley::Error;
using cayley::FileLock;

bool is_free(std::filesystem::path const& path) {
  try {
    const FileLock lock(path);
    return true;
  } catch (Error const&) {
    return false;
  }
}

BOOST_AUTO_TEST_CASE(one_at_a_time_holds_a_lock) {
  const ScratchFolder folder;
  {
    const FileLock lock(folder / ".lock");
    BOOST_CHECK_EXCEPTION(FileLock(folder / ".lock"), Error,
                          says({(folder / ".lock").string(), "is in use by another process"}));
    BOOST_TEST(is_free(folder / "other.lock"));
  }
  BOOST_TEST(is_free(folder / ".lock"));
  BOOST_TEST(is_free(folder / ".lock"));
}

BOOST_AUTO_TEST_CASE(a_lock_moves) {
  const ScratchFolder folder;
  std::optional<FileLock> first(folder / "a");
  FileLock second(std::move(*first));
  first.reset();
  BOOST_TEST(!is_free(folder / "a"));
  FileLock third(folder / "b");
  third = std::move(second);
  BOOST_TEST(!is_free(folder / "a"));
  BOOST_TEST(is_free(folder / "b"));
}

BOOST_AUTO_TEST_CASE(a_lock_dies_with_its_process) {
  const ScratchFolder folder;
  std::array<int, 2> pipe{};
  BOOST_TEST_REQUIRE(::pipe(pipe.data()) == 0);
  const pid_t child = ::fork();
  BOOST_TEST_REQUIRE(child >= 0);
  if (child == 0) {
    try {
      const FileLock lock(folder / ".lock");
      if (::write(pipe[1], "x", 1) == 1) ::pause();
    } catch (Error const&) {
    }
    ::_exit(1);
  }
  ::close(pipe[1]);
  char byte = 0;
  BOOST_TEST(::read(pipe[0], &byte, 1) == 1);
  ::close(pipe[0]);
  BOOST_TEST(!is_free(folder / ".lock"));
  ::kill(child, SIGKILL);
  BOOST_TEST(::waitpid(child, nullptr, 0) == child);
  BOOST_TEST(is_free(folder / ".lock"));
}

BOOST_AUTO_TEST_CASE(another_program_does_not_inherit_a_lock) {
  const ScratchFolder folder;
  pid_t child = -1;
  std::array<int, 2> pipe{};
  BOOST_TEST_REQUIRE(::pipe(pipe.data()) == 0);
  {
    const FileLock lock(folder / ".lock");
    child = ::fork();
    BOOST_TEST_REQUIRE(child >= 0);
    if (child == 0) {
      ::dup2(pipe[1], STDOUT_FILENO);
      ::close(pipe[0]);
      ::close(pipe[1]);
      ::execl("/bin/sh", "sh", "-c", "echo x; exec sleep 60", static_cast<char*>(nullptr));
      ::_exit(1);
    }
    ::close(pipe[1]);
    char byte = 0;
    BOOST_TEST(::read(pipe[0], &byte, 1) == 1);
    ::close(pipe[0]);
  }
  BOOST_TEST(is_free(folder / ".lock"));
  ::kill(child, SIGKILL);
  BOOST_TEST(::waitpid(child, nullptr, 0) == child);
}

BOOST_AUTO_TEST_CASE(errors_name_the_file_and_the_reason) {
  const ScratchFolder folder;
  BOOST_CHECK_EXCEPTION(FileLock(folder / "absent" / ".lock"), Error,
                        says({"absent/.lock", "No such file or directory"}));
  BOOST_CHECK_EXCEPTION(FileLock(folder.path()), Error, says({folder.path().string(), "Is a directory"}));
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
