/// Fourier spectra over Z/10 of a network that adds digit by digit.
#pragma once

#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/fourier/basis.hpp>
#include <cayley/fourier/isotypic.hpp>
#include <cayley/group/cyclic.hpp>
#include <cayley/interpret/pair_network.hpp>
#include <cayley/interpret/sequence_pieces.hpp>
#include <cayley/interpret/spectra.hpp>
#include <cayley/nn/hooks.hpp>
#include <cayley/nn/token_batch.hpp>
#include <cayley/nn/transformer.hpp>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace cayley {

/// The functions on the ten digits: Const, cos and sin of 2 pi k d/10, +-1; the order of `basis.names()`.
inline FourierBasis<double> digit_basis() {
  return FourierBasis<double>(Cyclic<10>{});
}

/// Squared norms of the digits' weights by basis function.
/// Shape: (10) each.
struct DigitWeightSpectra {
  Vector<double> embedding;    ///< of the rows of W_E that are digits
  Vector<double> unembedding;  ///< of the columns of W_U
};

/// Errors: `Error` unless tokens and classes 0 .. 9 are there.
template <class B, class Scalar>
DigitWeightSpectra digit_weight_spectra(Transformer<B, Scalar> const& model) {
  require(model.shape().d_vocab >= 10 && model.shape().d_vocab_out >= 10,
          "digit spectra: expected at least 10 tokens and classes, found ", model.shape().d_vocab, " and ",
          model.shape().d_vocab_out);
  const FourierBasis<double> basis = digit_basis();
  const Matrix<double> w_e = detail::host_parameter(model, "embed.W_E").topRows(10);                 // (10, d_model)
  const Matrix<double> w_u = detail::host_parameter(model, "unembed.W_U").leftCols(10).transpose();  // (10, d_model)
  return {weight_spectrum(basis, w_e), weight_spectrum(basis, w_u)};
}

/// The mean activation at a position over the sequences of each class: of a digit, of a pair of digits 10 a + b, of a
/// digit and a carry. NaN for a class without sequences.
/// Shape: (class_count, columns of the hook point).
/// Range: 0 <= position < batch.length; classes (sequences), each below `class_count`.
/// Errors: `Error` when a position or class is outside its range, the hook point has no row for each position, or its
///         name is unknown.
template <class B, class Scalar>
Matrix<double> mean_activation_by_class(Transformer<B, Scalar> const& model, TokenBatch batch, std::string const& hook,
                                        Index position, std::span<std::uint32_t const> classes, Index class_count) {
  require(position >= 0 && position < batch.length, "mean activation: expected a position of 0 .. ", batch.length - 1,
          ", found ", position);
  require(static_cast<Index>(classes.size()) == batch.sequences(), "mean activation: expected a class for each of ",
          batch.sequences(), " sequences, found ", classes.size());
  Vector<double> counts = Vector<double>::Zero(class_count);
  for (std::uint32_t of_sequence : classes) {
    require(of_sequence < class_count, "mean activation: expected classes below ", class_count, ", found ",
            of_sequence);
    ++counts[of_sequence];
  }
  Matrix<double> sums = Matrix<double>::Zero(class_count, 0);
  for_each_piece(batch, [&](Index first, TokenBatch piece) {
    Hooks<B, Scalar> hooks;
    hooks.add(hook, [&](HookedTensor<B, Scalar>& tensor) {
      require(tensor.rows() == static_cast<Index>(piece.tokens.size()), "mean activation: expected a row of ", hook,
              " for each of ", piece.tokens.size(), " positions, found ", tensor.rows());
      const Matrix<Scalar> activation = tensor.host();  // (positions, columns)
      if (sums.cols() == 0) sums = Matrix<double>::Zero(class_count, activation.cols());
      for (Index s = 0; s < piece.sequences(); ++s) {
        sums.row(classes[static_cast<std::size_t>(first + s)]) +=
            activation.row(s * piece.length + position).template cast<double>();
      }
    });
    model.forward(piece, hooks);
  });
  return sums.array().colwise() / counts.array();
}

/// The spectra of activations, say of neurons, as functions of one digit.
struct DigitSpectra {
  Matrix<double> means;     ///< (10, columns): the mean activation by digit
  Vector<double> spectrum;  ///< (10): squared norm by basis function, all columns together
  Matrix<double> power;     ///< (irreps, columns): squared norm by irrep, the constant first
};

/// Errors: as `mean_activation_by_class`; `Error` unless all ten digits occur.
/// Range: `digits` (sequences) are 0 .. 9.
template <class B, class Scalar>
DigitSpectra digit_spectra(Transformer<B, Scalar> const& model, TokenBatch batch, std::string const& hook,
                           Index position, std::span<std::uint32_t const> digits) {
  DigitSpectra result;
  result.means = mean_activation_by_class(model, batch, hook, position, digits, 10);
  require(result.means.allFinite(), "digit spectra: expected sequences with each of the ten digits");
  const FourierBasis<double> basis = digit_basis();
  result.spectrum = weight_spectrum(basis, result.means);
  result.power = isotypic_power_by_column(basis, result.means);
  return result;
}

/// The tokens at one position: digits, to sort sequences by.
inline std::vector<std::uint32_t> tokens_at(TokenBatch batch, Index position) {
  std::vector<std::uint32_t> tokens;
  for (Index s = 0; s < batch.sequences(); ++s) {
    tokens.push_back(batch.tokens[static_cast<std::size_t>(s * batch.length + position)]);
  }
  return tokens;
}

}  // namespace cayley
