// Run by mpirun, in several processes: see tests/CMakeLists.txt.
#include <cayley/backend/mpi_cpu.hpp>

#include <boost/test/unit_test.hpp>
#include <cayley/backend/ranks.hpp>
#include <cayley/core/random.hpp>
#include <cayley/group/symmetric.hpp>
#include <cayley/nn/initial_weights.hpp>
#include <cayley/nn/one_layer_mlp.hpp>
#include <cayley/task/group_composition.hpp>
#include <cayley/train/trainer.hpp>
#include <string>
#include <vector>

namespace {

struct Session {
  cayley::MpiSession session;
};

}  // namespace

BOOST_TEST_GLOBAL_FIXTURE(Session);

BOOST_AUTO_TEST_SUITE(mpi_cpu_test)

using namespace cayley;

BOOST_AUTO_TEST_CASE(there_are_several_ranks) {
  BOOST_TEST(MpiCpu().ranks() == 3);
  BOOST_TEST(MpiCpu().rank() >= 0);
  BOOST_TEST(MpiCpu().rank() < 3);
  BOOST_TEST(MpiCpu(2).threads() == 2);
}

BOOST_AUTO_TEST_CASE(what_the_root_has_becomes_everyones) {
  const MpiCpu backend;
  std::string text = is_root(backend) ? std::string(100'000, 'x') : "of another";
  share_from_root(backend, text);
  BOOST_TEST((text == std::string(100'000, 'x')));
  double value = backend.rank() + 0.5;
  share_from_root(backend, value);
  BOOST_TEST(value == 0.5);
  BOOST_CHECK_EXCEPTION(on_root(backend, [] { fail("the disk is full"); }), Error,
                        [](Error const& e) { return std::string(e.what()) == "the disk is full"; });
}

BOOST_AUTO_TEST_CASE(what_lanes_hold_becomes_everyones) {
  const MpiCpu backend;
  for (Index lanes : {2, 3, 7, 16}) {
    std::vector<float> values(static_cast<std::size_t>(5 * lanes), -1.0F);
    const Part mine = lanes_of_rank(backend, lanes);
    for (Index i = 5 * mine.first; i < 5 * (mine.first + mine.count); ++i) {
      values[static_cast<std::size_t>(i)] = static_cast<float>(i);
    }
    gather_lanes(backend, values.data(), lanes, [](Index lane) { return 5 * lane; });
    for (Index i = 0; i < 5 * lanes; ++i) BOOST_TEST(values[static_cast<std::size_t>(i)] == static_cast<float>(i));
  }
}

BOOST_AUTO_TEST_CASE(training_has_the_bits_of_one_process) {
  const Symmetric<4> g;
  const auto train = [&](auto const& backend) {
    using B = std::remove_cvref_t<decltype(backend)>;
    OneLayerMlp<B, float> model(backend, {g.order(), 16, 24, g.order()});
    TorchGenerator generator(1);
    draw_initial_weights(model, generator);
    const auto data = group_composition(g);
    Trainer<OneLayerMlp<B, float>> trainer(std::move(model), data, data.subset({}), {}, generator);
    for (int i = 0; i < 20; ++i) trainer.run_epoch();
    return trainer.state().weights;
  };
  BOOST_TEST((train(MpiCpu()) == train(Cpu())));
  BOOST_TEST((train(MpiCpu(2)) == train(Cpu())));
}

BOOST_AUTO_TEST_SUITE_END()
