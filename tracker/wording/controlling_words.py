"""What a plan takes and costs in words: the table, the price of rework, budgets, earned value."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from tracker import terminal_text
from tracker.domain.workspace import Workspace
from tracker.language import _, ngettext, say
from tracker.wording import show
from tracker.wording.cost_words import about, money, rounded
from tracker.wording.figures import brief_days, number, percent, signed
from tracker.wording.show import Glyphs, Piece

if TYPE_CHECKING:
    from tracker.flow.controlling import (
        Amounts,
        Controlling,
        CostGroup,
        CostLine,
        EarnedValue,
        ReworkCause,
        ReworkCost,
    )
    from tracker.flow.forecast.cost import Cost
    from tracker.flow.forecast.forecast import ReturnFigures

# What is over the plan by more than such a part is an alarm; by less than half a day, nothing.
_FAR, _NOTHING = 0.1, 0.5
# In narrower lines the ends of an arrow are numbers.
_ROOMY = 100
# A name takes at least, and at most, so many cells of a line.
_NAME_LEAST, _NAME_MOST = 14, 32
_GAP = 2


class Costs(NamedTuple):
    """What the simulation says of money: by project, and by return arrow of what is to come."""

    projects: Mapping[int, Cost] = {}
    returns: Mapping[int, ReturnFigures] = {}


class MoneyRow(NamedTuple):
    """A row: of what kind and which of them, the tasks behind it, and what is said of it.

    What it is `about` (a group, a cause, a project) stays the same wherever others move it.
    """

    kind: Literal["line", "total", "rework", "budget", "earned"]
    at: int
    about: object
    tasks: tuple[int, ...]
    told: tuple[Piece, ...]


def lines(
    found: Controlling, costs: Costs, cells: int, glyphs: Glyphs
) -> Iterator[tuple[MoneyRow | None, list[Piece]]]:
    """Walk over what there is to say as lines of so many cells; headings come without a row."""
    if not found.total.tasks:
        return
    yield from _table(found, cells, glyphs)
    if found.rework:
        yield None, []
        yield None, _heading(_("Rework so far, by arrow and reason"), _rework_sum(found), cells)
        for at, rework in enumerate(found.rework):
            told = tuple(_rework_told(found, rework, cells, glyphs))
            tasks = tuple(again.task for again in rework.tasks)
            yield MoneyRow("rework", at, rework.cause, tasks, told), [(" ", ""), *told]
    budgets = list(_budgets(found, costs, glyphs))
    if budgets:
        yield None, []
        yield None, _heading(_("Budget"), _at_completion(found), cells)
        for row in budgets:
            yield row, [(" ", ""), *row.told]
    if found.earned:
        yield None, []
        bases = {basis_of(found.workspace, each) for each in found.earned}
        note = next(iter(bases)) if len(bases) == 1 else ""
        yield None, _heading(_("Earned value"), note or _("as of this morning"), cells)
        for at, earned in enumerate(found.earned):
            told = tuple(_earned_told(found.workspace, earned, glyphs, bool(note)))
            yield MoneyRow("earned", at, earned.project, earned.counted, told), [(" ", ""), *told]


def page(found: Controlling, costs: Costs, cells: int, glyphs: Glyphs) -> Iterator[list[Piece]]:
    """Walk over what there is to say as the lines of a page."""
    for _row, pieces in lines(found, costs, cells, glyphs):
        yield pieces


def _heading(title: str, note: str, cells: int) -> list[Piece]:
    gap = cells - terminal_text.width(title) - terminal_text.width(note) - 2
    return [(f" {title}", "title"), (" " * max(1, gap), ""), (note if gap > 1 else "", "dim")]


# --- the table


class _Column(NamedTuple):
    """A figure of a line: its heading, how soon it goes where room is short, and its text."""

    head: str
    goes: int
    text: Callable[[Amounts], str]
    varies: bool = False


def _columns() -> tuple[_Column, ...]:
    def plain(name: str) -> Callable[[Amounts], str]:
        return lambda amounts: number(getattr(amounts, name), 1)

    return (
        _Column(_("planned"), 3, plain("planned")),
        _Column(_("actual"), 2, plain("spent")),
        _Column(_("to come"), 1, plain("to_come")),
        _Column(_("at compl."), 0, plain("at_completion")),
        _Column(_("variance"), 0, lambda amounts: signed(amounts.variance), True),
    )


def _table(
    found: Controlling, cells: int, glyphs: Glyphs
) -> Iterator[tuple[MoneyRow | None, list[Piece]]]:
    every = (*found.lines, found.total)
    priced = any(line.money is not None for line in every)
    days = [(column, [column.text(line.days) for line in every]) for column in _columns()]
    costs = [
        (column, [_money_text(column, line) for line in every]) for column in _columns() if priced
    ]
    names = [line_name(found, line) for line in found.lines] + [_("in total")]
    widest = max(map(terminal_text.width, names))
    room = cells - max(_NAME_LEAST, min(widest, _NAME_MOST)) - 1
    # Of money the figures on the way go first, then those of days.
    shown = [
        (column.goes * 10 * (part + 1), part, column, texts)
        for part, group in enumerate((days, costs))
        for column, texts in group
    ]
    while (
        len(shown) > 1 and sum(_wide(column, texts) for _goes, _part, column, texts in shown) > room
    ):
        leaving = max(shown, key=lambda each: (each[0], each[1]))
        shown.remove(leaving)
    name = max(cells - 1 - sum(_wide(column, texts) for _g, _p, column, texts in shown), 1)
    name = min(name, max(_NAME_LEAST, min(widest, _NAME_MOST)))
    heads: list[Piece] = [(" " + terminal_text.fit(by_words(found.by), name), "title")]
    units: list[Piece] = [(" " * (name + 1), "")]
    for part, unit in enumerate((_("effort in days"), _unit(found))):
        mine = [each for each in shown if each[1] == part]
        wide = sum(_wide(column, texts) for _g, _p, column, texts in mine)
        if mine:
            units.append((terminal_text.cut(unit, wide - _GAP).rjust(wide), "dim"))
        heads += [
            (column.head.rjust(_wide(column, texts)), "dim") for _g, _p, column, texts in mine
        ]
    yield None, units
    yield None, heads
    for at, line in enumerate(every):
        total = line is found.total
        told: list[Piece] = [
            (
                " " + terminal_text.fit(names[at], name, ellipsis=glyphs.more),
                "strong" if total else "plain",
            )
        ]
        for _goes, part, column, texts in shown:
            amounts = line.money if part else line.days
            role = "strong" if total else "plain"
            if column.varies and amounts is not None:
                role = variance_role(amounts)
            told.append((texts[at].rjust(_wide(column, texts)), role))
        row = MoneyRow("total" if total else "line", at, line.name, line.tasks, tuple(told))
        yield row, told


def _wide(column: _Column, texts: Iterable[str]) -> int:
    return max(map(terminal_text.width, (column.head, *texts))) + _GAP


def _money_text(column: _Column, line: CostLine) -> str:
    if line.money is None:
        return ""
    return column.text(type(line.money)(*(float(round(each)) for each in line.money)))


def _at_completion(found: Controlling) -> str:
    text = _("cost at completion in {currency}")
    return text.format(currency=show.currency(found.workspace))


def _unit(found: Controlling) -> str:
    return _("cost in {currency}").format(currency=show.currency(found.workspace))


def variance_role(amounts: Amounts) -> str:
    """Return the role of a variance by how much of the plan it is."""
    if amounts.variance < _NOTHING:
        return "plain"
    return "alarm" if amounts.variance > _FAR * amounts.planned else "warn"


def by_words(by: CostGroup) -> str:
    """Return what the figures are grouped by."""
    return {
        "department": _("By department"),
        "project": _("By project"),
        "tag": _("By tag"),
        "phase": _("By phase"),
    }[by]


def line_name(found: Controlling, line: CostLine) -> str:
    """Return what a group is called."""
    if line.name is not None:
        return show.text(say(line.name))
    return {
        "department": _("no department"),
        "project": _("(no project)"),
        "tag": _("no tag"),
        "phase": _("no phase"),
    }[found.by]


# --- rework


def _rework_sum(found: Controlling) -> str:
    days = sum(each.days for each in found.rework)
    priced = [each.money for each in found.rework if each.money is not None]
    told = brief_days(days)
    return f"{told}, {money(found.workspace, sum(priced))}" if priced else told


def _rework_told(
    found: Controlling, rework: ReworkCost, cells: int, glyphs: Glyphs
) -> Iterator[Piece]:
    ws = found.workspace
    told = brief_days(rework.days).rjust(8)
    yield told, "strong"
    amount = "" if rework.money is None else money(ws, rework.money)
    yield amount.rjust(13), "back"
    room = max(cells - 26, 20)
    arrow = arrow_words(ws, rework.cause, glyphs, brief=cells < _ROOMY)
    arrow = terminal_text.cut(arrow, room * 3 // 5, ellipsis=glyphs.more)
    yield f"  {arrow}", "plain"
    if rework.cause.reason:
        reason = _("“{reason}”").format(reason=show.text(rework.cause.reason))
        room -= terminal_text.width(arrow) + 2
        yield f"  {terminal_text.cut(reason, max(room, 1), ellipsis=glyphs.more)}", "dim"


def arrow_words(ws: Workspace, cause: ReworkCause, glyphs: Glyphs, *, brief: bool = False) -> str:
    """Return over which arrow work came back; in `brief` by the numbers of its ends."""
    if cause.gate is None or cause.target is None:
        return _("reopened, not sent back")
    if brief:
        return f"{cause.gate} {glyphs.right} {cause.target}"
    return f"{show.name(ws, cause.gate)} {glyphs.right} {show.name(ws, cause.target)}"


def to_come_words(ws: Workspace, cause: ReworkCause, costs: Costs) -> str:
    """Return what the arrow will still cost on average, as far as that was simulated."""
    for link in ws.arrows_out.get(cause.gate or 0, ()):
        figures = costs.returns.get(link.id)
        mine = link.kind == "returns" and link.target == cause.target
        if mine and figures is not None and figures.cost_money is not None:
            text = _("Still to come over this arrow: {amount} on average (simulated).")
            return text.format(amount=about(ws, figures.cost_money))
    return ""


# --- budgets


def _budgets(found: Controlling, costs: Costs, glyphs: Glyphs) -> Iterator[MoneyRow]:
    ws = found.workspace
    mine: dict[int, list[int]] = {}
    for task in found.total.tasks:
        mine.setdefault(ws.tasks[task].project or 0, []).append(task)
    for key in sorted(mine, key=lambda key: (not key, key)):
        project, cost = ws.projects.get(key), costs.projects.get(key)
        budget = project.budget if project else None
        if budget is None and cost is None:
            continue
        told: list[Piece] = [(show.project(ws, key, brief=True), "strong"), (": ", "")]
        if budget is not None:
            told.append((_("budget {amount}").format(amount=number(budget, 0)), "plain"))
        if cost is not None:
            role = "alarm" if budget is not None and cost.p80 > budget else "plain"
            dot = (f" {glyphs.dot} ", "dim")
            told += [dot] if budget is not None else []
            told.append((_("P80 {amount}").format(amount=rounded(cost.p80)), role))
            told += [dot, (_("P50 {amount}").format(amount=rounded(cost.p50)), "plain")]
            if cost.within is not None:
                # Neither in none nor in all of them where it was neither.
                kept = cost.within if cost.within in (0, 1) else min(max(cost.within, 0.01), 0.99)
                share = percent(kept)
                told += [dot, (_("kept in {share} of the runs").format(share=share), role)]
        yield MoneyRow("budget", key, key, tuple(mine[key]), tuple(told))


# --- earned value


def _earned_told(
    ws: Workspace, earned: EarnedValue, glyphs: Glyphs, based: bool
) -> Iterator[Piece]:
    """Walk over the figures of a project; what they rest on is said unless it is said above."""
    yield show.project(ws, earned.project, brief=True), "strong"
    yield ": ", ""
    dot = (f" {glyphs.dot} ", "dim")
    if not earned.counted:
        yield _("no task has a planned date (a baseline, or a due date)"), "dim"
        return
    for name, index in (("SPI", earned.spi), ("CPI", earned.cpi)):
        role = "plain" if index is None or index >= 1 else "warn" if index >= 0.9 else "alarm"
        yield f"{name} {'–' if index is None else number(index, 2)}", role
        yield dot
    values = (("BCWS", earned.bcws), ("BCWP", earned.bcwp), ("ACWP", earned.acwp))
    for at, (name, value) in enumerate(values):
        if at:
            yield dot
        yield f"{name} {number(value, 0 if earned.in_money else 1)}", "plain"
    if earned.left_out:
        text = _("{n} of {all} tasks")
        every = len(earned.counted) + len(earned.left_out)
        yield dot
        yield text.format(n=len(earned.counted), all=every), "warn"
    if not based:
        yield dot
        yield basis_of(ws, earned), "dim"


def basis_of(ws: Workspace, earned: EarnedValue) -> str:
    """Return in what an earned value is, and which planned dates it rests on."""
    unit = show.currency(ws) if earned.in_money else _("days")
    if earned.baseline is None:
        return _("{unit}, by due dates").format(unit=unit)
    text = _("{unit}, by baseline “{name}”")
    return text.format(unit=unit, name=show.text(earned.baseline.name))


# --- how a figure came about


def explained(found: Controlling, row: MoneyRow, costs: Costs, glyphs: Glyphs) -> Iterator[str]:
    """Walk over sentences that say how the figures of a row came about."""
    ws = found.workspace
    match row.kind:
        case "line" | "total":
            yield _(
                "Planned: the effort entered, or the likely duration where none was entered, for"
                " one pass of each task. At completion: actual plus to come. Variance: at"
                " completion less planned; + is more than planned."
            )
            yield _(
                "Actual: as entered (spent:), or else as planned for each pass that has ended and"
                " in part for the one under way. To come: as much of the planned effort as is left"
                " of the duration."
            )
            yield _("Cost: effort at the day rate of the assignee, or else of the department.")
            yield from basis(found, row.tasks)
        case "rework":
            rework = found.rework[row.at]
            yield arrow_words(ws, rework.cause, glyphs)
            yield _(
                "Rework is what passes after the first took: the effort spent on a task, divided by"
                " the working days of its passes, at the day rate."
            )
            for task, days, spent in rework.tasks:
                text = _("{task}: {days} d of {spent} d spent")
                yield text.format(task=show.name(ws, task), days=number(days), spent=number(spent))
            if words := to_come_words(ws, rework.cause, costs):
                yield words
        case "budget":
            yield _(
                "P50 and P80: the cost at completion that is kept in half and in 80 of 100"
                " simulated runs, with durations and returns as they may turn out; actual cost"
                " plus cost to come."
            )
        case "earned":
            yield from _earned_explained(found.earned[row.at])


def _earned_explained(earned: EarnedValue) -> Iterator[str]:
    yield _(
        "BCWS (planned value): what was planned to be done by this morning. BCWP (earned value):"
        " what has been done, at planned cost. ACWP (actual cost): what has been spent."
    )
    yield _(
        "SPI = BCWP / BCWS, CPI = BCWP / ACWP; below 1 is behind plan, or over it (ANSI/EIA-748,"
        " PMBOK Guide)."
    )
    if earned.baseline is not None:
        text = _(
            "Planned dates: those of the baseline “{name}”; the value of a task is planned evenly"
            " over its working days, and earned by what is no longer left of its duration. Costs"
            " are those planned now, as a baseline keeps none."
        )
        yield text.format(name=show.text(earned.baseline.name))
    else:
        yield _(
            "There is no baseline: the whole value of a task is planned for its due date, and"
            " earned once it is done. `tracker baseline take NAME` keeps planned dates."
        )
    if earned.left_out:
        text = ngettext(
            "{n} task has no planned date and is in none of the figures: {tasks}",
            "{n} tasks have no planned date and are in none of the figures: {tasks}",
            len(earned.left_out),
        )
        yield text.format(n=len(earned.left_out), tasks=_listed(earned.left_out))
    if not earned.in_money:
        yield _("In person-days, as not every task has a day rate.")


def _listed(tasks: Sequence[int]) -> str:
    named = ", ".join(map(str, tasks[:10]))
    return f"{named} …" if len(tasks) > 10 else named


def basis(found: Controlling, among: Collection[int] | None = None) -> Iterator[str]:
    """Walk over what figures rest on that may surprise: all, or those of some tasks."""

    def hit(tasks: Iterable[int]) -> list[int]:
        return [task for task in tasks if among is None or task in among]

    if tasks := hit(found.unrecorded):
        text = ngettext(
            "{n} task has no effort recorded: what was planned counts as spent ({tasks})",
            "{n} tasks have no effort recorded: what was planned counts as spent ({tasks})",
            len(tasks),
        )
        yield text.format(n=number(len(tasks)), tasks=_listed(tasks))
    if tasks := hit(found.total.unpriced):
        text = ngettext(
            "{n} task has no day rate and is not in the cost ({tasks})",
            "{n} tasks have no day rate and are not in the cost ({tasks})",
            len(tasks),
        )
        yield text.format(n=number(len(tasks)), tasks=_listed(tasks))
    if tasks := hit(found.dropped):
        text = ngettext(
            "{n} dropped task counts with what was spent on it ({tasks})",
            "{n} dropped tasks count with what was spent on them ({tasks})",
            len(tasks),
        )
        yield text.format(n=number(len(tasks)), tasks=_listed(tasks))
    if tasks := hit(found.shared):
        text = ngettext(
            "{n} task has several tags and counts in equal parts for each ({tasks})",
            "{n} tasks have several tags and count in equal parts for each ({tasks})",
            len(tasks),
        )
        yield text.format(n=number(len(tasks)), tasks=_listed(tasks))


def nothing(ws: Workspace) -> str:
    """Return what is said where nothing takes any effort."""
    if not ws.tasks:
        return _("There are no tasks yet.")
    return _("No task in this scope has any effort, planned or spent.")


def unpriced_words() -> str:
    """Return how to have costs beside effort."""
    return _("No day rate yet: `tracker department NAME rate=700` adds cost to effort.")
