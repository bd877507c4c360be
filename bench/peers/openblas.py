"""The fastest of OpenBLAS's cores on this machine, for every program here that times PyTorch.

A core is OpenBLAS's set of kernels for a family of processors. OpenBLAS takes the one of the environment, or guesses: version
0.3.21 takes newer Intel chips for a Prescott, which multiplies six times slower. So each core multiplies once, in a process of
its own, and the fastest that gives the right numbers is used, whatever the environment says. One thread each.

    import openblas
    openblas.use_fastest_core()  # before torch is loaded
    import torch

`python3 bench/peers/openblas.py` prints the choice as a line of JSON.
"""

import ctypes
import json
import os
import re
import subprocess
import sys
import time

# None: OpenBLAS's own guess.
CORES = (None, "Haswell", "Zen", "SkylakeX", "Cooperlake")
SIZE = 512
# Holds the choice, empty for OpenBLAS's own guess, so that many programs can share one.
CHOICE = "BENCH_OPENBLAS_CORE"


def environment(choice):
    """The environment in which PyTorch runs with this core, on one thread or BENCH_THREADS, and otherwise as it is delivered."""
    threads = os.environ.get("BENCH_THREADS", "1")
    dropped = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "ATEN_CPU_CAPABILITY")
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    if choice:
        kept["OPENBLAS_CORETYPE"] = choice
    return {**kept, CHOICE: choice, "OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads}


def use_fastest_core():
    """Starts this program anew if its environment is not the one for the fastest core."""
    choice = os.environ.get(CHOICE)
    wanted = environment(fastest()["choice"] if choice is None else choice)
    if wanted != dict(os.environ):
        os.execve(sys.executable, sys.orig_argv, wanted)


def fastest():
    """The choice, what it stands for, and the GFLOP/s of everything that was tried."""
    tried = [{"asked": core, **attempt(core)} for core in CORES]
    working = [each for each in tried if "gflops" in each]
    if not working:
        raise SystemExit(f"no product with PyTorch: {tried[0]['failed']}")
    best = max(working, key=lambda each: each["gflops"])
    names = ("torch", "openblas", "core", "gflops")
    return {"choice": best["asked"] or "", **{name: best[name] for name in names}, "tried": tried}


def attempt(core):
    """What `multiply` prints in a process with this core, or why it failed."""
    ran = subprocess.run(
        [sys.executable, __file__, "--multiply"],
        env=environment(core or ""),
        capture_output=True,
        text=True,
    )
    if ran.returncode == 0:
        return json.loads(ran.stdout.splitlines()[-1])
    # A core for instructions that the processor lacks ends the process by a signal, without a word.
    return {"failed": (ran.stderr.splitlines() or [f"exit code {ran.returncode}"])[-1]}


def multiply(budget=0.5):
    """Prints GFLOP/s of processor time, the fastest of the products that fit into so many seconds."""
    import torch

    # Of small whole numbers: any order of summation is exact. Products of int64 do not go through OpenBLAS.
    a, b = torch.randint(-8, 9, (2, SIZE, SIZE), generator=torch.Generator().manual_seed(1))
    x, y = a.float(), b.float()
    if not torch.equal((x @ y).long(), a @ b):
        raise SystemExit("wrong numbers")
    best = float("inf")
    end = time.process_time() + budget
    while time.process_time() < end:
        began = time.process_time()
        x @ y
        best = min(best, time.process_time() - began)
    print(json.dumps({**versions(), "gflops": round(2 * SIZE**3 / best / 1e9, 1)}))


def versions():
    """The versions of PyTorch and OpenBLAS, and the core in use: null if PyTorch multiplies with something else."""
    import torch

    openblas, core = None, None
    library = loaded_library()
    if library:
        # "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH …"
        openblas = text_of(library.openblas_get_config).split()[1]
        core = text_of(library.openblas_get_corename)
    return {"torch": torch.__version__, "openblas": openblas, "core": core}


def loaded_library():
    """OpenBLAS as this process has loaded it; a renamed copy, as NumPy's wheels bring along, has other symbols."""
    if not os.path.exists("/proc/self/maps"):
        return None
    with open("/proc/self/maps") as maps:
        paths = set(re.findall(r"/\S*openblas\S*\.so\S*", maps.read()))
    libraries = (ctypes.CDLL(path) for path in sorted(paths))
    return next((each for each in libraries if hasattr(each, "openblas_get_config")), None)


def text_of(function):
    function.restype = ctypes.c_char_p
    return function().decode()


if __name__ == "__main__":
    if sys.argv[1:] == ["--multiply"]:
        multiply()
    else:
        print(json.dumps(fastest()))
