"""Measures the matrix of a plan: `python -m tests.bench.bench_matrix [TASKS …]`.

The order is to be had within 100 ms of CPU for 2,000 tasks, however many of them hang together.
"""

from __future__ import annotations

import random
import sys
from statistics import median
from time import process_time

from tracker.flow.matrix import Arc, partition


def net(tasks: int, *, tangled: bool) -> tuple[list[Arc], list[Arc]]:
    """Return arrows among tasks: small loops here and there, or nearly all in one."""
    rng = random.Random(1)
    needs = [
        (rng.randint(max(1, at - 30), at - 1), at) for at in range(2, tasks + 1) for _each in "ab"
    ]
    every, reach = (3, 400) if tangled else (20, 25)
    gates = range(30, tasks + 1, every)
    return needs, [(gate, max(1, gate - rng.randint(2, reach))) for gate in gates]


def main() -> None:
    """Print CPU medians of seven runs, with the size of the largest loop."""
    sys.stdout.write("  tasks            CPU ms   largest loop\n")
    for tasks in map(int, sys.argv[1:] or ("200", "2000", "10000")):
        for tangled in (False, True):
            needs, returns = net(tasks, tangled=tangled)
            times = []
            for _each in range(7):
                begun = process_time()
                _order, blocks = partition(range(1, tasks + 1), needs, returns)
                times.append(process_time() - begun)
            largest = max((last - first + 1 for first, last in blocks), default=0)
            kind = "tangled" if tangled else "loops"
            sys.stdout.write(f"{tasks:>7} {kind:<8} {1000 * median(times):>8.1f} {largest:>14}\n")


if __name__ == "__main__":
    main()
