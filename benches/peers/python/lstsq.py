"""NumPy's and SciPy's least squares beside lapwing's and faer's, on the very same matrices.

The bench's program writes the matrices (.npy), and is started again for its own times on each of them (beside.py). Ratios are of
medians.
It must not time anything but the call: files are read, and results checked, outside the clock.

usage: lstsq.py PROGRAM DIRECTORY [SECONDS]
"""

import functools
import sys
from pathlib import Path

import numpy
import scipy.linalg

import beside

ROUNDS = 3
# The unit of LAPACK's own tests, as in the bench's `check.rs`.
LARGEST_ERROR = 30.0

CALLS = {
    "numpy.linalg.lstsq (gelsd)": lambda a, b: numpy.linalg.lstsq(a, b, rcond=None)[0],
    "scipy.linalg.lstsq, gelsd": lambda a, b: scipy.linalg.lstsq(a, b, lapack_driver="gelsd")[0],
    "scipy.linalg.lstsq, gelsy": lambda a, b: scipy.linalg.lstsq(a, b, lapack_driver="gelsy")[0],
}
AUTO = "lapwing, Method::Auto"


def error(a, b, x):
    """‖Aᵀ(b − A·x)‖/(‖A‖_F²·‖x‖ + ‖A‖_F·‖b‖)/(n·eps)."""
    norm = numpy.linalg.norm
    size = norm(a) * (norm(a) * norm(x) + norm(b)) * a.shape[1] * numpy.finfo(float).eps
    return norm(a.T @ (b - a @ x)) / size


def measure(program, directory, name, seconds):
    a, b = numpy.load(directory / f"{name}-a.npy"), numpy.load(directory / f"{name}-b.npy")
    for who, call in CALLS.items():
        wrong = error(a, b, call(a, b))
        if not wrong <= LARGEST_ERROR:
            sys.exit(f"{who} on {name} is wrong by {wrong:.1e}")
    calls = {who: functools.partial(call, a, b) for who, call in CALLS.items()}
    return beside.take_turns(calls, lambda: beside.program_times(program, "--time", name, seconds), ROUNDS, seconds)


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    program, directory = sys.argv[1], Path(sys.argv[2])
    seconds = float(sys.argv[3]) if len(sys.argv) == 4 else 0.25
    load = beside.Load()
    names = beside.names(program, "--write", directory)
    print("### Least squares by Python\n")
    print(f"NumPy {numpy.__version__}, SciPy {scipy.__version__}, from PyPI; they bring {beside.libraries()}.")
    print(f"Medians of {ROUNDS} rounds, in which the two programs take turns.\n")
    print("| m×n-κ | method | time | ÷ lapwing's Auto |")
    print("|:---|:---|---:|---:|")
    for name in names:
        found = measure(program, directory, name, seconds)
        for who, took in found.items():
            print(f"| {name} | {who} | {1e3 * took:.1f} ms | {took / found[AUTO]:.2f} |", flush=True)
    load.print()


if __name__ == "__main__":
    main()
