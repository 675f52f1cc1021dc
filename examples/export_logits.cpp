// Question: what does a trained network answer, number by number, where another program shall go on with it?
//
// A run becomes a network, its logits a tensor beside the group's table in a safetensors file, which docs/how-to/python.md
// reads: logits (n^2, n), the pair (a, b) in row a n + b, and products (n, n), both in the library's element order.
//
// Usage: example_export_logits RUN FILE.safetensors
// RUN is a directory that `cayley-lab train` wrote, or one with cfg.json and model.safetensors.
//
// Expected output: what was written. Returns 1 if the run cannot be read or the file not be written.

#include <cayley/cayley.hpp>
#include <cayley/io.hpp>
#include <cstdio>
#include <exception>

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: example_export_logits RUN FILE.safetensors\n", stderr);
    return 2;
  }
  try {
    const cayley::StoredRun run = cayley::read_run(argv[1]);
    cayley::CayleyTable const& table = run.group.table;
    const cayley::Index n = table.order();

    cayley::TensorFile file;
    file.add("logits", run.network.logits_of(cayley::all_pairs(n)));
    file.add("products", {n, n}, table.products());
    cayley::write_safetensors(argv[2], file);
    std::printf("%s: logits of %s on %lld pairs\n", argv[2], run.group.name().c_str(), static_cast<long long>(n * n));
    return 0;
  } catch (std::exception const& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
}
