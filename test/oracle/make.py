#!/usr/bin/env python3
"""Writes the reference files beside this script: `python3 test/oracle/make.py [family …]`.

PyTorch is the oracle. Every case is computed twice from the same float32 inputs: in float64, which is the
expected value (stored as float32), and in float32, whose distance from it sets the tolerance. See
generator/cases.py for the layout of the files.
"""
import json
import pathlib
import sys

import torch

from generator import (
    attention,
    crf,
    ctc,
    decoders,
    edges,
    functions,
    layers,
    losses,
    ntm,
    operations,
    optimizers,
    recurrent,
    schedules,
    selection,
    seq2seq,
    seq2seq_transformer,
    transformers,
    windows,
)
from generator.cases import Family

HERE = pathlib.Path(__file__).parent
LIMIT_BYTES = 6_000_000

FAMILIES = {
    "rnn": recurrent.rnn,
    "gru": recurrent.gru,
    "lstm": recurrent.lstm,
    "lstm-projected": recurrent.lstm_projected,
    "cells": recurrent.cells,
    "layers": layers.layers,
    "losses": losses.losses,
    "elementwise": operations.elementwise,
    "functions": functions.functions,
    "reductions": operations.reductions,
    "matmul": operations.matmul,
    "movement": operations.movement,
    "selection": selection.selection,
    "windows": windows.windows,
    "attention": attention.attention,
    "crf": crf.crf,
    "ctc": ctc.ctc,
    "decoders": decoders.decoders,
    "ntm": ntm.ntm,
    "seq2seq": seq2seq.seq2seq,
    "seq2seq-transformer": seq2seq_transformer.seq2seq_transformer,
    "transformers": transformers.transformers,
    "edges": edges.edges,
    "clipping": optimizers.clipping,
    "optimizers": optimizers.optimizers,
}


def main(wanted):
    torch.set_num_threads(1)
    for name, make in FAMILIES.items():
        if wanted and name not in wanted:
            continue
        family = Family(name)
        make(family)
        size = family.write(HERE / f"{name}.safetensors")
        print(f"{name:14} {len(family.cases):4} cases {size:8} bytes")
    if not wanted or "schedules" in wanted:
        text = json.dumps({"torch": torch.__version__, "cases": schedules.schedules()}, indent=1)
        (HERE / "schedules.json").write_text(text + "\n")
    total = sum(file.stat().st_size for file in HERE.glob("*.safetensors"))
    if total > LIMIT_BYTES:
        sys.exit(f"{total} bytes of reference files: more than {LIMIT_BYTES}")


main(set(sys.argv[1:]))
