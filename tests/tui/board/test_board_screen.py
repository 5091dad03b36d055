"""The dependency board on the screen: what is read on it, and how one moves on it."""

from __future__ import annotations

import random
import re
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest
from msgspec.structs import replace
from rich.style import Style
from textual.pilot import Pilot

from tests.builders import TODAY, done, later, plan
from tracker.domain.change import Change, Edit
from tracker.domain.model import Department, Person, System
from tracker.domain.sentence import sentence
from tracker.domain.verbs import arrows, commands
from tracker.domain.workspace import Workspace
from tracker.flow.board.board import Board
from tracker.flow.board.pieces import Zoom
from tracker.session import Session
from tracker.tui import forecasting
from tracker.tui.app import TrackerApp
from tracker.tui.board import arranged_board as board_module
from tracker.tui.board import captions
from tracker.tui.board.board_view import BoardView
from tracker.tui.board.screen import BoardScreen
from tracker.tui.board.viewpoint import Look
from tracker.tui.messages import Do
from tracker.tui.task.detail_pane import DetailPane
from tracker.tui.text import fitting
from tracker.tui.text.styles import STYLES
from tracker.wording import show

HOUSE = (
    Department(id=1, name="Fachbereich", order=1),
    Department(id=2, name="Entwicklung", order=2, wip_limit=1),
    Department(id=3, name="Informationssicherheit", short="ISB", order=3),
    Person(id=1, login="k.brandt"),
    System(id=1, name="ERP-DB", state="down"),
)


def office() -> Workspace:
    """Return a plan in three lanes, with work that came back from 4 to 2."""
    ws = plan(
        "1-2 2-3 3-4 2-5 4-6",
        returns="4-2",
        states="1:done 2:done 3:done 4:doing",
        titles=("Anforderungen", "Schnittstelle", "Test", "Abnahme", "Schulung", "Freigabe"),
        extra=HOUSE,
    )
    lanes = {1: 1, 2: 2, 3: 3, 4: 1, 5: 2, 6: 1}
    edits = [
        Edit(ws.tasks[task], replace(ws.tasks[task], department=lane, assignee=1))
        for task, lane in lanes.items()
    ]
    link = next(link for link in ws.links.values() if link.kind == "returns")
    edits.append(Edit(link, replace(link, limit=3)))
    ws = ws.apply(Change(sentence("Lanes"), tuple(edits)))
    return done(ws, arrows.send_back, gate=4, target=2, reason="ERP-DB refuses", now=later(5))


class Stage(NamedTuple):
    """A board on the screen, and the means to work on it."""

    app: TrackerApp
    pilot: Pilot[str]

    @property
    def screen(self) -> BoardScreen:
        screen = self.app.screen
        assert isinstance(screen, BoardScreen)
        return screen

    @property
    def view(self) -> BoardView:
        return self.screen.view

    @property
    def board(self) -> Board:
        assert self.view.board is not None
        return self.view.board

    @property
    def here(self) -> int:
        assert self.screen.focused_task is not None
        return self.screen.focused_task

    @property
    def text(self) -> str:
        view = self.view
        return "\n".join(view.render_line(y).text.rstrip() for y in range(view.size.height))

    def style(self, words: str, nth: int = 0) -> Style:
        """Return the style of the nth piece of the board that holds some words."""
        view = self.view
        found = [
            segment.style or Style.null()
            for y in range(view.size.height)
            for segment in view.render_line(y)
            if words in segment.text
        ]
        return found[nth]

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def do(self, command: Callable[..., Change], **fields: object) -> None:
        self.app.post_message(Do(partial(command, **fields)))
        await self.pilot.pause()


Show = Callable[..., AbstractAsyncContextManager[Stage]]


