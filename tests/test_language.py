"""Every sentence exists in every language, with the same blanks to fill in."""

from __future__ import annotations

import ast
import errno
import re
import string
from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from babel.messages import catalog

from tests.builders import TODAY
from tracker import call_words, language, typed_verbs
from tracker.call_completion import complete_call
from tracker.cli import CALLS
from tracker.domain.errors import Conflict, LoopClosed, Refused
from tracker.domain.fields import FIELDS
from tracker.domain.model import PRIORITIES, STATES, SYSTEM_STATES, Task
from tracker.domain.sentence import (
    Sentence,
    amount,
    counted,
    dated,
    numbers_with_strokes,
    sentence,
    system_reason,
    timed,
    yearly,
)
from tracker.domain.status import priority_word, state_word
from tracker.domain.typing import vocabulary
from tracker.domain.typing.filters import Is
from tracker.domain.typing.line_parser import parse_filter, parse_line, parse_value
from tracker.domain.workspace import Workspace
from tracker.exchange import task_cells
from tracker.locale import build
from tracker.wording import show

CATALOGUES = build.catalogues()
_SENTENCES = ("sentence", "counted")
_ERRORS = (*build.ERRORS, "LoopClosed", "Conflict")
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


def test_no_sentence_hides_from_the_catalogue_in_a_formatted_string() -> None:
    hidden = [
        f"{path.name}:{call.lineno}"
        for path in sorted(build.HERE.parent.rglob("*.py"))
        for text in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in build.KEYWORDS
        and call.args
        and isinstance(call.args[0], ast.Constant)
    ]
    assert hidden == [], "Babel does not read these everywhere"


def refusals() -> Iterator[Sentence]:
    """Walk over the sentences of all errors in the code, each with its blanks filled in."""
    for path in sorted(build.HERE.parent.rglob("*.py")):
        text = path.read_text("utf-8")
        if any(error in text for error in _ERRORS):
            for scope in ast.walk(ast.parse(text)):
                if isinstance(scope, ast.FunctionDef | ast.ClassDef):
                    yield from map(_filled, filter(None, _raised(scope)))


def _raised(scope: ast.FunctionDef | ast.ClassDef) -> Iterator[list[str]]:
    """Walk over the sentences of errors made in a function, or said by the class of an error."""
    named: set[str] = set()
    error = isinstance(scope, ast.ClassDef) and scope.name in _ERRORS
    for call in _calls(scope, _ERRORS):
        for argument in call.args:
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                if " " in argument.value:
                    yield [argument.value]
            else:
                yield from map(_texts, _calls(argument, _SENTENCES))
            if isinstance(argument, ast.Name):
                named.add(argument.id)
    for step in ast.walk(scope) if named else ():
        if isinstance(step, ast.Assign) and {_last(name) for name in step.targets} & named:
            yield from map(_texts, _calls(step.value, _SENTENCES))
    if error:
        yield from map(_texts, _calls(scope, _SENTENCES))


def _calls(inside: ast.AST, names: Collection[str]) -> Iterator[ast.Call]:
    for node in ast.walk(inside):
        if isinstance(node, ast.Call) and _last(node.func) in names:
            yield node


def _last(expression: ast.expr) -> str:
    """Return a name, or the last one of those with dots between them."""
    match expression:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _texts(call: ast.Call) -> list[str]:
    return [str(text.value) for text in call.args if isinstance(text, ast.Constant)]


def _filled(texts: list[str]) -> Sentence:
    values: dict[str, float | str] = {}
    for text in texts:
        for _before, name, form, _conversion in string.Formatter().parse(text):
            if name and name != "n":
                values[name] = 0.5 if form else f"<{name}>"
    return Sentence(texts[0], dict(values), texts[1] if len(texts) > 1 else "", 2)


REFUSALS = {said.text: said for said in refusals()}


def test_the_refusals_have_been_found() -> None:
    assert len(REFUSALS) > 140
    assert {error.__name__ for error in (LoopClosed, Conflict)} < set(_ERRORS)


def test_every_error_that_takes_a_sentence_is_known_to_the_catalogue() -> None:
    classes = {
        node.name: node
        for path in (build.HERE.parent).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef)
    }
    errors = {"TrackerError"}
    while more := {
        name
        for name, node in classes.items()
        if name not in errors and errors & {ast.unparse(base) for base in node.bases}
    }:
        errors |= more
    own = {
        name
        for name in errors - {"TrackerError"}
        if any(getattr(step, "name", "") == "__init__" for step in classes[name].body)
    }
    assert errors - own <= set(build.ERRORS)
    said = [call.args[0] for name in own for call in _calls(classes[name], ("__init__",))]
    plain = [text for text in said if isinstance(text, ast.Constant) and " " in str(text.value)]
    assert not plain, "what no catalogue knows goes through sentence()"


