/// Named tensors and strings as one value: what a file of weights holds.
#pragma once

#include <algorithm>
#include <bit>
#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/core/near_names.hpp>
#include <cayley/io/dtype.hpp>
#include <cstdint>
#include <cstring>
#include <functional>
#include <iterator>
#include <limits>
#include <map>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace cayley {

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian");

/// Sizes of the indices of a tensor, slowest first; empty for a single number.
using Shape = std::vector<Index>;

/// `(120, 256)`, for messages.
inline std::string shape_text(Shape const& shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text += ", ";
    text += std::to_string(shape[i]);
  }
  return text + ")";
}

/// Number of elements of a tensor of the given shape; nullopt when a size is negative or the product, sizes
/// of zero aside, exceeds `Index`.
inline std::optional<Index> element_count(Shape const& shape) {
  Index product = 1;
  bool empty = false;
  for (Index size : shape) {
    if (size < 0) return std::nullopt;
    empty = empty || size == 0;
    if (size > 1 && product > std::numeric_limits<Index>::max() / size) return std::nullopt;
    if (size > 1) product *= size;
  }
  return empty ? 0 : product;
}

/// A tensor as it lies in a file.
/// Shape: `bytes` holds the elements in row-major order, little-endian, with no promise of alignment.
struct Tensor {
  Dtype dtype = Dtype::f32;
  Shape shape;
  std::string bytes;

  Index size() const { return static_cast<Index>(bytes.size() / dtype_size(dtype)); }
  friend bool operator==(Tensor const&, Tensor const&) = default;
};

/// Tensors by name, in order of insertion, and metadata: strings by name. A value; owns its bytes.
/// Errors: every `Error` names the file (`source`) and the tensor, what was expected and what was found.
class TensorFile {
 public:
  /// `source` names the file in messages.
  explicit TensorFile(std::string source = "tensor file") : source_(std::move(source)) {}

  std::string const& source() const { return source_; }
  std::vector<std::string> const& names() const { return names_; }
  bool contains(std::string_view name) const { return tensors_.find(name) != tensors_.end(); }
  std::map<std::string, std::string>& metadata() { return metadata_; }
  std::map<std::string, std::string> const& metadata() const { return metadata_; }

  /// The tensor `name`.
  /// Errors: `Error` with the names that are nearest and the names in the file when there is none.
  Tensor const& at(std::string_view name) const;

  Shape const& shape(std::string_view name) const { return at(name).shape; }

  /// The elements of the tensor `name` in row-major order. A floating-point type takes F32 and F64 (float
  /// rounds), an integer type takes every integer type and BOOL if each value fits, `bool` takes BOOL.
  template <class Scalar>
  std::vector<Scalar> values(std::string_view name, Shape const& expected) const {
    Tensor const& tensor = checked(name, expected);
    std::vector<Scalar> result(static_cast<std::size_t>(tensor.size()));
    convert<Scalar>(name, tensor, [&](Index i, Scalar value) { result[static_cast<std::size_t>(i)] = value; });
    return result;
  }

  /// The matrix `name`, (rows, columns); types as in `values`.
  template <class Scalar>
  Matrix<Scalar> matrix(std::string_view name, Index rows, Index columns) const {
    return matrix<Scalar>(name, Shape{rows, columns});
  }

  /// A tensor of at least one index as a matrix: (all indices but the last, the last).
  template <class Scalar>
  Matrix<Scalar> matrix(std::string_view name, Shape const& expected) const {
    require(!expected.empty(), message_start(name), "a matrix needs at least one index");
    Tensor const& tensor = checked(name, expected);
    const Index rows = *element_count(Shape(expected.begin(), expected.end() - 1));
    Matrix<Scalar> result(rows, expected.back());
    convert<Scalar>(name, tensor, [&](Index i, Scalar value) { result.data()[i] = value; });
    return result;
  }

  /// The vector `name`, (size); types as in `values`.
  template <class Scalar>
  Vector<Scalar> vector(std::string_view name, Index size) const {
    Tensor const& tensor = checked(name, Shape{size});
    Vector<Scalar> result(size);
    convert<Scalar>(name, tensor, [&](Index i, Scalar value) { result.data()[i] = value; });
    return result;
  }

  /// Appends a tensor.
  /// Errors: `Error` when the name is taken or reserved, or when shape and number of bytes disagree.
  void add(std::string name, Tensor tensor);

  /// Appends `values`, a contiguous range in row-major order, as a tensor of the given shape.
  template <std::ranges::contiguous_range Values>
  void add(std::string name, Shape shape, Values const& values) {
    const std::span elements(values);
    Tensor tensor{dtype_of<std::ranges::range_value_t<Values>>, std::move(shape), {}};
    tensor.bytes.resize(elements.size_bytes());
    if (!elements.empty()) std::memcpy(tensor.bytes.data(), elements.data(), elements.size_bytes());
    add(std::move(name), std::move(tensor));
  }

  /// Appends an Eigen expression: a matrix, (rows, columns), or, if its type says so, a vector, (size).
  template <class Derived>
  void add(std::string name, Eigen::DenseBase<Derived> const& values) {
    using Scalar = typename Derived::Scalar;
    const Matrix<Scalar> rows = values;
    Shape shape{rows.rows(), rows.cols()};
    if constexpr (Derived::IsVectorAtCompileTime) shape = {rows.size()};
    add(std::move(name), std::move(shape), std::span(rows.data(), static_cast<std::size_t>(rows.size())));
  }

