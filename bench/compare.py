#!/usr/bin/env python3
"""Times Cayley and PyTorch in turn, several rounds of each in one run, and prints ratios with their spread.

usage: compare.py BUILD [--rounds N] [--peer SCRIPT]
BUILD is a build folder of the preset `release`. The peer's other scripts with the same options and a line
"median_ms X" are understood too.
"""
import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys

here = pathlib.Path(__file__).resolve().parent
one_thread = dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")


def cayley(build, name):
    """Milliseconds of one benchmark, the median of its repetitions."""
    output = subprocess.run(
        [f"{build}/bench/bench_study", f"--benchmark_filter=^{name}$", "--benchmark_format=json",
         "--benchmark_min_time=0.2"],
        env=one_thread, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    (result,) = json.loads(output)["benchmarks"]
    return result["real_time"]


def peer(script, arguments):
    """Milliseconds of an epoch of the peer (median), and what it calls itself."""
    output = subprocess.run([sys.executable, str(script), *arguments], env=one_thread, check=True,
                            stdout=subprocess.PIPE, text=True).stdout
    if match := re.search(r"torch (\S+) .*median_ms ([0-9.]+)", output):
        return float(match[2]), f"torch {match[1]}"
    result = json.loads(output.splitlines()[-1])
    return statistics.median(result["milliseconds"]), f"torch {result['torch']}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peer", default=here / "peers" / "group_mlp_epoch.py")
    options = parser.parse_args()
    rows = [("explain_s5", ["--order", "120"]), ("explain_c113", ["--order", "113"]), ("explain_a5", ["--order", "60"])]
    print("milliseconds, one thread: Cayley explains a checkpoint | the peer trains one epoch of the same shape")
    for name, arguments in rows:
        ours, theirs, version = [], [], ""
        for _ in range(options.rounds):
            ours.append(cayley(options.build, name))
            milliseconds, version = peer(options.peer, arguments)
            theirs.append(milliseconds)
        ratios = sorted(a / b for a, b in zip(ours, theirs))
        print(f"{name:14} {statistics.median(ours):8.1f} | {statistics.median(theirs):8.1f}   "
              f"ratio {statistics.median(ratios):.2f} ({ratios[0]:.2f} .. {ratios[-1]:.2f})   {version}")


if __name__ == "__main__":
    main()
