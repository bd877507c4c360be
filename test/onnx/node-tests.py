"""ONNX's own tests of operators, a JSON object a line: made by the package `onnx`, which is asked for (python3-onnx).

Usage: node-tests.py [name of an operator …]"""

import base64
import json
import sys

import numpy as np

# Names that NumPy had when these tests were written.
for name, kind in {"float": float, "bool": bool, "object": object, "int": int}.items():
    if name not in np.__dict__:
        setattr(np, name, kind)

from onnx.backend.test.case.node import collect_testcases


def packed(value):
    if isinstance(value, (list, tuple)) or value is None:
        return None
    value = np.asarray(value)
    if value.dtype.kind not in "fiub":
        return None
    return {
        "type": str(value.dtype),
        "shape": list(value.shape),
        "data": base64.b64encode(value.astype("<f8").tobytes()).decode(),
    }


def main():
    wanted = set(sys.argv[1:])
    for case in collect_testcases(None):
        model = case.model
        # Operators that did not change until then.
        for entry in model.opset_import:
            entry.version = max(entry.version, 7)
        operators = {node.op_type for node in model.graph.node}
        if wanted and not operators & wanted:
            continue
        for inputs, outputs in case.data_sets:
            given = [packed(each) for each in inputs]
            right = [packed(each) for each in outputs]
            if "BFLOAT16" in case.name or None in given or None in right:
                continue
            print(
                json.dumps(
                    {
                        "name": case.name,
                        "operators": sorted(operators),
                        "rtol": case.rtol,
                        "atol": case.atol,
                        "model": base64.b64encode(model.SerializeToString()).decode(),
                        "inputs": given,
                        "outputs": right,
                    }
                )
            )


main()
