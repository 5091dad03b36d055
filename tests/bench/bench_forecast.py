"""Measures the forecast: `python -m tests.bench.bench_forecast [SIZE …]`, beside other engines.

With `--check` it holds the bars, each a ratio taken within one run, besides the memory: the whole
forecast ≤ 1.3 × one forward pass in NumPy over the same durations, at 1,000 and 5,000 tasks; the
costs of all returns ≤ 1.5 × the forecast itself, and ≤ 110 MiB, at 10,000 tasks and 500 returns.

CPU milliseconds for 10,000 runs, the best of three; what a run costs a plain loop in Python and
SimPy is measured in few runs of the same plan, within the same minute. `first figures` is until
these are there, `costs` what is spent on top on the costs of the returns. Peak memory is that of a
process of its own, in MiB, all included.
"""

from __future__ import annotations

import math
import random
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from tests.bench.forecast_nets import SIZES, net
from tests.builders import TODAY
from tracker.domain.workspace import Workspace
from tracker.flow.forecast import distributions
from tracker.flow.forecast.forecast import Options, forecast, refine
from tracker.flow.forecast.random_numbers import Floats
from tracker.flow.forecast.remaining_work import Plan, Return, plan

RUNS = 10_000


def clock(run: Callable[[], object], times: int = 3) -> float:
    """Return the CPU milliseconds of a call, the best of some."""
    took = []
    for _ in range(times):
        start = time.process_time()
        run()
        took.append(time.process_time() - start)
    return min(took) * 1000


def last(ws: Workspace, *, costs: bool) -> None:
    """Forecast to the end."""
    for _ in refine(ws, TODAY, Options(runs=RUNS), costs=costs):
        pass


class Plain:
    """The same runs as anybody would write them: one after the other, task by task."""

    def __init__(self, ahead: Plan, seed: int) -> None:
        self.plan, self.rng = ahead, random.Random(seed)
        self.days: dict[int, float] = {}

    def run(self) -> float:
        """Return when all is over in one run."""
        draw = self.rng.triangular
        self.days = {
            key: draw(step.low, step.high, step.likely) for key, step in self.plan.steps.items()
        }
        over: dict[int, float] = {}
        for key in self.plan.steps:
            start = max((over[source] + lag for source, lag in self.plan.needs[key]), default=0.0)
            over[key] = start + self.days[key]
            if key in self.plan.gates:
                over[key] += self.rework(key)
        return max(over.values())

    def rework(self, gate: int) -> float:
        """Return how long it takes until a gate accepts after it was first completed."""
        days = 0.0
        while back := self.outcome(self.plan.gates[gate]):
            over: dict[int, float] = {}
            for key in back.body:
                before = [over[s] + lag for s, lag in self.plan.needs[key] if s in over]
                over[key] = max(before, default=0.0) + back.share * self.days[key]
                if key != gate and key in self.plan.gates:
                    over[key] += self.rework(key)
            days += over[gate]
        return days

    def outcome(self, backs: tuple[Return, ...]) -> Return | None:
        """Draw over which arrow work goes back, None if over none."""
        drawn = self.rng.random()
        for back in backs:
            drawn -= back.rate
            if drawn < 0:
                return back
        return None


def vectorised(ws: Workspace) -> Callable[[], object]:
    """Return the forward pass alone, by NumPy over all runs, task by task; nothing comes back."""
    ahead = plan(ws, TODAY)
    steps = ahead.steps.values()
    estimates = np.array([(step.low, step.likely, step.high) for step in steps]).T
    tables = dict(zip(ahead.steps, distributions.pert_tables(*estimates), strict=True))

    def run() -> object:
        rng = np.random.default_rng(1)
        common = rng.standard_normal(RUNS) * math.sqrt(0.5)
        over: dict[int, Floats] = {}
        whole = np.zeros(RUNS)
        for key, before in ahead.needs.items():
            place = rng.standard_normal(RUNS) * math.sqrt(0.5) + common
            end: Floats = np.interp(place, distributions.NODES, tables[key])
            if before:
                end += np.maximum.reduce([over[source] + lag for source, lag in before])
            over[key] = end
            whole = np.maximum(whole, end)
        return whole

    return run


