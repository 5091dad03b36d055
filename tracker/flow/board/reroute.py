"""Second thoughts: each arrow in turn is taken up and laid again where it crosses least."""

from __future__ import annotations

from itertools import accumulate
from struct import Struct

from tracker.flow.board.route import ALONG_SOURCE, ALONG_TARGET, BUS, HIDDEN, STRAIGHT, Wiring
from tracker.flow.board.tracks import Channel, from_source, ordered, to_target

# The lines at a place are packed into one number, a field of so many bits for each row.
_FIELD = 16

# About so many buses between its ends, so many beyond each of them, and so many all over the board
# an arrow looks at.
_BETWEEN, _BEYOND, _ALL_OVER = 12, 4, 12
# So many arrows are laid again, the longest.
_MOST = 450
# A bus has two bends more than a row: they have to save more than one crossing.
_BENDS = 1.5


def reroute(wiring: Wiring, passes: int) -> None:
    """Lay arrows again where they cross least (rip-up and reroute, Dees & Karger 1982)."""
    column, band, needs = wiring.column, wiring.band, wiring.needs
    arrows = [arrow for arrow, way in enumerate(wiring.row) if way not in (STRAIGHT, HIDDEN)]
    if len(arrows) > _MOST:

        def length(arrow: int) -> tuple[int, int]:
            source, target = needs[arrow]
            return column[source] - column[target], -abs(band[source] - band[target])

        arrows = sorted(sorted(arrows, key=length)[:_MOST])
    for _ in range(passes):
        traffic = _Traffic(wiring)
        for arrow in arrows:
            traffic.reroute(arrow)
        for arrow in range(len(wiring.returns)):
            traffic.reroute_back(arrow)


