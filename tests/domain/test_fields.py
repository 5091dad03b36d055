"""Every field of a task is declared once, and what people call it means that field alone."""

from __future__ import annotations

import pytest

from tracker.domain.fields import BY_NAME, FIELDS, Field
from tracker.domain.model import Task
from tracker.domain.typing.vocabulary import field_from_word, key
from tracker.exchange.headers import OWN, meaning

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
            if key(word):
                assert meant.setdefault(key(word), field.name) == field.name, word


@pytest.mark.parametrize("field", [field for field in FIELDS if field.keys], ids=lambda f: f.name)
def test_a_field_is_understood_by_all_its_words(field: Field) -> None:
    for word in (field.name, *field.keys, *filter(None, field.words.split(","))):
        assert field_from_word(word) == field.name, word


@pytest.mark.parametrize("field", [field for field in FIELDS if field.column], ids=lambda f: f.name)
def test_a_field_is_found_by_all_its_heads(field: Field) -> None:
    for head in (*field.column, *filter(None, field.heads.split(","))):
        assert meaning(head) == (_COLUMN_OF.get(field.name, field.name), 1.0), head
    assert all(_COLUMN_OF.get(field.name, field.name) in OWN[language] for language in OWN)
