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

/// Calls f(key, value) for each key that is a task's own and counts something.
template <class Config, class F>
void each_own_sequence_key(std::string_view task, Config& s, F const& f) {
  if (task == "max_of_n") {
    f("n", s.max_of_n.n);
    f("vocabulary", s.max_of_n.vocabulary);
  } else if (task == "digit_addition") {
    f("digits", s.digit_addition.digits);
  } else if (task == "skip_trigram") {
    f("keys", s.skip_trigram.keys);
    f("noise_length", s.skip_trigram.noise_length);
  } else {
    f("length", s.induction.length);
    f("copied", s.induction.copied);
    f("copies", s.induction.copies);
    f("vocabulary", s.induction.vocabulary);
  }
}

/// The same for the keys of every task.
template <class Config, class F>
void each_shared_sequence_key(Config& s, F const& f) {
  f("train", s.train);
  f("test", s.test);
  f("discarded", s.discarded);
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
  const auto read = [&](char const* key, Index& value, Index least) {
    known.emplace_back(key);
    value = key_or(json, key, value, in_object);
    require(value >= least, in_object, ": key \"", key, "\": expected at least ", least, ", found ", value);
  };
  detail::each_own_sequence_key(task, config, [&](char const* key, Index& value) { read(key, value, 1); });
  detail::each_shared_sequence_key(config, [&](char const* key, Index& value) { read(key, value, 0); });
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
inline Json sequences_json(std::string_view task, SequenceConfig const& config, std::uint64_t seed) {
  Json json;
  const auto write = [&](char const* key, Index value) { json[key] = value; };
  detail::each_own_sequence_key(task, config, write);
  if (task == "max_of_n") json["force_adjacent"] = config.force_adjacent;
  detail::each_shared_sequence_key(config, write);
  json["seed"] = config.seed.value_or(seed);
  return json;
}

}  // namespace cayley
