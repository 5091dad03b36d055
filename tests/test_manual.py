"""The manual in German: what it tells to type is understood."""

from __future__ import annotations

import re
import shlex

import pytest

from tests import ROOT
from tests.builders import TODAY, plan
from tracker import call_words, typed_verbs
from tracker.cli import CALLS
from tracker.domain.model import Department, System
from tracker.domain.typing import line_parser
from tracker.tui import keys

MANUAL = (ROOT / "tracker/locale/de/manual.md").read_text("utf-8")
WS = plan(
    tasks=12,
    extra=[Department(id=1, name="Netz"), System(id=1, name="erp-db")],
)
_BLOCKS = "".join(re.findall(r"```sh\n(.*?)```", MANUAL, re.DOTALL))
COMMANDS = re.findall(r"^tracker (\S.*?)(?:\s{2,}#.*)?$", _BLOCKS, re.MULTILINE)
_ADD, _FILTER = MANUAL.split("| Filter | findet |")
TYPED = [
    word for row in re.findall(r"^\| (`.*?`) \|", _ADD, re.MULTILINE) for word in row.split("` `")
]
FILTERS = [
    word
    for row in re.findall(r"^\| (`.*?`) \|", _FILTER, re.MULTILINE)
    for word in row.split("` `")
]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_known(command: str) -> None:
    first, *rest = shlex.split(command)
    name = call_words.english(first)
    assert name in CALLS
    if name in typed_verbs.VERBS and "--preview" not in rest:
        typed_verbs.parse([name, *rest], TODAY, me="anna")


@pytest.mark.parametrize("typed", TYPED)
def test_what_is_typed_for_a_task_is_understood(typed: str) -> None:
    line = line_parser.parse_line(f"Probe {typed.strip('`')}", TODAY, me="anna", ws=WS)
    assert not line.problems
    assert line.fields["title"] == "Probe"


@pytest.mark.parametrize("typed", FILTERS)
def test_filters_are_understood(typed: str) -> None:
    line_parser.parse_filter(typed.strip("`"), TODAY, me="anna", ws=WS)


def test_the_keys_it_names_do_what_it_says() -> None:
    called = {"1": "today", "2": "board", "3": "tasks", "6": "loops", "b": "send_back"}
    called |= {"c": "confirm", "u": "undo", "U": "redo", "y": "copy", "a": "add", "d": "finish"}
    for name, id in called.items():
        assert f"`{name}`" in MANUAL
        assert name in keys.keys_for(id)
