"""A law: no key acts on what others have put in the place of what was looked at.

Anna looks at something, Bob changes the plan in some way, and Anna presses a key that is about what
she looked at. Where something else has come there, that key does nothing at all and says why, and
pressed again it is taken for what is there now.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random
from threading import Event
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen
from textual.worker import Worker

from tests.builders import TODAY
from tracker.domain.draft import Named
from tracker.domain.errors import TrackerError
from tracker.domain.model import Department, Item, Person, Project, System
from tracker.domain.verbs import arrows, commands, upkeep
from tracker.domain.verbs.commands import Command
from tracker.domain.workspace import Workspace
from tracker.flow.baseline import take
from tracker.session import Session
from tracker.tui import keys
from tracker.tui.app import TrackerApp
from tracker.tui.board import arranged_board
from tracker.tui.dialogs.master_data import MasterData
from tracker.tui.load import controlling_screen
from tracker.tui.load import screen as load
from tracker.tui.task.detail_pane import DetailPane
from tracker.tui.task.screen import DetailScreen
from tracker.tui.timeline import screen as timeline
from tracker.tui.view.frame import StatusLine
from tracker.tui.view.view import View
from tracker.tui.view.work import WorkScreen
from tracker.tui.widgets.choices import Choices
from tracker.tui.widgets.rows import Rows

# Keys that are about what has the cursor although they change nothing.
_ABOUT = {
    *("open", "mark", "copy", "nudge", "keep", "rate_up", "rate_down", "without", "retype"),
    *("estimate", "other_week", "list_tasks", "record", "as_of"),
}
ITEMS = tuple(Item(text=text) for text in "ABCDE")
TITLES = ("Konzept", "Bauen", "Test", "Abnahme", "Umzug", "Betrieb", "Abbau")
_LISTS: tuple[type[Named], ...] = (Project, Department, Person, System)
_PLACES = (
    *("today", "board", "tasks", "timeline", "matrix", "loops", "load", "controlling", "log"),
    *("baselines", "task", "panel", "lists"),
)


def changed(ws: Workspace, random: Random) -> Command | None:
    """Return something that Bob may do to a plan."""
    tasks = [*ws.tasks]
    if len(tasks) < 4:
        return partial(commands.add_task, title=f"Neu {ws.seq}", department="Netz")
    task, other = random.sample(tasks, 2)
    likely, day = float(random.randint(1, 9)), TODAY + timedelta(days=random.randint(-9, 30))
    fields: dict[str, Any] = random.choice(
        (
            {"due": day},
            {"not_before": day},
            {"likely": likely},
            {"assignee": random.choice(("carol", "dave", "anna", ""))},
            {"department": random.choice(("Netz", "Betrieb", "Einkauf", ""))},
            {"project": random.choice(("Umzug", "Ablösung", ""))},
            {"tags": random.choice((("a",), ("b",), ("a", "b"), ()))},
            {"systems": random.choice((("DNS",), ("VPN", "DNS"), ()))},
            {"title": f"{random.choice('AMZ')} {ws.seq}"},
            {"checklist": tuple(random.sample(ITEMS, random.randint(0, 5)))},
        )
    )
    kind = random.choice(_LISTS)
    named = [*ws.table(kind).values()]
    if named and random.random() < 0.2:
        one, into = random.choice(named), random.choice(named)
        if one is not into:
            return partial(upkeep.merge, kind=kind, name=one.id, into=into.id)
        to = f"{random.choice('AMZ')}{ws.seq}"
        return partial(upkeep.rename, kind=kind, name=one.name, to=to)
    return random.choice(
        (
            partial(commands.edit_task, task=task, **fields),
            partial(commands.edit_task, task=task, **fields),
            partial(commands.edit_task, task=task, **fields),
            partial(commands.delete_task, task=task),
            partial(commands.delete_task, task=task),
            partial(commands.finish, task=task),
            partial(commands.begin, task=task),
            partial(arrows.link, source=task, target=other),
            partial(arrows.link_return, gate=task, target=other),
            partial(arrows.unlink, link=random.choice([0, *ws.links])),
            partial(commands.add_task, title=f"Neu {ws.seq}", due=day, likely=likely),
            partial(commands.wait, task=task, waiting_for="Dell", follow_up=day),
        )
    )


def plan(bob: Session) -> None:
    for at, title in enumerate(
        ["Konzept", "Bauen", "Test", "Abnahme", "Umzug", "Betrieb", "Abbau"]
    ):
        work: dict[str, Any] = {
            "department": ("Netz", "Betrieb")[at % 2],
            "assignee": ("carol", "dave")[at // 4],
            "project": ("Umzug", "Ablösung")[at % 2],
            "systems": (("DNS",), ("VPN",))[at % 2],
            "checklist": ITEMS,
            "likely": 2.0,
            "due": TODAY + timedelta(days=at - 3),
        }
        bob.do(partial(commands.add_task, title=title, **work))
    for source in range(1, 7):
        bob.do(partial(arrows.link, source=source, target=source + 1))
    for gate, target in ((3, 1), (4, 2), (6, 5)):
        bob.do(partial(arrows.link_return, gate=gate, target=target))
    bob.do(partial(take, name="Plan", reason="", projects=(), capacity=False, chances={}))


def _reads(worker: Worker[Any]) -> bool:
    """Whether something is worked out beside the screen that is to be shown."""
    groups = ("timeline", "load", "drift", "controlling")
    return worker.group in groups or worker.name == "_lay_out_aside"


class Story:
    """Anna at her screen and Bob at his, one key and one change after the other."""

    def __init__(self, app: TrackerApp, pilot: Pilot[str], bob: Session, random: Random) -> None:
        self.app, self.pilot, self.bob, self.random = app, pilot, bob, random
        self.told: list[str] = []
        # Closed while what is worked out beside the screen has to wait.
        self.gate, self.late = Event(), False
        self.gate.set()
        deliver = app.call_from_thread

        def delivered(*arguments: Any, **named: Any) -> Any:
            self.gate.wait(9)
            return deliver(*arguments, **named)

        app.call_from_thread = delivered  # type: ignore[method-assign]

    @property
    def view(self) -> View:
        return next(each for each in reversed(self.app.screen_stack) if isinstance(each, View))

    def looked_at(self) -> tuple[Screen[Any], Sequence[int], object]:
        """Return what is looked at: the screen, the tasks, and what has the cursor in words."""
        screen = self.app.screen
        if isinstance(screen, MasterData):
            return screen, (), (screen._kind, screen.query_one(Choices).key)
        view = self.view
        here = view.focused_task if view.marks else None
        panes = [pane for pane in view.query(DetailPane) if pane.has_focus and pane.place]
        if panes:
            entry = panes[0].entries[panes[0]._at]
            words = "".join(text for text, _style in entry.line).split()
            said = words[-1] if entry.place and entry.place.kind == "item" else str(entry.place)
            return screen, view.selected, (here, said)
        if view.VIEW in ("log", "loops"):
            return screen, view.selected, (here, view.query_one(Rows).row)
        return screen, view.selected, here

    async def rest(self) -> None:
        """Wait until all is shown that is to be shown."""
        for _ in range(2):
            await self.pilot.pause()
        while self.gate.is_set() and any(map(_reads, self.app.workers)):
            await self.pilot.pause(0.01)
        await self.pilot.pause()

    async def press(self, *names: str) -> None:
        self.told.append("anna: " + " ".join(names))
        await self.pilot.press(*names)
        await self.rest()

    async def bob_acts(self) -> None:
        """Have Bob change something, and Anna see it."""
        self.bob.reload()
        act = changed(self.bob.workspace, self.random)
        try:
            if act is not None:
                self.told.append(f"bob: {act}")
                self.bob.do(act)
        except TrackerError as error:
            self.told.append(f"refused: {error}")
        if self.late:
            self.gate.clear()
        self.app.follow()
        await self.rest()

    async def go_to(self, place: str) -> None:
        while len(self.app.screen_stack) > 2:
            self.app.pop_screen()
            await self.pilot.pause()
        if place == "lists":
            self.app.show_view("tasks")
            await self.rest()
            self.app.show_master_data(self.random.choice(_LISTS))
        elif place == "task":
            self.app.show_view("tasks")
            await self.rest()
            self.app.open_task(self.random.choice([*self.app.workspace.tasks]))
        elif place == "panel":
            self.app.show_view(self.random.choice(("tasks", "board")))
            await self.rest()
            await self.pilot.press("enter", "enter")
        else:
            self.app.show_view(place)
        await self.rest()

    def keys(self) -> list[str]:
        """Return keys that are about what is looked at."""
        if isinstance(self.app.screen, MasterData):
            return ["e", "x", "m", "enter"]
        known = keys.known(*self.view.KEYS_OF)
        found = [k for k in known if (k.changes and not k.unaimed) or k.id in _ABOUT]
        return [keys.keys_of(key).split(",")[0] for key in found]

    async def look_round(self) -> None:
        """Go somewhere, and perhaps mark something or begin what other keys end."""
        for _ in range(self.random.randint(0, 3)):
            await self.press(self.random.choice(("j", "j", "k", "l", "h")))
        more: dict[str, tuple[str, ...]] = {"loops": ("plus", "x"), "board": ("greater_than_sign",)}
        begun = ("M", "v", *more.get(self.view.VIEW, ()), *("t",) * (self.view.VIEW == "timeline"))
        if (
            not isinstance(self.app.screen, MasterData | DetailScreen)
            and self.random.random() < 0.4
        ):
            await self.press(self.random.choice(begun))
        if self.random.random() < 0.3:
            await self.press("j")
        if self.random.random() < 0.2 and not isinstance(self.app.screen, MasterData):
            # Work of one's own, which may put what is looked at somewhere else.
            stack = [*self.app.screen_stack]
            await self.press(self.random.choice(("p", "p", "space")))
            await self.leave(stack)

    async def turn(self) -> None:
        """Look at something, have it changed, and press a key."""
        await self.look_round()
        before = self.looked_at()
        self.late = self.random.random() < 0.5
        for _ in range(self.random.randint(1, 3)):
            await self.bob_acts()
        if self.late:
            # What is read beside the screen comes only once somebody has gone on.
            await self.press(self.random.choice(("j", "k")))
            before, self.late = self.looked_at(), False
            self.gate.set()
            await self.rest()
        if self.random.random() < 0.2:
            # A click on what chooses nothing.
            await self.pilot.click(StatusLine if self.app.screen is self.view else None, (0, 0))
            await self.rest()
        after, seq, stack = self.looked_at(), self.app.workspace.seq, [*self.app.screen_stack]
        # What comes where there was nothing is in the place of nothing.
        unknown = not before[1] and before[2] in (None, (None, None))
        same = unknown or (
            before[0] is after[0] and before[2] == after[2] and set(after[1]) <= set(before[1])
        )
        key = self.random.choice(self.keys())
        tried = self.standing()
        await self.press(key)
        if not same:
            assert self.app.workspace.seq == seq, self.report(before, after)
            assert self.app.screen_stack == stack, self.report(before, after)
            assert self.standing() == tried, self.report(before, after)
            again = self.looked_at()
            if again == after and self.refusal():
                await self.press(key)
                assert not self.refusal(), self.report(before, after)
        await self.leave(stack)

    async def leave(self, stack: Sequence[Screen[Any]]) -> None:
        """Leave whatever has opened over the screens that were there, and give up what is begun."""
        while len(self.app.screen_stack) > len(stack) or (self.app.screen is not stack[-1]):
            if not isinstance(self.app.screen, WorkScreen) or len(self.app.screen_stack) > 2:
                self.app.pop_screen()
            else:
                break
            await self.rest()

    def standing(self) -> str:
        """Return what is being done, by the foot of the view: a what-if, say."""
        return str([piece for line in self.view.query(StatusLine) for piece in line.standing])

    def refusal(self) -> bool:
        if isinstance(self.app.screen, MasterData):
            return "has changed" in self.app.screen._told[0]
        line = self.view.query_one(StatusLine).message
        return bool(line) and "has changed" in str(line)

    def report(self, before: object, after: object) -> str:
        return "\n".join([*self.told, f"before: {before}", f"after: {after}"])


async def tell(seed: int, place: str, turns: int, folder: Path, size: tuple[int, int]) -> None:
    """Tell a story of so many turns."""
    random = Random(seed)
    file = folder / "plan.json"
    bob = Session.open(file, who="bob", today=TODAY)
    plan(bob)
    anna = Session.open(file, who="anna", today=TODAY)
    app = TrackerApp(anna)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        story = Story(app, pilot, bob, random)
        for _ in range(turns):
            await story.go_to(place)
            await story.turn()
    anna.close()
    bob.close()


@pytest.fixture(params=[False, True], ids=["at once", "beside"], autouse=True)
def aside(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have large views read at once, or beside the screen."""
    if request.param:
        monkeypatch.setattr(timeline, "_AT_ONCE", 0)
        monkeypatch.setattr(load, "_SMALL", 0)
        monkeypatch.setattr(controlling_screen, "_SMALL", 0)
        monkeypatch.setattr(arranged_board, "_AT_ONCE", 0)


@pytest.mark.parametrize("place", _PLACES)
async def test_no_key_acts_on_what_has_come_in_the_place_of_another(
    place: str, tmp_path: Path
) -> None:
    await tell(1, place, 8, tmp_path, (130, 36))


@pytest.mark.torture
@pytest.mark.parametrize("place", _PLACES)
@pytest.mark.parametrize("seed", range(2, 4))
async def test_no_key_acts_on_what_has_come_in_the_place_of_another_in_long(
    place: str, seed: int, tmp_path: Path
) -> None:
    await tell(seed, place, 40, tmp_path, ((130, 36), (80, 24))[seed % 2])
