/// Element types of stored tensors, by their names in the safetensors format.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

namespace cayley {

/// Element type of a stored tensor.
enum class Dtype : std::uint8_t { bool_, u8, i8, u16, i16, f16, bf16, u32, i32, f32, u64, i64, f64 };

namespace detail {

struct DtypeEntry {
  std::string_view name;
  std::size_t size;
};

/// In the order of the enumerators.
inline constexpr std::array<DtypeEntry, 13> dtype_entries{{{"BOOL", 1},
                                                           {"U8", 1},
                                                           {"I8", 1},
                                                           {"U16", 2},
                                                           {"I16", 2},
                                                           {"F16", 2},
                                                           {"BF16", 2},
                                                           {"U32", 4},
                                                           {"I32", 4},
                                                           {"F32", 4},
                                                           {"U64", 8},
                                                           {"I64", 8},
                                                           {"F64", 8}}};

}  // namespace detail

/// The name of `dtype` in a file: `F32`.
constexpr std::string_view dtype_name(Dtype dtype) {
  return detail::dtype_entries[static_cast<std::size_t>(dtype)].name;
}

/// Bytes of one element.
constexpr std::size_t dtype_size(Dtype dtype) {
  return detail::dtype_entries[static_cast<std::size_t>(dtype)].size;
}

/// The element type of that name in a file; nullopt for any other name.
constexpr std::optional<Dtype> dtype_named(std::string_view name) {
  for (std::size_t i = 0; i < detail::dtype_entries.size(); ++i) {
    if (detail::dtype_entries[i].name == name) return static_cast<Dtype>(i);
  }
  return std::nullopt;
}

/// A C++ type whose values a tensor can hold as they are.
template <class T>
concept Storable = std::same_as<T, std::remove_cv_t<T>> &&
    (std::same_as<T, float> || std::same_as<T, double> || (std::integral<T> && sizeof(T) <= 8));

/// The element type that holds a `T`.
template <Storable T>
inline constexpr Dtype dtype_of = [] {
  if constexpr (std::same_as<T, bool>)
    return Dtype::bool_;
  else if constexpr (std::same_as<T, float>)
    return Dtype::f32;
  else if constexpr (std::same_as<T, double>)
    return Dtype::f64;
  else if constexpr (sizeof(T) == 1)
    return std::signed_integral<T> ? Dtype::i8 : Dtype::u8;
  else if constexpr (sizeof(T) == 2)
    return std::signed_integral<T> ? Dtype::i16 : Dtype::u16;
  else if constexpr (sizeof(T) == 4)
    return std::signed_integral<T> ? Dtype::i32 : Dtype::u32;
  else
    return std::signed_integral<T> ? Dtype::i64 : Dtype::u64;
}();

static_assert(dtype_named("BOOL") == Dtype::bool_ && dtype_named("F64") == Dtype::f64);
static_assert(dtype_of<float> == Dtype::f32 && dtype_name(dtype_of<std::int64_t>) == "I64");
static_assert(sizeof(bool) == dtype_size(Dtype::bool_) && sizeof(double) == dtype_size(Dtype::f64));

}  // namespace cayley