  /// Same tensors in the same order and same metadata; `source` does not count.
  friend bool operator==(TensorFile const& a, TensorFile const& b) {
    return a.names_ == b.names_ && a.tensors_ == b.tensors_ && a.metadata_ == b.metadata_;
  }

 private:
  std::string message_start(std::string_view name) const {
    return source_ + ": tensor \"" + std::string(name) + "\": ";
  }

  Tensor const& checked(std::string_view name, Shape const& expected) const {
    Tensor const& tensor = at(name);
    if (tensor.shape != expected) {
      fail(message_start(name), "expected shape ", shape_text(expected), ", found ", shape_text(tensor.shape), " of ",
           dtype_name(tensor.dtype));
    }
    return tensor;
  }

  /// Calls `store(i, value)` for each element as a `Scalar`.
  template <class Scalar, class Store>
  void convert(std::string_view name, Tensor const& tensor, Store const& store) const;

  std::string source_;
  std::vector<std::string> names_;
  std::map<std::string, Tensor, std::less<>> tensors_;
  std::map<std::string, std::string> metadata_;
};

inline Tensor const& TensorFile::at(std::string_view name) const {
  const auto found = tensors_.find(name);
  if (found != tensors_.end()) return found->second;
  // A message has room for a few names of a sane length, whatever the file holds.
  constexpr std::size_t most_near = 3, most_listed = 50, longest = 200;
  std::vector<std::string_view> sane;
  std::copy_if(names_.begin(), names_.end(), std::back_inserter(sane),
               [&](std::string const& other) { return other.size() <= longest; });
  std::vector<std::string> near;
  if (name.size() <= longest) near = near_names(name, sane);
  near.resize(std::min(near.size(), most_near));
  sane.resize(std::min(sane.size(), most_listed));
  const std::size_t unlisted = names_.size() - sane.size();
  fail(source_, ": no tensor \"", name, "\"", near.empty() ? "" : " (did you mean " + joined_names(near) + "?)",
       "; the file holds ", names_.empty() ? "no tensors" : joined_names(sane),
       unlisted == 0 ? "" : " and " + std::to_string(unlisted) + " more");
}

inline void TensorFile::add(std::string name, Tensor tensor) {
  require(name != "__metadata__", source_, ": a tensor may not be named __metadata__");
  require(!contains(name), message_start(name), "the name occurs twice");
  const auto count = element_count(tensor.shape);
  const auto size = static_cast<Index>(dtype_size(tensor.dtype));
  require(count.has_value() && *count <= std::numeric_limits<Index>::max() / size, message_start(name),
          "impossible shape ", shape_text(tensor.shape));
  require(*count * size == static_cast<Index>(tensor.bytes.size()), message_start(name), "expected ", *count * size,
          " bytes for shape ", shape_text(tensor.shape), " of ", dtype_name(tensor.dtype), ", found ",
          tensor.bytes.size());
  names_.push_back(name);
  tensors_.emplace(std::move(name), std::move(tensor));
}

template <class Scalar, class Store>
void TensorFile::convert(std::string_view name, Tensor const& tensor, Store const& store) const {
  const auto each = [&]<class Stored>(std::type_identity<Stored>) {
    for (Index i = 0; i < tensor.size(); ++i) {
      Stored stored;
      std::memcpy(&stored, tensor.bytes.data() + static_cast<std::size_t>(i) * sizeof stored, sizeof stored);
      if constexpr (std::is_same_v<Scalar, bool>) {
        if (stored > 1) fail(message_start(name), "element ", i, " of BOOL is ", +stored, ", expected 0 or 1");
      } else if constexpr (std::is_integral_v<Scalar>) {
        if (!std::in_range<Scalar>(stored)) {
          fail(message_start(name), "element ", i, " is ", +stored, ", which does not fit ",
               dtype_name(dtype_of<Scalar>));
        }
      }
      store(i, static_cast<Scalar>(stored));
    }
  };
  const auto refuse = [&](char const* expected) {
    fail(message_start(name), "expected ", expected, " of shape ", shape_text(tensor.shape), ", found ",
         dtype_name(tensor.dtype));
  };
  if constexpr (std::is_same_v<Scalar, bool>) {
    if (tensor.dtype != Dtype::bool_) refuse("BOOL");
    each(std::type_identity<std::uint8_t>{});
  } else if constexpr (std::is_floating_point_v<Scalar>) {
    if (tensor.dtype == Dtype::f32) return each(std::type_identity<float>{});
    if (tensor.dtype == Dtype::f64) return each(std::type_identity<double>{});
    refuse("F32 or F64");
  } else {
    switch (tensor.dtype) {
      case Dtype::i64:
        return each(std::type_identity<std::int64_t>{});
      case Dtype::i32:
        return each(std::type_identity<std::int32_t>{});
      case Dtype::i16:
        return each(std::type_identity<std::int16_t>{});
      case Dtype::i8:
        return each(std::type_identity<std::int8_t>{});
      case Dtype::u64:
        return each(std::type_identity<std::uint64_t>{});
      case Dtype::u32:
        return each(std::type_identity<std::uint32_t>{});
      case Dtype::u16:
        return each(std::type_identity<std::uint16_t>{});
      case Dtype::u8:
      case Dtype::bool_:
        return each(std::type_identity<std::uint8_t>{});
      default:
        refuse("an integer type");
    }
  }
}

}  // namespace cayley
