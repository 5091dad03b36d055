"""Measures the board: `python -m tests.bench.bench_board [SIZE …]`, beside graphviz where it is.

CPU time, medians. Crossings are cells in which a line of ours breaks for another; for dot they are
pairs of edges without a common end whose curves meet. Bends are corners, for dot joints of curves.
Lengths are in cells of which two are as high as a row; dot's cards are as large as ours.
"""

from __future__ import annotations

import random
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import pairwise
from math import dist
from typing import NamedTuple

from tests.bench.board_graphs import SIZES, net
from tracker.domain import graph
from tracker.domain.change import Change, Edit
from tracker.domain.model import Link, Task
from tracker.domain.sentence import sentence
from tracker.domain.workspace import Workspace
from tracker.flow.board.board import Board
from tracker.flow.board.characters import paint
from tracker.flow.board.layout import layout

Point = tuple[float, float]
Curve = tuple[str, str, list[Point]]
# Where a card is, whatever an address is on a board of some kind.
Addresses = dict[int, tuple[int, ...]]

# dot is given so many seconds, is measured so often, and its pictures compared up to a size.
_PATIENCE = 600
_DOT_TIMES = 5
_COMPARED = 1_000
# Cells of ours to an inch of dot's, as a card is 18 cells and 1.8 inches wide.
_CELLS = 10


class Figures(NamedTuple):
    """What a layout of a net is like; None where it was not measured."""

    milliseconds: float | None
    crossings: int | None = None
    bends: int | None = None
    length: int | None = None
    moved: float | None = None


def dot(ws: Workspace, *, lanes: bool) -> tuple[float, list[Curve], Addresses]:
    """Return dot's CPU seconds, edges and addresses for a net, lanes as clusters or not at all.

    An address is the column by the left edge, and the place in it from above.
    """
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
        timeout=_PATIENCE,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    curves: list[Curve] = []
    columns: dict[float, list[tuple[float, int]]] = {}
    for line in done.stdout.splitlines():
        words = line.split()
        if words and words[0] == "edge":
            count = int(words[3])
            numbers = [float(word) for word in words[4 : 4 + 2 * count]]
            points = list(zip(numbers[::2], numbers[1::2], strict=True))
            curves.append((words[1], words[2], points))
        elif words and words[0] == "node":
            columns.setdefault(round(float(words[2]), 1), []).append(
                (-float(words[3]), int(words[1]))
            )
    addresses: Addresses = {
        task: (column, place)
        for column, x in enumerate(sorted(columns))
        for place, (_, task) in enumerate(sorted(columns[x]))
    }
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, curves, addresses


