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

import math
from collections import Counter
from collections.abc import Collection, Sequence
from itertools import pairwise, repeat

import msgspec

from tracker.flow.board.crowding import Crowd, Depths, bits
from tracker.flow.board.nodes import Net, Pair

STRAIGHT, ALONG_SOURCE, ALONG_TARGET, BUS, HIDDEN = range(5)
# What an arrow without a bus remembers of its way.
UNKNOWN, STRAIGHT_VIA, SOURCE_VIA, TARGET_VIA, HIDDEN_VIA = range(-5, 0)

# The channels at which a line in a bus begins and ends, 1 for a return, and its arrows.
BusLine = tuple[int, int, int, list[int]]

# So many buses between its ends an arrow looks at.
_LOOK = 12


class Kept(msgspec.Struct, frozen=True):
    """How arrows went on the board before: by pair the number of a bus, or one of those above.

    `crowded` are the channels that had no track left.
    """

    needs: Sequence[int]
    returns: Sequence[int]
    crowded: Collection[int]


class Wiring:
    """The ways of all arrows of a board, in bands, buses, tracks and at last in rows.

    The pairs of nodes are those of a net. `tall` says of each node whether
    its cards have rows enough for an entry below the exit. Arrows that are `kept` stay as they
    were as far as they can. Once it has settled no more than `cap` tracks run in a channel or in a
    bus: of the arrows that would need more the longest are hidden.
    """

    def __init__(
        self,
        column: Sequence[int],
        band: Sequence[int],
        tall: Sequence[bool],
        bands: int,
        net: Net,
        columns: int,
        kept: Kept | None = None,
    ) -> None:
        self.column, self.band, self.tall = column, band, tall
        self.needs, self.returns = net.needs, net.returns
        self.outs = list(map(len, net.after))
        self.ins = list(map(len, net.before))
        self.bands = bands
        self.columns = columns
        self._neighbours()
        self._choose_rows(kept)
        self._choose_buses(kept)

    def settle(self, cap: int | None, kept: Kept | None = None) -> None:
        """Hide what `cap` leaves no room for, and give all else its entry and its track."""
        self.hidden_back = [cap == 0] * len(self.returns)
        if cap == 0:
            self.row = [HIDDEN] * len(self.needs)
            self.onward = [-1] * len(self.column)
            self.direct = [-1] * len(self.column)
        elif kept is not None:
            self.hidden_back = [via == HIDDEN_VIA for via in kept.returns]
        elif cap is not None:
            self._hide_longest(cap)
        self._choose_entries()
        self._fill_buses(cap, kept)
        self._count_spare()

    def _neighbours(self) -> None:
        """Find the cards beside each card in its band."""
        size, band = len(self.column), self.band
        rows: list[list[int]] = [[] for _ in range(self.bands)]
        for node in sorted(range(size), key=self.column.__getitem__):
            rows[band[node]].append(node)
        self.left = [-1] * size
        self.right = [-1] * size
        for row in rows:
            for a, b in pairwise(row):
                self.right[a], self.left[b] = b, a

    def _choose_rows(self, kept: Kept | None) -> None:
        """Choose the row of each arrow, those that lead up or down farthest first.

        Where both rows of its ends are free it takes the one it had, or at which a trunk grows
        less.
        """
        column, band, outs, ins = self.column, self.band, self.outs, self.ins
        # The one arrow that goes on along its source's row, by its target, and the one that
        # comes along its target's row, by its source.
        self.onward, self.direct = [-1] * len(column), [-1] * len(column)
        rows = [2 * at + 1 for at in band]
        self.out = out_low, out_high = rows[:], rows[:]
        self.into = in_low, in_high = rows[:], rows[:]
        for arrow in self._undecided(kept):
            source, target = self.needs[arrow]
            via = kept.needs[arrow] if kept else UNKNOWN
            # Who goes as before need not ask for the other row.
            along_source = along_target = False
            if via != TARGET_VIA:
                along_source = self.onward[source] < 0 and self.row_is_free(source, target)
            if via != SOURCE_VIA or not along_source:
                along_target = self.direct[target] < 0 and self.row_leads_to(source, target)
            if via == TARGET_VIA and not along_target:
                along_source = self.onward[source] < 0 and self.row_is_free(source, target)
            start, end = rows[source], rows[target]
            if along_source and along_target:
                grows = max(in_low[target] - start, start - in_high[target], 0)
                grows_out = max(out_low[source] - end, end - out_high[source], 0)
                along_source = (grows, outs[source]) < (grows_out, ins[target])
            if along_source:
                self.row[arrow] = ALONG_SOURCE
                self.onward[source] = target
                if start < in_low[target]:
                    in_low[target] = start
                elif start > in_high[target]:
                    in_high[target] = start
            elif along_target:
                self.row[arrow] = ALONG_TARGET
                self.direct[target] = source
                if end < out_low[source]:
                    out_low[source] = end
                elif end > out_high[source]:
                    out_high[source] = end

    def _undecided(self, kept: Kept | None) -> list[int]:
        """Let arrows run straight, hide those that were hidden, and return the others in order.

        Those that took a bus do so again.
        """
        column, band, right = self.column, self.band, self.right
        self.row = row = [BUS] * len(self.needs)
        known: list[int] = []
        fresh: list[int] = []
        vias = kept.needs if kept else repeat(UNKNOWN)
        full = kept.crowded if kept else ()
        for arrow, ((source, target), via) in enumerate(zip(self.needs, vias, strict=False)):
            if right[source] == target:
                row[arrow] = STRAIGHT
                self.onward[source] = target
                self.direct[target] = source
            elif via == HIDDEN_VIA:
                row[arrow] = HIDDEN
            elif via == UNKNOWN:
                if column[source] + 1 in full or column[target] in full:
                    row[arrow] = HIDDEN
                else:
                    fresh.append(arrow)
            elif via < 0:
                known.append(arrow)

        def height(arrow: int) -> int:
            source, target = self.needs[arrow]
            return abs(band[source] - band[target])

        return sorted(known, key=height, reverse=True) + sorted(fresh, key=height, reverse=True)

    def row_is_free(self, source: int, target: int) -> bool:
        """Return whether the row of `source` is free as far as the channel before `target`.

        A card just behind that channel may take its own arrows on its second row, if it has one.
        """
        other = self.right[source]
        if other < 0:
            return True
        end = self.column[target]
        if self.column[other] < end or (self.column[other] == end and not self._yields(other)):
            return False
        return (
            self.tall[other]
            or self.direct[other] < 0
            or (self.column[self.direct[other]] + 1 > end)
        )

    def row_leads_to(self, source: int, target: int) -> bool:
        """Return whether the row of `target` is free from the channel behind `source` on."""
        other = self.left[target]
        if other < 0:
            return True
        start = self.column[source]
        tall = self.tall[target]
        if self.column[other] > start:
            return False
        if self.column[other] == start and not tall and self.outs[other]:
            return False
        return tall or self.onward[other] < 0 or self.column[self.onward[other]] <= start

    def _yields(self, node: int) -> bool:
        """Return whether a card leaves its first row to others."""
        return self.tall[node] or not self.ins[node]

    def _choose_buses(self, kept: Kept | None) -> None:
        """Choose a bus for each arrow that has no row, where it costs least; then for returns."""
        self.bus = [-1] * len(self.needs)
        self.bus_back = [-1] * len(self.returns)
        load = [0] * (self.bands + 1)
        wanted = [arrow for arrow, row in enumerate(self.row) if row == BUS]
        wanted_back = list(range(len(self.returns)))
        if kept:
            for arrow in wanted:
                if kept.needs[arrow] >= 0:
                    self._take_bus(arrow, kept.needs[arrow], load)
            self.bus_back = [max(via, -1) for via in kept.returns]
            wanted = [arrow for arrow in wanted if self.bus[arrow] < 0]
            wanted_back = [arrow for arrow, via in enumerate(kept.returns) if via == UNKNOWN]
        if wanted or wanted_back:
            crowd = Crowd(self.column, self.bands, self.columns, self.out, self.into)
            for arrow in wanted:
                self._take_bus(arrow, self._bus(*self.needs[arrow], crowd, load), load)
            for arrow in wanted_back:
                self.bus_back[arrow] = bus = self._bus(*self.returns[arrow], crowd, load)
                load[bus] += 1

    def _take_bus(self, arrow: int, bus: int, load: list[int]) -> None:
        """Give an arrow its bus, to which the trunks of its ends then reach."""
        source, target = self.needs[arrow]
        (out_low, out_high), (in_low, in_high) = self.out, self.into
        at = 2 * bus
        self.bus[arrow] = bus
        load[bus] += 1
        out_low[source] = min(out_low[source], at)
        out_high[source] = max(out_high[source], at)
        in_low[target] = min(in_low[target], at)
        in_high[target] = max(in_high[target], at)

    def _bus(self, source: int, target: int, crowd: Crowd, load: list[int]) -> int:
        """Return the bus that crosses fewest trunks and lengthens those of two cards least.

        Some buses between the cards and some all over the board are looked at. Among equal ones it
        is the emptiest, and then the one nearest to the source.
        """
        start, end = self.band[source], self.band[target]
        if start == end:
            near = range(start + 1, max(start, 1) - 1, -1)
        elif start < end:
            near = range(start + 1, end + 1, 1 + (end - start) // _LOOK)
        else:
            near = range(start, end, -1 - (start - end) // _LOOK)
        choices = (*near, *range(1, self.bands + 1, 1 + self.bands // _LOOK))
        low, high = self.column[source] + 1, self.column[target]
        if low > high:
            low, high = high, low
        (out_low, out_high), (in_low, in_high) = self.out, self.into
        first, last = out_low[source], out_high[source]
        first2, last2 = in_low[target], in_high[target]
        best, where = math.inf, start + 1
        crossed, end = crowd.crossed, high + 1
        for bus in choices:
            there = crossed[bus]
            cost = (there[end] - there[low]) * 2 + load[bus] * 0.5
            if cost >= best:
                continue
            at = 2 * bus
            if at < first:
                cost += first - at
            elif at > last:
                cost += at - last
            if at < first2:
                cost += first2 - at
            elif at > last2:
                cost += at - last2
            if cost < best:
                best, where = cost, bus
        return where

    def _hide_longest(self, cap: int) -> None:
        """Hide the longest of the arrows for which a channel has no track left.

        Rows are bits here, bands odd and buses even; a channel keeps for each depth the rows in
        which that many trunks run beside each other.
        """
        fan = Depths(self.columns + 1, cap)
        self._hide(self.needs, self.row, self.bus, fan)
        back = Depths(self.columns + 1, max(2, cap // 2))
        rows = [BUS] * len(self.returns)
        self._hide(self.returns, rows, self.bus_back, back)
        self.hidden_back = [row == HIDDEN for row in rows]

    def _hide(
        self, pairs: Sequence[Pair], rows: list[int], buses: Sequence[int], depths: Depths
    ) -> None:
        column, band = self.column, self.band
        out = [0] * len(column)
        into = [0] * len(column)
        lengths = [
            (abs(column[b] - column[a]), abs(band[b] - band[a]), arrow)
            for arrow, (a, b) in enumerate(pairs)
            if rows[arrow] != STRAIGHT
        ]
        lengths.sort()
        for *_, arrow in lengths:
            source, target = pairs[arrow]
            start, end = 2 * band[source] + 1, 2 * band[target] + 1
            row = rows[arrow]
            middle = 2 * buses[arrow] if row == BUS else start if row == ALONG_SOURCE else end
            leaves = bits(start, middle) & ~out[source] if middle != start else 0
            comes = bits(middle, end) & ~into[target] if middle != end else 0
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

    def _fill_buses(self, cap: int | None, kept: Kept | None) -> None:
        """Give every bus arrow a track, those of one source or target the same where they may.

        What has no room is hidden first, so that the next layout, which keeps it hidden, finds the
        same tracks for the others.
        """
        lines = self._lines()
        vias = (kept.needs, kept.returns) if kept else ((), ())
        stay = [{arrow for arrow, via in enumerate(there) if via >= 0} for there in vias]
        while cap is not None:
            full = [there for there in lines if len(there) > cap and max(_left_edge(there)) >= cap]
            if not full:
                break
            for there in full:
                self._squeeze(there, cap, stay)
            lines = self._lines()
        self.track = [0] * len(self.needs)
        self.track_back = [0] * len(self.returns)
        self.tracks = [0] * (self.bands + 1)
        for bus, there in enumerate(lines):
            for (_, _, back, arrows), track in zip(there, _left_edge(there), strict=True):
                self.tracks[bus] = max(self.tracks[bus], track + 1)
                for arrow in arrows:
                    (self.track_back if back else self.track)[arrow] = track

    def _lines(self) -> list[list[BusLine]]:
        """Return the lines in each bus from left to right."""
        column, needs = self.column, self.needs
        lines: list[list[BusLine]] = [[] for _ in range(self.bands + 1)]
        for arrows in self._bundles():
            if len(arrows) == 1:
                source, target = needs[arrows[0]]
                first, last = column[source] + 1, column[target]
            else:
                first = min([column[needs[arrow][0]] for arrow in arrows]) + 1
                last = max([column[needs[arrow][1]] for arrow in arrows])
            lines[self.bus[arrows[0]]].append((first, last, 0, arrows))
        for arrow, (source, target) in enumerate(self.returns):
            if not self.hidden_back[arrow]:
                a, b = column[source] + 1, column[target]
                lines[self.bus_back[arrow]].append((min(a, b), max(a, b), 1, [arrow]))
        for there in lines:
            there.sort()
        return lines

    def _squeeze(self, lines: Sequence[BusLine], cap: int, stay: Sequence[set[int]]) -> None:
        """Hide the longest lines of a bus, so that the others have room in its tracks.

        What is to `stay`, arrows forward and back, has its track before what is new to the bus.
        """
        taken = [0] * cap

        def rank(line: BusLine) -> tuple[bool, int]:
            first, last, back, arrows = line
            return stay[back].isdisjoint(arrows), last - first

        for first, last, back, arrows in sorted(lines, key=rank):
            span = bits(first, last)
            track = next((at for at, there in enumerate(taken) if not there & span), -1)
            if track >= 0:
                taken[track] |= span
                continue
            for arrow in arrows:
                if back:
                    self.hidden_back[arrow] = True
                else:
                    self.row[arrow] = HIDDEN

    def _bundles(self) -> list[list[int]]:
        """Gather the bus arrows that may share a track: those of a target, then those of a source.

        Where one leaves a shared line for its target, or joins it from its source, the trunk there
        must carry nothing else, or the line would seem to lead on along it. Only the last to leave
        and the first to join come to an end of the line, where nothing leads on.
        """
        column, needs = self.column, self.needs
        shown = [pair for pair, row in zip(needs, self.row, strict=True) if row != HIDDEN]
        outs = Counter([source for source, _ in shown])
        ins = Counter([target for _, target in shown])
        by_target: dict[Pair, list[int]] = {}
        by_source: dict[Pair, list[int]] = {}
        for arrow, row in enumerate(self.row):
            if row == BUS:
                by_target.setdefault((self.bus[arrow], needs[arrow][1]), []).append(arrow)
        bundles: list[list[int]] = []
        for (bus, _), arrows in by_target.items():
            if len(arrows) == 1:
                by_source.setdefault((bus, needs[arrows[0]][0]), []).append(arrows[0])
                continue
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
                    by_source.setdefault((bus, needs[arrow][0]), []).append(arrow)
        for arrows in by_source.values():
            if len(arrows) == 1:
                bundles.append(arrows)
                continue
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


def _left_edge(lines: Sequence[BusLine]) -> list[int]:
    """Return the first free track of each line from left to right (Hashimoto & Stevens 1971)."""
    ends: list[int] = []
    tracks = []
    for first, last, _, _ in lines:
        for track, end in enumerate(ends):
            if end < first:
                ends[track] = last
                break
        else:
            track = len(ends)
            ends.append(last)
        tracks.append(track)
    return tracks
