"""The report as a page: one file, accessible, and nothing of others runs or is fetched by it."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.bench.bench_load import plan_of
from tests.exchange.hostile_titles import hostile
from tests.exchange.plans import plans
from tests.flow.test_drift import FIRST, SOME, Telling, estimated, go_on
from tests.flow.test_status_report import project, report
from tracker import demo, language
from tracker.domain.model import Department, Link, Person, Project, Task
from tracker.domain.verbs import arrows, commands
from tracker.domain.workspace import Workspace
from tracker.flow.status_report import read
from tracker.report.report_html import write
from tracker.report.report_markdown import write as write_markdown
from tracker.wording import show

VOID = {"meta", "br", "hr", "img", "input", "link", "wbr"}
Attributes = dict[str, str | None]


class Page(HTMLParser):
    """A page as its elements, each with its attributes and its text, in their order."""

    def __init__(self, html: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, Attributes, list[str]]] = []
        self._open: list[int] = []
        self.feed(html.decode())
        self.close()
        assert not self._open, "all that is opened is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        self.elements.append((tag, dict(attrs), []))
        if tag not in VOID:
            self._open.append(len(self.elements) - 1)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take an element that has nothing inside."""
        self.elements.append((tag, dict(attrs), []))

    def handle_endtag(self, tag: str) -> None:
        """Close an element, which must be the innermost one."""
        assert self.elements[self._open.pop()][0] == tag

    def handle_data(self, data: str) -> None:
        """Add a text to all that is open."""
        for at in self._open:
            self.elements[at][2].append(data)

    def all(self, *tags: str) -> Iterator[tuple[Attributes, str]]:
        """Walk over the elements of some kinds with their texts."""
        return (
            (attributes, "".join(text)) for tag, attributes, text in self.elements if tag in tags
        )


def hostile_plan(titles: list[str], name: str) -> Telling:
    """Return a plan in which everything that people write says something hostile."""
    extra = (
        Project(id=1, name=name, target=FIRST + timedelta(9), budget=1.0),
        Department(id=1, name=name, day_rate=1.0),
        Person(id=1, login="x", name=name, department=1),
    )
    fields: dict[str, Any] = {"project": 1, "department": 1, "assignee": 1, "due": FIRST}
    plan = Telling(estimated("1-2 2-3", titles=titles, tasks=4, extra=extra, **fields))
    plan.baseline(name=" ".join(show.text(name).split())[:50] or "Plan")
    for task in (1, 2, 3):
        plan.later().do(commands.finish, task=task)
    return plan.do(arrows.send_back, gate=3, target=1, reason=titles[3])


@settings(max_examples=12)
@given(titles=st.lists(hostile, min_size=4, max_size=4), name=hostile.filter(lambda t: len(t) < 50))
def test_what_people_write_is_text_and_nothing_else(titles: list[str], name: str) -> None:
    html = write(report(hostile_plan(titles, name)))
    shown = Page(html)
    assert_safe(shown, html)
    told = {" ".join(text.split()) for _attributes, text in shown.all("th", "td", "title")}
    for key, title in enumerate(titles, 1):
        line = " ".join(f"{key} {show.text(title)}".split())
        assert any(line in text or text.startswith(line[:190]) for text in told)


