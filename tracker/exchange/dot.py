"""A plan as a graph for Graphviz: departments as frames, arrows with what they say.

The language: https://graphviz.org/doc/info/lang.html.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tracker.domain.model import Task
from tracker.exchange.handout import Handout
from tracker.exchange.labels import arrow_label, by_department
from tracker.exchange.task_cells import GERMAN_WORDS

CARRIES = frozenset(
    (
        *("id", "title", "department", "state", "after", "returns_to"),
        *("needs.lag", "returns.rate", "returns.limit"),
    )
)
# Graphviz reads a quoted text only up to 16,384 bytes; a card is read at a glance anyway.
LONGEST = 200


def write(out: Handout) -> bytes:
    """Return the graph; titles stay whole up to 200 characters."""
    return "\n".join(_lines(out)).encode()


def _lines(out: Handout) -> Iterator[str]:
    yield "digraph plan {"
    yield '  graph [rankdir=LR, charset="UTF-8", label=' + quoted(out.name) + "];"
    yield "  node [shape=box, style=rounded];"
    for department, tasks in by_department(out.ws):
        if department:
            yield f"  subgraph cluster_{department.id} {{"
            yield f"    label={quoted(out.short(department.name, LONGEST))};"
        yield from _nodes(out, tasks)
        if department:
            yield "  }"
    for link in out.arrows("needs"):
        label = arrow_label(link, out.german)
        more = f" [label={quoted(label)}]" if label else ""
        yield f"  t{link.source} -> t{link.target}{more};"
    for link in out.arrows("returns"):
        label = quoted(arrow_label(link, out.german))
        yield f"  t{link.source} -> t{link.target} [style=dashed, constraint=false, label={label}];"
    yield "}\n"


def _nodes(out: Handout, tasks: Iterable[Task]) -> Iterator[str]:
    for task in tasks:
        label = quoted(f"{task.id} {out.short(task.title, LONGEST)}".rstrip())
        state = GERMAN_WORDS[task.state] if out.german else task.state
        shape = ", shape=diamond" if task.milestone else ""
        yield f"    t{task.id} [label={label}, tooltip={quoted(state)}{shape}];"


def quoted(text: str) -> str:
    r"""Return a text of one line as a string in which nothing has a meaning.

    In labels `\` begins an escape and `&` an entity of HTML, outside of it as well.
    """
    for sign, written in (("&", "&amp;"), ("\\", "\\\\"), ('"', '\\"')):
        text = text.replace(sign, written)
    return f'"{text}"'
