"""Calls cayley-lab with arguments that are nearly right, on run directories with a byte changed here and there.

Usage: fuzz_cli.py CAYLEY_LAB [SECONDS] [SEED]

Each call ends with exit code 0, 1 or 2, or is ended after a while: training goes on and pages are served for as long as one
lets them. Any other end is a finding: a signal, or a sanitizer's report. It is printed with what leads to it."""

import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

CONFIG = {
    "group": "SymmetricGroup", "group_parameter": 3, "model": "OneLayerMLP", "seed": 1, "frac_train": 0.7,
    "layers": {"embed_dim": 4, "hidden_dim": 6}, "num_epochs": 40, "checkpoint_every": 20, "log_every": 10,
}
COMMANDS = ("train", "resume", "explain", "report", "watch")
WORDS = ("run", "cfg.json", "elements.json", "metrics.json", "nothing", "--out", "new", "--checkpoints", "--key", "sign",
         "standard", "--all-irreps", "--elements", "--threads", "--port", "--reference", "--figures-dir", "--cdn", "--plotly",
         "--help", "--version", "--seed", "--num_epochs", "--lr", "--group", "--group_parameter", "--backend", "cpu", "--double",
         "--state-seconds", "0", "1", "-1", "2", "3", "1e9", "nan", "0.5", "", "=", "--", "-x")
PATIENCE = 4


def arguments(chance):
    words = [chance.choice(COMMANDS)] + chance.choices(WORDS, k=chance.randrange(6))
    if chance.random() < 0.7:
        words.insert(1, "cfg.json" if words[0] == "train" else "run")
    for i, word in enumerate(words):
        if chance.random() < 0.1:
            # Nothing but files of the scratch folder can be named.
            letters = [chance.choice("ab0-=.,{\"\\ \u00e9\n") for _ in range(chance.randrange(1, 9))]
            at = chance.randrange(len(word) + 1)
            words[i] = word[:at] + "".join(letters) + word[at + chance.randrange(3):]
    return [word for word in words if "/" not in word and ".." not in word]


def damage(run, chance):
    files = sorted(file for file in run.rglob("*") if file.is_file())
    file = chance.choice(files)
    content = bytearray(file.read_bytes())
    what = chance.randrange(5)
    if what == 0 or not content:
        file.unlink()
    elif what == 1:
        file.write_bytes(content[: chance.randrange(len(content))])
    elif what == 2:
        file.write_bytes(content + bytes(chance.randrange(256) for _ in range(9)))
    else:
        for _ in range(chance.randrange(1, 4)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        file.write_bytes(content)
    return f"{file.name}, {('removed', 'cut', 'longer', 'changed', 'changed')[what]}"


def call(lab, folder, words):
    # Sizes that do not fit into memory are an error and no finding.
    environment = os.environ | {"ASAN_OPTIONS": "allocator_may_return_null=1"}
    process = subprocess.Popen([lab, *words], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, env=environment)
    try:
        output, _ = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGTERM)
        try:
            output, _ = process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            return "does not end", None, b""
    wrong = process.returncode not in (0, 1, 2) or b"Sanitizer" in output or b"runtime error" in output
    return (f"exit code {process.returncode}" if wrong else None), process.returncode, output


def main():
    lab = str(pathlib.Path(sys.argv[1]).resolve())
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 60
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else time.time_ns() % 2**32
    chance = random.Random(seed)
    codes, calls, end = {}, 0, time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as name:
        sound, folder = pathlib.Path(name) / "sound", pathlib.Path(name) / "folder"
        sound.mkdir()
        (sound / "cfg.json").write_text(json.dumps(CONFIG))
        (sound / "metrics.json").write_text('{"test_loss": 1.5, "test_acc": null}')
        subprocess.run([lab, "train", "cfg.json", "--out", "run"], cwd=sound, check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        shutil.copy(sound / "run/elements.json", sound / "elements.json")
        while time.monotonic() < end:
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(sound, folder)
            done = [damage(folder, chance) for _ in range(chance.randrange(3))]
            words = arguments(chance)
            if not words:
                continue
            wrong, code, output = call(lab, folder, words)
            calls += 1
            if wrong:
                print(f"seed {seed}, call {calls}: {wrong}\n  cayley-lab {words}\n  damaged: {done}")
                print(output.decode(errors="replace")[-4000:])
                sys.exit(1)
            codes[code] = codes.get(code, 0) + 1
    print(f"seed {seed}: {calls} calls, no finding; by exit code {dict(sorted(codes.items()))}")


main()
