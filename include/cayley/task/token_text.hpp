/// Sequences of tokens as text, for people to read and to type.
#pragma once

#include <cayley/core/error.hpp>
#include <cayley/core/matrix.hpp>
#include <cayley/task/digit_addition.hpp>
#include <cayley/task/induction.hpp>
#include <cayley/task/max_of_n.hpp>
#include <cayley/task/skip_trigram.hpp>
#include <charconv>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace cayley {

namespace detail {

/// Errors: `Error` naming the position unless the tokens are some of a task's, and not too many.
inline void check_tokens(std::span<std::uint32_t const> tokens, Index d_vocab, Index n_ctx) {
  require(static_cast<Index>(tokens.size()) <= n_ctx, "tokens: expected at most ", n_ctx, ", found ", tokens.size());
  for (std::size_t t = 0; t < tokens.size(); ++t) {
    require(tokens[t] < d_vocab, "tokens: expected tokens below ", d_vocab, ", found ", tokens[t], " at position ", t);
  }
}

/// The character in quotes; its code when it cannot be shown.
inline std::string shown(char character) {
  if (character >= ' ' && character <= '~') return {'\'', character, '\''};
  return "a character of code " + std::to_string(static_cast<unsigned char>(character));
}

/// Numbers below `limit`, and '=' for `equals` where there is one, between any of " ,()\n".
/// Errors: as `parse_tokens`.
inline std::vector<std::uint32_t> parse_numbers(std::string_view text, std::uint32_t limit,
                                                std::optional<std::uint32_t> equals, Index n_ctx) {
  const auto where = [&](std::size_t i) {
    return "token text \"" + std::string(text) + "\": character " + std::to_string(i + 1) + ": ";
  };
  std::vector<std::uint32_t> tokens;
  std::size_t i = 0;
  while ((i = text.find_first_not_of(" ,()\n", i)) != std::string_view::npos) {
    require(static_cast<Index>(tokens.size()) < n_ctx, where(i), "expected the end after ", n_ctx, " tokens, found ",
            shown(text[i]));
    if (equals && text[i] == '=') {
      tokens.push_back(*equals);
      ++i;
      continue;
    }
    std::uint32_t number = 0;
    const auto [end, problem] = std::from_chars(text.data() + i, text.data() + text.size(), number);
    require(problem != std::errc::invalid_argument, where(i), "expected a number", equals ? " or '='" : "", ", found ",
            shown(text[i]));
    require(problem == std::errc() && number < limit, where(i), "expected a number below ", limit, ", found ",
            std::string_view(text.data() + i, static_cast<std::size_t>(end - text.data()) - i));
    tokens.push_back(number);
    i = static_cast<std::size_t>(end - text.data());
  }
  require(!tokens.empty(), "token text \"", text, "\": expected tokens, found none");
  return tokens;
}

/// The numbers with `separator` between them; `equals`, where there is one, as '='.
inline std::string number_text(std::span<std::uint32_t const> tokens, std::string_view separator,
                               std::optional<std::uint32_t> equals) {
  std::string text;
  for (std::uint32_t token : tokens) {
    if (!text.empty()) text += separator;
    text += token == equals ? "=" : std::to_string(token);
  }
  return text;
}

}  // namespace detail

/// `12345+67890=080235`, or as much of it as there are tokens.
/// Errors: `Error` naming the position of a token that the task does not have; `Error` when there are more than n_ctx.
inline std::string token_text(DigitAddition const& task, std::span<std::uint32_t const> tokens) {
  detail::check_tokens(tokens, task.d_vocab(), task.n_ctx());
  std::string text;
  for (std::uint32_t token : tokens) text += "0123456789+="[token];
  return text;
}

