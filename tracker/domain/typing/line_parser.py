"""What people type about tasks: the line of quick add, the values of fields, and filters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import partial
from typing import Any, NamedTuple

import msgspec

from tracker.domain.draft import names_of
from tracker.domain.errors import BadInput
from tracker.domain.expiry import ASSUMED_AHEAD
from tracker.domain.fields import ARROWS, BY_NAME, ESTIMATE, FIELDS, LISTS
from tracker.domain.model import PRIORITIES, STATES, Person
from tracker.domain.patterns import pattern
from tracker.domain.periods import span_words
from tracker.domain.typing import field_values, filters
from tracker.domain.typing.dates import parse_period, parse_span
from tracker.domain.typing.filter_parser import FilterReader
from tracker.domain.typing.filters import Query
from tracker.domain.typing.lexer import (
    KEY,
    LIKE_FIELD,
    MARKED,
    MARKS,
    closed,
    date_end,
    guess,
    name_end,
    placed,
    unclosed,
    word_end,
)
from tracker.domain.typing.vocabulary import CONDITIONS, FIELD_KEYS, field_from_word, fold
from tracker.domain.workspace import Workspace

# What can be said in the line of quick add; the lists may be said in pieces.
_SAYABLE = frozenset(field.name for field in FIELDS if field.examples[0])
_MOST_OFFERED = 50


class Span(msgspec.Struct, frozen=True):
    """A piece of what was typed, in characters: a field's name, `title`, `doubt` or `problem`."""

    start: int
    end: int
    role: str


class TypedLine(msgspec.Struct, frozen=True):
    """A task as typed in one line.

    `fields` are keyword arguments of `commands.add_task`; only what was typed is there:

    | field | value |
    |---|---|
    | title | str, never missing but perhaps "" |
    | department, assignee, requester, project | str, a name, short name, login or key |
    | systems, tags, watchers | tuple[str, ...] |
    | state | State |
    | priority | Priority |
    | low, likely, high | float, working days; always all three |
    | effort, spent | float, person-days |
    | due, not_before, follow_up, expires | date |
    | recurrence, ahead | str, as `dates.parse_period` and `dates.parse_span` write it |
    | after, blocks | tuple[tuple[int, float], ...]: predecessor or successor, lag in working days |
    | returns_to | tuple[tuple[int, dict], ...]: target, options |

    `spans` do not overlap and are in order. `problems` say what could not be read and where;
    that piece then stays in the title, so that nothing typed is lost. `doubts` name pieces of the
    title that look like a field, but are none.
    """

    fields: dict[str, Any]
    spans: tuple[Span, ...]
    problems: tuple[BadInput, ...] = ()
    doubts: tuple[BadInput, ...] = ()


def parse_line(text: str, today: date, *, me: str = "", ws: Workspace | None = None) -> TypedLine:
    """Read a task typed in one line; never raises.

    `@department`, `#tag`, `!priority`, `~estimate` and `key:value` may be anywhere, in English
    or German; everything else is the title. Values with blanks are in double quotes, a quote
    within them is doubled; dates, spans of time and the names that `ws` knows need none. A word
    after a backslash is only text. Unknown keys, `#12`, and a key with a blank behind it stay in
    the title; those in the midst of it are told as doubts. `me` is who `who:me` means.
    """
    reader = _LineReader(text, today, me, ws)
    reader.read()
    return TypedLine(
        {"title": " ".join(reader.title), **reader.fields},
        tuple(reader.spans),
        tuple(reader.problems),
        tuple(reader.doubts),
    )


def parse_value(field: str, text: str, today: date, *, me: str = "") -> Any:
    """Return the value of a field, named in English or German, as `commands.edit_task` takes it.

    The kinds of values are those of `TypedLine`; `estimate` is a tuple of low, likely and high, and
    `state`, `title`, `notes`, `waiting_for` and `watchers` can be read as well. Nothing and
    `none` clear: None, or no entries. Raises BadInput.
    """
    name = field_from_word(field)
    if name is None or name not in field_values.TYPED:
        close = guess(field, field_values.TYPED)
        if close:
            raise BadInput(
                "There is no field {field}; did you mean {guess}?", field=field, guess=close
            )
        raise BadInput(
            "There is no field {field}; choose from {known}.",
            field=field,
            known=", ".join(field_values.TYPED),
        )
    if not text.strip() or (name != "title" and fold(text.strip()) in filters.NONE_WORDS):
        return () if name in LISTS else None
    return _for_me(name, field_values.read_value(name, text, today), me)


