#include <boost/test/unit_test.hpp>
#include <cayley/backend/cpu.hpp>
#include <conformance/backend_conformance.hpp>
#include <cstdint>
#include <tuple>
#include <type_traits>

namespace {

using namespace cayley;

using Scalars = std::tuple<float, double>;

static_assert(std::is_empty_v<Cpu>);

BOOST_AUTO_TEST_CASE_TEMPLATE(cpu_conforms, Scalar, Scalars) {
  cayley::testing::check_backend<Cpu, Scalar>(Cpu{});
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
  Cpu::Buffer<float> buffer(3);
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

}  // namespace
