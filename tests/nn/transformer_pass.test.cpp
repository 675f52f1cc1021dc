#include <cayley/nn/transformer_pass.hpp>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <io/scratch_folder.hpp>
#include <nn/toy_transformers.hpp>
#include <string>

BOOST_AUTO_TEST_SUITE(transformer_pass_test)

namespace {

using namespace cayley;
using namespace cayley::testing;
using Model = Transformer<Cpu, double>;
using HookSet = Hooks<Cpu, double>;

double loss_with(Model const& model, HookSet const& hooks) {
  return model.unfolded_loss_and_gradient(toy_sequences(), hooks).loss.mean();
}

}  // namespace

/// The gradient that a hook sees is the change of the loss when a number is added to the activation there.
BOOST_DATA_TEST_CASE(gradients_at_hook_points_are_those_of_the_loss, toy_shapes()) {
  const auto model = toy_transformer<double>(sample.shape);
  constexpr double h = 1e-5;
  for (std::string_view view : model.hook_names()) {
    const std::string name(view);
    if (name.ends_with("hook_attn_scores")) continue;  // minus infinity in places; see the pattern
    Matrix<double> gradient;
    HookSet gradient_hooks;
    gradient_hooks.add(name, [&](MatrixRef<double> values) { gradient = values; });
    model.unfolded_loss_and_gradient(toy_sequences(), {}, gradient_hooks);
    BOOST_TEST_REQUIRE(gradient.size() > 0, name);
    for (const Index entry : {Index{0}, gradient.size() / 2, gradient.size() - 1}) {
      const Index row = entry / gradient.cols(), col = entry % gradient.cols();
      const auto moved = [&](double by) {
        HookSet hooks;
        hooks.add(name, [&](MatrixRef<double> values) { values(row, col) += by; });
        return loss_with(model, hooks);
      };
      const double expected = (moved(h) - moved(-h)) / (2 * h);
      BOOST_TEST(std::abs(gradient(row, col) - expected) < 1e-8, name << " " << row << " " << col);
    }
  }
}

BOOST_AUTO_TEST_CASE(gradients_of_scores_are_those_of_the_loss) {
  TransformerShape shape = toy_shape();
  shape.is_causal = false;
  const auto model = toy_transformer<double>(shape);
  const std::string name = "blocks.0.attn.hook_attn_scores";
  Matrix<double> gradient;
  HookSet gradient_hooks;
  gradient_hooks.add(name, [&](MatrixRef<double> values) { gradient = values; });
  model.unfolded_loss_and_gradient(toy_sequences(), {}, gradient_hooks);
  constexpr double h = 1e-5;
  for (Index row = 0; row < gradient.rows(); row += 4) {
    const auto moved = [&](double by) {
      HookSet hooks;
      hooks.add(name, [&](MatrixRef<double> values) { values(row, 1) += by; });
      return loss_with(model, hooks);
    };
    BOOST_TEST(std::abs(gradient(row, 1) - (moved(h) - moved(-h)) / (2 * h)) < 1e-8, row);
  }
}

BOOST_AUTO_TEST_CASE(an_edited_gradient_is_what_flows_on) {
  const auto model = toy_transformer<double>(toy_shape());
  const auto plain = model.unfolded_loss_and_gradient(toy_sequences());
  for (char const* name : {"blocks.0.hook_mlp_out", "blocks.0.hook_attn_out", "blocks.0.attn.hook_result"}) {
    HookSet same;
    same.add(name, [](MatrixRef<double>) {});
    const auto found = model.unfolded_loss_and_gradient(toy_sequences(), {}, same);
    for (std::size_t p = 0; p < plain.gradients.size(); ++p) {
      BOOST_TEST(relative_error(to_double(found.gradients)[p], to_double(plain.gradients)[p]) < 1e-12, name << p);
    }
    HookSet none;
    none.add(name, [](MatrixRef<double> gradient) { gradient.setZero(); });
    const auto stopped = model.unfolded_loss_and_gradient(toy_sequences(), {}, none);
    const std::string weights = std::string(name).ends_with("mlp_out") ? "blocks.0.mlp.W_in" : "blocks.0.attn.W_V";
    for (std::size_t p = 0; p < plain.gradients.size(); ++p) {
      if (model.parameters()[p].name() != weights) continue;
      BOOST_TEST(to_double(plain.gradients)[p].norm() > 0);
      BOOST_TEST(to_double(stopped.gradients)[p].norm() == 0, name);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_exception_in_a_callback_leaves_nothing_behind) {
  const auto model = toy_transformer<double>(toy_shape());
  const auto before = model.unfolded_loss_and_gradient(toy_sequences());
  HookSet throwing;
  throwing.add("blocks.0.mlp.hook_post", [](MatrixRef<double>) { throw Error("stop"); });
  BOOST_CHECK_EXCEPTION(model.unfolded_loss_and_gradient(toy_sequences(), throwing), Error, says({"stop"}));
  BOOST_CHECK_EXCEPTION(model.unfolded_loss_and_gradient(toy_sequences(), {}, throwing), Error, says({"stop"}));
  const auto after = model.unfolded_loss_and_gradient(toy_sequences());
  BOOST_TEST(after.loss.sum == before.loss.sum);
  HookSet unknown;
  unknown.add("blocks.0.mlp.hook_pots", [](MatrixRef<double>) {});
  BOOST_CHECK_EXCEPTION(model.unfolded_loss_and_gradient(toy_sequences(), {}, unknown), Error,
                        says({"hook_pots", "hook_post"}));
}

BOOST_AUTO_TEST_SUITE_END()
