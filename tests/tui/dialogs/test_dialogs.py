"""Questions put to a person: what they show, what they take, and that leaving changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.content import Content
from textual.geometry import Region
from textual.widgets import Input

from tests.builders import plan
from tests.tui.stage import NOT_ANSWERED, asked, readable, shown, typed
from tracker.domain.errors import BadInput
from tracker.domain.model import Department, Person
from tracker.exchange.outcome import Report
from tracker.tui.dialogs.asking import AskLine, Dialog, Preview, word_start
from tracker.tui.dialogs.import_report import Imported
from tracker.tui.dialogs.questions import (
    Confirm,
    CopiedText,
    Finder,
    LoopQuestion,
    PickArrow,
    PickRow,
    PickTask,
    Start,
    WayBack,
    Welcome,
)
from tracker.tui.widgets.choices import ChoiceRow, Choices, Passage

PEOPLE = (
    Department(id=1, name="Netz"),
    Person(id=1, login="anna"),
)


def _number(text: str) -> Preview:
    if not text.strip().isdigit():
        raise BadInput("{text} is no number.", text=text, start=0, end=len(text))
    return Preview(int(text), (((f"the number {text}", "plain"),),))


async def test_a_line_is_read_as_it_is_typed() -> None:
    async with asked(AskLine("How many?", "a number", check=_number)) as (app, pilot):
        assert "a number" in readable(app.screen)
        await typed(pilot, "42")
        assert "the number 42" in readable(app.screen)
        await pilot.press("enter")
        assert app.answer == 42


async def test_a_mistake_is_told_and_keeps_the_line_open_with_all_that_was_typed() -> None:
    async with asked(AskLine("How many?", "a number", check=_number)) as (app, pilot):
        await typed(pilot, "4x")
        assert "! 4x is no number." in readable(app.screen)
        await pilot.press("enter")
        assert app.answer is NOT_ANSWERED
        assert app.screen.query_one(Input).value == "4x"
        await pilot.press("backspace", "enter")
        assert app.answer == 4


async def test_escape_leaves_every_dialog_without_an_answer() -> None:
    ws = plan("1-2 2-3")
    dialogs = (
        AskLine("", "", check=_number),
        PickTask(ws, "Which?"),
        PickArrow(ws, 2, [*ws.arrows_in[2], *ws.arrows_out[2]]),
        LoopQuestion(ws, (1, 2, 3, 1), 3, 1),
        Confirm("Sure?", "yes", "no"),
        Welcome(),
    )
    for dialog in dialogs:
        async with asked(dialog) as (app, pilot):
            await pilot.press("escape")
            await pilot.pause()
            assert app.answer is None, dialog


async def test_another_size_finds_no_fault_in_a_box_that_is_being_emptied() -> None:
    dialogs: tuple[Dialog[Any], ...] = (
        AskLine("", "", check=_number),
        LoopQuestion(plan("1-2 2-3"), (1, 2, 3, 1), 3, 1),
        Confirm("Sure?", "yes", "no"),
        Imported(Report(1, 0)),
    )
    for dialog in dialogs:
        async with asked(dialog) as (app, pilot):
            await app.screen.query_one("#box").remove_children()
            await pilot.resize_terminal(60, 20)
            assert app.screen is dialog


async def test_tab_puts_in_one_suggestion_after_the_other() -> None:
    def suggest(text: str, cursor: int) -> list[str]:
        word = text[word_start(text[:cursor], " ") : cursor]
        return [name for name in ("@Netz", "@Netzbau") if name.startswith(word)]

    ask = AskLine("", "", check=Preview, suggest=suggest)
    async with asked(ask) as (app, pilot):
        await typed(pilot, "x @")
        assert "@Netz  @Netzbau" in readable(app.screen)
        line = app.screen.query_one(Input)
        values = []
        for key in ("tab", "tab", "tab", "shift+tab"):
            await pilot.press(key)
            values.append(line.value)
        assert values == ["x @Netz", "x @Netzbau", "x @Netz", "x @Netzbau"]
        await typed(pilot, " y")
        assert line.value == "x @Netzbau y"


async def test_what_is_typed_first_replaces_a_value_when_that_is_wanted() -> None:
    async with asked(AskLine("", "", value="12", check=_number, replace=True)) as (app, pilot):
        await typed(pilot, "7\n")
        assert app.answer == 7


async def test_a_line_that_begins_with_a_blank_is_written_before_it() -> None:
    async with asked(AskLine("", "", value=" after:4", check=Preview)) as (app, pilot):
        await typed(pilot, "Test")
        assert app.screen.query_one(Input).value == "Test after:4"


async def test_text_from_people_is_never_markup_and_never_controls_the_terminal() -> None:
    ws = plan("1-2", titles=("fix [/foo] [bold]", "a\x1b[2Jb"))
    async with asked(PickTask(ws, "For [red]x[/] \x1b?")) as (app, _pilot):
        text = readable(app.screen)
        assert "fix [/foo] [bold]" in text
        assert "\x1b" not in text
        assert "a␛[2Jb" in text


@pytest.mark.parametrize(
    ("looked_for", "found"),
    [
        ("", [1, 2, 3, 12]),
        ("12", [12]),
        ("1", [1, 12]),
        ("#12", [12]),
        ("012", [12]),
        ("01", [1, 12]),
        ("0", []),
        ("uebergabe", [2]),
        ("übergabe", [2]),
        ("ubergabe", [2]),
        ("test int", [3]),
        ("grat", [3]),
        ("nothing of the kind", []),
    ],
)
def test_tasks_are_found_by_number_or_words(looked_for: str, found: list[int]) -> None:
    titles = ["Plan", "Übergabe", "Integrationstest Test", *"DEFGHIJK", "Abnahme"]
    ws = plan(tasks=12, titles=titles)
    assert Finder(ws, (1, 2, 3, 12)).hits(looked_for) == found


def test_words_at_their_beginning_come_before_words_inside() -> None:
    ws = plan(tasks=2, titles=("Lasttest", "Test"))
    assert Finder(ws, (1, 2)).hits("test") == [2, 1]


async def test_picking_a_task_by_typing_and_by_arrow_keys() -> None:
    ws = plan(tasks=5, titles=("Netz", "Netzplan", "Test", "Netzbau", "Umzug"), extra=PEOPLE)
    pick = PickTask(ws, "Which?", exclude={1}, prefer=(4,), preview=lambda task: f"means {task}")
    async with asked(pick) as (app, pilot):
        choices = app.screen.query_one(Choices)
        assert [row.key for row in choices.items] == [4, 2, 3, 5]
        await typed(pilot, "netz")
        assert [row.key for row in choices.items] == [4, 2]
        assert "means 4" in readable(app.screen)
        await pilot.press("down")
        assert "means 2" in readable(app.screen)
        await pilot.press("ctrl+p", "ctrl+n", "enter")
        assert app.answer == 2


async def test_nothing_found_takes_nothing() -> None:
    async with asked(PickTask(plan(tasks=2), "Which?")) as (app, pilot):
        await typed(pilot, "zzz\n")
        assert "No matching task." in readable(app.screen)
        assert app.answer is NOT_ANSWERED


async def test_ten_thousand_tasks_are_told_in_number_and_found() -> None:
    ws = plan(tasks=10_000)
    async with asked(PickTask(ws, "Which?")) as (app, pilot):
        rows = app.screen.query_one(Choices).items
        assert "… and 9800 more: keep typing" in rows[-1].left[0][0]
        await typed(pilot, "9999\n")
        assert app.answer == 9999


async def test_an_arrow_is_picked_by_its_ends() -> None:
    ws = plan("1-2 2-3", returns="3-2")
    async with asked(PickArrow(ws, 2, [*ws.arrows_in[2], *ws.arrows_out[2]])) as (app, pilot):
        text = readable(app.screen)
        assert "1 A → 2  " in text
        assert "2 → 3 C" in text
        assert "3 C ⇢ 2  " in text
        await pilot.press("j", "enter")
        assert app.answer == 3


async def test_the_cursor_passes_over_headings() -> None:
    rows = [
        ChoiceRow(None, (("first", "dim"),)),
        ChoiceRow("a", (("A", "plain"),), tick=False),
        ChoiceRow(None, (("second", "dim"),)),
        ChoiceRow("b", (("B", "plain"),), tick=True),
    ]
    async with asked(PickRow("", rows)) as (app, pilot):
        choices = app.screen.query_one(Choices)
        seen = [choices.key]
        for key in ("down", "down", "up", "up", "end", "home"):
            await pilot.press(key)
            seen.append(choices.key)
        assert seen == ["a", "b", "b", "a", "a", "b", "a"]
        assert choices.ticked == ("b",)
        await pilot.press("space")
        assert choices.ticked == ("a", "b")
        assert shown(choices).splitlines() == ["first", "> [x] A", "second", "  [x] B"]


async def test_a_loop_is_named_and_its_new_arrow_becomes_the_return() -> None:
    ws = plan("1-2 2-3", titles=("Concept", "Build", "Test"))
    async with asked(LoopQuestion(ws, (1, 2, 3, 1), 3, 1)) as (app, pilot):
        text = readable(app.screen)
        assert "1 Concept → 2 Build → 3 Test → 1" in text
        assert "3 Test ⇢ 1 Concept" in text
        await pilot.press("r")
        assert app.answer == WayBack(None)


async def test_another_arrow_of_the_loop_may_be_the_return() -> None:
    ws = plan("1-2 2-3")
    async with asked(LoopQuestion(ws, (1, 2, 3, 1), 3, 1)) as (app, pilot):
        await pilot.press("j", "j", "enter")
        assert app.answer == WayBack(2)


async def test_an_arrow_that_leaves_another_loop_cannot_be_the_return() -> None:
    # Two ways lead from 1 to 4, so that turning one of them leaves the other.
    ws = plan("1-2 2-4 1-3 3-4")
    async with asked(LoopQuestion(ws, (1, 2, 4, 1), 4, 1)) as (app, pilot):
        assert "another loop remains" in readable(app.screen)
        await pilot.press("j", "j", "enter")
        assert app.answer == WayBack(None)


async def test_m_says_that_a_loop_is_a_mistake() -> None:
    async with asked(LoopQuestion(plan("1-2"), (1, 2, 1), 2, 1)) as (app, pilot):
        await pilot.press("m")
        assert app.answer is None


@pytest.mark.parametrize(
    ("key", "answer"), [("y", True), ("j", NOT_ANSWERED), ("enter", True), ("n", None), ("q", None)]
)
async def test_yes_and_no(key: str, answer: object) -> None:
    async with asked(Confirm("Delete [1]?", "delete", "keep")) as (app, pilot):
        assert "Delete [1]?" in readable(app.screen)
        edge = app.screen.query_one("#box").border_subtitle
        assert Content.from_markup(edge).plain == "Enter/y delete · Esc/n keep"
        await pilot.press(key)
        assert app.answer is answer


@pytest.mark.parametrize(("downs", "kind"), [(0, "demo"), (2, "empty")])
async def test_the_first_start_has_ways_to_begin(downs: int, kind: str) -> None:
    async with asked(Welcome("/data/plan.json")) as (app, pilot):
        assert "/data/plan.json" in readable(app.screen)
        await pilot.press(*["down"] * downs, "enter")
        assert app.answer == Start(kind)  # type: ignore[arg-type]


async def test_the_first_start_begins_with_a_task_at_the_key_it_names() -> None:
    async with asked(Welcome()) as (app, pilot):
        assert "a adds a task" in " ".join(readable(app.screen).split())
        await pilot.press("a")
        assert app.answer == Start("add")


async def test_the_first_start_imports_a_list_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "my list.csv").write_text("title\nA\n")
    async with asked(Welcome()) as (app, pilot):
        await pilot.press("down", "enter")
        await pilot.pause()
        line = app.screen.query_one(Input)
        line.value = f"{tmp_path}/"
        line.cursor_position = len(line.value)
        await pilot.press("enter")
        assert "is a folder; name a file in it." in " ".join(readable(app.screen).split())
        await typed(pilot, "my")
        await pilot.press("tab")
        assert line.value == f"{tmp_path}/my list.csv"
        await pilot.press("enter")
        await pilot.pause()
        assert app.answer == Start("import", f"{tmp_path}/my list.csv")


async def test_a_passage_paints_only_lines_that_have_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with asked(AskLine("", "", check=Preview)) as (app, _pilot):
        passage = app.screen.query_one(Passage)
        painted: list[int] = []

        def refresh(*regions: Region) -> None:
            painted.append(len(regions))

        passage.put([(("a", "plain"),), (("b", "plain"),)])
        monkeypatch.setattr(passage, "refresh", refresh)
        passage.put([(("a", "plain"),), (("c", "plain"),)])
        assert painted == [1]


async def test_a_long_text_is_not_hidden_by_the_bar_it_is_scrolled_by() -> None:
    for length in (70, 71, 72):
        line = f"{'x ' * (length // 2)}end"
        async with asked(CopiedText("\n".join([line] * 60))) as (app, _pilot):
            passage = app.screen.query_one(Passage)
            assert passage.show_vertical_scrollbar
            for at in range(passage.size.height):
                painted = passage.render_line(at).text
                assert "…" not in painted
                assert painted.endswith(" ")


async def test_a_box_that_is_closed_twice_closes_nothing_else() -> None:
    async with asked(Confirm("Sure?", "yes", "no")) as (app, pilot):
        box = app.screen
        box.dismiss(True)
        box.dismiss(True)
        await pilot.pause()
        assert app.answer is True
        assert len(app.screen_stack) == 1


async def test_a_box_closes_once_nothing_is_in_front_of_it() -> None:
    async with asked(Confirm("Sure?", "yes", "no")) as (app, pilot):
        below, above = app.screen, Confirm("And this?", "yes", "no")
        app.push_screen(above)
        await pilot.pause()
        below.dismiss(True)
        await pilot.pause()
        assert app.screen is above
        await pilot.press("escape")
        await pilot.pause()
        assert app.answer is True
        assert len(app.screen_stack) == 1
