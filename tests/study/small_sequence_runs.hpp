/// Small runs on sequences that were never trained, one for each task.
#pragma once

#include <cayley/backend/cpu.hpp>
#include <cayley/core/random.hpp>
#include <cayley/io/json.hpp>
#include <cayley/io/safetensors.hpp>
#include <cayley/nn/initial_weights.hpp>
#include <cayley/nn/transformer.hpp>
#include <cayley/study/config.hpp>
#include <cayley/study/sequence_config.hpp>
#include <cayley/study/transformer_file.hpp>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <string>

namespace cayley::testing {

inline Json small_sequence_json(std::string const& task) {
  Json json = parse_json(R"({"model": "Transformer", "seed": 5, "num_epochs": 24, "batch_size": 8,
    "transformer": {"d_model": 8, "n_heads": 2, "d_head": 4, "d_mlp": 12, "init": "sequences"}})",
                         "cfg.json");
  json["task"] = task;
  char const* sequences = task == "max_of_n"         ? R"({"n": 3, "vocabulary": 6})"
                          : task == "digit_addition" ? R"({"digits": 2})"
                          : task == "skip_trigram"   ? R"({"keys": 3, "noise_length": 5})"
                                                     : R"({"length": 13, "copied": 3, "copies": 2, "vocabulary": 9})";
  json["sequences"] = parse_json(sequences, "cfg.json");
  if (task != "digit_addition") json["transformer"]["attn_only"] = true;
  if (task == "induction") json["transformer"]["n_layers"] = 2;
  return json;
}

inline RunConfig small_sequence_config(std::string const& task) {
  return parse_config(small_sequence_json(task), "cfg.json");
}

/// A transformer of a configuration's sizes with random weights.
template <class Scalar = double>
Transformer<Cpu, Scalar> small_sequence_model(RunConfig const& config, std::uint64_t seed = 3) {
  TransformerShape shape = config.transformer;
  with_sequence_task(config.task, config.sequences, [&](auto const& task) {
    shape.d_vocab = task.d_vocab();
    shape.d_vocab_out = task.d_vocab_out();
    shape.n_ctx = task.n_ctx();
  });
  Transformer<Cpu, Scalar> model(Cpu{}, shape);
  TorchGenerator generator(seed);
  draw_initial_weights(model, generator, config.transformer_init);
  return model;
}

/// Writes the directory of a run with a checkpoint of each of some seeds' models, at the epoch of that number.
inline void write_small_sequence_run(std::filesystem::path const& directory, Json const& json,
                                     std::initializer_list<std::uint64_t> checkpoints) {
  std::filesystem::create_directories(directory / "checkpoints");
  write_json(directory / "cfg.json", json);
  const RunConfig config = parse_config(json, "cfg.json");
  for (std::uint64_t seed : checkpoints) {
    const auto file = directory / "checkpoints" / std::to_string(seed).append(".safetensors");
    write_safetensors(file, transformer_file(small_sequence_model(config, seed)));
  }
}

}  // namespace cayley::testing
