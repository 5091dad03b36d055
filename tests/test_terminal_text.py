"""Text of people takes the cells it is measured with, on every terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment
from textual.color import Color

from tracker import terminal_text
from tracker.tui.terminal.sanitise import Harmless

# What a terminal that joins nothing, as tmux 3.3, adds up for the signs that are sent.
SIGNS = [
    ("⚠\ufe0f Alarm", "⚠ Alarm"),
    ("1\ufe0f\u20e3 eins", "1\u20e3 eins"),
    ("❤\ufe0f", "❤"),
    ("👍\U0001f3fd ja", "👍 ja"),
    ("🧑\U0001f3fe\u200d🚀", "🧑"),
    ("👨\u200d👩\u200d👧", "👨"),
    ("🏳\ufe0f\u200d🌈", "🏳"),
    ("a\u200db", "ab"),
]


@pytest.mark.parametrize(("typed", "shown"), SIGNS)
def test_emoji_are_shown_as_every_terminal_measures_them(typed: str, shown: str) -> None:
    assert terminal_text.clean(typed) == shown


def test_scripts_that_join_letters_keep_the_joiner() -> None:
    assert terminal_text.clean("क्\u200dष") == "क्\u200dष"


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_clean_stays_as_it_is(text: str) -> None:
    once = terminal_text.clean(text)
    assert terminal_text.clean(once) == once


@pytest.mark.parametrize(("typed", "shown"), SIGNS)
@pytest.mark.parametrize("ascii", [False, True])
def test_what_was_measured_with_variants_shifts_nothing(
    typed: str, shown: str, ascii: bool
) -> None:
    (sent,) = Harmless(ascii).apply([Segment(typed)], Color(0, 0, 0))
    assert terminal_text.width(sent.text) == terminal_text.width(typed)
    assert ascii or sent.text.startswith(shown[:1])


@pytest.mark.parametrize("word", ["a" + "\u0301" * 200 + "b" * 50, "\u0301" * 500 + "漢" * 40])
def test_a_word_with_marks_piled_on_it_is_broken_as_well(word: str) -> None:
    lines = terminal_text.wrap(word, 10)
    assert "".join(lines) == word
    assert max(map(terminal_text.width, lines)) <= 10


def test_a_long_word_of_wide_signs_is_measured_about_once(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = [0]
    real = terminal_text.graphemes

    def counted(text: str) -> list[tuple[str, int]]:
        seen[0] += len(text)
        return real(text)

    monkeypatch.setattr(terminal_text, "graphemes", counted)
    lines = terminal_text.wrap("漢" * 20_000, 80)
    assert lines == ["漢" * 40] * 500
    assert seen[0] < 1.2 * 20_000


def test_a_word_of_any_length_is_broken_in_time_that_grows_as_it_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    measured, real = 0, terminal_text.width

    def width(text: str) -> int:
        nonlocal measured
        measured += len(text)
        return real(text)

    monkeypatch.setattr(terminal_text, "width", width)
    word = "x" * 200_000
    assert "".join(terminal_text.wrap(word, 80)) == word
    assert measured < 20 * len(word)
