/// Processes that train one network together: what each works on, and what they tell each other.
#pragma once

#include <cayley/backend/concept.hpp>
#include <cayley/core/error.hpp>
#include <cayley/core/lanes.hpp>
#include <cayley/core/matrix.hpp>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace cayley {

/// Whether this process is the one that reads states and writes files; always, where there are no others.
template <class B>
bool is_root(B const& backend) {
  if constexpr (HasRanks<B>) return backend.rank() == 0;
  return true;
}

/// The lanes of a sum that this process works on. A single lane is everyone's, and nothing needs to be gathered then.
/// Shape: one of `ranks()` parts of 0 .. lanes-1.
template <class B>
Part lanes_of_rank([[maybe_unused]] B const& backend, Index lanes) {
  if constexpr (HasRanks<B>) {
    if (lanes > 1) return part_of(lanes, backend.ranks(), backend.rank());
  }
  return {0, lanes};
}

/// Makes everyone's what each process wrote for its lanes; begin(lane) is the first value of a lane, begin(lanes) the end.
template <class B, class T, class Begin>
void gather_lanes([[maybe_unused]] B const& backend, [[maybe_unused]] T* values, [[maybe_unused]] Index lanes,
                  [[maybe_unused]] Begin const& begin) {
  if constexpr (HasRanks<B>) {
    static_assert(std::is_trivially_copyable_v<T>);
    if (lanes <= 1 || backend.ranks() == 1) return;
    std::vector<Index> begins;
    for (int rank = 0; rank < backend.ranks(); ++rank) {
      begins.push_back(begin(part_of(lanes, backend.ranks(), rank).first) * static_cast<Index>(sizeof(T)));
    }
    begins.push_back(begin(lanes) * static_cast<Index>(sizeof(T)));
    backend.gather(std::as_writable_bytes(std::span(values, static_cast<std::size_t>(begin(lanes)))), begins);
  }
}

/// Makes the value of rank 0 everyone's.
template <class B, class T>
  requires std::is_trivially_copyable_v<T>
void share_from_root([[maybe_unused]] B const& backend, [[maybe_unused]] T& value) {
  if constexpr (HasRanks<B>) backend.broadcast(std::as_writable_bytes(std::span(&value, 1)));
}

/// Makes the text of rank 0 everyone's.
template <class B>
void share_from_root([[maybe_unused]] B const& backend, [[maybe_unused]] std::string& text) {
  if constexpr (HasRanks<B>) {
    auto size = static_cast<std::uint64_t>(text.size());
    share_from_root(backend, size);
    text.resize(size);
    backend.broadcast(std::as_writable_bytes(std::span(text.data(), text.size())));
  }
}

/// Makes the values of rank 0 everyone's.
template <class B, class T>
  requires std::is_trivially_copyable_v<T>
void share_from_root([[maybe_unused]] B const& backend, [[maybe_unused]] std::vector<T>& values) {
  if constexpr (HasRanks<B>) {
    auto size = static_cast<std::uint64_t>(values.size());
    share_from_root(backend, size);
    values.resize(size);
    backend.broadcast(std::as_writable_bytes(std::span(values)));
  }
}

/// Calls f() on rank 0, and returns on all when it has.
/// Errors: what f throws, as `Error` on every rank.
template <class B, class F>
void on_root(B const& backend, F const& f) {
  if constexpr (HasRanks<B>) {
    std::string trouble;
    if (backend.rank() == 0) {
      try {
        f();
      } catch (std::exception const& error) {
        trouble = error.what();
        if (trouble.empty()) trouble = "unknown error";
      }
    }
    share_from_root(backend, trouble);
    if (!trouble.empty()) throw Error(trouble);
  } else {
    f();
  }
}

}  // namespace cayley
