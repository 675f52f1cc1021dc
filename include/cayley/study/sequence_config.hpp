/// The data of a run on sequences of tokens: the object `sequences` of `cfg.json`.
#pragma once

#include <algorithm>
#include <array>
#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/core/near_names.hpp>
#include <cayley/io/json.hpp>
#include <cayley/task/digit_addition.hpp>
#include <cayley/task/induction.hpp>
#include <cayley/task/max_of_n.hpp>
#include <cayley/task/skip_trigram.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cayley {

/// The tasks on sequences of tokens, which have no group.
inline constexpr std::array<std::string_view, 4> sequence_tasks{"max_of_n", "digit_addition", "skip_trigram",
                                                                "induction"};

/// The data of a task on sequences of tokens. Keys in brackets.
struct SequenceConfig {
  MaxOfN max_of_n;                    ///< [n], [vocabulary]
  DigitAddition digit_addition;       ///< [digits]
  SkipTrigram skip_trigram;           ///< [keys], [noise_length]
  Induction induction;                ///< [length], [copied], [copies], [vocabulary]
  bool force_adjacent = false;        ///< [force_adjacent] max of two on all pairs, see `MaxOfN::force_adjacent`
  Index train = 0;                    ///< [train] sequences of the training set; 0: fresh ones in every step
  Index test = 0;                     ///< [test] sequences of the test set, drawn before those for training
  Index discarded = 0;                ///< [discarded] sequences drawn first of all and thrown away
  std::optional<std::uint64_t> seed;  ///< [seed] default that of the run
};

namespace detail {

/// The keys that are a task's own, and where their values are.
inline std::vector<std::pair<std::string_view, Index*>> own_sequence_keys(std::string_view task, SequenceConfig& s) {
  if (task == "max_of_n") return {{"n", &s.max_of_n.n}, {"vocabulary", &s.max_of_n.vocabulary}};
  if (task == "digit_addition") return {{"digits", &s.digit_addition.digits}};
  if (task == "skip_trigram") return {{"keys", &s.skip_trigram.keys}, {"noise_length", &s.skip_trigram.noise_length}};
  return {{"length", &s.induction.length},
          {"copied", &s.induction.copied},
          {"copies", &s.induction.copies},
          {"vocabulary", &s.induction.vocabulary}};
}

inline std::vector<std::pair<std::string_view, Index*>> shared_sequence_keys(SequenceConfig& s) {
  return {{"train", &s.train}, {"test", &s.test}, {"discarded", &s.discarded}};
}

}  // namespace detail

/// f(task) of the task of that name, one of `sequence_tasks`.
template <class F>
auto with_sequence_task(std::string_view task, SequenceConfig const& config, F const& f) {
  if (task == "max_of_n") return f(config.max_of_n);
  if (task == "digit_addition") return f(config.digit_addition);
  if (task == "skip_trigram") return f(config.skip_trigram);
  return f(config.induction);
}

/// Reads the keys of the object `sequences`. `where` names the file in messages.
/// Errors: `Error` naming a key that the task does not have (with near ones), or whose value is out of range.
inline void parse_sequences(Json const& json, std::string const& where, std::string_view task, SequenceConfig& config) {
  const std::string in_object = where + ": sequences";
  require(json.is_object(), in_object, ": expected an object");
  std::vector<std::string_view> known{"seed"};
  if (task == "max_of_n") known.emplace_back("force_adjacent");
  const auto read = [&](auto const& keys, Index least) {
    for (auto const& [key, value] : keys) {
      known.push_back(key);
      const std::string name(key);
      *value = key_or(json, name.c_str(), *value, in_object);
      require(*value >= least, in_object, ": key \"", key, "\": expected at least ", least, ", found ", *value);
    }
  };
  read(detail::own_sequence_keys(task, config), 1);
  read(detail::shared_sequence_keys(config), 0);
  for (auto const& item : json.items()) {
    const bool found = std::find(known.begin(), known.end(), item.key()) != known.end();
    require(found, in_object, ": task ", task, " has no key \"", item.key(), "\"", name_suggestion(item.key(), known));
  }
  config.force_adjacent = key_or(json, "force_adjacent", config.force_adjacent, in_object);
  if (json.contains("seed")) config.seed = require_key<std::uint64_t>(json, "seed", in_object);
  try {
    with_sequence_task(task, config, [](auto const& data) { data.check(); });
  } catch (Error const& error) {
    fail(in_object, ": ", error.what());
  }
  require(!config.force_adjacent || config.max_of_n.n == 2, in_object,
          ": key \"force_adjacent\": expected n = 2, found ", config.max_of_n.n);
}

/// The object that `parse_sequences` reads, every key of the task written out. `seed`: that of the run.
inline Json sequences_json(std::string_view task, SequenceConfig config, std::uint64_t seed) {
  Json json;
  for (auto const& [key, value] : detail::own_sequence_keys(task, config)) json[std::string(key)] = *value;
  if (task == "max_of_n") json["force_adjacent"] = config.force_adjacent;
  for (auto const& [key, value] : detail::shared_sequence_keys(config)) json[std::string(key)] = *value;
  json["seed"] = config.seed.value_or(seed);
  return json;
}

}  // namespace cayley
