"""Weights from a safetensors file, without its library, which PyTorch does not bring."""

import json
import struct
from pathlib import Path

import torch


def read_weights(path):
    """float32 tensors by name."""
    raw = Path(path).read_bytes()
    (size,) = struct.unpack("<Q", raw[:8])
    body = bytearray(raw[8 + size :])
    entries = json.loads(raw[8 : 8 + size])
    entries.pop("__metadata__", None)
    weights = {}
    for name, entry in entries.items():
        start, end = entry["data_offsets"]
        flat = torch.frombuffer(body[start:end], dtype=torch.float32)
        weights[name] = flat.reshape(entry["shape"])
    return weights
