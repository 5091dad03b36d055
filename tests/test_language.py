"""Every sentence exists in every language, with the same blanks to fill in."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tracker import language
from tracker.domain.errors import Refused
from tracker.domain.sentence import Sentence, counted, sentence
from tracker.locale import build

CATALOGUES = build.catalogues()
_BLANK = re.compile(r"\{[^{}]*\}")


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    yield
    language.use("en")


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parent.parent.name)
def test_a_catalogue_is_complete_and_holds_nothing_else(path: object) -> None:
    catalogue = build.load(path)  # type: ignore[arg-type]  # pytest knows no types of parameters
    said = {m.id if isinstance(m.id, str) else m.id[0] for m in build.messages() if m.id}
    known = {m.id if isinstance(m.id, str) else m.id[0] for m in catalogue if m.id}
    assert said - known == set(), "run tracker/locale/build.py, then translate"
    assert known - said == set(), "run tracker/locale/build.py"
    assert build.missing(catalogue) == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parent.parent.name)
def test_translations_fill_in_the_same_blanks(path: object) -> None:
    for message in build.load(path):  # type: ignore[arg-type]
        if not message.id:
            continue
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        forms = [message.string] if isinstance(message.string, str) else list(message.string or ())
        blanks = {blank for text in ids for blank in _BLANK.findall(text)}
        for form in forms:
            found = set(_BLANK.findall(form))
            assert found <= blanks, f"{ids[0]!r} has no {found - blanks}"
            assert blanks - found <= {"{n}"}, f"{form!r} lacks {blanks - found}"


def test_german_is_spoken() -> None:
    language.use("de")
    assert language.current() == "de"
    assert language.say(
        Refused("{task} is already {state}.", task="7 Test", state=sentence("done"))
    )
    assert "ist bereits erledigt" in language.say(
        Refused("{task} is already {state}.", task="7 Test", state=sentence("done"))
    )
    assert language.say(counted("Edited {n} task", "Edited {n} tasks", 2)) != "Edited 2 tasks"


def test_a_sentence_keeps_text_from_people_as_it_is() -> None:
    said = sentence("Added: {task}", task="{0} {x!r} %s 50 %")
    assert str(said) == "Added: {0} {x!r} %s 50 %"
    assert Sentence("100 % {safe}").put() == "100 % {safe}"


@pytest.mark.parametrize(
    ("environment", "asked", "spoken"),
    [
        ({"LANG": "de_DE.UTF-8"}, "", "de"),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "C"}, "", "en"),
        ({"LC_MESSAGES": "de_AT", "LANG": "en_US"}, "", "de"),
        ({"LANG": "fr_FR.UTF-8"}, "", "en"),
        ({"LANG": "de_DE"}, "en", "en"),
        ({}, "", "en"),
    ],
)
def test_the_language_is_chosen(
    environment: dict[str, str], asked: str, spoken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert language.choose(asked) == spoken
