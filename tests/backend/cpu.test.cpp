#include <atomic>
#include <boost/test/unit_test.hpp>
#include <cayley/backend/cpu.hpp>
#include <chrono>
#include <conformance/backend_conformance.hpp>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

BOOST_AUTO_TEST_SUITE(cpu_test)

namespace {

using namespace cayley;

using Scalars = std::tuple<float, double>;

BOOST_AUTO_TEST_CASE_TEMPLATE(cpu_conforms, Scalar, Scalars) {
  cayley::testing::check_backend<Cpu, Scalar>(Cpu{});
  cayley::testing::check_backend<Cpu, Scalar>(Cpu(3));
}

BOOST_AUTO_TEST_CASE(buffers_can_be_edited_in_place) {
  const Cpu cpu;
  Cpu::Buffer<float> buffer(3);
  cpu.host_view(buffer)[1] = 5;
  BOOST_TEST(buffer.data()[1] == 5);
  BOOST_TEST(cpu.host_view(buffer).data() == buffer.data());
  BOOST_TEST(cpu.host_view(buffer).size() == 3);
}

BOOST_AUTO_TEST_CASE(buffers_are_aligned_for_vector_instructions) {
  for (Index size = 1; size < 20; ++size) {
    Cpu::Buffer<float> buffer(size);
    BOOST_TEST(reinterpret_cast<std::uintptr_t>(buffer.data()) % EIGEN_DEFAULT_ALIGN_BYTES == 0);
  }
}

BOOST_AUTO_TEST_CASE(copy_errors_give_both_sizes) {
  const volatile Index size = 3;  // g++ 12 warns of the copy that does not happen where it knows the size
  Cpu::Buffer<float> buffer(size);
  std::vector<float> host(4);
  BOOST_CHECK_EXCEPTION(Cpu{}.upload(std::span(host), buffer), Error, [](Error const& error) {
    return std::string(error.what()) == "Cpu: copy between 4 host values and a buffer of 3";
  });
}

BOOST_AUTO_TEST_CASE(a_chunk_of_rows_fits_in_the_cache) {
  BOOST_TEST(Cpu::preferred_rows(1024) == 256);
  BOOST_TEST(Cpu::preferred_rows(1) == 4096);
  BOOST_TEST(Cpu::preferred_rows(Index{1} << 30) == 32);
}

BOOST_AUTO_TEST_CASE(a_cpu_has_the_threads_that_it_was_given) {
  BOOST_TEST(Cpu{}.threads() == 1);
  BOOST_TEST(Cpu(1).threads() == 1);
  const Cpu four(4);
  const Cpu copy = four;
  BOOST_TEST(copy.threads() == 4);
  BOOST_TEST(task_workers(copy) == 4);
  BOOST_CHECK_THROW(Cpu(0), Error);
  BOOST_CHECK_THROW(Cpu(1025), Error);
}

BOOST_AUTO_TEST_CASE(copies_share_their_threads) {
  std::vector<int> calls(10);
  Cpu copy(2);
  {
    const Cpu original = copy;
    original.run_tasks(10, [&](Index i, int) { ++calls[static_cast<std::size_t>(i)]; });
  }
  copy.run_tasks(10, [&](Index i, int) { ++calls[static_cast<std::size_t>(i)]; });
  BOOST_TEST(calls == std::vector<int>(10, 2), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(exceptions_of_tasks_pass_through) {
  for (const Cpu& cpu : {Cpu{}, Cpu(1), Cpu(3)}) {
    std::atomic<int> calls = 0;
    const auto task = [&](Index i, int) {
      ++calls;
      if (i == 2) throw std::out_of_range("task 2");
      if (i > 2) std::this_thread::sleep_for(std::chrono::milliseconds(1));  // or the others take all before it throws
    };
    BOOST_CHECK_EXCEPTION(cpu.run_tasks(10000, task), std::out_of_range,
                          [](std::exception const& error) { return std::string(error.what()) == "task 2"; });
    BOOST_TEST(calls < 10000);
    cpu.run_tasks(5, [&](Index, int) { calls = 0; });
    BOOST_TEST(calls == 0);
  }
}

// What a chunk of rows of a batch does, on several threads: operations of the backend within a task.
BOOST_AUTO_TEST_CASE(tasks_may_call_the_other_operations) {
  const Cpu cpu(3);
  const Index n = 12;
  const Matrix<double> a = Matrix<double>::Random(n, n), b = Matrix<double>::Random(n, n);
  std::vector<Matrix<double>> products(20, Matrix<double>(n, n));
  cpu.run_tasks(20, [&](Index i, int) {
    auto& c = products[static_cast<std::size_t>(i)];
    cpu.for_each(c.size(), Fill<double>{c.data(), 1.0});
    cpu.matrix_product(matrix_view(a.data(), n, n), matrix_view(b.data(), n, n), matrix_view(c.data(), n, n), 1, 1);
  });
  const Matrix<double> expected = a * b + Matrix<double>::Ones(n, n);
  for (auto const& c : products) {
    BOOST_TEST((c == products[0]));
    BOOST_TEST((c - expected).cwiseAbs().maxCoeff() < 1e-13);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
