"""Adding a file to a workspace: one change, and a report of everything that was doubtful."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Set
from functools import cached_property
from itertools import pairwise
from typing import Any

import msgspec
from msgspec.structs import replace

from tracker.domain import graph
from tracker.domain.change import Change
from tracker.domain.draft import Draft, Named, Now, alike, name_of
from tracker.domain.model import (
    DEFAULT_RATE,
    TABLE_OF,
    Baseline,
    Department,
    Entity,
    Link,
    Pass,
    Person,
    Project,
    SavedFilter,
    Settings,
    System,
    Task,
)
from tracker.domain.sentence import Sentence, counted, sentence
from tracker.domain.verbs.commands import task_name
from tracker.domain.workspace import NOTHING, Workspace, references
from tracker.exchange.comparing import NAMED, NAMED_LISTS
from tracker.exchange.looking_back import Names
from tracker.exchange.outcome import Report, Turned, new_names
from tracker.exchange.relations import written_kind
from tracker.exchange.source import Source, SourceLink, SourceTask, Warned, harmless_value

# Numbers of tasks stay small; one beyond this is some other program's key.
_LARGEST_ID = 1_000_000
_MENTION = re.compile(r"#(\d+)")
_LONGEST_NAME = 60
# Loops are told one by one, with other arrows that could be the return instead, as long as loops
# times arrows stay below this: each takes a walk over all of them, at a microsecond an arrow.
_EXPLAINED = 300_000


class Selection(msgspec.Struct, frozen=True):
    """The part of a file to import.

    `known` are our ids of rows whose tasks are here and stay as they are, `left` the rows that
    are not taken, both by their places; `drawn` are the places of arrows that are to be drawn
    although both their ends are known. A known task gets no other arrows, not even from new ones,
    if `only_drawn` is set. What was remarked on reading `silent` rows, by their
    places, is left out of the report. `names` say what the file means by its names, where its last
    version is known.
    """

    known: Mapping[int, int] = {}
    left: frozenset[int] = frozenset()
    drawn: frozenset[int] = frozenset()
    silent: frozenset[int] = frozenset()
    only_drawn: bool = False
    names: Names | None = None


_WHOLE = Selection()
_NOTHING_YET = Sentence("")
_GIVEN_UP = sentence("Deleted or renamed here; not brought back.")


def lay(source: Source, ws: Workspace, now: Now, part: Selection = _WHOLE) -> tuple[Change, Report]:
    """Return the one change that imports a file, or part of it, and the report on it.

    Numbers of tasks are kept where they are free, names are matched with what is here. Arrows
    that close loops become returns; none is dropped. What is new gets its arrows from and to
    what is here already.
    """
    return _Laying(source, ws, now, part).done()


class _Laying:
    """A source being added to a workspace."""

    def __init__(self, source: Source, ws: Workspace, now: Now, part: Selection) -> None:
        self.source, self.ws, self.now, self.part = source, ws, now, part
        self.kept = part.known
        self.draft = Draft(ws)
        silent = {source.tasks[place].row for place in part.silent} - {0}
        self.warnings = [warned for warned in source.warnings if warned.row not in silent]
        self.approximated = [each for each in source.approximations if each.row not in silent]
        # From the file's ids to ours, by kind.
        self.ids: dict[type[Entity], dict[int, int]] = {}
        self.tasks: list[int] = []
        self._names: dict[type[Entity], dict[str, int]] = {}
        self._lanes: dict[int, set[int | None]] = {}

    def done(self) -> tuple[Change, Report]:
        """Return the change and the report."""
        self._allot_tasks()
        self._entities()
        self._put_tasks()
        self._place_people()
        needs, returns = self._arrows()
        back = self._returns(needs)
        links = self._put_links(needs, returns, back)
        self._rest()
        self._leave_given_up()
        count = sum(1 for _task in self._fresh())
        label = counted(
            "Imported {n} task from {file}",
            "Imported {n} tasks from {file}",
            count,
            **self.source.label_values,
        )
        change = self.draft.change(label)
        after = self.ws.apply(change)
        explain = len(back) * len(needs) <= _EXPLAINED
        turned = tuple(self._turned(after, needs[at], explain) for at in back)
        report = Report(
            tasks=count,
            links=links,
            returns=turned,
            skipped=tuple(sorted(self.source.skipped, key=lambda s: s.row)),
            warnings=tuple(sorted(self.warnings, key=lambda w: w.row)),
            columns=tuple(column for _at, column in sorted(self.source.columns.items())),
            new_names=new_names(change, self.ws),
            approximated=tuple(sorted(self.approximated, key=lambda each: each.row)),
            format=self.source.format,
            program=self.source.program,
        )
        return change, report

    def _warn(self, row: int, column: str, value: object, why: Sentence) -> None:
        self.warnings.append(Warned(row, column, harmless_value(value), why))

    # --- ids -----------------------------------------------------------------------------------

    def _fresh(self) -> Iterator[tuple[int, SourceTask]]:
        """Walk over the rows that become tasks, with their places."""
        for place, task in enumerate(self.source.tasks):
            if place not in self.kept and place not in self.part.left:
                yield place, task

    def _allot_tasks(self) -> None:
        """Let tasks keep their numbers where these are free, and report where they are not."""
        fresh = list(self._fresh())
        ids = _allotted(self.ws.last_ids["tasks"], [task.wanted for _place, task in fresh])
        given = dict(zip((place for place, _task in fresh), ids, strict=True)) | dict(self.kept)
        self.tasks = [given.get(place, 0) for place in range(len(self.source.tasks))]
        mapped = self.ids.setdefault(Task, {})
        for task, id in zip(self.source.tasks, self.tasks, strict=True):
            if task.wanted is not None and id:
                mapped[task.wanted] = id
        lost = 0
        moved: list[tuple[SourceTask, int]] = []
        for place, task in fresh:
            if task.number and task.wanted is None and not task.fields.get("origin"):
                lost += 1
            elif task.wanted not in (None, given[place]):
                moved.append((task, given[place]))
        self._tell_moved(moved)
        if lost:
            why = counted(
                "{n} task was renumbered because its own number cannot be kept; the old number"
                " is in the notes.",
                "{n} tasks were renumbered because their own numbers cannot be kept; the old"
                " numbers are in the notes.",
                lost,
            )
            self._warn(0, self.source.id_column, "", why)

    def _tell_moved(self, moved: list[tuple[SourceTask, int]]) -> None:
        """Report tasks that could not keep their numbers; numbers in a row in one line."""
        first = 0
        for at, (task, id) in enumerate(moved, 1):
            following = moved[at] if at < len(moved) else None
            wanted = task.wanted or 0
            runs_on = following and (following[0].wanted, following[1]) == (wanted + 1, id + 1)
            if runs_on and wanted > 0:
                continue
            start, now = moved[first]
            numbers, why = (
                task.number,
                sentence("This number is taken; the task is now {id}.", id=id),
            )
            if not 0 < wanted <= _LARGEST_ID:
                why = sentence("No task can have this number; the task is now {id}.", id=id)
            elif start is not task:
                numbers = f"{start.number}–{task.number}"
                why = sentence(
                    "These numbers are taken; the tasks are now {first} to {last}.",
                    first=now,
                    last=id,
                )
            self._warn(start.row, self.source.id_column, numbers, why)
            first = at

    @cached_property
    def _project(self) -> str | None:
        """The project of tasks that name none: that of those which were here already, if any."""
        old = [self.ws.tasks[id].project for id in self.kept.values()]
        if self.source.chosen or not any(old):
            name = self.source.project
            if name and self.source.named_by_file:
                why = sentence(
                    "The list names no project; {project} was taken from the file name.",
                    project=name,
                )
                self._warn(0, "", "", why)
            return name
        ((most, _count),) = Counter(filter(None, old)).most_common(1)
        name = self.ws.projects[most].name
        why = sentence(
            "New tasks without a project belong to {project}, as most of this list does.",
            project=name,
        )
        self._warn(0, "", "", why)
        return name

    def _entities(self) -> None:
        """Import the entities the file holds in full; existing ones of that name stay unchanged."""
        for kind in (Department, Person, Project, System):
            self._match(kind)
        for entity in self.source.entities:
            if type(entity) not in self._names:
                continue
            moved = self._moved(entity)
            found = self.ws.table(type(moved)).get(moved.id)
            if found is None:
                self.draft.put(moved)
            elif found != moved:
                why = sentence("Already here; unchanged.")
                self._warn(0, TABLE_OF[type(moved)], _title_of(moved), why)

    def _leave_given_up(self) -> None:
        """Take out again what was deleted here since, where nothing that comes in names it."""
        while names := self.part.names:
            coming = [edit.after for edit in self.draft.change(_NOTHING_YET).edits if edit.after]
            used = {key for entity in coming for key in references(entity)}
            left = [
                entity
                for entity in coming
                if isinstance(entity, Named)
                and entity.id not in self.ws.table(type(entity))
                and alike(name_of(entity)) in names.gone(type(entity))
                and (TABLE_OF[type(entity)], entity.id) not in used
            ]
            if not left:
                break
            for entity in left:
                self.draft.delete(entity)
                self._warn(0, TABLE_OF[type(entity)], name_of(entity), _GIVEN_UP)

    def _match(self, kind: type[Named]) -> None:
        """Find out which things of a kind are here by name, and allot ids to the others."""
        own: list[Named] = [entity for entity in self.source.entities if isinstance(entity, kind)]
        here: Mapping[str, int]
        if self.part.names:
            here = self.part.names.here(kind)
        else:
            here = {_called(entity): entity.id for entity in self.ws.table(kind).values()}
        fresh = [entity for entity in own if _called(entity) not in here]
        ids = _allotted(self.ws.last_ids[TABLE_OF[kind]], [entity.id for entity in fresh])
        mapped = self.ids.setdefault(kind, {})
        mapped.update(zip((entity.id for entity in fresh), ids, strict=True))
        for entity in own:
            if _called(entity) in here:
                mapped[entity.id] = here[_called(entity)]
        self._names[kind] = {_called(entity): mapped[entity.id] for entity in fresh}

    def _moved(self, entity: Entity) -> Entity:
        """Return an entity of the file with our ids in place of the file's."""
        moved = replace(entity, id=self.ids[type(entity)][entity.id])
        match moved:
            case Person():
                return replace(moved, department=self._ours(Department, moved.department))
            case System():
                return replace(
                    moved,
                    owner=self._ours(Department, moved.owner),
                    restored_by=self._ours(Task, moved.restored_by),
                )
        return moved

    def _ours(self, kind: type[Entity], id: int | None) -> int | None:
        """Return our id for one of the file; None for what the file does not hold."""
        return None if id is None else self.ids.get(kind, {}).get(id)

    def _id(self, kind: type[Named], name: str | int | None) -> int | None:
        """Return our id for an id of the file, or for a name, which is created if unknown."""
        if isinstance(name, int):
            return self._ours(kind, name)
        known = self._names.get(kind, {}).get(alike(name or ""))
        if known is None and self.part.names:
            known = self.part.names.here(kind).get(alike(name or ""))
        return known if known is not None else self.draft.named(kind, name)

    # --- tasks ---------------------------------------------------------------------------------

    def _put_tasks(self) -> None:
        for place, task in self._fresh():
            values = dict(task.fields)
            if values.get("project") is None:
                values["project"] = self._project
            for field, kind in NAMED.items():
                values[field] = self._id(kind, values.get(field))
            for field, kind in NAMED_LISTS.items():
                found = (self._id(kind, name) for name in values.get(field, ()))
                values[field] = tuple(dict.fromkeys(id for id in found if id is not None))
            values["tags"] = tuple(dict.fromkeys(values.get("tags", ())))
            values["waiting_for"] = _MENTION.sub(self._mention, values.get("waiting_for", ""))
            values["passes"] = tuple(self._pass(done) for done in values.get("passes", ()))
            values = {"created": self.now.at, "modified": self.now.at, **values}
            self.draft.new(Task, id=self.tasks[place], **values)
            if values["assignee"] is not None:
                self._lanes.setdefault(values["assignee"], set()).add(values["department"])

    def _mention(self, found: re.Match[str]) -> str:
        ours = self._ours(Task, int(found[1][:18]))
        return found[0] if ours is None else f"#{ours}"

    def _pass(self, done: Pass) -> Pass:
        return replace(
            done,
            gate=self._ours(Task, done.gate),
            returned_to=self._ours(Task, done.returned_to),
            system=self._ours(System, done.system),
        )

    def _place_people(self) -> None:
        """Put people who are new here into the one department that all their tasks are of."""
        told = set(self.ids.get(Person, {}).values())
        placed: list[str] = []
        for id, lanes in self._lanes.items():
            person = self.draft.get(Person, id)
            lane = next(iter(lanes)) if len(lanes) == 1 else None
            if id > self.ws.last_ids["people"] and id not in told and lane is not None:
                self.draft.put(replace(person, department=lane))
                department = self.draft.get(Department, lane).name
                placed.append(f"{harmless_value(person.login)} ({harmless_value(department)})")
        if placed:
            why = counted(
                "{n} new person was put into the department of all their tasks: {people}.",
                "{n} new people were put into the department of all their tasks: {people}.",
                len(placed),
                people=", ".join(placed),
            )
            self._warn(0, "", "", why)

    # --- arrows --------------------------------------------------------------------------------

    def _arrows(self) -> tuple[list[SourceLink], list[SourceLink]]:
        """Return the arrows to be drawn, by kind; twins and those to itself are reported."""
        kept: dict[str, list[SourceLink]] = {"needs": [], "returns": []}
        seen: set[tuple[str, int, int]] = set()
        for at, link in enumerate(self.source.links):
            if not self._is_new(at, link):
                continue
            if link.kind == "needs" and link.source == link.target:
                why = sentence("A task cannot depend on itself; the arrow was skipped.")
                self._warn(link.row, link.column, link.value, why)
            elif (link.kind, link.source, link.target) in seen:
                why = sentence("Duplicate arrow; drawn once.")
                self._warn(link.row, link.column, link.value, why)
            else:
                seen.add((link.kind, link.source, link.target))
                kept[link.kind].append(link)
        return kept["needs"], kept["returns"]

    def _is_new(self, at: int, link: SourceLink) -> bool:
        """Return whether an arrow is to be drawn: both its ends are there, and not all is known."""
        ends = {link.source, link.target}
        if at in self.part.drawn:
            for place in ends & self.part.left:
                row = self.source.tasks[place]
                why = sentence(
                    "The arrow was not drawn, as row {row} was not imported.", row=row.row
                )
                self._warn(link.row, link.column, link.value, why)
            return not ends & self.part.left
        # Whose predecessor or return it is.
        whose = link.target if link.kind == "needs" else link.source
        known = {whose} if self.part.only_drawn else ends
        return not ends & self.part.left and not known <= self.kept.keys()

    def _returns(self, needs: list[SourceLink]) -> list[int]:
        """Return the places of the arrows that become returns, beside what is here already too."""
        back = set(_returns_among(needs))
        if not self.kept:
            return sorted(back)
        ahead: dict[int, list[int]] = {}

        def onward(at: int) -> Iterator[int]:
            yield from graph.successors(self.ws, at)
            yield from ahead.get(at, ())

        # An arrow from a later row to an earlier one is the likelier return.
        ranked = sorted(enumerate(needs), key=lambda arc: arc[1].source > arc[1].target)
        arcs = [(at, self.tasks[x.source], self.tasks[x.target]) for at, x in ranked]
        arcs = [arc for arc in arcs if arc[0] not in back]
        for _at, source, target in arcs:
            ahead.setdefault(source, []).append(target)
        # Only an arrow within a component of all of them together can close a loop.
        parts = graph.components({*ahead, *self.ws.tasks}, onward)
        part = {task: at for at, tasks in enumerate(parts) for task in tasks}
        ahead.clear()
        for at, source, target in arcs:
            if part[source] == part[target] and source in graph.reach(target, onward):
                back.add(at)
            else:
                ahead.setdefault(source, []).append(target)
        return sorted(back)

    def _put_links(
        self, needs: list[SourceLink], returns: list[SourceLink], back: list[int]
    ) -> int:
        """Draw the arrows, those of `back` as returns, and return how many there are."""
        planned = {(link.source, link.target) for link in returns}
        turned = set(back)
        drawn: list[tuple[SourceLink, dict[str, Any]]] = []
        overtaking = self._overtaking(needs, turned)
        for at, link in enumerate(needs):
            if at in overtaking:
                continue
            if at not in turned:
                drawn.append((link, {**link.options, "kind": "needs"}))
            elif (link.source, link.target) not in planned:
                options = {k: v for k, v in link.options.items() if k != "lag"}
                drawn.append((link, {**options, "kind": "returns"}))
            if at in turned and link.options.get("lag"):
                why = sentence("The arrow became a return, which has no lag.")
                self._warn(link.row, link.column, link.value, why)
        for link in returns:
            escalate = self._ours(Person, link.options.get("escalate_to"))
            drawn.append((link, {**link.options, "kind": "returns", "escalate_to": escalate}))
        drawn = list(self._allowed(drawn))
        ids = _allotted(self.ws.last_ids["links"], [link.wanted for link, _ in drawn])
        for id, (link, options) in zip(ids, drawn, strict=True):
            ends = {"source": self.tasks[link.source], "target": self.tasks[link.target]}
            self.draft.new(Link, id=id, **ends, **options)
        return len(drawn)

    def _overtaking(self, needs: list[SourceLink], turned: Set[int]) -> set[int]:
        """Return the arrows that would put what a gate here sends work back to behind that gate.

        They are reported by the names of both.
        """
        backs = [
            link
            for link in (self.ws.links.values() if self.kept else ())
            if link.kind == "returns" and link.source != link.target
        ]
        ahead: dict[int, list[int]] = {}

        def onward(at: int) -> Iterator[int]:
            if at in self.ws.tasks:
                yield from graph.successors(self.ws, at)
            yield from ahead.get(at, ())

        def overtaken(these: list[Link]) -> list[Link]:
            return [back for back in these if back.target in graph.reach(back.source, onward)]

        fresh = [(at, link) for at, link in enumerate(needs) if at not in turned]
        before = overtaken(backs)
        for _at, link in fresh:
            ahead.setdefault(self.tasks[link.source], []).append(self.tasks[link.target])
        backs = [back for back in overtaken(backs) if back not in before]
        found: set[int] = set()
        ahead.clear()
        for at, link in fresh if backs else ():
            here = ahead.setdefault(self.tasks[link.source], [])
            here.append(self.tasks[link.target])
            for back in overtaken(backs)[:1]:
                here.pop()
                found.add(at)
                why = sentence(
                    "{gate} may send work back to {target}, so {target} cannot come after it; the"
                    " arrow was skipped. Remove the return arrow first.",
                    gate=task_name(self.ws, back.source),
                    target=task_name(self.ws, back.target),
                )
                self._warn(link.row, link.column, link.value, why)
        return found

    def _allowed(
        self, drawn: list[tuple[SourceLink, dict[str, Any]]]
    ) -> Iterator[tuple[SourceLink, dict[str, Any]]]:
        """Walk over arrows without the returns no plan may have, which are reported."""
        ahead: dict[int, list[int]] = {}
        for link, options in drawn:
            if options["kind"] == "needs":
                ahead.setdefault(self.tasks[link.source], []).append(self.tasks[link.target])

        def onward(at: int) -> Iterator[int]:
            if at in self.ws.tasks:
                yield from graph.successors(self.ws, at)
            yield from ahead.get(at, ())

        order = graph.components({*ahead, *self.ws.tasks}, onward)
        # What comes after a task has a lower rank.
        rank = {task: at for at, tasks in enumerate(order) for task in tasks}

        def comes_after(task: int, gate: int) -> bool:
            low = rank.get(task)
            # A new task without arrows comes after nothing.
            if low is None or low >= rank.get(gate, low):
                return False
            return task in graph.reach(
                gate, lambda at: (to for to in onward(at) if rank[to] >= low)
            )

        rates: dict[int, float] = {}
        for link, options in drawn:
            if options["kind"] == "needs":
                yield link, options
                continue
            gate, target = self.tasks[link.source], self.tasks[link.target]
            if gate not in rates:
                there = self.ws.arrows_out.get(gate, ())
                rates[gate] = sum(each.rate for each in there if each.kind == "returns")
            rate = options.get("rate", DEFAULT_RATE)
            if gate != target and comes_after(target, gate):
                why = sentence(
                    "{target} comes after {gate}, so no work can go back to it; the return"
                    " arrow was skipped.",
                    target=self._titled(link.target),
                    gate=self._titled(link.source),
                )
            elif rates[gate] + rate > 1 - NOTHING:
                why = sentence(
                    "With this arrow, work would never get past {gate}: its return rates add"
                    " up to {sum:.0%}. The return arrow was skipped.",
                    gate=self._titled(link.source),
                    sum=rates[gate] + rate,
                )
            else:
                rates[gate] += rate
                yield link, options
                continue
            self._warn(link.row, link.column, link.value, why)

    def _titled(self, place: int) -> str:
        return f"{self.tasks[place]} {self.source.tasks[place].fields['title']}"

    def _turned(self, after: Workspace, link: SourceLink, explain: bool) -> Turned:
        """Report an arrow that became a return; to `explain`, its loop and the alternatives."""
        turned = self._turned_back(after, link, explain)
        if (kind := written_kind(link)) is None:
            return turned
        # As it is written it closes no loop, perhaps.
        why = sentence("{loop} In the file it is {kind}.", loop=turned.why, kind=kind)
        return replace(turned, why=why)

    def _turned_back(self, after: Workspace, link: SourceLink, explain: bool) -> Turned:
        gate, target = self.tasks[link.source], self.tasks[link.target]
        way = graph.path(after, target, gate) if explain else ()
        if not way:
            why = sentence(
                "The arrow from {gate} back to {target} became a return to break the loop.",
                gate=_name(after, gate),
                target=_name(after, target),
            )
            return Turned(gate, target, link.row, why)
        between = graph.between(after, target, gate) - set(way)
        path = " → ".join([*(_name(after, task) for task in way), str(target)])
        if between:
            loop = sentence(
                "{path} is a loop, with other paths through {others}; the arrow from {gate}"
                " back to {target} became a return.",
                path=path,
                others=", ".join(_name(after, task) for task in sorted(between)),
                gate=gate,
                target=target,
            )
        else:
            loop = sentence(
                "{path} is a loop; the arrow from {gate} back to {target} became a return.",
                path=path,
                gate=gate,
                target=target,
            )
        if others := list(_bridges(after, way)):
            arrows = ", ".join(f"{a} → {b}" for a, b in others)
            choice = sentence("Alternatives: {arrows}.", arrows=arrows)
        else:
            choice = sentence("No other single arrow would break the loop.")
        why = sentence("{loop} {choice}", loop=loop, choice=choice)
        return Turned(gate, target, link.row, why)

    # --- the rest ------------------------------------------------------------------------------

    def _rest(self) -> None:
        """Import settings, baselines and saved filters, if the file has them."""
        for entity in self.source.entities:
            match entity:
                case Settings():
                    if 1 not in self.ws.settings:
                        self.draft.put(entity)
                    elif entity != self.ws.preferences:
                        why = sentence("Already set here; unchanged.")
                        self._warn(0, "settings", "", why)
                case Baseline():
                    baseline = self._baseline(entity)
                    if not (self.source.ours and self._is_planned(baseline)):
                        self._add(baseline)
                case SavedFilter():
                    self._add(entity)

    def _baseline(self, there: Baseline) -> Baseline:
        """Return a baseline of the file with our ids; what is not in the file falls out."""

        def project(key: int) -> int | None:
            return self._ours(Project, key) if key else 0

        return replace(
            there,
            projects=tuple(ours for key in there.projects if (ours := project(key)) is not None),
            plan=tuple(
                row._replace(
                    id=ours,
                    department=self._ours(Department, row.department),
                    project=self._ours(Project, row.project),
                )
                for row in there.plan
                if (ours := self._ours(Task, row.id)) is not None
            ),
            finishes=tuple(
                row._replace(project=ours)
                for row in there.finishes
                if (ours := project(row.project)) is not None
            ),
        )

    def _is_planned(self, baseline: Baseline) -> bool:
        """Return whether a baseline here says the same of its tasks.

        Other programs number them, so that none comes back under its name.
        """
        days = {(row.id, row.start, row.finish) for row in baseline.plan}
        return any(
            days <= {(row.id, row.start, row.finish) for row in here.plan}
            for here in self.ws.baselines.values()
        )

    def _add(self, entity: Baseline | SavedFilter) -> None:
        """Add a baseline or a filter, unless one of that name is here, or was and was given up."""
        kind, name = type(entity), alike(entity.name)
        here = name in {alike(there.name) for there in self.ws.table(kind).values()}
        names = self.part.names
        if here or (names and (name in names.here(kind) or name in names.gone(kind))):
            why = sentence("Already here; unchanged.") if here else _GIVEN_UP
            self._warn(0, TABLE_OF[type(entity)], entity.name, why)
            return
        free = entity.id > self.ws.last_ids[TABLE_OF[type(entity)]]
        id = entity.id if free else self.draft.next_id(type(entity))
        self.draft.new(type(entity), **{**_fields(entity), "id": id})


