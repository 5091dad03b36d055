"""The calls that change the plan."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from tracker import typed_verbs
from tracker.cli.call import DONE, REFUSED, Call, Context
from tracker.cli.printer import Printer, TableCell
from tracker.domain import status
from tracker.domain.change import Change, Record
from tracker.domain.draft import Now
from tracker.domain.errors import BadInput, LoopClosed
from tracker.domain.model import Link, Task
from tracker.domain.properties import NOUNS
from tracker.domain.typing.vocabulary import system_state_from_word
from tracker.domain.verbs import arrows, commands
from tracker.domain.workspace import Workspace
from tracker.language import N_, _, say
from tracker.wording import change_words, edit_words

if TYPE_CHECKING:
    from tracker.flow.forecast.inquiry import Difference


def _takes_away(args: argparse.Namespace) -> bool:
    """Return whether a noun is to change what there is, which a new workspace cannot have."""
    options = ("rename", "into", "delete")
    return any(getattr(args, option, None) not in (None, False) for option in options)


def carry_out(name: str, context: Context) -> int:
    """Carry out a verb, and say what came of it."""
    args, printer = context.args, context.printer
    command = typed_verbs.VERBS[name].command(args, context.today, context.who)
    begins = name == "add" or (name in NOUNS and not _takes_away(args))
    with context.open(create=begins) as session:
        before = session.workspace

        def seen(ws: Workspace, now: Now) -> Change:
            nonlocal before
            before = ws
            return command(ws, now)

        try:
            try:
                record = session.do(seen)
            except typed_verbs.LikeKnown as error:
                if not printer.confirms(say(error.question) + " " + _("Create it?")):
                    raise
                args.new = True
                command = typed_verbs.VERBS[name].command(args, context.today, context.who)
                record = session.do(seen)
        except LoopClosed as error:
            if name != "link":
                raise
            printer.note(f"tracker: {say(error)}")
            call = f"link {args.source} {args.target} --return"
            printer.note(_("`tracker {call}` draws the return arrow.").format(call=call))
            return REFUSED
        after = session.workspace
    if not all(left.already for left in record.change.left):
        context.code = REFUSED
    _tell_born(printer, record, before)
    if printer.wants_json:
        printer.json(_result(name, context, before, after, record))
    elif not record.change.edits:
        printer.line(change_words.nothing())
    else:
        fields = edit_words.edits(after, record) if name == "edit" else ""
        if name == "add":
            fields = edit_words.days_read(record, context.today)
        printer.line(" · ".join(filter(None, (say(record.change.label), fields))))
        if name == "system" and args.values and system_state_from_word(args.values[0]):
            from tracker.cli.text_output import print_affected

            print_affected(printer, after, args.name)
        elif name == "back":
            from tracker.cli.text_output import print_send_back

            plan = arrows.preview_send_back(before, gate=args.gate, target=args.target)
            print_send_back(printer, after, plan, typed_verbs.also(args))
    if name == "done":
        for text in change_words.too_early(before, typed_verbs.tasks_named(args)):
            printer.note(f"tracker: {text}")
    for left in record.change.left:
        printer.note(f"tracker: {say(left.reason)}")
    return context.code


def _result(
    name: str, context: Context, before: Workspace, after: Workspace, record: Record
) -> object:
    """Return what scripts read about a change."""
    from tracker.cli.json_output import send_back_form, system_form

    args = context.args
    found: list[dict[str, object]]
    match name:
        case "add":
            found = [{"id": task.id} for task in record.change.born(Task)]
        case "link":
            kind = "returns" if args.returns else "needs"
            return {"from": args.source, "to": args.target, "kind": kind}
        case "unlink":
            links = (edit.before for edit in record.change.edits)
            kind = next(link.kind for link in links if isinstance(link, Link))
            return {"from": args.source, "to": args.target, "kind": kind}
        case "settings":
            return {"label": say(record.change.label)}
        case "system" if args.values:
            return system_form(after, args.name)
        case "project" | "department" | "person" | "system":
            return {
                "name": args.rename or args.into or args.name,
                "label": say(record.change.label),
            }
        case "back":
            plan = arrows.preview_send_back(before, gate=args.gate, target=args.target)
            p80s = _p80s(before, after, _compared(before, after, args.gate, context.today))
            return send_back_form(plan, typed_verbs.also(args), p80s)
        case "done" | "start" | "reopen":
            tasks = typed_verbs.tasks_named(args)
            following = _following(tasks, before, after, record)
            found = [
                _form(task, after, record)
                | (_ahead(before, task) if name == "done" else {})
                | following.get(task, {})
                for task in tasks
            ]
        case _:
            found = [_form(task, after, record) for task in typed_verbs.tasks_named(args)]
    return found[0] if len(found) == 1 else found


def _ahead(ws: Workspace, task: int) -> dict[str, object]:
    """Return which predecessors of a task were open, if any were."""
    found = status.open_predecessors(ws, task) if task in ws.tasks else []
    return {"open_predecessors": [each.id for each in found]} if found else {}


def _compared(before: Workspace, after: Workspace, gate: int, today: date) -> Difference | None:
    """Return what a change does to the date of a gate's project; None without a forecast."""
    from tracker.flow.forecast.inquiry import differences
    from tracker.flow.forecast.portfolio import project_of

    try:
        *_first, found = differences(before, after, today, project_of(before.tasks[gate]))
    except BadInput:
        return None
    return found


