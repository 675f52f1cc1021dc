#include <boost/test/unit_test.hpp>
#include <cayley/core/lanes.hpp>
#include <type_traits>

BOOST_AUTO_TEST_SUITE(lanes_test)

namespace {

using namespace cayley;

BOOST_AUTO_TEST_CASE(parts_follow_each_other_and_cover_the_range) {
  for (const Index size : {0, 1, 2, 15, 16, 17, 255, 1000}) {
    for (const Index parts : {1, 2, 3, 7, 16}) {
      Index next = 0;
      for (Index i = 0; i < parts; ++i) {
        const Part part = part_of(size, parts, i);
        BOOST_TEST(part.first == next);
        BOOST_TEST(part.count >= size / parts);
        BOOST_TEST(part.count <= (size + parts - 1) / parts);
        BOOST_TEST((i == 0 || part.count <= part_of(size, parts, i - 1).count));
        next += part.count;
      }
      BOOST_TEST(next == size);
    }
  }
  BOOST_TEST((part_of(10, 4, 0) == Part{0, 3}));
  BOOST_TEST((part_of(10, 4, 1) == Part{3, 3}));
  BOOST_TEST((part_of(10, 4, 2) == Part{6, 2}));
  BOOST_TEST((part_of(10, 4, 3) == Part{8, 2}));
}

BOOST_AUTO_TEST_CASE(parts_of_a_size_follow_each_other_and_cover_the_range) {
  for (const Index size : {0, 1, 2, 15, 16, 17, 255, 1000}) {
    for (const Index part_size : {1, 2, 7, 16, 2000}) {
      const Index parts = number_of_parts(size, part_size);
      Index next = 0;
      for (Index i = 0; i < parts; ++i) {
        const Part part = part_of_size(size, part_size, i);
        BOOST_TEST(part.first == next);
        BOOST_TEST(part.count >= 1);
        BOOST_TEST((i + 1 == parts ? part.count <= part_size : part.count == part_size));
        next += part.count;
      }
      BOOST_TEST(next == size);
    }
  }
  BOOST_TEST(number_of_parts(0, 4) == 0);
  BOOST_TEST(number_of_parts(8, 4) == 2);
  BOOST_TEST(number_of_parts(10, 4) == 3);
  BOOST_TEST((part_of_size(10, 4, 0) == Part{0, 4}));
  BOOST_TEST((part_of_size(10, 4, 2) == Part{8, 2}));
}

// min(16, ceil(rows / 256)), and a lane even where there is nothing to add.
static_assert(std::is_same_v<decltype(lane_count(1)), Index>);
BOOST_AUTO_TEST_CASE(a_lane_has_256_rows_until_there_are_16) {
  BOOST_TEST(lane_count(0) == 1);
  BOOST_TEST(lane_count(1) == 1);
  BOOST_TEST(lane_count(256) == 1);
  BOOST_TEST(lane_count(257) == 2);
  BOOST_TEST(lane_count(3600) == 15);
  BOOST_TEST(lane_count(15 * 256) == 15);
  BOOST_TEST(lane_count(15 * 256 + 1) == 16);
  BOOST_TEST(lane_count(518400) == 16);
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