def assert_safe(shown: Page, html: bytes) -> None:
    """Hold a page to what keeps it from running or fetching anything."""
    text = html.decode()
    [policy] = [
        attributes["content"] or ""
        for attributes, _text in shown.all("meta")
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    for tag in ("style", "script"):
        for _attributes, inside in shown.all(tag):
            digest = b64encode(sha256(inside.encode()).digest()).decode()
            assert f"{tag}-src 'sha256-{digest}'" in policy
        assert len(list(shown.all(tag))) <= 1
    assert "unsafe" not in policy
    kinds = {tag for tag, _attributes, _text in shown.elements}
    assert kinds.isdisjoint(
        (
            "img",
            "iframe",
            "object",
            "embed",
            "link",
            "base",
            "form",
            "image",
            "use",
            "foreignobject",
        )
    )
    for tag, attributes, _inside in shown.elements:
        assert not any(name.startswith("on") or name in ("style", "src") for name in attributes)
        href = attributes.get("href")
        assert href is None or (tag == "a" and href.startswith("#"))
    assert not re.search(r"url\(|@import|https?://(?!www\.w3\.org/2000/svg)", without_text(text))


def without_text(html: str) -> str:
    """Return the markup of a page, with nothing that is text between two tags but of its own."""
    kept = re.findall(r"<style>.*?</style>|<script>.*?</script>|<[^>]*>", html, re.DOTALL)
    return "\n".join(kept)


def assert_accessible(shown: Page) -> None:
    """Hold a page to what screen readers and keyboards need."""
    levels = [int(tag[1]) for tag, _a, _t in shown.elements if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert next(shown.all("html"))[0]["lang"] == language.current()
    ids = [attributes["id"] for _tag, attributes, _text in shown.elements if attributes.get("id")]
    assert len(ids) == len(set(ids))
    for attributes, text in shown.all("a"):
        assert (attributes["href"] or "")[1:] in ids
        assert text.strip()
    assert all(attributes.get("scope") in ("col", "row") for attributes, _text in shown.all("th"))
    named = [tag for tag, _a, _t in shown.elements]
    for at, (tag, attributes, _inside) in enumerate(shown.elements):
        if tag == "svg" and attributes.get("role"):
            assert named[at + 1] == "title"
    for attributes, _text in shown.all("div"):
        if attributes.get("role") == "region":
            assert attributes.get("aria-label")
            assert attributes.get("tabindex") == "0"
    assert all(text.strip() for _attributes, text in shown.all("button", "h1", "h2", "h3"))


@pytest.fixture(scope="module")
def shown_demo() -> Telling:
    """The demo project as it is after its story."""
    plan = Telling(Workspace(), FIRST)
    plan.records.clear()
    for now, command in demo.story(FIRST):
        plan.day = now.today
        plan.did(command(plan.ws, now))
    plan.day = FIRST
    return plan


@pytest.mark.parametrize("tongue", language.LANGUAGES)
def test_the_demo_is_safe_accessible_and_the_same_every_time(
    shown_demo: Telling, tongue: str
) -> None:
    language.use(tongue)
    try:
        html = write(report(shown_demo))
        shown = Page(html)
        assert_safe(shown, html)
        assert_accessible(shown)
        assert html == write(report(shown_demo))
        ids = {attributes.get("id") for attributes, _text in shown.all("section")}
        assert ids >= {
            *("decisions", "lights", "since", "next", "milestones", "progress", "burning"),
            *("returns", "drift", "board", "load", "costs", "method"),
        }
    finally:
        language.use("en")


def test_empty_and_finished_plans_and_such_without_dates_read_well() -> None:
    done = project("1-2", target=FIRST + timedelta(30))
    done.do(commands.finish, task=1).later().do(commands.finish, task=2).later()
    for plan, words in (
        (Telling(Workspace()), "There are no tasks in this report yet."),
        (done, "Everything is done since 3 Nov."),
        (project(), "No target date is set; the forecast finish is"),
        (Telling(estimated(tasks=2, days=0)), "No target date is set"),
        (Telling(Workspace([Project(id=1, name="Empty")])), "no tasks in this report yet"),
    ):
        html = write(report(plan))
        shown = Page(html)
        assert_safe(shown, html)
        assert_accessible(shown)
        text = next(shown.all("body"))[1]
        assert words in text
        assert "None" not in text
        assert "nan" not in text


@settings(max_examples=20)
@given(steps=st.lists(SOME, max_size=20))
def test_whatever_happens_there_is_a_page(steps: list[tuple[str, int, int]]) -> None:
    plan = project("1-2 2-3 1-4", target=FIRST + timedelta(40), budget=9_000.0, tasks=5)
    go_on(plan, steps)
    html = write(report(plan))
    shown = Page(html)
    assert_safe(shown, html)
    assert_accessible(shown)


def modest(ws: Workspace) -> Workspace:
    """Return a plan in which nothing takes years or comes back once in a million years."""
    tasks = [
        replace(
            task,
            low=task.low and min(task.low, 40.0),
            likely=task.likely and min(task.likely, 40.0),
            high=task.high and min(task.high, 40.0),
        )
        for task in ws.tasks.values()
    ]
    links = [
        replace(
            link,
            lag=max(min(link.lag, 9.0), -9.0),
            rate=max(link.rate, 0.01),
            share=max(link.share, 0.01),
        )
        for link in ws.links.values()
    ]
    kept = [each for each in ws.entities() if not isinstance(each, Task | Link)]
    return Workspace([*kept, *tasks, *links])


@settings(max_examples=20)
@given(ws=plans().map(modest))
def test_of_any_plan_there_is_a_page_also_without_a_history(ws: Workspace) -> None:
    plan = Telling(ws)
    plan.records.clear()
    for found in (report(plan), read(ws, (), plan.now, since=plan.now.at - timedelta(9))):
        html = write(found)
        shown = Page(html)
        assert_safe(shown, html)
        assert_accessible(shown)
        assert b"nan" not in html
        write_markdown(found)


def test_of_very_many_tasks_there_is_no_picture() -> None:
    html = write(report(Telling(plan_of(900), FIRST)))
    assert b'class="board"' not in html
    assert b"With 900 tasks a picture could not be read" in html


def _luminance(color: str) -> float:
    """Return the relative luminance of a colour (WCAG 2.2)."""
    code = color.lstrip("#")
    code = "".join(2 * each for each in code) if len(code) == 3 else code
    parts = [int(code[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours (WCAG 2.2): 4.5 is enough for text."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_every_text_has_contrast_enough_in_light_dark_and_print() -> None:
    [style] = [text for _a, text in Page(write(report(project()))).all("style")]
    palettes = [
        dict(re.findall(r"--([a-z-]+):(#[0-9a-f]{3,6})", block))
        for block in re.findall(r"(?::root|\.board)\{[^}]*\}", style)
    ]
    palettes = [palette for palette in palettes if "ink" in palette]
    assert len(palettes) == 6
    for palette in palettes:
        if "link" in palette:
            inks = ["ink", "faint", "link", "red", "amber", "green", "grey", "back", "line"]
            pairs = [(ink, ground) for ink in inks for ground in ("paper", "panel")]
            pairs += [("ink", name) for name in palette if name.endswith("-soft")]
        else:
            inks = ["ink", "faint", "back", "alarm", "doing", "waiting", "done"]
            pairs = [(ink, ground) for ink in inks for ground in ("paper", "card")]
        for ink, ground in pairs:
            assert contrast(palette[ink], palette[ground]) >= 4.5, (ink, ground)
