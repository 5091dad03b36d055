"""How many trunks run beside each other; rows are numbers here, bands odd and buses even."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from operator import add

# The first and the last row of each node's trunk.
Extents = tuple[list[int], list[int]]

# So many pairs of rows and channels are looked at one by one.
_FINE = 400_000


class Crowd:
    """How many trunks each bus would cross before any is chosen: `crossed` in all channels left
    of each.
    """

    def __init__(
        self, column: Sequence[int], bands: int, columns: int, out: Extents, into: Extents
    ) -> None:
        (out_low, out_high), (in_low, in_high) = out, into
        rows, columns = 2 * bands + 1, columns + 2
        # A board both high and wide is looked at more coarsely.
        scale = 1 + rows * columns // _FINE
        change = [[0] * columns for _ in range(rows // scale + 2)]
        for node, at in enumerate(column):
            for low, high, channel in (
                (out_low[node], out_high[node], at + 2),
                (in_low[node], in_high[node], at + 1),
            ):
                if low < high:
                    change[low // scale][channel] += 1
                    change[high // scale + 1][channel] -= 1
        above = [0] * columns
        # By row, `scale` of them at a time: the trunks in all channels left of each.
        before: list[list[int]] = []
        for row in change:
            above = list(map(add, above, row))
            before.append(list(accumulate(above)))
        self.crossed = [before[2 * bus // scale] for bus in range(bands + 1)]


class Depths:
    """How many trunks run beside each other in the channels, row by row."""

    def __init__(self, channels: int, cap: int) -> None:
        self.cap = cap
        self.out: list[list[int]] = [[] for _ in range(channels)]
        self.into: list[list[int]] = [[] for _ in range(channels)]

    def add(self, leaves_at: int, leaves: int, comes_at: int, comes: int) -> bool:
        """Add the rows of two trunks to their channels; False, and nothing, if one is full."""
        out, into = self.out[leaves_at], self.into[comes_at]
        more_out = _deepen(out, leaves)
        more_into = _deepen(into, comes)
        deep_out = len(more_out)
        deep_into = len(more_into)
        if leaves_at == comes_at:
            if deep_out + deep_into > self.cap:
                return False
        elif (
            deep_out + len(self.into[leaves_at]) > self.cap
            or deep_into + len(self.out[comes_at]) > self.cap
        ):
            return False
        self.out[leaves_at], self.into[comes_at] = more_out, more_into
        return True


def _deepen(depths: list[int], rows: int) -> list[int]:
    """Return the rows at each depth once `rows` have become deeper by one."""
    if not rows:
        return depths
    deeper = []
    for there in depths:
        deeper.append(there | rows)
        rows &= there
    if rows:
        deeper.append(rows)
    return deeper


def bits(a: int, b: int) -> int:
    """Return the bits from `a` to `b`, in either order and both included."""
    if a > b:
        a, b = b, a
    return (1 << (b + 1)) - (1 << a)