class _Traffic:
    """Where the lines of a board run: rows as in `crowding`, and places from left to right.

    A trunk is a number: one of four for each node, as the source or the target of `needs`, and as
    that of returns. All have a place in one order, in which they would be now; so the lines
    that cross can be counted exactly, although in the end other tracks may be better still.
    """

    def __init__(self, wiring: Wiring) -> None:
        self.wiring = wiring
        self.size = size = len(wiring.column)
        own = [2 * band + 1 for band in wiring.band]
        out = [at + 1 for at in wiring.column]
        self.channel = [*out, *wiring.column, *out, *wiring.column]
        # The rows of the lines at each trunk, that of its own card first.
        self.rows = [[row] for _ in range(4) for row in own]
        # By row, the places of the trunks it crosses, as bits.
        self.along = [0] * (2 * wiring.bands + 2)
        # By row, packed, the lines that pass a whole channel, and those that pass a place in a
        # channel in which they end.
        self.across = [0] * (wiring.columns + 1)
        self.unpack = Struct(f"<{len(self.along)}H")
        self._place()
        self.passing = [0] * self.ends[-1]
        for node, row in enumerate(own):
            field = 1 << _FIELD * row
            if wiring.outs[node]:
                self._pass(self.starts[out[node]], self.place[node], field)
            if wiring.ins[node]:
                self._pass(self.place[size + node] + 1, self.ends[wiring.column[node]], field)
        for arrow, way in enumerate(wiring.row):
            if way != HIDDEN:
                self._lay(*self._trunks(arrow), self._row(arrow), 1)
        for arrow, bus in enumerate(wiring.bus_back):
            self._lay(*self._trunks_back(arrow), 2 * bus, 1)

    def _trunks(self, arrow: int) -> tuple[int, int]:
        source, target = self.wiring.needs[arrow]
        return source, self.size + target

    def _trunks_back(self, arrow: int) -> tuple[int, int]:
        source, target = self.wiring.returns[arrow]
        return 2 * self.size + source, 3 * self.size + target

    def _row(self, arrow: int) -> int:
        """Return the row of an arrow between its trunks."""
        wiring = self.wiring
        source, target = wiring.needs[arrow]
        if wiring.row[arrow] == BUS:
            return 2 * wiring.bus[arrow]
        return 2 * wiring.band[target if wiring.row[arrow] == ALONG_TARGET else source] + 1

    def _place(self) -> None:
        """Put all trunks in order; those without a line yet are beside the cards."""
        size, channel = self.size, self.channel
        channels = self._channels()
        idle: list[list[int]] = [[] for _ in channels]
        busy = {
            trunk[2]
            for there in channels
            for zone in (there.back_out, there.fan, there.back_in)
            for trunk in zone
        }
        for trunk in range(2 * size):
            if trunk not in busy:
                idle[channel[trunk]].append(trunk)
        self.place = [0] * (4 * size)
        self.starts: list[int] = []
        self.ends: list[int] = []
        count = 0
        for there, others in zip(channels, idle, strict=True):
            self.starts.append(count)
            for trunk in (
                *(trunk[2] for trunk in there.back_out),
                *(trunk for trunk in others if trunk < size),
                *(trunk[2] for trunk in ordered(there.fan, there.right_of, there.left_of)),
                *(trunk for trunk in others if trunk >= size),
                *(trunk[2] for trunk in there.back_in),
            ):
                self.place[trunk] = count
                count += 1
            self.ends.append(count)

    def _channels(self) -> list[Channel]:
        """Return the trunks as they are now, by channel."""
        wiring, size, channel = self.wiring, self.size, self.channel
        channels = [Channel() for _ in self.across]
        lines: dict[int, list[int]] = {}
        for arrow, way in enumerate(wiring.row):
            if way not in (STRAIGHT, HIDDEN):
                ends, row = self._trunks(arrow), self._row(arrow)
                for trunk in ends:
                    if row != self.rows[trunk][0]:
                        lines.setdefault(trunk, []).append(row)
                if channel[ends[0]] == channel[ends[1]]:
                    channels[channel[ends[0]]].put(*ends)
        for arrow, bus in enumerate(wiring.bus_back):
            for trunk in self._trunks_back(arrow):
                lines.setdefault(trunk, []).append(2 * bus)
        for trunk, rows in lines.items():
            there, own = channels[channel[trunk]], self.rows[trunk][0]
            zone = (there.fan, there.fan, there.back_out, there.back_in)[trunk // size]
            leaves = trunk // size in (0, 2)
            zone.append(from_source(trunk, own, rows) if leaves else to_target(trunk, rows, own))
        return channels

    def _pass(self, first: int, end: int, field: int) -> None:
        passing = self.passing
        for at in range(first, end):
            passing[at] += field

    def _lay(self, start: int, end: int, row: int, sign: int) -> None:
        """Add a line in a row between two trunks (`sign` 1), or take it up (-1)."""
        self._hang(start, row, sign)
        self._hang(end, row, sign)
        if self.place[start] > self.place[end]:
            start, end = end, start
        low, high = self.channel[start], self.channel[end]
        field = sign << _FIELD * row
        if low == high:
            self._pass(self.place[start] + 1, self.place[end], field)
            return
        self._pass(self.place[start] + 1, self.ends[low], field)
        self._pass(self.starts[high], self.place[end], field)
        for channel in range(low + 1, high):
            self.across[channel] += field

    def _hang(self, trunk: int, row: int, sign: int) -> None:
        """Let a trunk reach to one row more, or less."""
        rows, along = self.rows[trunk], self.along
        if sign < 0:
            rows.remove(row)
        low, high = min(rows), max(rows)
        if sign > 0:
            rows.append(row)
        if low <= row <= high:
            return
        field = sign << self.place[trunk]
        if low == high:
            along[low] += field
        for at in range(row, low) if row < low else range(high + 1, row + 1):
            along[at] += field

    def _costs(self, start: int, end: int, rows: list[int]) -> list[int]:
        """Return the crossings of a line between two trunks in each of some rows."""
        along = self.along
        p, q = self.place[start], self.place[end]
        lines = self._above(self.across[self.channel[start]] + self.passing[p])
        lines2 = self._above(self.across[self.channel[end]] + self.passing[q])
        if p > q:
            p, q = q, p
        between = (1 << q - p - 1) - 1
        p += 1
        there, there2 = self.rows[start], self.rows[end]
        low, high, low2, high2 = min(there), max(there), min(there2), max(there2)
        costs = []
        for row in rows:
            cost = (along[row] >> p & between).bit_count()
            if row < low:
                cost += lines[low + 1] - lines[row + 1]
            elif row > high:
                cost += lines[row] - lines[high]
            if row < low2:
                cost += lines2[low2 + 1] - lines2[row + 1]
            elif row > high2:
                cost += lines2[row] - lines2[high2]
            costs.append(cost)
        return costs

    def _above(self, lines: int) -> list[int]:
        """Return by row how many of the lines packed into a number lie above it."""
        packed = lines.to_bytes(self.unpack.size, "little")
        return list(accumulate(self.unpack.unpack(packed), initial=0))

    def reroute(self, arrow: int) -> None:
        """Lay an arrow of kind `needs` again, along a row of its ends or in a bus."""
        wiring = self.wiring
        source, target = wiring.needs[arrow]
        start, end = self._trunks(arrow)
        self._lay(start, end, self._row(arrow), -1)
        if wiring.row[arrow] == ALONG_SOURCE:
            wiring.onward[source] = -1
        elif wiring.row[arrow] == ALONG_TARGET:
            wiring.direct[target] = -1
        rows = []
        if wiring.onward[source] < 0 and wiring.row_is_free(source, target):
            rows.append(2 * wiring.band[source] + 1)
        if wiring.direct[target] < 0 and wiring.row_leads_to(source, target):
            rows.append(2 * wiring.band[target] + 1)
        rows += self._buses(source, target)
        found = zip(rows, self._costs(start, end, rows), strict=True)
        costs = [cost if row & 1 else cost + _BENDS for row, cost in found]
        row = rows[costs.index(min(costs))]
        self._lay(start, end, row, 1)
        wiring.bus[arrow] = -1 if row & 1 else row // 2
        if not row & 1:
            wiring.row[arrow] = BUS
        elif row == rows[0] == 2 * wiring.band[source] + 1:
            wiring.row[arrow] = ALONG_SOURCE
            wiring.onward[source] = target
        else:
            wiring.row[arrow] = ALONG_TARGET
            wiring.direct[target] = source

    def reroute_back(self, arrow: int) -> None:
        """Lay a return again, in a bus."""
        start, end = self._trunks_back(arrow)
        self._lay(start, end, 2 * self.wiring.bus_back[arrow], -1)
        rows = self._buses(*self.wiring.returns[arrow])
        costs = self._costs(start, end, rows)
        row = rows[costs.index(min(costs))]
        self._lay(start, end, row, 1)
        self.wiring.bus_back[arrow] = row // 2

    def _buses(self, source: int, target: int) -> list[int]:
        """Return the rows of buses between two cards, a little beyond, and some all over."""
        band, last = self.wiring.band, self.wiring.bands
        low, high = band[source], band[target]
        if low > high:
            low, high = high, low
        between = range(low + 1, high + 1, 1 + (high - low) // _BETWEEN)
        above = range(low, max(0, low - _BEYOND), -1)
        below = range(high + 1, min(last, high + _BEYOND) + 1)
        all_over = range(1, last + 1, 1 + last // _ALL_OVER)
        return [2 * bus for bus in (*between, *above, *below, *all_over)]
