#!/usr/bin/env python3
"""Times Cayley and PyTorch in turn, several rounds of each in one run, and prints ratios with their spread; then how cost
and memory grow with the group, and what it costs to compile.

usage: compare.py BUILD [--rounds N] [--only NAME] [--python PROGRAM] [--results FOLDER] [--peer SCRIPT]
                  [--step-peer SCRIPT] [--sequence-peer SCRIPT]
BUILD is a build folder of the preset `release`. --only runs the rows whose section or name has NAME in it. --python runs
the peers. Without --only, or with --results, FOLDER/<date>.json and .md get everything that was measured.
--peer stands for peers/group_mlp_epoch.py where that is told to work as the notebooks do, with its options --order, --frac
and --threads; a script with a line "median_ms X" is understood too. --step-peer likewise stands for
peers/modular_transformer_step.py, --sequence-peer for peers/sequence_step.py.
"""
import argparse
import datetime
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time

import compile_time
import processes
import scaling

here = pathlib.Path(__file__).resolve().parent
one_thread = dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")


def spread(values):
    values = sorted(values)
    return f"{statistics.median(values):.2f} ({values[0]:.2f} .. {values[-1]:.2f})"


class Comparison:
    def __init__(self, options):
        self.build = pathlib.Path(options.build)
        self.rounds = options.rounds
        self.only = options.only
        self.python = options.python
        self.rows = []
        self.peak = None
        self.section = ""

    def cayley(self, program, name):
        """One benchmark: milliseconds, and its counter `operations` a second."""
        output = subprocess.run(
            [self.build / "bench" / program, f"--benchmark_filter=^{name}$", "--benchmark_format=json",
             "--benchmark_min_time=0.2"],
            env=one_thread, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        if not output:
            raise SystemExit(f"{self.build / 'bench' / program}: no benchmark is called {name}")
        (result,) = json.loads(output)["benchmarks"]
        scale = {"ns": 1e-6, "us": 1e-3, "ms": 1}[result["time_unit"]]
        return result["real_time"] * scale, result.get("operations", 0)

    def time_of(self, program, name):
        return lambda: self.cayley(program, name)[0]

    def peer(self, script, arguments):
        """What the peer prints: the milliseconds of each of its calls, of what it does once, and what it calls itself."""
        output = subprocess.run([self.python, str(script), *arguments], env=one_thread, check=True,
                                stdout=subprocess.PIPE, text=True).stdout
        if match := re.search(r"torch (\S+) .*median_ms ([0-9.]+)", output):
            return {"milliseconds": [float(match[2])], "once": 0, "name": f"torch {match[1]}"}
        result = json.loads(output.splitlines()[-1])
        return {"milliseconds": result["milliseconds"], "once": result.get("once", 0), "name": f"torch {result['torch']}"}

    def peak_rate(self):
        """Operations a second of one core, the most of what registers and a product reach."""
        if self.peak is None:
            self.peak = max(self.cayley("bench_train", name)[1] for name in ("peak", "product") for _ in range(3))
        return self.peak

    def heading(self, section, text):
        self.section = section
        self.explanation = text

    def wanted(self, name):
        if self.only not in f"{self.section}: {name}":
            return False
        if self.explanation:
            print(f"\n{self.section}. {self.explanation}", flush=True)
            self.explanation = ""
        return True

    def pair(self, name, ours, script, arguments, operations=0, whole=False):
        """ours() and the peer in turn: medians, and the time of the peer / ours of each round. `operations`: of ours, for
        its share of the peak. `whole`: the peer's calls count together, with what it does once."""
        if not self.wanted(name):
            return
        mine, theirs, version = [], [], ""
        for _ in range(self.rounds):
            mine.append(ours())
            found = self.peer(script, arguments)
            version = found["name"]
            theirs.append(sum(found["milliseconds"]) + found["once"] if whole else statistics.median(found["milliseconds"]))
        ratios = [b / a for a, b in zip(mine, theirs)]
        row = {"section": self.section, "name": name, "cayley_ms": mine, "peer_ms": theirs, "peer": version, "ratio": ratios}
        text = (f"{name:46} {statistics.median(mine):9.3f} | {statistics.median(theirs):9.3f}   "
                f"{spread(ratios)} times as fast as {version}")
        if operations:
            row["share_of_peak"] = operations / (1e-3 * statistics.median(mine)) / self.peak_rate()
            text += f"   {100 * row['share_of_peak']:.0f} % of the peak"
        self.rows.append(row)
        print(text, flush=True)

    def against(self, name, what, first, second):
        """Two of our own in turn: the time of the second / the time of the first."""
        if not self.wanted(name):
            return
        ratios = [second() / first() for _ in range(self.rounds)]
        self.rows.append({"section": self.section, "name": name, "what": what, "ratio": ratios})
        print(f"{name:46} {spread(ratios)} {what}", flush=True)


def markdown(results):
    lines = [f"# Benchmarks, {results['date']}", "",
             f"{results['processor']}; {results['compiler']}; {results['rounds']} rounds, one thread unless a row says"
             f" otherwise. Peak of a core: {results['peak_gflops']:.0f} GFLOP/s in float32. Medians; in brackets the extremes"
             " of the rounds. See [README.md](../README.md) for what each row is."]
    rows = [row for row in results["rows"] if "peer" in row]
    if rows:
        lines += ["", "| | Cayley, ms | peer, ms | times as fast | share of peak | peer |", "| --- | --- | --- | --- | --- | --- |"]
    for row in rows:
        share = f"{100 * row['share_of_peak']:.0f} %" if "share_of_peak" in row else ""
        lines.append(f"| {row['section']}: {row['name']} | {statistics.median(row['cayley_ms']):.3g} "
                     f"| {statistics.median(row['peer_ms']):.3g} | {spread(row['ratio'])} | {share} | {row['peer']} |")
    rows = [row for row in results["rows"] if "peer" not in row]
    if rows:
        lines += ["", "| | |", "| --- | --- |"]
    lines += [f"| {row['section']}: {row['name']} | {spread(row['ratio'])} {row['what']} |" for row in rows]
    return "\n".join(lines + scaling.markdown(results["scaling"]) + compile_time.markdown(results["compile_time"])) + "\n"


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":")[1].strip() + f", {os.cpu_count()} cores"
    return platform.processor()


