"""Checks that every C++ block of a page is a piece of a test or an example, so that what readers copy is compiled.

Usage: check_snippets.py ROOT         checks README.md, CONTRIBUTING.md and docs/ of a repository
       check_snippets.py --self-test  feeds it pages with mistakes

A block is a run of lines of one file under examples/ or tests/, up to a common indentation."""

import pathlib
import re
import sys
import tempfile
import textwrap

BLOCK = re.compile(r"^```cpp\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def lines_of(text):
    return [line.rstrip() for line in textwrap.dedent(text).strip("\n").split("\n")]


def contains(lines, block):
    """Whether block is a run of lines that are all indented as much as the first, or more."""
    for start in range(len(lines) - len(block) + 1):
        line = lines[start]
        indentation = line[: len(line) - len(line.lstrip())]
        if line == indentation + block[0] and all(
                have == (indentation + want if want else "") for have, want in zip(lines[start:], block)):
            return True
    return False


def problems(root):
    pages = [root / "README.md", root / "CONTRIBUTING.md", *sorted((root / "docs").rglob("*.md"))]
    compiled = [file.read_text().split("\n") for folder in ("examples", "tests")
                for pattern in ("*.cpp", "*.hpp", "*.cu") for file in sorted((root / folder).rglob(pattern))]
    found, blocks = [], 0
    for page in pages:
        text = page.read_text()
        for match in BLOCK.finditer(text):
            blocks += 1
            block = lines_of(match.group(1))
            if not any(contains(lines, block) for lines in compiled):
                line = text.count("\n", 0, match.start()) + 1
                found.append(f"{page.relative_to(root)}:{line}: no test or example has the lines that begin with: {block[0]}")
        if "```c++" in text:
            found.append(f"{page.relative_to(root)}: a block is marked c++, expected cpp")
    if not blocks:
        found.append(f"{root}: no C++ blocks")
    return found


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name in ("docs", "examples", "tests"):
            (root / name).mkdir()
        (root / "CONTRIBUTING.md").write_text("")
        (root / "examples/a.cpp").write_text("int main() {\n  f();\n\n  if (x) {\n    g();\n  }\n}\n")

        def expect(block, accepted):
            (root / "README.md").write_text(f"text\n\n```cpp\n{block}\n```\n")
            assert (not problems(root)) == accepted, (block, problems(root))

        expect("f();\n\nif (x) {\n  g();\n}", True)
        expect("int main() {\n  f();", True)
        expect("f();\nif (x) {", False)
        expect("f();\n\nif (x) {\ng();", False)
        expect("h();", False)
        (root / "README.md").write_text("none\n")
        assert problems(root)


if sys.argv[1] == "--self-test":
    self_test()
else:
    wrong = problems(pathlib.Path(sys.argv[1]))
    print("\n".join(wrong))
    sys.exit(1 if wrong else 0)