/// A sum as it is written on paper, in three lines: "  12345", " +67890", "=080235".
/// Errors: as `token_text`, and when the sequence is not complete.
inline std::string written_sum(DigitAddition const& task, std::span<std::uint32_t const> tokens) {
  const std::string text = token_text(task, tokens);
  require(static_cast<Index>(text.size()) == task.n_ctx(), "digit addition: expected ", task.n_ctx(), " tokens, found ",
          text.size());
  const auto d = static_cast<std::size_t>(task.digits);
  return "  " + text.substr(0, d) + "\n " + text.substr(d, d + 1) + "\n" + text.substr(2 * d + 1);
}

/// `(3, 17, =)`.
/// Errors: as above.
inline std::string token_text(MaxOfN const& task, std::span<std::uint32_t const> tokens) {
  detail::check_tokens(tokens, task.d_vocab(), task.n_ctx());
  return "(" + detail::number_text(tokens, ", ", task.equals()) + ")";
}

/// The numbers of the tokens: `0 7 9 13 4 1`.
/// Errors: as above.
inline std::string token_text(SkipTrigram const& task, std::span<std::uint32_t const> tokens) {
  detail::check_tokens(tokens, task.d_vocab(), task.n_ctx());
  return detail::number_text(tokens, " ", std::nullopt);
}

/// The numbers of the tokens: `0 110 127 67`.
/// Errors: as above.
inline std::string token_text(Induction const& task, std::span<std::uint32_t const> tokens) {
  detail::check_tokens(tokens, task.d_vocab(), task.n_ctx());
  return detail::number_text(tokens, " ", std::nullopt);
}

/// The tokens of a text as `token_text` or `written_sum` writes it: a whole sequence or its beginning, as a prompt that
/// ends with `=`. Spaces and line ends do not count.
/// Errors: `Error` when there are no tokens, or naming the character, counted from 1, that is not what stands there in
/// a sum, or that is one too many.
inline std::vector<std::uint32_t> parse_tokens(DigitAddition const& task, std::string_view text) {
  task.check();
  const auto d = static_cast<std::size_t>(task.digits), most = static_cast<std::size_t>(task.n_ctx());
  std::vector<std::uint32_t> tokens;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == ' ' || c == '\n') continue;
    const std::size_t position = tokens.size();
    const bool is_digit = c >= '0' && c <= '9';
    const auto expect = [&](bool condition, char const* expected) {
      require(condition, "token text \"", text, "\": character ", i + 1, ": expected ", expected, ", found ",
              detail::shown(c));
    };
    expect(position < most, "the end of the sum");
    if (position == d) {
      expect(c == '+', "'+'");
    } else if (position == 2 * d + 1) {
      expect(c == '=', "'='");
    } else {
      expect(is_digit, "a digit");
    }
    tokens.push_back(is_digit ? static_cast<std::uint32_t>(c - '0') : position == d ? task.plus : task.equals);
  }
  require(!tokens.empty(), "token text \"", text, "\": expected tokens, found none");
  return tokens;
}

/// The tokens of a text as `token_text` writes it; commas and brackets may be missing.
/// Errors: `Error` when there are no tokens, or naming the character, counted from 1, where no number of the task and
/// no '=' stands, or where a token too many begins.
inline std::vector<std::uint32_t> parse_tokens(MaxOfN const& task, std::string_view text) {
  task.check();
  return detail::parse_numbers(text, task.equals(), task.equals(), task.n_ctx());
}

/// As for `MaxOfN`, without '='.
inline std::vector<std::uint32_t> parse_tokens(SkipTrigram const& task, std::string_view text) {
  task.check();
  return detail::parse_numbers(text, static_cast<std::uint32_t>(task.d_vocab()), std::nullopt, task.n_ctx());
}

/// As for `MaxOfN`, without '='.
inline std::vector<std::uint32_t> parse_tokens(Induction const& task, std::string_view text) {
  task.check();
  return detail::parse_numbers(text, static_cast<std::uint32_t>(task.d_vocab()), std::nullopt, task.n_ctx());
}

}  // namespace cayley