def write_results(folder, results):
    folder.mkdir(parents=True, exist_ok=True)
    for suffix, text in ((".json", json.dumps(results, indent=1) + "\n"), (".md", markdown(results))):
        file = folder / (results["date"] + suffix)
        temporary = file.with_suffix(suffix + ".part")
        temporary.write_text(text)
        temporary.replace(file)
        print(file)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--results", type=pathlib.Path)
    parser.add_argument("--peer", default=here / "peers" / "group_mlp_epoch.py")
    parser.add_argument("--step-peer", default=here / "peers" / "modular_transformer_step.py")
    parser.add_argument("--sequence-peer", default=here / "peers" / "sequence_step.py")
    options = parser.parse_args()
    epoch_peer, step_peer, sequence_peer, group_peer = (
        here / "peers" / f"{name}.py"
        for name in ("group_mlp_epoch", "modular_transformer_step", "sequence_step", "symmetric_group"))
    run = Comparison(options)
    lab = run.build / "examples" / "lab" / "cayley-lab"
    costs = {match[1]: 1e9 * float(match[2]) for match in re.finditer(
        r"^\| ([^|]+?) \| ([0-9.]+) \|",
        subprocess.run([run.build / "bench" / "step_costs"], check=True, stdout=subprocess.PIPE, text=True).stdout,
        re.MULTILINE)}

    run.heading("groups", "Milliseconds: Cayley | the peer")
    for n in (5, 6):
        run.pair(f"irreps and Fourier basis of S{n}", run.time_of("bench_fourier", f"basis_of_a_group<Symmetric<{n}>, double>"),
                 group_peer, ["irreps", "--n", str(n)])
    run.pair("128 functions on S5, transformed, float",
             run.time_of("bench_fourier", "transform_128_functions<Symmetric<5>, float>/along_columns:0"), group_peer,
             ["transform"], 2 * 120 * 120 * 128)
    run.pair("128 functions on S6, transformed, float",
             run.time_of("bench_fourier", "transform_128_functions<Symmetric<6>, float>/along_columns:0"), group_peer,
             ["transform", "--n", "6"], 2 * 720 * 720 * 128)

    run.heading("explaining", "Milliseconds: Cayley | the peer")
    run.pair("a checkpoint on S5, best peer", run.time_of("bench_study", "explain_s5"), group_peer, ["explain"])
    for name, order in [("s5", 120), ("c113", 113), ("a5", 60)]:
        run.pair(f"explain_{name}, peer trains for an epoch", run.time_of("bench_study", f"explain_{name}"), options.peer,
                 ["--order", str(order)])
    if run.wanted("a run of 20 checkpoints on S5, best peer"):
        with tempfile.TemporaryDirectory() as folder:
            directory = pathlib.Path(folder) / "run"
            config = {"group": "SymmetricGroup", "group_parameter": 5, "model": "OneLayerMLP", "seed": 1, "frac_train": 0.4,
                      "layers": {"embed_dim": 256, "hidden_dim": 128}, "num_epochs": 200, "checkpoint_every": 10,
                      "checkpoint_points": 0}
            (pathlib.Path(folder) / "cfg.json").write_text(json.dumps(config))
            subprocess.run([lab, "train", pathlib.Path(folder) / "cfg.json", "--out", directory], check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            count = len(list((directory / "checkpoints").iterdir()))

            def explain_run():
                start = time.perf_counter()
                subprocess.run([lab, "explain", directory, "--checkpoints", "--threads", "1"], check=True, env=one_thread,
                               stdout=subprocess.DEVNULL)
                return 1e3 * (time.perf_counter() - start)

            run.pair("a run of 20 checkpoints on S5, best peer", explain_run, group_peer, ["explain", "--calls", str(count)],
                     whole=True)

    run.heading("training, groups", "Milliseconds of an epoch: Cayley | the peer")

    def epoch(name, threads=1):
        return run.time_of("bench_train", f"{name}/threads:{threads}/real_time")

    folded = 6 * 5760 * 128 * 120 + 12 * 120 * 256 * 128
    folded_a5 = 6 * 1800 * 128 * 60 + 12 * 60 * 256 * 128
    run.pair("epoch_s5, peer as the notebooks", epoch("epoch_s5"), options.peer, ["--order", "120"], folded)
    run.pair("epoch_s5, best peer", epoch("epoch_s5"), epoch_peer, ["--order", "120", "--way", "folded"], folded)
    run.pair("epoch_s5, two threads, best peer", epoch("epoch_s5", 2), epoch_peer,
             ["--order", "120", "--way", "folded", "--threads", "2"])
    run.pair("epoch_a5, best peer", epoch("epoch_a5"), epoch_peer,
             ["--order", "60", "--fraction", "0.5", "--way", "folded"], folded_a5)
    run.pair("epoch_s5_bilinear, best peer", epoch("epoch_s5_bilinear"), epoch_peer,
             ["--order", "120", "--model", "bilinear", "--way", "folded"], 6 * 5760 * 256 * 120)

    run.heading("training, modular addition", "Milliseconds of a step: Cayley | the peer")

    def step(name, threads=1, program="bench_nn"):
        return run.time_of(program, f"{name}/threads:{threads}/real_time")

    def cost(study):
        return next((operations for name, operations in costs.items() if study in name), 0)

    run.pair("p113 folded, peer as the notebooks", step("folded"), options.step_peer, [], cost("113"))
    run.pair("p113 folded, best peer", step("folded"), step_peer, ["--way", "folded"], cost("113"))
    run.pair("p113 general, peer as the notebooks", step("general"), options.step_peer, [])
    run.pair("p113 general, peer of the same arithmetic", step("general"), step_peer, ["--way", "general"])

    run.heading("training, sequences", "Milliseconds of a step: Cayley | the peer")
    for task in ["induction", "digits", "trigram"]:
        run.pair(f"{task}, peer as the notebooks", step(task), options.sequence_peer, [task], cost(task))
        run.pair(f"{task}, best peer", step(task), sequence_peer, [task, "--way", "best"], cost(task))

    run.heading("threads", "Time of one thread / time of two")
    faster = "times as fast"
    run.against("epoch_s5", faster, epoch("epoch_s5", 2), epoch("epoch_s5"))
    for name in ["folded", "general", "induction", "digits", "trigram"]:
        run.against(name, faster, step(name, 2), step(name))

    run.heading("several processes", "Time of one process / time of two, of one thread each")
    run.against("a sweep of 40 runs on A4", faster, processes.sweep(lab, 2), processes.sweep(lab, 1))
    run.against("30 epochs on S6 under mpirun", faster, processes.train(lab, 2), processes.train(lab, 1))

    run.heading("hooks and backends", "Time of the first / time of the second")
    run.against("p113 general, with hook calls / with them deleted", "times the time",
                step("general", program="bench_nn_without_hooks"), step("general"))
    if (run.build / "bench" / "bench_backend").exists():
        def backend(name, threads):
            return run.time_of("bench_backend", f"epoch_{name}/{threads}/real_time")
        run.against("epoch_s5, thrust-cpp / cpu, one thread", "times the time", backend("cpu", 1), backend("thrust_cpp", 1))
        for name in ["omp", "tbb"]:
            run.against(f"epoch_s5, thrust-{name} / cpu, two threads", "times the time", backend("cpu", 2),
                        backend(f"thrust_{name}", 2))

    growth, compiled = [], []
    try:
        run.heading("scaling", "One thread")
        growth = scaling.measure(run.build / "bench" / "bench_scaling", run.wanted)
        run.heading("compile time", "Seconds of processor time and megabytes of one compilation")
        compiled = compile_time.measure(run.build, run.rounds, run.wanted)
    finally:  # what was measured is kept
        if options.results or not options.only:
            write_results(options.results or here / "results", {
                "date": datetime.date.today().isoformat(), "processor": processor(), "rounds": options.rounds,
                "compiler": compile_time.compiler(run.build), "peak_gflops": run.peak_rate() / 1e9, "rows": run.rows,
                "scaling": growth, "compile_time": compiled})


if __name__ == "__main__":
    main()
