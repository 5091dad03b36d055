"""What argparse is used for beyond its promises works, and is not needed."""

from __future__ import annotations

import argparse
import gettext

import pytest

from tests.builders import plan
from tracker import language
from tracker.arguments import Parser, Usage
from tracker.call_completion import complete_call
from tracker.cli import main


def parser() -> Parser:
    made = Parser("tracker x")
    made.add_argument("--by", "-b", metavar="NAME")
    made.add_argument("ids", nargs="+")
    group = made.add_argument_group("more")
    group.add_argument("--json", action="store_true")
    return made


def test_a_parser_tells_what_it_takes() -> None:
    assert [action.option_strings for action in parser().options] == [["--by", "-b"], ["--json"]]
    assert [action.dest for action in parser().places] == ["ids"]


def test_what_is_wrong_is_told_in_the_users_language() -> None:
    language.use("de")
    with pytest.raises(Usage, match="es fehlt: ids") as refused:
        parser().parse_args([])
    assert refused.value.usage.startswith("Aufruf: tracker x")


@pytest.mark.usefixtures("_plain")
def test_without_the_private_parts_it_is_told_in_english() -> None:
    language.use("de")
    with pytest.raises(Usage, match="the following arguments are required: ids"):
        parser().parse_args([])


@pytest.mark.usefixtures("_plain")
def test_without_the_private_parts_completion_still_knows_the_commands(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert complete_call("sta", plan("1-2")) == ["start"]
    assert complete_call("start ", plan("1-2")) == []
    for shell in ("bash", "zsh", "fish"):
        assert main(["completion", shell]) == 0
        script = capsys.readouterr().out
        assert "forecast" in script
        assert "--json" not in script


@pytest.fixture
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKER_PRIVATE_PARTS", "0")
    # As they are before the first parser has been made.
    monkeypatch.setattr(argparse, "_", gettext.gettext)
    monkeypatch.setattr(argparse, "ngettext", gettext.ngettext)
