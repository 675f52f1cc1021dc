#!/usr/bin/env python3
"""Holds examples/lab/convert_state_dict.py (its first argument) to round trips, to known bytes and to clear errors."""

import json
import os
import runpy
import stat
import struct
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

try:
    import torch
except ImportError:
    print("skipped: torch is not installed for", sys.executable)
    sys.exit(77)

SCRIPT = os.path.abspath(sys.argv.pop(1))
PROGRAM = runpy.run_path(SCRIPT)

# The same bytes as in tests/io/safetensors.test.cpp, which holds the C++ reader and writer to them.
KNOWN_HEADER = (b'{"__metadata__":{"group":"D59","seed":"1"},'
                b'"W_x":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},'
                b'"step":{"dtype":"I64","shape":[],"data_offsets":[24,32]},'
                b'"mask":{"dtype":"BOOL","shape":[3],"data_offsets":[32,35]}}       ')
KNOWN_FILE = (struct.pack("<Q", len(KNOWN_HEADER)) + KNOWN_HEADER +
              struct.pack("<6f", 0, 0.5, 1, 1.5, 2, -2.5) + struct.pack("<q", -2) + b"\1\0\1")
KNOWN_STATE = {"W_x": torch.tensor([[0, 0.5, 1], [1.5, 2, -2.5]]), "step": torch.tensor(-2),
               "mask": torch.tensor([True, False, True])}


