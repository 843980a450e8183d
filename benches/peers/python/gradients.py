"""PyTorch's and JAX's gradients through the SVD and eigh beside lapwing's, on the very same matrices and cotangents.

The bench's program writes the matrices (.npy), and is started again for its own times on each of them (beside.py).
It must not time anything but the call: graphs are built, vectors' signs matched, and results checked, outside the clock.

usage: gradients.py PROGRAM DIRECTORY [SECONDS]
"""

import os
import sys
from pathlib import Path

# XLA takes as many threads as the process has processors when it starts; nothing else sets them. The program that is started
# from here inherits the processors.
THREADS = 2
PROCESSORS = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
if len(PROCESSORS) < THREADS:
    sys.exit(f"expected Linux and {THREADS} processors for this process, found {len(PROCESSORS)} that can be chosen")
os.sched_setaffinity(0, PROCESSORS[:THREADS])

import jax
import jax.numpy
import numpy
import threadpoolctl
import torch

import beside

ROUNDS = 5
# What the program times, in the table's order.
WHAT = [f"{parts} {clock}" for parts in ["all", "values"] for clock in ["backward", "forward + backward"]]


class Problem:
    """A matrix, the parts of its decomposition by lapwing, the cotangents that belong to them, and lapwing's gradients."""

    def __init__(self, directory, name):
        self.name, self.is_svd, self.n = name, name.startswith("svd"), int(name.split("-")[1])
        load = lambda part: numpy.load(directory / f"{name}-{part}.npy")
        self.a = load("a")
        parts = ["u", "s", "vh"] if self.is_svd else ["values", "vectors"]
        self.parts = [load(part) for part in parts]
        self.bars = [load(f"bar-{part}") for part in parts]
        self.gradients = {which: load(f"gradient-{which}") for which in ["all", "values"]}
        self.values, self.bar_values = (of[1 if self.is_svd else 0] for of in (self.parts, self.bars))

    def bars_for(self, parts):
        """The cotangents, for a peer's `parts`: where a vector is the negative of lapwing's, so is its cotangent."""
        # Of the right singular vectors, which stand in rows, the signs are those of the left ones.
        vectors = self.parts[0] if self.is_svd else self.parts[1]
        signs = numpy.sign(numpy.sum(vectors * (parts[0] if self.is_svd else parts[1]), axis=0))
        if self.is_svd:
            return [self.bars[0] * signs, self.bars[1], self.bars[2] * signs[:, None]]
        return [self.bars[0], self.bars[1] * signs]

    def distance(self, gradient, which):
        """‖G − G₀‖/‖G₀‖, G₀ lapwing's. Of a symmetric matrix's gradient only the symmetric part counts."""
        ours = self.gradients[which]
        if not self.is_svd:
            gradient = (gradient + gradient.T) / 2
        return numpy.linalg.norm(gradient - ours) / numpy.linalg.norm(ours)

    def error(self, parts):
        """How far A is from the matrix of which these would be the exact parts, and orthogonal, in the Frobenius norm."""
        norm, unit = numpy.linalg.norm, numpy.eye(self.n)
        u, values, vh = parts if self.is_svd else (parts[1], parts[0], parts[1].T)
        return norm(self.a - (u * values) @ vh) + norm(self.a, 2) * (norm(u.T @ u - unit) + norm(vh @ vh.T - unit))

    def tolerance(self, which, parts):
        """What rounding explains of `distance`, to first order.

        Computed parts are those of A + E; ε is ‖E‖ for lapwing's and the peer's together, and n·eps·‖A‖ for the products. The
        gradient for the values alone, whose cotangent here is σ or λ, is A itself, so that ε is its error. The other divides by
        gaps of the values, and for the SVD by their sums; δ is the least of them. G = U·M·Vᵀ with M linear in UᵀŪ and VᵀV̄: the
        vectors turn by up to √2·ε/δ, which changes G by twice that of itself, and M, through UᵀŪ and VᵀV̄, by √2 of that times
        (‖Ū‖ + ‖V̄‖)/δ; a gap changes by up to 2ε, and M by 2ε/δ of itself.
        """
        rounding = self.n * numpy.finfo(float).eps * numpy.linalg.norm(self.a)
        epsilon = self.error(self.parts) + self.error(parts) + rounding
        size = numpy.linalg.norm(self.gradients[which])
        if which == "values":
            return epsilon / size
        values = numpy.sort(self.values)
        gaps = numpy.append(numpy.diff(values), values[0] + values[1] if self.is_svd else numpy.inf)
        bars = sum(numpy.linalg.norm(bar) for bar in self.bars if bar.ndim == 2)
        return epsilon / gaps.min() * (5 + 2 * bars / (gaps.min() * size))


def torch_calls(problem):
    """For each of `WHAT`, a call that gives the gradient; and the parts that PyTorch finds."""
    a = torch.tensor(numpy.ascontiguousarray(problem.a), requires_grad=True)
    tensors = lambda arrays: [torch.tensor(numpy.ascontiguousarray(array)) for array in arrays]
    if problem.is_svd:
        forward, values = lambda: torch.linalg.svd(a, full_matrices=False), lambda: (torch.linalg.svdvals(a),)
    else:
        forward, values = lambda: torch.linalg.eigh(a), lambda: (torch.linalg.eigvalsh(a),)
    found = [to_numpy(part) for part in forward()]
    bars = tensors(problem.bars_for(found))
    calls = {}
    for parts, run, bar in [("all", forward, bars), ("values", values, tensors([problem.bar_values]))]:
        graph = run()
        backward = lambda graph=graph, bar=bar: torch.autograd.grad(graph, a, bar, retain_graph=True)[0]
        calls[f"{parts} backward"] = backward
        calls[f"{parts} forward + backward"] = lambda run=run, bar=bar: torch.autograd.grad(run(), a, bar)[0]
    return calls, found


