"""Who works on a plan in Microsoft Project, on what, and on which days nobody does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from xml.etree.ElementTree import Element

import msgspec

from tracker.domain.model import Absence, Department, Person
from tracker.domain.sentence import counted, sentence
from tracker.exchange.foreign.mspdi_values import ProjectRecord, moment, nothing_in, whole
from tracker.exchange.source import Source, harmless

# A year and a half of single days off are no plan's.
_MOST_DAYS = 20_000
# What an exception that does not return on single days has as its type: each day of a span.
_DAILY = ("", "1", "9")
_YEARLY = "2"
_WORK = "1"
_LAST_YEAR = 2100
_CAPACITY = 5.0


class Resource(msgspec.Struct):
    """Somebody, or something, that is assigned to tasks; `person` is None for things."""

    name: str
    person: Person | None = None
    group: str = ""


class Assigned(msgspec.Struct):
    """What is assigned to a task: people in order, notes on the others, and work in hours."""

    people: list[str] = []
    notes: list[str] = []
    shares: list[str] = []
    group: str = ""
    work: float = 0.0
    spent: float = 0.0


class Team:
    """The resources of a plan, which its assignments name."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._resources: dict[str, Resource] = {}
        self._records: list[ProjectRecord] = []
        self._told: Counter[str] = Counter()

    def add(self, record: ProjectRecord) -> None:
        """Take a resource."""
        if record.text("Name").strip() and not record.yes("IsNull"):
            self._records.append(record)

    def settle(self, absences: dict[str, tuple[Absence, ...]], *, own: bool) -> None:
        """Make people of resources, and departments of their groups; things stay what they are."""
        initials = Counter(each.text("Initials").strip().casefold() for each in self._records)
        lanes: dict[str, Department] = {}
        for at, record in enumerate(self._records, 1):
            name = " ".join(harmless(record.text("Name"))[0].split())
            resource = self._resources.setdefault(record.text("UID"), Resource(name))
            if record.text("Type") not in ("", _WORK) or record.yes("IsCostResource"):
                continue
            short = record.text("Initials").strip()
            # What the program puts there by itself is the first letter.
            known = own or (len(short) > 1 and initials[short.casefold()] == 1)
            group = resource.group = " ".join(harmless(record.text("Group"))[0].split())
            if group:
                lanes.setdefault(group.casefold(), Department(id=len(lanes) + 1, name=group))
            units = record.number("MaxUnits", 1.0) or 0.0
            resource.person = Person(
                id=at,
                login=short if known and short else name,
                name=name if known and name != short else "",
                department=lanes[group.casefold()].id if group else None,
                capacity=round(_CAPACITY * units, 4) if 0 < units <= 1.4 else _CAPACITY,
                absences=absences.get(record.text("CalendarUID"), ()),
            )
            self._told["email"] += bool(record.text("EmailAddress"))
            rates = ("StandardRate", "OvertimeRate", "CostPerUse")
            self._told["rates"] += any(record.number(each) for each in rates)
            self._told["units"] += units > 1.4
        self._source.entities += lanes.values()
        people = [each.person for each in self._resources.values() if each.person]
        self._source.entities += {each.login.casefold(): each for each in people}.values()

    def assigned(self, records: list[ProjectRecord]) -> Assigned:
        """Return what is assigned to one task."""
        found = Assigned()
        for record in records:
            resource = self._resources.get(record.text("ResourceUID"))
            if resource is None:
                continue
            units = record.number("Units", 1.0) or 0.0
            person = resource.person
            if person is None:
                found.notes.append(f"{resource.name}: {units:g}")
                continue
            if person.login not in found.people:
                found.people.append(person.login)
            found.group = found.group or resource.group
            found.work += max(record.hours("Work") or 0.0, 0.0)
            found.spent += max(record.hours("ActualWork") or 0.0, 0.0)
            if units != 1:
                found.shares.append(f"{resource.name}: {100 * units:g} %")
        return found

    def tell(self) -> None:
        """Report what of people is not taken."""
        texts = {
            "email": counted(
                "The e-mail address of {n} person was not imported.",
                "The e-mail addresses of {n} people were not imported.",
                self._told["email"],
            ),
            "rates": counted(
                "The hourly rates of {n} person were not imported.",
                "The hourly rates of {n} people were not imported.",
                self._told["rates"],
            ),
            "units": counted(
                "{n} person has units of more than a person; read as one who works all week.",
                "{n} people have units of more than a person; read as ones who work all week.",
                self._told["units"],
            ),
        }
        for name, why in texts.items():
            if self._told[name]:
                self._source.warn(0, "", "", why)


