"""The report as a workbook: typed cells, native tables and charts, and text that is only text."""

from __future__ import annotations

import csv
import io
import subprocess
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from tests.exchange.hostile_titles import hostile
from tests.flow.test_drift import FIRST, Telling, estimated
from tests.flow.test_status_report import project, report
from tests.needs import program
from tracker import language
from tracker.domain.model import Department, Person
from tracker.domain.verbs import commands
from tracker.domain.workspace import Workspace
from tracker.report.report_workbook import write
from tracker.wording import show

SHEETS = ["Overview", "Progress", "Tasks", "Milestones", "Effort and cost", "Returns", "Changes"]
BILLING: dict[str, Any] = {
    "target": FIRST + timedelta(40),
    "budget": 20_000.0,
    "effort": 5.0,
    "due": FIRST,
}


def opened(data: bytes) -> Workbook:
    return load_workbook(io.BytesIO(data))


def rows(book: Workbook, name: str) -> list[dict[str, Any]]:
    """Return the rows of a table by the heads of its columns."""
    heads, *cells = book[name].iter_rows(values_only=True)
    return [dict(zip(map(str, heads), row, strict=True)) for row in cells]


@pytest.fixture(scope="module")
def told() -> bytes:
    language.use("en")
    plan = project("1-2 2-3", returns="3-1", **BILLING)
    return write(report(plan.do(commands.start, task=1).later()))


def test_it_has_a_sheet_for_each_reading_with_a_native_table(told: bytes) -> None:
    book = opened(told)
    assert book.sheetnames == SHEETS
    for name in SHEETS[1:]:
        sheet = book[name]
        assert sheet.freeze_panes == "A2"
        if sheet.max_row > 2:
            [table] = sheet.tables.values()
            assert table.ref == sheet.dimensions
    assert [len(book[name]._charts) for name in SHEETS] == [0, 1, 0, 0, 1, 0, 0]


def test_days_numbers_and_shares_are_such(told: bytes) -> None:
    book = opened(told)
    first = rows(book, "Tasks")[0]
    assert isinstance(first["Due"], datetime)
    assert first["Due"].date() == FIRST
    assert (first["No."], first["Effort in days"], first["State"]) == (1, 5, "doing")
    assert 0 <= first["Due date met"] <= 1
    total = sum(row["planned, days"] for row in rows(book, "Effort and cost"))
    assert total == 15
    assert sum(row["planned, EUR"] for row in rows(book, "Effort and cost")) == 15 * 800
    [back] = rows(book, "Returns")
    assert (back["Passes"], back["Over the limit"]) == (1, "no")
    past = [row for row in rows(book, "Progress") if row["Done"] is not None]
    assert past[-1]["P80"] == past[-1]["Done"] == 0
    assert rows(book, "Progress")[-1]["P95"] == 3


@settings(max_examples=8)
@given(titles=st.lists(hostile, min_size=3, max_size=3), name=hostile)
def test_what_people_write_is_text_and_nothing_else(titles: list[str], name: str) -> None:
    extra = (Department(id=1, name=name), Person(id=1, login="x", name=name))
    plan = Telling(estimated(tasks=3, titles=titles, department=1, assignee=1, extra=extra)).later()
    book = opened(write(report(plan)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type != "f" and not cell.hyperlink for cell in cells)
    assert len(rows(book, "Tasks")) == 3
    plain = [show.text(title) for title in titles]
    if all(title.isprintable() for title in plain):
        assert [row["Task"] for row in rows(book, "Tasks")] == plain


def test_it_is_the_same_byte_for_byte(told: bytes) -> None:
    plan = project("1-2 2-3", returns="3-1", **BILLING)
    assert write(report(plan.do(commands.start, task=1).later())) == told


def test_of_an_empty_plan_it_says_so() -> None:
    book = opened(write(report(Telling(Workspace()))))
    assert book.sheetnames == SHEETS
    assert book["Tasks"]["A2"].value == "Nothing to show."
    assert "There are no tasks" in str(book["Overview"]["A3"].value)


def test_in_german_it_is_german() -> None:
    language.use("de")
    book = opened(write(report(project(**BILLING))))
    assert book["Vorgänge"]["H2"].number_format == "dd.mm.yyyy"
    assert not set(book.sheetnames) & set(SHEETS)


# Separator, quotation mark, UTF-8, first row, no widths, English, values as shown, every sheet.
READ = "csv:Text - txt - csv (StarCalc):44,34,76,1,,1033,false,true,false,false,false,-1"


def test_libreoffice_reads_it_without_a_repair(told: bytes, tmp_path: Path) -> None:
    file = tmp_path / "status.xlsx"
    file.write_bytes(told)
    words = [
        *(program("soffice"), "--headless", "--norestore"),
        f"-env:UserInstallation=file://{tmp_path}/profile",
        *("--convert-to", READ, "--outdir", str(tmp_path), str(file)),
    ]
    subprocess.run(words, check=True, capture_output=True, timeout=110)
    seen = {each.stem.removeprefix("status-"): each for each in tmp_path.glob("*.csv")}
    assert sorted(seen) == sorted(SHEETS)
    tasks = list(csv.DictReader(io.StringIO(seen["Tasks"].read_text("utf-8"))))
    assert [row["No."] for row in tasks] == ["1", "2", "3"]
    assert {row["Due"] for row in tasks} == {f"{FIRST:%Y-%m-%d}"}
    assert {row["Effort in days"] for row in tasks} == {"5"}
    assert date.fromisoformat(tasks[0]["P80"]) > FIRST
