#include <cayley/backend/thrust.hpp>
#include <cayley/backend/thrust_cpp.hpp>

#include <boost/test/unit_test.hpp>
#include <cayley/backend/primitives.hpp>
#include <string>
#include <utility>
#include <vector>

BOOST_AUTO_TEST_SUITE(thrust_test)

namespace {

using namespace cayley;
using B = Thrust<Cpp>;

static_assert(ThrustHostSystem<Cpp>);
struct WithoutPolicy : Cpp {
  void policy() = delete;
};
struct WithoutThreads : Cpp {
  using Threads = int;
};
static_assert(!ThrustHostSystem<WithoutPolicy> && !ThrustHostSystem<WithoutThreads> && !ThrustHostSystem<int>);
// As on a GPU: nothing reads a buffer's values in place, and nothing runs but launches.
static_assert(!HasHostView<B, float> && !HasTasks<B> && JoinsRows<B> && CountsWork<B>);

BOOST_AUTO_TEST_CASE(work_is_counted) {
  const B backend;
  auto before = B::counts();
  const auto since = [&] {
    const auto now = B::counts(), counts = now - before;
    before = now;
    return counts;
  };
  B::Buffer<float> buffer(4), none(0), copy = buffer;
  BOOST_TEST((since() == BackendCounts{0, 2, 0}));
  B::Buffer<float> moved = std::move(copy);
  BOOST_TEST((since() == BackendCounts{}));
  moved = buffer;
  BOOST_TEST((since() == BackendCounts{0, 1, 0}));
  std::vector<float> host(4, 1.f);
  backend.upload(std::span<float const>(host), buffer);
  backend.download(buffer, std::span(host));
  BOOST_TEST((since() == BackendCounts{0, 0, 2}));

  backend.for_each(4, Fill<float>{buffer.data(), 2});
  backend.for_each(0, Fill<float>{buffer.data(), 2});
  backend.for_each_row(2, AddBias<float>{buffer.data(), 2, moved.data(), 2});
  for_each_row_of(backend, RowsOf{1, AddBias<float>{buffer.data(), 2, moved.data(), 2}},
                  RowsOf{1, AddBias<float>{buffer.data() + 2, 2, moved.data(), 2}});
  BOOST_TEST((since() == BackendCounts{3, 0, 0}));
  const auto square = matrix_view(std::as_const(buffer).data(), 2, 2);
  batched_product<float>(backend, square, square, stacked(matrix_view(moved.data(), 2, 2), 1), 1, 0);
  BOOST_TEST((since() == BackendCounts{1, 0, 0}));
}

BOOST_AUTO_TEST_CASE(chunks_are_as_large_as_the_budget_allows) {
  BOOST_TEST(B(ThrustOptions{0, 4096}).preferred_rows(100) == 40);
  BOOST_TEST(B(ThrustOptions{0, 4096}).preferred_rows(5000) == 1);
  BOOST_TEST(B(ThrustOptions{0, 4096}).memory_budget() == 4096);
  BOOST_TEST(B().memory_budget() > 0);
  BOOST_CHECK_EXCEPTION(B(ThrustOptions{0, -1}), Error, [](Error const& error) {
    return std::string(error.what()) == "thrust-cpp: memory_budget: expected at least 0 bytes, found -1";
  });
}

BOOST_AUTO_TEST_CASE(copy_errors_give_both_sizes) {
  B::Buffer<double> buffer(3);
  const std::vector<double> host(2);
  BOOST_CHECK_EXCEPTION(B{}.upload(std::span(host), buffer), Error, [](Error const& error) {
    return std::string(error.what()) == "thrust-cpp: copy between 2 host values and a buffer of 3";
  });
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
