"""What a change does, or would do: what comes into being, what reopens, and what that costs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from tracker.domain import status
from tracker.domain.change import Change, Record
from tracker.domain.model import Department, Entity, Person, Project, System
from tracker.domain.typing import newcomers as typing_newcomers
from tracker.domain.verbs.arrows import SendBackPreview
from tracker.domain.verbs.commands import reasons
from tracker.domain.workspace import Workspace
from tracker.language import _, ngettext, say
from tracker.wording import edit_words, show
from tracker.wording.figures import working_days
from tracker.wording.show import Glyphs, Piece

# So many of the tasks that another one needs are named.
_NAMED = 4
# Of a change of more than so many things it is not told what became of each.
_MANY = 200


class Effects(NamedTuple):
    """Tasks that change alike, under what happens to them; each with a note of a few words."""

    name: str
    tasks: Sequence[tuple[int, str]]


def nothing() -> str:
    """Return what is said where a command had nothing to do."""
    return _("No change.")


def done(record: Record, after: Workspace, glyphs: Glyphs) -> tuple[str, str]:
    """Return what was done and what was left alone, and in which style that is said."""
    change = record.change
    what = _done(record, after, glyphs) if change.edits else nothing()
    if change.left:
        why = say(reasons(change.left))
        return _("{what} · skipped: {why}").format(what=what, why=why), "warn"
    if told := (*change.doubts, *change.contradictions):
        return f" {glyphs.dot} ".join((what, *map(say, told))), "warn"
    return what, "info" if change.edits else "dim"


def _done(record: Record, after: Workspace, glyphs: Glyphs) -> str:
    edits, label = record.change.edits, say(record.change.label)
    if len(edits) <= _MANY and (fields := edit_words.edits(after, record)):
        label = f"{label} {glyphs.dot} {fields}"
    made = [
        str(getattr(edit.after, "name", "") or getattr(edit.after, "login", ""))
        for edit in edits
        if edit.before is None and edit.table in ("departments", "people", "systems")
    ]
    if made and len(made) < 4:
        return _("{what} · new: {names}").format(what=label, names=", ".join(made))
    return label


def newcomers(change: Change, before: Workspace) -> Iterator[tuple[Piece, ...]]:
    """Yield what comes into being because it was named: it may be a slip of something known."""
    texts: dict[type[Entity], str] = {
        Department: _("New department: {name}"),
        Person: _("New person: {name}"),
        System: _("New system: {name}"),
        Project: _("New project: {name}"),
    }
    for new in typing_newcomers.newcomers(change, before):
        pieces: list[Piece] = [(show.text(texts[new.kind].format(name=new.name)), "warn")]
        if new.close:
            pieces += [("  ", "plain"), (show.text(did_you_mean(new.close)), "strong")]
        yield tuple(pieces)


def did_you_mean(names: Sequence[str]) -> str:
    """Ask for what may have been meant by a name."""
    return _("Did you mean {names}?").format(names=", ".join(names))


def unknown(names: Sequence[str], close: Sequence[str]) -> str:
    """Return that names are not known, and ask for what may have been meant."""
    told = _("“{name}” is not known here.").format(name=", ".join(names))
    return f"{told} {did_you_mean(close)}" if close else told


def too_early(ws: Workspace, tasks: Iterable[int]) -> list[str]:
    """Return which of the tasks to be ended need others that stay open, a sentence each."""
    found, ends = [], tuple(tasks)
    for task in ends:
        needed = status.open_predecessors(ws, task) if task in ws.tasks else []
        ahead = [other for other in needed if other.id not in ends]
        if ahead and ws.tasks[task].open:
            text = ngettext(
                "{task} needs {others}, which is still open.",
                "{task} needs {others}, which are still open.",
                len(ahead),
            )
            names = ", ".join(show.name(ws, other.id) for other in ahead[:_NAMED])
            if len(ahead) > _NAMED:
                names += f" +{len(ahead) - _NAMED}"
            found.append(text.format(task=show.name(ws, task), others=names))
    return found


def guessed(found: Iterable[tuple[str, Sequence[str]]]) -> str:
    """Return for which words others were looked for, since they are nowhere."""
    return " ".join(
        _("“{text}” is nowhere; showing {close}.").format(text=text, close=", ".join(close))
        for text, close in found
    )


def waits_for(ws: Workspace, tasks: Sequence[int]) -> str:
    """Return what a sentence on what tasks wait for begins with."""
    if len(tasks) == 1:
        return _("{task} is waiting for").format(task=show.name(ws, tasks[0]))
    text = ngettext("{n} task is waiting for", "{n} tasks are waiting for", len(tasks))
    return text.format(n=len(tasks))


# Sending back


def effects(plan: SendBackPreview, also: Collection[int] = ()) -> Iterator[Effects]:
    """Yield what happens to which tasks; `also` are those that are rechecked too."""
    again = _("pass {n}").format(n=plan.pass_number)
    reopened = [(task, again) for task in plan.reopened]
    if plan.gate not in plan.reopened:
        reopened.append((plan.gate, _("waits for it")))
    yield Effects(_("Reopens"), reopened)
    if recheck := sorted({*plan.recheck, *also}):
        name = _("To be rechecked ({n})").format(n=len(recheck))
        yield Effects(name, [(task, "") for task in recheck])


def also_built_on(plan: SendBackPreview, also: Collection[int] = ()) -> Effects:
    """Return the done tasks that are built on the target and stay as they are."""
    left = [(task, "") for task in plan.also_built_on if task not in also]
    return Effects(_("Also built on it"), left)


def sums(plan: SendBackPreview, glyphs: Glyphs) -> Piece:
    """Return the passes against the limit, and the work done again."""
    told = _("Pass {n} of this loop, no limit").format(n=plan.passes)
    if plan.limit is not None:
        told = _("Pass {n} of {limit} of this loop").format(n=plan.passes, limit=plan.limit)
    if plan.rework_days:
        days = _("{days} of rework").format(days=working_days(plan.rework_days))
        told += f" {glyphs.dot} {days}"
    return told, "alarm" if plan.over else "strong"


def doubts(ws: Workspace, plan: SendBackPreview, glyphs: Glyphs) -> Iterator[Piece]:
    """Yield what speaks against sending back, the worst first, and what is lost by it."""
    if plan.over:
        person = show.person(ws, plan.link.escalate_to) if plan.link else ""
        told = _("Over the limit; nobody is named to be notified.")
        if person:
            told = _("Over the limit: notify {person}.").format(person=person)
        yield f"{glyphs.alarm} {told}", "alarm"
    for doubt in plan.doubts:
        yield f"{glyphs.alarm} {show.text(say(doubt))}", "warn"
    for lost in plan.forgotten:
        yield show.text(say(lost)), "waiting"
    if plan.link is None:
        yield _("There is no return arrow yet; this one is recorded as observed."), "dim"