@pytest.mark.parametrize("said", REFUSALS.values(), ids=list(REFUSALS))
def test_a_refusal_is_a_whole_sentence_in_every_language(said: Sentence) -> None:
    told = {}
    for spoken in language.LANGUAGES:
        language.use(spoken)
        told[spoken] = language.say(said)
        assert not re.search(r"[{}]", told[spoken])
        # Last may be, behind a colon, what was typed, or a sentence of its own.
        assert re.search(r"[.?]$|[:.] \{\w+\}$", said.text)
        assert told[spoken].endswith((".", "?")) == said.text.endswith((".", "?"))
        assert all(str(value) in told[spoken] for value in said.values.values() if value != 0.5)
    assert len(set(told.values())) == len(language.LANGUAGES)


def test_german_is_spoken() -> None:
    language.use("de")
    assert language.current() == "de"
    assert language.say(
        Refused("{task} is already {state}.", task="7 Test", state=sentence("done"))
    )
    assert "ist bereits im Status „erledigt“" in language.say(
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


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "Kein Platz mehr auf der Festplatte"),
        (OSError(errno.EXDEV, "Invalid cross-device link"), "„Invalid cross-device link“"),
    ],
)
def test_what_the_system_refused_is_told_in_the_language_or_as_its_own_words(
    error: OSError, told: str
) -> None:
    language.use("de")
    assert language.say(system_reason(error)) == told


def test_numbers_are_written_as_the_language_does() -> None:
    refused = Refused("The rate is {rate:.1%}, not {number}.", rate=0.305, number=2.0)
    order = sentence("Read as {turned}.", turned=numbers_with_strokes([0.5, 1, 2.25]))
    assert language.say(refused) == "The rate is 30.5%, not 2."
    assert language.say(order) == "Read as 0.5/1/2.25."
    language.use("de")
    assert language.say(refused) == "The rate is 30,5 %, not 2."
    assert language.say(order) == "Read as 0,5/1/2,25."


@pytest.mark.parametrize(
    ("said", "english", "german"),
    [
        (amount(1_234_567.5), "1,234,567.5", "1.234.567,5"),
        (amount(0.25), "0.25", "0,25"),
        (dated(date(2027, 3, 1)), "2027-03-01", "01.03.2027"),
        (yearly(12, 24), "12-24", "24.12."),
        (timed(datetime(2027, 3, 1, 14, 5).astimezone()), "2027-03-01 14:05", "01.03.2027 14:05"),
    ],
)
def test_amounts_days_and_moments_are_written_as_the_language_does(
    said: Sentence, english: str, german: str
) -> None:
    assert language.say(said) == english
    language.use("de")
    assert language.say(said) == german


@pytest.mark.parametrize("path", CATALOGUES, ids=str)
def test_a_catalogue_is_compiled_alike_at_any_time(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = build.in_binary(path)
    # What Babel takes for the time of its making where none is said.
    monkeypatch.setattr(catalog, "LOCALTZ", timezone(timedelta(hours=5)))
    assert build.in_binary(path) == now
    assert b"POT-Creation-Date: 1970-01-01 00:00+0000" in now


@pytest.mark.parametrize("speech", language.LANGUAGES)
def test_every_word_shown_of_a_task_can_be_typed(speech: str) -> None:
    language.use(speech)
    ws = Workspace()
    for state in STATES:
        shown = language.say(state_word(state))
        assert vocabulary.state_from_word(shown) == state, shown
        assert parse_value("state", shown, TODAY) == state
        # Of a filter `offen` is all that is unfinished, as `open` is.
        found = parse_filter(f'state:"{shown}"', TODAY)
        assert found.over(ws)(Task(id=1, title="A", state=state)), shown
    for condition in vocabulary.CONDITIONS:
        shown = language.say(vocabulary.condition_word(condition))
        assert parse_filter(f'state:"{shown}"', TODAY).where == Is(condition), shown
    for priority in PRIORITIES:
        shown = language.say(priority_word(priority))
        assert parse_line(f"x !{shown}", TODAY).fields["priority"] == priority, shown
    for system_state in SYSTEM_STATES:
        shown = show.system_word(system_state)
        assert vocabulary.system_state_from_word(shown) == system_state, shown
    for field in FIELDS:
        shown = language.say(field.label)
        assert not field.keys or vocabulary.field_from_word(shown) == field.name, shown


@pytest.mark.parametrize("words", [task_cells.GERMAN_WORDS])
def test_every_word_written_in_a_german_list_can_be_typed(words: dict[str, str]) -> None:
    for meaning, written in words.items():
        read = vocabulary.state_from_word(written) or vocabulary.priority_from_word(written)
        assert read == meaning


def test_the_calls_are_known_in_german() -> None:
    assert set(typed_verbs.names()) - set(call_words.GERMAN_VERBS) == {"person", "system"}
    for call, words in call_words.GERMAN_VERBS.items():
        for word in words.split(", "):
            assert call_words.english(word) == call_words.english(word.title()) == call
            assert word not in CALLS, "a call of its own"
    language.use("de")
    assert {"done", "erledigt"} <= set(complete_call("", Workspace()))
    language.use("en")
    assert "erledigt" not in complete_call("", Workspace())
