"""What the README says can be typed is understood, and says what it says there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent

import pytest

from tests import ROOT
from tests.builders import TODAY
from tests.readme import README
from tracker.cli import CALLS
from tracker.domain.typing.filters import And, Containing
from tracker.domain.typing.line_parser import parse_filter, parse_line


def _typed(head: str) -> Iterator[str]:
    """Walk over the code in the first and last column of the table under `head`."""
    text = README.read_text("utf-8")
    rows = text.partition(f"| {head} |")[2].partition("\n\n")[0].splitlines()[2:]
    for row in rows:
        cells = row.strip("|").split("|")
        for cell in (cells[0], cells[-1]):
            yield from re.findall(r"`([^`]+)`", cell)


@pytest.mark.parametrize("text", list(_typed("typed")))
def test_what_may_be_typed_of_a_task_is_understood(text: str) -> None:
    line = parse_line(f"Test {text}", TODAY, me="anna")
    assert not line.problems
    assert line.fields["title"] == "Test"
    assert len(line.fields) > 1


@pytest.mark.parametrize("text", list(_typed("filter")))
def test_filters_are_understood(text: str) -> None:
    found = parse_filter(text, TODAY, me="anna").where
    assert not isinstance(found, And) or text.count(" ")
    assert isinstance(found, Containing) == text.startswith('"')


def test_there_are_tables_to_be_read() -> None:
    assert len(list(_typed("typed"))) > 25
    assert len(list(_typed("filter"))) > 25


def test_every_call_is_named() -> None:
    found = re.search(r"`(today list show [a-z\s-]+)`", README.read_text("utf-8"))
    assert found
    assert found[1].split() == list(CALLS)


# What the new field of the README is tried with, in a copy of the program.
_TRIED = """
from datetime import date
from tracker import typed_verbs
from tracker.domain.draft import Now
from tracker.domain.model import Task
from tracker.domain.typing.line_parser import complete_word, parse_filter, parse_line
from tracker.domain.workspace import Workspace
from tracker.exchange.document import task_json
from tracker.exchange.export import workspace_csv
from tracker.exchange.handout import Handout
from tracker.exchange.headers import meaning
from tracker.exchange.spreadsheet import read_csv
from tracker.exchange.source import ReadOptions
from tracker.exchange.task_list import read_list
from tracker.wording.field_texts import FORM, label
from tracker.wording.task_page import fields

today = date(2026, 11, 23)
now = Now(at=None, today=today, who="me")
ws = Workspace([Task(id=1, title="A")])
assert parse_line("B cc:4711 due:fr", today).fields["cost_centre"] == "4711"
ws = ws.apply(typed_verbs.parse('edit 1 kst="4711 IT"', today)(ws, now))
assert parse_filter("kostenstelle:4711 it", today, ws=ws).over(ws)(ws.tasks[1])
assert complete_word("B cc:4", 6, ws) == ['cc:"4711 IT"']
assert "cost_centre" in FORM and label("cost_centre") == "Cost centre"
assert ("Cost centre", "4711 IT") in list(fields(ws, ws.tasks[1], today))
assert meaning("Kostenstelle (IT)") == ("cost_centre", 1.0)
listed = workspace_csv(Handout(ws, today, "de"))
assert b";Kostenstelle;" in listed
assert b";4711 IT;" in listed
book = read_csv(b"Task;Kostenstelle\\nA;4711 IT\\n", "a.csv", len)
taken = read_list(book, "a.csv", ReadOptions(today))
assert taken.tasks[0].fields["cost_centre"] == "4711 IT"
assert task_json(ws, ws.tasks[1], today)["cost_centre"] == "4711 IT"
"""


def test_a_new_field_needs_no_more_than_it_says(tmp_path: Path) -> None:
    copy = tmp_path / "tracker"
    shutil.copytree(ROOT / "tracker", copy, ignore=shutil.ignore_patterns("__pycache__"))
    blocks = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    places = (
        ("domain/model.py", '    phase: str = ""\n', "\n"),
        ("domain/fields.py", '    Field(\n        name="phase",\n', ",\n"),
    )
    for block, (path, before, end) in zip(blocks, places, strict=True):
        file = copy / path
        code = file.read_text("utf-8")
        assert code.count(before) == 1
        file.write_text(code.replace(before, indent(block.strip(), "    ") + end + before), "utf-8")
    tried = subprocess.run(
        [sys.executable, "-c", _TRIED],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert tried.returncode == 0, tried.stderr
