#!/usr/bin/env python3
"""Times Cayley and PyTorch in turn, several rounds of each in one run, and prints ratios with their spread.

usage: compare.py BUILD [--rounds N] [--only NAME] [--peer SCRIPT] [--step-peer SCRIPT]
                  [--sequence-peer SCRIPT]
BUILD is a build folder of the preset `release`. --only runs the rows whose name has NAME in it. --peer stands for
peers/group_mlp_epoch.py where that is told to work as the notebooks do, with its options --order, --frac and --threads; a
script with a line "median_ms X" is understood too. --step-peer likewise stands for peers/modular_transformer_step.py,
--sequence-peer for peers/sequence_step.py.
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


def cayley(build, program, name):
    """One benchmark: milliseconds, and its counter `operations` a second."""
    output = subprocess.run(
        [f"{build}/bench/{program}", f"--benchmark_filter=^{name}$", "--benchmark_format=json",
         "--benchmark_min_time=0.2"],
        env=one_thread, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    (result,) = json.loads(output)["benchmarks"]
    return result["real_time"], result.get("operations", 0)


def peer(script, arguments):
    """Milliseconds of an epoch of the peer (median), and what it calls itself."""
    output = subprocess.run([sys.executable, str(script), *arguments], env=one_thread, check=True,
                            stdout=subprocess.PIPE, text=True).stdout
    if match := re.search(r"torch (\S+) .*median_ms ([0-9.]+)", output):
        return float(match[2]), f"torch {match[1]}"
    result = json.loads(output.splitlines()[-1])
    return statistics.median(result["milliseconds"]), f"torch {result['torch']}"


def spread(values):
    values = sorted(values)
    return f"{statistics.median(values):.2f} ({values[0]:.2f} .. {values[-1]:.2f})"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="")
    parser.add_argument("--peer", default=here / "peers" / "group_mlp_epoch.py")
    parser.add_argument("--step-peer", default=here / "peers" / "modular_transformer_step.py")
    parser.add_argument("--sequence-peer", default=here / "peers" / "sequence_step.py")
    options = parser.parse_args()
    own_peer = here / "peers" / "group_mlp_epoch.py"

    def pair(label, ours, script, arguments, ratio):
        """ours() and the peer in turn; prints both medians and the ratio of each round."""
        if options.only not in label:
            return
        mine, theirs, version = [], [], ""
        for _ in range(options.rounds):
            mine.append(ours())
            milliseconds, version = peer(script, arguments)
            theirs.append(milliseconds)
        ratios = [ratio(a, b) for a, b in zip(mine, theirs)]
        print(f"{label:44} {statistics.median(mine):8.2f} | {statistics.median(theirs):8.2f}   "
              f"ratio {spread(ratios)}   {version}", flush=True)

    print("Explaining a checkpoint. Milliseconds, one thread: Cayley | the peer trains one epoch of the same shape; "
          "ratio: time of Cayley / time of the peer")
    for name, order in [("explain_s5", 120), ("explain_c113", 113), ("explain_a5", 60)]:
        pair(name, lambda name=name: cayley(options.build, "bench_study", name)[0], options.peer,
             ["--order", str(order)], lambda a, b: a / b)

    print("Training for an epoch. Milliseconds: Cayley | the peer; ratio: time of the peer / time of Cayley")

    def epoch(name, threads=1):
        return lambda: cayley(options.build, "bench_train", f"{name}/threads:{threads}/real_time")[0]

    pair("epoch_s5, peer as the notebooks", epoch("epoch_s5"), options.peer, ["--order", "120"], lambda a, b: b / a)
    pair("epoch_s5, folded float32 peer", epoch("epoch_s5"), own_peer, ["--order", "120", "--way", "folded"],
         lambda a, b: b / a)
    pair("epoch_a5, folded float32 peer", epoch("epoch_a5"), own_peer,
         ["--order", "60", "--fraction", "0.5", "--way", "folded"], lambda a, b: b / a)
    pair("epoch_s5_bilinear, float32 peer", epoch("epoch_s5_bilinear"), own_peer,
         ["--order", "120", "--model", "bilinear", "--way", "folded"], lambda a, b: b / a)

    print("A step of the modular-addition transformer. Milliseconds: Cayley | the peer; ratio: time of the peer / "
          "time of Cayley")
    step_peer = here / "peers" / "modular_transformer_step.py"

    def step(name, threads=1, program="bench_nn"):
        return lambda: cayley(options.build, program, f"{name}/threads:{threads}/real_time")[0]

    pair("p113 folded, peer as the notebooks", step("folded"), options.step_peer, [], lambda a, b: b / a)
    pair("p113 folded, folded float32 peer", step("folded"), step_peer, ["--way", "folded"], lambda a, b: b / a)
    pair("p113 general, peer as the notebooks", step("general"), options.step_peer, [], lambda a, b: b / a)

    pair("p113 general, peer of the same arithmetic", step("general"), step_peer, ["--way", "general"],
         lambda a, b: b / a)

    print("A step of the sequence studies. Milliseconds: Cayley | the peer; ratio: time of the peer / time of Cayley")
    sequence_peer = here / "peers" / "sequence_step.py"
    for task in ["induction", "digits", "trigram"]:
        pair(f"{task}, peer as the notebooks", step(task), options.sequence_peer, [task], lambda a, b: b / a)
        pair(f"{task}, peer at its best", step(task), sequence_peer, [task, "--way", "best"], lambda a, b: b / a)

    def against(label, what, first, second):
        """Two of our own in turn: the time of the second / the time of the first."""
        if options.only in label:
            ratios = [second() / first() for _ in range(options.rounds)]
            print(f"{label}: {spread(ratios)} {what}", flush=True)

    against("p113 folded, two threads against one", "times as fast", step("folded", 2), step("folded"))
    against("p113 general, two threads against one", "times as fast", step("general", 2), step("general"))
    for task in ["induction", "digits", "trigram"]:
        against(f"{task}, two threads against one", "times as fast", step(task, 2), step(task))
    against("p113 general, with hook calls / with them deleted", "times the time",
            step("general", program="bench_nn_without_hooks"), step("general"))

    if (pathlib.Path(options.build) / "bench" / "bench_backend").exists():
        backend = lambda name, threads: lambda: cayley(options.build, "bench_backend",
                                                       f"epoch_{name}/{threads}/real_time")[0]
        against("epoch_s5, thrust-cpp / cpu, one thread", "times the time", backend("cpu", 1), backend("thrust_cpp", 1))
        for name in ["thrust-omp", "thrust-tbb"]:
            against(f"epoch_s5, {name} / cpu, two threads", "times the time", backend("cpu", 2),
                    backend(name.replace("-", "_"), 2))

    if options.only in "threads and peak":
        two, multiples, products = [], [], []
        for _ in range(options.rounds):
            one, speed = cayley(options.build, "bench_train", "epoch_s5/threads:1/real_time")
            two.append(one / epoch("epoch_s5", 2)())
            peak = cayley(options.build, "bench_train", "peak")[1]
            product = cayley(options.build, "bench_train", "product")[1]
            peak = max(peak, product)
            multiples.append(peak / speed)
            products.append(peak / product)
        print(f"epoch_s5, two threads against one: {spread(two)} times as fast")
        print(f"epoch_s5, one thread: {spread(multiples)} times the time of its folded operations at the core's peak")
        print(f"a product of 240 x 240 matrices: {spread(products)} times the time at peak")


if __name__ == "__main__":
    main()
