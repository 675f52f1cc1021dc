"""Reads what the CUDA compiler said of every kernel: none may spill registers or use local memory.

usage: check_resources.py BUILD_FOLDER   (built with nvcc_with_report.sh as compiler launcher)
"""

import pathlib
import re
import sys

COMPILING = re.compile(r"Compiling entry function '(\S+)' for '(\S+)'")
STACK = re.compile(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads")
USED = re.compile(r"Used (\d+) registers")


def kernels(path):
    """(name, architecture, bytes of stack, bytes spilled, registers) of each kernel in a report."""
    name = architecture = None
    stack = spilled = 0
    for line in path.read_text().splitlines():
        if found := COMPILING.search(line):
            name, architecture = found.groups()
            stack = spilled = 0
        elif found := STACK.search(line):
            stack, spilled = int(found[1]), int(found[2]) + int(found[3])
        elif (found := USED.search(line)) and name:
            yield name, architecture, stack, spilled, int(found[1])
            name = None


def main():
    reports = sorted(pathlib.Path(sys.argv[1]).rglob("*.resources"))
    found = [(path, *kernel) for path in reports for kernel in kernels(path)]
    if not found:
        sys.exit(f"check_resources: no report of a kernel in {sys.argv[1]}")
    bad = [k for k in found if k[3] > 0 or k[4] > 0]
    for path, name, architecture, stack, spilled, registers in bad:
        print(f"{path.name}: {name} for {architecture}: {stack} bytes of stack, {spilled} bytes spilled")
    architectures = sorted({k[2] for k in found})
    print(f"{len(found)} kernels for {', '.join(architectures)} in {len(reports)} files: at most "
          f"{max(k[5] for k in found)} registers, {len(bad)} with stack or spills")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
