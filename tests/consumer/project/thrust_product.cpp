// Squares a rotation by a right angle with the backend Thrust<Cpp>; returns 1 if the result is not minus the identity.
#include <array>
#include <cayley/thrust.hpp>
#include <cstdio>
#include <span>

int main() {
  using Backend = cayley::Thrust<cayley::Cpp>;
  const Backend backend;
  const std::array<float, 4> rotation{0, -1, 1, 0};
  std::array<float, 4> square{};
  Backend::Buffer<float> a(4), c(4);
  backend.upload(std::span<float const>(rotation), a);
  const auto view = cayley::matrix_view<float const>(a.data(), 2, 2);
  backend.matrix_product<float>(view, view, cayley::matrix_view(c.data(), 2, 2), 1, 0);
  backend.download(c, std::span<float>(square));
  std::printf("%g %g\n%g %g\n", square[0], square[1], square[2], square[3]);
  return square == std::array<float, 4>{-1, 0, 0, -1} ? 0 : 1;
}
