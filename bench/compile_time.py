"""What it costs to include Cayley: processor time and memory of one compilation with the flags of a build folder, for Eigen
by itself, each room (without its headers that need a JSON reader, where it has others), the umbrella headers, and whole
studies. Rounds take all of them in turn."""
import json
import os
import pathlib
import re
import shlex
import statistics
import subprocess
import tempfile

root = pathlib.Path(__file__).resolve().parent.parent
STUDIES = {"S5 study": "examples/symmetric_group_s5.cpp", "p = 113 study": "examples/modular_addition.cpp"}


def command_of(build):
    """Compiler and flags of an example."""
    for entry in json.loads((build / "compile_commands.json").read_text()):
        if entry["file"].endswith(STUDIES["S5 study"]):
            words = shlex.split(entry["command"])
            return words[: words.index("-o")]
    raise SystemExit(f"{build}/compile_commands.json: no {STUDIES['S5 study']}; build it with examples")


def compiler(build):
    words = command_of(build)
    version = subprocess.run([words[0], "--version"], check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[0]
    return version + " " + " ".join(w for w in words if w.startswith(("-O", "-m", "-f")))


def compilation(command, source, folder):
    """Seconds of processor time, and megabytes."""
    process = subprocess.Popen([*command, "-o", str(folder / "object.o"), "-c", str(source)])
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{source} does not compile")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def sources(folder):
    def rooms(umbrella):
        headers = {}
        for header in re.findall(r"#include <(cayley/\w+/\w+\.hpp)>", (root / "include" / umbrella).read_text()):
            headers.setdefault(header.split("/")[1], []).append(header)
        return headers

    own, with_json = rooms("cayley/cayley.hpp"), rooms("cayley/io.hpp")
    texts = {"Eigen": ["Eigen/Core"],
             "algebra: group, representation, fourier": own["group"] + own["representation"] + own["fourier"]}
    texts |= {f"cayley/{room}/*": headers for room, headers in sorted({**with_json, **own}.items())}
    texts["cayley/cayley.hpp"] = ["cayley/cayley.hpp"]
    texts["cayley/io.hpp"] = ["cayley/io.hpp"]
    for i, (name, headers) in enumerate(texts.items()):
        file = folder / f"source_{i}.cpp"
        file.write_text("".join(f"#include <{header}>\n" for header in headers))
        yield name, file
    for name, source in STUDIES.items():
        yield name, root / source


def measure(build, rounds, wanted):
    command = command_of(build)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        chosen = [(what, source) for what, source in sources(folder) if wanted(what)]
        found = {what: ([], []) for what, _ in chosen}
        for _ in range(min(rounds, 3)):
            for what, source in chosen:
                seconds, megabytes = compilation(command, source, folder)
                found[what][0].append(seconds)
                found[what][1].append(megabytes)
    results = [{"what": what, "seconds": seconds, "megabytes": max(megabytes)} for what, (seconds, megabytes) in found.items()]
    for r in results:
        print(f"{r['what']:40} {statistics.median(r['seconds']):6.1f} s {r['megabytes']:7.0f} MB", flush=True)
    return results


def markdown(results):
    if not results:
        return []
    eigen = next((statistics.median(r["seconds"]) for r in results if r["what"] == "Eigen"), None)
    lines = ["", "## Compile time", "", "| | s | s more than Eigen | MB |", "| --- | --- | --- | --- |"]
    for r in results:
        seconds = statistics.median(r["seconds"])
        more = "" if eigen is None else f"{seconds - eigen:.1f}"
        lines.append(f"| {r['what']} | {seconds:.1f} | {more} | {r['megabytes']:.0f} |")
    return lines
