"""The result of an import, as people and scripts read it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, cast

import msgspec

from tracker.domain.change import Change, Record
from tracker.domain.model import (
    Baseline,
    Department,
    Entity,
    Person,
    Project,
    SavedFilter,
    System,
)
from tracker.domain.patterns import pattern
from tracker.domain.sentence import Sentence, dated
from tracker.domain.typing.newcomers import Newcomer, newcomers
from tracker.domain.workspace import Workspace
from tracker.exchange.comparing import field_label
from tracker.exchange.source import Skipped, SourceColumn, Warned, harmless_value
from tracker.language import _, ngettext, say, spelled
from tracker.terminal_text import fit, width

# No column of a table is wider.
_WIDEST = 32
# Of values that were read alike in one column, so many are shown; the other rows are counted.
_SHOWN = 3
_ROWS = 20
_DAY = pattern(r"\d{4}-\d\d-\d\d")

_KINDS: Mapping[type[Entity], str] = {
    Department: "department",
    Person: "person",
    System: "system",
    Project: "project",
    Baseline: "baseline",
    SavedFilter: "filter",
}

# A line of text, and whether it is a heading.
ReportLine = tuple[str, bool]


class Turned(msgspec.Struct, frozen=True):
    """A `needs` arrow of a file that became a return, and the loop that made it one.

    `row` is where the file has it.
    """

    source: int
    target: int
    row: int
    why: Sentence


class Report(msgspec.Struct, frozen=True):
    """The result of an import, and everything it left out or guessed; `tasks` and `links` count.

    A row 0 stands for the file as a whole. `already` is how many tasks of the file are here,
    `updated` how many of them became as the file has them, `returned` the tasks that repeating
    ones which are done returned as; `dropped` and `deleted` count those gone from the file.
    `approximated` are values that became something near them. `columns` are what each column of
    the file was taken for, `new_names` what comes into being because the file names it, `format`
    is the one that was read and `program` what that is called, nothing for anybody's list.
    """

    tasks: int
    links: int
    already: int = 0
    updated: int = 0
    returned: tuple[int, ...] = ()
    dropped: int = 0
    deleted: int = 0
    returns: tuple[Turned, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    warnings: tuple[Warned, ...] = ()
    columns: tuple[SourceColumn, ...] = ()
    new_names: tuple[Newcomer, ...] = ()
    approximated: tuple[Warned, ...] = ()
    format: str = ""
    program: str = ""

    def as_json(self, say: Callable[[Sentence], str]) -> dict[str, Any]:
        """Return the report as scripts know it, its sentences put into words by `say`."""
        return {
            "tasks": self.tasks,
            "links": self.links,
            "already": self.already,
            "updated": self.updated,
            "returned": self.returned,
            "dropped": self.dropped,
            "deleted": self.deleted,
            "new_names": [
                {"kind": _KINDS[new.kind], "name": new.name, "similar": new.close}
                for new in self.new_names
            ],
            "returns": [
                {"from": r.source, "to": r.target, "row": r.row, "why": say(r.why)}
                for r in self.returns
            ],
            "skipped": [{"row": s.row, "place": s.place, "why": say(s.why)} for s in self.skipped],
            "warnings": [_remark_form(each, say) for each in self.warnings],
            "approximated": [_remark_form(each, say) for each in self.approximated],
            "format": self.format,
            "columns": [
                {
                    "column": c.head,
                    "field": c.field,
                    "read": c.read,
                    "unread": c.unread,
                    "empty": c.empty,
                }
                for c in self.columns
            ],
        }


def _remark_form(remark: Warned, say: Callable[[Sentence], str]) -> dict[str, Any]:
    return {
        "row": remark.row,
        "place": remark.place,
        "column": remark.column,
        "value": remark.value,
        "why": say(remark.why),
    }


class TakenIn(Change, frozen=True, kw_only=True):
    """The change that imports a file; `report` goes to the caller and is not stored."""

    report: Report

    @classmethod
    def of(cls, change: Change, report: Report) -> TakenIn:
        """Return a change with its report."""
        return cls(change.label, change.edits, change.left, report=report)


def new_names(change: Change, before: Workspace) -> tuple[Newcomer, ...]:
    """Return what comes into being under a name because a file has it."""
    baselines = (Newcomer(Baseline, each.name) for each in change.born(Baseline))
    filters = (Newcomer(SavedFilter, each.name) for each in change.born(SavedFilter))
    return (*newcomers(change, before), *baselines, *filters)


def report_of(record: Record) -> Report:
    """Return the report that came with the record of an import."""
    return cast("TakenIn", record.change).report


def report_lines(report: Report, *, dry: bool = False) -> list[ReportLine]:
    """Return the lines that describe an import, done or only tried."""
    tasks = ngettext("{n} task", "{n} tasks", report.tasks).format(n=report.tasks)
    links = ngettext("{n} arrow", "{n} arrows", report.links).format(n=report.links)
    done = _("Would import {tasks}, {links}") if dry else _("Imported {tasks}, {links}")
    lines = [(done.format(tasks=tasks, links=links), True)]
    if report.program:
        lines.append((_("Format: {program}").format(program=report.program), False))
    lines += [(text, True) for text in _done_to_tasks(report, dry=dry)]
    lines += name_lines(report)
    returns = [
        (_row(turned.row), f"{turned.source} ⇢ {turned.target}: {say(turned.why)}")
        for turned in report.returns
    ]
    skipped = [(_at(row), say(row.why)) for row in report.skipped]
    lines += _section(_("Arrows turned into returns:"), returns)
    lines += _section(_("Skipped:"), skipped)
    lines += remark_lines(report)
    table = column_table(report.columns) if report.columns else []
    lines += [("", False)] if table else []
    return lines + [(f"  {text}", at == 0) for at, text in enumerate(table)]


def _done_to_tasks(report: Report, *, dry: bool) -> Iterator[str]:
    """Yield what an update did to tasks besides adding those of the list."""
    if n := report.updated:
        text = ngettext("Updated: {n} task", "Updated: {n} tasks", n)
        if dry:
            text = ngettext("Would update {n} task", "Would update {n} tasks", n)
        yield text.format(n=n)
    if n := len(report.returned):
        text = ngettext(
            "Repeating: {n} task returns as {ids}", "Repeating: {n} tasks return as {ids}", n
        )
        yield text.format(n=n, ids=", ".join(map(str, report.returned)))
    if n := report.dropped:
        text = ngettext(
            "No longer in the list: {n} task dropped", "No longer in the list: {n} tasks dropped", n
        )
        yield text.format(n=n)
    if n := report.deleted:
        text = ngettext(
            "No longer in the list: {n} task deleted", "No longer in the list: {n} tasks deleted", n
        )
        yield text.format(n=n)


def name_lines(report: Report) -> list[ReportLine]:
    """Return the lines on names that are new here, after a blank one."""
    texts: Mapping[type[Entity], Callable[[int], str]] = {
        Department: lambda n: ngettext("New department: {name}", "New departments: {name}", n),
        Person: lambda n: ngettext("New person: {name}", "New people: {name}", n),
        System: lambda n: ngettext("New system: {name}", "New systems: {name}", n),
        Project: lambda n: ngettext("New project: {name}", "New projects: {name}", n),
        Baseline: lambda n: ngettext("New baseline: {name}", "New baselines: {name}", n),
        SavedFilter: lambda n: ngettext("New filter: {name}", "New filters: {name}", n),
    }
    lines: list[ReportLine] = []
    for kind, text in texts.items():
        if new := [each for each in report.new_names if each.kind is kind]:
            # Not by commas: a name may be `Brandt, Karin`.
            names = "; ".join(harmless_value(each.name) for each in new)
            lines.append((text(len(new)).format(name=names), False))
        for each in new:
            if each.close:
                close = "; ".join(map(harmless_value, each.close))
                told = _("{name}: did you mean {names}?").format(name=each.name, names=close)
                lines.append((f"  {told}", False))
    return [("", False), *lines] if lines else []


def remark_lines(report: Report) -> list[ReportLine]:
    """Return the lines on values that were guessed or not taken as they stand, after a blank one.

    Of many values that were read alike in one column, only the first are shown.
    """
    return [
        *_section(_("Changed:"), _alike(report.approximated)),
        *_section(_("To be checked:"), _alike(report.warnings)),
    ]


def _alike(remarks: Sequence[Warned]) -> list[tuple[str, str]]:
    """Return remarks with their places; of those that say the same only the first are shown."""
    alike: dict[tuple[str, str], list[Warned]] = {}
    for warned in remarks:
        alike.setdefault((warned.column, warned.why.text), []).append(warned)
    told: list[tuple[str, str]] = []
    for (column, _text), several in alike.items():
        shown = len(several) if len(several) == _SHOWN + 1 else _SHOWN
        for warned in several[:shown]:
            value, text = _in_words(warned)
            # What a sentence begins with need not stand before it.
            parts = (column, "" if text.startswith(f"{value} ") else value, text)
            told.append((_at(warned), ": ".join(filter(None, parts))))
        if several[shown:]:
            told.append(("", _likewise(column, several[shown:])))
    return told


def _row(row: int) -> str:
    """Return how to say in which row something is; nothing for the file as a whole."""
    return _("row {row}").format(row=row) if row else ""


def _at(remark: Warned | Skipped) -> str:
    """Return how to say where something is: as the other program names it, or by its row."""
    return remark.place or _row(remark.row)


def _in_words(warned: Warned) -> tuple[str, str]:
    """Return a value and what is said of it; a day is written as the language does.

    Spreadsheets show a day as their own language does, and keep it in yet another way.
    """
    why, value = warned.why, warned.value
    try:
        day = dated(date.fromisoformat(value)) if _DAY.fullmatch(value) else None
    except ValueError:
        day = None
    if day is None:
        return value, say(why)
    values = {name: day if each == value else each for name, each in why.values.items()}
    return say(day), say(msgspec.structs.replace(why, values=values))


def _likewise(column: str, rest: Sequence[Warned]) -> str:
    """Return the line on what was read as those above, by its places or rows."""
    placed = any(each.place for each in rest)
    named = dict.fromkeys(each.place or str(each.row) for each in rest if each.place or each.row)
    places = ", ".join(list(named)[:_ROWS]) + (", …" if len(named) > _ROWS else "")
    if not named:
        told = ngettext("likewise {n} more", "likewise {n} more", len(rest)).format(n=len(rest))
    elif placed:
        text = ngettext("likewise {n} more: {places}", "likewise {n} more: {places}", len(rest))
        told = text.format(n=len(rest), places=places)
    else:
        text = ngettext(
            "likewise in {n} more row: {rows}", "likewise in {n} more rows: {rows}", len(rest)
        )
        told = text.format(n=len(rest), rows=places)
    return ": ".join(filter(None, (column, told)))


def _section(head: str, found: Sequence[tuple[str, str]]) -> list[ReportLine]:
    lines = [("", False), (head, True)] if found else []
    for place, text in found:
        told = ": ".join(filter(None, (place, text)))
        lines.append((f"  {told}", False))
    return lines


def column_table(columns: Sequence[SourceColumn], widest: int = _WIDEST) -> list[str]:
    """Return a table of what each column was taken for, and how much of it was understood.

    Its first line is its header; names are cut to `widest` cells.
    """
    rows = [(_("Column"), _("Read as"), _("read"), _("unread"), _("empty"))]
    for column in columns:
        field = _("unknown; in the notes")
        if column.field:
            field = say(field_label(column.field))
        elif column.also:
            field = _("also {field}; in the notes").format(field=say(field_label(column.also)))
        elif column.proposed:
            field = _("unknown; perhaps {field}").format(field=say(field_label(column.proposed)))
        counts = (column.read, column.unread, column.empty)
        read, unread, empty = map(str, counts)
        rows.append((spelled(column.head), field, read, unread, empty))
    widths = [min(max(width(row[at]) for row in rows), widest) for at in range(len(rows[0]))]
    table = []
    for row in rows:
        texts = [fit(row[at], widths[at]) for at in (0, 1)]
        figures = [" " * (widths[at] - width(row[at])) + row[at] for at in (2, 3, 4)]
        table.append("  ".join((*texts, *figures)))
    return table
