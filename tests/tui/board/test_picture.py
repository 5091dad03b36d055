"""A window on a board of any kind can be painted, however small, whatever is drawn in it."""

from __future__ import annotations

from typing import cast

from hypothesis import given
from hypothesis import strategies as st
from textual.geometry import Region

from tests.builders import TODAY, plan
from tracker.domain.model import LinkKind
from tracker.flow.board.board import Mode
from tracker.flow.board.pieces import Zoom
from tracker.tui.board.captions import Captions
from tracker.tui.board.highlight import Light
from tracker.tui.board.picture import Picture
from tracker.tui.board.sketch import Sketch
from tracker.tui.board.viewpoint import Look
from tracker.tui.text import cells
from tracker.wording import show

WS = plan("1-2 2-3 3-4 5-6 7-8", states="1:done 2:waiting", tasks=24)
tasks = st.sampled_from(list(WS.tasks))


@given(
    zoom=st.sampled_from(Zoom),
    mode=st.sampled_from(("flow", "state")),
    width=st.integers(1, 60),
    height=st.integers(1, 12),
    at=st.tuples(st.integers(0, 80), st.integers(0, 60)),
    kind=st.sampled_from(("needs", "returns")),
    ends=st.tuples(tasks, tasks),
    glyphs=st.sampled_from((show.UNICODE, show.ASCII)),
)
def test_every_window_is_filled(
    zoom: Zoom,
    mode: str,
    width: int,
    height: int,
    at: tuple[int, int],
    kind: str,
    ends: tuple[int, int],
    glyphs: show.Glyphs,
) -> None:
    captions = Captions(WS, TODAY, glyphs)
    board = Look(zoom=zoom, mode=cast("Mode", mode)).layout(captions, None, False)
    light = Light(here=ends[1], sketch=Sketch(cast("LinkKind", kind), *ends))
    rows = Picture(board, captions, glyphs).paint(Region(*at, width, height), 3, light)
    assert len(rows) == height + (mode == "state")
    assert {cells.row_width(row) for row in rows} == {width + 3}
