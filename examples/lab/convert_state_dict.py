#!/usr/bin/env python3
"""Converts the weights of a PyTorch model to a safetensors file and back; needs nothing but torch.

    convert_state_dict.py model.pt model.safetensors [--metadata cfg.json]
    convert_state_dict.py model.safetensors model.pt [--metadata cfg.json]

The direction follows from the extensions (.pt, .pth and .bin are PyTorch's). Names, types, shapes and values are kept
as they are; nothing is transposed. In a PyTorch file the state dict may stand alone or under the key "model" or
"state_dict". A .safetensors file carries strings beside the tensors: --metadata reads them from a JSON object on the
way there (values that are no strings are stored as JSON) and writes them to that file on the way back.
"""

import argparse
import json
import os
import struct
import sys
import tempfile
from collections.abc import Mapping

DTYPE_NAMES = {  # torch's names of element types -> safetensors'
    "bool": "BOOL", "uint8": "U8", "int8": "I8", "int16": "I16", "int32": "I32", "int64": "I64",
    "float16": "F16", "bfloat16": "BF16", "float32": "F32", "float64": "F64",
}
TORCH_EXTENSIONS = (".pt", ".pth", ".bin")
MAX_HEADER = 100_000_000


class ConversionError(Exception):
    """Says which file or tensor cannot be converted, and why."""


def write_atomically(path, write):
    """Calls `write` with a temporary file in the folder of `path`, then gives it that name."""
    try:
        descriptor, temporary = tempfile.mkstemp(prefix=".convert-", dir=os.path.dirname(path) or ".")
    except OSError as error:
        raise ConversionError(f"{path}: {error.strerror}") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, path)
    except BaseException as error:
        os.unlink(temporary)
        if isinstance(error, OSError):
            raise ConversionError(f"{path}: {error.strerror}") from error
        raise


def read_torch(path):
    """The state dict in a PyTorch file: name -> tensor."""
    import torch

    try:
        try:
            loaded = torch.load(path, map_location="cpu", weights_only=True)
        except TypeError:  # before torch 1.13
            loaded = torch.load(path, map_location="cpu")
    except OSError as error:
        raise ConversionError(f"{path}: {error.strerror or error}") from error
    except Exception as error:
        raise ConversionError(
            f"{path}: torch cannot load it as weights ({str(error).splitlines()[0] if str(error) else error!r}); "
            "a file of anything but tensors must be saved again with torch.save(model.state_dict(), ...)") from error
    for key in ("model", "state_dict"):
        if isinstance(loaded, Mapping) and isinstance(loaded.get(key), Mapping):
            loaded = loaded[key]
    if not isinstance(loaded, Mapping):
        raise ConversionError(f"{path}: expected a state dict, found {type(loaded).__name__}")
    for name, value in loaded.items():
        if not isinstance(name, str) or not isinstance(value, torch.Tensor):
            raise ConversionError(f"{path}: entry {name!r}: expected a tensor, found {type(value).__name__}")
    return dict(loaded)


def write_torch(path, tensors):
    import torch

    write_atomically(path, lambda file: torch.save(tensors, file))


def tensor_bytes(name, tensor):
    """The elements of a tensor in row-major order, and their safetensors type."""
    import torch

    dtype = DTYPE_NAMES.get(str(tensor.dtype).removeprefix("torch."))
    if dtype is None or tensor.layout != torch.strided:
        raise ConversionError(f'tensor "{name}": {tensor.dtype} of layout {tensor.layout} cannot be stored')
    tensor = tensor.detach().cpu().contiguous()
    if tensor.dtype == torch.bfloat16:  # numpy has no such type
        tensor = tensor.view(torch.int16)
    return tensor.numpy().tobytes(), dtype


def write_safetensors(path, tensors, metadata):
    header = {}
    if metadata:
        header["__metadata__"] = dict(sorted(metadata.items()))
    blocks = []
    end = 0
    for name, tensor in tensors.items():
        if name == "__metadata__":
            raise ConversionError(f"{path}: a tensor may not be named __metadata__")
        block, dtype = tensor_bytes(name, tensor)
        blocks.append(block)
        begin, end = end, end + len(block)
        header[name] = {"dtype": dtype, "shape": list(tensor.shape), "data_offsets": [begin, end]}
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)

    def write(file):
        file.write(struct.pack("<Q", len(text)))
        file.write(text)
        for block in blocks:
            file.write(block)

    write_atomically(path, write)


