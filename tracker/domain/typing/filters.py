"""Filters as an algebra: terms about tasks, joined by and, or and not."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal

import msgspec

from tracker.domain import status
from tracker.domain.draft import Named, names_of
from tracker.domain.fields import ARROWS, BY_NAME, FIELDS, of_kind
from tracker.domain.model import (
    Department,
    Link,
    Person,
    Priority,
    Project,
    State,
    System,
    Task,
)
from tracker.domain.patterns import pattern
from tracker.domain.typing.lexer import most_alike
from tracker.domain.typing.vocabulary import FIELD_KEYS, Condition, fold, folded_for_search
from tracker.domain.workspace import Workspace

Test = Callable[[Task], bool]
Sign = Literal["=", "<", "<=", ">", ">="]

# What can be asked of a field. Dates of the past are kept as moments in UTC.
NAMES: Mapping[str, type[Named]] = {field.name: field.entity for field in FIELDS if field.entity}
TEXTS = frozenset(of_kind("text", "key", "word", "notes", "period", "span"))
NUMBERS = frozenset(of_kind("days", "percent", "count"))
DATES = frozenset(of_kind("day", "last day"))
MOMENTS = frozenset(of_kind("moment"))

_SIGNS: dict[str, Callable[[float, float], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_BARE = pattern(r"\w[\w./+-]*")
# Bare, these mean something else than themselves.
OPERATORS = {"and": "and", "und": "and", "or": "or", "oder": "or", "not": "not", "nicht": "not"}
NONE_WORDS = frozenset(
    ("none", "nothing", "empty", "keine", "keiner", "keins", "nichts", "leer", "-")
)
ANY_WORDS = frozenset(("any", "anything", "irgendein", "irgendwas", "etwas"))
MYSELF = frozenset(("me", "myself", "ich", "mir", "mich"))
# Between dates they make a range of them.
_BETWEEN = frozenset(("bis", "to", "until"))
_RESERVED = _BETWEEN | OPERATORS.keys() | NONE_WORDS | ANY_WORDS | MYSELF


class Node(msgspec.Struct, frozen=True):
    """A condition on tasks. `str` of it can be typed, and reads back as the same."""

    def test(self, ws: Workspace, today: date) -> Test:
        """Return the condition as a function of tasks of one workspace on one day."""
        raise NotImplementedError

    def nodes(self) -> Iterator[Node]:
        """Walk over this condition and those it is made of."""
        yield self


class And(Node, frozen=True):
    """All of several conditions; of none: every task."""

    parts: tuple[Node, ...] = ()

    def test(self, ws: Workspace, today: date) -> Test:
        """Every part must hold."""
        tests = [part.test(ws, today) for part in self.parts]
        if len(tests) == 1:
            return tests[0]
        if len(tests) == 2:
            first, second = tests
            return lambda task: first(task) and second(task)
        return lambda task: all(test(task) for test in tests)

    def nodes(self) -> Iterator[Node]:
        """Walk over all."""
        yield self
        for part in self.parts:
            yield from part.nodes()

    def __str__(self) -> str:
        return " ".join(f"({part})" if isinstance(part, Or) else str(part) for part in self.parts)


class Or(Node, frozen=True):
    """At least one of several conditions."""

    parts: tuple[Node, ...]

    def test(self, ws: Workspace, today: date) -> Test:
        """Some part must hold."""
        tests = [part.test(ws, today) for part in self.parts]
        if len(tests) == 2:
            first, second = tests
            return lambda task: first(task) or second(task)
        return lambda task: any(test(task) for test in tests)

    def nodes(self) -> Iterator[Node]:
        """Walk over all."""
        yield self
        for part in self.parts:
            yield from part.nodes()

    def __str__(self) -> str:
        return " or ".join(map(str, self.parts))


class Not(Node, frozen=True):
    """The opposite of a condition."""

    part: Node

    def test(self, ws: Workspace, today: date) -> Test:
        """The part must not hold."""
        test = self.part.test(ws, today)
        return lambda task: not test(task)

    def nodes(self) -> Iterator[Node]:
        """Walk over both."""
        yield self
        yield from self.part.nodes()

    def __str__(self) -> str:
        return f"-({self.part})" if isinstance(self.part, And | Or) else f"-{self.part}"


class Containing(Node, frozen=True):
    """`text` is in a field or, with "", anywhere in what is written about a task.

    That is its title, notes, tags, phase, checklist, what it waits for and why it came back, and
    the names of its people, department, systems and project. Without regard to case; umlauts may
    be written ae or a on either side. A word that is nowhere finds those like it, as `alike` says.
    """

    text: str
    field: str = ""

    def test(self, ws: Workspace, _today: date) -> Test:
        """Look the text up in what has been folded like it."""
        field = self.field
        if field:
            holds = _holding((self.text,))
            return lambda task: holds(getattr(task, field))
        return _written(ws, self.alike(ws) or (self.text,))

    def alike(self, ws: Workspace) -> tuple[str, ...]:
        """Return the words that are looked for instead, where this one is nowhere."""
        return () if self.field else _alike(ws, self.text)

    def __str__(self) -> str:
        return (
            f"{FIELD_KEYS[self.field][0]}:{_quoted(self.text)}"
            if self.field
            else _quoted(self.text)
        )


class Called(Node, frozen=True):
    """A department, person, project or system in `field` is called `name`, in full or in part.

    What is called exactly so wins; else whatever has a word that begins so; else whatever holds
    it. `exact` asks for the first alone.
    """

    field: str
    name: str
    exact: bool = False

    def ids(self, ws: Workspace) -> frozenset[int]:
        """Return who or what is meant in a workspace."""
        forms = folded_for_search(self.name).split("\n")
        known = {
            thing.id: [
                form for name in names_of(thing) for form in folded_for_search(name).split("\n")
            ]
            for thing in ws.table(NAMES[self.field]).values()
        }
        begins = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, forms))})")
        ways: Iterable[Callable[[str], object]] = (
            lambda name: name in forms,
            begins.search,
            lambda name: any(form in name for form in forms),
        )
        for way in ways:
            found = frozenset(id for id, names in known.items() if any(map(way, names)))
            if found or self.exact:
                return found
        return frozenset()

    def test(self, ws: Workspace, _today: date) -> Test:
        """Look the names up once, and compare ids from then on."""
        field, ids = self.field, self.ids(ws)
        if BY_NAME[field].kind == "names":
            return lambda task: not ids.isdisjoint(getattr(task, field))
        return lambda task: getattr(task, field) in ids

    def __str__(self) -> str:
        return f"{FIELD_KEYS[self.field][0]}:{'=' if self.exact else ''}{_quoted(self.name)}"


class Tagged(Node, frozen=True):
    """A task has a tag, written in whatever case."""

    tag: str

    def test(self, _ws: Workspace, _today: date) -> Test:
        """Compare the tags as folded."""
        wanted = fold(self.tag)
        return lambda task: any(_folded_name(tag) == wanted for tag in task.tags)

    def __str__(self) -> str:
        return f"#{_quoted(self.tag)}" if not self.tag.isdigit() else f"tag:{self.tag}"


class Is(Node, frozen=True):
    """A task is in a state, stored or derived."""

    what: State | Condition

    def test(self, ws: Workspace, today: date) -> Test:
        """Ask the task, or what follows from the rest of the plan."""
        match self.what:
            case "open":
                return lambda task: task.open
            case "ready":
                return lambda task: status.ready(ws, task)
            case "blocked":
                return lambda task: status.blocked(ws, task)
            case "stuck":
                return lambda task: status.stuck(ws, task)
            case "late":
                return lambda task: status.late(task, today)
            case "over":
                return lambda task: status.over_limit(ws, task)
            case state:
                return lambda task: task.state == state

    def __str__(self) -> str:
        return f"state:{self.what}"


class Ranked(Node, frozen=True):
    """The priority is one of several, in rising order."""

    priorities: tuple[Priority, ...]

    def test(self, _ws: Workspace, _today: date) -> Test:
        """Compare the priority."""
        wanted = self.priorities
        return lambda task: task.priority in wanted

    def __str__(self) -> str:
        return f"prio:{','.join(self.priorities)}"


class Compared(Node, frozen=True):
    """A number of the task compares to `value`; a number that is not there does not."""

    field: str
    sign: Sign
    value: float

    def test(self, _ws: Workspace, _today: date) -> Test:
        """Compare, in working days or passes."""
        field, compare, value = self.field, _SIGNS[self.sign], self.value
        if field == "passes":
            return lambda task: compare(task.pass_number, value)

        def holds(task: Task) -> bool:
            number = getattr(task, field)
            return number is not None and compare(number, value)

        return holds

    def __str__(self) -> str:
        sign = "" if self.sign == "=" else self.sign
        return f"{FIELD_KEYS[self.field][0]}:{sign}{repr(self.value).removesuffix('.0')}"


class Dated(Node, frozen=True):
    """A date lies between two days, both included; None is open."""

    field: str
    first: date | None
    last: date | None

    def test(self, _ws: Workspace, _today: date) -> Test:
        """Compare dates as they are, moments with the local midnights."""
        field, first, last = self.field, self.first or date.min, self.last or date.max
        if field not in MOMENTS:

            def between(task: Task) -> bool:
                day = getattr(task, field)
                return day is not None and first <= day <= last

            return between
        start, end = _midnight(first), _midnight(last + timedelta(last < date.max))

        def happened(task: Task) -> bool:
            at = moment_of(task, field)
            return at is not None and (not start or start <= at) and (not end or at < end)

        return happened

    def __str__(self) -> str:
        key = FIELD_KEYS[self.field][0]
        if self.first is None:
            return f"{key}:<={self.last}"
        if self.last is None:
            return f"{key}:>={self.first}"
        return f"{key}:{self.first}" + (f"..{self.last}" if self.first < self.last else "")


class Numbered(Node, frozen=True):
    """The id, or that of the other end of an arrow, lies in one of several ranges."""

    field: str
    ranges: tuple[tuple[int, int], ...]

    def test(self, ws: Workspace, _today: date) -> Test:
        """Look the id up, or those of the task's arrows."""
        ranges = self.ranges

        def within(id: int) -> bool:
            return any(low <= id <= high for low, high in ranges)

        if self.field == "id":
            return lambda task: within(task.id)
        field = self.field
        return lambda task: any(within(end) for end in _ends(ws, field, task))

    def __str__(self) -> str:
        parts = (f"{low}-{high}" if low < high else f"{low}" for low, high in self.ranges)
        return f"{FIELD_KEYS[self.field][0]}:{','.join(parts)}"


