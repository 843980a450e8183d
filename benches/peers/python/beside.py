"""Two programs in turn: calls in this process, and the bench's program, which is started again for its own times.

What lstsq.py and gradients.py share. It must not know what is called, and must not judge a result.
"""

import os
import statistics
import subprocess
import time
from pathlib import Path

import threadpoolctl

# A call is repeated for some seconds, but at least so many times, as in the bench's `timing.rs`.
AT_LEAST = 3


def names(program, option, directory):
    """Lets the program write its problems to `directory`; their names."""
    words = [program, option, directory]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.split()


def program_times(program, option, name, seconds):
    """The seconds of whatever the program measures on the problem of that name."""
    words = [program, option, name, "--seconds", str(seconds)]
    lines = subprocess.run(words, check=True, capture_output=True, text=True).stdout.splitlines()
    return {who: float(value) for who, value in (line.split("\t") for line in lines)}


def median_seconds(call, seconds):
    """Of one call. The first is not counted: it may have to wake threads, and what another call left in cache is gone after it."""
    call()
    times = []
    while len(times) < AT_LEAST or sum(times) < seconds:
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def take_turns(calls, of_program, rounds, seconds):
    """The median over the rounds of each call's seconds, and of those of the program, which `of_program` gives.

    Rounds take turns, so that a change of the machine's load meets both.
    """
    found = {}
    for _ in range(rounds):
        of_calls = {who: median_seconds(call, seconds) for who, call in calls.items()}
        for who, took in (of_calls | of_program()).items():
            found.setdefault(who, []).append(took)
    return {who: statistics.median(times) for who, times in found.items()}


def libraries():
    """The libraries with threads of their own that are loaded in this process."""
    words = []
    for library in threadpoolctl.threadpool_info():
        name = " ".join(filter(None, [library["internal_api"], library["version"]]))
        kernels = f" ({library['architecture']})" if "architecture" in library else ""
        words.append(f"{name} with {library['num_threads']} threads{kernels}")
    return ", ".join(words)


class Load:
    """What other processes do meanwhile: a timing next to a compiler is no timing. As in the bench's `load.rs`."""

    def __init__(self):
        self.total, self.others = self.seconds()

    def seconds(self):
        """Processor time of the machine since it started, all and that of others than these two programs; from Linux's /proc."""
        stat = Path("/proc/stat")
        if not stat.exists():
            return 0.0, 0.0
        ticks = [int(word) / os.sysconf("SC_CLK_TCK") for word in stat.read_text().splitlines()[0].split()[1:9]]
        own = sum(os.times()[:4])
        return sum(ticks), sum(ticks) - ticks[3] - ticks[4] - own

    def print(self):
        total, others = self.seconds()
        if total > self.total:
            share = max(others - self.others, 0.0) / (total - self.total)
            print(f"\nOther processes took {100 * share:.0f} % of the machine's processor time meanwhile.")
