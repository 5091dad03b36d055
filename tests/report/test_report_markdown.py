"""The report as Markdown: tables that renderers read, and text from people that is only text."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tests.exchange.hostile_titles import hostile
from tests.flow.test_drift import Telling, estimated
from tests.flow.test_status_report import report
from tracker.domain.model import Department, Person
from tracker.domain.workspace import Workspace
from tracker.report.report_markdown import escaped, paragraph, write
from tracker.wording import show

GFM = MarkdownIt("gfm-like", {"html": True})


@given(hostile)
def test_text_from_people_is_only_text(title: str) -> None:
    text = show.text(title)
    for written in (paragraph(text), f"| {escaped(text)} |\n| --- |\n"):
        tokens = [
            token
            for block in GFM.parse(written)
            for token in (block, *(block.children or ()))
            if not token.type.startswith(("table", "thead", "tbody", "tr_", "th_", "paragraph"))
        ]
        assert {token.type for token in tokens} <= {"inline", "text", "text_special", "softbreak"}
        told = "".join(token.content for token in tokens if token.type.startswith("text"))
        assert "".join(told.split()) == "".join(text.split())


@settings(max_examples=5)
@given(titles=st.lists(hostile, min_size=3, max_size=3), name=hostile)
def test_every_task_has_its_row(titles: list[str], name: str) -> None:
    extra = (Department(id=1, name=name), Person(id=1, login="x", name=name))
    plan = Telling(estimated(tasks=3, titles=titles, department=1, assignee=1, extra=extra)).later()
    text = write(report(plan)).decode()
    html = GFM.render(text)
    assert "<script" not in html
    assert "<a " not in html
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    shown = [escaped(f"{key} {show.text(title)}") for key, title in enumerate(titles, 1)]
    assert all(any(row.startswith(f"| {each} |") for row in rows) for each in shown)


def test_of_an_empty_plan_it_says_so() -> None:
    text = write(report(Telling(Workspace()))).decode()
    assert text.startswith("# Status report\n")
    assert "There are no tasks in this report yet." in text
