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

from collections.abc import Container, Sequence
from itertools import accumulate, pairwise
from operator import add

from tracker.flow.net import Pair
from tracker.flow.tracks import Channel, from_source, spare, to_target, tracks

STRAIGHT, ALONG_SOURCE, ALONG_TARGET, BUS, HIDDEN = range(5)
# Zones of a channel, from left to right. The spare ones hold tracks kept free for the hidden arrows
# of the card in focus; that for hidden `needs` is among the fans.
BACK_OUT, SPARE_BACK_OUT, FAN, SPARE_BACK_IN, BACK_IN = range(5)

# So many buses between its ends an arrow looks at.
_LOOK = 12
# So many pairs of rows and channels are looked at one by one when trunks are counted.
_FINE = 400_000


class Wiring:
    """The ways of all arrows of a board, in bands, buses, tracks and at last in rows.

    `needs` and `returns` are pairs of nodes, each pair once. `tall` says of each band whether
    its cards have rows enough for an entry below the exit. No more than `cap` tracks run in a
    channel or in a bus: of the arrows that would need more those of the highest `rank` are hidden,
    and of these the longest.
    """

    def __init__(
        self,
        column: Sequence[int],
        band: Sequence[int],
        tall: Sequence[bool],
        needs: Sequence[Pair],
        returns: Sequence[Pair],
        columns: int,
        cap: int | None,
        rank: tuple[Sequence[int], Sequence[int]],
    ) -> None:
        self.column, self.band, self.tall = column, band, tall
        self.needs, self.returns = needs, returns
        self.bands = len(tall)
        self.columns = columns
        self._neighbours()
        self._choose_rows()
        self._choose_buses()
        self.hidden_back = [cap == 0] * len(returns)
        if cap == 0:
            self.row = [HIDDEN] * len(needs)
            self.onward = [-1] * len(column)
            self.direct = [-1] * len(column)
        elif cap is not None:
            self._hide_longest(cap, rank)
        self._choose_entries()
        self._fill_buses(cap)
        self._count_spare()

    def _neighbours(self) -> None:
        """Find the cards beside each card in its band, and count the arrows at each."""
        size = len(self.column)
        rows: list[list[int]] = [[] for _ in range(self.bands)]
        for node in sorted(range(size), key=self.column.__getitem__):
            rows[self.band[node]].append(node)
        self.left = [-1] * size
        self.right = [-1] * size
        for row in rows:
            for a, b in pairwise(row):
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
        out_low = [2 * at + 1 for at in band]
        out_high, in_low, in_high = out_low[:], out_low[:], out_low[:]
        for arrow, (source, target) in enumerate(self.needs):
            if right[source] == target:
                row[arrow] = STRAIGHT
                onward[source] = target
                direct[target] = source
            else:
                rest.append(arrow)
        needs = self.needs
        rest.sort(key=lambda arrow: -abs(band[needs[arrow][0]] - band[needs[arrow][1]]))
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
            a, b = 2 * band[source] + 1, 2 * band[target] + 1
            low, high = out_low[source], out_high[source]
            more_out = low - b if b < low else b - high if b > high else 0
            low, high = in_low[target], in_high[target]
            more_in = low - a if a < low else a - high if a > high else 0
            if along_source and (
                not along_target or (more_in, outs[source]) < (more_out, ins[target])
            ):
                row[arrow] = ALONG_SOURCE
                onward[source] = target
                in_low[target] = min(low, a)
                in_high[target] = max(high, a)
            elif along_target:
                row[arrow] = ALONG_TARGET
                direct[target] = source
                out_low[source] = min(out_low[source], b)
                out_high[source] = max(out_high[source], b)
        self.extents = out_low, out_high, in_low, in_high

    def _choose_buses(self) -> None:
        """Choose a bus for each arrow that has no row, where it costs least; then for returns."""
        crowd = _Crowd(self)
        load = [0] * (self.bands + 1)
        out_low, out_high, in_low, in_high = self.extents
        self.bus = [-1] * len(self.needs)
        for arrow, (source, target) in enumerate(self.needs):
            if self.row[arrow] == BUS:
                self.bus[arrow] = bus = self._bus(source, target, crowd, load)
                at = 2 * bus
                out_low[source] = min(out_low[source], at)
                out_high[source] = max(out_high[source], at)
                in_low[target] = min(in_low[target], at)
                in_high[target] = max(in_high[target], at)
        self.bus_back = [self._bus(a, b, crowd, load) for a, b in self.returns]

    def _bus(self, source: int, target: int, crowd: _Crowd, load: list[int]) -> int:
        """Return the bus between two cards that crosses fewest trunks and lengthens theirs least.

        Among equal ones it is the emptiest, and then the one nearest to the source.
        """
        start, end = self.band[source], self.band[target]
        if start == end:
            choices = range(start + 1, max(start, 1) - 1, -1)
        elif start < end:
            choices = range(start + 1, end + 1, 1 + (end - start) // _LOOK)
        else:
            choices = range(start, end, -1 - (start - end) // _LOOK)
        low, high = self.column[source] + 1, self.column[target]
        if low > high:
            low, high = high, low
        out_low, out_high, in_low, in_high = self.extents
        first, last = out_low[source], out_high[source]
        first2, last2 = in_low[target], in_high[target]
        best, where = -1.0, start + 1
        for bus in choices:
            at = 2 * bus
            cost = crowd.crossed(at, low, high) * 2 + load[bus] * 0.5
            if at < first:
                cost += first - at
            elif at > last:
                cost += at - last
            if at < first2:
                cost += first2 - at
            elif at > last2:
                cost += at - last2
            if best < 0 or cost < best:
                best, where = cost, bus
        load[where] += 1
        return where

    def _hide_longest(self, cap: int, rank: tuple[Sequence[int], Sequence[int]]) -> None:
        """Hide the longest of the arrows for which a channel has no track left.

        Rows are bits here, bands odd and buses even; a channel keeps for each depth the rows in
        which that many trunks run beside each other.
        """
        fan = _Depths(self.columns + 1, cap)
        self._hide(self.needs, self.row, self.bus, fan, rank[0])
        back = _Depths(self.columns + 1, max(2, cap // 2))
        rows = [BUS] * len(self.returns)
        self._hide(self.returns, rows, self.bus_back, back, rank[1])
        self.hidden_back = [row == HIDDEN for row in rows]

    def _hide(
        self,
        pairs: Sequence[Pair],
        rows: list[int],
        buses: Sequence[int],
        depths: _Depths,
        rank: Sequence[int],
    ) -> None:
        column, band = self.column, self.band
        out = [0] * len(column)
        into = [0] * len(column)
        lengths = [
            (rank[arrow], abs(column[b] - column[a]), abs(band[b] - band[a]), arrow)
            for arrow, (a, b) in enumerate(pairs)
            if rows[arrow] != STRAIGHT
        ]
        lengths.sort()
        for *_, arrow in lengths:
            source, target = pairs[arrow]
            start, end = 2 * band[source] + 1, 2 * band[target] + 1
            row = rows[arrow]
            middle = 2 * buses[arrow] if row == BUS else start if row == ALONG_SOURCE else end
            leaves = _bits(start, middle) & ~out[source] if middle != start else 0
            comes = _bits(middle, end) & ~into[target] if middle != end else 0
            if depths.add(column[source] + 1, leaves, column[target], comes):
                out[source] |= leaves
                into[target] |= comes
            else:
                rows[arrow] = HIDDEN
                if row == ALONG_SOURCE:
                    self.onward[source] = -1
                elif row == ALONG_TARGET:
                    self.direct[target] = -1

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

    def _fill_buses(self, cap: int | None) -> None:
        """Give every bus arrow a track, those of one source or target the same where they may."""
        self.track = [0] * len(self.needs)
        self.track_back = [0] * len(self.returns)
        lines: list[list[tuple[int, int, int, list[int]]]] = [[] for _ in range(self.bands + 1)]
        for arrows in self._bundles():
            first = min([self.column[self.needs[arrow][0]] for arrow in arrows]) + 1
            last = max([self.column[self.needs[arrow][1]] for arrow in arrows])
            lines[self.bus[arrows[0]]].append((first, last, 0, arrows))
        for arrow, (source, target) in enumerate(self.returns):
            if not self.hidden_back[arrow]:
                a, b = self.column[source] + 1, self.column[target]
                lines[self.bus_back[arrow]].append((min(a, b), max(a, b), 1, [arrow]))
        self.tracks = [0] * (self.bands + 1)
        for bus, there in enumerate(lines):
            ends: list[int] = []
            there.sort()
            for first, last, back, arrows in there:
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
            if cap is not None and len(ends) > cap:
                self.tracks[bus] = self._squeeze(there, cap)

    def _squeeze(self, lines: list[tuple[int, int, int, list[int]]], cap: int) -> int:
        """Fill the tracks of a bus again, the shortest lines first, and hide what has no room."""
        taken = [0] * cap
        used = 0
        for first, last, back, arrows in sorted(lines, key=lambda line: line[1] - line[0]):
            span = _bits(first, last)
            track = next((at for at, there in enumerate(taken) if not there & span), -1)
            if track >= 0:
                taken[track] |= span
                used = max(used, track + 1)
            for arrow in arrows:
                if back:
                    self.track_back[arrow] = track
                    self.hidden_back[arrow] = track < 0
                else:
                    self.track[arrow] = track
                    self.row[arrow] = self.row[arrow] if track >= 0 else HIDDEN
        return used

    def _bundles(self) -> list[list[int]]:
        """Gather the bus arrows that may share a track: those of a target, then those of a source.

        Where one leaves a shared line for its target, or joins it from its source, the trunk there
        must carry nothing else, or the line would seem to lead on along it. Only the last to leave
        and the first to join come to an end of the line, where nothing leads on.
        """
        column, needs = self.column, self.needs
        outs, ins = [0] * len(column), [0] * len(column)
        for arrow, (source, target) in enumerate(needs):
            if self.row[arrow] != HIDDEN:
                outs[source] += 1
                ins[target] += 1
        by_target: dict[Pair, list[int]] = {}
        by_source: dict[Pair, list[int]] = {}
        for arrow, row in enumerate(self.row):
            if row == BUS:
                by_target.setdefault((self.bus[arrow], needs[arrow][1]), []).append(arrow)
        bundles: list[list[int]] = []
        for arrows in by_target.values():
            together = [arrow for arrow in arrows if outs[needs[arrow][0]] == 1]
            if len(together) < len(arrows):
                first = min(arrows, key=lambda arrow: column[needs[arrow][0]])
                if first not in together and together:
                    ahead = min([column[needs[arrow][0]] for arrow in together])
                    if column[needs[first][0]] < ahead:
                        together.append(first)
            if len(together) < 2:
                together = []
            else:
                bundles.append(together)
            for arrow in arrows:
                if arrow not in together:
                    by_source.setdefault((self.bus[arrow], needs[arrow][0]), []).append(arrow)
        for arrows in by_source.values():
            together = [arrow for arrow in arrows if ins[needs[arrow][1]] == 1]
            alone = [arrow for arrow in arrows if ins[needs[arrow][1]] > 1]
            if alone and together:
                last = max(alone, key=lambda arrow: column[needs[arrow][1]])
                if column[needs[last][1]] > max([column[needs[arrow][1]] for arrow in together]):
                    together.append(last)
                    alone.remove(last)
            if together:
                bundles.append(together)
            bundles += [[arrow] for arrow in alone]
        return bundles

    def _count_spare(self) -> None:
        """Count the tracks to keep free for the hidden arrows of one card at a time.

        One will do, unless the ways in and out of a card may run beside each other: then the ways
        in take a second one.
        """
        column = self.column
        needs, returns = (
            zip(self.needs, self.row, strict=True),
            zip(self.returns, self.hidden_back, strict=True),
        )
        self.hidden_needs = [pair for pair, row in needs if row == HIDDEN]
        self.hidden_returns = [pair for pair, gone in returns if gone]
        backwards = any(column[source] >= column[target] for source, target in self.hidden_needs)
        others = [pair for pair in self.hidden_returns if pair[0] != pair[1]]
        meeting = {source for source, _ in others} & {target for _, target in others}
        self.spare = 1 + backwards if self.hidden_needs else 0
        self.spare_back = 1 + bool(meeting) if self.hidden_returns else 0

    def trunks(self, exit_y: Sequence[int], back_y: Sequence[Pair], bus_y: Sequence[int]) -> None:
        """Lay the trunks of all channels; everything is known in rows by now.

        `exit_y` is the row in which each node's arrows leave, `back_y` the rows in which returns
        leave and reach it, `bus_y` the first row of each bus.
        """
        entry_y = [y + low for y, low in zip(exit_y, self.low_entry, strict=True)]
        self.entry_y = entry_y
        # The rows that leave the trunk of a source, and those that reach the trunk of a target.
        out: dict[int, list[int]] = {}
        into: dict[int, list[int]] = {}
        # The row of each arrow between its two trunks.
        self.row_y = []
        for (source, target), row, bus, track in zip(
            self.needs, self.row, self.bus, self.track, strict=True
        ):
            if row == BUS:
                y = bus_y[bus] + track
                out.setdefault(source, []).append(y)
                into.setdefault(target, []).append(y)
            elif row == ALONG_TARGET:
                y = entry_y[target]
                out.setdefault(source, []).append(y)
            else:
                y = exit_y[source]
                if row == ALONG_SOURCE:
                    into.setdefault(target, []).append(y)
            self.row_y.append(y)
        back_out: dict[int, list[int]] = {}
        back_in: dict[int, list[int]] = {}
        self.row_y_back = [0] * len(self.returns)
        for arrow, (source, target) in enumerate(self.returns):
            if not self.hidden_back[arrow]:
                y = bus_y[self.bus_back[arrow]] + self.track_back[arrow]
                self.row_y_back[arrow] = y
                back_out.setdefault(source, []).append(y)
                back_in.setdefault(target, []).append(y)
        channels = [Channel() for _ in range(self.columns + 1)]
        column = self.column
        for node, rows in out.items():
            channels[column[node] + 1].fan.append(from_source(node, exit_y[node], rows))
        for node, rows in into.items():
            channels[column[node]].fan.append(to_target(~node, rows, entry_y[node]))
        for node, rows in back_out.items():
            channels[column[node] + 1].back_out.append(from_source(node, back_y[node][0], rows))
        for node, rows in back_in.items():
            channels[column[node]].back_in.append(to_target(node, rows, back_y[node][1]))
        self._constrain(channels, out, into)
        self._pack(channels)

    def _constrain(
        self, channels: list[Channel], out: Container[int], into: Container[int]
    ) -> None:
        """Say which trunks must stand left of others, lest lines lie on or lead into each other.

        An arrow from one column to the next leaves its source's trunk before it reaches its
        target's; and where an exit and an entry lie in one row, the first ends before the second
        begins. The spare track takes part with the lines it may once carry.
        """
        column = self.column
        for arrow, (source, target) in enumerate(self.needs):
            at = column[source] + 1
            if (
                at == column[target]
                and source in out
                and target in into
                and self.row[arrow] != HIDDEN
            ):
                channels[at].put(source, ~target)
        free = len(column)
        leaving = {source for source, _ in self.hidden_needs}
        coming = {target for _, target in self.hidden_needs}
        for at in {column[node] + 1 for node in leaving} | {column[node] for node in coming}:
            channels[at].fan.append(spare(free))
        for node, other in enumerate(self.left):
            at = column[node]
            if other < 0 or column[other] + 1 != at or self.low_entry[node]:
                continue
            if other in out and node in into:
                channels[at].put(other, ~node)
            if other in leaving and node in into:
                channels[at].put(free, ~node)
            if node in coming and other in out:
                channels[at].put(other, free)

    def _pack(self, channels: list[Channel]) -> None:
        """Set the tracks of all trunks within their zones, and the number of tracks of each."""
        size = len(self.column)
        self.out_place, self.in_place = [0] * size, [0] * size
        self.back_out_place, self.back_in_place = [0] * size, [0] * size
        self.spare_place = [0] * len(channels)
        self.widths: list[list[int]] = []
        for at, channel in enumerate(channels):
            widths = [0] * (BACK_IN + 1)
            for key, track in tracks(channel.fan, channel.right_of, channel.left_of).items():
                cells = 1
                if key == size:
                    self.spare_place[at] = track
                    cells = self.spare
                elif key >= 0:
                    self.out_place[key] = track
                else:
                    self.in_place[~key] = track
                widths[FAN] = max(widths[FAN], track + cells)
            for zone, trunks, place in (
                (BACK_OUT, channel.back_out, self.back_out_place),
                (BACK_IN, channel.back_in, self.back_in_place),
            ):
                for key, track in tracks(trunks, {}, {}).items():
                    place[key] = track
                    widths[zone] = max(widths[zone], track + 1)
            self.widths.append(widths)
        for source, target in self.hidden_returns:
            self.widths[self.column[source] + 1][SPARE_BACK_OUT] = self.spare_back
            self.widths[self.column[target]][SPARE_BACK_IN] = self.spare_back


class _Crowd:
    """How many trunks each row crosses, before buses are chosen, in rows of bands and buses."""

    def __init__(self, wiring: Wiring) -> None:
        out_low, out_high, in_low, in_high = wiring.extents
        rows, columns = 2 * wiring.bands + 1, wiring.columns + 2
        # A board both high and wide is looked at more coarsely.
        self.scale = scale = 1 + rows * columns // _FINE
        change = [[0] * columns for _ in range(rows // scale + 2)]
        for node, at in enumerate(wiring.column):
            for low, high, channel in (
                (out_low[node], out_high[node], at + 2),
                (in_low[node], in_high[node], at + 1),
            ):
                if low < high:
                    change[low // scale][channel] += 1
                    change[high // scale + 1][channel] -= 1
        above = [0] * columns
        # By row: the trunks in all channels left of each.
        self.before: list[list[int]] = []
        for row in change:
            above = list(map(add, above, row))
            self.before.append(list(accumulate(above)))

    def crossed(self, row: int, first: int, last: int) -> int:
        """Return the number of trunks in a row from one channel to another."""
        before = self.before[row // self.scale]
        return before[last + 1] - before[first]


class _Depths:
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


def _bits(a: int, b: int) -> int:
    """Return the bits from `a` to `b`, in either order and both included."""
    if a > b:
        a, b = b, a
    return (1 << (b + 1)) - (1 << a)
