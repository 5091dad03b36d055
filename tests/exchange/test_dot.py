"""Graphviz reads the graph, and draws every title as it is."""

from __future__ import annotations

import subprocess
from itertools import islice
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import TODAY, plan
from tests.exchange.hostile_titles import hostile, visible
from tests.needs import program
from tracker.domain.model import Department
from tracker.exchange import dot
from tracker.exchange.handout import Handout

_SVG = "{http://www.w3.org/2000/svg}"


def drawn(graph: bytes) -> ElementTree.Element:
    """Return the picture that Graphviz draws."""
    run = subprocess.run(
        [program("dot"), "-Tsvg"], input=graph, capture_output=True, check=True, timeout=60
    )
    assert b"yntax" not in run.stderr
    return ElementTree.fromstring(run.stdout)  # noqa: S314  (what was just drawn here)


def shown(picture: ElementTree.Element, kind: str) -> dict[str, str]:
    """Return the texts of a picture by the names of nodes, clusters or edges."""
    return {
        group.findtext(f"{_SVG}title") or "": " ".join(
            (text.text or "").replace("\xa0", " ") for text in group.iter(f"{_SVG}text")
        )
        for group in picture.iter(f"{_SVG}g")
        if group.get("class") == kind
    }


@settings(max_examples=5)
@given(titles=st.lists(hostile, min_size=5, max_size=12), lane=hostile)
def test_every_title_is_drawn_as_it_is(titles: list[str], lane: str) -> None:
    lanes = (Department(id=1, name=lane),)
    ws = plan(titles=titles, tasks=len(titles), department=1, extra=lanes)
    picture = drawn(dot.write(Handout(ws, TODAY)))
    nodes = {key: " ".join(text.split()) for key, text in shown(picture, "node").items()}
    assert nodes == {
        f"t{task.id}": f"{task.id} {visible(task.title)}".rstrip() for task in ws.tasks.values()
    }
    [cluster] = shown(picture, "cluster").values()
    assert " ".join(cluster.split()) == visible(lane)


def test_arrows_say_what_they_ask_for() -> None:
    ws = plan("1-2 2-3", returns="3-1")
    picture = drawn(dot.write(Handout(ws, TODAY)))
    assert shown(picture, "edge") == {"t1->t2": "", "t2->t3": "", "t3->t1": "~20%"}


def test_a_title_without_end_is_cut_and_that_is_told() -> None:
    ws = plan(titles=["ä" * 10_000, "B"], tasks=2)
    out = Handout(ws, TODAY)
    picture = drawn(dot.write(out))
    assert len(shown(picture, "node")["t1"]) == 202
    assert [(told.name, told.times) for told in out.changed] == [("shortened", 1)]


def test_a_plan_without_tasks_is_a_graph_without_nodes() -> None:
    assert not list(islice(shown(drawn(dot.write(Handout(plan(), TODAY))), "node"), 1))
