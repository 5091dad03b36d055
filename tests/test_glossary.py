"""One word for one thing: the catalogue is held against the glossary."""

from __future__ import annotations

import re
import tomllib

import pytest

from tracker.locale import build

GLOSSARY = tomllib.loads((build.HERE / "glossary.toml").read_text("utf-8"))
TERMS: dict[str, list[str]] = GLOSSARY["terms"]
# What is typed or filled in is not prose: calls and quotes, options, blanks, and what columns
# of a list may be called.
_NOT_PROSE = re.compile(
    r"`[^`]*`|“[^“”]*”|„[^„“]*“|--\w+|\d:\w+|\{[^{}]*\}"
    r"|(?<=called ).*|(?<=heißen; ).*|\w+ oder Aufgabe"
)


def messages() -> list[tuple[str, str]]:
    """Return each English message with its German."""
    pairs = []
    for message in build.load(build.HERE / "de" / "LC_MESSAGES" / "tracker.po"):
        if message.id:
            ids = [message.id] if isinstance(message.id, str) else list(message.id)
            forms = (
                [message.string] if isinstance(message.string, str) else list(message.string or ())
            )
            pairs += [
                (_NOT_PROSE.sub("", one), _NOT_PROSE.sub("", other))
                for one, other in zip(ids, forms, strict=True)
            ]
    return pairs


MESSAGES = messages()


def _used(term: str) -> re.Pattern[str]:
    """Return what finds a term in singular or plural, and not within a longer one."""
    longer = [other for other in TERMS if term != other and term in other.split()]
    behind = "".join(
        f"(?! {other.removeprefix(term).strip()})" for other in longer if other.startswith(term)
    )
    before = "".join(
        f"(?<!{other.removesuffix(term).strip()} )" for other in longer if other.endswith(term)
    )
    stem = re.escape(term[:-1]) + "(y|ies)" if term.endswith("y") else re.escape(term) + "(s|es)?"
    return re.compile(rf"(?<![\w-]){before}{stem}(?![\w-]){behind}", re.IGNORECASE)


def faults(pairs: list[tuple[str, str]], term: str) -> list[tuple[str, str]]:
    """Return the messages that use a term and are not translated by the glossary's word."""
    used, words = _used(term), [word.casefold() for word in TERMS[term]]
    return [
        (one, other)
        for one, other in pairs
        if used.search(one) and not any(word in other.casefold() for word in words)
    ]


@pytest.mark.parametrize("term", TERMS)
def test_a_term_has_one_word_in_german(term: str) -> None:
    assert faults(MESSAGES, term) == []


def test_another_word_for_a_term_is_found() -> None:
    pairs = [
        ("{n} tasks", "{n} Aufgaben"),
        ("Draw a return arrow.", "Einen Rücklauf ziehen."),
        ("Tasks done", "Erledigte Vorgänge"),
    ]
    assert faults(pairs, "task") == pairs[:1]
    assert faults(pairs, "arrow") == []


@pytest.mark.parametrize("word", GLOSSARY["avoid"]["de"])
def test_german_avoids(word: str) -> None:
    assert [other for _, other in MESSAGES if re.search(word, other)] == []


@pytest.mark.parametrize("word", GLOSSARY["avoid"]["en"])
def test_english_avoids(word: str) -> None:
    assert [one for one, _ in MESSAGES if re.search(word, one, re.IGNORECASE)] == []
