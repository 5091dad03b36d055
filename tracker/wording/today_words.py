"""What a day asks of one, in rows of columns, for the shell and for the screen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from tracker import terminal_text
from tracker.domain import status
from tracker.domain.calendar import day_of
from tracker.domain.model import System
from tracker.domain.workspace import Workspace
from tracker.language import _, ngettext
from tracker.wording import forecast_words, show
from tracker.wording.figures import day_words, moment, number, printed_day, signed
from tracker.wording.show import Glyphs, Piece

if TYPE_CHECKING:
    from tracker.flow.follow_ups import FollowUp
    from tracker.flow.forecast.forecast import TaskEnd
    from tracker.flow.today import Burning, CameBack, Day, Due, Expiring, Freed, HandOver

_NOTHING: Mapping[int, Any] = MappingProxyType({})
# So many numbers of tasks are listed where more hang on one thing.
_NUMBERS = 5
# What expires within so many days is urgent.
_SOON = 14
# So many of what frees most are shown.
FREEING = 5
# The title takes at most so much of a line, and whose it is so many cells unless more are free.
_TITLE, _OWNER = 0.36, 22
# In narrower lines the department alone says whose something is.
_ROOM_FOR_PEOPLE = 100


class DayRow(NamedTuple):
    """A row about a task, or about a system: whose it is, and what is to be said of it."""

    task: int | None
    system: int | None
    title: str
    lane: str
    person: str
    told: list[Piece]
    style: str = "plain"
    section: str = ""


class Section(NamedTuple):
    """Rows under a heading, with a note beside it."""

    title: str
    note: str
    rows: list[DayRow]


def sections(
    ws: Workspace,
    day: Day,
    glyphs: Glyphs,
    gains: Mapping[int, float] | None = None,
    ends: Mapping[int, TaskEnd] | None = None,
    *,
    printed: bool = False,
) -> list[Section]:
    """Return what there is to be said of a day.

    `gains` are the working days by which P80 comes earlier when a task is over, by task, and `ends`
    by when tasks are over. What is `printed` names days so that they are understood later.
    """
    words = _Words(ws, day.today, glyphs, gains or {}, ends or {}, printed=printed)
    found = [
        Section(_("Burns"), number(len(day.burning)), list(map(words.burning, day.burning))),
        Section(
            _("Came back since {moment}").format(moment=words.moment(day.since)),
            number(len(day.back)),
            list(map(words.came_back, day.back)),
        ),
        Section(
            _("Expires"), number(len(day.expiring)), [words.expires(each) for each in day.expiring]
        ),
        Section(
            _("Handed over, not begun"),
            words.ages(day.handed_over),
            [row for pair in day.handed_over for row in words.handed_over(pair)],
        ),
        Section(
            _("Due this week and next"), number(len(day.due)), [words.due(each) for each in day.due]
        ),
        Section(
            _("Unblock first"),
            _("what it frees, what it gains") if gains else _("what it frees"),
            [words.freed(each) for each in day.free[:FREEING]],
        ),
    ]
    return _filled(found)


def follow_up_sections(
    ws: Workspace, found: Iterable[FollowUp], today: date, glyphs: Glyphs
) -> list[Section]:
    """Return who is waited for: whom to ask by now, whom later, and of whom nobody reminds one."""
    words = _Words(ws, today, glyphs)
    now: list[DayRow] = []
    later: list[DayRow] = []
    never: list[DayRow] = []
    for each in found:
        part = never if each.day is None else now if each.day <= today else later
        part.append(words.follow_up(each))
    return _filled(
        Section(title, number(len(rows)), rows)
        for title, rows in (
            (_("Ask now"), now),
            (_("Ask later"), later),
            (_("Without a follow-up date"), never),
        )
    )


def hand_over_sections(
    ws: Workspace, pairs: Iterable[HandOver], today: date, glyphs: Glyphs
) -> list[Section]:
    """Return what was handed over and nobody has begun, by pairs of departments."""
    words = _Words(ws, today, glyphs)
    found = []
    for pair in pairs:
        ends = (
            show.department(ws, end) or _("no department") for end in (pair.source, pair.target)
        )
        title = f" {glyphs.right} ".join(ends)
        rows = list(words.handed_over(pair, named=False))
        found.append(Section(title, words.ages([pair]), rows))
    return _filled(found)


def _filled(found: Iterable[Section]) -> list[Section]:
    """Return the sections that have rows, each row with the name of its section."""
    return [
        section._replace(rows=[row._replace(section=section.title) for row in section.rows])
        for section in found
        if section.rows
    ]


def lines(
    found: Iterable[Section], cells: int, glyphs: Glyphs
) -> Iterator[tuple[DayRow | None, list[Piece]]]:
    """Walk over sections as lines of so many cells; headings come without a row."""
    shown = list(found)
    rows = [row for section in shown for row in section.rows]
    digits = max((len(str(row.task)) for row in rows if row.task), default=1)
    people = cells >= _ROOM_FOR_PEOPLE
    owners = [" ".join(filter(None, (row.lane, row.person * people))) for row in rows]
    title = min(
        int(cells * _TITLE), max((terminal_text.width(row.title) for row in rows), default=0)
    )
    told = max(
        (sum(terminal_text.width(text) for text, _style in row.told) for row in rows), default=0
    )
    free = cells - digits - title - told - 5
    owner = min(max(_OWNER, free), max(map(terminal_text.width, owners), default=0))
    owned = iter(owners)
    for section in shown:
        gap = cells - terminal_text.width(section.title) - terminal_text.width(section.note) - 2
        note = section.note if gap > 1 else ""
        yield (
            None,
            [(f" {section.title}", "title"), (" " * max(1, gap), ""), (note, "dim")],
        )
        for row in section.rows:
            sign = str(row.task) if row.task else glyphs.alarm
            yield (
                row,
                [
                    (" ", ""),
                    (sign.rjust(digits), "dim" if row.task else "alarm"),
                    (" ", ""),
                    (terminal_text.fit(row.title, title, ellipsis=glyphs.more), row.style),
                    (" ", ""),
                    (terminal_text.fit(next(owned), owner, ellipsis=glyphs.more), "dim"),
                    ("  ", ""),
                    *row.told,
                ],
            )


def page(found: Iterable[Section], cells: int, glyphs: Glyphs) -> Iterator[list[Piece]]:
    """Walk over sections as the lines of a page, set apart by blank ones."""
    for at, (row, pieces) in enumerate(lines(found, cells, glyphs)):
        if row is None and at:
            yield []
        yield pieces


def nothing(ws: Workspace) -> str:
    """Return what is said of a day on which nothing is to be done."""
    if not ws.tasks:
        return _("There are no tasks yet.")
    if not any(task.open for task in ws.tasks.values()):
        return _("Everything is done.")
    return _("Nothing burns, nothing came back, nothing is due before the week after next.")


def nobody_waited_for() -> str:
    """Return what is said where nothing waits for anybody."""
    return _("Nothing is waiting for anybody.")


def nothing_handed_over() -> str:
    """Return what is said where everything that was handed over has been begun."""
    return _("Nothing is handed over and not begun.")


class _Words:
    def __init__(
        self,
        ws: Workspace,
        today: date,
        glyphs: Glyphs,
        gains: Mapping[int, float] = _NOTHING,
        ends: Mapping[int, TaskEnd] = _NOTHING,
        *,
        printed: bool = False,
    ) -> None:
        self._ws, self._today, self._glyphs = ws, today, glyphs
        self._gains, self._ends, self._printed = gains, ends, printed

    def _day(self, day: date) -> str:
        """Return a day in words, or as it is read later on."""
        return (printed_day if self._printed else day_words)(day, self._today)

    def moment(self, at: datetime) -> str:
        """Return a day in words, or the time of today."""
        if day_of(at) == self._today and not self._printed:
            return moment(at).rpartition(" ")[2]
        return self._day(day_of(at))

    def _row(self, task: int, told: list[Piece], style: str = "plain") -> DayRow:
        found = self._ws.tasks[task]
        department = self._ws.departments.get(found.department or 0)
        lane = show.text(department.short or department.name) if department else ""
        person = show.person(self._ws, found.assignee)
        return DayRow(task, None, show.text(found.title), lane, person, told, style)

    def burning(self, each: Burning) -> DayRow:
        """Return the row of a task or system somebody has to see to."""
        if each.system is not None:
            return self._down(self._ws.systems[each.system], each)
        task = self._ws.tasks[each.task or 0]
        told: list[Piece] = []
        if each.late:
            told.append((show.due_words(task, self._today), "alarm"))
        for link in each.over:
            text = _("pass {n} of {limit} allowed")
            passes = status.link_passes(self._ws, link)
            words = text.format(n=passes, limit=link.limit)
            if link.escalate_to:
                called = show.full_name if self._printed else show.person
                words += f" {self._glyphs.right} {called(self._ws, link.escalate_to)}"
            told.append((words, "back"))
        if each.asked:
            what = show.text(task.waiting_for) or _("its follow-up")
            text = _("ask again: {what}, since {day}")
            day = self._day(each.asked)
            told.append((text.format(what=what, day=day), "warn"))
        if each.ring:
            told += forecast_words.deadlock(self._ws, each.ring, self._glyphs)
        return self._row(task.id, self._apart(told), "strong")

    def _down(self, system: System, each: Burning) -> DayRow:
        owner = self._ws.departments.get(system.owner or 0)
        told: list[Piece] = []
        if system.since:
            day = self.moment(system.since)
            told.append((_("since {day}").format(day=day), "alarm"))
        told.append((still_words(each.stuck) if each.stuck else _("nothing is stuck"), "alarm"))
        if system.restored_by:
            told.append((_("{task} restores it").format(task=system.restored_by), "plain"))
        title = _("{system} is down").format(system=show.text(system.name))
        lane = show.text(owner.short or owner.name) if owner else ""
        return DayRow(None, system.id, title, lane, "", self._apart(told), "strong")

    def came_back(self, each: CameBack) -> DayRow:
        """Return the row of a task that was sent back."""
        told: list[Piece] = []
        if each.gate is not None:
            text = _("from {gate}").format(gate=show.name(self._ws, each.gate))
            told.append((f"{self._glyphs.back} {text}", "back"))
        if each.reason:
            told.append((_("“{reason}”").format(reason=show.text(each.reason)), "plain"))
        if each.recheck:
            text = ngettext("{tasks} to recheck", "{tasks} to recheck", len(each.recheck))
            told.append((text.format(tasks=listed(each.recheck)), "recheck"))
        return self._row(each.task, self._apart(told))

    def expires(self, each: Expiring) -> DayRow:
        """Return the row of a task about something that expires."""
        day = self._day(each.day)
        if each.days < 0:
            text = _("expired {day}")
        else:
            text = ngettext("expires {day}, in {n} day", "expires {day}, in {n} days", each.days)
        told: list[Piece] = [
            (text.format(day=day, n=each.days), "alarm" if each.days < _SOON else "warn")
        ]
        if each.renewed:
            text = _("done {day}: until when is it valid now?")
            told.append((text.format(day=self._day(each.renewed)), "strong"))
        elif not self._ws.tasks[each.task].open:
            told.append((_("start it to renew it"), "plain"))
        return self._row(each.task, self._apart(told))

    def ages(self, pairs: Iterable[HandOver]) -> str:
        """Return how many tasks were handed over, and for how long the oldest waits."""
        found = list(pairs)
        count = number(sum(len(pair.tasks) for pair in found))
        oldest = max((pair.oldest for pair in found if pair.oldest is not None), default=None)
        if not oldest:
            return count
        told = ngettext(
            "{count}, the oldest for {n} day", "{count}, the oldest for {n} days", oldest
        ).format(count=count, n=oldest)
        if len(found) == 1 and len(found[0].tasks) > 1 and (middle := found[0].median) is not None:
            told += ", " + _("median {n}").format(n=number(middle, 1))
        return told

    def handed_over(self, pair: HandOver, *, named: bool = True) -> Iterator[DayRow]:
        """Walk over the rows of what one department, which may be `named`, handed to another."""
        source = show.department(self._ws, pair.source) or _("no department")
        for each in pair.tasks:
            told: list[Piece] = []
            if named:
                told.append((_("from {department}").format(department=source), "plain"))
            if each.since:
                days = max((self._today - day_of(each.since)).days, 0)
                text = ngettext("waits for {n} day", "waits for {n} days", days).format(n=days)
                if not named:
                    text = self._waited(each.since)
                elif not days and not self._printed:
                    text = _("since today")
                told.append((text, "warn" if days > 2 else "plain"))
            yield self._row(each.task, self._apart(told))

    def _waited(self, since: datetime) -> str:
        """Return since which day something waits, and for how long."""
        days = (self._today - day_of(since)).days
        if days <= 0:
            return _("since today")
        text = ngettext("since {day}, {n} day", "since {day}, {n} days", days)
        return text.format(day=self._day(day_of(since)), n=days)

    def follow_up(self, each: FollowUp) -> DayRow:
        """Return the row of a task that waits for somebody: for whom, since when."""
        told: list[Piece] = []
        if each.day:
            past = each.day < self._today
            told.append((self._day(each.day), "alarm" if past else "plain"))
        if each.since:
            told.append((self._waited(each.since), "plain"))
        what = show.text(self._ws.tasks[each.task].waiting_for)
        told.append((what or _("nobody knows for what"), "waiting"))
        return self._row(each.task, self._apart(told))

    def due(self, each: Due) -> DayRow:
        """Return the row of a task that is due, or to be asked about."""
        day = self._day(each.day)
        told: list[Piece] = [(day, "plain")]
        if each.follow_up:
            what = show.text(self._ws.tasks[each.task].waiting_for)
            text = _("ask again: {what}").format(what=what) if what else _("ask again")
            told += [(_("due"), "plain")] * each.due + [(text, "waiting")]
        end = self._ends.get(each.task) if each.due else None
        if end is not None:
            late = end.day > each.day
            text = _("likely late: P80 is {day}") if late else _("fits: P80 is {day}")
            told.append((text.format(day=self._day(end.day)), _kept(end)))
        return self._row(each.task, self._apart(told))

    def freed(self, each: Freed) -> DayRow:
        """Return the row of a task whose end frees others."""
        told: list[Piece] = []
        if each.now:
            text = ngettext("{n} task now", "{n} tasks now", len(each.now))
            told.append((text.format(n=len(each.now)), "strong"))
        if each.all > len(each.now):
            told.append((_("{n} in all").format(n=each.all), "plain"))
        gain = self._gains.get(each.task)
        if gain is not None and abs(gain) >= 0.5:
            text = _("P80 {days} working days").format(days=signed(-gain))
            told.append((text, "strong"))
        return self._row(each.task, self._apart(told))

    def _apart(self, told: list[Piece]) -> list[Piece]:
        """Return pieces with a sign between them."""
        found: list[Piece] = []
        for piece in told:
            found += [(f" {self._glyphs.dot} ", "dim"), piece] if found else [piece]
        return found


def _kept(end: TaskEnd) -> str:
    """Return the role of a date by how likely the day is kept on which it is due."""
    chance = end.due_chance or 0.0
    return "plain" if chance >= 0.8 else "warn" if chance >= 0.5 else "alarm"


def still_words(stuck: tuple[int, ...]) -> str:
    """Return how many tasks stand still, and which."""
    text = ngettext("{n} task is stuck ({tasks})", "{n} tasks are stuck ({tasks})", len(stuck))
    return text.format(n=len(stuck), tasks=listed(stuck))


def listed(tasks: tuple[int, ...]) -> str:
    """Return the numbers of tasks, of many the first."""
    named = ", ".join(map(str, tasks[:_NUMBERS]))
    return f"{named} …" if len(tasks) > _NUMBERS else named
