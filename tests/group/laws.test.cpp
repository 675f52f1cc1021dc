#include <boost/test/unit_test.hpp>
#include <cayley/group/laws.hpp>
#include <optional>
#include <string>
#include <vector>

#include "laws/group_models.hpp"

BOOST_AUTO_TEST_SUITE(laws_test)

using namespace cayley;

namespace {

/// A hand-written model, which may break any law.
struct Handmade {
  Index size;
  Element neutral;
  Element (*product)(Element, Element);
  Element (*undo)(Element);

  Index order() const { return size; }
  Element identity() const { return neutral; }
  Element compose(Element a, Element b) const { return product(a, b); }
  Element inverse(Element a) const { return undo(a); }
};

Element add_mod_6(Element a, Element b) {
  return (a + b) % 6;
}
Element negate_mod_6(Element a) {
  return (6 - a) % 6;
}
Element itself(Element a) {
  return a;
}
Element zero(Element) {
  return 0;
}

/// A loop of order 5 in which every element is its own inverse: identity and inverses hold, associativity
/// cannot.
Element loop_product(Element a, Element b) {
  constexpr Element table[5][5] = {{0, 1, 2, 3, 4}, {1, 0, 3, 4, 2}, {2, 4, 0, 1, 3}, {3, 2, 4, 0, 1}, {4, 3, 1, 2, 0}};
  return table[a][b];
}

std::string laws_of(std::vector<LawViolation> const& violations) {
  std::string text;
  for (auto const& violation : violations) text += (text.empty() ? "" : " ") + violation.law;
  return text;
}

std::string counterexample(std::optional<LawViolation> const& violation) {
  return violation ? violation->counterexample : "none";
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_group_obeys_every_law) {
  for (AnyGroup const& g : testing::group_models()) {
    // All triples up to order 120, samples above.
    const LawEffort effort{.budget = g.order() <= 120 ? 120 * 120 * 120 : 200'000};
    for (auto const& violation : broken_laws(g, effort)) {
      BOOST_ERROR(g.name() << " breaks " << violation.law << ": " << violation.counterexample);
    }
  }
}

BOOST_AUTO_TEST_CASE(laws_take_every_kind_of_model) {
  BOOST_TEST(laws_of(broken_laws(Cyclic<12>{})) == "");
  BOOST_TEST(laws_of(broken_laws(Dihedral<>{12})) == "");
  BOOST_TEST(laws_of(broken_laws(Alternating<4>{})) == "");
  BOOST_TEST(laws_of(broken_laws(Product{Symmetric<3>{}, Cyclic<>{4}})) == "");
  BOOST_TEST(laws_of(broken_laws(testing::quaternion_group())) == "");
}

BOOST_AUTO_TEST_CASE(the_intact_hand_written_model_passes) {
  const Handmade g{6, 0, add_mod_6, negate_mod_6};
  BOOST_TEST(laws_of(broken_laws(g)) == "");
  BOOST_TEST(!closure_violation(g));
  BOOST_TEST(!identity_violation(g));
  BOOST_TEST(!inverses_violation(g));
  BOOST_TEST(!associativity_violation(g));
}

BOOST_AUTO_TEST_CASE(closure_rejects_a_product_outside) {
  const Handmade g{6, 0, [](Element a, Element b) { return a == 5 && b == 5 ? 6 : add_mod_6(a, b); }, negate_mod_6};
  BOOST_TEST(counterexample(closure_violation(g)) == "compose(5, 5) = 6");
  BOOST_TEST(laws_of(broken_laws(g)) == "closure");
}

BOOST_AUTO_TEST_CASE(closure_rejects_an_inverse_outside) {
  const Handmade g{6, 0, add_mod_6, [](Element a) { return a == 5 ? 6 : negate_mod_6(a); }};
  BOOST_TEST(counterexample(closure_violation(g)) == "inverse(5) = 6");
  BOOST_TEST(laws_of(broken_laws(g)) == "closure");
}

BOOST_AUTO_TEST_CASE(closure_rejects_an_identity_outside) {
  const Handmade g{6, 6, add_mod_6, negate_mod_6};
  BOOST_TEST(counterexample(closure_violation(g)) == "the identity 6 is no element");
  BOOST_TEST(laws_of(broken_laws(g)) == "closure");
}

BOOST_AUTO_TEST_CASE(closure_rejects_an_empty_model) {
  const Handmade g{0, 0, add_mod_6, negate_mod_6};
  BOOST_TEST(counterexample(closure_violation(g)) == "the order is 0");
  BOOST_TEST(laws_of(broken_laws(g)) == "closure");
}

BOOST_AUTO_TEST_CASE(identity_rejects_an_element_that_changes_others) {
  // All products are 0: associative, and a*0 = 0 = 0*a undoes every a, but 0 keeps only itself.
  const Handmade null{4, 0, [](Element, Element) { return Element{0}; }, zero};
  BOOST_TEST(counterexample(identity_violation(null)) == "0 changes 1");
  BOOST_TEST(laws_of(broken_laws(null)) == "identity");
}

BOOST_AUTO_TEST_CASE(identity_is_needed_on_both_sides) {
  const Handmade right_only{4, 0, [](Element a, Element) { return a; }, zero};
  const Handmade left_only{4, 0, [](Element, Element b) { return b; }, zero};
  BOOST_TEST(counterexample(identity_violation(right_only)) == "0 changes 1");
  BOOST_TEST(counterexample(identity_violation(left_only)) == "0 changes 1");
}

BOOST_AUTO_TEST_CASE(inverses_rejects_an_element_without_one) {
  // Products modulo 5: a monoid in which 0 has no inverse.
  const Handmade monoid{5, 1, [](Element a, Element b) { return a * b % 5; },
                        [](Element a) { return a == 2   ? Element{3}
                                               : a == 3 ? Element{2}
                                                        : a; }};
  BOOST_TEST(counterexample(inverses_violation(monoid)) == "0 does not undo 0");
  BOOST_TEST(laws_of(broken_laws(monoid)) == "inverses");
}

BOOST_AUTO_TEST_CASE(inverses_rejects_a_wrong_one) {
  const Handmade g{6, 0, add_mod_6, itself};
  BOOST_TEST(counterexample(inverses_violation(g)) == "1 does not undo 1");
  BOOST_TEST(laws_of(broken_laws(g)) == "inverses");
}

BOOST_AUTO_TEST_CASE(inverses_are_needed_on_both_sides) {
  // 0 is the identity and 1*2 = 0 = 2*2, but 2*1 = 1; and the mirror image.
  const auto product = [](Element a, Element b) {
    constexpr Element table[3][3] = {{0, 1, 2}, {1, 1, 0}, {2, 1, 0}};
    return table[a][b];
  };
  const auto mirrored = [](Element a, Element b) {
    constexpr Element table[3][3] = {{0, 1, 2}, {1, 1, 1}, {2, 0, 0}};
    return table[a][b];
  };
  const auto undo = [](Element a) { return a == 0 ? Element{0} : Element{2}; };
  BOOST_TEST(counterexample(inverses_violation(Handmade{3, 0, product, undo})) == "2 does not undo 1");
  BOOST_TEST(counterexample(inverses_violation(Handmade{3, 0, mirrored, undo})) == "2 does not undo 1");
}

BOOST_AUTO_TEST_CASE(associativity_rejects_a_loop_that_is_no_group) {
  const Handmade loop{5, 0, loop_product, itself};
  BOOST_TEST(counterexample(associativity_violation(loop)) == "the product of 1, 1, 2 depends on the brackets");
  BOOST_TEST(laws_of(broken_laws(loop)) == "associativity");
}

BOOST_AUTO_TEST_CASE(several_broken_laws_are_all_reported) {
  const Handmade difference{6, 1, [](Element a, Element b) { return (a + 6 - b) % 6; }, itself};
  BOOST_TEST(laws_of(broken_laws(difference)) == "identity inverses associativity");
}

BOOST_AUTO_TEST_CASE(samples_reject_large_broken_models_of_every_law) {
  const LawEffort few{.budget = 1000, .seed = 7};
  const auto add = [](Element a, Element b) { return (a + b) % 100'000; };
  const auto negate = [](Element a) { return (100'000 - a) % 100'000; };
  BOOST_TEST(laws_of(broken_laws(Handmade{100'000, 0, add, negate}, few)) == "");
  BOOST_TEST(laws_of(broken_laws(Handmade{100'000, 0, [](Element a, Element b) { return a + b; }, negate}, few)) ==
             "closure");
  BOOST_TEST(laws_of(broken_laws(Handmade{100'000, 0, add, [](Element a) { return a + 50'000; }}, few)) == "closure");
  BOOST_TEST(identity_violation(Handmade{100'000, 1, add, negate}, few).has_value());
  BOOST_TEST(inverses_violation(Handmade{100'000, 0, add, itself}, few).has_value());
  BOOST_TEST(associativity_violation(
                 Handmade{100'000, 0, [](Element a, Element b) { return (a + 100'000 - b) % 100'000; }, itself}, few)
                 .has_value());
}

BOOST_AUTO_TEST_CASE(more_triples_than_an_index_can_count_are_sampled) {
  // (2^22)^3 triples: their number overflows to 0.
  constexpr Element mask = (Element{1} << 22) - 1;
  const Handmade difference{Index{1} << 22, 0, [](Element a, Element b) { return (a - b) & mask; }, itself};
  BOOST_TEST(associativity_violation(difference, {.budget = 1000}).has_value());
}

BOOST_AUTO_TEST_CASE(a_budget_below_one_triple_of_each_still_samples) {
  // 6^3 = 216 triples do not fit in the budget, 6^2 = 36 pairs do: the pairs are then tried one by one.
  const Handmade g{6, 0, [](Element a, Element b) { return a == 5 && b == 5 ? 6 : add_mod_6(a, b); }, negate_mod_6};
  BOOST_TEST(counterexample(closure_violation(g, {.budget = 36})) == "compose(5, 5) = 6");
  BOOST_TEST(laws_of(broken_laws(Handmade{5, 0, loop_product, itself}, {.budget = 60})) == "associativity");
}

BOOST_AUTO_TEST_SUITE_END()