@pytest.fixture
def stage(tmp_path: Path) -> Show:
    """Give a context that shows a workspace on the board."""

    @asynccontextmanager
    async def show(
        ws: Workspace,
        size: tuple[int, int] = (100, 30),
        *,
        ascii: bool = False,
        zoom: str = "normal",
        folds: bool | None = False,
    ) -> AsyncIterator[Stage]:
        session = Session.open(tmp_path / "plan.json", who="k.brandt", today=TODAY)
        births = tuple(Edit(None, entity) for entity in ws.entities())
        born = Change(sentence("Begun"), births)
        if not session.workspace.tasks:
            session.do(lambda ws, now: born)  # noqa: ARG005
        app = TrackerApp(session, ascii=ascii)
        if folds is not None:
            app.remember(fold_finished=folds)
        if zoom:
            app.remember(zoom=dict.fromkeys(("narrow", "middle", "wide"), zoom))
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            yield Stage(app, pilot)
        session.close()

    return show


# What is read


BOARD = """\
Fachbereich       ║▌✓1 Anforderungen ─┐                                           ┏━►█4 Abnahme
                  ║                   │                                           ┃  ▌k.brandt
                  ║                   │                                           ┃  ▌⊘ blocked
··················║···················│···········································┃···············
Entwicklung       ║                   └─►█2 Schnittstelle  ━┱─►▌5 Schulung        ┃
0/1 wip           ║                      ▌k.brandt          ┃  ▌k.brandt          ┃
                  ║                   ╭╌▷▌○ ready     ↻2/3  ┃  ▌⊘ blocked         ┃
··················║···················╎·····················┃·····················┃···············
Informations-     ║                   ╎                     ┗━► 3 Test           ━┛
sicherheit        ║                   ╎                         k.brandt
                  ║                   ╎                         ? recheck
                  ║                   ╰╌↻2/3╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌
                  ║
                  ║
                  ║
                  ║
 3 Test  ? recheck  k.brandt
 waits for 2  successors: 4  ↻ 2 → 3 → 4 → 2   2 of 3 passes · “ERP-DB refuses” · k.brandt"""


