"""What Textual does not promise is known to one module, and can be done without."""

from __future__ import annotations

import asyncio
import contextvars
import re
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from textual._context import NoActiveAppError
from textual.css.query import NoMatches
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Callback, Key, Paste, Resize
from textual.geometry import Size
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input
from textual.worker import WorkerFailed

from tests import ROOT
from tests.terminal import Terminal
from tracker.tui.terminal import private_parts


def test_the_installed_version_has_them_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRACKER_PRIVATE_PARTS", raising=False)
    assert private_parts.whole()


@pytest.mark.parametrize("missing", ["_sigtstp_application", "_run_input_thread"])
def test_where_one_has_gone_none_is_used(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(LinuxDriver, missing)
    assert not private_parts.whole()


def test_no_other_module_imports_them() -> None:
    private = re.compile(r"(?m)^\s*(?:from|import) (?:textual|rich)[\w.]*(?:\._| import _)")
    found = [
        path.name
        for path in (ROOT / "tracker").rglob("*.py")
        if private.search(path.read_text("utf-8"))
    ]
    assert found == ["private_parts.py"]


@pytest.mark.parametrize("allowed", ["0", "1"])
def test_with_and_without_them_one_works_and_leaves(tmp_path: Path, allowed: str) -> None:
    environment = {"TRACKER_PRIVATE_PARTS": allowed}
    file = ["--file", str(tmp_path / "plan.json")]
    with Terminal(file, env=environment) as terminal:
        terminal.wait_for("Your plan will be kept|Welcome")
        terminal.press("escape", "aKonzept\r")
        terminal.wait_for("Added: 1 Konzept")
        terminal.press("p")
        terminal.wait_for("priority high")
        terminal.press("\x11")
        assert terminal.wait_end() == 0
        sent = terminal.raw
    # The look of a piece is distinguished from the one before only where the updates are our own.
    assert (b"\x1b[0;" in sent) == (allowed == "1")


async def test_two_sizes_at_once_do_not_take_turns_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    layouts: list[Size] = []
    lay_out = Screen._refresh_layout

    def counted(screen: Screen[None], size: Size | None = None, scroll: bool = False) -> None:
        layouts.append(size or screen.size)
        # Nothing else would have its turn, not even the limit of time for tests.
        assert len(layouts) < 99
        lay_out(screen, size, scroll)

    monkeypatch.setattr(Screen, "_refresh_layout", counted)
    app = private_parts.EndingApp()
    async with app.run_test(size=(80, 24)) as pilot:
        # What is painted later is told to the screen between the two, which then stay two.
        with app.batch_update():
            for size in (Size(17, 4), Size(80, 24)):
                app.screen.post_message(Resize(size, size))
                app.screen.call_later(lambda: None)
            await pilot.pause()
        assert app.screen.size == (80, 24)
        await pilot.resize_terminal(17, 4)
        assert app.screen.size == (17, 4)
    assert app.failure is None


async def test_a_thread_may_outlive_the_part_of_the_screen_it_works_for() -> None:
    app = private_parts.EndingApp()
    async with app.run_test() as pilot:
        with pytest.raises(NoActiveAppError) as raised:
            await asyncio.to_thread(contextvars.Context().run, lambda: Widget().app)
        app._handle_exception(WorkerFailed(raised.value))
        await pilot.pause()
        assert app.is_running
    assert app.failure is None


async def test_what_has_its_turn_as_the_screen_goes_may_not_find_the_rest_of_it() -> None:
    app = private_parts.EndingApp()

    async def look() -> None:
        while app.is_running:
            await asyncio.sleep(0.01)
        app.screen.query_one("#gone")

    async with app.run_test():
        app.screen.call_later(look)
    assert app.failure is None


async def test_what_comes_to_a_dialog_that_is_half_gone_may_not_find_the_rest_of_it() -> None:
    app = private_parts.EndingApp()
    async with app.run_test() as pilot:
        dialog = Screen[None]()
        await app.push_screen(dialog)
        gone = app.pop_screen()
        app.call_later(dialog.query_one, "#gone")
        await gone
        await pilot.pause()
        assert app.is_running
    assert app.failure is None


async def test_what_is_opened_as_one_leaves_may_get_no_parts() -> None:
    class Asking(Screen[None]):
        def compose(self) -> Iterator[Input]:
            yield Input()

        def on_mount(self) -> None:
            self.query_one(Input)

    app = private_parts.EndingApp()
    async with app.run_test():
        app.push_screen(Asking())
        app.exit()
    assert app.failure is None


@pytest.mark.parametrize("kept", [True, False], ids=["goes", "stays"])
async def test_a_dialog_is_asked_for_what_is_gone_by_itself(kept: bool) -> None:
    app = private_parts.EndingApp()
    with nullcontext() if kept else pytest.raises(NoMatches):
        async with app.run_test() as pilot:
            dialog = Screen[None]()
            await app.push_screen(dialog)
            dialog._pruning = kept
            dialog.call_later(dialog.query_one, "#gone")
            if kept:
                app.pop_screen()
            await pilot.pause()
            assert app.is_running == kept


async def test_what_the_app_is_to_do_next_is_not_cut_off_with_who_asks() -> None:
    app = private_parts.EndingApp()
    begun, done = asyncio.Event(), asyncio.Event()

    async def go_on() -> None:
        begun.set()
        await asyncio.sleep(0.01)
        done.set()

    async def ask() -> None:
        app._next_callbacks.append(Callback(callback=go_on))
        await app.push_screen_wait(Screen[None]())

    async with app.run_test():
        asking = app.run_worker(ask())
        await begun.wait()
        asking.cancel()
        await asyncio.wait_for(done.wait(), 10)


async def test_what_is_missing_before_the_end_is_a_failure() -> None:
    app = private_parts.EndingApp()
    with pytest.raises(NoMatches):
        async with app.run_test():
            app.screen.call_later(app.screen.query_one, "#missing")
    assert isinstance(app.failure, NoMatches)


def test_what_is_no_text_of_the_terminals_encoding_is_shown_as_unknown() -> None:
    decode = private_parts._lenient_decoder("utf-8")().decode
    assert decode(b"Pr\xfcfen \xc3") == "Pr\ufffdfen "
    assert decode(b"\xbc.") == "\u00fc."


@pytest.mark.parametrize(
    "said",
    [
        "\x1b[48;0;0;0;0t\x1b[<0;5;5M",
        "\x1b[1114112u",
        "\x1b[99999999999999999999u",
        "\x1b[<0;99999999999999999999;1M",
        "\x1b]11;rgb:" + "f" * 5000 + "/0/0\x07",
    ],
    ids=["no size", "no sign", "long key", "far away", "long colour"],
)
def test_whatever_a_terminal_says_keys_go_on(said: str) -> None:
    parser = private_parts._Parser()
    list(parser.feed(said))
    (key,) = parser.feed("j")
    assert isinstance(key, Key)
    assert key.key == "j"


HOSTILE = "Log \x1b[31mred\x1b[0m \x1bxyxy \x1b" + "d" * 40


@pytest.mark.parametrize("at", range(1, 70, 2))
def test_what_is_pasted_is_no_key_whatever_is_in_it_and_however_it_comes(at: int) -> None:
    parser = private_parts._Parser()
    whole = f"a\x1b[200~{HOSTILE}\x1b[201~b"
    # The sign of its beginning comes in one.
    parts = (whole[: at + 7], whole[at + 7 :])
    keys = [event for part in parts for event in parser.feed(part)]
    assert [event.key if isinstance(event, Key) else None for event in keys] == ["a", None, "b"]
    assert [event.text for event in keys if isinstance(event, Paste)] == [HOSTILE]


def test_escape_comes_before_what_is_pasted_behind_it() -> None:
    parser = private_parts._Parser()
    keys = [event for part in ("j\x1b", "\x1b[200~a\x1b[201~k") for event in parser.feed(part)]
    told = [event.key if isinstance(event, Key) else "pasted" for event in keys]
    assert told == ["j", "escape", "pasted", "k"]


def test_what_is_pasted_without_an_end_can_be_left() -> None:
    parser = private_parts._Parser()
    assert not list(parser.feed("\x1b[200~abc"))
    assert not list(parser.feed("q"))
    (key,) = parser.feed("\x11")
    assert isinstance(key, Key)
    assert key.key == "ctrl+q"


@pytest.mark.parametrize(
    "said",
    [
        "\x1b[?62;22c",
        "\x1b[>41;354;0c",
        "\x1b[?1u",
        "\x1bP>|Windows Terminal 1.2\x1b\\",
        "\x1b]4;1;rgb:dd/dd/dd\x1b\\",
        "\x1b]52;c;eHl4eQ==\x07",
        "\x1b_Gi=31;OK\x1b\\",
    ],
)
def test_what_a_terminal_says_of_itself_is_no_key(said: str) -> None:
    parser = private_parts._Parser()
    (key,) = parser.feed(f"{said}j")
    assert isinstance(key, Key)
    assert key.key == "j"
