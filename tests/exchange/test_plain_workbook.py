"""Workbooks of which only the values are read, and those that are meant to do harm."""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress
from datetime import date, time
from pathlib import Path

import pytest

from tests import DATA
from tests.exchange.foreign.samples import says
from tests.exchange.lists import taken, taken_file
from tracker.domain.errors import BadInput
from tracker.exchange import plain_workbook
from tracker.exchange.plain_workbook import read_plain_workbook

LISTS = DATA / "lists"
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns"


def ods(rows: str) -> bytes:
    """Return an OpenDocument workbook with one sheet."""
    spaces = " ".join(f'xmlns:{n}="{_OFFICE}:{n}:1.0"' for n in ("office", "table", "text"))
    content = (
        f'<?xml version="1.0"?><office:document-content {spaces}><office:body>'
        f'<office:spreadsheet><table:table table:name="Liste">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        kind = "application/vnd.oasis.opendocument.spreadsheet"
        made.writestr("mimetype", kind, zipfile.ZIP_STORED)
        made.writestr("META-INF/manifest.xml", f'<m:manifest xmlns:m="{_OFFICE}:manifest:1.0"/>')
        made.writestr("content.xml", content)
    return out.getvalue()


def row(*texts: str, times: int = 1, wide: int = 1) -> str:
    """Return a row of texts of such a workbook, repeated so many times."""
    cells = "".join(
        f'<table:table-cell table:number-columns-repeated="{wide}" office:value-type="string">'
        f"<text:p>{text}</text:p></table:table-cell>"
        for text in texts
    )
    return f'<table:table-row table:number-rows-repeated="{times}">{cells}</table:table-row>'


pytestmark = pytest.mark.usefixtures("_calamine")


@pytest.fixture
def _calamine() -> None:
    pytest.importorskip("python_calamine")


def test_an_old_workbook_is_read_as_a_list() -> None:
    got = taken_file(LISTS / "47-old-excel.xls")
    assert [task.title for task in got.tasks] == [
        *("Kabel ziehen", "Switch einbauen – Größe", "=SUMME(A1) als Titel")
    ]
    assert [task.state for task in got.tasks] == ["done", "doing", "todo"]
    assert got.tasks[0].due == date(2026, 12, 11)
    assert got.needs == {(1, 2, 2.0), (2, 3, 0.0)}
    assert "Uhrzeit: 09:30" in got.tasks[0].notes
    assert says(got, "Only the values of this kind of workbook are read; formulas")


def test_what_is_in_an_old_workbook() -> None:
    book = read_plain_workbook((LISTS / "47-old-excel.xls").read_bytes(), "list.xls")
    first, hidden = book.sheets
    assert (first.name, first.hidden, hidden.hidden) == ("Liste", False, True)
    number, title, days, due, share, _before, clock, *_ = first.rows[1].cells
    assert (number, title, days, share) == (1, "Kabel ziehen", 5, 1)
    assert (due, clock) == (date(2026, 12, 11), time(9, 30))
    assert [each.number for each in first.rows] == [1, 2, 3, 4]


def test_an_opendocument_workbook_is_read_by_what_it_holds(tmp_path: Path) -> None:
    data = ods(row("Vorgang", "Status") + row("", times=2) + row("Kabel", "erledigt"))
    for name in ("list.ods", "list.xlsx"):
        got = taken(data, tmp_path, name=name)
        assert [(task.title, task.state) for task in got.tasks] == [("Kabel", "done")]
        assert [number for number, _ in got.skipped] == [2, 3]


@pytest.mark.parametrize(
    "rows",
    [
        row("x", times=1_000_000, wide=1_000),
        row("Vorgang") + row("x", times=200_000),
        row("Vorgang") + row("", times=1_000_000) + row("x"),
        row("Vorgang", wide=16_000) + row("x"),
    ],
)
def test_a_workbook_that_asks_for_too_much_is_refused(rows: str) -> None:
    with pytest.raises(BadInput):
        read_plain_workbook(ods(rows), "list.ods")


@pytest.mark.parametrize("damage", [b"", b"\xd0\xcf\x11\xe0" + b"x" * 600])
def test_damaged_workbooks_are_refused(damage: bytes) -> None:
    with pytest.raises(BadInput):
        read_plain_workbook(damage, "list.xls")


@pytest.mark.parametrize("at", [0, 48, 512, 1536, 3072])
def test_a_workbook_that_is_cut_or_changed_is_read_or_refused(at: int) -> None:
    data = bytearray((LISTS / "47-old-excel.xls").read_bytes())
    data[at : at + 16] = bytes(16)
    for damaged in (bytes(data), bytes(data[:at])):
        with suppress(BadInput):
            read_plain_workbook(damaged, "list.xls")


def test_what_is_but_called_a_workbook(tmp_path: Path) -> None:
    got = taken("Vorgang\tStatus\nKabel\terledigt\n", tmp_path, name="list.xls")
    assert [task.title for task in got.tasks] == ["Kabel"]
    with pytest.raises(BadInput, match="web page"):
        taken("<html><table><tr><td>Vorgang</td></tr></table></html>", tmp_path, name="list.xls")


def test_without_the_extra_a_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(plain_workbook, "find_spec", lambda _name: None)
    with pytest.raises(BadInput, match=r"ways-back\[spreadsheets\]"):
        read_plain_workbook(b"", "list.xls")
