"""Bytes whose encoding nobody wrote down."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import DATA
from tests.exchange.lists import taken_file
from tracker.domain.model import Task
from tracker.domain.workspace import Workspace
from tracker.exchange.encoding import decoded
from tracker.exchange.export import workspace_csv

LISTS = DATA / "lists"


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
    assert str(remark) == "One byte is not UTF-8; read as Windows-1252."


@given(st.binary(max_size=60))
def test_any_bytes_are_some_text(data: bytes) -> None:
    assert isinstance(decoded(data)[0], str)


@pytest.mark.parametrize("page", ["cp1252", "iso8859-15", "mac_roman", "cp850", "cp437"])
@pytest.mark.parametrize(
    "text",
    ["Büro", "GRÖSSE", "Größe", "Prüfung „groß“", "Ärger", "Straße", "Café", "ÄÖÜ"],
)
def test_a_code_page_is_known_by_its_words(page: str, text: str) -> None:
    line = f"Nr;Vorgang;Wer\n1;{text};Jörg\n"
    data = line.encode(page, "ignore")
    assert decoded(data)[0] == data.decode(page)


def test_signs_that_only_the_older_page_of_dos_has_are_kept() -> None:
    text = "Nr;Vorgang\n1;Prüfung der Kühlung ≥ 5 °C\n2;Rückbau für Zähler ≤ 3\n"
    found, remark = decoded(text.encode("cp437"))
    assert found == text
    assert str(remark) == "The file is not UTF-8; read as CP437 (DOS)."


@pytest.mark.parametrize("text", ["5 €", "10 °C", "§ 5", "½ Tag", "don’t"])
def test_signs_of_windows_are_read_as_such(text: str) -> None:
    assert decoded(f"Nr;Vorgang\n1;{text}".encode("cp1252"))[0].endswith(text)


def test_utf_8_that_was_encoded_twice_is_put_right() -> None:
    text = "Prüfung – größer, „Öl“ für 5 € in São Tomé"
    twice = text.encode().decode("cp1252", "replace").encode()
    found, remark = decoded(text.encode().decode("latin-1").encode())
    assert found == text
    assert str(remark) == "11 doubly encoded characters were corrected."
    assert "Prüfung" in decoded(twice)[0]


@given(st.text(st.characters(codec="cp1252", exclude_categories=["C"]), max_size=40))
def test_a_text_that_was_encoded_once_stays_as_it_is(text: str) -> None:
    once = "ÄÖÜäöüß éèñ " * 20 + text
    assert decoded(once.encode()) == (once, None)


@pytest.mark.parametrize(
    ("name", "title", "says"),
    [
        (
            "18-mac-roman.csv",
            "Prüfung Übergänge",
            "The file is not UTF-8; read as Mac Roman.",
        ),
        ("18b-cp850.csv", "Gerät wäre schön", "The file is not UTF-8; read as CP850 (DOS)."),
        (
            "18c-mojibake.csv",
            "Prüfung",
            "2 doubly encoded characters were corrected.",
        ),
    ],
)
def test_lists_of_other_systems_are_read(name: str, title: str, says: str) -> None:
    got = taken_file(LISTS / name)
    assert [task.title for task in got.tasks] == [title]
    assert [says in why for *_, why in got.warnings] == [True]


def test_our_own_lists_are_meant_to_the_letter(tmp_path: Path) -> None:
    ws = Workspace((Task(id=1, title="Ã¼ wird zu ü: PrÃ¼fung"),))
    path = tmp_path / "plan.csv"
    path.write_bytes(workspace_csv(ws, "en"))
    assert taken_file(path).tasks[0].title == "Ã¼ wird zu ü: PrÃ¼fung"


def test_signs_that_make_no_better_words_stay() -> None:
    assert decoded("Vorgang;Wer\nx;Â¡\n".encode()) == ("Vorgang;Wer\nx;Â¡\n", None)