def jax_calls(problem):
    """The same."""
    a = jax.numpy.asarray(problem.a)
    if problem.is_svd:
        forward = lambda a: tuple(jax.numpy.linalg.svd(a, full_matrices=False))
        values = lambda a: (jax.numpy.linalg.svdvals(a),)
    else:
        forward, values = lambda a: tuple(jax.numpy.linalg.eigh(a)), lambda a: (jax.numpy.linalg.eigvalsh(a),)
    found = [to_numpy(part) for part in forward(a)]
    bars = problem.bars_for(found)
    calls = {}
    for parts, run, bar in [("all", forward, bars), ("values", values, [problem.bar_values])]:
        bar = tuple(jax.numpy.asarray(part) for part in bar)
        pullback = jax.vjp(run, a)[1]
        backward = jax.jit(lambda pullback, bar: pullback(bar)[0])

        def both(a, bar, run=run):
            factors, pullback = jax.vjp(run, a)
            return pullback(bar)[0], factors

        both = jax.jit(both)
        calls[f"{parts} backward"] = lambda b=backward, p=pullback, bar=bar: b(p, bar).block_until_ready()
        calls[f"{parts} forward + backward"] = lambda b=both, bar=bar: jax.block_until_ready(b(a, bar))[0]
    return calls, found


def to_numpy(array):
    return numpy.asarray(array.detach() if isinstance(array, torch.Tensor) else array)


def check(who, problem, calls, parts):
    """The largest difference from lapwing's gradient, for all parts and the values alone; ends the program at a wrong one."""
    words = []
    for which in ["all", "values"]:
        allowed = problem.tolerance(which, parts)
        gradients = [to_numpy(call()) for what, call in calls.items() if what.startswith(which)]
        largest = max(problem.distance(gradient, which) for gradient in gradients)
        if not largest <= allowed:
            sys.exit(f"{who} on {problem.name}, {which}: differs by {largest:.1e}, expected at most {allowed:.1e}")
        words.append(f"{largest:.0e} (≤ {allowed:.0e})")
    return words


PEERS = {"PyTorch": torch_calls, "JAX": jax_calls}


def time_text(seconds):
    return f"{1e6 * seconds:.0f} µs" if seconds < 1e-3 else f"{1e3 * seconds:.2f} ms"


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    program, directory = sys.argv[1], Path(sys.argv[2])
    seconds = float(sys.argv[3]) if len(sys.argv) == 4 else 0.25
    jax.config.update("jax_platforms", "cpu")
    jax.config.update("jax_enable_x64", True)
    torch.set_num_threads(THREADS)
    threadpoolctl.threadpool_limits(THREADS)
    load, lines, differences = beside.Load(), [], []
    for name in beside.names(program, "--write-gradients", directory):
        problem = Problem(directory, name)
        title = f"{problem.n} | {'SVD' if problem.is_svd else 'eigh'}"
        calls, agreement = {}, []
        for peer, calls_of in PEERS.items():
            of_peer, parts = calls_of(problem)
            agreement += check(peer, problem, of_peer, parts)
            calls |= {(peer, what): call for what, call in of_peer.items()}
        differences.append(f"| {title} | {' | '.join(agreement)} |")
        times = lambda: beside.program_times(program, "--time-gradient", name, seconds)
        found = beside.take_turns(calls, times, ROUNDS, seconds)
        for what in WHAT:
            took = [found[what], *(found[(peer, what)] for peer in PEERS)]
            ratios = [f"{of_peer / took[0]:.2f}" for of_peer in took[1:]]
            lines.append(f"| {title} | {' | '.join([*what.split(' ', 1), *map(time_text, took), *ratios])} |")
    report(lines, differences)
    load.print()


def report(lines, differences):
    print("### Gradients by Python\n")
    print(f"PyTorch {torch.__version__} with {lapack_of_torch()}, JAX {jax.__version__}, from PyPI.")
    print(f"Loaded are {beside.libraries()}.\n")
    print(f"f64; {THREADS} processors and {THREADS} threads for each program.")
    print(f"Medians of {ROUNDS} rounds, in which the two programs take turns.\n")
    print("- all: cotangents of all parts; values: of the values alone, by `svdvals` and `eigvalsh` in Python.")
    print("- backward: from factors at hand, or a graph. JAX divides by gaps when it builds that, the others when they go back.")
    print("- lapwing: plain calls, which allocate what they return.\n")
    head = ["n", "through", "cotangents", "clock", "lapwing", *PEERS, *(f"{peer} ÷ lapwing" for peer in PEERS)]
    print(f"| {' | '.join(head)} |")
    print("|---:|:---|:---|:---|---:|---:|---:|---:|---:|")
    print("\n".join(lines))
    print("\n‖G − G₀‖/‖G₀‖, G₀ lapwing's gradient, and in brackets the most that rounding explains:\n")
    print(f"| n | through | {' | '.join(f'{peer}, {which}' for peer in PEERS for which in ['all', 'values'])} |")
    print("|---:|:---|---:|---:|---:|---:|")
    print("\n".join(differences))


def lapack_of_torch():
    """What PyTorch was built with; its wheels contain MKL, which shows no library of its own."""
    lines = torch.__config__.show().splitlines()
    found = (line.strip(" -").split(" Build")[0] for line in lines if "Math Kernel Library" in line)
    return next(found, "a LAPACK that it does not name")


if __name__ == "__main__":
    main()