def parse_fields(field: str, text: str, today: date, *, me: str = "") -> dict[str, Any]:
    """Return what `commands.edit_task` is to set when a field is typed; raises BadInput."""
    value = parse_value(field, text, today, me=me)
    name = str(field_from_word(field))
    if name == "estimate":
        return dict(zip(ESTIMATE, value or (None, None, None), strict=True))
    return {name: value}


# It is read anew at each key: of a pasted book each would take minutes.
_MOST_WORDS = 5_000


def parse_filter(text: str, today: date, *, me: str = "", ws: Workspace | None = None) -> Query:
    """Read a filter; raises BadInput with the place of the mistake.

    Terms are the words of quick add, and with a sign (`due:<fr`, `passes>1`, `prio:>=high`), a
    range (`due:KW 48`, `id:3-7`) or several values (`state:todo,doing`); further keys are `state`
    (also open, ready, blocked, stuck, late, over), `id`, `passes`, `title`, `notes`, `created`,
    `changed` and `finished`; `none` and `any` ask whether there is something. Anything else is
    looked for in all that is written about a task, names included. Side by side they must all hold;
    `or`/`oder`, `not`/`nicht`/`-` and parentheses join them. Names that `ws` knows need no quotes.
    """
    if (count := len(text.split())) > _MOST_WORDS:
        raise BadInput(
            "A filter has at most {most} words; this one has {count}.",
            most=_MOST_WORDS,
            count=count,
        )
    return Query(FilterReader(text, today, me, ws).read(), today)


def _for_me(field: str, value: Any, me: str) -> Any:
    named = BY_NAME[field]
    mine = me and named.kind == "name" and named.entity is Person and fold(value) in filters.MYSELF
    return me if mine else value


class _Token(NamedTuple):
    """A word, its field if it names one, and where its value begins."""

    start: int
    end: int
    field: str = ""
    value: int = 0


