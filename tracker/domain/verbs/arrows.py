"""The verbs for arrows: linking, return arrows, and sending work back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from tracker.domain import graph, passes, status
from tracker.domain.arrow_fields import ARROW_FIELDS, arrow_values
from tracker.domain.change import Change
from tracker.domain.draft import Draft, Now
from tracker.domain.errors import LoopClosed, Refused
from tracker.domain.model import Link, LinkKind, Pass, Person, System, Task
from tracker.domain.sentence import Sentence, sentence
from tracker.domain.verbs.commands import changed_since, path_name, task_name
from tracker.domain.verbs.field_rules import checked_lag, needs_options, return_options
from tracker.domain.workspace import Workspace


class SendBackPreview(msgspec.Struct, frozen=True):
    """What sending work back from `gate` to `target` would do.

    `reopened` and `recheck` are the tasks that change, `also_built_on` done tasks built on the
    target that are not on the way back. `pass_number` is the pass the target would be in;
    `passes` counts those through this return's loop, against `limit`. `rework_days` is the work
    to be done again, in working days: the likely durations of the gate, and of the target and the
    tasks in between as far as these were begun, times the return's share. `doubts` say what
    speaks against its having happened: that is no reason to refuse, since people may know more
    than the states show. `forgotten` says what was noted down and is no longer there then.
    """

    gate: int
    target: int
    reopened: tuple[int, ...]
    recheck: tuple[int, ...]
    also_built_on: tuple[int, ...]
    pass_number: int
    passes: int
    limit: int | None
    rework_days: float
    link: Link | None
    doubts: tuple[Sentence, ...] = ()
    forgotten: tuple[Sentence, ...] = ()

    @property
    def over(self) -> bool:
        """Whether it exceeds the limit of passes."""
        return self.limit is not None and self.passes > self.limit


def link(
    ws: Workspace,
    _now: Now,
    *,
    source: int,
    target: int,
    lag: float = 0.0,
    ripple: float | None = None,
    share: float | None = None,
) -> Change:
    """Say that `target` needs `source`; raises LoopClosed with the path if that closes a loop."""
    draft = Draft(ws)
    _ends(draft, source, target)
    if source == target:
        raise Refused("{task} cannot depend on itself.", task=task_name(ws, source))
    _refuse_twin(ws, "needs", source, target)
    loop = graph.loop_through(ws, source, target)
    if loop:
        raise LoopClosed(loop, path_name(ws, loop))
    _refuse_overtaken(ws, source, target)
    options = needs_options(lag=lag, ripple=ripple, share=share)
    draft.new(Link, kind="needs", source=source, target=target, **options)
    return draft.change(
        sentence(
            "Linked: {target} needs {source}",
            target=task_name(ws, target),
            source=task_name(ws, source),
        )
    )


def link_return(
    ws: Workspace,
    _now: Now,
    *,
    gate: int,
    target: int,
    escalate_to: str | int | None = None,
    **options: Any,
) -> Change:
    """Say that work may come back from `gate` to `target`; None means the default."""
    draft = Draft(ws)
    _ends(draft, gate, target)
    _refuse_twin(ws, "returns", gate, target)
    _refuse_successor(ws, gate, target)
    draft.new(
        Link,
        kind="returns",
        source=gate,
        target=target,
        escalate_to=draft.named(Person, escalate_to),
        **return_options(**options),
    )
    return draft.change(
        sentence(
            "Return arrow: {gate} may go back to {target}",
            gate=task_name(ws, gate),
            target=task_name(ws, target),
        )
    )


def turn(
    ws: Workspace,
    _now: Now,
    *,
    turned: int,
    source: int,
    target: int,
    lag: float = 0.0,
) -> Change:
    """Say that `target` needs `source`, and make the needs link `turned` a return instead.

    Raises LoopClosed if a loop is left.
    """
    draft = Draft(ws)
    _ends(draft, source, target)
    old = draft.get(Link, turned)
    if old.kind != "needs":
        raise Refused(
            "The arrow {source} → {target} is already a return.",
            source=old.source,
            target=old.target,
        )
    draft.put(replace(old, kind="returns", lag=0.0))
    without = ws.apply(draft.change(sentence("Turned")))
    loop = graph.loop_through(without, source, target)
    if loop:
        raise LoopClosed(loop, path_name(ws, loop))
    _refuse_overtaken(without, source, target)
    _refuse_twin(without, "needs", source, target)
    draft.new(Link, kind="needs", source=source, target=target, lag=checked_lag(lag))
    return draft.change(
        sentence(
            "Linked: {target} needs {source}; {gate} may go back to {back}",
            target=task_name(ws, target),
            source=task_name(ws, source),
            gate=task_name(ws, old.source),
            back=task_name(ws, old.target),
        )
    )


def edit_link(ws: Workspace, _now: Now, *, link: int, **fields: Any) -> Change:
    """Set the `ARROW_FIELDS` of an arrow, and escalate_to; an edited return is planned."""
    draft = Draft(ws)
    old = draft.get(Link, link)
    allowed = {field.name for field in ARROW_FIELDS[old.kind]}
    if old.kind == "returns":
        allowed.add("escalate_to")
    for field in fields.keys() - allowed:
        raise Refused(
            "This arrow has no field {field}; choose from {known}.",
            field=field,
            known=", ".join(sorted(allowed)),
        )
    values = dict(fields)
    if old.kind == "needs":
        known = arrow_values(old) | values
        if known["ripple"] is None and "share" not in values:
            known["share"] = None
        values |= needs_options(**known)
    else:
        known = arrow_values(old)
        known |= {name: value for name, value in values.items() if name in known}
        values |= return_options(**known)
        values["rate_entered"] = old.rate_entered or fields.get("rate") is not None
        if "escalate_to" in values:
            values["escalate_to"] = draft.named(Person, values["escalate_to"])
        values["observed"] = False
    draft.put(replace(old, **values))
    return draft.change(sentence("Edited the arrow {arrow}", arrow=arrow_name(ws, old)))


def unlink(ws: Workspace, _now: Now, *, link: int) -> Change:
    """Remove an arrow."""
    draft = Draft(ws)
    old = draft.get(Link, link)
    draft.delete(old)
    return draft.change(sentence("Removed the arrow {arrow}", arrow=arrow_name(ws, old)))


def preview_send_back(ws: Workspace, *, gate: int, target: int) -> SendBackPreview:
    """Return what sending work back would do.

    Raises Refused where it makes no sense: a dropped end, or a target that is built on the gate.
    """
    draft = Draft(ws)
    _ends(draft, gate, target)
    for end in (gate, target):
        if ws.tasks[end].state == "dropped":
            raise Refused(
                "{task} is dropped, so no work can go back to it or come from it. Reopen it first.",
                task=task_name(ws, end),
            )
    _refuse_successor(ws, gate, target)
    link = graph.arrow(ws, "returns", gate, target)
    inside = status.between(ws, link) if link else graph.between(ws, target, gate)
    recheck = tuple(sorted(t for t in inside if ws.tasks[t].state == "done"))
    also = tuple(
        sorted(
            t
            for t in graph.downstream(ws, target) - inside - {gate, target}
            if ws.tasks[t].state == "done"
        )
    )
    before = ws.tasks[target]
    share = link.share if link else 1.0
    body = {gate, *(t for t in (target, *inside) if passes.begun(ws.tasks[t]))}
    return SendBackPreview(
        gate=gate,
        target=target,
        reopened=(target,),
        recheck=recheck,
        also_built_on=also,
        pass_number=before.pass_number + 1,
        passes=1 + (status.link_passes(ws, link) if link else 1),
        limit=link.limit if link else None,
        rework_days=share * sum(ws.tasks[t].likely or 0.0 for t in body),
        link=link,
        doubts=tuple(_doubts(ws, ws.tasks[gate], ws.tasks[target])),
        forgotten=tuple(
            sentence("{task} no longer waits for: {what}", task=task_name(ws, end), what=what)
            for end in dict.fromkeys((target, gate))
            if (what := ws.tasks[end].waiting_for)
        ),
    )


def _doubts(ws: Workspace, gate: Task, target: Task) -> Iterator[Sentence]:
    if not passes.begun(target):
        yield sentence(
            "{task} has not been started, so there is nothing to redo in it. If it was done,"
            " mark it as done first.",
            task=task_name(ws, target.id),
        )
    if gate.id != target.id and not passes.begun(gate):
        yield sentence(
            "{task} has not been started. Check at which task the fault was found: if at this"
            " one, its pass counts as work done.",
            task=task_name(ws, gate.id),
        )


def send_back(
    ws: Workspace,
    now: Now,
    *,
    gate: int,
    target: int,
    reason: str,
    system: str | int | None = None,
    also: Iterable[int] = (),
    seen: Mapping[int, Task] | None = None,
) -> Change:
    """Send work back: the target opens again, done tasks on the way fall to recheck.

    `also` are done tasks built on the target, off the way, that are to be rechecked too. A return
    arrow that nobody had planned is recorded as observed. Raises Conflict if the target is in
    another pass than it was `seen` in: the same work may have been sent back by somebody else.
    """
    plan = preview_send_back(ws, gate=gate, target=target)
    old = ws.tasks[target]
    if (seen or {}).get(target, old).pass_number != old.pass_number:
        raise changed_since(old, task_name(ws, target), ("passes",))
    reason = reason.strip()
    if not reason:
        raise Refused("Give the reason why the work goes back; others will read it.")
    # What is rechecked anyway may be named as well: a preview shows it beside the others.
    ticked = tuple(task for task in also if task not in plan.recheck)
    for task in ticked:
        if task not in plan.also_built_on:
            raise Refused(
                "{task} is not among the done tasks built on {target}.",
                task=str(task),
                target=task_name(ws, target),
            )
    draft = Draft(ws)
    key = draft.named(System, system)
    opening = Pass(
        number=plan.pass_number, opened=now.at, gate=gate, reason=reason, system=key, who=now.who
    )
    back = draft.put(passes.returned(draft.get(Task, gate), target, now))
    if gate == target:
        draft.put(replace(back, passes=(*back.passes, opening)))
    else:
        draft.put(passes.sent_back(draft.get(Task, target), opening, now))
    for task in (*plan.recheck, *ticked):
        draft.put(passes.in_doubt(draft.get(Task, task), now))
    if plan.link is None:
        draft.new(Link, kind="returns", source=gate, target=target, observed=True)
    return draft.change(
        sentence(
            "Sent back: {gate} → {target} (pass {number}): {reason}",
            gate=task_name(ws, gate),
            target=task_name(ws, target),
            number=plan.pass_number,
            reason=reason,
        )
    )


def _ends(draft: Draft, *tasks: int) -> None:
    for task in tasks:
        draft.get(Task, task)


def _refuse_successor(ws: Workspace, gate: int, target: int) -> None:
    """Refuse that work goes back to what comes after."""
    if gate != target and target in graph.downstream(ws, gate):
        raise Refused(
            "{target} is built on {gate}; work can only go back from a later task to an"
            " earlier one.",
            target=task_name(ws, target),
            gate=task_name(ws, gate),
        )


def _refuse_overtaken(ws: Workspace, source: int, target: int) -> None:
    """Refuse that what a gate sends work back to should need that gate."""
    before = {source} | graph.upstream(ws, source)
    behind = {target} | graph.downstream(ws, target)
    for task in before:
        for back in ws.arrows_out.get(task, ()):
            if back.kind == "returns" and back.target in behind and back.target != task:
                raise Refused(
                    "{arrow} is a return arrow, so {target} cannot come after {gate}. Remove"
                    " the return arrow first.",
                    arrow=arrow_name(ws, back),
                    target=task_name(ws, back.target),
                    gate=task_name(ws, task),
                )


def _refuse_twin(ws: Workspace, kind: LinkKind, source: int, target: int) -> None:
    if old := graph.arrow(ws, kind, source, target):
        raise Refused(
            "There is already an arrow {arrow}; edit or remove it.",
            arrow=arrow_name(ws, old),
        )


def arrow_name(ws: Workspace, link: Link) -> str:
    """Return an arrow as people read it: its ends, and which way it leads."""
    sign = "→" if link.kind == "needs" else "⇢"
    return f"{task_name(ws, link.source)} {sign} {task_name(ws, link.target)}"
