"""Each sign means one thing, in every character set."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.builders import plan
from tracker import terminal_text
from tracker.wording import show
from tracker.wording.show import ASCII, UNICODE, Glyphs

# What the lines, corners, heads and edges of a board are drawn of in ASCII.
_LINES = set('+|:="*#.[]{}')


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
def test_no_sign_is_used_twice(glyphs: Glyphs) -> None:
    assert [sign for sign, count in Counter(glyphs).items() if count > 1] == []
    for sign in glyphs:
        assert terminal_text.width(sign) == len(sign)
        assert sign == "->" or len(sign) == 1


def test_no_sign_of_ascii_can_be_taken_for_a_line() -> None:
    assert all(sign.isascii() for sign in ASCII)
    assert not set(ASCII) & _LINES


def test_a_sign_that_is_kept_as_one_cell_in_ascii_is_the_one_declared() -> None:
    for name, sign in UNICODE._asdict().items():
        if name not in ("right", "more", "ascending", "descending"):
            assert terminal_text.ascii_cells(sign) == getattr(ASCII, name), name


def test_a_ready_task_has_another_sign_than_one_that_is_blocked() -> None:
    ws = plan("1-2 2-3", states="3:doing")
    ready, blocked, doing = (show.sign(ws, ws.tasks[n]) for n in (1, 2, 3))
    assert (ready, blocked, doing) == (UNICODE.todo, UNICODE.blocked, UNICODE.doing)