class _LineReader:
    """Reads a line word by word, and keeps what it has understood."""

    def __init__(self, text: str, today: date, me: str, ws: Workspace | None) -> None:
        self._text, self._today, self._me, self._ws = text, today, me, ws
        self.title: list[str] = []
        self.fields: dict[str, Any] = {}
        self.spans: list[Span] = []
        self.problems: list[BadInput] = []
        self.doubts: list[BadInput] = []

    def read(self) -> None:
        """Read all of it."""
        at = 0
        while at < len(self._text):
            if self._text[at].isspace():
                at += 1
                continue
            token = self._token(at)
            if not token.field and (doubt := _doubt(self._text[at : token.end], bool(self.title))):
                self.doubts.append(placed(doubt, token.start, token.end))
                self._keep(token, "doubt")
            elif not token.field:
                self._keep(token, "title")
            else:
                try:
                    self._put(token)
                    self.spans.append(Span(token.start, token.end, token.field))
                except BadInput as problem:
                    self.problems.append(placed(problem, token.start, token.end))
                    self._keep(token, "problem")
            at = token.end
        self._doubt_expiry()

    def _doubt_expiry(self) -> None:
        """Tell how long before its end something comes back of which nobody says so."""
        if "expires" in self.fields and "ahead" not in self.fields:
            span = next(span for span in self.spans if span.role == "expires")
            told = BadInput(
                "It comes back {span} before it expires; ahead:3m says otherwise.",
                span=span_words(ASSUMED_AHEAD) or "",
            )
            self.doubts.append(placed(told, span.start, span.end))

    def _token(self, start: int) -> _Token:
        """Return the word that begins at `start`; that of a date goes on over further words."""
        text, end = self._text, word_end(self._text, start)
        if mark := MARKED.match(text[start:end]):
            field = MARKS[mark[0]]
            return _Token(start, self._value_end(field, start + 1, end), field, start + 1)
        key = KEY.match(text, start, end)
        named = field_from_word(key[1]) if key else None
        if not key or named not in _SAYABLE:
            return _Token(start, end)
        field = str(named)
        end = self._value_end(field, key.end(), end)
        if key.end() == end and text[end:].strip():
            # `Termin: Abnahme` is a title, not a date.
            return _Token(start, end)
        return _Token(start, end, field, key.end())

    def _value_end(self, field: str, start: int, end: int) -> int:
        """Return where a value ends that may go on over further words; `end` is its first one's."""
        kind = BY_NAME[field].kind
        if kind in ("day", "last day"):
            return date_end(self._text, start, end, partial(parse_value, field, today=self._today))
        if kind == "period":
            return date_end(self._text, start, end, parse_period)
        if kind == "span":
            return date_end(self._text, start, end, parse_span)
        if start == end:
            return end
        if kind == "estimate":
            return date_end(self._text, start, end, field_values.read_estimate)
        if kind == "days":
            return date_end(self._text, start, end, field_values.read_days)
        return self._name_end(field, start, end)

    def _name_end(self, field: str, start: int, end: int) -> int:
        """Return where names known for a field end, a comma behind them included."""
        if self._ws is None:
            return end
        after = name_end(self._text, start, end, filters.spaced_names(self._ws, field))
        return after + (after > end and self._text[after : after + 1] in (",", ";"))

    def _put(self, token: _Token) -> None:
        """Understand the value of a token; raises BadInput."""
        field, key = token.field, self._text[token.start : token.value]
        typed = self._text[token.value : token.end].strip()
        if not closed(typed):
            raise unclosed(typed)
        if not typed.endswith('"'):
            typed = typed.rstrip(",;.!?)" if key == "#" else ",;")
        if not typed:
            raise BadInput("{key} needs a value.", key=key)
        if key == "#":
            value: Any = (field_values.read_name(typed),)
        else:
            value = _for_me(field, field_values.read_value(field, typed, self._today), self._me)
        if field in LISTS:
            for one in value:
                if one not in (known := self.fields.get(field, ())):
                    self.fields[field] = (*known, one)
            return
        named = dict(zip(ESTIMATE, value, strict=True)) if field == "estimate" else {field: value}
        if named.keys() & self.fields.keys():
            raise BadInput(
                "{key} can be given only once; {text} is one too many.",
                key=key,
                text=self._text[token.start : token.end],
            )
        self.fields |= named

    def _keep(self, token: _Token, role: str) -> None:
        """Leave a word in the title; neighbours become one span."""
        word = self._text[token.start : token.end]
        if word.startswith("\\") and (MARKED.match(word[1:]) or KEY.match(word, 1)):
            word = word[1:]
        self.title.append(" ".join(word.split()))
        if self.spans and self.spans[-1].role == role == "title":
            self.spans[-1] = Span(self.spans[-1].start, token.end, role)
        else:
            self.spans.append(Span(token.start, token.end, role))


def _doubt(word: str, begun: bool) -> BadInput | None:
    """Return what to ask of a word that looks like a field but is none, in a title `begun` or not.

    A title may well begin with `Termin: `, and `x=1` is an equation.
    """
    if key := LIKE_FIELD.match(word):
        named = field_from_word(key[1])
        if word[key.end() - 1] == "=":
            if named not in _SAYABLE:
                return None
            return BadInput(
                "{text} stays in the title; write {key}: to set it.", text=word, key=key[1]
            )
        if named is not None:
            return BadInput(
                "{text} stays in the title; {key} cannot be set here.", text=word, key=key[1]
            )
        if close := guess(key[1], _SAYABLE):
            return BadInput(
                "{text} stays in the title; did you mean {close}:?", text=word, close=close
            )
        return BadInput(
            "{text} stays in the title; there is no field {key}.", text=word, key=key[1]
        )
    key = KEY.fullmatch(word) if begun else None
    if key and field_from_word(key[1]) in _SAYABLE:
        return BadInput("{text} stays in the title; its value follows without a blank.", text=word)
    return None


