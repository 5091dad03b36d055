"""The ground of the terminal: from the file, the environment, or the terminal's own answer."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual import events
from textual.message import Message

from tests.terminal import Terminal
from tracker.domain.errors import BadInput
from tracker.language import say
from tracker.tui import appearance
from tracker.tui.terminal.private_parts import GroundTold, _Parser

_LIGHT = b"\x1b]11;rgb:ffff/ffff/ffff\x1b\\"
# What sets the colour for what one is on, on a dark ground and on a light one.
_ON_DARK, _ON_LIGHT = re.compile(rb"38;5;80[;m]"), re.compile(rb"38;5;24[;m]")


def _written(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRACKER_CONFIG", str(folder / "config.toml"))
    path = folder / "theme.toml"
    path.write_text(text, "utf-8")
    return path


def test_the_file_names_the_ground_and_colours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _written(tmp_path, 'ground = "light"\nwrong = "#c00000"\nback = "130"\n', monkeypatch)
    file, own = appearance.read()
    assert file.ground == "light"
    assert own == {"wrong": "#c00000", "back": "color(130)"}


def test_no_file_is_no_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKER_CONFIG", str(tmp_path / "config.toml"))
    assert appearance.read() == (appearance.ThemeFile(), {})


def test_colours_without_an_end_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _written(tmp_path, "", monkeypatch)
    path.unlink()
    path.symlink_to("/dev/zero")
    with pytest.raises(BadInput) as refused:
        appearance.read()
    assert say(refused.value) == f"Cannot read {path}: it is not an ordinary file."


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("wrong = ", "is invalid"),
        ("wrong = " + "[" * 5_000, "is invalid"),
        ('wrnog = "red"', "wrnog"),
        ('ground = "grey"', "grey"),
        ('wrong = "reddish"', "name reddish, which is none; write #ff5f5f, 203 or bright red."),
    ],
)
def test_a_bad_file_is_one_sentence_that_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, told: str
) -> None:
    path = _written(tmp_path, text, monkeypatch)
    with pytest.raises(BadInput) as refused:
        appearance.read()
    sentence = say(refused.value)
    assert str(path) in sentence
    assert told in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize(
    ("environment", "ground"),
    [
        ({"COLORFGBG": "0;15"}, "light"),
        ({"COLORFGBG": "15;default;0"}, "dark"),
        ({"TERM": "linux"}, "dark"),
        ({"TERM": "xterm-256color"}, None),
    ],
)
def test_the_environment_tells_the_ground_or_nothing(
    environment: dict[str, str], ground: str | None
) -> None:
    assert appearance.ground_from(environment) == ground


def _fed(*parts: str) -> list[Message]:
    parser = _Parser()
    return [message for part in parts for message in parser.feed(part)]


@pytest.mark.parametrize("end", ["\x1b\\", "\x07"])
@pytest.mark.parametrize("at", range(2, 24, 3))
def test_an_answer_is_no_typing_however_it_comes(end: str, at: int) -> None:
    answer = f"\x1b]11;rgb:fdfd/f6f6/e3e3{end}"
    told = _fed(f"a{answer[:at]}", f"{answer[at:]}b")
    keys = [message.key for message in told if isinstance(message, events.Key)]
    assert sorted(keys) == ["a", "b"]
    assert [message.light for message in told if isinstance(message, GroundTold)] == [True]


def test_dark_grounds_are_told_too() -> None:
    (told,) = _fed("\x1b]11;rgb:00/2b/36\x07")
    assert isinstance(told, GroundTold)
    assert not told.light


def test_a_terminal_that_tells_of_a_light_ground_gets_the_colours_for_it(tmp_path: Path) -> None:
    with Terminal(["--file", str(tmp_path / "plan.json")]) as terminal:
        terminal.wait_for("Your plan will be kept|Welcome")
        assert b"\x1b]11;?\x1b\\" in terminal.raw
        terminal.press("escape")
        assert not _ON_LIGHT.search(terminal.raw)
        terminal.send(_LIGHT.decode())
        terminal.settle()
        assert _ON_LIGHT.search(terminal.raw)
        assert "rgb" not in terminal.text
        terminal.press("\x11")
        assert terminal.wait_end() == 0


@pytest.mark.parametrize(
    ("environment", "sent"),
    [
        ({"COLORFGBG": "0;15"}, _ON_LIGHT),
        ({"COLORFGBG": "15;0"}, _ON_DARK),
        ({"NO_COLOR": "1"}, re.compile(b"")),
    ],
    ids=["light", "dark", "none"],
)
def test_a_terminal_of_which_enough_is_known_is_not_asked(
    tmp_path: Path, environment: dict[str, str], sent: re.Pattern[bytes]
) -> None:
    with Terminal(["--file", str(tmp_path / "plan.json")], env=environment) as terminal:
        terminal.wait_for("Your plan will be kept|Welcome")
        assert sent.search(terminal.raw)
        assert b"]11;?" not in terminal.raw
        terminal.press("escape", "\x11")
        assert terminal.wait_end() == 0


def test_a_bad_file_of_colours_is_told_on_a_screen_that_works(tmp_path: Path) -> None:
    (tmp_path / "theme.toml").write_text('wrong = "reddish"\n', "utf-8")
    environment = {"TRACKER_CONFIG": str(tmp_path / "config.toml")}
    with Terminal(["--file", str(tmp_path / "plan.json")], env=environment) as terminal:
        terminal.wait_for("Your plan will be kept|Welcome")
        terminal.press("escape")
        assert "reddish" in terminal.text
        terminal.press("\x11")
        assert terminal.wait_end() == 0
