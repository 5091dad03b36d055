"""What of a workspace somebody looks at: some projects, or what concerns a person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

import msgspec

from tracker.domain import status
from tracker.domain.change import Change
from tracker.domain.draft import alike, names_of
from tracker.domain.model import Link, Person, Project, Task
from tracker.domain.verbs.commands import find
from tracker.domain.workspace import Workspace

# Typed for the tasks without a project, which go by this number.
NO_PROJECT = frozenset(("none", "-", "keins", "keine", "ohne"))


class Scope(msgspec.Struct, frozen=True):
    """Some `projects`, 0 being the tasks without one, or all where none is named.

    With the name of a person as `mine`, only what concerns them: what they work on, have asked for
    or watch, and what waits for them.
    """

    projects: tuple[int, ...] = ()
    mine: str = ""

    @property
    def whole(self) -> bool:
        """Whether it is all there is."""
        return not self.projects and not self.mine

    def tasks(self, ws: Workspace) -> Mapping[int, Task]:
        """Return its tasks, in the order of their ids."""
        return ws.tasks if self.whole else _tasks(self, ws)

    def ahead(self, ws: Workspace) -> tuple[int, ...]:
        """Return the projects in which something of it is left to do, by id; 0, the last, is none.

        Dates are those of whole projects: they end with their last task, whoever does it.
        """
        return _ahead(self, ws)

    def known(self, ws: Workspace) -> Scope:
        """Return it without the projects that there are no more; whole if that leaves none."""
        kept = tuple(key for key in self.projects if not key or key in ws.projects)
        return msgspec.structs.replace(self, projects=kept)

    def carried(self, old: Workspace, new: Workspace) -> Scope:
        """Return it by the names of its projects, where numbers are those of others since."""
        names = {alike(old.projects[key].name) for key in self.projects if key in old.projects}
        kept = [key for key, project in new.projects.items() if alike(project.name) in names]
        none = [0] * (0 in self.projects)
        return msgspec.structs.replace(self, projects=(*kept, *none))

    def touches(self, ws: Workspace, change: Change) -> bool:
        """Return whether a change was about something of it, as it was or as it is now."""
        if self.whole:
            return True
        tasks = self.tasks(ws)
        for edit in change.edits:
            for entity in (edit.before, edit.after):
                if isinstance(entity, Project) and entity.id in self.projects:
                    return True
                if isinstance(entity, Link) and not tasks.keys().isdisjoint(
                    (entity.source, entity.target)
                ):
                    return True
                if isinstance(entity, Task) and (entity.id in tasks or self._had(ws, entity)):
                    return True
        return False

    def _had(self, ws: Workspace, task: Task) -> bool:
        """Return whether a task was of it once, as far as can be said of the task alone."""
        if self.projects and (task.project or 0) not in self.projects:
            return False
        return not self.mine or _concerns(task, _people(ws, self.mine))


def named(ws: Workspace, names: Iterable[str], mine: str = "") -> Scope:
    """Return the scope of the projects called so; raises NotFound with what there is."""
    keys = (0 if alike(name) in NO_PROJECT else find(ws, Project, name) for name in names)
    return Scope(tuple(dict.fromkeys(keys)), mine)


def _people(ws: Workspace, name: str) -> Mapping[int, Person]:
    wanted = alike(name)
    return {
        person.id: person for person in ws.people.values() if wanted in map(alike, names_of(person))
    }


def _concerns(task: Task, people: Mapping[int, Person]) -> bool:
    """Return whether somebody works on a task, has asked for it, or watches it."""
    return (
        task.assignee in people
        or task.requester in people
        or any(key in people for key in task.watchers)
    )


# Views, counts and dates of one moment ask for the same one after the other.
@lru_cache(maxsize=4)
def _tasks(scope: Scope, ws: Workspace) -> Mapping[int, Task]:
    found: Iterable[Task] = ws.tasks.values()
    if scope.projects:
        wanted = frozenset(scope.projects)
        found = [task for task in found if (task.project or 0) in wanted]
    if scope.mine:
        found = filter(_mine(ws, scope.mine), found)
    return {task.id: task for task in found}


@lru_cache(maxsize=4)
def _ahead(scope: Scope, ws: Workspace) -> tuple[int, ...]:
    found = {task.project or 0 for task in scope.tasks(ws).values() if task.open}
    return tuple(sorted(found, key=lambda project: (not project, project)))


def _mine(ws: Workspace, name: str) -> Callable[[Task], bool]:
    people = _people(ws, name)
    words = {name.casefold()} | {
        each.casefold() for person in people.values() for each in names_of(person)
    }
    held_up = {task.id for task in ws.tasks.values() if task.open and task.assignee in people}

    def concerns(task: Task) -> bool:
        if _concerns(task, people):
            return True
        if not task.open:
            return False
        if task.waiting_for and task.state == "waiting":
            text = task.waiting_for.casefold()
            if any(word in text for word in words):
                return True
        return bool(held_up) and any(wait.other in held_up for wait in status.waits(ws, task))

    return concerns
