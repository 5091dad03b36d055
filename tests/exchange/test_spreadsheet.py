"""CSV and Excel files of every making, and those that are meant to do harm."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.comments import Comment

from tests.exchange.lists import rewritten, taken, taken_file, workbook
from tracker.domain.errors import BadInput
from tracker.exchange import source, spreadsheet
from tracker.exchange.source import clean
from tracker.exchange.spreadsheet import Row, decoded, read_csv, read_workbook

SHEET = "xl/worksheets/sheet1.xml"


def rows_of(data: bytes) -> list[Row]:
    """Return the rows of a workbook's first sheet."""
    return read_workbook(data, "list.xlsx").sheets[0].rows


# --- encodings ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "guessed"),
    [
        ("utf-8", False),
        ("utf-8-sig", False),
        ("utf-16", False),
        ("utf-16-le", False),
        ("utf-16-be", False),
        ("cp1252", True),
        ("cp850", True),
    ],
)
def test_encodings_are_recognised(encoding: str, guessed: bool) -> None:
    text = "Nr;Vorgang\r\n1;Prüfung für Zähler, größer\r\n"
    found, remark = decoded(text.encode(encoding))
    assert found == text
    assert bool(remark) is guessed


def test_a_strange_byte_in_utf_8_does_not_spoil_the_rest() -> None:
    found, remark = decoded("Prüfung für Zähler: ".encode() + b"\xfc")
    assert found == "Prüfung für Zähler: ü"
    assert str(remark) == "One byte is not UTF-8; it was read as Windows-1252."


@given(st.binary(max_size=60))
def test_any_bytes_are_some_text(data: bytes) -> None:
    assert isinstance(decoded(data)[0], str)


# --- CSV ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", [";", ",", "\t", "|"])
def test_the_delimiter_is_the_one_that_makes_a_header(mark: str, tmp_path: Path) -> None:
    text = mark.join(("Nr", "Vorgang", "Bemerkung")) + "\n"
    text += mark.join(("1", '"x; y, z"', '"sagt ""ja"""')) + "\n"
    got = taken(text, tmp_path)
    assert (got.tasks[0].title, got.tasks[0].notes) == ("x; y, z", 'sagt "ja"')


def test_excels_own_line_names_the_separator(tmp_path: Path) -> None:
    got = taken("sep=,\r\nNr,Vorgang\r\n1,a;b\r\n", tmp_path)
    assert got.tasks[0].title == "a;b"
    assert got.warnings == [(1, "", "", "The first line names the separator.")]
    assert got.skipped == []


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system(end: str, tmp_path: Path) -> None:
    got = taken(end.join(("Nr;Vorgang", "1;x", "2;y")), tmp_path)
    assert [task.title for task in got.tasks] == ["x", "y"]


def test_a_quotation_mark_that_is_never_closed_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"Row 3 of list\.csv opens a quotation mark"):
        taken('Nr;Vorgang\n1;12" Rack\n2;"Lieferung\n3;z\n', tmp_path)


def test_a_cell_without_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"Row 2 of list\.csv holds a cell of more than 131072"):
        taken("Nr;Vorgang\n1;" + "x" * 140_000, tmp_path)


def test_too_many_rows_and_columns_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BadInput, match="more than 1000 columns"):
        taken("Nr;Vorgang\n1;x" + ";y" * 1000, tmp_path)
    monkeypatch.setattr(spreadsheet, "MAX_ROWS", 3)
    with pytest.raises(BadInput, match="more than 100000 rows"):
        taken("Vorgang\n" + "x\n" * 4, tmp_path)


def test_too_large_a_file_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "list.csv").open("wb") as file:
        file.truncate(source.MAX_BYTES + 1)
    with pytest.raises(BadInput, match="65 MB, where at most 64 MB"):
        taken_file(tmp_path / "list.csv")


@given(st.text(max_size=80))
def test_no_text_breaks_the_reader(text: str) -> None:
    def score(rows: list[Row]) -> int:
        return len(rows)

    try:
        book = read_csv(text.encode("utf-8", "surrogatepass"), "list.csv", score)
    except BadInput:
        return
    assert all(row.number > 0 for row in book.sheets[0].rows)


@given(st.text(max_size=80))
def test_clean_text_is_harmless_and_stays_as_it_is(text: str) -> None:
    once, _ = clean(text)
    assert clean(once) == (once, 0)
    assert not any(c in once for c in "\x1b\x07\x08\r\x00\x9b\u202e")


# --- Excel -------------------------------------------------------------------------------------


def test_formulas_are_text_and_control_characters_are_decoded() -> None:
    data = workbook(("=SUM(A1)", "a_x000D_b", 3, 4.5))
    (row,) = rows_of(data)
    assert isinstance(row.cells[0], spreadsheet.Formula)
    assert str(row.cells[0]) == "=SUM(A1)"
    assert row.cells[1:] == ["a\rb", 3, 4.5]


def test_comments_on_cells_are_reported_as_left_out(tmp_path: Path) -> None:
    def remark(sheet: Any) -> None:
        sheet["A2"].comment = Comment("ask first", "k.brandt")

    got = taken(workbook(("Vorgang",), ("x",), shape=remark), tmp_path, name="list.xlsx")
    why = "The cells of the workbook have comments; they are left out."
    assert got.warnings == [(0, "", "", why)]


def test_a_stray_cell_at_the_end_of_the_sheet_costs_nothing() -> None:
    def stray(sheet: Any) -> None:
        sheet.cell(1_048_576, 3).value = "here"

    first, last = rows_of(workbook(("Vorgang",), shape=stray))
    assert (first.number, last.number) == (1, 1_048_576)


def test_merged_cells_without_end_cost_nothing() -> None:
    data = rewritten(
        workbook(("Vorgang",), ("x",)),
        SHEET,
        lambda xml: xml.replace(
            b"</sheetData>",
            b'</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>',
        ),
    )
    assert [row.cells for row in rows_of(data)] == [["Vorgang"], ["x"]]


def test_a_row_that_no_sheet_has_is_refused() -> None:
    data = rewritten(
        workbook(("Vorgang",)), SHEET, lambda xml: xml.replace(b'r="1"', b'r="2000000000"')
    )
    with pytest.raises(BadInput):
        rows_of(data)


def test_a_workbook_that_unpacks_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheet, "MAX_BYTES", 1_000_000)
    bomb = rewritten(workbook(("Vorgang",)), SHEET, lambda xml: xml + b" " * 1_000_001)
    assert len(bomb) < 20_000
    with pytest.raises(BadInput, match=r"list\.xlsx is too large"):
        rows_of(bomb)


def test_entities_that_multiply_are_refused() -> None:
    laughs = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 12))
    head = b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY l0 "lol">' + laughs + b"]>"
    data = rewritten(
        workbook(("Vorgang",)),
        SHEET,
        lambda xml: head + xml.replace(b"<t>Vorgang</t>", b"<t>&l11;</t>"),
    )
    with pytest.raises(BadInput):
        rows_of(rewritten(data, "xl/sharedStrings.xml", lambda xml: head + xml))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "protected by a password"),
        (b"Nr;Vorgang", "cannot be read"),
        (b"PK\x03\x04 broken", "cannot be read"),
        (b"", "cannot be read"),
    ],
)
def test_what_is_no_workbook_is_refused_in_one_sentence(data: bytes, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        rows_of(data)


def test_a_zip_that_is_no_workbook_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("letter.txt", "hello")
    with pytest.raises(BadInput, match="save it again"):
        rows_of(out.getvalue())