def check() -> int:
    """Hold the bars, and print them; 1 if a ratio is beyond.

    Memory is only told: it is no ratio of two figures of one run.
    """
    found = []
    for size in (1_000, 5_000):
        ws = net(size)
        figures, other = clock(partial(last, ws, costs=False)), clock(vectorised(ws))
        found.append((f"{size} tasks / NumPy", figures / other, 1.3))
    ws = net(10_000)
    figures = clock(lambda: last(ws, costs=False), 2)
    costs = clock(lambda: last(ws, costs=True), 1) - figures
    found.append(("costs / forecast", costs / figures, 1.5))
    ratios = tuple(found)
    found.append(("MiB", memory(10_000, dense=False), 110))
    for name, figure, most in found:
        beyond = "  beyond its bar" if figure > most else ""
        sys.stdout.write(f"{name:>20} {figure:>8.2f}  <= {most:g}{beyond}\n")
    return int(any(figure > most for _, figure, most in ratios))


def plain(ws: Workspace, runs: int) -> float:
    """Return the CPU milliseconds of a run in plain Python."""
    ahead = plan(ws, TODAY)
    loop = Plain(ahead, 1)
    return clock(lambda: [loop.run() for _ in range(runs)], 1) / runs


def simpy(ws: Workspace, runs: int) -> float:
    """Return the CPU milliseconds of a run in SimPy."""
    from tests.flow.forecast import oracle

    ahead, assume = plan(ws, TODAY), oracle.Assumptions()
    # Tables of quantiles are made in a first call.
    oracle.runs(ws, ahead, assume, 1, 1)
    return clock(lambda: oracle.runs(ws, ahead, assume, runs, 1), 1) / runs


def memory(size: int, *, dense: bool) -> int:
    """Return the peak memory of a forecast with all its costs, in MiB."""
    # The figures of getrusage for a new process begin with those of its parent.
    code = (
        "from tests.bench.bench_forecast import last, net;"
        f"last(net({size}, dense={dense}), costs=True);"
        "print(open('/proc/self/status').read().partition('VmHWM:')[2].split()[0])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return int(done.stdout) // 1024


def measure(size: int, *, dense: bool) -> Mapping[str, object]:
    """Measure the forecast of one plan."""
    ws = net(size, dense=dense)
    found = forecast(ws, TODAY, Options(runs=1_000))
    figures = clock(lambda: last(ws, costs=False))
    few = max(3, 20_000 // size // (10 if dense else 1))
    alone = clock(vectorised(ws), 1)
    beside = {"plain": plain(ws, few), "SimPy": simpy(ws, max(few // 10, 2))}
    return {
        "tasks": size,
        "loops": "dense" if dense else "sparse",
        "gates": len(plan(ws, TODAY).gates),
        "longer": f"{found.finish.p50 / found.without_returns.p50:.2f}",
        "first results": round(clock(lambda: next(refine(ws, TODAY, Options(runs=RUNS))))),
        "ms": round(figures),
        "costs": round(max(clock(lambda: last(ws, costs=True), 1) - figures, 0)),
        "/ NumPy": f"{figures / alone:.2f}",
        **{f"{name} x": round(took * RUNS / figures) for name, took in beside.items()},
        "MiB": memory(size, dense=dense),
    }


def main() -> None:
    """Measure, and print a line for each plan."""
    if sys.argv[1:] == ["--check"]:
        raise SystemExit(check())
    head = True
    for dense in (False, True):
        for size in map(int, sys.argv[1:]) if sys.argv[1:] else SIZES:
            row = measure(size, dense=dense)
            lines: list[list[object]] = [list(row)] if head else []
            lines.append(list(row.values()))
            head = False
            widths = [max(len(name), 8) for name in row]
            for line in lines:
                cells = (f"{x:>{width}}" for x, width in zip(line, widths, strict=True))
                sys.stdout.write(" ".join(cells) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
