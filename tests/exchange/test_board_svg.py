"""The picture of the board: every card with its words, nothing that runs or is fetched."""

from __future__ import annotations

import re
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import TODAY, plan
from tests.exchange.hostile_titles import hostile, visible
from tests.exchange.plans import plans
from tracker.domain.model import Department
from tracker.domain.workspace import Workspace
from tracker.exchange import board_svg
from tracker.exchange.handout import Handout

_SVG = "{http://www.w3.org/2000/svg}"


def drawn(ws: Workspace, language: str = "en") -> ElementTree.Element:
    """Return the picture, which must be XML."""
    return ElementTree.fromstring(board_svg.write(Handout(ws, TODAY, language)))  # noqa: S314


def of_class(picture: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [each for each in picture.iter() if name in (each.get("class") or "").split()]


@settings(max_examples=20)
@given(titles=st.lists(hostile, min_size=5, max_size=12), lane=hostile)
def test_every_title_is_a_title_of_its_card_and_nothing_else(titles: list[str], lane: str) -> None:
    lanes = (Department(id=1, name=lane),)
    ws = plan("1-2 2-3", returns="3-1", titles=titles, tasks=len(titles), department=1, extra=lanes)
    picture = drawn(ws)
    told = {
        card.get("data-task"): (card.findtext(f"{_SVG}title") or "").partition(" · todo")[0]
        for card in of_class(picture, "card")
    }
    assert {key: " ".join(text.split()) for key, text in told.items()} == {
        str(task.id): f"{task.id} {visible(task.title)}".rstrip() for task in ws.tasks.values()
    }


@settings(max_examples=20)
@given(ws=plans())
def test_nothing_runs_and_nothing_is_fetched(ws: Workspace) -> None:
    written = board_svg.write(Handout(ws, TODAY)).decode()
    picture = ElementTree.fromstring(written)  # noqa: S314  (what was just drawn here)
    kinds = {each.tag.removeprefix(_SVG) for each in picture.iter()}
    assert kinds <= {"svg", "title", "style", "g", "rect", "line", "path", "polygon", "text"}
    names = {name for each in picture.iter() for name in each.attrib}
    assert not any(name.startswith("on") or "href" in name for name in names)
    assert not re.search(r"url\(|@import|https?:(?!//www\.w3\.org/2000/svg)", board_svg.STYLE)
    assert len(of_class(picture, "card")) == len(ws.tasks)
    # What leads from a task to itself is a matter of that card.
    arrows = [link for link in ws.links.values() if link.source != link.target]
    assert len(of_class(picture, "head")) >= len(arrows)


def test_all_of_it_lies_in_its_view() -> None:
    ws = plan(
        "1-2 2-3 1-4 4-5", returns="3-1 5-4", tasks=9, department=1, due=TODAY - timedelta(3),
        titles=["Schnittstelle zum Zählerdatenmanagement " * 3] * 9,
        extra=(Department(id=1, name="Informationssicherheit und Datenschutz"),),
    )  # fmt: skip
    picture = drawn(ws)
    _x, _y, wide, high = map(float, (picture.get("viewBox") or "").split())
    for card in picture.iter(f"{_SVG}svg"):
        if card is not picture:
            x, y, w, h = (float(card.get(name) or 0) for name in ("x", "y", "width", "height"))
            assert x >= 0 <= y
            assert x + w <= wide
            assert y + h <= high
            for text in card.iter(f"{_SVG}text"):
                assert len(text.text or "") * 6.7 <= w
    numbers = [
        float(n)
        for line in picture.iter(f"{_SVG}path")
        for n in re.findall(r"[\d.]+", line.get("d") or "")
    ]
    assert max(numbers) <= max(wide, high)


@pytest.mark.parametrize(("language", "state"), [("en", "doing"), ("de", "in Arbeit")])
def test_a_card_says_its_state_in_words_and_that_something_is_wrong(
    language: str, state: str
) -> None:
    ws = plan(states="1:doing", tasks=1, due=TODAY - timedelta(2))
    [card] = of_class(drawn(ws, language), "card")
    texts = [text.text for text in card.iter(f"{_SVG}text")]
    assert state in texts
    assert "!" in texts


def test_a_return_is_dashed_and_counted() -> None:
    picture = drawn(plan("1-2 2-3 3-4", returns="4-1"))
    [line] = [each for each in of_class(picture, "returns") if each.tag == f"{_SVG}path"]
    assert (line.get("data-from"), line.get("data-to")) == ("4", "1")
    assert [count.text for count in of_class(picture, "count")] == ["↻"]
    assert "stroke-dasharray" in board_svg.STYLE.partition("path.returns")[2].partition("}")[0]


def test_of_nothing_there_is_an_empty_picture() -> None:
    assert not of_class(drawn(Workspace()), "card")
