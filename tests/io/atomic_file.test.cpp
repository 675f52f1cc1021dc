#include <sys/resource.h>

#include <boost/test/unit_test.hpp>
#include <cayley/io/atomic_file.hpp>
#include <csignal>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "io/scratch_folder.hpp"

BOOST_AUTO_TEST_SUITE(atomic_file_test)

namespace {

using cayley::Error;
using cayley::read_file;
using cayley::write_file_atomically;

BOOST_AUTO_TEST_CASE(bytes_come_back_as_written) {
  const ScratchFolder folder;
  std::string bytes(300'000, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 7);
  for (std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{65'536}, bytes.size()}) {
    write_file_atomically(folder / "data.bin", bytes.substr(0, size));
    BOOST_TEST((read_file(folder / "data.bin") == bytes.substr(0, size)));
  }
  BOOST_TEST(folder.entry_count() == 1U);
}

BOOST_AUTO_TEST_CASE(a_name_without_folder_is_in_the_current_one) {
  const ScratchFolder folder;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  write_file_atomically("plain.txt", "here");
  const std::string found = read_file("plain.txt");
  std::filesystem::current_path(before);
  BOOST_TEST(found == "here");
}

BOOST_AUTO_TEST_CASE(the_longest_legal_name_can_be_written) {
  const ScratchFolder folder;
  const std::string name(255, 'x');
  write_file_atomically(folder / name, "long");
  BOOST_TEST(read_file(folder / name) == "long");
}

BOOST_AUTO_TEST_CASE(new_files_have_the_permissions_that_the_user_set) {
  const ScratchFolder folder;
  const mode_t before = ::umask(027);
  write_file_atomically(folder / "shared.txt", "text");
  ::umask(before);
  using std::filesystem::perms;
  const perms found = std::filesystem::status(folder / "shared.txt").permissions();
  BOOST_TEST((found == (perms::owner_read | perms::owner_write | perms::group_read)));
}

BOOST_AUTO_TEST_CASE(a_failed_write_leaves_the_old_file_and_no_temporary) {
  const ScratchFolder folder;
  write_file_atomically(folder / "weights.bin", "old");
  rlimit before{};
  BOOST_TEST_REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  const rlimit small{4096, before.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ::setrlimit(RLIMIT_FSIZE, &small);
  std::string message;
  try {
    write_file_atomically(folder / "weights.bin", std::string(100'000, 'x'));
  } catch (Error const& error) {
    message = error.what();
  }
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  BOOST_TEST(says({"weights.bin", "cannot write", "File too large"})(Error(message)));
  BOOST_TEST(read_file(folder / "weights.bin") == "old");
  BOOST_TEST(folder.entry_count() == 1U);
}

BOOST_AUTO_TEST_CASE(errors_name_the_file_and_the_reason) {
  const ScratchFolder folder;
  std::filesystem::create_directory(folder / "inner");
  BOOST_CHECK_EXCEPTION(read_file(folder / "none.txt"), Error, says({"none.txt", "No such file or directory"}));
  BOOST_CHECK_EXCEPTION(read_file(folder / "inner"), Error, says({"inner", "Is a directory"}));
  BOOST_CHECK_EXCEPTION(write_file_atomically(folder / "absent" / "x.txt", "text"), Error,
                        says({"absent/x.txt", "No such file or directory"}));
  BOOST_CHECK_EXCEPTION(write_file_atomically(folder / "inner", "text"), Error, says({"inner", "Is a directory"}));
  BOOST_CHECK_EXCEPTION(write_file_atomically(folder / "inner/", "text"), Error, says({"inner/", "no file name"}));
  BOOST_CHECK_EXCEPTION(write_file_atomically("", "text"), Error, says({"no file name"}));
  BOOST_TEST(folder.entry_count() == 1U);
}

BOOST_AUTO_TEST_CASE(unreadable_files_are_refused) {
  if (::geteuid() == 0) {
    BOOST_TEST_MESSAGE("skipped: the superuser can read every file");
    return;
  }
  const ScratchFolder folder;
  write_file_atomically(folder / "secret.txt", "text");
  std::filesystem::permissions(folder / "secret.txt", std::filesystem::perms::none);
  BOOST_CHECK_EXCEPTION(read_file(folder / "secret.txt"), Error, says({"secret.txt", "Permission denied"}));
}

BOOST_AUTO_TEST_CASE(readers_see_a_whole_file_while_others_write) {
  const ScratchFolder folder;
  write_file_atomically(folder / "log.txt", std::string(10'000, 'a'));
  std::vector<std::thread> writers;
  for (char letter : {'b', 'c'}) {
    writers.emplace_back([&folder, letter] {
      for (int i = 0; i < 20; ++i) write_file_atomically(folder / "log.txt", std::string(10'000, letter));
    });
  }
  bool whole = true;
  for (int i = 0; i < 200; ++i) {
    const std::string text = read_file(folder / "log.txt");
    whole = whole && text == std::string(10'000, text.empty() ? '?' : text[0]);
  }
  for (auto& writer : writers) writer.join();
  BOOST_TEST(whole);
  BOOST_TEST(folder.entry_count() == 1U);
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