def _allotted(last: int, wanted: list[int | None]) -> list[int]:
    """Return ids above `last`: those wanted where they are free, the next free ones otherwise."""
    taken: set[int] = set()
    kept: list[int | None] = []
    for id in wanted:
        keep = id is not None and last < id <= max(last, _LARGEST_ID) and id not in taken
        kept.append(id if keep else None)
        if id is not None and keep:
            taken.add(id)
    following = max(last, *taken) if taken else last
    ids = []
    for id in kept:
        if id is None:
            following += 1
        ids.append(following if id is None else id)
    return ids


def _returns_among(needs: list[SourceLink]) -> list[int]:
    """Return the places of the arrows that become returns, so that the others form no loop.

    The heuristic for large components may take one too many; that is put back, unless there are
    so many that looking at each would take minutes.
    """
    arcs = [(link.source, link.target) for link in needs]
    order = {end: end for arc in arcs for end in arc}
    back = graph.feedback_arcs(arcs, order)
    if not back:
        return []
    turned = set(back)
    ahead: dict[int, list[int]] = {}
    for at, (source, target) in enumerate(arcs):
        if at not in turned:
            ahead.setdefault(source, []).append(target)
    for at in back if len(back) * len(arcs) <= _EXPLAINED else ():
        source, target = arcs[at]
        if source not in graph.reach(target, lambda at: ahead.get(at, ())):
            turned.discard(at)
            ahead.setdefault(source, []).append(target)
    return sorted(turned)


