/// File formats and published studies, on top of `cayley/cayley.hpp`. Needs the component `io`, cayley::io.
#pragma once

#include <cayley/cayley.hpp>
#include <cayley/group/table_group_json.hpp>
#include <cayley/io/atomic_file.hpp>
#include <cayley/io/csv.hpp>
#include <cayley/io/dtype.hpp>
#include <cayley/io/file_lock.hpp>
#include <cayley/io/json.hpp>
#include <cayley/io/safetensors.hpp>
#include <cayley/io/tensor_file.hpp>
#include <cayley/study/checkpoint_metrics.hpp>
#include <cayley/study/config.hpp>
#include <cayley/study/explain.hpp>
#include <cayley/study/modular_addition.hpp>
#include <cayley/study/modular_addition_metrics.hpp>
#include <cayley/study/progress_measures.hpp>
#include <cayley/study/published_irreps.hpp>
#include <cayley/study/run_directory.hpp>
#include <cayley/study/run_loop.hpp>
#include <cayley/study/run_network.hpp>
#include <cayley/study/sequence_config.hpp>
#include <cayley/study/sequence_run.hpp>
#include <cayley/study/study_group.hpp>
#include <cayley/study/training_run.hpp>
#include <cayley/study/transformer_file.hpp>
