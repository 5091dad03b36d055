"""Stubs: counts of hidden arrows beside the cards at which they begin and end."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import compress
from operator import not_

from tracker.domain.model import Link, LinkKind
from tracker.flow.board import route
from tracker.flow.board.nodes import Net, Pair
from tracker.flow.board.pieces import Card, Stub
from tracker.flow.board.route import Wiring

# A stub before its cells are known: its node, kind and whether it leaves, its count, its row, the
# cells between its card and it, and its width.
Count = tuple[int, LinkKind, bool, int, int, int, int]


def count_stubs(net: Net, heights: Sequence[int], wiring: Wiring) -> Iterator[Count]:
    """Count the hidden arrows at each node, on rows where no arrow leaves or arrives if possible.

    Where a card has no such row the number is on the line itself, or behind another one.
    """
    gone = [row == route.HIDDEN for row in wiring.row]
    needs_out, needs_in = _hidden_ends(net, net.needs, net.needs_links, gone)
    back_out, back_in = _hidden_ends(net, net.returns, net.returns_links, wiring.hidden_back)
    drawn = list(compress(net.needs, map(not_, gone)))
    leaving, coming = {source for source, _ in drawn}, {target for _, target in drawn}
    shown = list(compress(net.returns, map(not_, wiring.hidden_back)))
    leaving_back, coming_back = {source for source, _ in shown}, {target for _, target in shown}
    ends: tuple[tuple[LinkKind, bool, dict[int, int]], ...] = (
        ("needs", True, needs_out),
        ("needs", False, needs_in),
        ("returns", True, back_out),
        ("returns", False, back_in),
    )
    low_entry = wiring.low_entry
    # The rows of the stubs beside each card so far, and where they end.
    earlier: dict[tuple[int, bool], tuple[int, int]] = {}
    for kind, out, counts in ends:
        lines, lines_back = (leaving, leaving_back) if out else (coming, coming_back)
        from_above = kind == "needs"
        shared = (back_out if out else back_in) if from_above else (needs_out if out else needs_in)
        for node, count in counts.items():
            last = heights[node] - 1
            line = line_back = other = None
            if node in lines:
                line = 0 if out else int(low_entry[node])
            if node in lines_back:
                line_back = min(1, last) if out else last
            if node in shared:
                other = earlier.get((node, out))
            row, offset = _free_row(from_above, last, line, line_back, other)
            width = 2 if count < 10 else len(str(count)) + 1
            if node in shared:
                earlier[node, out] = row, offset + width
            yield node, kind, out, count, row, offset, width


@functools.cache
def _free_row(
    from_above: bool,
    last: int,
    line: int | None,
    line_back: int | None,
    other: tuple[int, int] | None,
) -> tuple[int, int]:
    """Return the row of a stub beside a card, up to `last`, and the cells in use there.

    `line` and `line_back` are the rows of lines, `other` that of a stub and where it ends.
    """
    busy = {row: 0 for row in (line, line_back) if row is not None}
    if other:
        busy[other[0]] = other[1]
    rows = range(last + 1) if from_above else range(last, -1, -1)
    row = next((row for row in rows if row not in busy), rows[0])
    return row, busy.get(row, 0)


def _hidden_ends(
    net: Net, pairs: Sequence[Pair], links: Sequence[Link], gone: Sequence[bool]
) -> tuple[dict[int, int], dict[int, int]]:
    """Count the hidden links of a kind by their source, and by their target."""
    hidden = list(compress(pairs, gone))
    if net.parallel:
        more = [len(net.links(link)) - 1 for link in compress(links, gone)]
        hidden += [pair for pair, times in zip(hidden, more, strict=True) for _ in range(times)]
    return Counter([source for source, _ in hidden]), Counter([target for _, target in hidden])


def place_stubs(net: Net, counts: Iterable[Count], cards: Mapping[int, Card]) -> Iterator[Stub]:
    """Walk over the stubs in cells."""
    groups = net.groups
    for node, kind, out, count, row, offset, width in counts:
        card = cards[groups[node][0]]
        x = card.x + card.width + offset if out else card.x - offset - width
        yield Stub(card.task, kind, out, count, x, card.y + row, width)
