"""Measures the board: `python -m tests.bench.bench_board [SIZE …]`, beside graphviz where it is.

CPU time, medians. Crossings are cells in which a line of ours breaks for another; for dot they are
pairs of edges without a common end whose curves meet.
"""

from __future__ import annotations

import random
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from functools import partial
from itertools import pairwise

from tests.bench.board_graphs import SIZES, net
from tracker.domain import graph
from tracker.domain.change import Change, Edit
from tracker.domain.model import Link, Task
from tracker.domain.sentence import sentence
from tracker.domain.workspace import Workspace
from tracker.flow.board import Board
from tracker.flow.layout import layout
from tracker.flow.raster import paint

Point = tuple[float, float]


def dot(ws: Workspace, *, lanes: bool) -> tuple[float, int]:
    """Return dot's CPU seconds and crossings for the same net, lanes as clusters or not at all."""
    lines = ["digraph { rankdir=LR; node [shape=box, width=1.8, height=0.6];"]
    for department in ws.departments if lanes else ():
        inside = " ".join(str(t.id) for t in ws.tasks.values() if t.department == department)
        lines.append(f"subgraph cluster_{department} {{ {inside} }}")
    lines += [str(task) for task in ws.tasks]
    for link in ws.links.values():
        if link.kind == "needs":
            lines.append(f"{link.source} -> {link.target}")
        else:
            lines.append(f"{link.target} -> {link.source} [dir=back]")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        ["dot", "-Tplain"],
        input="\n".join([*lines, "}"]),
        capture_output=True,
        text=True,
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    curves = []
    for line in done.stdout.splitlines():
        words = line.split()
        if words and words[0] == "edge":
            count = int(words[3])
            numbers = [float(word) for word in words[4 : 4 + 2 * count]]
            points = list(zip(numbers[::2], numbers[1::2], strict=True))
            curves.append((words[1], words[2], list(_bezier(points))))
    return after.ru_utime - before.ru_utime, _meetings(curves)


def _bezier(points: list[Point]) -> Iterable[Point]:
    """Walk along a piecewise cubic curve in six steps a piece."""
    yield points[0]
    for i in range(0, len(points) - 3, 3):
        a, b, c, d = points[i : i + 4]
        for step in range(1, 7):
            t = step / 6
            u = 1 - t
            weights = u**3, 3 * u * u * t, 3 * u * t * t, t**3
            yield (
                sum(w * p[0] for w, p in zip(weights, (a, b, c, d), strict=True)),
                sum(w * p[1] for w, p in zip(weights, (a, b, c, d), strict=True)),
            )


def _meetings(curves: list[tuple[str, str, list[Point]]]) -> int:
    """Count the pairs of curves without a common end that meet, by a grid of their pieces."""
    grid: dict[tuple[int, int], list[tuple[int, Point, Point]]] = {}
    for i, (_, _, points) in enumerate(curves):
        for a, b in pairwise(points):
            for x in range(int(min(a[0], b[0])), int(max(a[0], b[0])) + 1):
                for y in range(int(min(a[1], b[1])), int(max(a[1], b[1])) + 1):
                    grid.setdefault((x, y), []).append((i, a, b))
    found: set[tuple[int, int]] = set()
    for pieces in grid.values():
        for n, (i, a, b) in enumerate(pieces):
            for j, c, d in pieces[n + 1 :]:
                if i != j and (min(i, j), max(i, j)) not in found and _meet(a, b, c, d):
                    found.add((min(i, j), max(i, j)))
    return sum(
        1 for i, j in found if not {curves[i][0], curves[i][1]} & {curves[j][0], curves[j][1]}
    )


def _meet(a: Point, b: Point, c: Point, d: Point) -> bool:
    def side(p: Point, q: Point, r: Point) -> bool:
        return (q[0] - p[0]) * (r[1] - p[1]) > (q[1] - p[1]) * (r[0] - p[0])

    return side(a, b, c) != side(a, b, d) and side(c, d, a) != side(c, d, b)


