"""CSV files of every making, and those that are meant to do harm."""

from __future__ import annotations

from pathlib import Path
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import DATA
from tests.exchange.lists import taken, taken_file
from tracker.domain.errors import BadInput
from tracker.exchange import source, spreadsheet
from tracker.exchange.source import harmless
from tracker.exchange.spreadsheet import Row, read_csv

LISTS = DATA / "lists"


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
    with pytest.raises(BadInput, match=r"Row 2 of list\.csv has a cell with more than 131072"):
        taken("Nr;Vorgang\n1;" + "x" * 140_000, tmp_path)


def test_too_many_rows_and_columns_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for mark in ";,\t|":
        for wide in ("Nr;Vorgang\n1;x" + ";y" * 1000, "Nr;Vorgang" + ";y" * 16_000 + "\n1;x"):
            row = 2 if wide.endswith("y") else 1
            with pytest.raises(BadInput) as refused:
                taken(wide.replace(";", mark), tmp_path)
            assert str(refused.value) == (
                f"Row {row} of list.csv has more than 1000 columns. Delete those that are not part"
                " of the list."
            )
    monkeypatch.setattr(spreadsheet, "MAX_ROWS", 3)
    with pytest.raises(BadInput, match="more than 100000 rows"):
        taken("Vorgang\n" + "x\n" * 4, tmp_path)


@pytest.mark.parametrize("blank", ["\n", ";\n", "\r\n"])
def test_a_sheet_of_blank_rows_is_refused(
    blank: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spreadsheet, "MAX_BLANKS", 20)
    got = taken("Nr;Vorgang\n1;x\n" + blank * 19 + "2;y\n", tmp_path)
    assert [task.title for task in got.tasks] == ["x", "y"]
    for end in ("", "2;y\n"):
        with pytest.raises(BadInput) as refused:
            taken("Nr;Vorgang\n1;x\n" + blank * 21 + end, tmp_path)
        assert str(refused.value) == (
            "list.csv has more than 20 blank rows after row 2. Delete them and save it again."
        )


def test_lines_without_end_are_refused_before_they_are_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decoded(*_given: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr(spreadsheet, "MAX_LINES", 1000)
    monkeypatch.setattr(spreadsheet, "decoded", decoded)
    with pytest.raises(BadInput) as refused:
        taken("Vorgang\n" + "\n" * 1000, tmp_path)
    assert str(refused.value) == (
        "list.csv has more than 1000 lines. Delete the blank ones, or split it and import the parts"
        " one by one."
    )
    for one_line in ("x" * 4_300_000, ";" * 4_300_000, "\xfc" * 2_200_000):
        with pytest.raises(BadInput) as refused:
            taken(f"Nr;Vorgang\n1;x\n2;{one_line}\n3;y\n", tmp_path)
        assert str(refused.value) == (
            "Line 3 of list.csv is longer than 4 MB; line breaks are missing. Save the list again"
            " as .xlsx or CSV."
        )


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_long_file_of_ordinary_lines_is_read(
    end: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spreadsheet, "LONGEST_LINE", 20)
    got = taken(end.join(["Nr;Vorgang", *(f"{n};Task {n}" for n in range(1, 30))]), tmp_path)
    assert len(got.tasks) == 29


def test_too_large_a_file_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "list.csv").open("wb") as file:
        file.truncate(source.MAX_BYTES + 1)
    with pytest.raises(BadInput, match="65 MB; the maximum is 64 MB"):
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
    once, _ = harmless(text)
    assert harmless(once) == (once, 0)
    assert not any(c in once for c in "\x1b\x07\x08\r\x00\x9b\u202e")


@pytest.mark.parametrize("sign", ["\x9d", "\x90", "\x1b]", "\x1b]\x9d"])
def test_beginnings_of_sequences_without_an_end_are_searched_once(sign: str) -> None:
    begun = process_time()
    assert harmless(sign * 100_000)[0].strip("]") == ""
    assert process_time() - begun < 2
    assert harmless("a\x9d0;t\x07b\x1b]0;x\x1b\\c\x90q\x9cd") == ("abcd", 3)


def test_lines_that_were_quoted_as_a_whole_are_divided() -> None:
    got = taken_file(LISTS / "33-quoted-lines.csv")
    assert [(task.title, task.state) for task in got.tasks] == [
        ("Kabel", "todo"),
        ("Switch", "done"),
    ]
    why = "Each line was quoted as a whole; the quotation marks were removed."
    assert got.warnings == [(0, "", "", why)]


def test_quotes_within_lines_that_were_quoted_as_a_whole_stay(tmp_path: Path) -> None:
    got = taken('"Nr,Task"\n"1,""a, b"""\n', tmp_path)
    assert [task.title for task in got.tasks] == ["a, b"]


def test_a_line_break_within_a_line_that_was_quoted_as_a_whole_stays(tmp_path: Path) -> None:
    for ending in ("\n", "\r\n"):
        text = f'"Nr;Aufgabe;Notizen"{ending}"1;Kabel;erst{ending}dann"{ending}"2;Switch;"{ending}'
        got = taken(text, tmp_path)
        assert [task.title for task in got.tasks] == ["Kabel", "Switch"]
        assert got.tasks[0].notes == "erst\ndann"