def measure_dot(ws: Workspace, *, lanes: bool) -> Figures:
    """Measure dot on a net, up to some size its picture too."""
    size = len(ws.tasks)
    try:
        runs = [dot(ws, lanes=lanes) for _ in range(_DOT_TIMES if size <= _COMPARED else 1)]
    except subprocess.TimeoutExpired:
        return Figures(None)
    took = statistics.median([seconds for seconds, _, _ in runs]) * 1000
    if size > _COMPARED:
        return Figures(took)
    _, curves, first = runs[0]
    drawn = [(source, target, list(_bezier(points))) for source, target, points in curves]
    moved = [_moved(first, dot(after, lanes=lanes)[2]) for after in edits(ws, 10)]
    return Figures(
        took,
        _meetings(drawn),
        sum((len(points) - 1) // 3 - 1 for _, _, points in curves),
        round(sum(dist(a, b) for *_, way in drawn for a, b in pairwise(way)) * _CELLS),
        statistics.mean(moved),
    )


def measure_ours(ws: Workspace, *, tight: bool, cap: int | None) -> Figures:
    """Measure our layout of a net."""
    size = len(ws.tasks)
    run = partial(layout, ws, tight=tight, cap=cap)
    board = run()
    took = clock(run, 3 if size > _COMPARED else max(5, 3_000 // size))
    first = _addresses(board)
    moved = [
        _moved(first, _addresses(layout(ws2, previous=board, cap=cap))) for ws2 in edits(ws, 30)
    ]
    drawn = [arrow.path for arrow in board.arrows.values() if not arrow.hidden]
    return Figures(
        took,
        board.crossings(),
        sum(len(path) - 2 for path in drawn),
        sum(abs(x1 - x0) + 2 * abs(y1 - y0) for p in drawn for (x0, y0), (x1, y1) in pairwise(p)),
        statistics.mean(moved),
    )


def _addresses(board: Board) -> Addresses:
    return {
        task: (card.lane, card.column - board.opened, card.slot)
        for task, card in board.cards.items()
    }


def _moved(first: Addresses, second: Addresses) -> float:
    """Return the share of cards on both boards whose address differs, in percent."""
    both = first.keys() & second.keys()
    return 100 * sum([first[task] != second[task] for task in both]) / len(both)


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


def compare(ws: Workspace) -> Iterable[tuple[str, Figures]]:
    """Walk over our layouts of a net and dot's, side by side."""
    yield "ours", measure_ours(ws, tight=False, cap=None)
    yield "ours, tight", measure_ours(ws, tight=True, cap=None)
    yield "ours, at most 8 tracks", measure_ours(ws, tight=False, cap=8)
    yield "ours, tight, at most 8", measure_ours(ws, tight=True, cap=8)
    if shutil.which("dot"):
        yield "dot, lanes as clusters", measure_dot(ws, lanes=True)
        yield "dot, no lanes", measure_dot(ws, lanes=False)


def measure_edits(ws: Workspace, first: Board, count: int) -> dict[str, object]:
    """Measure the layout after small edits, and what they move."""
    moved, rerouted, took = [], [], []
    for after in edits(ws, count):
        start = time.process_time()
        second = layout(after, previous=first)
        took.append(time.process_time() - start)
        moved.append(_moved(_addresses(first), _addresses(second)))
        ways = [
            arrow.path != now.path
            for link, arrow in first.arrows.items()
            if (now := second.arrows.get(link))
        ]
        rerouted.append(sum(ways) / len(ways))
    return {
        "edit ms": round(statistics.median(took) * 1000, 1),
        "slowest edit ms": round(max(took) * 1000, 1),
        "cards moved %": round(statistics.mean(moved), 2),
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
        row[f"paint {width}x{height} ms"] = round(statistics.median(took), 2)
    return row


def _cell(figure: float | None, digits: int = 0) -> str:
    return "-" if figure is None else f"{figure:,.{digits}f}"


def _table(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as lines, their columns in line."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            [cells[0].ljust(widths[0]), *map(str.rjust, cells[1:], widths[1:])],
        )
        for cells in rows
    )


def report(size: int) -> str:
    """Return what boards of one size are like, as text."""
    ws = net(size)
    rows = [("", "ms", "crossings", "bends", "length", "cards moved %", "ms of dot's")]
    found = list(compare(ws))
    plain = found[-1][1].milliseconds if found[-1][0] == "dot, no lanes" else None
    for name, figures in found:
        ms = figures.milliseconds
        rows.append(
            (
                name,
                _cell(ms, 1),
                _cell(figures.crossings),
                _cell(figures.bends),
                _cell(figures.length),
                _cell(figures.moved, 2),
                f"1/{plain / ms:.1f}" if plain and ms else "-",
            )
        )
    first = layout(ws)
    more = measure_edits(ws, first, 10 if size > 5_000 else 100) | measure_paints(first)
    return "\n".join(
        [
            f"{size:,} tasks, {len(ws.links):,} links",
            _table(rows),
            "  ".join(f"{name} {value}" for name, value in more.items()),
            "",
        ]
    )


def main() -> None:
    """Print a table for each size."""
    for size in map(int, sys.argv[1:]) if sys.argv[1:] else SIZES:
        sys.stdout.write(report(size) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