async def test_a_board_is_read_at_a_glance(stage: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    # What a return costs is not known yet, however slow the machine is.
    monkeypatch.setattr(forecasting, "_IDLE_SECONDS", 600.0)
    async with stage(office(), (98, 20)) as at:
        at.screen.choose(3)
        await at.pilot.pause()
        assert at.text == BOARD


async def test_a_card_says_its_state_and_what_is_wrong_with_it(stage: Show) -> None:
    ws = office()
    ws = done(ws, commands.edit_task, task=4, systems=("ERP-DB",), due=TODAY.replace(day=20))
    async with stage(ws, (160, 40)) as at:
        assert "◐ doing" not in at.text
        assert re.search(r"○ ready +↻2/3", at.text)
        assert "? recheck" in at.text
        assert "!stuck: ERP-DB" in at.text
        at.screen.choose(4)
        assert "!stuck: ERP-DB  !3 days late" in at.text


async def test_a_lane_says_when_more_is_under_way_than_it_bears(stage: Show) -> None:
    async with stage(office()) as at:
        assert "wip !" not in at.text
        await at.do(commands.start, task=2)
        assert "1/1 wip" in at.text
        await at.do(commands.start, task=5)
        assert "2/1 wip !" in at.text
        assert at.style("2/1 wip !") == STYLES["alarm"]


async def test_the_focus_lights_what_comes_in_what_goes_out_and_what_goes_back(stage: Show) -> None:
    async with stage(office(), (120, 36)) as at:
        at.screen.choose(2)
        await at.pilot.pause()
        assert at.style("2 Schnittstelle") == STYLES["cursor"]
        assert at.style("━►").color == STYLES["needs.in"].color
        assert at.style("┳").color == STYLES["needs.out"].color
        assert at.style("╍").color == STYLES["loop"].color
        assert at.text.count("█") == 4  # 1, 3, 4 and 5 are at the other ends
        at.screen.choose(6)
        await at.pilot.pause()
        assert "╍" not in at.text


async def test_the_chain_is_lit_and_the_rest_dimmed(stage: Show) -> None:
    async with stage(office(), (120, 36)) as at:
        at.screen.choose(3)
        await at.press("f")
        assert at.style("Schulung") == STYLES["dim"]
        assert at.style("Abnahme") != STYLES["dim"]
        await at.press("escape")
        assert at.style("Schulung") != STYLES["dim"]


async def test_below_the_board_stand_the_loop_its_passes_and_the_last_reason(stage: Show) -> None:
    async with stage(office(), (120, 36)) as at:
        at.screen.choose(3)
        await at.pilot.pause()
        last = at.text.splitlines()[-1]
        assert "↻ 2 Schnittstelle → 3 Test → 4 Abnahme → 2" in last
        # What it costs stands between the two once that is known.
        assert "2 of 3 passes · “ERP-DB refuses” · " in last
        assert last.rstrip().endswith(" · k.brandt")


async def test_without_a_loop_they_say_who_waits_for_whom(stage: Show) -> None:
    async with stage(office(), (120, 36)) as at:
        at.screen.choose(5)
        await at.pilot.pause()
        assert at.text.splitlines()[-1] == "  waits for 2 Schnittstelle"[1:]
        at.screen.choose(1)
        await at.pilot.pause()
        assert at.text.splitlines()[-1] == " successors: 2 Schnittstelle"


async def test_nothing_but_ascii_where_nothing_else_is_known(stage: Show) -> None:
    ws = done(office(), commands.edit_task, task=5, title="Übergabe → später")
    async with stage(ws, (120, 36), ascii=True) as at:
        at.screen.choose(2)
        await at.pilot.pause()
        assert at.text.isascii()
        assert "{v1 Anforderungen" in at.text
        assert "r 2 Schnittstelle -> 3 Test" in at.text


async def test_the_empty_board_says_how_to_begin(stage: Show) -> None:
    async with stage(plan(extra=HOUSE)) as at:
        words = str(at.screen.query_one("#empty").render())
        assert "a adds one" in words
        assert ":import" in words
        assert at.screen.focused_task is None
        await at.press("j", "f", "z", "G", "enter")
        await at.do(commands.add_task, title="Der Anfang")
        assert "1 Der Anfang" in at.text


async def test_wide_characters_and_strange_titles_stay_in_their_card(stage: Show) -> None:
    ws = plan("1-2", titles=("漢字かな交じり文のタイトル", "\x1b[31m[bold]rot[/] und lang " * 9))
    async with stage(ws, (80, 24)) as at:
        for y in range(at.view.size.height):
            assert at.view.render_line(y).cell_length == 80
        assert "\x1b" not in at.text
        assert "[bold]" in at.text


# The focus


async def test_the_first_focus_is_what_burns_not_what_is_done(stage: Show) -> None:
    ws = plan("1-2 2-3", states="1:done")
    async with stage(ws) as at:
        assert at.here == 2
        await at.do(commands.edit_task, task=3, due=TODAY.replace(day=20))
        assert at.here == 2


async def test_the_first_focus_is_what_can_be_done_and_holds_up_most(stage: Show) -> None:
    async with stage(office()) as at:
        assert at.here == 2


async def test_the_focus_stays_with_its_task_and_at_its_place(stage: Show) -> None:
    ws = plan(" ".join(f"{n}-{n + 1}" for n in range(1, 20)))
    async with stage(ws, (80, 24)) as at:
        at.screen.choose(12)
        await at.pilot.pause()
        row = next(y for y, line in enumerate(at.text.splitlines()) if " 12 L" in line)
        column = at.text.splitlines()[row].index(" 12 L")
        await at.do(commands.add_task, title="Davor", after=((11, 0.0),))
        await at.do(arrows.link, source=21, target=12)
        assert at.screen.focused_task == 12
        assert at.text.splitlines()[row].index(" 12 L") == column


async def test_when_the_task_has_gone_the_nearest_gets_the_focus(stage: Show) -> None:
    async with stage(plan("1-2 2-3 3-4")) as at:
        at.screen.choose(3)
        await at.do(commands.delete_task, task=3)
        assert at.screen.focused_task in (2, 4)


async def test_a_change_of_state_changes_only_its_card_and_the_words_below(stage: Show) -> None:
    async with stage(office(), (120, 36)) as at:
        before = at.text.splitlines()
        shape = at.view.board
        await at.do(commands.start, task=2)
        assert at.view.board is shape
        after = at.text.splitlines()
        changed = [y for y, (old, new) in enumerate(zip(before, after, strict=True)) if old != new]
        assert 0 < len(changed) <= 4


async def test_wherever_one_goes_the_focus_is_in_sight(stage: Show) -> None:
    rng = random.Random(7)
    pairs = {(a, a + rng.randrange(1, 9)) for a in range(1, 50) for _ in range(2)}
    ws = plan(" ".join(f"{a}-{b}" for a, b in sorted(pairs)), returns="30-12 44-40 9-9")
    keys = [*"hjklhjklG[]()", "ctrl+d", "ctrl+u", "home", "left", "down"]
    names = {"[": "left_square_bracket", "]": "right_square_bracket"}
    names |= {"(": "left_parenthesis", ")": "right_parenthesis"}
    async with stage(ws, (80, 24)) as at:
        for _ in range(80):
            key = rng.choice(keys)
            await at.press(names.get(key, key))
            card = at.board.cards[at.here]
            x, y = at.view.scroll_offset
            assert x <= card.x
            assert card.x + card.width <= x + 80
            assert y <= card.y
            assert card.y + card.height <= y + 20


async def test_first_and_last(stage: Show) -> None:
    async with stage(plan("1-2 2-3 3-4")) as at:
        await at.press("G")
        assert at.screen.focused_task == 4
        await at.press("g", "g")
        assert at.screen.focused_task == 1


async def test_the_mouse_gives_the_focus_and_opens(stage: Show) -> None:
    async with stage(office(), (120, 36)) as at:
        lines = at.text.splitlines()
        y = next(y for y, line in enumerate(lines) if "5 Schulung" in line)
        place = (lines[y].index("5 Schulung"), y)
        await at.pilot.click(BoardView, offset=place)
        assert at.screen.focused_task == 5
        await at.pilot.click(BoardView, offset=place, times=2)
        await at.pilot.pause()
        assert at.screen.query(DetailPane)


# Ways of looking


async def test_zoom_shows_more_of_a_card_or_more_cards(stage: Show) -> None:
    async with stage(office(), (160, 40)) as at:
        at.screen.choose(5)
        await at.press("plus")
        assert "k.brandt" in at.text
        await at.press("minus", "minus")
        assert "⊘5 Schulung" in at.text
        await at.press("minus", "minus")
        assert at.board.zoom == Zoom.OVERVIEW
        assert at.screen.focused_task == 5


async def test_the_columns_become_states(stage: Show) -> None:
    async with stage(office(), (160, 40)) as at:
        await at.press("v")
        head = at.text.splitlines()[0]
        assert head.split() == ["todo", "doing", "waiting", "recheck", "done"]
        row = next(line for line in at.text.splitlines() if "3 Test" in line)
        assert abs(row.index("3 Test") - head.index("recheck")) <= 2
        await at.press("v")
        assert "recheck" not in at.text.splitlines()[0]


async def test_a_loop_is_folded_into_one_card_and_a_lane_into_one_row(stage: Show) -> None:
    async with stage(office(), (160, 40)) as at:
        at.screen.choose(2)
        await at.press("z")
        assert "3 tasks" in at.text
        assert "3 Test" not in at.text.splitlines()[0]
        assert at.screen.focused_task == 2
        await at.press("z")
        assert "3 tasks" not in at.text
        at.screen.choose(5)
        await at.press("z")
        assert at.board.lanes[1].folded
        await at.press("z")
        assert not at.board.lanes[1].folded


async def test_only_what_is_near_a_task_is_shown(stage: Show) -> None:
    ws = plan(" ".join(f"{n}-{n + 1}" for n in range(1, 60)))
    async with stage(ws, (120, 36)) as at:
        at.screen.choose(30)
        await at.press("Z")
        assert 30 in at.board.cards
        assert len(at.board.cards) <= 24
        await at.do(commands.finish, task=29)
        assert len(at.board.cards) <= 24
        await at.press("escape")
        assert len(at.board.cards) == 60
        assert at.here == 30
        await at.press("Z")
        assert at.screen.focus_task(1)
        assert len(at.board.cards) == 60
        assert at.here == 1


async def test_marks_and_hits_are_seen(stage: Show) -> None:
    async with stage(office(), (160, 40)) as at:
        at.screen.choose(5)
        await at.press("M")
        assert "•" in at.text
        at.screen.choose(1)
        at.screen.search.hits = (5, 6)
        at.screen.show_marks()
        assert at.style("Schulung") == STYLES["hit"]
        assert at.style("Freigabe") == STYLES["hit"]
        await at.press("escape")
        assert "•" not in at.text


async def test_a_wide_window_opens_a_task_beside_the_board(stage: Show) -> None:
    async with stage(office(), (130, 36)) as at:
        at.screen.choose(2)
        await at.press("enter")
        pane = at.screen.query_one(DetailPane)
        assert pane.task_id == 2
        await at.press("l")
        assert pane.task_id == at.screen.focused_task != 2
        await at.press("escape")
        assert not at.screen.query(DetailPane)


async def test_a_narrow_one_on_a_screen_of_its_own(stage: Show) -> None:
    async with stage(office(), (80, 24)) as at:
        await at.press("enter")
        assert not isinstance(at.app.screen, BoardScreen)
        await at.press("q")
        assert isinstance(at.app.screen, BoardScreen)


async def test_a_map_shows_where_one_is_but_hides_no_card(stage: Show) -> None:
    ws = plan(" ".join(f"{n}-{n + 1}" for n in range(1, 30)))
    async with stage(ws, (120, 36)) as at:
        assert re.search(r"┌─map─{8,}┐$", at.text, re.MULTILINE)
        cards = set(re.findall(r"[█▌ ](\d+) [A-Z]", at.text))
        await at.pilot.resize_terminal(80, 24)
        await at.pilot.pause()
        assert not re.search(r"┌─map─{8,}┐$", at.text, re.MULTILINE)
        assert len(cards) >= 3


async def test_a_large_board_is_laid_out_aside(
    stage: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board_module, "_AT_ONCE", 3)
    async with stage(office(), (120, 36)) as at:
        while at.view.board is None:
            await at.pilot.pause(0.01)
        before = at.view.board
        # The one that is overtaken by the next is not shown.
        await at.do(commands.add_task, title="Neu")
        await at.do(commands.add_task, title="Neuer")
        while at.view.board is before or 8 not in at.board.cards:
            assert at.screen.focused_task is not None
            await at.pilot.pause(0.01)
        assert "8 Neuer" in at.text


async def test_a_large_board_begins_with_what_is_near_its_first_task(
    stage: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    lay_out = Look.layout

    def slowly(look: Look, words: captions.Captions, previous: Board | None, tight: bool) -> Board:
        beside = threading.current_thread() is not threading.main_thread()
        # Which zoom fits is tried at once, the whole of it laid out beside the screen.
        if look.around is None and beside:
            assert previous is None
            go_on.wait(60)
        return lay_out(look, words, previous, tight)

    monkeypatch.setattr(board_module, "_AT_ONCE", 3)
    monkeypatch.setattr(Look, "layout", slowly)
    ws = plan("1-2 2-3 3-4 4-5 5-6 6-7 8-9")
    async with stage(ws, (120, 36)) as at:
        here = at.here
        near = set(at.board.cards)
        assert here in near < set(ws.tasks)
        at.screen.action_zoom(1)
        await at.do(commands.start, task=1)
        go_on.set()
        while set(at.board.cards) != set(ws.tasks):
            await at.pilot.pause(0.01)
        assert at.here == here
        assert at.board.zoom == Zoom.LINE
        assert at.view.look.around is None


async def test_moving_sends_only_the_cells_that_change(stage: Show) -> None:
    async with stage(office(), (80, 24)) as at:
        asked: list[int] = []
        view = at.view
        plain = view.refresh

        def refresh(*regions, **options):  # type: ignore[no-untyped-def]
            asked.append(sum(region.area for region in regions) if regions else 80 * 24)
            return plain(*regions, **options)

        view.refresh = refresh  # type: ignore[method-assign]
        still = view.scroll_offset
        view.go_to(4)
        if view.scroll_offset == still:
            assert 0 < max(asked) < 80 * 24 // 4
        view.go_to(4)
        assert len(asked) <= 1


async def test_a_state_set_while_a_look_is_being_laid_out_loses_neither(
    stage: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board_module, "_AT_ONCE", 3)
    async with stage(office(), (120, 36)) as at:
        while at.view.board is None:
            await at.pilot.pause(0.01)
        at.screen.action_zoom(1)
        at.app.post_message(Do(partial(commands.finish, task=3)))
        while at.board.zoom != Zoom.LINE:
            await at.pilot.pause(0.01)
        assert "✓3 Test" in at.text


async def test_a_window_too_small_for_anything_does_no_harm(stage: Show) -> None:
    async with stage(office(), (20, 6)) as at:
        for size in ((3, 3), (12, 4), (80, 24)):
            await at.pilot.resize_terminal(*size)
            await at.press("l", "j")
        assert at.here
        assert "Entwicklung" in at.text


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 36), (160, 48)])
async def test_every_size_shows_the_whole_focused_card(stage: Show, size: tuple[int, int]) -> None:
    async with stage(office(), size) as at:
        assert "2 Schnittst" in at.text
        for y in range(at.view.size.height):
            assert at.view.render_line(y).cell_length == size[0]


