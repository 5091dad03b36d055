"""The people of another program, who have a name besides their login."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tracker.domain.draft import alike
from tracker.domain.model import Person
from tracker.domain.sentence import Sentence, counted
from tracker.exchange.repeated_remarks import RepeatedRemarks
from tracker.exchange.source import Source, harmless


class NamedPeople:
    """Makes people of the source of those who are named by login and name."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._known: dict[str, str] = {}

    def called(self, login: str, name: str = "") -> str:
        """Return what a person is named by in tasks; nothing for nobody."""
        login, name = (" ".join(harmless(text)[0].split()) for text in (login, name))
        if not login or not name or alike(login) == alike(name):
            return self._known.get(alike(login or name), login or name)
        if alike(login) not in self._known:
            self._known[alike(login)] = login
            number = sum(isinstance(each, Person) for each in self._source.entities) + 1
            self._source.entities.append(Person(id=number, login=login, name=name))
        return self._known[alike(login)]


def put_people(
    fields: dict[str, Any],
    names: Iterable[str],
    remarks: RepeatedRemarks,
    row: int,
    column: str,
    place: str,
) -> None:
    """Make the first of some people the assignee of a task, and the others watchers."""
    people = list(dict.fromkeys(filter(None, names)))
    fields["assignee"] = people[0] if people else None
    fields["watchers"] = tuple(people[1:])
    if people[1:]:
        remarks.note(row, column, ", ".join(people), _one_assignee, near=True, place=place)


def _one_assignee(n: int) -> Sentence:
    return counted(
        "A task has one assignee, the first; the others became watchers ({n} task).",
        "A task has one assignee, the first; the others became watchers ({n} tasks).",
        n,
    )
