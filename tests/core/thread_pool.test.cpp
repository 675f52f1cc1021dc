#include <atomic>
#include <boost/test/unit_test.hpp>
#include <cayley/core/thread_pool.hpp>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

BOOST_AUTO_TEST_SUITE(thread_pool_test)

namespace {

using namespace cayley;

static_assert(!std::is_copy_constructible_v<ThreadPool> && !std::is_move_constructible_v<ThreadPool>);

BOOST_AUTO_TEST_CASE(every_task_runs_once_on_a_worker_of_the_pool) {
  for (const int threads : {1, 2, 3, 8}) {
    ThreadPool pool(threads);
    BOOST_TEST(pool.threads() == threads);
    for (const Index count : {0, 1, 2, 7, 1000}) {
      std::vector<int> calls(static_cast<std::size_t>(count));
      // Not atomic: no two calls at once have the same worker.
      std::vector<Index> of_worker(static_cast<std::size_t>(threads));
      pool.run(count, [&](Index i, int worker) {
        ++calls.at(static_cast<std::size_t>(i));
        ++of_worker.at(static_cast<std::size_t>(worker));
      });
      BOOST_TEST(calls == std::vector<int>(calls.size(), 1), boost::test_tools::per_element());
      Index sum = 0;
      for (Index calls_of_worker : of_worker) sum += calls_of_worker;
      BOOST_TEST(sum == count);
    }
  }
}

BOOST_AUTO_TEST_CASE(run_waits_for_all_tasks_round_after_round) {
  ThreadPool pool(3);
  std::vector<Index> values(5, 0);
  for (int round = 0; round < 2000; ++round) {
    pool.run(5, [&](Index i, int) { values[static_cast<std::size_t>(i)] += i; });
  }
  BOOST_TEST(values == (std::vector<Index>{0, 2000, 4000, 6000, 8000}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_worker_that_comes_late_runs_nothing_of_a_round_that_is_over) {
  ThreadPool pool(4);
  const int rounds = 20000;  // so short that most are over before a worker is awake
  std::vector<std::atomic<bool>> over(rounds);
  std::atomic<int> calls = 0, late = 0;
  for (int round = 0; round < rounds; ++round) {
    pool.run(2, [&calls, &late, &is_over = over[static_cast<std::size_t>(round)]](Index, int) {
      ++calls;
      if (is_over) ++late;
    });
    over[static_cast<std::size_t>(round)] = true;
  }
  BOOST_TEST(calls == 2 * rounds);
  BOOST_TEST(late == 0);
}

BOOST_AUTO_TEST_CASE(tasks_run_at_once) {
  ThreadPool pool(3);
  std::atomic<int> arrived = 0, met = 0;
  pool.run(3, [&](Index, int) {
    ++arrived;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (arrived < 3 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    if (arrived == 3) ++met;
  });
  BOOST_TEST(met == 3);
}

BOOST_AUTO_TEST_CASE(the_first_exception_reaches_the_caller_and_the_pool_lives_on) {
  for (const int threads : {1, 2, 8}) {
    ThreadPool pool(threads);
    std::atomic<int> calls = 0;
    const auto failing = [&](Index i, int) {
      ++calls;
      if (i == 3) throw std::runtime_error("task 3");
      if (i > 3) std::this_thread::sleep_for(std::chrono::milliseconds(1));  // or the others take all before it throws
    };
    BOOST_CHECK_EXCEPTION(pool.run(10000, failing), std::runtime_error,
                          [](std::exception const& error) { return std::string(error.what()) == "task 3"; });
    BOOST_TEST(calls < 10000);

    std::atomic<int> later = 0;
    pool.run(100, [&](Index, int) { ++later; });
    BOOST_TEST(later == 100);
  }
}

BOOST_AUTO_TEST_CASE(all_tasks_may_throw) {
  ThreadPool pool(4);
  for (int round = 0; round < 50; ++round) {
    BOOST_CHECK_THROW(pool.run(64, [](Index, int) { throw std::logic_error("every one"); }), std::logic_error);
  }
}

BOOST_AUTO_TEST_CASE(unused_pools_end) {
  for (int i = 0; i < 20; ++i) ThreadPool pool(4);
}

BOOST_AUTO_TEST_CASE(numbers_of_threads_out_of_range_are_refused) {
  const auto message = [](int threads) {
    try {
      ThreadPool pool(threads);
    } catch (Error const& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  BOOST_TEST(message(0) == "threads: expected 1 .. 1024, found 0");
  BOOST_TEST(message(-3) == "threads: expected 1 .. 1024, found -3");
  BOOST_TEST(message(1025) == "threads: expected 1 .. 1024, found 1025");
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