def _p80s(
    before: Workspace, after: Workspace, found: Difference | None
) -> tuple[date | None, date | None]:
    """Return the P80 dates before and after a change; None where nothing is left to do."""
    if found is None:
        return None, None
    open_before, open_after = (any(t.open for t in ws.tasks.values()) for ws in (before, after))
    return found.dates[0] if open_before else None, found.dates[1] if open_after else None


def _following(
    tasks: Iterable[int], before: Workspace, after: Workspace, record: Record
) -> dict[int, dict[str, object]]:
    """Return, for tasks that repeat or expire, the numbers of the tasks they returned as."""
    returned = [
        task
        for task in dict.fromkeys(tasks)
        if task in before.tasks
        and (old := before.tasks[task])
        and (new := after.tasks.get(task))
        and (old.recurrence, old.expires) != (new.recurrence, new.expires)
    ]
    # Each takes its number when it is its turn.
    numbers = sorted(task.id for task in record.change.born(Task))
    return {task: {"returned_as": number} for task, number in zip(returned, numbers, strict=True)}


def _form(task: int, after: Workspace, record: Record) -> dict[str, object]:
    """Return what scripts read about one task: its state now, and why it was left alone."""
    form: dict[str, object] = {"id": task}
    if task in after.tasks:
        form["state"] = after.tasks[task].state
    for left in record.change.left:
        if left.task == task:
            form["left"] = say(left.reason)
    return form


def _tell_born(printer: Printer, record: Record, before: Workspace) -> None:
    """Print what was created because it was named, and what may not be meant."""
    back = _("`tracker undo` reverts this.")
    for pieces in change_words.newcomers(record.change, before):
        told = "".join(text for text, _role in pieces)
        printer.note(f"{told} {back}" if len(pieces) > 1 else told)
    for doubt in (*record.change.doubts, *record.change.contradictions):
        printer.note(f"{printer.glyphs.alarm} {say(doubt)}")


def _back(context: Context) -> int:
    """Send work back, or show the effects."""
    from tracker.cli.json_output import send_back_form
    from tracker.cli.text_output import print_send_back
    from tracker.wording.forecast_words import moved_words

    args, printer = context.args, context.printer
    if not args.preview:
        return carry_out("back", context)
    with context.open() as session:
        ws = session.workspace
        # What is refused when it is done is refused in its preview.
        command = partial(arrows.send_back, reason=args.why or "–", system=args.system)
        also = typed_verbs.also(args)
        change = command(ws, session.now(), gate=args.gate, target=args.target, also=also)
    plan = arrows.preview_send_back(ws, gate=args.gate, target=args.target)
    after = ws.apply(change)
    found = _compared(ws, after, args.gate, context.today)
    if printer.wants_json:
        printer.json(send_back_form(plan, also, _p80s(ws, after, found)))
    else:
        ends = commands.path_name(ws, (plan.gate, plan.target))
        printer.line(TableCell(ends, "strong"))
        print_send_back(printer, ws, plan, also)
        if found is not None:
            printer.line(moved_words(found, context.today, printer.glyphs))
    return DONE


def _back_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--preview", action="store_true", help=_("only show what would be reopened")
    )


def _undo(context: Context) -> int:
    """Take back the newest change of a person that is still in force."""
    with context.open() as session:
        back = _("`tracker redo` restores it.")
        return _tell_record(context.printer, session.undo(context.args.who), back)


def _redo(context: Context) -> int:
    """Bring back what was taken back last."""
    with context.open() as session:
        back = _("`tracker undo` reverts it again.")
        return _tell_record(context.printer, session.redo(context.args.who), back)


def _tell_record(printer: Printer, record: Record, back: str) -> int:
    """Print what was undone or redone, the effects, and how to reverse that."""
    label = say(record.change.label)
    if printer.wants_json:
        printer.json({"seq": record.seq, "label": label, "undoes": record.undoes})
    else:
        printer.line(label)
        effects = "".join(f"{say(effect)}; " for effect in record.change.effects)
        printer.line(effects + back)
    return DONE


def _who_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--who", metavar=_("NAME"), help=_("whose change (default: your own)"))


CALLS: dict[str, Call] = {
    **{
        name: Call(verb.help, partial(carry_out, name))
        for name, verb in typed_verbs.VERBS.items()
        if name not in NOUNS
    },
    "back": Call(typed_verbs.VERBS["back"].help, _back, _back_arguments),
    "undo": Call(N_("undo the last change"), _undo, _who_argument),
    "redo": Call(N_("redo the change undone last"), _redo, _who_argument),
}
