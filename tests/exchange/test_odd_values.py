"""Every head that a list may have, over every odd value: refused in a sentence or taken in."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import DATA
from tests.builders import NOW, TODAY
from tests.exchange.lists import taken, workbook
from tracker.domain import graph
from tracker.domain.change import Record
from tracker.domain.errors import BadInput
from tracker.domain.fields import FIELDS
from tracker.domain.model import Link, Task
from tracker.exchange import importing
from tracker.exchange.headers import meaning
from tracker.exchange.looking_back import look_back
from tracker.exchange.updating import Decision, Update
from tracker.store import codec

LISTS = DATA / "lists"
HEADS = [
    head
    for line in (LISTS / "heads.txt").read_text("utf-8").splitlines()
    for head in line.partition(": ")[2].split(";")
] + [each.name for each in FIELDS]
# What makes a row a task, whatever else it says.
NAMED = ("Vorgang", "Task Name")
TEXTS = [
    *("", " ", "-", "?", "x", "ja", "nein", "✓", "☐", "0", "1", "-1", "1e999", "nan", "٣", "²"),
    *("100 %", "40%", "1/2/5", "3-5", "1,5", "1.234,5", "8:00", "1d 4h", "½", "P5D", "PT4H", "5 X"),
    *(
        "5 Wochen",
        "ca. 3 T",
        "1.4.2026",
        "04/05/26",
        "Thu 6/11/26",
        "09/Mar/26 5:00 PM",
        "KW 10/11",
    ),
    *("Mrz 26", "2026-03-08T23:00:00Z", "20260308T230000Z", "46090.5", "1.1.9999", "31.2.2026"),
    *("1", "2; 3", "2-9", "1EA+2 Tage", "2FS-1d", "5SS", "1.10", "NET-1", "1:30%", "#N/A", "#NV"),
    *("#REF!", "=1+1", "'=x", "Ada; Bo", "Ada, Bo", "[Ada, Bo]", '"', "a\nb", "\x1b[2J", "\ufeff"),
    *("Ju\u0308rgen", "Jürgen", "\u200bAda ", "Summe", "Total", "Nr", "Vorgang", "offen", "done"),
    *("A" * 400, "9" * 400, "1-" + "9" * 30, "daily", "alle 2 Wochen", "#a, #b", "n/a", "tbd"),
]
PLAIN: list[Any] = [
    *(0, 1, -1, 0.5, 1.1, 46090, 46090.5, 10**20, 1e300, True, False, None),
    *(date(2026, 3, 9), datetime(2026, 3, 9, 17), time(8), timedelta(hours=40)),  # noqa: DTZ001
    *(date(1900, 1, 1), date(9999, 12, 31)),
]
_texts = st.sampled_from(TEXTS) | st.text(max_size=12)
_values = _texts | st.sampled_from(PLAIN)


@st.composite
def tables(draw: st.DrawFn, cells: st.SearchStrategy[Any]) -> tuple[list[str], list[list[Any]]]:
    """Return heads and rows: some heads that are known, and anything below them."""
    heads = draw(st.lists(st.sampled_from(HEADS), min_size=1, max_size=6))
    heads.insert(draw(st.integers(0, len(heads))), draw(st.sampled_from(NAMED)))
    rows = st.lists(cells, min_size=len(heads), max_size=len(heads))
    return heads, draw(st.lists(rows, min_size=1, max_size=5))


def as_csv(heads: list[str], rows: list[list[Any]]) -> bytes:
    """Return a table as a CSV file."""
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows([heads, *rows])
    return out.getvalue().encode("utf-8", "replace")


def as_workbook(heads: list[str], rows: list[list[Any]]) -> bytes:
    """Return a table as an Excel workbook, which holds no control characters."""

    def held(cell: Any) -> Any:
        return "".join(filter(str.isprintable, cell)) if isinstance(cell, str) else cell

    return workbook(heads, *([held(cell) for cell in row] for row in rows))


def as_json(heads: list[str], rows: list[list[Any]]) -> bytes:
    """Return a table as a list of objects, a head as the name of each value."""
    return json.dumps([dict(zip(heads, row, strict=True)) for row in rows], default=str).encode()


def survives(content: bytes, name: str, folder: Path) -> None:
    """Check that a file is taken in whole, or refused in a sentence."""
    try:
        got = taken(content, folder, name=name)
    except BadInput as refusal:
        assert len(str(refusal)) > 10  # noqa: PT017
        return
    assert got.report.tasks == len(got.ws.tasks)
    assert got.report.links == len(got.ws.links)
    for entity in got.change.born(Task):
        # What was taken can be kept, and comes back the same.
        assert codec.entity("tasks", codec.document(entity)) == entity


def updates(first: bytes, second: bytes, name: str, folder: Path) -> None:
    """Check that what one file brought is updated from another, or refused in a sentence."""
    try:
        got = taken(first, folder, name=name)
        path = folder / name
        path.write_bytes(second)
        source = importing.read(path, today=TODAY, ws=got.ws).source
        update = Update(
            source, got.ws, look_back([Record(1, NOW.at, "x", got.change, None)], got.ws, source)
        )
        rows = ",".join(str(row.row) for row in update.comparison.rows if row.row)
        for decision in (update.usual(), Decision(), update.chosen(rows)):
            change, report = update.plan(got.ws, NOW, decision)
            ws = got.ws.apply(change)
            assert report.links == len([*change.born(Link)])
            assert graph.any_loop(ws) == ()
            for entity in change.born(Task):
                assert codec.entity("tasks", codec.document(entity)) == entity
    except BadInput as refusal:
        assert len(str(refusal)) > 10  # noqa: PT017


_MAKERS = {"csv": as_csv, "xlsx": as_workbook, "json": as_json}


@settings(max_examples=40)
@given(tables(_values), tables(_values), st.sampled_from(["csv", "xlsx", "json"]))
def test_any_list_is_updated_from_any_other(
    tmp_path_factory: pytest.TempPathFactory,
    one: tuple[list[str], list[list[Any]]],
    other: tuple[list[str], list[list[Any]]],
    kind: str,
) -> None:
    make, folder = _MAKERS[kind], tmp_path_factory.getbasetemp()
    heads, rows = one
    # The same heads, so that rows find their tasks.
    same = (heads, [row[: len(heads)] + [None] * (len(heads) - len(row)) for row in other[1]])
    updates(make(*one), make(*same), f"list.{kind}", folder)
    updates(make(*one), make(heads, rows[::-1]), f"list.{kind}", folder)


@given(tables(_texts))
def test_any_csv_is_taken_or_refused(
    tmp_path_factory: pytest.TempPathFactory, table: tuple[list[str], list[list[Any]]]
) -> None:
    survives(as_csv(*table), "list.csv", tmp_path_factory.getbasetemp())


@settings(max_examples=40)
@given(tables(_values))
def test_any_workbook_is_taken_or_refused(
    tmp_path_factory: pytest.TempPathFactory, table: tuple[list[str], list[list[Any]]]
) -> None:
    survives(as_workbook(*table), "list.xlsx", tmp_path_factory.getbasetemp())


@given(tables(_values))
def test_any_json_is_taken_or_refused(
    tmp_path_factory: pytest.TempPathFactory, table: tuple[list[str], list[list[Any]]]
) -> None:
    survives(as_json(*table), "list.json", tmp_path_factory.getbasetemp())


@pytest.mark.parametrize("head", sorted({meaning(head): head for head in HEADS}.values()))
def test_a_head_of_every_meaning_bears_every_value(head: str, tmp_path: Path) -> None:
    table = (["Vorgang", head], [["a", text] for text in TEXTS])
    survives(as_csv(*table), "list.csv", tmp_path)


@pytest.mark.torture
@settings(max_examples=4_000)
@given(tables(_values), st.sampled_from(["csv", "xlsx", "json"]))
def test_for_a_minute_everything_is_taken_or_refused(
    tmp_path_factory: pytest.TempPathFactory, table: tuple[list[str], list[list[Any]]], kind: str
) -> None:
    content, folder = _MAKERS[kind](*table), tmp_path_factory.getbasetemp()
    survives(content, f"list.{kind}", folder)
    updates(content, _MAKERS[kind](table[0], table[1][::-1]), f"list.{kind}", folder)


def test_a_title_of_invisible_characters_is_none(tmp_path: Path) -> None:
    got = taken("Vorgang,ID\n\u00ad,1\nBau,2\n", tmp_path)
    assert [task.title for task in got.tasks] == ["Bau"]
    assert [row for row, _why in got.skipped] == [2]