# Suggestions.

_SPOKEN = {
    "priority": (*PRIORITIES, "niedrig", "mittel", "hoch", "kritisch"),
    "state": (
        *(*STATES, *CONDITIONS, "offen", "in Arbeit", "wartet", "Nachprüfung", "erledigt"),
        *("verworfen", "unerledigt", "bereit", "blockiert", "hängt", "überfällig"),
    ),
    "date": ("today", "tomorrow", "fr", "+3d", "+1w", "eom", "heute", "morgen", "übermorgen"),
}
_ASKED = pattern(r"([^\W\d][\w-]*)(?::[<>]=?|:=|:|[<>]=?|=)")
_OPEN = pattern(r'(?:^|[\s:@#=,(-])"(?:[^"]|"")*$')


def complete_word(text: str, cursor: int, ws: Workspace) -> list[str]:
    """Return what the word before the cursor may become, best first.

    The word begins behind the last blank before the cursor; every suggestion replaces it whole.
    """
    before = text[:cursor]
    start = max(before.rfind(blank) for blank in " \t") + 1
    begin = start
    if opened := _OPEN.search(before):
        # Within quotes there are blanks; what is meant begins before them.
        begin = max(before.rfind(blank, 0, opened.start() + 1) for blank in " \t") + 1
    token = before[begin:].lstrip("-(")
    skipped = len(before) - len(token) - start
    if skipped >= 0:
        head = before[start : start + skipped]
        offered = (head + word for word in _offered(token, ws))
    else:
        offered = (word[-skipped:] for word in _offered(token, ws))
    unlike = (word for word in offered if word != before[start:])
    return list(dict.fromkeys(unlike))[:_MOST_OFFERED]


def _offered(token: str, ws: Workspace) -> Iterator[str]:
    """Walk over what a word may become."""
    if token[:1] in MARKS:
        yield from _fitting(token[0], token[1:], _known(MARKS[token[0]], ws))
        return
    key = _ASKED.match(token)
    field = field_from_word(key[1]) if key else None
    if key and field:
        head, rest = token[: key.end()], token[key.end() :]
        if field in (*LISTS, "state", "priority", "id") and not rest.count('"') % 2:
            done, comma, rest = rest.rpartition(",")
            head += done + comma
        yield from _fitting(head, rest, _known(field, ws))
    elif token and not key:
        for keys in FIELD_KEYS.values():
            yield from (f"{word}:" for word in keys if fold(word).startswith(fold(token)))


def _known(field: str, ws: Workspace) -> Iterable[str]:
    """Return the values known for a field."""
    match field:
        case _ if field in filters.NAMES:
            things = ws.table(filters.NAMES[field]).values()
            return (name for thing in things for name in names_of(thing)[:1])
        case "tags":
            return sorted({tag for task in ws.tasks.values() for tag in task.tags})
        case _ if field in ARROWS | {"id"}:
            # The newest first: what has just been added is linked next.
            return map(str, sorted(ws.tasks, reverse=True))
        case _ if BY_NAME[field].kind == "word":
            return filters.words_in_use(ws, field)
        case _ if field in filters.DATES | filters.MOMENTS:
            return _SPOKEN["date"]
        case _:
            return _SPOKEN.get(field, ())


def _fitting(head: str, typed: str, words: Iterable[str]) -> Iterator[str]:
    """Walk over the words that begin with what was typed, then those with a word that does."""
    wanted = fold(typed.removeprefix('"'))
    begins = re.compile(rf"(?<!\w){re.escape(wanted)}")
    known = [(word, fold(word)) for word in words]
    first = [word for word, folded in known if folded.startswith(wanted)]
    others = [word for word, folded in known if begins.search(folded)]
    for word in dict.fromkeys((*first, *others)):
        plain = re.fullmatch(r'[^\s",;()<>=-][^\s",;()]*', word) and not typed.startswith('"')
        yield head + (word if plain else '"' + word.replace('"', '""') + '"')
