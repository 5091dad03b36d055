"""Trunks: the vertical lines of the ways chosen, each on its track, once all rows are known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Mapping, Sequence

from tracker.flow.board.nodes import Pair
from tracker.flow.board.route import ALONG_SOURCE, ALONG_TARGET, BUS, HIDDEN, Wiring
from tracker.flow.board.tracks import Channel, Packed, from_source, pack, spare, to_target

# Zones of a channel, from left to right. The spare ones hold tracks kept free for the hidden arrows
# of the card in focus; that for hidden `needs` is among the fans.
BACK_OUT, SPARE_BACK_OUT, FAN, SPARE_BACK_IN, BACK_IN = range(5)
# The key of the spare track among the fans; those of the others are nodes.
SPARE = 1 << 40


class Trunks:
    """The rows of all arrows, the tracks of their trunks, and the tracks of every channel.

    `exit_y` is the row in which each node's arrows leave, `back_y` the rows in which its returns
    leave and reach it, `bus_y` the first row of each bus. Of the results `row_y` is the row of each
    arrow between its two trunks, `widths` holds by channel the tracks of each zone. The places are
    tracks within their zone: in `place` of the trunks of `needs` (of a source by its node, of a
    target by ~ its node), in `place_out` and `place_in` of those of returns by node, and in
    `spare_place` of the spare ones by channel.
    """

    def __init__(
        self,
        wiring: Wiring,
        exit_y: Sequence[int],
        back_y: Mapping[int, Pair],
        bus_y: Sequence[int],
        packed: Sequence[Packed] = (),
        rounds: int = 0,
    ) -> None:
        self.wiring = wiring
        self.entry_y = [y + low for y, low in zip(exit_y, wiring.low_entry, strict=True)]
        channels = [Channel() for _ in range(wiring.columns + 1)]
        out, into = self._fans(channels, exit_y, bus_y)
        self._constrain(channels, out, into)
        self._backs(channels, back_y, bus_y)
        self._pack(channels, packed, rounds)

    def _fans(
        self, channels: list[Channel], exit_y: Sequence[int], bus_y: Sequence[int]
    ) -> tuple[Container[int], Container[int]]:
        """Add the trunks of `needs`; return which nodes have one, as a source and as a target."""
        wiring, entry_y, column = self.wiring, self.entry_y, self.wiring.column
        # The rows that leave the trunk of a source, and those that reach the trunk of a target.
        out: dict[int, list[int]] = defaultdict(list)
        into: dict[int, list[int]] = defaultdict(list)
        # The row of each arrow between its two trunks.
        self.row_y: list[int] = []
        for (source, target), row, bus, track in zip(
            wiring.needs, wiring.row, wiring.bus, wiring.track, strict=True
        ):
            if row == BUS:
                y = bus_y[bus] + track
                out[source].append(y)
                into[target].append(y)
            elif row == ALONG_TARGET:
                y = entry_y[target]
                out[source].append(y)
            else:
                y = exit_y[source]
                if row == ALONG_SOURCE:
                    into[target].append(y)
            self.row_y.append(y)
        for node, rows in out.items():
            channels[column[node] + 1].fan.append(from_source(node, exit_y[node], rows))
        for node, rows in into.items():
            channels[column[node]].fan.append(to_target(~node, rows, entry_y[node]))
        return out, into

    def _backs(
        self, channels: list[Channel], back_y: Mapping[int, Pair], bus_y: Sequence[int]
    ) -> None:
        """Add the trunks of returns."""
        wiring, column = self.wiring, self.wiring.column
        out: dict[int, list[int]] = {}
        into: dict[int, list[int]] = {}
        self.row_y_back = [0] * len(wiring.returns)
        for arrow, (source, target) in enumerate(wiring.returns):
            if not wiring.hidden_back[arrow]:
                y = bus_y[wiring.bus_back[arrow]] + wiring.track_back[arrow]
                self.row_y_back[arrow] = y
                out.setdefault(source, []).append(y)
                into.setdefault(target, []).append(y)
        for node, rows in out.items():
            channels[column[node] + 1].back_out.append(from_source(node, back_y[node][0], rows))
        for node, rows in into.items():
            channels[column[node]].back_in.append(to_target(node, rows, back_y[node][1]))

    def _constrain(
        self, channels: list[Channel], out: Container[int], into: Container[int]
    ) -> None:
        """Say which trunks must be left of others, lest lines lie on or lead into each other.

        An arrow from one column to the next leaves its source's trunk before it reaches its
        target's; and where an exit and an entry lie in one row, the first ends before the second
        begins. The spare track takes part with the lines it may once carry.
        """
        wiring, column = self.wiring, self.wiring.column
        for (source, target), row in zip(wiring.needs, wiring.row, strict=True):
            if row != HIDDEN:
                at = column[target]
                if at == column[source] + 1 and source in out and target in into:
                    channels[at].put(source, ~target)
        leaving = {source for source, _ in wiring.hidden_needs}
        coming = {target for _, target in wiring.hidden_needs}
        for at in {column[node] + 1 for node in leaving} | {column[node] for node in coming}:
            channels[at].fan.append(spare(SPARE))
        for node, (other, low) in enumerate(zip(wiring.left, wiring.low_entry, strict=True)):
            at = column[node]
            if low or other < 0 or column[other] + 1 != at:
                continue
            if node in into:
                if other in out:
                    channels[at].put(other, ~node)
                if other in leaving:
                    channels[at].put(SPARE, ~node)
            if node in coming and other in out:
                channels[at].put(other, SPARE)

    def _pack(self, channels: list[Channel], known: Sequence[Packed], rounds: int) -> None:
        """Set the tracks of all trunks within their zones, and the number of tracks of each."""
        wiring = self.wiring
        self.place: dict[int, int] = {}
        self.place_out: dict[int, int] = {}
        self.place_in: dict[int, int] = {}
        self.spare_place = [0] * len(channels)
        self.widths: list[list[int]] = []
        self.packed: list[Packed] = []
        for at, channel in enumerate(channels):
            widths = [0] * (BACK_IN + 1)
            packed = pack(channel, known[at] if at < len(known) else None, rounds)
            self.packed.append(packed)
            for zone, tracks, place in (
                (BACK_OUT, packed.back_out, self.place_out),
                (FAN, packed.fan, self.place),
                (BACK_IN, packed.back_in, self.place_in),
            ):
                place.update(tracks)
                widths[zone] = max(tracks.values(), default=-1) + 1
            if SPARE in packed.fan:
                self.spare_place[at] = packed.fan[SPARE]
                widths[FAN] = max(widths[FAN], packed.fan[SPARE] + wiring.spare)
            self.widths.append(widths)
        for source, target in wiring.hidden_returns:
            self.widths[wiring.column[source] + 1][SPARE_BACK_OUT] = wiring.spare_back
            self.widths[wiring.column[target]][SPARE_BACK_IN] = wiring.spare_back
