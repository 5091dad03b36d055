"""Excel files of every making, what is to see in them, and those that are meant to do harm."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import Font

from tests import DATA
from tests.exchange.lists import rewritten, taken, taken_file, workbook
from tracker.domain.errors import BadInput
from tracker.exchange import workbook as workbook_reader
from tracker.exchange.number_formats import displayed, displayed_day
from tracker.exchange.spreadsheet import Formula, Row
from tracker.exchange.workbook import read_workbook

SHEET = "xl/worksheets/sheet1.xml"
LISTS = DATA / "lists"


def rows_of(data: bytes) -> list[Row]:
    """Return the rows of a workbook's first sheet."""
    return read_workbook(data, "list.xlsx").sheets[0].rows


def test_formulas_are_text_and_control_characters_are_decoded() -> None:
    data = workbook(("=SUM(A1)", "a_x000D_b", 3, 4.5))
    (row,) = rows_of(data)
    assert isinstance(row.cells[0], Formula)
    assert str(row.cells[0]) == "=SUM(A1)"
    assert row.cells[1:] == ["a\rb", 3, 4.5]


def test_comments_on_cells_stand_in_the_notes(tmp_path: Path) -> None:
    def remark(sheet: Any) -> None:
        sheet["A2"].comment = Comment("ask first", "k.brandt")
        sheet["F9"].comment = Comment("to nobody", "k.brandt")

    got = taken(workbook(("Vorgang",), ("x",), shape=remark), tmp_path, name="list.xlsx")
    assert got.tasks[0].notes == "Vorgang: ask first"
    assert got.warnings == [(0, "", "", "The comment on 1 cell is in the notes.")]


def test_what_is_struck_through_or_hidden_is_told() -> None:
    got = taken_file(LISTS / "35-struck-hidden.xlsx")
    assert [task.title for task in got.tasks] == [
        *("Kept", "Struck through", "Hidden by the filter")
    ]
    assert [why for *_, why in got.warnings] == [
        "1 title is struck through, in row 3; its task was imported anyway.",
        "1 row is hidden in the sheet: 4. It was imported anyway.",
    ]


def test_many_hidden_rows_are_told_in_one_line(tmp_path: Path) -> None:
    def hide(sheet: Any) -> None:
        for row in range(2, 40):
            sheet.row_dimensions[row].hidden = True
            sheet.cell(row, 1).font = Font(strike=True)

    rows = [("Vorgang",), *((f"x{n}",) for n in range(60))]
    got = taken(workbook(*rows, shape=hide), tmp_path, name="list.xlsx")
    assert [why.partition(":")[0] for *_, why in got.warnings] == [
        "38 titles are struck through, in rows 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,"
        " 16, 17, 18, 19, 20, 21, …; their tasks were imported anyway.",
        "38 rows are hidden in the sheet",
    ]


def test_the_strict_kind_of_workbook_is_read() -> None:
    got = taken_file(LISTS / "34-strict.xlsx")
    assert [(task.id, task.title) for task in got.tasks] == [(1, "Alpha")]


# --- number formats ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (1, '"AP-"000', "AP-001"),
        (5, '0" Wochen"', "5 Wochen"),
        (2.5, '0" Wochen"', "2.5 Wochen"),
        (3, '0.0" Monate"', "3.0 Monate"),
        (6, r"0\ \h", "6 h"),
        (1, "0%", "100%"),
        (0.5, "0.00%", "50%"),
        (0.125, "0%", "12.5%"),
        (1.1, "0.00", "1.10"),
        (7, "000", "007"),
        (12, '"KW "0', "KW 12"),
        (12, r'#,##0.00\ "€"', "12.00 €"),
        (12, "#,##0.00 [$CHF-807]", "12.00 CHF"),
        (-3, "0.0;[Red]-0.0", "-3.0"),
    ],
)
def test_a_format_says_more_than_the_number(value: float, code: str, text: str) -> None:
    assert str(displayed(value, code)) == text


@pytest.mark.parametrize(
    "code", ["General", "0", "0.00", "#,##0", "@", "0.00E+00", "[Red]0", "00-00", r"0_ ;-0\ "]
)
@pytest.mark.parametrize("value", [0, 5, -4, 2.75, 1234.5, 1e20, 1e-9])
def test_no_format_changes_a_number(value: float, code: str) -> None:
    assert displayed(value, code) == value


@pytest.mark.parametrize(
    ("code", "text"),
    [(r"mmm\-yy", "2026-03"), (r"[$-407]MMMM\ JJJJ;@", "2026-03"), ("yyyy", "2026")],
)
def test_a_date_that_shows_no_day_is_a_month_or_a_year(code: str, text: str) -> None:
    assert displayed_day(datetime(2026, 3, 1), code) == text  # noqa: DTZ001


@pytest.mark.parametrize("code", ["dd.mm.yyyy", "TT.MM.JJ", "d-mmm-yy", "h:mm", "mm:ss", "General"])
def test_other_dates_stay_dates(code: str) -> None:
    assert displayed_day(date(2026, 3, 9), code) == date(2026, 3, 9)


def test_units_prefixes_and_per_cents_of_formats_are_read() -> None:
    got = taken_file(LISTS / "06-number-formats.xlsx")
    assert [task.likely for task in got.tasks] == [25, None, 0.75]
    assert [task.state for task in got.tasks] == ["done", "doing", "todo"]
    assert got.needs == {(1, 2, 0.0), (2, 3, 0.0)}
    unread = (3, "Dauer", "3.0 Monate", "The unit Monate is unknown; use days, such as 3d.")
    assert unread in got.warnings


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
    monkeypatch.setattr(workbook_reader, "MAX_BYTES", 1_000_000)
    bomb = rewritten(workbook(("Vorgang",)), SHEET, lambda xml: xml + b" " * 1_000_001)
    assert len(bomb) < 20_000
    with pytest.raises(BadInput) as refused:
        rows_of(bomb)
    assert str(refused.value) == (
        "list.xlsx unpacks to 1 MB; the maximum is 0 MB. Save the sheet with the list alone, or"
        " save it as CSV."
    )