def _bridges(ws: Workspace, way: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """Walk over the arrows of a way without which its end cannot be reached from its start.

    One walk for all of them: what can be reached without an arrow of the way is what can be without
    it and all behind it, or is behind it on the way.
    """
    place = {task: at for at, task in enumerate(way)}
    seen, farthest = {way[0]}, 0
    for start, cut in enumerate(pairwise(way)):
        front = [way[start]]
        while front:
            here = front.pop()
            for to in graph.successors(ws, here):
                if here in place and place.get(to) == place[here] + 1:
                    continue
                farthest = max(farthest, place.get(to, 0))
                if to not in seen:
                    seen.add(to)
                    front.append(to)
        if farthest <= start:
            yield cut


def _name(ws: Workspace, task: int) -> str:
    """Name a task in a report: not every title is as short as a title should be."""
    name = task_name(ws, task)
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"


def _called(entity: Named) -> str:
    """Return the name of an entity, as it compares."""
    return alike(_title_of(entity))


def _title_of(entity: Entity) -> str:
    """Return the key that identifies an entity without a number among its kind."""
    return str(getattr(entity, "login", None) or getattr(entity, "name", entity.id))


def _fields(entity: Entity) -> dict[str, Any]:
    return {name: getattr(entity, name) for name in entity.__struct_fields__}
