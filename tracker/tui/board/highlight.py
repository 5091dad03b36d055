"""The highlights of the board: the focus and its arrows, a chain, an arrow being drawn."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from tracker.domain import graph
from tracker.domain.workspace import Workspace
from tracker.flow.board.characters import Manner
from tracker.tui.board.captions import Captions
from tracker.tui.board.sketch import Sketch, steps


class Light(NamedTuple):
    """The highlights: the focus, its arrows, the tasks at their ends.

    `chain` are the tasks of the whole chain when highlighted; all others are dimmed then. `sketch`
    is an arrow that is being drawn, `labels` are letters on cards.
    """

    here: int | None = None
    arrows: Mapping[int, Manner] = {}
    ends: Mapping[int, Manner] = {}
    chain: Collection[int] = ()
    marked: Collection[int] = ()
    hits: Collection[int] = ()
    news: Collection[int] = ()
    sketch: Sketch | None = None
    labels: Mapping[int, str] = {}


def light_sketch(ws: Workspace, sketch: Sketch, *, before: Light) -> Light:
    """Return the highlights of an arrow being drawn: itself, and the loop it would close."""
    return before._replace(
        here=sketch.target,
        arrows=dict.fromkeys(steps(sketch, ws), "loop"),
        ends=dict.fromkeys(sketch.loop, "loop"),
        chain=(),
        sketch=sketch,
    )


def light(
    ws: Workspace, here: int | None, captions: Captions, *, chain: bool, before: Light
) -> Light:
    """Return the highlights of a focus: the arrows of its task, or the whole chain through it."""
    arrows: dict[int, Manner] = {}
    ends: dict[int, Manner] = {}
    tasks: Collection[int] = ()
    if here is not None and here in ws.tasks:
        upstream = downstream = {here}
        if chain:
            upstream = graph.upstream(ws, here) | {here}
            downstream = graph.downstream(ws, here) | {here}
            tasks = upstream | downstream
        for task in upstream:
            for link in ws.arrows_in.get(task, ()):
                if link.kind == "needs":
                    arrows[link.id] = ends[link.source] = "in"
        for task in downstream:
            for link in ws.arrows_out.get(task, ()):
                if link.kind == "needs":
                    arrows[link.id] = ends[link.target] = "out"
        loops = (*ws.arrows_in.get(here, ()), *ws.arrows_out.get(here, ()))
        for link in captions.arrows.loops(here) if chain else loops:
            if link.kind == "returns":
                arrows[link.id] = ends[link.source] = ends[link.target] = "loop"
    return before._replace(here=here, arrows=arrows, ends=ends, chain=tasks, sketch=None)


def light_path(ws: Workspace, here: int | None, path: Sequence[int], *, before: Light) -> Light:
    """Return the highlights of a chain that is shown wherever the focus is."""
    steps = set(pairwise(path))
    arrows: dict[int, Manner] = {
        link.id: "out"
        for task in path
        for link in ws.arrows_out.get(task, ())
        if link.kind == "needs" and (link.source, link.target) in steps
    }
    ends: dict[int, Manner] = dict.fromkeys(path, "out")
    return before._replace(here=here, arrows=arrows, ends=ends, chain=path, sketch=None)