def edits(ws: Workspace, count: int, seed: int = 7) -> Iterable[Workspace]:
    """Walk over workspaces one small edit away: an arrow or a task more or less, a new title."""
    rng = random.Random(seed)
    tasks, needs = list(ws.tasks), [n for n in ws.links.values() if n.kind == "needs"]
    while count:
        edit: Edit
        match rng.randrange(4):
            case 0:
                edit = Edit(rng.choice(needs), None)
            case 1:
                a, b = sorted(rng.sample(tasks, 2))
                b = min(b, a + max(3, len(tasks) // 20))
                if graph.arrow(ws, "needs", a, b):
                    continue
                edit = Edit(None, Link(id=ws.next_id(Link), kind="needs", source=a, target=b))
            case 2:
                near = ws.tasks[rng.choice(tasks)]
                fresh = Task(id=ws.next_id(Task), title="New", department=near.department)
                link = Link(id=ws.next_id(Link), kind="needs", source=near.id, target=fresh.id)
                yield ws.apply(Change(sentence("Edit"), (Edit(None, fresh), Edit(None, link))))
                count -= 1
                continue
            case _:
                task = ws.tasks[rng.choice(tasks)]
                edit = Edit(task, Task(id=task.id, title="Other", department=task.department))
        yield ws.apply(Change(sentence("Edit"), (edit,)))
        count -= 1


def clock(run: Callable[[], object], times: int) -> float:
    """Return the median CPU milliseconds of a call."""
    took = []
    for _ in range(times):
        start = time.process_time()
        run()
        took.append(time.process_time() - start)
    return statistics.median(took) * 1000


def label(task: int, width: int, height: int) -> list[list[tuple[str, str]]]:
    """Fill a card."""
    return [[(f"▌{task}".ljust(width), "card")] for _ in range(height)]


def measure(size: int) -> dict[str, object]:
    """Measure boards of one size."""
    ws = net(size)
    times = max(3, min(30, 20_000 // size))
    row: dict[str, object] = {"tasks": size, "links": len(ws.links)}
    row["ms"] = round(clock(lambda: layout(ws, cap=None), times), 1)
    row["ms cap 8"] = round(clock(lambda: layout(ws), times), 1)
    row["ms tight"] = round(clock(lambda: layout(ws, tight=True), min(times, 5)), 1)
    if size <= 2_000:
        row["crossings"] = layout(ws, cap=None).crossings()
        row["tight"] = layout(ws, cap=None, tight=True).crossings()
        row["tight cap 8"] = layout(ws, tight=True).crossings()
    first = layout(ws)
    row |= measure_edits(ws, first, 5 if size > 5_000 else 30)
    row |= measure_paints(first)
    if shutil.which("dot") and size <= 1_000:
        seconds, meetings = dot(ws, lanes=False)
        row["dot ms"], row["dot x"] = round(seconds * 1000), meetings
        seconds, meetings = dot(ws, lanes=True)
        row["dot lanes ms"], row["dot lanes x"] = round(seconds * 1000), meetings
    return row


def measure_edits(ws: Workspace, first: Board, count: int) -> dict[str, object]:
    """Measure the layout after small edits, and what they move."""
    moved, rerouted, took = [], [], []
    for after in edits(ws, count):
        start = time.process_time()
        second = layout(after, previous=first)
        took.append(time.process_time() - start)
        here = [
            (card.lane, card.column, card.slot) != (kept.lane, kept.column, kept.slot)
            for task, card in first.cards.items()
            if (kept := second.cards.get(task))
        ]
        moved.append(sum(here) / len(here))
        ways = [
            arrow.path != now.path
            for link, arrow in first.arrows.items()
            if (now := second.arrows.get(link))
        ]
        rerouted.append(sum(ways) / len(ways))
    return {
        "edit ms": round(statistics.median(took) * 1000, 1),
        "cards moved %": round(statistics.mean(moved) * 100, 2),
        "arrows moved %": round(statistics.median(rerouted) * 100, 2),
    }


def measure_paints(board: Board) -> dict[str, object]:
    """Measure the painting of windows all over a board."""
    rng = random.Random(3)
    row: dict[str, object] = {}
    for width, height in ((80, 24), (200, 60)):
        took = []
        for _ in range(40):
            x = rng.randrange(max(1, board.width - width))
            y = rng.randrange(max(1, board.height))
            run = partial(paint, board, x=x, y=y, width=width, height=height, label=label)
            took.append(clock(run, 3))
        row[f"paint {width}x{height}"] = round(statistics.median(took), 2)
    return row


def main() -> None:
    """Print a line for each size."""
    for size in map(int, sys.argv[1:]) if sys.argv[1:] else SIZES:
        row = measure(size)
        sys.stdout.write("  ".join(f"{name} {value}" for name, value in row.items()) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
