"""What baselines are asked for on a view: taking, choosing, comparing them, and replanning."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import date
from functools import partial
from threading import Event
from typing import Any, Protocol

from textual.app import App

from tracker.domain.change import Record
from tracker.domain.errors import Already
from tracker.domain.scope import Scope
from tracker.domain.verbs.baselines import delete_baseline, next_name, rename_baseline
from tracker.domain.verbs.commands import Command, unless_changed
from tracker.domain.workspace import Workspace
from tracker.flow.baseline import Chances, schedule_of, take
from tracker.flow.replan import By, NewDue, ends, new_dues, replan
from tracker.language import _
from tracker.tui.calculating import calculating
from tracker.tui.dialogs.asking import Dialog
from tracker.tui.dialogs.baseline_list import BaselineList, baseline_line, rename_line
from tracker.tui.dialogs.questions import Confirm
from tracker.tui.dialogs.replan_preview import ReplanPreview
from tracker.tui.host import Host
from tracker.wording import replan_words, show


class Planned(Protocol):
    """A view, as far as baselines know it."""

    @property
    def workspace(self) -> Workspace:
        """What is shown."""

    @property
    def scope(self) -> Scope:
        """What of it the views are about."""

    @property
    def today(self) -> date:
        """The day it is."""

    @property
    def host(self) -> Host:
        """The app, as far as views know it."""

    @property
    def app(self) -> App[Any]:
        """The app."""

    @property
    def ask(
        self,
    ) -> Callable[[Dialog[Any], Callable[[Any, Workspace], Command]], Coroutine[Any, Any, Any]]:
        """Open a dialog that stays until what it answers has been carried out."""

    def tell(self, message: str, style: str = "info") -> None:
        """Show a message."""


async def choose(view: Planned) -> None:
    """List the baselines, and do what is chosen."""
    host, ws = view.host, view.workspace
    answer = await view.app.push_screen_wait(
        BaselineList(ws, view.scope.known(ws), host.baseline, view.today)
    )
    if answer is None:
        return
    # Others may have changed some while the list was open.
    listed, ws = ws, view.workspace
    chosen = [each for key in answer.baselines if (each := ws.baselines.get(key))]
    match answer.what:
        case "take":
            await take_one(view)
        case "replan":
            await plan_anew(view)
        case "compare" if len(chosen) == 2:
            old, new = sorted(chosen, key=lambda each: (each.taken, each.id))
            host.show_drift(old.id, new.id)
        case "show" if chosen:
            host.draw_baseline(chosen[0].id)
            host.show_drift(chosen[0].id)
        case "draw" if chosen:
            drawn = host.baseline
            stays = drawn is None or drawn.id != chosen[0].id
            host.draw_baseline(chosen[0].id if stays else 0)
            text = _("{name} is drawn in the timeline.") if stays else _("No baseline is drawn.")
            view.tell(text.format(name=show.text(chosen[0].name)))
        case "rename":
            key = answer.baselines[0]
            rename = partial(rename_baseline, baseline=key)
            # Of one that has gone it is asked all the same: what is typed is no keys.
            await view.ask(
                rename_line(ws, ws.baselines.get(key) or listed.baselines[key]),
                lambda name, seen: partial(rename, to=name, seen=seen.baselines.get(key)),
            )
        case "delete" if chosen:
            host.only_now()
            question = _("Delete the baseline {name}?").format(name=show.text(chosen[0].name))
            if await view.app.push_screen_wait(Confirm(question, _("delete"), _("keep"))):
                delete = partial(delete_baseline, baseline=chosen[0].id)
                await host.carry_out(unless_changed(delete, chosen[0], chosen[0].name))


async def take_one(view: Planned, name: str = "") -> None:
    """Ask for a name and a reason, and take the plan as a baseline."""
    host, ws = view.host, view.workspace
    projects = view.scope.known(ws).projects
    chances, capacity = _chances(host, ws), host.capacity
    value = (name or next_name(ws, _("Plan"))) + ": "
    line = baseline_line(ws, Scope(projects), chances, view.today, value, capacity=capacity)
    command = partial(take, projects=projects, capacity=capacity, chances=chances)
    record: Record | None = await view.ask(
        line, lambda answer, _seen: partial(command, name=answer[0], reason=answer[1])
    )
    if record is not None:
        host.draw_baseline(None)


def _chances(host: Host, ws: Workspace) -> dict[int, Chances]:
    """Return by when projects are over, as far as that is known of this very plan."""
    found = host.outlook
    about = found.about if found else None
    if not found or not about or about.workspace is not ws or about.back_up:
        return {}
    if about.rates != "posterior" or about.capacity != host.capacity:
        return {}
    return {
        key: Chances(*map(each.plan.finish_date, (each.finish.p50, each.finish.p80)))
        for key, each in found.forecasts.items()
    }


async def _ends(ws: Workspace, today: date, by: By, left: Event) -> dict[int, date]:
    """Return by when each open task is over, found out beside the screen."""
    return await asyncio.to_thread(calculating(ends), ws, today, by, left.is_set) or {}


async def plan_anew(view: Planned) -> None:
    """Show what replanning would move, and set these dates if that is wanted."""
    host, ws, today = view.host, view.workspace, view.today
    host.only_now()
    view.tell(_("Simulating the plan …"), "dim")
    tasks = view.scope.known(ws).tasks(ws).keys()
    left = Event()
    try:
        known: dict[By, dict[int, date]] = {
            "p80": await _ends(ws, today, "p80", left),
            "finish": await _ends(ws, today, "finish", left),
        }
    finally:
        left.set()
    view.tell("")

    def moves(by: By, unkept: bool) -> tuple[NewDue, ...]:
        return new_dues(ws, today, known[by], unkept=unkept, tasks=tasks)

    if not moves("p80", True) and not moves("finish", True):
        raise Already(replan_words.nothing(True))
    p80s = {key: each.p80 for key, each in _chances(host, ws).items()}
    await host.until_free()
    dues = await view.app.push_screen_wait(
        ReplanPreview(ws, moves, schedule_of(ws, today), p80s, today)
    )
    if dues:
        await host.carry_out(partial(replan, dues=dues))