async def test_an_arrow_that_leaves_the_window_names_its_other_end(stage: Show) -> None:
    ws = plan("1-2 1-3 1-4 1-5 1-6 1-7 1-8 8-9 9-10 1-10")
    async with stage(ws, (60, 20)) as at:
        at.screen.choose(1)
        await at.pilot.pause()
        assert re.search(r"┃\d,\d,\d", at.text)
        assert re.search(r"━10$", at.text, re.MULTILINE)
        at.screen.choose(10)
        await at.pilot.pause()
        assert re.search(r"(?m)^1━|┃1$", at.text)


async def test_without_departments_the_cards_have_all_the_room(stage: Show) -> None:
    async with stage(plan("1-2"), (80, 24)) as at:
        assert "║" not in at.text
        assert at.text.startswith(" 1 A")


@pytest.mark.parametrize(
    ("title", "rows"),
    [
        ("Zielarchitekturen Cloud", ["Zielarchitektu-", "ren Cloud"]),
        ("Wechselstromzähler tauschen", ["Wechselstrom-", "zähler tauschen"]),
        ("=SUMME(L2:L34:M5)", ["=SUMME(L2:L34:", "M5)"]),
        ("Rollen und Berechtigungen", ["Rollen und", "Berechtigungen"]),
        ("24 Controlling-Bericht", ["24 Controlling-", "Bericht"]),
        ("Sicherheitsabnahme", ["Sicherheitsab-", "nahme"]),
        ("10 Sicherheitsprüfung", ["10 Sicherheits-", "prüfung"]),
        ("Berechtigungskonzept", ["Berechtigungs-", "konzept"]),
        ("Schnittstellentest", ["Schnittstellen-", "test"]),
        ("Am Schnittstellen", ["Am Schnittstel-", "len"]),
    ],
)
def test_a_long_word_is_broken_where_it_is_spoken_in_two(title: str, rows: list[str]) -> None:
    assert fitting.hyphenated(title, 15, 2) == rows


def test_where_the_longest_chain_begins_it_is_said() -> None:
    ws = plan("1-2 2-3 3-4 5-6 6-4 7-8", states="1:done")
    told = captions.Captions(ws, TODAY, show.UNICODE)
    assert [said(told, task) for task in (1, 2, 3, 5, 7)] == [False, True, False, False, False]
    short = captions.Captions(plan("1-2"), TODAY, show.UNICODE)
    assert not said(short, 1), "two in a row are no chain to speak of"


def test_finished_neighbours_are_no_contradiction_to_their_arrows() -> None:
    told = captions.Captions(plan("1-2", states="1:done 3:todo"), TODAY, show.UNICODE)
    assert told.arrows.ties(2, 80) == [(" No open predecessors and no open successors.", "dim")]
    assert told.arrows.ties(3, 80) == [(" No predecessors and no successors.", "dim")]


def said(words: captions.Captions, task: int) -> bool:
    """Whether the line on a task says that the critical path begins with it."""
    return any("critical path: 3 tasks" in text for text, _role in words.about(task, 200))
