"""Who works on a plan in GanttProject, on what, and when they are away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from xml.etree.ElementTree import Element

from tracker.domain.draft import alike
from tracker.domain.model import Absence, Person
from tracker.domain.sentence import Sentence, counted, sentence
from tracker.exchange.foreign.gan_calendar import day_in
from tracker.exchange.repeated_remarks import RepeatedRemarks
from tracker.exchange.source import Source, harmless

_NO_ROLE = ("", "Default:0")


class GanTeam:
    """The people of a plan become people of its source; tasks get those that are on them."""

    def __init__(self, root: Element, source: Source, remarks: RepeatedRemarks) -> None:
        self._source, self._remarks = source, remarks
        self._names: dict[str, str] = {}
        self._away: dict[str, list[Absence]] = {}
        for each in root.iterfind("resources/resource"):
            self._person(each)
        for vacation in root.iterfind("vacations/vacation"):
            self._absence(vacation)
        self._allocations: dict[str, list[Element]] = {}
        for allocation in root.iterfind("allocations/allocation"):
            task = allocation.get("task-id", "").strip()
            self._allocations.setdefault(task, []).append(allocation)
        people = {alike(name): name for name in self._names.values()}
        for at, (key, name) in enumerate(people.items(), 1):
            absences = tuple(self._away.get(key, ()))
            source.entities.append(Person(id=at, login=name, absences=absences))

    def fields(self, task: str, row: int, place: str) -> dict[str, Any]:
        """Return the people on a task: its coordinator does it, the others watch.

        Without a coordinator the first one does it. `notes` are lines on how much they are on it.
        """
        found: dict[str, None] = {}
        notes: list[str] = []
        # The order of the file, the coordinator first.
        allocations = self._allocations.pop(task, [])
        for allocation in sorted(allocations, key=lambda each: each.get("responsible") != "true"):
            key = allocation.get("resource-id", "").strip()
            name = self._names.get(key)
            if name is None:
                why = sentence("This person is not in the file.")
                self._source.warn(row, "resource-id", key, why, place)
                continue
            found[name] = None
            load = allocation.get("load", "").strip()
            if load and load not in ("100", "100.0"):
                notes.append(f"{name}: {load.removesuffix('.0')} %")
                self._remarks.note(row, "", notes[-1], _loads, key="load", place=place)
        if not found:
            return {}
        first, *others = found
        if others:
            why = sentence(
                "A task has one assignee: {first}. The others became watchers.", first=first
            )
            self._source.warn(row, "", ", ".join(found), why, place)
        return {"assignee": first, "watchers": others, "notes": notes}

    def _person(self, resource: Element) -> None:
        name = " ".join(harmless(resource.get("name", ""))[0].split())
        if not name:
            return
        self._names[resource.get("id", "").strip()] = name
        if resource.get("contacts", "").strip() or resource.get("phone", "").strip():
            self._remarks.note(0, "", name, _contacts, key="contacts")
        if resource.get("function", "") not in _NO_ROLE:
            self._remarks.note(0, "", name, _roles, key="function")
        for rate in resource.iterfind("rate"):
            if rate.get("value", "0").strip("0."):
                self._remarks.note(0, "", name, _rates, key="rate")

    def _absence(self, vacation: Element) -> None:
        """Take an absence, which ends where its last day ends: on the day behind."""
        name = self._names.get(vacation.get("resourceid", "").strip())
        first, end = day_in(vacation.get("start", "")), day_in(vacation.get("end", ""))
        if name is None or first is None or end is None or end < first:
            text = " ".join(f"{key}={value}" for key, value in vacation.items())
            why = sentence("This could not be read; it was left out.")
            self._source.warn(0, "vacation", text, why)
            return
        last = max(first, end - timedelta(1))
        self._away.setdefault(alike(name), []).append(Absence(first=first, last=last))


def _loads(count: int) -> Sentence:
    return counted(
        "{n} person is on a task with a part of their time; the notes of the task say so.",
        "{n} people are on a task with a part of their time; the notes of the tasks say so.",
        count,
    )


def _contacts(count: int) -> Sentence:
    return counted(
        "Mail address or phone number of {n} person were not imported.",
        "Mail addresses or phone numbers of {n} people were not imported.",
        count,
    )


def _roles(count: int) -> Sentence:
    return counted(
        "The role of {n} person was not imported.",
        "The roles of {n} people were not imported.",
        count,
    )


def _rates(count: int) -> Sentence:
    return counted(
        "The hourly rates of {n} person were not imported.",
        "The hourly rates of {n} people were not imported.",
        count,
    )
