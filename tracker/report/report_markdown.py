"""A report as Markdown, for wikis, mails and merge requests: tables as GitHub and GitLab read them.

The language: https://github.github.com/gfm/. Text from people is only ever text there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tracker.flow.status_report import StatusReport
from tracker.language import _
from tracker.wording.report_page import ReportPage, page
from tracker.wording.report_parts import ReportSection, ReportTable
from tracker.wording.show import Piece

# What begins a construct of Markdown somewhere in a line, or an entity.
_MEANING = re.compile(r"([\\`*_\[\]<>|~&#])")
# What renderers make links of by themselves: by entities it is just text.
_LINKS = {"://": "&#58;//", "www.": "www&#46;", "@": "&#64;"}
# What begins a list or a rule where a line begins.
_FIRST = re.compile(r"^(\d+)([.)])|^([-+=])")


def write(found: StatusReport) -> bytes:
    """Return the report as Markdown."""
    return ("\n".join(_lines(page(found))) + "\n").encode()


def _lines(shown: ReportPage) -> Iterator[str]:
    yield f"# {escaped(shown.title)}" + (f": {escaped(shown.about)}" if shown.about else "")
    yield ""
    day = _("As of {day}").format(day=shown.day)
    yield paragraph(f"{day} · {shown.compared}")
    yield ""
    yield f"**{escaped(shown.verdict)}**"
    for card in shown.cards:
        yield ""
        yield f"## {escaped(card.name)} – {escaped(card.verdict)}"
        yield ""
        for fact in card.facts:
            note = f" ({escaped(fact.note)})" if fact.note else ""
            yield f"- {escaped(fact.name)}: **{escaped(fact.value)}**{note}"
    for part in shown.parts:
        if part.key == "decisions":
            yield from _part(part)
    if shown.lights:
        rows: list[list[Piece]] = [
            [(light.name, "plain"), (light.word, "strong"), (light.reason, "plain")]
            for light in shown.lights
        ]
        yield ""
        yield f"## {escaped(shown.lights_title)}"
        yield from _grid(ReportTable("", shown.lights_heads, rows))
    for part in shown.parts:
        if part.key != "decisions":
            yield from _part(part)
    yield ""
    yield f"*{escaped(shown.made_by)}*"


def _part(part: ReportSection) -> Iterator[str]:
    if not part.told and not part.grids:
        return
    yield ""
    yield f"## {escaped(part.title)}"
    for text, role in part.told:
        yield ""
        yield f"**{escaped(text)}**" if role == "strong" else paragraph(text)
    for grid in part.grids:
        yield from _grid(grid)


def _grid(grid: ReportTable) -> Iterator[str]:
    if grid.title:
        yield ""
        yield f"### {escaped(grid.title)}"
    yield ""
    yield _row(escaped(head) for head in grid.heads)
    yield _row("--:" if at in grid.right else "---" for at in range(len(grid.heads)))
    for row in grid.rows:
        yield _row(_cell(piece) for piece in row)
    if grid.more:
        yield ""
        yield paragraph(grid.more)


def _row(cells: Iterator[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(piece: Piece) -> str:
    text, role = escaped(piece[0]), piece[1]
    return f"**{text}**" if text and role in ("strong", "alarm") else text


def escaped(text: str) -> str:
    """Return a text as one line in which nothing has a meaning, but where it begins one."""
    line = _MEANING.sub(r"\\\1", " ".join(text.split()))
    for link, written in _LINKS.items():
        line = line.replace(link, written)
    return line


def paragraph(text: str) -> str:
    """Return a text as a line of its own that is no list and no rule."""
    return _FIRST.sub(lambda first: f"{first[1] or ''}\\{first[2] or first[3]}", escaped(text))