class Empty(Node, frozen=True):
    """There is nothing in a field."""

    field: str

    def test(self, ws: Workspace, _today: date) -> Test:
        """Nothing is None, "" or no entry; 0 is something."""
        field = self.field
        if field in ARROWS:
            return lambda task: not _ends(ws, field, task)
        if field == "finished":
            return lambda task: moment_of(task, field) is None
        return lambda task: getattr(task, field) in (None, "", ())

    def __str__(self) -> str:
        return f"{FIELD_KEYS[self.field][0]}:none"


class Query(msgspec.Struct, frozen=True):
    """A condition as it was meant on a day. `str` of it can be typed."""

    where: Node
    today: date

    def over(self, ws: Workspace) -> Test:
        """Return the filter as a function of the tasks of a workspace: for many tasks."""
        return self.where.test(ws, self.today)

    def unknown(self, ws: Workspace) -> tuple[str, ...]:
        """Return the names in it that nobody and nothing goes by, so that nothing matches them."""
        return tuple(dict.fromkeys(node.name for node in self._unknown(ws)))

    def meant(self, ws: Workspace) -> tuple[str, ...]:
        """Return the names that may be meant by those unknown."""
        close = (
            most_alike(node.name, known_names(ws, NAMES[node.field])) for node in self._unknown(ws)
        )
        return tuple(dict.fromkeys(name for names in close for name in names))

    def guessed(self, ws: Workspace) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return the words in it that are nowhere, each with those that are looked for instead."""
        texts = (node for node in self.where.nodes() if isinstance(node, Containing))
        return tuple((node.text, close) for node in texts if (close := node.alike(ws)))

    def _unknown(self, ws: Workspace) -> Iterator[Called]:
        named = (node for node in self.where.nodes() if isinstance(node, Called))
        return (node for node in named if not node.ids(ws))

    def __str__(self) -> str:
        return str(self.where)


def _holding(texts: Iterable[str]) -> Callable[[str], bool]:
    """Return whether one of several texts is in another, umlauts written in any way."""
    forms = [form for text in texts for form in folded_for_search(text).split("\n")]
    if len(forms) == 1:
        (only,) = forms
        return lambda text: only in _folded(text)
    return lambda text: any(form in _folded(text) for form in forms)


def _written(ws: Workspace, texts: Iterable[str]) -> Test:
    """Return whether one of several texts is in what is written about a task."""
    holds = _holding(texts)

    def called(kind: type[Named]) -> frozenset[int]:
        things = ws.table(kind).values()
        return frozenset(thing.id for thing in things if any(map(holds, names_of(thing))))

    people, systems = called(Person), called(System)
    departments, projects = called(Department), called(Project)

    def found(task: Task) -> bool:
        return (
            holds(task.title)
            or task.department in departments
            or task.assignee in people
            or task.requester in people
            or task.project in projects
            or any(map(holds, task.tags))
            or (bool(task.systems) and not systems.isdisjoint(task.systems))
            or (bool(task.watchers) and not people.isdisjoint(task.watchers))
            or any(holds(text) for text in (task.notes, task.waiting_for, task.phase) if text)
            or any(holds(item.text) for item in task.checklist)
            or any(holds(each.reason) for each in task.passes if each.reason)
        )

    return found


# Shorter words have too many that look like them.
_SHORTEST_GUESSED = 4
_LIKENESS = 0.75


@lru_cache(maxsize=32)
def _alike(ws: Workspace, text: str) -> tuple[str, ...]:
    """Return the words written about tasks that look like one that is nowhere."""
    wanted = fold(text)
    if len(wanted) < _SHORTEST_GUESSED or not wanted.isalpha():
        return ()
    if any(map(_written(ws, (text,)), ws.tasks.values())):
        return ()
    from difflib import get_close_matches

    known = [word for word in _words(ws) if wanted[0] in word[:2]]
    return tuple(get_close_matches(wanted, known, 3, _LIKENESS))


@lru_cache(maxsize=1)
def _words(ws: Workspace) -> frozenset[str]:
    """Return the words in titles, tags, what tasks wait for, and names."""
    kinds = dict.fromkeys(NAMES.values())
    texts = [name for kind in kinds for name in known_names(ws, kind)]
    for task in ws.tasks.values():
        texts += (task.title, task.waiting_for, *task.tags)
    found = re.findall(r"[^\W\d_]{4,}", fold("\n".join(texts)))
    return frozenset(found)


def known_names(ws: Workspace, kind: type[Named]) -> Iterator[str]:
    """Walk over every name that things of a kind go by."""
    return (name for thing in ws.table(kind).values() for name in names_of(thing))


@lru_cache(maxsize=8)
def spaced_names(ws: Workspace, field: str) -> frozenset[str]:
    """Return the names with blanks known for a field, folded; those that need no quotes."""
    if field in NAMES:
        known = known_names(ws, NAMES[field])
    elif BY_NAME[field].kind == "word":
        known = iter(words_in_use(ws, field))
    else:
        return frozenset()
    plain = (name for name in known if " " in name and not set(name) & set('",;'))
    return frozenset(fold(" ".join(name.split())) for name in plain)


def words_in_use(ws: Workspace, field: str) -> list[str]:
    """Return the words that tasks have in a field which they share, in order."""
    return sorted({getattr(task, field) for task in ws.tasks.values()} - {""})


def moment_of(task: Task, field: str) -> datetime | None:
    """Return when a task was created, modified or finished."""
    if field == "finished":
        return task.passes[-1].ended if task.state == "done" and task.passes else None
    found: datetime | None = getattr(task, field)
    return found


def _ends(ws: Workspace, field: str, task: Task) -> list[int]:
    """Return the predecessors or successors of a task, or the targets of its return arrows."""
    links: tuple[Link, ...]
    if BY_NAME[field].kind == "needs":
        links = ws.arrows_in.get(task.id, ())
        return [link.source for link in links if link.kind == "needs"]
    links = ws.arrows_out.get(task.id, ())
    kind = "needs" if BY_NAME[field].kind == "blocks" else "returns"
    return [link.target for link in links if link.kind == kind]


def _midnight(day: date) -> datetime | None:
    """Return when a day begins where the user is; None so far away that it is no matter."""
    return datetime.combine(day, time()).astimezone() if 1971 < day.year < 2900 else None


@lru_cache(maxsize=1 << 16)
def _folded_name(text: str) -> str:
    return fold(text)


@lru_cache(maxsize=1 << 16)
def _folded_wide(text: str) -> str:
    return folded_for_search(text)


def _folded(text: str) -> str:
    """Return a text folded for search; what is not ASCII is kept, since folding it takes long."""
    return text.lower() if text.isascii() else _folded_wide(text)


def _quoted(text: str) -> str:
    """Return a text so that it reads as nothing but itself."""
    if _BARE.fullmatch(text) and fold(text) not in _RESERVED:
        return text
    return '"' + text.replace('"', '""') + '"'
