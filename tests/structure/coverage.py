"""What of include/ the tests of a build with --coverage have run: lines, and functions that none has called.

Usage: coverage.py ROOT BUILD [--least PERCENT]

Prints the share of lines by room, every function that was compiled and never called, and every function that was never
compiled, as no test instantiates the template. Functions that are evaluated at compile time leave no trace; those that say
constexpr or consteval are left out of the last list. Exits with 1 where fewer lines than PERCENT have run."""

import collections
import json
import pathlib
import re
import subprocess
import sys

root, build = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
least = float(sys.argv[sys.argv.index("--least") + 1]) if "--least" in sys.argv else 0
include = root / "include" / "cayley"


def gcov_files():
    """What gcov says of every header of the library, once for each object file that has run."""
    for counts in sorted(build.rglob("*.gcda")):
        output = subprocess.run(["gcov", "--json-format", "--stdout", counts.name], cwd=counts.parent, check=True,
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        for text in output.splitlines():
            report = json.loads(text)
            for file in report["files"]:
                path = pathlib.Path(report["current_working_directory"], file["file"]).resolve()
                if path.is_relative_to(include):
                    yield path, file


lines = collections.defaultdict(lambda: collections.defaultdict(int))
calls = collections.defaultdict(lambda: collections.defaultdict(int))
names = {}
for path, file in gcov_files():
    for line in file["lines"]:
        lines[path][line["line_number"]] += line["count"]
    for function in file["functions"]:
        calls[path][function["start_line"]] += function["execution_count"]
        names[path, function["start_line"]] = re.sub(r"<.*", "", function["demangled_name"].split("(")[0])

rooms = collections.defaultdict(lambda: [0, 0])
for path, counts in lines.items():
    room = path.relative_to(include).parts[0]
    for name in (room, "all"):
        rooms[name][0] += sum(count != 0 for count in counts.values())
        rooms[name][1] += len(counts)
if not rooms:
    sys.exit(f"{build}: no test has run, or it was compiled without --coverage")
for room, (ran, total) in sorted(rooms.items(), key=lambda item: item[0] == "all"):
    print(f"{room:16} {ran:6} of {total:6} lines, {100 * ran / total:5.1f} %")

never_called = sorted((path, line) for path in calls for line, count in calls[path].items() if count == 0)
print(f"\n{len(never_called)} functions that no test calls")
for path, line in never_called:
    print(f"  {path.relative_to(include)}:{line}: {names[path, line]}")

tags = subprocess.run(["ctags", "-x", "--language-force=C++", "--kinds-C++=f", "-R", str(include)], check=True,
                      stdout=subprocess.PIPE, text=True).stdout
not_compiled = []
for tag in tags.splitlines():
    match = re.match(r"(\S.*?)\s+function\s+(\d+)\s+(\S+\.(?:hpp|cuh))\s+(.*)", tag)
    if not match:
        continue
    name, line, path, text = match[1], int(match[2]), pathlib.Path(match[3]).resolve(), match[4]
    source = path.read_text().splitlines()
    declaration = " ".join(source[max(0, line - 3):line])
    if line in calls[path] or "constexpr" in declaration or "consteval" in declaration or "= default" in text:
        continue
    if path.suffix == ".cuh" or any(abs(line - at) <= 2 for at in calls[path]):
        continue
    not_compiled.append(f"  {path.relative_to(include)}:{line}: {name}")
print(f"\n{len(not_compiled)} functions that no test instantiates")
print("\n".join(not_compiled))

ran, total = rooms["all"]
if 100 * ran / total < least:
    sys.exit(f"lines that have run: expected at least {least} %, found {100 * ran / total:.1f} %")
