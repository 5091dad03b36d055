"""Everything about one task, in lines: how it is, its fields, arrows, passes and history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Literal, NamedTuple

from tracker.domain import expiry, periods, status
from tracker.domain.calendar import day_of
from tracker.domain.change import Record
from tracker.domain.draft import name_of
from tracker.domain.fields import BY_NAME, ESTIMATE, LONG
from tracker.domain.model import Link, Pass, Person, Task
from tracker.domain.patterns import pattern
from tracker.domain.workspace import Workspace
from tracker.language import _, ngettext, say
from tracker.wording import edit_words, return_words, show
from tracker.wording.field_texts import FORM, label, text_of
from tracker.wording.figures import (
    day_words,
    duration,
    long_day,
    moment,
    number,
    percent,
    working_days,
)
from tracker.wording.show import Glyphs, Piece

# As many decimals as anybody types.
_DECIMALS = 3
# The fields of the page, in their order; what is spent is beside what was planned.
PAGE_FIELDS = (*(name for name in FORM if name not in {"title", "spent", *LONG}), "origin")


# Of schemes that are registered none is longer; without an end each letter would be looked behind.
_ADDRESS = pattern(r"(?:[a-zA-Z][a-zA-Z0-9+.-]{0,40}://|mailto:)[^\s<>\"'`|\\\]]+")


class Place(NamedTuple):
    """What a line leads to: another task, or an item of the checklist or a link by its index."""

    kind: Literal["task", "item", "link"]
    number: int


class Told(NamedTuple):
    """A line of a part: `right` is at its end, further lines are indented by `indent`."""

    left: Sequence[Piece]
    right: Sequence[Piece] = ()
    place: Place | None = None
    indent: int = 0


class Part(NamedTuple):
    """A part of the page under its name."""

    name: str
    lines: Sequence[Told]


def standing(ws: Workspace, task: Task, today: date, glyphs: Glyphs) -> Iterator[Piece]:
    """Yield how a task is: its state, and what is to be noticed."""
    sign = show.sign(ws, task, glyphs)
    yield f"{sign} {show.state_words(ws, task)}", show.state_style(ws, task)
    if task.state == "waiting" and task.waiting_for:
        yield f": {show.text(task.waiting_for)}", "waiting"
    for words, style in show.flags(ws, task, today, glyphs):
        yield f" {glyphs.dot} ", "dim"
        yield words, style


def fields(ws: Workspace, task: Task, today: date) -> Iterator[tuple[str, str]]:
    """Yield the fields that have a value: what they are called, and that value."""
    for field in PAGE_FIELDS:
        if value := _value(ws, task, field, today):
            yield label(field), value


def _value(ws: Workspace, task: Task, field: str, today: date) -> str:
    match field:
        case "department":
            return show.department(ws, task.department)
        case "priority":
            return "" if task.priority == "medium" else show.priority_word(task.priority)
        case "effort":
            return _effort(task)
        case "waiting_for":
            # That of a waiting task is beside its state.
            return "" if task.state == "waiting" else show.text(task.waiting_for)
        case "systems":
            return ", ".join(_system(ws, key) for key in task.systems)
    declared = BY_NAME[field]
    if declared.kind == "estimate":
        return _estimate(task)
    value = getattr(task, field)
    match declared.kind:
        case "name" if declared.entity is Person:
            return _person(ws, value)
        case "day" | "last day":
            return long_day(value, today) if value else ""
        case "names" if declared.entity:
            things = ws.table(declared.entity)
            return ", ".join(show.text(name_of(things[key])) for key in value)
        case "period":
            every = periods.period_words(value)
            return say(every) if every else show.text(value)
        case "span":
            return _ahead(task)
        case "percent":
            return "" if value is None else percent(value / 100, _DECIMALS)
        case "tags":
            return " ".join(f"#{show.text(tag)}" for tag in value)
        case _:
            return show.text(text_of(ws, task, field))


def _ahead(task: Task) -> str:
    """Return how long before its end it comes back, and whether nobody said so."""
    span = periods.span_words(task.ahead or expiry.ASSUMED_AHEAD)
    if task.expires is None or task.ahead or span is None:
        return say(span) if task.ahead and span else show.text(task.ahead)
    return _("{span} (assumed)").format(span=say(span))


def _person(ws: Workspace, key: int | None) -> str:
    person = ws.people.get(key or 0)
    if person is None:
        return ""
    name = f" ({person.name})" if person.name and person.name != person.login else ""
    return show.text(person.login + name)


def _estimate(task: Task) -> str:
    days = [getattr(task, name) for name in ESTIMATE]
    known = [number(value, _DECIMALS) for value in days if value is not None]
    if not known:
        return ""
    if task.milestone:
        return _("milestone")
    if len(set(known)) == 1 and task.likely is not None:
        return working_days(task.likely, _DECIMALS)
    # A dash, where one is missing: what is first must not be taken for another.
    texts = ("–" if value is None else number(value, _DECIMALS) for value in days)
    return _("{estimate} working days").format(estimate="/".join(texts))


def _effort(task: Task) -> str:
    spent = number(task.spent or 0.0, _DECIMALS)
    if task.effort is None:
        return _("{spent} person-days (no plan)").format(spent=spent) if task.spent else ""
    planned = number(task.effort, _DECIMALS)
    return _("{spent} of {planned} person-days").format(spent=spent, planned=planned)


def _system(ws: Workspace, key: int) -> str:
    system = ws.systems[key]
    state = f" ({show.system_word(system.state)})" if system.state != "up" else ""
    return show.text(system.name) + state


def arrow_names() -> tuple[str, str, str, str]:
    """Return what the parts on arrows are called: needs, needed by, back from, may go back to."""
    return _("Predecessors"), _("Successors"), _("Returns from"), _("Returns to")


def arrows(ws: Workspace, task: Task, glyphs: Glyphs, *, brief: bool = False) -> Iterator[Part]:
    """Yield the arrows of a task by what they mean; in `brief` with less about the returns."""
    into, out = ws.arrows_in.get(task.id, ()), ws.arrows_out.get(task.id, ())
    ends = (
        [(link, link.source) for link in into if link.kind == "needs"],
        [(link, link.target) for link in out if link.kind == "needs"],
        [(link, link.source) for link in into if link.kind == "returns"],
        [(link, link.target) for link in out if link.kind == "returns"],
    )
    for name, links in zip(arrow_names(), ends, strict=True):
        yield Part(name, [_arrow(ws, link, end, glyphs, brief=brief) for link, end in links])


def _arrow(ws: Workspace, link: Link, end: int, glyphs: Glyphs, *, brief: bool) -> Told:
    """Return one arrow: the task at its other end, and what is to be known of both."""
    other = ws.tasks[end]
    look = show.state_style(ws, other)
    right: list[Piece] = []
    if link.kind == "returns":
        right.append((_return(ws, link, glyphs, brief=brief), _return_role(ws, link)))
    elif link.lag:
        right.append((lag(link.lag), "dim"))
    right.append((show.state_words(ws, other), look))
    left = [(f"{show.sign(ws, other, glyphs)} ", look), (show.name(ws, end), "plain")]
    return Told(left, right, Place("task", end))


def lag(days: float) -> str:
    """Return a lag or a lead in few words."""
    # As many as are written: 1.5 days are several.
    count = 1 if abs(days) == 1 else 2
    if days > 0:
        text = ngettext("+{n} d lag", "+{n} d lag", count)
    else:
        text = ngettext("{n} d lead", "{n} d lead", count)
    return text.format(n=number(abs(days), _DECIMALS))


def _return_role(ws: Workspace, link: Link) -> str:
    return "alarm" if status.over(ws, link) else "back"


def _return(ws: Workspace, link: Link, glyphs: Glyphs, *, brief: bool) -> str:
    """Return the passes of a return arrow, how likely it is, and who said so."""
    over = status.over(ws, link)
    told = show.passes_counter(ws, link, glyphs)
    if brief:
        return told + (glyphs.alarm if over else "")
    # What was learned from passes is told with the loops, and is another rate.
    told += f" {percent(link.rate)} " + (_("assumed") if link.rate_assumed else _("entered"))
    if link.observed:
        told += f" {glyphs.dot} " + _("observed only")
    if link.share != 1:
        again = _("{share} rework").format(share=percent(link.share))
        told += f" {glyphs.dot} {again}"
    for text in return_words.again(link.redo, link.learning):
        told += f" {glyphs.dot} {text}"
    return told + (f" {glyphs.alarm}" + _("over the limit") if over else "")


def checklist(task: Task) -> Part:
    """Return the checklist, with how much of it is done."""
    name = label("checklist")
    if not task.checklist:
        return Part(name, ())
    done, total = sum(item.done for item in task.checklist), len(task.checklist)
    lines = [Told([(_("{done} of {all} done").format(done=done, all=total), "dim")])]
    for at, item in enumerate(task.checklist):
        box, role = ("[x] ", "dim") if item.done else ("[ ] ", "plain")
        pieces = [(box, role), (show.text(item.text), role)]
        lines.append(Told(pieces, place=Place("item", at), indent=len(box)))
    return Part(name, lines)


def links(notes: str) -> list[str]:
    """Return the addresses in notes, each once, in their order (RFC 3986, as they are typed)."""
    found = (match.group().rstrip(".,;:!?*_") for match in _ADDRESS.finditer(notes))
    return list(dict.fromkeys(_balanced(address) for address in found))


def _balanced(address: str) -> str:
    """Return an address without the parentheses behind it that belong to the text around it."""
    end, more = len(address), address.count(")") - address.count("(")
    while more > 0 and address[end - 1] == ")":
        end, more = end - 1, more - 1
        while address[end - 1] in ".,;:!?":
            end -= 1
    return address[:end]


def links_part(notes: str) -> Part:
    """Return the addresses in notes, to be copied."""
    told = enumerate(links(notes))
    lines = [Told([(show.text(to), "key")], place=Place("link", at)) for at, to in told]
    return Part(links_name(), lines)


def links_name() -> str:
    """Return what the part on links is called."""
    return _("Links")


def passes_part(
    ws: Workspace, task: Task, today: date, glyphs: Glyphs, runs: Iterable[Pass]
) -> Part:
    """Return passes, the newest first: what came of each, when, how long, who opened it and why."""
    lines: list[Told] = []
    known = [*runs]
    if known and task.pass_number > known[-1].number:
        coming = [(f"#{task.pass_number} ", "strong"), (_("not begun"), "plain")]
        lines.append(Told(coming, indent=3))
    for run in reversed(known):
        head = [(f"#{run.number} ", "strong"), (_outcome(ws, task, run), "plain")]
        lines.append(Told([*head, (f"  {_span(run, today)}", "dim")], indent=3))
        if cause := list(_cause(ws, run, glyphs)):
            lines.append(Told([("   ", "plain"), *cause]))
    return Part(label("passes"), lines)


def _outcome(ws: Workspace, task: Task, run: Pass) -> str:
    if run.outcome == "returned":
        if run.returned_to:
            return _("sent back to {task}").format(task=show.name(ws, run.returned_to))
        return _("sent back")
    if run.outcome == "done":
        return _("done")
    return _("interrupted") if run.outcome == "interrupted" else show.word(task.state)


def _span(run: Pass, today: date) -> str:
    """Return from when to when a pass went, and how long it took."""
    begun = run.started or run.opened
    if begun is None:
        return ""
    first = day_words(day_of(begun), today)
    if run.ended is None:
        return _("since {day}").format(day=first)
    last = day_words(day_of(run.ended), today)
    if run.started is None and run.outcome in ("returned", "interrupted"):
        return last  # nobody began it, so it did not last
    took = duration(run.ended - begun)
    return f"{first}, {took}" if first == last else f"{first} – {last}, {took}"


def _cause(ws: Workspace, run: Pass, glyphs: Glyphs) -> Iterator[Piece]:
    who = show.text(run.who)
    if run.gate is not None:
        gate = show.name(ws, run.gate)
        text = _("back from {task} by {who}") if who else _("back from {task}")
        yield text.format(task=gate, who=who), "back"
    elif who:
        yield _("opened by {who}").format(who=who), "dim"
    if run.reason:
        yield _(": “{reason}”").format(reason=show.text(run.reason)), "plain"
    if system := ws.systems.get(run.system or 0):
        yield f" {glyphs.dot} {show.text(system.name)}", "plain"


def history(ws: Workspace, task: Task, records: Iterable[Record]) -> Part:
    """Return the history, the newest first: when, who, what; the task goes by its number."""
    itself = f"{task.id} {task.title}"
    lines = []
    for record in reversed([*records]):
        what = say(record.change.label).replace(itself, str(task.id))
        if fields := edit_words.edits(ws, record, of=task.id):
            what = f"{what} · {fields}"
        pieces = [
            (f"{moment(record.at)}  ", "dim"),
            (f"{show.text(record.who)}  ", "strong"),
            (show.text(what), "plain"),
        ]
        lines.append(Told(pieces, indent=2))
    return Part(_("History"), lines)
