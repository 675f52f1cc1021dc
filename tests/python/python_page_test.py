"""Runs the blocks of docs/how-to/python.md one after the other on runs that it makes, shorter ones than the page's.

Usage: python_page_test.py ROOT CAYLEY_LAB EXAMPLE_EXPORT_LOGITS [--all]

A block that needs a package which is missing is left out, with all that need its names; with --all that is a failure.
Exits with 77 where numpy is missing."""

import importlib.util
import os
import pathlib
import re
import subprocess
import sys
import tempfile

if importlib.util.find_spec("numpy") is None:
    print("skipped: no numpy for this Python (Debian: python3-numpy)")
    sys.exit(77)

root, lab, export_logits = (pathlib.Path(argument).resolve() for argument in sys.argv[1:4])
page = root / "docs" / "how-to" / "python.md"
text = page.read_text()
SHORTER = {"a5": ["--epochs", "400"], "add": ["--group_parameter", "13", "--frac_train", "0.6", "--epochs", "100"]}


def run_commands(indented):
    """The page's own command lines."""
    programs = {"cayley-lab": lab, "example_export_logits": export_logits}
    for line in indented.strip().split("\n"):
        program, *arguments = line.split()
        arguments = [str(root / a) if a.startswith("examples/") else a for a in arguments]
        if arguments[0] == "train":
            arguments += SHORTER[pathlib.Path(arguments[-1]).name]
        if arguments[0] == "report":
            arguments += ["--cdn", "--no-pictures"]
        subprocess.run([programs[program], *arguments], check=True, stdout=subprocess.DEVNULL)


def missing_packages(block):
    names = re.findall(r"^(?:import|from) (\w+)", block, re.MULTILINE)
    return [name for name in names if importlib.util.find_spec(name) is None]


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    names, ran, left_out = {}, 0, []
    for match in re.finditer(r"^```python\n(.*?)^```$|((?:^    (?:cayley-lab|example_)[^\n]*\n)+)", text, re.MULTILINE | re.DOTALL):
        line = text.count("\n", 0, match.start()) + 2
        block, commands = match.groups()
        if commands:
            if "from_python" not in commands or pathlib.Path("runs/from_python").exists():
                run_commands(commands)
            continue
        missing = missing_packages(block)
        if missing:
            left_out.append(f"{page.name}:{line}: needs {', '.join(missing)}")
            continue
        try:
            exec(compile("\n" * (line - 1) + block, str(page), "exec"), names)
        except NameError as error:
            if not left_out:
                raise
            left_out.append(f"{page.name}:{line}: {error}, from a block left out")
            continue
        ran += 1
    os.chdir(root)

print("\n".join(left_out))
print(f"{ran} blocks ran, {len(left_out)} left out")
assert ran > 0
if left_out and "--all" in sys.argv:
    sys.exit(1)
