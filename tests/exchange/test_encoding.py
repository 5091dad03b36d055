"""Bytes whose encoding nobody wrote down."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import DATA
from tests.exchange.lists import taken_file
from tests.exchange.plans import handed_out
from tracker.domain.model import Task
from tracker.domain.workspace import Workspace
from tracker.exchange.encoding import decoded

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
    assert decoded(once.encode())[0] == once


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
    path.write_bytes(handed_out(ws, "list.csv"))
    assert taken_file(path).tasks[0].title == "Ã¼ wird zu ü: PrÃ¼fung"


def test_signs_that_make_no_better_words_stay() -> None:
    assert decoded("Vorgang;Wer\nx;Â¡\n".encode()) == ("Vorgang;Wer\nx;Â¡\n", None)


LINES = "Prüfung der Zähler\nÜbergabe an Büro\nRückbau für Köln\nGröße schätzen"


@pytest.mark.parametrize("first", ["utf-8", "cp1252", "cp850", "mac_roman"])
@pytest.mark.parametrize("second", ["utf-8", "cp1252", "cp850", "mac_roman"])
def test_lines_of_two_encodings_are_each_read_in_their_own(first: str, second: str) -> None:
    lines = LINES.split("\n")
    data = b"\n".join(
        line.encode((first, second)[at % 2]) for at, line in enumerate(["Vorgang", *lines])
    )
    found, remark = decoded(data)
    assert found == f"Vorgang\n{LINES}"
    if first != second:
        assert str(remark).startswith("The file has several encodings. ")
        assert " line " in str(remark) or "Line " in str(remark)


@pytest.mark.parametrize("page", ["cp1252", "mac_roman", "cp850"])
@pytest.mark.parametrize("times", [1, 2])
def test_what_was_encoded_twice_or_more_is_put_right(page: str, times: int) -> None:
    text = LINES
    for _time in range(times):
        text = text.encode().decode(page, "replace")
    found, remark = decoded(text.encode())
    assert found == LINES
    assert "doubly encoded characters were corrected" in str(remark)


def test_lines_encoded_twice_beside_others_are_put_right() -> None:
    wrong = "Prüfung".encode().decode("cp1252")
    found, remark = decoded(f"Übergabe\nBüro\nKöln\n{wrong}".encode())
    assert found == "Übergabe\nBüro\nKöln\nPrüfung"
    assert str(remark) == "One doubly encoded character was corrected."
    # Within one line nobody knows what is meant.
    line = f"Prüfung zeigt {wrong}"
    assert decoded(line.encode())[0] == line
    assert str(decoded(line.encode())[1]).startswith("Line 1 looks as if parts of it")


def test_characters_lost_before_are_told() -> None:
    for data in ("a\nPr\ufffdfung".encode(), "a\nPr\ufffdfung".encode("utf-16")):
        assert "One character was already lost in the file, in line 2" in str(decoded(data)[1])


def test_a_mark_of_utf_8_before_another_encoding_garbles_nothing() -> None:
    data = b"\xef\xbb\xbf" + "Vorgang\nPrüfung".encode("cp1252")
    assert decoded(data)[0] == "Vorgang\nPrüfung"


@pytest.mark.parametrize(
    ("text", "page", "word"),
    [
        ("1;Příliš žluťoučký kůň\n", "cp1250", "Pøíliš"),
        ("1;Zażółć gęślą jaźń\n", "cp1250", "Za¿ó³æ"),
        ("1;Проверка сервера\n", "cp1251", "Ïðîâåðêà"),
    ],
)
def test_pages_of_other_alphabets_are_doubted_by_a_word(text: str, page: str, word: str) -> None:
    why = decoded(text.encode(page))[1]
    assert why is not None
    assert f"but {word} looks wrong. Save the list as UTF-8 if it is." in str(why)


def test_western_words_are_not_doubted() -> None:
    text = (
        "„Größe“ … für 5 °C – Fußärzte, Süßöl, créée, naïf, 20 km²; 3 €/m², L’été, ÄÖÜ, Übergröße"
    )
    assert str(decoded(text.encode("cp1252"))[1]) == (
        "The file is not UTF-8; read as Windows-1252 (CP1252)."
    )