class Calendars:
    """The calendars of a plan: the week and the free days of the base, the absences of others."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._exceptions: dict[str, list[Absence]] = {}
        self._weeks: dict[str, frozenset[int]] = {}
        self._odd = 0

    def read(self, calendars: Element | None) -> None:
        """Take all calendars."""
        for calendar in calendars if calendars is not None else ():
            uid = calendar.findtext("UID", "")
            days = calendar.findall("WeekDays/WeekDay")
            worked = {
                # 1 is Sunday there, and Monday is 0 here.
                (int(kind) + 5) % 7
                for day in days
                if (kind := day.findtext("DayType", "")) in "1234567"
                and kind
                and day.findtext("DayWorking", "") in ("1", "true")
            }
            if any(day.findtext("DayType") in ("1", "7") for day in days):
                self._weeks[uid] = frozenset(worked)
            found = [*self._free(calendar, "Exceptions/Exception")]
            # As files before 2007 had them, which later ones repeat.
            found = found or [*self._free(calendar, "WeekDays/WeekDay[DayType='0']")]
            self._exceptions[uid] = found

    def week(self, uid: str) -> frozenset[int]:
        """Return the days of the week that a calendar works on, 0 being Monday."""
        return self._weeks.get(uid, frozenset(range(5)))

    def free_days(self, uid: str) -> frozenset[date]:
        """Return the days on which nobody works by a calendar."""
        found: set[date] = set()
        for away in self._exceptions.get(uid, ()):
            span = min((away.last - away.first).days + 1, _MOST_DAYS - len(found))
            found.update(away.first + timedelta(n) for n in range(span))
        return frozenset(found)

    @property
    def absences(self) -> dict[str, tuple[Absence, ...]]:
        """The days off by calendar."""
        return {uid: tuple(found) for uid, found in self._exceptions.items()}

    def tell(self) -> None:
        """Report the exceptions that are not taken."""
        if self._odd:
            why = counted(
                "{n} exception of calendars is not of whole free days; it was not imported.",
                "{n} exceptions of calendars are not of whole free days; they were not imported.",
                self._odd,
            )
            self._source.warn(0, "", "", why)

    def _free(self, calendar: Element, path: str) -> Iterator[Absence]:
        for each in calendar.iterfind(path):
            first = moment(each.findtext("TimePeriod/FromDate", ""))
            last = moment(each.findtext("TimePeriod/ToDate", ""))
            works = each.findtext("DayWorking", "") in ("1", "true")
            kind = each.findtext("Type", "")
            if not (first and last) or works or last < first:
                self._odd += 1
                continue
            name = " ".join(harmless(each.findtext("Name", ""))[0].split())
            period = each.findtext("Period", "1") in ("", "0", "1")
            if kind in _DAILY and period:
                yield Absence(first=first.date(), last=last.date(), note=name)
            elif kind == _YEARLY and period:
                yield from _yearly(each, first.date(), last.date(), name)
            else:
                self._odd += 1


def _yearly(each: Element, first: date, last: date, name: str) -> Iterator[Absence]:
    """Walk over the days of an exception that comes back every year on its date."""
    month, day = whole(each.findtext("Month", "")), whole(each.findtext("MonthDay", ""))
    for year in range(first.year, min(last.year, _LAST_YEAR) + 1):
        try:
            # Months count from 0 there.
            at = date(year, (first.month - 1 if month is None else month) + 1, day or first.day)
        except ValueError:
            continue
        if first <= at <= last:
            yield Absence(first=at, last=at, note=name)


def costs(record: ProjectRecord) -> bool:
    """Return whether an element has costs, which are not taken."""
    names = ("FixedCost", "Cost", "ActualCost", "RemainingCost", "OvertimeCost")
    return any(record.number(name) for name in names)


def planned(parts: list[dict[str, str]]) -> dict[int, tuple[date | None, date | None, bool]]:
    """Return start and finish of the baselines of a task by number, and whether they say more."""
    found: dict[int, tuple[date | None, date | None, bool]] = {}
    for each in parts:
        at = whole(each.get("Number", "0"))
        start, finish = moment(each.get("Start", "")), moment(each.get("Finish", ""))
        if at is None or each.get("Interim") in ("1", "true") or not (start or finish):
            continue
        more = {name: each.get(name, "") for name in ("Work", "Cost")}
        days = (start.date() if start else None, finish.date() if finish else None)
        found[at] = (*days, not nothing_in(more))
    return found


def said(assigned: Assigned) -> list[str]:
    """Return the lines of notes on what is assigned."""
    return [*assigned.shares, *assigned.notes]


def first_person(source: Source, assigned: Assigned, row: int, place: str) -> dict[str, Any]:
    """Return the fields for the people assigned to a task; that others watch it is told."""
    if not assigned.people:
        return {}
    first, *others = assigned.people
    fields: dict[str, Any] = {"assignee": first}
    if others:
        fields["watchers"] = others
        why = sentence("A task has one assignee: {first}. The others became watchers.", first=first)
        source.warn(row, "", ", ".join(assigned.people), why, place)
    return fields
