"""Plans that are kept as they were agreed, to be compared with what became of them."""

from __future__ import annotations

from msgspec.structs import replace

from tracker.domain.change import Change
from tracker.domain.draft import Draft, Now, alike
from tracker.domain.errors import Already, NotFound, Refused
from tracker.domain.model import Baseline, PlannedFinish, PlannedTask
from tracker.domain.sentence import counted, sentence
from tracker.domain.verbs.commands import refuse_stale
from tracker.domain.workspace import Workspace


def take_baseline(
    ws: Workspace,
    now: Now,
    *,
    name: str,
    reason: str = "",
    projects: tuple[int, ...] = (),
    capacity: bool = False,
    plan: tuple[PlannedTask, ...],
    finishes: tuple[PlannedFinish, ...],
) -> Change:
    """Keep a plan under a name that no other one has; see `Baseline`."""
    name, reason = _free(ws, name), " ".join(reason.split())
    if not plan:
        raise Refused("There are no tasks to take a baseline of.")
    draft = Draft(ws)
    draft.new(
        Baseline,
        name=name,
        taken=now.at,
        by=now.who,
        reason=reason,
        projects=projects,
        capacity=capacity,
        plan=plan,
        finishes=finishes,
    )
    return draft.change(
        counted("Baseline {name}: {n} task", "Baseline {name}: {n} tasks", len(plan), name=name)
    )


def rename_baseline(
    ws: Workspace, _now: Now, *, baseline: int | str, to: str, seen: Baseline | None = None
) -> Change:
    """Give a baseline another name; raises Conflict if it has one that was not `seen`."""
    old, draft = find_baseline(ws, baseline), Draft(ws)
    if " ".join(to.split()) == old.name:
        raise Already("{name} already has this name.", name=old.name)
    name = _free(ws, to, old.id)
    refuse_stale(seen or old, old, {"name": name}, old.name)
    new = draft.put(replace(old, name=name))
    return draft.change(sentence("{name}: renamed from {old}", name=new.name, old=old.name))


def delete_baseline(ws: Workspace, _now: Now, *, baseline: int | str) -> Change:
    """Forget a baseline."""
    draft, old = Draft(ws), find_baseline(ws, baseline)
    draft.delete(old)
    return draft.change(sentence("Baseline deleted: {name}", name=old.name))


def find_baseline(ws: Workspace, named: int | str) -> Baseline:
    """Return the baseline of a number or name; raises NotFound with what there is."""
    found = ws.baselines.get(named) if isinstance(named, int) else called(ws, named)
    if found is not None:
        return found
    if not ws.baselines:
        raise NotFound("There is no baseline yet; `tracker baseline take NAME` takes one.")
    raise NotFound(
        "“{name}” is not known here; choose from {known}.",
        name=named,
        known=", ".join(each.name for each in ws.baselines.values()),
    )


def called(ws: Workspace, name: str) -> Baseline | None:
    """Return the baseline of a name, compared as names are."""
    wanted = alike(name)
    return next((each for each in ws.baselines.values() if alike(each.name) == wanted), None)


def next_name(ws: Workspace, word: str) -> str:
    """Return a name that is free: a word and the number of the baseline, as in “Plan 3”."""
    number = len(ws.baselines) + 1
    while called(ws, f"{word} {number}"):
        number += 1
    return f"{word} {number}"


def _free(ws: Workspace, name: str, own: int = 0) -> str:
    """Return a name as it is kept; raises Refused where it is none, or that of another."""
    name = " ".join(name.split())
    if not name:
        raise Refused("Enter a name for the baseline.")
    other = called(ws, name)
    if other is not None and other.id != own:
        raise Refused("There is already a baseline {name}; choose another name.", name=other.name)
    return name
