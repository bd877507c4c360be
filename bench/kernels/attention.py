"""PyTorch's attention, composed: milliseconds on one thread, the fewest of many.   attention.py BATCH HEADS TIME SIZE"""
import json
import os
import subprocess
import sys
import time

CORES = ["Haswell", "Zen", "SkylakeX", "Cooperlake"]


def fastest(call, seconds=1.0):
    """Of processor time: other programs on the machine hardly count."""
    best, start = float("inf"), time.process_time()
    while time.process_time() - start < seconds:
        before = time.process_time()
        call()
        best = min(best, time.process_time() - before)
    return best * 1e3


def core_that_multiplies_fastest():
    def of(core):
        environment = {**os.environ, "OPENBLAS_CORETYPE": core, "OMP_NUM_THREADS": "1"}
        answer = subprocess.run([sys.executable, __file__, "product"], env=environment, capture_output=True, text=True)
        return float(answer.stdout) if answer.returncode == 0 else float("inf")

    return min(CORES, key=of)


def main():
    import torch

    torch.set_num_threads(1)
    if sys.argv[1] == "product":
        a = torch.randn(512, 512)
        return print(fastest(lambda: a @ a, 0.5))
    batch, heads, steps, size = map(int, sys.argv[1:])
    qkv = torch.randn(batch, steps, 3 * heads * size, requires_grad=True)

    def forward():
        q, k, v = (x.view(batch, steps, heads, size).transpose(1, 2) for x in qkv.chunk(3, -1))
        weights = torch.softmax(q @ k.transpose(-1, -2) * size**-0.5, -1)
        return (weights @ v).transpose(1, 2).reshape(batch, steps, heads * size)

    def both():
        qkv.grad = None
        forward().backward(torch.ones(batch, steps, heads * size))

    def alone():
        with torch.no_grad():
            forward()

    core = os.environ["OPENBLAS_CORETYPE"]
    print(json.dumps({"forward": fastest(alone), "both": fastest(both), "version": f"PyTorch {torch.__version__}", "core": core}))


if "OPENBLAS_CORETYPE" in os.environ:
    main()
else:
    os.environ.update(OPENBLAS_CORETYPE=core_that_multiplies_fastest(), OMP_NUM_THREADS="1")
    os.execv(sys.executable, [sys.executable, *sys.argv])
