"""The history in words: its lines, what they are looked through for, and all that one changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tracker.domain.calendar import day_of
from tracker.domain.change import Edit, Record
from tracker.domain.model import Link, Task
from tracker.domain.typing.vocabulary import fold
from tracker.domain.workspace import Workspace
from tracker.language import N_, _, say
from tracker.wording import edit_words, show
from tracker.wording.show import Glyphs

# What the kinds of things are called in a filter.
KIND_WORDS = {
    "tasks": N_("task"),
    "links": N_("arrow"),
    "projects": N_("project"),
    "departments": N_("department"),
    "people": N_("person"),
    "systems": N_("system"),
    "baselines": N_("baseline"),
    "filters": N_("filter"),
    "settings": N_("settings"),
}

_TASK_KEYS = ("task", "id", "vorgang", "nr")

Matches = Callable[[Record], bool]


def what(ws: Workspace, record: Record) -> str:
    """Return what a record did, with the fields it changed."""
    fields = edit_words.edits(ws, record)
    return show.text(" · ".join(filter(None, (say(record.change.label), fields))))


def about(record: Record) -> int | None:
    """Return the task that a record is about, if it is about one."""
    found = {edit.entity.id for edit in record.change.edits if isinstance(edit.entity, Task)}
    if not found:
        found = {
            edit.entity.target for edit in record.change.edits if isinstance(edit.entity, Link)
        }
    return found.pop() if len(found) == 1 else None


def undone(records: list[Record]) -> set[int]:
    """Return the numbers of the records that are taken back."""
    found: set[int] = set()
    for record in reversed(records):
        if record.undoes is not None and record.seq not in found:
            found.add(record.undoes)
    return found


def matching(ws: Workspace, text: str, known: dict[int, str] | None = None) -> Matches:
    """Return what says whether a record is looked for by words that were typed.

    `who:anna` is by a person, `task:12` or `#12` about a task, `kind:arrow` about a kind of thing;
    all other words are to be found in what was done, or in who did it. All have to hold. What
    records say of fields is kept in `known`, by their numbers, for as long as the plan is the same.
    """
    tests: list[Matches] = []
    said: dict[str, None] = {}
    for word in text.split():
        key, colon, value = word.partition(":")
        name = fold(key)
        if (task := task_of(word)) is not None:
            tests.append(_touches(task))
        elif colon and name in ("who", "wer", "by", "von"):
            tests.append(_by(fold(value)))
        elif colon and name in ("kind", "art") and (tables := _tables(fold(value))):
            tests.append(_of_kind(tables))
        else:
            said[fold(word)] = None
    if said:
        tests.append(_says(ws, [*said], {} if known is None else known))
    return lambda record: all(test(record) for test in tests)


def task_of(text: str) -> int | None:
    """Return the first task that is named by words that were typed, as `matching` reads them."""
    for word in text.split():
        key, _colon, number = word.rpartition(":")
        if word.startswith("#"):
            key, number = "task", word[1:]
        if number.isdecimal() and len(number) < 20 and fold(key) in _TASK_KEYS:
            return int(number)
    return None


def _tables(word: str) -> set[str]:
    """Return the tables whose name begins like a word, in English or as it is spoken."""
    return {
        table
        for table, name in KIND_WORDS.items()
        if word and any(fold(each).startswith(word) for each in (name, _(name)))
    }


def _touches(task: int) -> Matches:
    return lambda record: record.touches(task)


def _by(person: str) -> Matches:
    return lambda record: person in fold(record.who)


def _of_kind(tables: set[str]) -> Matches:
    return lambda record: any(edit.table in tables for edit in record.change.edits)


def _says(ws: Workspace, words: list[str], known: dict[int, str]) -> Matches:
    def says(record: Record) -> bool:
        # What it is named by comes first: the fields of an import are many.
        label = fold(f"{record.who} {say(record.change.label)}")
        if not (others := [word for word in words if word not in label]):
            return True
        if record.seq not in known:
            known[record.seq] = fold(edit_words.edits(ws, record))
        return all(word in known[record.seq] for word in others)

    return says


def thing(ws: Workspace, edit: Edit, glyphs: Glyphs) -> str:
    """Return what an edit is about: a task by number and title, an arrow by its ends."""
    entity = edit.entity
    if isinstance(entity, Task):
        return f"{entity.id} {show.text(entity.title)}"
    if isinstance(entity, Link):
        ends = f" {glyphs.right} ".join(
            show.name(ws, end) for end in (entity.source, entity.target)
        )
        return ends if entity.kind == "needs" else f"{glyphs.back} {ends}"
    name = getattr(entity, "name", "") or getattr(entity, "login", "")
    word = _(KIND_WORDS[edit.table])
    return f"{word} {show.text(name)}".rstrip()


def came_or_went(edit: Edit) -> str:
    """Return whether an edit brought something into being or did away with it."""
    if edit.before is None:
        return _("added")
    return _("deleted") if edit.after is None else ""


def fields(ws: Workspace, edit: Edit) -> Iterator[tuple[str, str, str]]:
    """Walk over what an edit did to fields: the name of each, its text before and after."""
    for _key, name, before, after in edit_words.values(ws, edit):
        if before != after:
            yield name or _("return arrow"), _in_a_line(before), _in_a_line(after)
    passes = [side.pass_number for side in (edit.before, edit.after) if isinstance(side, Task)]
    if len(set(passes)) > 1:
        yield _("Pass"), str(passes[0]), str(passes[-1])


def _in_a_line(text: str) -> str:
    """Return a text of several lines as one."""
    return show.text(" / ".join(filter(None, (line.strip() for line in text.splitlines()))))


def days(records: list[Record]) -> Iterator[list[Record]]:
    """Walk over the days on which something was done, newest first, each with its records."""
    newest: list[Record] = []
    for record in reversed(records):
        if newest and day_of(newest[-1].at) != day_of(record.at):
            yield newest
            newest = []
        newest.append(record)
    if newest:
        yield newest
