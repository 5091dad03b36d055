"""What is known of return arrows: how often work came back, why, and what that costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from tracker.domain import status
from tracker.domain.calendar import day_of
from tracker.domain.model import Link, Pass
from tracker.domain.workspace import Workspace
from tracker.language import _, ngettext
from tracker.wording import show
from tracker.wording.cost_words import about
from tracker.wording.figures import (
    day_words,
    duration,
    number,
    percent,
    percent_between,
    working_days,
)
from tracker.wording.show import Glyphs, Piece

if TYPE_CHECKING:
    from tracker.flow.forecast.forecast import ReturnFigures
    from tracker.flow.forecast.loop_figures import Figures


class Seen(NamedTuple):
    """How many of the ended passes of a gate came back, and the rate that follows."""

    returned: int
    ended: int
    mean: float
    low: float
    high: float


def seen(found: ReturnFigures | None) -> Seen | None:
    """Return what was seen of an arrow, and between which its rate is drawn, if it is."""
    if found is None or found.learned is None:
        return None
    return Seen(found.returned, found.ended, found.rate, found.rate_low, found.rate_high)


def costliest(ws: Workspace, figures: Mapping[int, ReturnFigures]) -> tuple[int, ...]:
    """Return the return arrows, the one whose end would save most first."""

    def rank(link: int) -> tuple[float, float, int]:
        found = figures.get(link)
        if found is None or found.cost_mean is None:
            return (0.0, 0.0, link)
        return (-found.cost_mean, -(found.cost_money or 0.0), link)

    returns = (key for key, link in ws.links.items() if link.kind == "returns")
    return tuple(sorted(returns, key=rank))


def to_fix_first(figures: Mapping[int, ReturnFigures], order: tuple[int, ...]) -> int | None:
    """Return the arrow that costs most, if one costs anything."""
    found = figures.get(order[0]) if order else None
    return found.link if found and (found.cost_mean or 0.0) > 0 else None


# In few words, as they are in a table


def ends(ws: Workspace, link: Link, glyphs: Glyphs) -> str:
    """Return where an arrow comes from and leads to."""
    return f" {glyphs.right} ".join(show.name(ws, end) for end in (link.source, link.target))


def passes_cell(ws: Workspace, link: Link, glyphs: Glyphs) -> Piece:
    """Return the passes of an arrow against their limit."""
    if status.link_passes(ws, link) == 1:
        return _("never"), "dim"
    if status.over(ws, link):
        return show.passes_counter(ws, link, glyphs) + glyphs.alarm, "alarm"
    return show.passes_counter(ws, link, glyphs), "back"


def learned_cell(link: Link, found: Seen | None) -> str:
    """Return how many of how many came back, or where the rate is from."""
    if found is None:
        return _("assumed") if link.rate_assumed else _("as entered")
    between = percent_between(found.low, found.high)
    if not found.ended:
        text = _("as entered, sampled from {between}")
        if link.rate_assumed:
            text = _("assumed, sampled from {between}")
        return text.format(between=between)
    text = _("{n} of {all} ({between})")
    return text.format(n=found.returned, all=found.ended, between=between)


def day_count(value: float) -> str:
    """Return days with one decimal place, if they need it."""
    return number(value, 0 if abs(round(value, 1)) >= 10 else 1)


# In sentences


def facts(ws: Workspace, link: Link, found: Seen | None, glyphs: Glyphs) -> Iterator[Piece]:
    """Yield how often work comes back over an arrow, how much is done again, and the passes."""
    yield _returned(link, found), "plain"
    if link.share < 1:
        text = _("{share} rework").format(share=percent(link.share))
        yield f" {glyphs.dot} {text}", "plain"
    for text in again(link.redo, link.learning):
        yield f" {glyphs.dot} {text}", "plain"
    yield f" {glyphs.dot} ", "plain"
    yield passes_words(ws, link), "alarm" if status.over(ws, link) else "plain"
    if link.escalation is not None:
        yield f", {_forward(link.escalation)}", "plain"
    if status.over(ws, link):
        text = _("over the limit")
        if person := show.person(ws, link.escalate_to):
            text = _("over the limit: notify {person}").format(person=person)
        yield f" {glyphs.dot} {glyphs.alarm} {text}", "alarm"


def _returned(link: Link, found: Seen | None) -> str:
    if found is None or not found.ended:
        words = _("expected return rate {rate}, as entered")
        if link.rate_assumed:
            words = _("assumed return rate {rate}; none was entered")
        told = words.format(rate=percent(link.rate))
        if found is None:
            return told
        between = percent_between(found.low, found.high)
        return told + _(" (sampled from {between})").format(between=between)
    words = _("{n} of {all} returned: {rate}, {between} (entered: {entered})")
    if link.rate_assumed:
        words = _("{n} of {all} returned: {rate}, {between} (assumed: {entered})")
    return words.format(
        n=found.returned,
        all=found.ended,
        rate=percent(found.mean),
        between=percent_between(found.low, found.high),
        entered=percent(link.rate),
    )


def passes_words(ws: Workspace, link: Link, *, brief: bool = False) -> str:
    """Return how often work came back over an arrow, and how often it may; in `brief` not both."""
    count = status.link_passes(ws, link)
    if count == 1 and brief:
        return _("never returned")
    if count == 1 and link.limit is None:
        return _("never returned, no limit")
    if count == 1:
        text = ngettext(
            "never returned, at most {limit} pass",
            "never returned, at most {limit} passes",
            link.limit or 0,
        )
        return text.format(limit=link.limit)
    if link.limit is not None:
        return _("{n} of {limit} passes").format(n=count, limit=link.limit)
    if brief:
        return ngettext("{n} pass", "{n} passes", count).format(n=count)
    return ngettext("{n} pass, no limit", "{n} passes, no limit", count).format(n=count)


def options(
    rate: float | None = None,
    share: float | None = None,
    limit: int | None = None,
    redo: str | None = None,
    learning: float | None = None,
    escalation: float | None = None,
) -> Iterator[str]:
    """Yield the options of a return arrow that somebody gave, each in a few words."""
    if rate is not None:
        yield _("return rate {rate}").format(rate=percent(rate))
    if share not in (None, 1.0):
        yield _("{share} rework").format(share=percent(share or 0.0))
    if limit is not None:
        yield ngettext("at most {n} pass", "at most {n} passes", limit).format(n=limit)
    if escalation is not None:
        yield _forward(escalation)
    yield from again(redo or "all", learning or 0.0)


def _forward(days: float) -> str:
    words = ngettext(
        "then it goes forward after {days} working day",
        "then it goes forward after {days} working days",
        round(days) if days == round(days) else 2,
    )
    return words.format(days=number(days, 1))


def again(redo: str, learning: float) -> Iterator[str]:
    """Yield what a return arrow redoes and learns, where it is not what is usual."""
    if redo == "target":
        yield _("only target and gate are redone")
    elif redo == "chance":
        yield _("redone as far as the rework reaches")
    if learning:
        yield _("each further pass takes {share} less").format(share=percent(learning))


def again_observed(link: Link, share: float) -> str:
    """Return how much of the work was done again, where something else was entered."""
    text = _(
        "{observed} of the work was done again (shown only); {entered} was entered and is used."
    )
    return text.format(observed=percent(share), entered=percent(link.share))


def ahead(ws: Workspace, found: ReturnFigures, glyphs: Glyphs) -> Iterator[Piece]:
    """Yield what a forecast says of an arrow: the passes to come, and what they cost."""
    words = _("Accepted at first attempt: {first}; further passes: {half} (median), {most} (P95).")
    yield (
        words.format(
            first=percent(found.first_pass_yield),
            half=number(found.passes_p50),
            most=number(found.passes_p95),
        ),
        "plain",
    )
    if found.cost_p50 is None or found.cost_p80 is None:
        return
    cost = _("Cost: {p50} d (P50), {p80} d (P80)")
    yield " " + through(found), "plain"
    text = cost.format(p50=day_count(found.cost_p50), p80=day_count(found.cost_p80))
    if found.cost_money is not None:
        text += ", " + about(ws, found.cost_money)
    yield f" {text}.", "strong"
    if found.capped:
        runs = ngettext("cut off in {n} run", "cut off in {n} runs", found.capped)
        yield f" {glyphs.alarm} {runs.format(n=found.capped)}", "alarm"


def through(back: ReturnFigures) -> str:
    """Return through what a return costs time: how often it comes back, for how long each time."""
    text = ngettext(
        "In {runs} of 100 runs it comes back at least once, for about {days}.",
        "In {runs} of 100 runs it comes back at least {n} times, for about {days} each.",
        back.often,
    )
    days = working_days(back.round_days, 0 if back.round_days >= 10 else 1)
    return text.format(runs=round(100 * back.often_share), n=back.often, days=days)


def not_additive() -> str:
    """Return what must be known of costs before they are added up."""
    return _("Costs of returns do not add up: removing one changes the cost of the others.")


def ledger(ws: Workspace, link: Link, today: date, glyphs: Glyphs) -> Iterator[list[Piece]]:
    """Yield the passes that an arrow opened, the newest first."""
    opened = [run for run in ws.tasks[link.target].passes if run.gate == link.source]
    if not opened:
        yield [(_("Nothing has come back over it yet."), "dim")]
    for run in reversed(opened):
        pieces: list[Piece] = [(_("pass {n}").format(n=run.number) + " ", "strong")]
        pieces.append((_span(run, today), "plain"))
        if run.who:
            pieces.append((f" {glyphs.dot} {show.text(run.who)}", "dim"))
        if run.reason:
            reason = _("“{reason}”").format(reason=run.reason)
            pieces.append((f" {glyphs.dot} {show.text(reason)}", "plain"))
        system = ws.systems.get(run.system or 0)
        if system is not None:
            pieces.append((f" {glyphs.dot} {show.text(system.name)}", "back"))
        yield pieces


def _span(run: Pass, today: date) -> str:
    """Return when a pass began, and how long it took."""
    begun = run.opened or run.started
    if begun is None:
        return ""
    first = day_words(day_of(begun), today)
    if run.ended is None:
        return _("since {day}").format(day=first)
    return f"{first}, {duration(run.ended - begun)}"


def health_words(figures: Figures, glyphs: Glyphs) -> Iterator[Piece]:
    """Yield whether a loop dies out, and why; nothing where no gate is in it."""
    if figures.another_round is None:
        return
    word, style = {
        "red": (_("This loop never ends: its gates send everything back"), "alarm"),
        "amber": (_("This loop barely converges; lower its return rates"), "warn"),
        "good": (_("This loop converges"), "done"),
    }[figures.health]
    sign = "" if style == "done" else f"{glyphs.alarm} "
    yield sign + word, style
    text = _("{chance} of passes are followed by another, with {share} of the work")
    why = text.format(chance=percent(figures.another_round), share=percent(figures.work_again))
    yield f" ({why})", "dim"


def expected(figures: Figures, glyphs: Glyphs) -> Iterator[Piece]:
    """Yield what a loop takes from start to acceptance, where that is known exactly."""
    if figures.expected_days is not None:
        text = _("expected from start to acceptance: {days} ± {sd} d")
        told = text.format(days=number(figures.expected_days), sd=number(figures.sd_days or 0.0))
        yield f" {glyphs.dot} {told}", "plain"