def test_a_text_that_stands_in_many_cells_counts_as_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_reader, "MAX_BYTES", 500_000)
    row = b"<row>" + b'<c t="s"><v>0</v></c>' * 20 + b"</row>"

    def crowded(length: int) -> bytes:
        data = rewritten(workbook(("x",)), SHEET, lambda xml: re.sub(rb"<row.*</row>", row, xml))
        kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
        named = b'<Override PartName="/xl/texts.xml" ContentType="%b"/></Types>' % kind
        data = rewritten(data, "[Content_Types].xml", lambda xml: xml.replace(b"</Types>", named))
        out = io.BytesIO(data)
        with zipfile.ZipFile(out, "a") as archive:
            name = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
            text = f'<sst xmlns="{name}"><si><t>{"x" * length}</t></si></sst>'
            archive.writestr("xl/texts.xml", text)
        return out.getvalue()

    assert len(rows_of(crowded(20_000))[0].cells) == 20
    with pytest.raises(BadInput, match="as parts of it are used in many places"):
        rows_of(crowded(30_000))


def with_sheets(count: int, *, blank: int = 0) -> bytes:
    """Return a workbook that names its only sheet so often, which has so many blanks."""
    sheets = "".join(
        f'<sheet name="S{n}" sheetId="{n}" r:id="rId1"'
        ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"/>'
        for n in range(1, count + 1)
    )
    data = rewritten(workbook(("Vorgang",)), SHEET, lambda xml: xml + b" " * blank)
    return rewritten(
        data,
        "xl/workbook.xml",
        lambda xml: re.sub(rb"<sheets>.*</sheets>", f"<sheets>{sheets}</sheets>".encode(), xml),
    )


def test_a_sheet_that_is_named_many_times_counts_as_often(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(read_workbook(with_sheets(12), "list.xlsx").sheets) == 12
    monkeypatch.setattr(workbook_reader, "MAX_BYTES", 200_000)
    with pytest.raises(BadInput, match="as parts of it are used in many places"):
        read_workbook(with_sheets(12, blank=20_000), "list.xlsx")
    monkeypatch.setattr(workbook_reader, "_MAX_CELLS", 11)
    with pytest.raises(BadInput, match="more than 100000 rows"):
        read_workbook(with_sheets(12), "list.xlsx")
    monkeypatch.setattr(workbook_reader, "_MAX_SHEETS", 11)
    with pytest.raises(BadInput, match="sheets without end"):
        read_workbook(with_sheets(12), "list.xlsx")


def test_names_of_the_strict_kind_are_replaced_once() -> None:
    data = (LISTS / "34-strict.xlsx").read_bytes()
    other = b"<!-- http://purl.oclc.org/ooxml/other --></workbook>"
    odd = rewritten(data, "xl/workbook.xml", lambda xml: xml.replace(b"</workbook>", other))
    assert b"ooxml/other" in zipfile.ZipFile(io.BytesIO(odd)).read("xl/workbook.xml")
    assert rows_of(odd) == rows_of(data)


def test_what_a_workbook_says_of_its_own_size_is_not_believed() -> None:
    data = rewritten(
        workbook(("Vorgang",), ("x",)),
        SHEET,
        lambda xml: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:XFD1048576"', xml),
    )
    assert [row.cells for row in rows_of(data)] == [["Vorgang"], ["x"]]


@pytest.mark.parametrize("cell", [b"", b'<c r="A%d" s="0"/>'])
def test_a_workbook_of_blank_rows_is_refused(cell: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_reader, "MAX_BLANKS", 20)
    blank = b"".join(
        b'<row r="%d">%s</row>' % (n, cell.replace(b"%d", b"%d" % n)) for n in range(3, 30)
    )
    data = rewritten(
        workbook(("Vorgang",), ("x",)),
        SHEET,
        lambda xml: xml.replace(b"</sheetData>", blank + b"</sheetData>"),
    )
    with pytest.raises(BadInput, match=r"list\.xlsx has more than \d+ blank rows after row 2\. De"):
        rows_of(data)


@pytest.mark.parametrize("part", ["[h", "[$x", '"'])
def test_a_number_format_without_end_is_refused(part: str) -> None:
    out = io.BytesIO()
    book = openpyxl.Workbook()
    book.active.append(["Vorgang", "Dauer"])
    book.active.append(["x", 2.5])
    book.active["B2"].number_format = part * 100_000
    book.save(out)
    with pytest.raises(BadInput, match="a number format without end"):
        read_workbook(out.getvalue(), "x.xlsx")


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
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Cannot read|spreadsheets"),
        (b"Nr;Vorgang", "Cannot read"),
        (b"PK\x03\x04 broken", "Cannot read"),
        (b"", "Cannot read"),
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


def test_a_hidden_sheet_gives_way_to_one_that_is_seen(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(("Nr", "Vorgang"))
    book.active.append((1, "seen"))
    old = book.create_sheet("Alt")
    old.append(("Nr", "Vorgang", "Status", "Fällig"))
    old.append((9, "hidden", "done", None))
    old.sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    got = taken(out.getvalue(), tmp_path, name="list.xlsx")
    assert [task.title for task in got.tasks] == ["seen"]
    assert got.skipped == [(0, "The sheet Alt with 2 rows was skipped; only Sheet was read.")]