def unique_keys(pairs):
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key occurs twice")
    return result


def read_safetensors(path):
    """The tensors and the metadata in a safetensors file: (name -> tensor, string -> string)."""
    import torch

    try:
        with open(path, "rb") as file:
            contents = file.read()
    except OSError as error:
        raise ConversionError(f"{path}: {error.strerror}") from error
    if len(contents) < 8:
        raise ConversionError(f"{path}: {len(contents)} bytes, too short for a safetensors file")
    (header_size,) = struct.unpack_from("<Q", contents)
    if header_size > min(MAX_HEADER, len(contents) - 8):
        raise ConversionError(f"{path}: header of {header_size} bytes; not a safetensors file?")
    data = memoryview(contents)[8 + header_size:]
    try:
        header = json.loads(contents[8:8 + header_size].decode(), object_pairs_hook=unique_keys)
    except (ValueError, RecursionError) as error:
        raise ConversionError(f"{path}: header: {error}") from error
    if not isinstance(header, dict):
        raise ConversionError(f"{path}: header: expected an object, found {type(header).__name__}")
    metadata = header.pop("__metadata__", {})
    torch_names = {stored: name for name, stored in DTYPE_NAMES.items()}
    places = []
    for name, entry in header.items():
        try:
            dtype = getattr(torch, torch_names[entry["dtype"]])
            shape = [int(size) for size in entry["shape"]]
            begin, end = entry["data_offsets"]
            count = 1
            for size in shape:
                count *= size
            if min([0, *shape]) < 0 or count * torch.empty(0, dtype=dtype).element_size() != end - begin:
                raise ValueError(f"shape {shape} does not fill data_offsets [{begin}, {end}]")
        except (KeyError, TypeError, ValueError) as error:
            raise ConversionError(f'{path}: tensor "{name}": {type(error).__name__}: {error}') from error
        places.append((begin, end, name, dtype, shape))
    tensors = {}
    expected = 0
    for begin, end, name, dtype, shape in sorted(places, key=lambda place: place[:2]):
        if begin != expected or end > len(data):
            raise ConversionError(f'{path}: tensor "{name}": expected data from byte {expected} of {len(data)}, '
                                  f"found data_offsets [{begin}, {end}]")
        expected = end
        block = bytearray(data[begin:end])
        tensors[name] = torch.frombuffer(block, dtype=dtype).reshape(shape) if block else torch.empty(
            shape, dtype=dtype)
    if expected != len(data):
        raise ConversionError(f"{path}: the tensors end at byte {expected} of {len(data)} bytes of data")
    return tensors, metadata


def read_metadata(path):
    try:
        with open(path, encoding="utf-8") as file:
            values = json.load(file, object_pairs_hook=unique_keys)
    except OSError as error:
        raise ConversionError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise ConversionError(f"{path}: {error}") from error
    if not isinstance(values, dict):
        raise ConversionError(f"{path}: expected an object, found {type(values).__name__}")
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in values.items()}


def convert(source, target, metadata_path):
    extensions = [os.path.splitext(path)[1] for path in (source, target)]
    if extensions[0] in TORCH_EXTENSIONS and extensions[1] == ".safetensors":
        metadata = read_metadata(metadata_path) if metadata_path else {}
        write_safetensors(target, read_torch(source), metadata)
    elif extensions[0] == ".safetensors" and extensions[1] in TORCH_EXTENSIONS:
        tensors, metadata = read_safetensors(source)
        write_torch(target, tensors)
        if metadata_path:
            text = json.dumps(metadata, indent=2, ensure_ascii=False) + "\n"
            write_atomically(metadata_path, lambda file: file.write(text.encode()))
    else:
        raise ConversionError(f"{source} -> {target}: expected one of {', '.join(TORCH_EXTENSIONS)} and .safetensors")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", help="file to read: .pt or .safetensors")
    parser.add_argument("target", help="file to write: the other one of the two")
    parser.add_argument("--metadata", metavar="cfg.json", help="JSON object of the strings beside the tensors")
    arguments = parser.parse_args()
    try:
        convert(arguments.source, arguments.target, arguments.metadata)
    except ImportError:
        sys.exit("convert_state_dict.py: torch is not installed for this Python")
    except ConversionError as error:
        sys.exit(f"convert_state_dict.py: {error}")


if __name__ == "__main__":
    main()