class ConvertStateDict(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, contents):
        with open(self.path(name), "wb") as file:
            file.write(contents)

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def convert(self, *arguments):
        """Runs the program in this process: loading torch takes a second each time."""
        before = os.getcwd()
        os.chdir(self.folder)
        try:
            with mock.patch.object(sys, "argv", ["convert_state_dict.py", *arguments]):
                PROGRAM["main"]()
        finally:
            os.chdir(before)

    def assert_refused(self, *arguments, says):
        before = sorted(os.listdir(self.folder))
        with self.assertRaises(SystemExit) as caught:
            self.convert(*arguments)
        for part in says:
            self.assertIn(part, caught.exception.code)
        self.assertEqual(sorted(os.listdir(self.folder)), before)

    def assert_same_state(self, found, expected):
        self.assertEqual(list(found), list(expected))
        for name, tensor in expected.items():
            self.assertEqual((name, found[name].dtype, found[name].shape), (name, tensor.dtype, tensor.shape))
            self.assertTrue(torch.equal(found[name], tensor), name)

    def test_round_trip_keeps_names_types_shapes_values_and_order(self):
        generator = torch.Generator().manual_seed(1)
        floats = torch.randn(4, 6, generator=generator)
        state = {
            "blocks.0.attn.W_Q": torch.randn(2, 3, 4, generator=generator),
            "W_y": floats.double(),
            "transposed": floats.t(),
            "slice": floats[1:3, ::2],
            "half": floats.half(),
            "brain": floats.bfloat16(),
            "brain_number": torch.tensor(1.5, dtype=torch.bfloat16),
            "tokens": torch.tensor([[0, 113], [-1, 2**62]]),
            "int32": torch.tensor([-7], dtype=torch.int32),
            "int16": torch.tensor([-300, 300], dtype=torch.int16),
            "int8": torch.tensor([-128, 127], dtype=torch.int8),
            "uint8": torch.tensor([0, 255], dtype=torch.uint8),
            "mask": torch.tril(torch.ones(3, 3)).bool(),
            "IGNORE": torch.tensor(-1e5),
            "empty": torch.empty(0, 4),
            'name "é" \\': torch.ones(1),
        }
        torch.save(state, self.path("model.pt"))
        self.convert("model.pt", "model.safetensors")
        self.convert("model.safetensors", "back.pt")
        self.assert_same_state(torch.load(self.path("back.pt")), state)
        self.assertEqual(sorted(os.listdir(self.folder)), ["back.pt", "model.pt", "model.safetensors"])

    def test_bytes_are_the_known_ones(self):
        torch.save(KNOWN_STATE, self.path("model.pt"))
        self.write("cfg.json", b'{"seed": 1, "group": "D59"}')
        self.convert("model.pt", "model.safetensors", "--metadata", "cfg.json")
        self.assertEqual(self.read("model.safetensors"), KNOWN_FILE)

    def test_known_bytes_are_read(self):
        self.write("model.safetensors", KNOWN_FILE)
        self.convert("model.safetensors", "model.pth", "--metadata", "found.json")
        self.assert_same_state(torch.load(self.path("model.pth")), KNOWN_STATE)
        self.assertEqual(json.loads(self.read("found.json")), {"group": "D59", "seed": "1"})

    def test_the_command_line(self):
        def run(*arguments):
            result = subprocess.run([sys.executable, SCRIPT, *arguments], capture_output=True, text=True, cwd=self.folder)
            return result.returncode, result.stdout, result.stderr

        self.write("model.safetensors", KNOWN_FILE)
        self.assertEqual(run("model.safetensors", "model.pt"), (0, "", ""))
        self.assert_same_state(torch.load(self.path("model.pt")), KNOWN_STATE)
        status, output, errors = run("none.safetensors", "model.pt")
        self.assertEqual((status, output), (1, ""))
        self.assertEqual(errors, "convert_state_dict.py: none.safetensors: No such file or directory\n")
        self.assertEqual(run("model.pt")[0], 2)

    def test_nested_state_dicts_and_modules(self):
        layer = torch.nn.Linear(3, 2)
        for key in ("model", "state_dict"):
            torch.save({key: layer.state_dict(), "epoch": 7}, self.path("nested.pt"))
            self.convert("nested.pt", "nested.safetensors")
            self.convert("nested.safetensors", "back.pt")
            self.assert_same_state(torch.load(self.path("back.pt")), layer.state_dict())
        torch.nn.Linear(3, 2).load_state_dict(torch.load(self.path("back.pt")))

    def test_parameters_are_stored_as_their_values(self):
        torch.save({"W": torch.nn.Parameter(torch.ones(2))}, self.path("model.pt"))
        self.convert("model.pt", "model.safetensors")
        self.convert("model.safetensors", "back.pt")
        self.assert_same_state(torch.load(self.path("back.pt")), {"W": torch.ones(2)})

    def test_files_get_the_usual_permissions(self):
        self.write("model.safetensors", KNOWN_FILE)
        self.convert("model.safetensors", "model.pt")
        mask = os.umask(0)
        os.umask(mask)
        self.assertEqual(stat.S_IMODE(os.stat(self.path("model.pt")).st_mode), 0o666 & ~mask)

    def test_torch_files_that_are_no_state_dict_are_refused(self):
        torch.save([1, 2], self.path("list.pt"))
        self.assert_refused("list.pt", "x.safetensors", says=["list.pt", "expected a state dict, found list"])
        torch.save({"W": torch.ones(1), "epoch": 3}, self.path("mixed.pt"))
        self.assert_refused("mixed.pt", "x.safetensors", says=["mixed.pt", "'epoch'", "found int"])
        torch.save({"W": torch.ones(1, dtype=torch.complex64)}, self.path("complex.pt"))
        self.assert_refused("complex.pt", "x.safetensors", says=['"W"', "complex64"])
        torch.save({"W": torch.eye(2).to_sparse()}, self.path("sparse.pt"))
        self.assert_refused("sparse.pt", "x.safetensors", says=["sparse"])
        torch.save({"__metadata__": torch.ones(1)}, self.path("reserved.pt"))
        self.assert_refused("reserved.pt", "x.safetensors", says=["__metadata__"])
        torch.save(torch.nn.Linear(1, 1), self.path("module.pt"))
        self.assert_refused("module.pt", "x.safetensors", says=["module.pt", "state_dict()"])
        self.write("broken.pt", b"not a torch file")
        self.assert_refused("broken.pt", "x.safetensors", says=["broken.pt", "torch cannot load it"])

    def test_broken_safetensors_files_are_refused(self):
        def file_of(header, data=b""):
            return struct.pack("<Q", len(header)) + header + data

        entry = b'"W":{"dtype":"%s","shape":%s,"data_offsets":%s}'
        cases = {
            b"": "too short",
            b"\xff" * 8 + b"{}": "not a safetensors file?",
            KNOWN_FILE[:-1]: "found data_offsets [32, 35]",
            KNOWN_FILE + b"x": "end at byte 35 of 36",
            file_of(b"{"): "header: ",
            file_of(b"[" * 200000): "header: ",
            file_of(b"[]"): "expected an object, found list",
            file_of(b'{"\xff":1}'): "header: ",
            file_of(b'{"W":3}'): 'tensor "W"',
            file_of(b"{" + entry % (b"F128", b"[1]", b"[0,4]") + b"}", b"1234"): "F128",
            file_of(b"{" + entry % (b"F32", b"[2]", b"[0,4]") + b"}", b"1234"): "does not fill",
            file_of(b"{" + entry % (b"F32", b"[-1]", b"[4,0]") + b"}", b"1234"): "does not fill",
            file_of(b"{" + entry % (b"F32", b"[1]", b"[0]") + b"}", b"1234"): 'tensor "W"',
            file_of(b"{" + entry % (b"U8", b"[4]", b"[1,5]") + b"}", b"12345"): "expected data from byte 0",
            file_of(b"{" + entry % (b"U8", b"[0]", b"[0,0]") + b"," + entry % (b"U8", b"[0]", b"[0,0]") + b"}"):
                "a key occurs twice",
        }
        for contents, reason in cases.items():
            with self.subTest(contents=contents[:80]):
                self.write("bad.safetensors", contents)
                self.assert_refused("bad.safetensors", "x.pt", says=["bad.safetensors: ", reason])

    def test_wrong_paths_and_extensions_are_refused(self):
        self.write("model.safetensors", KNOWN_FILE)
        self.assert_refused("none.pt", "x.safetensors", says=["none.pt", "No such file"])
        self.assert_refused("none.safetensors", "x.pt", says=["none.safetensors", "No such file"])
        self.assert_refused("model.safetensors", "x.txt", says=["x.txt", "expected one of"])
        self.assert_refused("model.safetensors", "x.safetensors", says=["expected one of"])
        self.assert_refused("model.safetensors", "no/folder/x.pt", says=["no/folder/x.pt", "No such file"])
        torch.save(KNOWN_STATE, self.path("model.pt"))
        self.assert_refused("model.pt", "x.safetensors", "--metadata", "none.json", says=["none.json"])
        self.write("cfg.json", b"[1]")
        self.assert_refused("model.pt", "x.safetensors", "--metadata", "cfg.json", says=["cfg.json", "found list"])
        self.write("cfg.json", b"{")
        self.assert_refused("model.pt", "x.safetensors", "--metadata", "cfg.json", says=["cfg.json"])


if __name__ == "__main__":
    unittest.main()
