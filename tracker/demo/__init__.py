"""The demo project, replayed from its data up to today."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

from tracker.domain.calendar import Calendar
from tracker.domain.change import Change
from tracker.domain.draft import Now, together
from tracker.domain.model import (
    Absence,
    Department,
    Entity,
    Item,
    Person,
    Project,
    System,
    SystemState,
)
from tracker.domain.sentence import counted
from tracker.domain.verbs import arrows, commands, upkeep
from tracker.domain.verbs.commands import Command
from tracker.domain.workspace import Workspace
from tracker.language import _

Data = dict[str, Any]
Deed = tuple[str, Command]  # who does it, and what

# Who brings the plan in, who sets dates and priorities, and who says how systems are.
COORDINATOR, OPERATOR = "a.brinkmann", "m.wilczek"
IMPORTED = -44, "08:05"

# Where texts are that are shown: in fields of the rows of a table, and behind a verb of a step.
_TEXTS = {
    "departments": ("name", "short"),
    "systems": ("name",),
    "projects": ("name", "key"),
    "tasks": ("title", "phase", "notes", "later_notes", "tags", "checklist"),
    "people": ("away",),
}
_SAID = {"wait": 4, "back": 5, "system": 5, "baseline": 4}


def story(today: date) -> Iterator[tuple[Now, Command]]:
    """Walk over what happened, oldest first: when and by whom, and the command.

    Everything lies on working days before `today`, the first about two months back. It is the same
    for the same `today`, in the language in use.
    """
    told = _Story(_translated(), _Days(today))
    for (offset, clock), (who, command) in told.steps():
        at = datetime.combine(told.day(offset), time.fromisoformat(clock), UTC)
        yield Now(at=at, today=at.date(), who=who), command


def workspace(today: date) -> Workspace:
    """Return the demo as it is on the morning of `today`."""
    ws = Workspace()
    for now, command in story(today):
        ws = ws.apply(command(ws, now))
    return ws


def texts() -> list[str]:
    """Return the texts of the demo, for the catalogue."""
    return [place[key] for place, key in _texts(_data())]


@cache
def _data() -> Data:
    return tomllib.loads(Path(__file__).with_name("plan.toml").read_text("utf-8"))


def _translated() -> Data:
    data = copy.deepcopy(_data())
    for place, key in _texts(data):
        place[key] = _(place[key])
    return data


def _texts(data: Data) -> Iterator[tuple[Any, Any]]:
    """Walk over the texts that are shown, each as what it is in and where there."""
    for table, fields in _TEXTS.items():
        for row in data[table].values():
            for field in fields:
                if isinstance(row.get(field), str):
                    yield row, field
                else:
                    yield from _listed(row.get(field, []))
    for step in data["history"]["steps"]:
        at = _SAID.get(step[2], len(step))
        if at < len(step):
            yield step, at


def _listed(values: list[Any]) -> Iterator[tuple[Any, Any]]:
    for at, value in enumerate(values):
        if isinstance(value, list):
            yield from _listed(value)
        elif isinstance(value, str):
            yield values, at


class _Days:
    """Days as the data has them; `day(-3)` is three working days before today or the next one."""

    def __init__(self, today: date) -> None:
        self._today = today
        self._calendar = Calendar()

    def __call__(self, told: int | str) -> date:
        if isinstance(told, int):
            return self._calendar.add_working_days(self._today, told)
        if told == "friday":
            return self._friday()
        return self._cutover() + timedelta(days=int(told.removeprefix("cut-over") or "0"))

    def _friday(self) -> date:
        """Return the last working day of the week that is on, or of the next one at the weekend."""
        first = self(0)
        days = [first + timedelta(days=ahead) for ahead in range(5 - first.weekday())]
        return max(day for day in days if self._calendar.is_working(day))

    def _cutover(self) -> date:
        """Return the Sunday some five weeks ahead: no holiday just before or after."""
        last = self(26)
        sunday = last + timedelta(days=6 - last.weekday())
        ahead, after = timedelta(days=-3), timedelta(days=5)
        while self._calendar.working_days_between(sunday + ahead, sunday + after) < 6:
            sunday += timedelta(days=7)
        return sunday


class _Story:
    """The data as commands; a verb of the history is the method of that name."""

    def __init__(self, data: Data, day: _Days) -> None:
        self.day, self._data = day, data
        self._tasks: dict[str, Data] = data["tasks"]
        self._number = {
            table: {key: place for place, key in enumerate(data[table], 1)}
            for table in ("departments", "systems", "projects", "tasks")
        }

    def steps(self) -> Iterator[tuple[tuple[int, str], Deed]]:
        """Walk over the steps: when, by whom, and the command."""
        yield IMPORTED, self._imported()
        for offset, clock, verb, *words in self._data["history"]["steps"]:
            step: Callable[..., Deed] = getattr(self, verb)
            yield (offset, clock), step(*words)

    def _imported(self) -> Deed:
        """Bring the plan in as one change: who there is, the tasks, the returns expected."""
        planned = [name for name, task in self._tasks.items() if "restores" not in task]
        steps: list[Command] = [
            partial(upkeep.set_properties, kind=kind, name=name, values=values, create=True)
            for kind, name, values in self._house()
        ]
        steps += [self._added(name) for name in planned]
        for gate, target, fields in self._data["history"]["returns"]:
            way = partial(arrows.link_return, gate=self._task(gate), target=self._task(target))
            steps.append(partial(way, **fields))
        label = counted("Imported {n} task", "Imported {n} tasks", len(planned))
        return COORDINATOR, together(steps, label)

    def _house(self) -> Iterator[tuple[type[Entity], str, Data]]:
        """Walk over the departments, people, systems and projects, with their names."""
        lanes = {key: row["name"] for key, row in self._data["departments"].items()}
        for order, row in enumerate(self._data["departments"].values(), 1):
            yield Department, row["name"], {**_nameless(row), "order": order}
        for login, row in self._data["people"].items():
            away = tuple(
                Absence(first=self.day(first), last=self.day(last), note=note)
                for first, last, note in row.get("away", ())
            )
            lane = {"department": lanes[row["department"]], "capacity": row["capacity"]}
            yield Person, login, {"name": row["name"], **lane, "absences": away}
        for row in self._data["systems"].values():
            yield System, row["name"], {**_nameless(row), "owner": lanes[row["owner"]]}
        for row in self._data["projects"].values():
            days = {field: self.day(row[field]) for field in ("start", "target")}
            yield Project, row["name"], {**_nameless(row), **days}

    def _added(self, name: str) -> Command:
        """Add a task as planned, with the arrows it needs."""
        task = self._tasks[name]
        fields = {
            key: value
            for key, value in task.items()
            if key not in ("needs", "days", "restores", "later_notes", "checklist")
        }
        fields |= zip(("low", "likely", "high"), task["days"], strict=True)
        fields |= {
            key: self.day(task[key]) for key in ("due", "not_before", "expires") if key in task
        }
        fields |= {key: tuple(task.get(key, ())) for key in ("watchers", "tags")}
        fields["systems"] = tuple(self._system(key) for key in task.get("systems", ()))
        fields["project"] = self._number["projects"][task.get("project", "move")]
        lane = self._data["people"][task["assignee"]]["department"]
        fields["department"] = self._number["departments"][lane]
        fields["checklist"] = self._ticked(name, 0)
        after = tuple(map(self._needed, task.get("needs", ())))
        return partial(commands.add_task, after=after, **fields)

    def _needed(self, told: str) -> tuple[int, float]:
        name, _plus, lag = told.partition("+")
        return self._task(name), float(lag or 0)

    def _ticked(self, name: str, done: int) -> tuple[Item, ...]:
        texts = self._tasks[name].get("checklist", ())
        return tuple(Item(text=text, done=at < done) for at, text in enumerate(texts))

    def _task(self, name: str) -> int:
        return self._number["tasks"][name]

    def _system(self, key: str) -> int:
        return self._number["systems"][key]

    def _by(self, name: str, command: Callable[..., Change], **fields: Any) -> Deed:
        """Have the assignee of a task do something with it."""
        return self._tasks[name]["assignee"], partial(command, task=self._task(name), **fields)

    # --- the verbs

    def add(self, name: str) -> Deed:
        """Add a task that brings a system up again."""
        system = self._data["systems"][self._tasks[name]["restores"]]["name"]
        values = {"restored_by": self._task(name)}
        restored = partial(upkeep.set_properties, kind=System, name=system, values=values)
        return OPERATOR, together((self._added(name), restored))

    def edit(self, name: str, fields: Data) -> Deed:
        """Set fields of a task."""
        if "due" in fields:
            fields["due"] = self.day(fields["due"])
        return self._by(name, commands.edit_task, **fields)

    def ask(self, name: str, fields: Data) -> Deed:
        """Set fields of a task as the coordinator."""
        return COORDINATOR, self.edit(name, fields)[1]

    def note(self, name: str) -> Deed:
        """Write down what has been learned on the way."""
        return self.edit(name, {"notes": self._tasks[name]["later_notes"]})

    def tick(self, name: str, done: int, spent: float) -> Deed:
        """Tick the first items of a checklist, and book what has been spent so far."""
        return self.edit(name, {"checklist": self._ticked(name, done), "spent": spent})

    def start(self, name: str) -> Deed:
        """Begin, or take up again."""
        return self._by(name, commands.start)

    def finish(self, name: str, spent: float) -> Deed:
        """Finish, and book what has been spent so far, in person-days."""
        who, done = self._by(name, commands.finish)
        return who, together((done, self.edit(name, {"spent": spent})[1]))

    def confirm(self, name: str) -> Deed:
        """Say that a recheck is still good."""
        return self._by(name, commands.confirm)

    def drop(self, name: str) -> Deed:
        """Give a task up."""
        return self._by(name, commands.drop)

    def wait(self, name: str, what: str, follow_up: int) -> Deed:
        """Wait for somebody outside."""
        return self._by(name, commands.wait, waiting_for=what, follow_up=self.day(follow_up))

    def back(self, gate: str, target: str, reason: str, system: str = "") -> Deed:
        """Send work back from a gate."""
        back = partial(arrows.send_back, gate=self._task(gate), target=self._task(target))
        cause = self._system(system) if system else None
        return self._tasks[gate]["assignee"], partial(back, reason=reason, system=cause)

    def baseline(self, name: str, reason: str) -> Deed:
        """Keep the plan as it was agreed."""
        return COORDINATOR, partial(_agreed, name=name, reason=reason)

    def system(self, key: str, state: SystemState, why: str = "") -> Deed:
        """Say how a system is."""
        number = self._system(key)
        return OPERATOR, partial(upkeep.set_system, system=number, state=state, why=why)


def _agreed(ws: Workspace, now: Now, *, name: str, reason: str) -> Change:
    """Take a baseline, with what was forecast then."""
    from tracker.flow.baseline import chances_of, take

    chances = chances_of(ws, now.today, rough=True)
    return take(ws, now, name=name, reason=reason, chances=chances)


def _nameless(row: Data) -> Data:
    """Return the properties of a row other than its name."""
    return {key: value for key, value in row.items() if key != "name"}
