"""What a key sends over the link: how many writes, and how many bytes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.builders import TODAY
from tests.terminal import Terminal
from tracker.domain.verbs import commands
from tracker.session import Session

# What begins each look at the screen that is sent.
LOOK = b"\x1b[?2026h"
# So often each is tried: the machine may be busy with something else now and then.
TIMES = 5


class Sent(NamedTuple):
    """What was sent after a key."""

    looks: int
    size: int


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    folder: Path = tmp_path_factory.mktemp("bursts")
    session = Session.open(folder / "plan.json", who="anna", today=TODAY)
    for number in range(1, 31):
        title = f"Schnittstelle {number} umziehen"
        session.do(partial(commands.add_task, title=title, due=TODAY))
    session.close()
    arguments = ["--file", str(folder / "plan.json"), "--today", str(TODAY)]
    env = {"TRACKER_USER": "anna", "XDG_STATE_HOME": str(folder)}
    with Terminal(arguments, env=env) as opened:
        opened.wait_for(r"P80")
        opened.settle(quiet=1.0)
        yield opened


def least(terminal: Terminal, keys: str) -> Sent:
    """Press keys one by one, and return the least that one of them sent."""
    found = []
    for key in keys:
        before = len(terminal.raw)
        terminal.press(key)
        new = terminal.raw[before:]
        found.append(Sent(new.count(LOOK), len(new)))
    return min(found)


@pytest.mark.parametrize("view", ["1", "3"])
def test_a_step_in_a_list_is_one_burst_of_a_few_bytes(terminal: Terminal, view: str) -> None:
    terminal.press(view)
    terminal.settle(quiet=0.5)
    looks, size = least(terminal, "j" * TIMES)
    assert looks == 1
    assert size <= 500


def test_a_step_on_the_board_is_one_burst(terminal: Terminal) -> None:
    terminal.press("2")
    terminal.settle(quiet=0.5)
    looks, size = least(terminal, "j" * TIMES)
    assert looks == 1
    assert size <= 700


def test_a_page_is_sent_once(terminal: Terminal) -> None:
    terminal.press("3", "g")
    terminal.settle(quiet=0.5)
    looks, size = least(terminal, "\x06")
    # The bar beside the list comes behind it.
    assert looks <= 2
    assert size <= 6_000


def test_a_letter_typed_is_shown_in_one_burst_with_what_it_means(terminal: Terminal) -> None:
    terminal.press("3", "a")
    terminal.settle(quiet=0.5)
    looks, size = least(terminal, "Firewall"[:TIMES])
    assert looks == 1
    assert size <= 500
    terminal.press("escape")


def test_a_letter_of_a_filter_sends_the_list_once(terminal: Terminal) -> None:
    terminal.press("3", "/")
    terminal.settle(quiet=0.5)
    looks, size = least(terminal, "Schni"[:TIMES])
    assert looks <= 2
    assert size <= 4_000
    terminal.press("escape")
