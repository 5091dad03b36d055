"""Arrows: through channels between the columns and buses between the rows, never over a card.

Channel k lies left of column k, bus b above band b; a band is one slot of one lane, all columns
wide. An arrow is at most five lines: out of its source, along a trunk of the source, along a row,
along a trunk of the target, into the target. The row is the source's own (the arrow then joins a
fan-in at the target), the target's own (it then leaves a fan-out of the source), or a track of a
bus. Lines of different arrows share cells only as trunks, under the confluent rule: of the arrows
of a source at most one goes on along the source's row, of those into a target at most one comes
along the target's row; whoever follows a line rightwards only reaches what it leads to.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

Pair = tuple[int, int]
Trunk = tuple[int, int, int, list[int], list[int]]

STRAIGHT, ALONG_SOURCE, ALONG_TARGET, BUS = range(4)
# Zones of a channel, from left to right.
BACK_OUT, FAN_OUT, FAN_IN, BACK_IN = range(4)


class Wiring:
    """The ways of all arrows of a board, in bands, buses, tracks and at last in rows.

    `needs` and `returns` are pairs of nodes, each pair once. `tall` says of each band whether
    its cards have rows enough for an entry below the exit.
    """

    def __init__(
        self,
        column: Sequence[int],
        band: Sequence[int],
        tall: Sequence[bool],
        needs: Sequence[Pair],
        returns: Sequence[Pair],
    ) -> None:
        self.column, self.band, self.tall = column, band, tall
        self.needs, self.returns = needs, returns
        self.bands = len(tall)
        self.columns = max(column, default=-1) + 1
        self._neighbours()
        self._choose_rows()
        self._choose_buses()
        self._choose_entries()
        self._fill_buses()

    def _neighbours(self) -> None:
        """Find the cards beside each card in its band, and count the arrows at each."""
        size = len(self.column)
        rows: list[list[int]] = [[] for _ in range(self.bands)]
        for node in sorted(range(size), key=self.column.__getitem__):
            rows[self.band[node]].append(node)
        self.left = [-1] * size
        self.right = [-1] * size
        for row in rows:
            for a, b in zip(row, row[1:], strict=False):
                self.right[a], self.left[b] = b, a
        self.outs = [0] * size
        self.ins = [0] * size
        for source, target in self.needs:
            self.outs[source] += 1
            self.ins[target] += 1

    def _choose_rows(self) -> None:
        """Choose the row of each arrow; the longest first, as a bus costs them most."""
        column, band, left, right = self.column, self.band, self.left, self.right
        outs, ins, tall = self.outs, self.ins, self.tall
        size = len(column)
        # The one arrow that goes on along its source's row, by its target, and the one that
        # comes along its target's row, by its source.
        self.onward = onward = [-1] * size
        self.direct = direct = [-1] * size
        self.row = row = [BUS] * len(self.needs)
        rest: list[int] = []
        for arrow, (source, target) in enumerate(self.needs):
            if right[source] == target:
                row[arrow] = STRAIGHT
                onward[source] = target
                direct[target] = source
            else:
                rest.append(arrow)
        needs = self.needs
        rest.sort(key=lambda arrow: column[needs[arrow][0]] - column[needs[arrow][1]])
        for arrow in rest:
            source, target = needs[arrow]
            start, end = column[source], column[target]
            along_source = along_target = False
            if onward[source] < 0:
                other = right[source]
                if other < 0 or column[other] > end:
                    along_source = True
                elif column[other] == end:
                    along_source = tall[band[source]] or not ins[other]
                if along_source and other >= 0 and not tall[band[source]] and direct[other] >= 0:
                    along_source = column[direct[other]] + 1 > end
            if direct[target] < 0:
                other = left[target]
                if other < 0 or column[other] < start:
                    along_target = True
                elif column[other] == start:
                    along_target = tall[band[target]] or not outs[other]
                if along_target and other >= 0 and not tall[band[target]] and onward[other] >= 0:
                    along_target = column[onward[other]] < start + 1
            if along_source and (not along_target or outs[source] < ins[target]):
                row[arrow] = ALONG_SOURCE
                onward[source] = target
            elif along_target:
                row[arrow] = ALONG_TARGET
                direct[target] = source

    def _choose_buses(self) -> None:
        """Choose a bus for each arrow that has no row: near the end where more arrows meet."""
        load = [0] * (self.bands + 1)
        self.bus = [-1] * len(self.needs)
        for arrow, (source, target) in enumerate(self.needs):
            if self.row[arrow] == BUS:
                near_source = self.outs[source] >= self.ins[target]
                self.bus[arrow] = self._bus(source, target, near_source, load)
        self.bus_back = [self._bus(a, b, False, load) for a, b in self.returns]

    def _bus(self, source: int, target: int, near_source: bool, load: list[int]) -> int:
        start, end = self.band[source], self.band[target]
        if start == end:
            bus = start + 1
            if start and load[start] < load[bus]:
                bus = start
        elif near_source:
            bus = start + 1 if end > start else start
        else:
            bus = end if end > start else end + 1
        load[bus] += 1
        return bus

    def _choose_entries(self) -> None:
        """Decide which cards take their arrows on the second row, as the first is in use.

        The first row is the left neighbour's as far as its exit goes.
        """
        column = self.column
        self.low_entry = [False] * len(column)
        for node, source in enumerate(self.direct):
            if not self.ins[node]:
                continue
            other = self.left[node]
            if other < 0 or not self.outs[other] or source == other:
                continue
            onward = self.onward[other]
            reach = column[onward] if onward >= 0 else column[other] + 1
            start = column[source] + 1 if source >= 0 else column[node]
            clear = reach < start or (reach == start and onward < 0 and source < 0)
            self.low_entry[node] = not clear

    def _fill_buses(self) -> None:
        """Give every bus arrow a track, those of one source or target the same where they may."""
        self.track = [0] * len(self.needs)
        self.track_back = [0] * len(self.returns)
        spans: list[list[tuple[int, int, int, list[int]]]] = [[] for _ in range(self.bands + 1)]
        for arrows in self._bundles():
            first = min([self.column[self.needs[arrow][0]] for arrow in arrows]) + 1
            last = max([self.column[self.needs[arrow][1]] for arrow in arrows])
            spans[self.bus[arrows[0]]].append((first, last, 0, arrows))
        for arrow, (source, target) in enumerate(self.returns):
            a, b = self.column[source] + 1, self.column[target]
            spans[self.bus_back[arrow]].append((min(a, b), max(a, b), 1, [arrow]))
        self.tracks = [0] * (self.bands + 1)
        for bus, lines in enumerate(spans):
            ends: list[int] = []
            lines.sort()
            for first, last, back, arrows in lines:
                for track, end in enumerate(ends):
                    if end < first:
                        ends[track] = last
                        break
                else:
                    track = len(ends)
                    ends.append(last)
                for arrow in arrows:
                    (self.track_back if back else self.track)[arrow] = track
            self.tracks[bus] = len(ends)

    def _bundles(self) -> list[list[int]]:
        """Gather the bus arrows that may share a track: of one target, then of one source.

        A line may pass the end of another arrow's trunk but never its middle, else it would seem
        to lead there. So all but the last to leave (the first to join) must end their trunks.
        """
        band, column, needs = self.band, self.column, self.needs
        departures: dict[int, list[int]] = {}
        arrivals: dict[int, list[int]] = {}
        buses = [arrow for arrow, row in enumerate(self.row) if row == BUS]
        for arrow, (source, target) in enumerate(needs):
            row = self.row[arrow]
            if row == BUS:
                level = 2 * self.bus[arrow] - 1
                departures.setdefault(source, []).append(level)
                arrivals.setdefault(target, []).append(level)
            elif row == ALONG_SOURCE:
                arrivals.setdefault(target, []).append(2 * band[source])
            elif row == ALONG_TARGET:
                departures.setdefault(source, []).append(2 * band[target])

        def ends(level: int, levels: list[int], card: int) -> bool:
            beyond = [at >= level for at in levels] if level > 2 * card else []
            beyond = beyond or [at <= level for at in levels]
            return sum(beyond) == 1

        by_target: dict[Pair, list[int]] = {}
        by_source: dict[Pair, list[int]] = {}
        for arrow in buses:
            by_target.setdefault((self.bus[arrow], needs[arrow][1]), []).append(arrow)
        bundles: list[list[int]] = []
        for (bus, target), arrows in by_target.items():
            together: list[int] = []
            if len(arrows) > 1:
                level = 2 * bus - 1
                middle: list[int] = []
                for arrow in arrows:
                    source = needs[arrow][0]
                    good = ends(level, departures[source], band[source])
                    (together if good else middle).append(arrow)
                if middle and together:
                    first = min(middle, key=lambda arrow: column[needs[arrow][0]])
                    if column[needs[first][0]] < min([column[needs[a][0]] for a in together]):
                        together.append(first)
                if len(together) > 1:
                    bundles.append(together)
                    # For the arrivals the whole bundle is one line.
                    for _ in together[1:]:
                        arrivals[target].remove(level)
            if len(together) < 2:
                together = []
            for arrow in arrows:
                if arrow not in together:
                    by_source.setdefault((bus, needs[arrow][0]), []).append(arrow)
        for (bus, _), arrows in by_source.items():
            level = 2 * bus - 1
            together = []
            middle = []
            for arrow in arrows:
                target = needs[arrow][1]
                good = len(arrows) > 1 and ends(level, arrivals[target], band[target])
                (together if good else middle).append(arrow)
            if middle and together:
                last = max(middle, key=lambda arrow: column[needs[arrow][1]])
                if column[needs[last][1]] > max([column[needs[a][1]] for a in together]):
                    together.append(last)
                    middle.remove(last)
            if together:
                bundles.append(together)
            bundles += [[arrow] for arrow in middle]
        return bundles

    def trunks(self, exit_y: Sequence[int], back: Sequence[Pair], bus_y: Sequence[int]) -> None:
        """Lay the trunks of all channels; everything is known in rows by now.

        `exit_y` is the row in which each node's arrows leave, `back` the rows in which returns
        leave and reach it, `bus_y` the first row of each bus.
        """
        size = len(self.column)
        self.exit_y = exit_y
        self.entry_y = [y + low for y, low in zip(exit_y, self.low_entry, strict=True)]
        out: list[list[int]] = [[] for _ in range(size)]
        into: list[list[int]] = [[] for _ in range(size)]
        self.row_y = row_y = [0] * len(self.needs)
        for arrow, (source, target) in enumerate(self.needs):
            row = self.row[arrow]
            if row == BUS:
                y = bus_y[self.bus[arrow]] + self.track[arrow]
                out[source].append(y)
                into[target].append(y)
            elif row == ALONG_TARGET:
                y = self.entry_y[target]
                out[source].append(y)
            else:
                y = exit_y[source]
                if row == ALONG_SOURCE:
                    into[target].append(y)
            row_y[arrow] = y
        back_out: list[list[int]] = [[] for _ in range(size)]
        back_in: list[list[int]] = [[] for _ in range(size)]
        self.row_y_back = []
        for arrow, (source, target) in enumerate(self.returns):
            y = bus_y[self.bus_back[arrow]] + self.track_back[arrow]
            self.row_y_back.append(y)
            back_out[source].append(y)
            back_in[target].append(y)
        zones: list[list[list[Trunk]]] = [[[], [], [], []] for _ in range(self.columns + 1)]
        for node in range(size):
            at = self.column[node]
            if rows := back_out[node]:
                zones[at + 1][BACK_OUT].append(_trunk(node, [back[node][0]], rows))
            if rows := out[node]:
                zones[at + 1][FAN_OUT].append(_trunk(node, [exit_y[node]], rows))
            if rows := into[node]:
                zones[at][FAN_IN].append(_trunk(node, rows, [self.entry_y[node]]))
            if rows := back_in[node]:
                zones[at][BACK_IN].append(_trunk(node, rows, [back[node][1]]))
        # By zone: the track of each node's trunk, and the number of tracks in each channel.
        self.place = [[-1] * size for _ in range(4)]
        self.widths: list[list[int]] = []
        for channel in zones:
            self.widths.append(
                [_pack(trunks, self.place[zone]) for zone, trunks in enumerate(channel)]
            )


def _trunk(node: int, left: list[int], right: list[int]) -> Trunk:
    """Describe a trunk: its ends, and the sorted rows that reach it from left and right."""
    left = sorted(left)
    right = sorted(right)
    return min(left[0], right[0]), max(left[-1], right[-1]), node, left, right


def _crossings(first: Trunk, second: Trunk) -> int:
    """Count the crossings of two trunks of a zone when `first` stands left of `second`."""
    low, high, _, _, right = first
    low2, high2, _, left2, _ = second
    return (
        bisect_left(left2, high)
        - bisect_right(left2, low)
        + bisect_left(right, high2)
        - bisect_right(right, low2)
    )


def _pack(trunks: list[Trunk], place: list[int]) -> int:
    """Give each trunk of a zone a track, in an order that crosses little; return their number."""
    if len(trunks) == 1:
        place[trunks[0][2]] = 0
        return 1
    order: list[Trunk] = []
    for trunk in sorted(trunks, key=_lean):
        best, where = 0, len(order)
        cost = 0
        for i in range(len(order) - 1, max(-1, len(order) - 25), -1):
            other = order[i]
            if other[0] <= trunk[1] and trunk[0] <= other[1]:
                cost += _crossings(trunk, other) - _crossings(other, trunk)
                if cost < best:
                    best, where = cost, i
        order.insert(where, trunk)
    # Tracks from left to right: right of everything before it in the order that it meets.
    tracks: list[list[Trunk]] = []
    for trunk in order:
        low, high = trunk[0], trunk[1]
        at = len(tracks)
        while at and not any(other[0] <= high and low <= other[1] for other in tracks[at - 1]):
            at -= 1
        if at == len(tracks):
            tracks.append([])
        tracks[at].append(trunk)
        place[trunk[2]] = at
    return len(tracks)


def _lean(trunk: Trunk) -> tuple[int, int]:
    """Sort trunks that lead down by their start, upwards, and those that lead up downwards."""
    _, _, node, left, right = trunk
    start = left[0] + left[-1]
    end = right[0] + right[-1]
    return (-start, node) if end > start else (start, node)
