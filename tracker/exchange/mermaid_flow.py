"""A plan as a flowchart for Mermaid, as wikis, GitLab and GitHub draw it.

The language: https://mermaid.js.org/syntax/flowchart.html. A viewer refuses more than 500 arrows or
50,000 characters, and a file cannot lift these limits.
"""

from __future__ import annotations

from collections.abc import Iterator

from tracker.domain.errors import Refused
from tracker.exchange.handout import Handout
from tracker.exchange.labels import arrow_label, by_department

CARRIES = frozenset(
    (
        *("id", "title", "department", "state", "after", "returns_to"),
        *("needs.lag", "returns.rate", "returns.limit"),
    )
)
MOST_ARROWS, MOST_CHARACTERS = 500, 50_000
LONGEST = 200
# How the state of a task looks.
_LOOKS = {
    "doing": "stroke-width:3px",
    "waiting": "stroke-dasharray:4",
    "recheck": "stroke-dasharray:8",
    "done": "opacity:0.6",
    "dropped": "opacity:0.3",
}


def write(out: Handout) -> bytes:
    """Return the flowchart; titles stay whole up to 200 characters.

    Raises Refused where Mermaid would not draw it.
    """
    arrows = len(out.ws.links)
    if arrows > MOST_ARROWS:
        raise Refused(
            "Mermaid draws at most {most} arrows, and there are {arrows}. Choose fewer tasks, with"
            " --project or a filter such as state:open, or write a file for each project with"
            " --split.",
            most=MOST_ARROWS,
            arrows=arrows,
        )
    return bounded("\n".join(_lines(out)))


def bounded(text: str) -> bytes:
    """Return a diagram as a file; raises Refused where it is longer than Mermaid allows."""
    if len(text) > MOST_CHARACTERS:
        raise Refused(
            "Mermaid draws at most {most} characters, and there are {length}. Choose fewer tasks,"
            " with --project or a filter such as state:open, or write a file for each project with"
            " --split.",
            most=MOST_CHARACTERS,
            length=len(text),
        )
    return text.encode()


def _lines(out: Handout) -> Iterator[str]:
    yield "flowchart LR"
    for department, tasks in by_department(out.ws):
        if department:
            name = quoted(out.short(department.name, LONGEST))
            yield f"  subgraph d{department.id}[{name}]"
        for task in tasks:
            label = quoted(f"{task.id} {out.short(task.title, LONGEST)}")
            shape = f"{{{{{label}}}}}" if task.milestone else f"[{label}]"
            yield f"    t{task.id}{shape}"
        if department:
            yield "  end"
    for link in out.arrows("needs"):
        label = arrow_label(link, out.german)
        on = f"|{quoted(label)}|" if label else ""
        yield f"  t{link.source} -->{on} t{link.target}"
    for link in out.arrows("returns"):
        label = quoted(arrow_label(link, out.german))
        yield f"  t{link.source} -.->|{label}| t{link.target}"
    for state, look in _LOOKS.items():
        those = [f"t{task.id}" for task in out.ws.tasks.values() if task.state == state]
        if those:
            yield f"  classDef {state}State {look}"
            yield f"  class {','.join(those)} {state}State"
    yield ""


def quoted(text: str) -> str:
    """Return a text of one line as a label in which nothing has a meaning.

    Mermaid writes entities with `#` for `&`; backticks around a label would make it Markdown, and
    `%%{` begins a directive wherever it stands.
    """
    inert = escaped(text, '#&<>`%"')
    return f'"{inert}"'


def escaped(text: str, signs: str) -> str:
    """Return a text with some signs as Mermaid's entities, by their number."""
    return "".join(f"#{ord(sign)};" if sign in signs else sign for sign in text.rstrip())
