"""The grammar of filters: or binds less than and, and less than not."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import partial

from tracker.domain.errors import BadInput
from tracker.domain.fields import ARROWS, BY_NAME
from tracker.domain.model import PRIORITIES, STATES, Person
from tracker.domain.patterns import pattern
from tracker.domain.sentence import listed
from tracker.domain.status import state_word
from tracker.domain.typing import field_values, filters
from tracker.domain.typing.dates import parse_range
from tracker.domain.typing.filters import And, Called, Compared, Dated, Node, Not, Or, Ranked, Sign
from tracker.domain.typing.lexer import (
    MARKED,
    MARKS,
    closed,
    closing,
    date_end,
    guess,
    name_end,
    placed,
    unclosed,
    word_end,
)
from tracker.domain.typing.vocabulary import (
    CONDITIONS,
    FIELD_KEYS,
    condition_from_word,
    condition_word,
    field_from_word,
    fold,
    state_from_word,
)
from tracker.domain.workspace import Workspace

_DATES = filters.DATES | filters.MOMENTS
_IDS = ARROWS | {"id"}
_COMPARED = pattern(r"([^\W\d][\w-]*)(?::|(?=[<>=]))")
_ASKED = pattern(r"[!~](?=[<>=])")
_SIGN = pattern(r"[<>]=?|=")
_DASH = pattern(r"-[^\s)]")
_OPERATORS = {"|": "or", "||": "or", "&": "and", "&&": "and", **filters.OPERATORS}
_SIGNS: dict[str, Sign] = {"<": "<", "<=": "<=", ">": ">", ">=": ">="}
_DEEPEST = 50


class FilterReader:
    """Reads a filter by recursive descent; the names of a workspace need no quotes."""

    def __init__(self, text: str, today: date, me: str, ws: Workspace | None = None) -> None:
        self._text, self._today, self._me, self._ws = text, today, me, ws
        self._at = 0
        self._depth = 0

    def read(self) -> Node:
        """Read all of it; raises BadInput with the place of the mistake."""
        node = self._any_of()
        if self._next():
            raise BadInput("Unmatched closing parenthesis.", start=self._at, end=self._at + 1)
        return node

    def _next(self) -> str:
        """Return the character at which the next thing begins, "" at the end."""
        while self._at < len(self._text) and self._text[self._at].isspace():
            self._at += 1
        return self._text[self._at : self._at + 1]

    def _operator(self) -> str:
        """Return the operator that comes next, without taking it."""
        if not self._next():
            return ""
        return _OPERATORS.get(fold(self._text[self._at : word_end(self._text, self._at, "()")]), "")

    def _take(self) -> tuple[int, int]:
        """Take a word, and return its place."""
        start, self._at = self._at, word_end(self._text, self._at, "()")
        return start, self._at

    def _take_operator(self) -> None:
        """Take a word that joins what follows to what precedes; raises BadInput."""
        start, end = self._take()
        if self._next() in ("", ")") or self._operator() in ("and", "or"):
            raise self._joins_nothing(start, end)

    def _joins_nothing(self, start: int, end: int) -> BadInput:
        return BadInput(
            "{word} needs a term on both sides; put it in quotes to search for the word.",
            word=self._text[start:end],
            start=start,
            end=end,
        )

    def _any_of(self) -> Node:
        parts = [*_flat(self._all_of(), Or)]
        while self._operator() == "or":
            self._take_operator()
            parts += _flat(self._all_of(), Or)
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _all_of(self) -> Node:
        parts: list[Node] = []
        while self._next() not in ("", ")"):
            operator = self._operator()
            if operator in ("and", "or") and not parts:
                raise self._joins_nothing(*self._take())
            if operator == "or":
                break
            if operator == "and":
                self._take_operator()
            parts += _flat(self._opposite(), And)
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _opposite(self) -> Node:
        negative = False
        while True:
            self._next()
            if _DASH.match(self._text, self._at):
                self._at += 1
            elif self._operator() == "not":
                self._take_operator()
            else:
                break
            negative = not negative
        node = self._group() if self._next() == "(" else self._term()
        if not negative:
            return node
        return node.part if isinstance(node, Not) else Not(node)

    def _group(self) -> Node:
        start = self._at
        self._at += 1
        self._depth += 1
        if self._depth > _DEEPEST:
            raise BadInput("This is nested too deeply.", start=start, end=start + 1)
        node = self._any_of()
        if self._next() != ")":
            raise BadInput("This parenthesis is not closed.", start=start, end=start + 1)
        self._at += 1
        self._depth -= 1
        if node == And():
            raise BadInput("These parentheses are empty.", start=start, end=self._at)
        return node

    def _term(self) -> Node:
        """Read a word, or a field with what is asked of it."""
        start, end = self._take()
        text = self._text
        if text[start] == '"':
            if closing(text, start) != end:
                raise placed(unclosed(text[start:end]), start, end)
            if not text[start:end].strip('" '):
                raise BadInput("These quotes are empty.", start=start, end=end)
            return filters.Containing(field_values.read_name(text[start:end]))
        key = MARKED.match(text[start:end]) or _ASKED.match(text[start:end])
        if key:
            field: str | None = MARKS[text[start]]
        else:
            key = _COMPARED.match(text[start:end])
            field = field_from_word(key[1]) if key else None
        if not key or (field is None and not key[0].endswith(":")):
            return filters.Containing(text[start:end])
        if field not in FIELD_KEYS:
            raise placed(_no_such_field(key[1]), start, end)
        field = "likely" if field == "estimate" else str(field)
        value = start + key.end()
        sign = _SIGN.match(text, value)
        value = sign.end() if sign else value
        if field in _DATES:
            end = self._at = date_end(text, value, end, partial(self._days, field), "()")
        elif self._ws is not None:
            known = filters.spaced_names(self._ws, field)
            end = self._at = name_end(text, value, end, known, "()")
        try:
            typed = text[value:end].strip()
            return self._asked(field, sign[0] if sign else "", typed, text[start:value])
        except BadInput as problem:
            raise placed(problem, start, end) from None

    def _days(self, field: str, typed: str) -> tuple[date, date]:
        return parse_range(typed, self._today, past=field in filters.MOMENTS)

    def _asked(self, field: str, sign: str, typed: str, key: str) -> Node:
        """Return what is asked of a field; raises BadInput."""
        whole = sign or field in _DATES or field in _IDS or field in filters.NUMBERS
        parts = [typed] if whole else [part for part in field_values.split_list(typed) if part]
        if not all(parts) or not parts:
            raise BadInput("{key} needs a value.", key=key)
        nodes = tuple(dict.fromkeys(self._one(field, sign, part, key) for part in parts))
        ranks = {rank for node in nodes if isinstance(node, Ranked) for rank in node.priorities}
        if ranks:
            return Ranked(tuple(rank for rank in PRIORITIES if rank in ranks))
        return nodes[0] if len(nodes) == 1 else Or(nodes)

    def _one(self, field: str, sign: str, typed: str, key: str) -> Node:
        """Return what one value asks of a field; raises BadInput."""
        if not closed(typed):
            raise unclosed(typed)
        if field == "priority":
            return _ranked(sign, field_values.read_name(typed))
        if field == "state" and not sign:
            return _state(field_values.read_name(typed))
        if not sign and BY_NAME[field].kind != "count":
            if fold(typed) in filters.NONE_WORDS:
                return filters.Empty(field)
            if fold(typed) in filters.ANY_WORDS:
                return Not(filters.Empty(field))
        if field in _DATES:
            return self._dated(field, sign, field_values.read_name(typed))
        if field in filters.NUMBERS and (sign or field != "id"):
            return _number(field, sign, typed)
        if sign and not (sign == "=" and field in filters.NAMES):
            raise BadInput("{key} cannot be compared; remove the sign.", key=key)
        if field in _IDS:
            return _numbered(field, typed)
        name = field_values.read_name(typed)
        if field == "tags":
            return filters.Tagged(name)
        if field in filters.TEXTS:
            return filters.Containing(name, field)
        if self._me and fold(typed) in filters.MYSELF and filters.NAMES[field] is Person:
            return Called(field, self._me, exact=True)
        return Called(field, name, exact=sign == "=")

    def _dated(self, field: str, sign: str, typed: str) -> Node:
        first, last = self._days(field, typed)
        if sign == "<":
            return Dated(field, None, _moved(first, -1))
        if sign == ">":
            return Dated(field, _moved(last, 1), None)
        return Dated(field, None if sign == "<=" else first, None if sign == ">=" else last)


def _flat(node: Node, kind: type[And] | type[Or]) -> tuple[Node, ...]:
    """Return the parts of what its surroundings join in the same way."""
    return node.parts if isinstance(node, kind) else (node,)


def _no_such_field(typed: str) -> BadInput:
    close = guess(typed, FIELD_KEYS)
    if close:
        return BadInput(
            "There is no field {field}; did you mean {guess}? Put text with a colon in quotes.",
            field=typed,
            guess=close,
        )
    return BadInput(
        "There is no field {field}; choose from {known}. Put text with a colon in quotes.",
        field=typed,
        known=", ".join(keys[0] for keys in FIELD_KEYS.values()),
    )


def _moved(day: date, days: int) -> date:
    return day + timedelta(days) if date.min < day < date.max else day


def _number(field: str, sign: str, typed: str) -> Node:
    """Read `3` or `1-3`: days, or passes, or behind a sign an id."""
    low, high = _ends(typed)
    read = {"count": _whole, "percent": field_values.read_percent}.get(
        BY_NAME[field].kind, field_values.read_days
    )
    numbers = [float(read(end)) for end in (low, high) if end] or [float(read(typed))]
    if len(numbers) == 1:
        return Compared(field, _SIGNS.get(sign, "="), numbers[0])
    if sign:
        raise BadInput("{text} cannot follow {sign}.", text=typed, sign=sign)
    if numbers[1] < numbers[0]:
        raise BadInput("{text} ends before it begins.", text=typed)
    return And((Compared(field, ">=", numbers[0]), Compared(field, "<=", numbers[1])))


def _ends(typed: str) -> tuple[str, str]:
    """Return both ends of a range; of a single number, the first alone."""
    parts = re.split(r" ?(?:\.\.|(?<!e)[-–]) ?", " ".join(typed.split()), maxsplit=1)
    return parts[0], parts[1] if len(parts) > 1 else ""


def _whole(typed: str) -> int:
    if not re.fullmatch(r"#?\d{1,15}", typed):
        raise BadInput("{text} is not a whole number.", text=typed)
    return int(typed.lstrip("#"))


def _numbered(field: str, typed: str) -> Node:
    """Read `3`, `3,5` or `3-7`."""
    ranges = []
    for part in re.split(r" ?[,;] ?", " ".join(typed.split()).strip(",;")):
        low, high = _ends(part)
        ranges.append((_whole(low), _whole(high or low)))
        if ranges[-1][1] < ranges[-1][0]:
            raise BadInput("{text} ends before it begins.", text=part)
    return filters.Numbered(field, tuple(dict.fromkeys(ranges)))


def _ranked(sign: str, typed: str) -> Node:
    at = PRIORITIES.index(field_values.read_priority(typed))
    chosen = {
        "<": PRIORITIES[:at],
        "<=": PRIORITIES[: at + 1],
        ">": PRIORITIES[at + 1 :],
        ">=": PRIORITIES[at:],
    }.get(sign, (PRIORITIES[at],))
    if not chosen:
        raise BadInput("No priority is {sign} {text}.", sign=sign, text=typed)
    return Ranked(chosen)


def _state(typed: str) -> Node:
    word = condition_from_word(typed) or state_from_word(typed)
    if not word:
        raise BadInput(
            "{text} is not a state; choose from {known}.",
            text=typed,
            known=listed((*map(state_word, STATES), *map(condition_word, CONDITIONS))),
        )
    return filters.Is(word)
