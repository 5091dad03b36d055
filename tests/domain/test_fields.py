"""Every field of a task is declared once, and what people call it means that field alone."""

from __future__ import annotations

import itertools

import pytest

from tests.builders import NOW, TODAY, done, plan
from tracker.domain.errors import Refused
from tracker.domain.fields import BY_NAME, FIELDS, Field
from tracker.domain.model import Task
from tracker.domain.typing.line_parser import complete_word, parse_filter, parse_line
from tracker.domain.typing.vocabulary import field_from_word, meaning_key
from tracker.domain.verbs.arrows import send_back
from tracker.domain.verbs.commands import edit_task, finish, reopen
from tracker.exchange.headers import OWN, meaning
from tracker.store.codec import entity

_COLUMN_OF = {"after": "needs", "returns_to": "returns"}


def test_every_field_of_a_task_is_declared() -> None:
    assert set(Task.__struct_fields__) - {"extra"} <= BY_NAME.keys()
    assert len(BY_NAME) == len(FIELDS)


def test_no_word_means_two_fields() -> None:
    meant: dict[str, str] = {}
    for field in FIELDS:
        for word in (
            field.name,
            *field.keys,
            *field.column,
            *field.words.split(","),
            *field.heads.split(","),
        ):
            if meaning_key(word):
                assert meant.setdefault(meaning_key(word), field.name) == field.name, word


@pytest.mark.parametrize("field", [field for field in FIELDS if field.keys], ids=lambda f: f.name)
def test_a_field_is_understood_by_all_its_words(field: Field) -> None:
    for word in (field.name, *field.keys, *filter(None, field.words.split(","))):
        assert field_from_word(word) == field.name, word


@pytest.mark.parametrize("field", [field for field in FIELDS if field.column], ids=lambda f: f.name)
def test_a_field_is_found_by_all_its_heads(field: Field) -> None:
    for head in (*field.column, *filter(None, field.heads.split(","))):
        assert meaning(head)[0] == _COLUMN_OF.get(field.name, field.name), head
    assert all(_COLUMN_OF.get(field.name, field.name) in OWN[language] for language in OWN)


@pytest.mark.parametrize("field", [field for field in FIELDS if field.column], ids=lambda f: f.name)
def test_examples_of_a_field_set_it(field: Field) -> None:
    for example in itertools.chain(*field.examples):
        line = parse_line(f"Test {example}", TODAY, me="anna")
        assert line.fields["title"] == "Test"
        assert line.fields.keys() & {field.name, "likely"}, example
        assert [span.role for span in line.spans] == ["title", field.name]


def test_known_phases_need_no_quotes_and_are_offered() -> None:
    ws = plan(tasks=1, phase="Phase 2")
    assert parse_line("Bau phase:phase 2 due:fr", TODAY, ws=ws).fields["phase"] == "phase 2"
    assert complete_word("Bau phase:P", 11, ws) == ['phase:"Phase 2"']
    found = parse_filter("phase:phase 2", TODAY, ws=ws)
    assert found.over(ws)(ws.tasks[1])
    assert not parse_filter("phase:none", TODAY).over(ws)(ws.tasks[1])


def test_progress_is_compared_in_per_cent() -> None:
    ws = plan(tasks=1, progress=40.0)
    assert parse_filter("progress:30-50", TODAY).over(ws)(ws.tasks[1])
    assert not parse_filter("fortschritt:>40%", TODAY).over(ws)(ws.tasks[1])
    with pytest.raises(Refused, match="percentage from 0 to 100"):
        edit_task(ws, NOW, task=1, progress=101.0)


def test_progress_is_that_of_the_pass_under_way() -> None:
    ws = plan("1-2", tasks=2, progress=40.0)
    ws = done(ws, finish, task=1)
    assert ws.tasks[1].progress == 100
    again = done(ws, send_back, gate=2, target=1, reason="refused")
    assert again.tasks[1].progress is None
    assert again.tasks[2].progress is None
    assert done(ws, reopen, task=1).tasks[1].progress is None


def test_a_file_without_the_newest_fields_opens() -> None:
    task = entity("tasks", {"id": 1, "title": "Concept"})
    assert isinstance(task, Task)
    assert (task.phase, task.progress) == ("", None)
