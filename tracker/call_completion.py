"""What a call may become while it is typed."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence

from tracker import typed_verbs
from tracker.arguments import Parser
from tracker.call_words import english, spoken
from tracker.domain.model import Entity
from tracker.domain.properties import NOUNS
from tracker.domain.typing import line_parser
from tracker.domain.typing.vocabulary import FIELD_KEYS, fold
from tracker.domain.workspace import Workspace

_MOST_OFFERED = 50


def complete_call(text: str, ws: Workspace) -> list[str]:
    """Return what the word at the end of a line may become: all that follows the last blank.

    The first word is a verb; names that need them come in quotes.
    """
    words = text.split(" ")
    last = words[-1]
    if len(words) == 1:
        return [word for word in spoken(typed_verbs.VERBS) if fold(word).startswith(fold(last))]
    name = english(words[0])
    if name not in typed_verbs.VERBS:
        return []
    if name == "add":
        return line_parser.complete_word(text, len(text), ws)
    parser = Parser(name)
    typed_verbs.VERBS[name].arguments(parser)
    if name == "edit" and len(words) > 2:
        return _assignments(last, ws)
    typed = last.casefold()
    if name in NOUNS and not last.startswith("-"):
        offered: Iterable[str] = typed_verbs.assigned(name)
        if len(words) == 2 and name != "settings":
            offered = _quoted_names(ws.table(NOUNS[name]).values())
    else:
        offered = offered_by(parser, words[1:-1], last, ws)
    found = [word for word in offered if word.casefold().startswith(typed) and word != last]
    return found[:_MOST_OFFERED]


def _assignments(typed: str, ws: Workspace) -> list[str]:
    """Return what `field=value` may become."""
    field, sign, value = typed.partition("=")
    if not sign:
        words = (word for name in typed_verbs.editable() for word in (name, *FIELD_KEYS[name]))
        return [f"{word}=" for word in dict.fromkeys(words) if fold(word).startswith(fold(field))]
    found = line_parser.complete_word(f"{field}:{value}", len(typed), ws)
    return [word.replace(":", "=", 1) for word in found]


def offered_by(parser: Parser, before: Sequence[str], last: str, ws: Workspace) -> Iterable[str]:
    """Return the words that may be next, as far as they can be listed."""
    options = {name: action for action in parser.options for name in action.option_strings}
    taking = options.get(before[-1]) if before else None
    if taking and taking.nargs != 0:
        return _values(taking, ws)
    if last.startswith("-"):
        return options
    at = len([word for word in before if not word.startswith("-")])
    places = parser.places[: at + 1]
    return _values(places[-1], ws) if places else ()


def _values(action: argparse.Action, ws: Workspace) -> Iterable[str]:
    if action.choices:
        return map(str, action.choices)
    if action.type in (typed_verbs.task_numbers, typed_verbs.task_number):
        return map(str, ws.tasks)
    if action.dest == "system":
        return _quoted_names(ws.systems.values())
    return ()


def _quoted_names(entities: Iterable[Entity]) -> list[str]:
    names = (getattr(each, "login", "") or getattr(each, "name", "") for each in entities)
    return [f'"{name}"' if " " in name else name for name in names]
