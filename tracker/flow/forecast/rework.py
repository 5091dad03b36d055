"""What comes back in each run and what it costs: the trees of returns of all runs at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from tracker.flow.forecast.gates import Gate, PlayableReturn
from tracker.flow.forecast.random_numbers import GOLDEN, Floats, Words, mix

Places = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]
ShortWords = npt.NDArray[np.uint32]
# For each arrow of a gate from which word of 32 bits on it returns, and for how many.
Spans = Sequence[tuple[ShortWords, ShortWords]]
# Days that a task takes in each run, or in all of them.
RunDays = Floats | float
# Days that a task takes in rounds with these keys, in these runs.
Anew = Callable[[int, Words, Places], RunDays]

# After so many returns a gate is taken to have accepted.
MOST_RETURNS = 1_000
# Of the rounds that are played one by one there are so many in one run.
MOST_ROUNDS = 10_000
# So many completions and rounds are held in memory; fewer runs are played at once instead.
_AT_ONCE = 1_000_000
_FEWEST_RUNS = 16
# From so few episodes on, many of their completions are looked at together.
_FEW = 64


class TooMuchError(Exception):
    """The rounds of so many runs do not fit into the memory meant for them."""


@dataclass(slots=True)
class Episodes:
    """What a gate goes through from a first completion until it accepts, many times over.

    Each has the place of the case it belongs to and the key of its random numbers, which is let
    go once these are drawn; `extra` are the days that it costs.
    """

    cases: Places
    keys: Words
    extra: Floats = field(default_factory=lambda: np.empty(0))


@dataclass(slots=True)
class _Rounds:
    """The rounds over one arrow: the episode of each, and what the gates inside go through.

    Fresh durations are drawn by their `keys`; `parts` are what they take of the first one.
    """

    arrow: PlayableReturn
    episodes: Places
    inside: dict[int, Episodes] = field(default_factory=dict)
    keys: Words = field(default_factory=lambda: np.empty(0, np.uint64))
    parts: Floats | None = None


@dataclass(frozen=True, slots=True)
class RoundDurations:
    """How long tasks of bodies take in a whole round: the `days` that are kept in a run, or `anew`.

    Each further round over an arrow takes less by the part that is `learning`.
    """

    days: Mapping[int, RunDays]
    anew: Anew | None = None
    learning: float = 0.0

    def one_by_one(self, arrow: PlayableReturn) -> bool:
        """Return whether the rounds over an arrow are no multiples of the longest path there."""
        return bool(arrow.inner or self.anew or (self.learning and arrow.lags))


class Rework:
    """The returns in a number of cases.

    A case is a run, as `runs` says, in which the arrow that `without` says never returns; where
    they are not given, case and run are the same, and every arrow returns. `chances` has for each
    gate the words by which its arrows return, in each run or in all.

    `returns` counts, by arrow, the returns in each case, and `cut` the cases in which a bound cut
    some off; `work` is about how many tasks were done in rounds that were played one by one.
    """

    def __init__(
        self,
        gates: Sequence[Gate],
        again: RoundDurations,
        chances: Mapping[int, Spans],
        count: int,
        runs: Places | None = None,
        without: Places | None = None,
    ) -> None:
        self._gates = {gate.task: gate for gate in gates}
        self._again, self._chances = again, chances
        self._count, self._runs, self._without = count, runs, without
        self.returns: dict[int, npt.NDArray[np.int32]] = {}
        self._lessened: dict[int, Floats] = {}
        self.cut: dict[int, int] = {}
        self.work = 0
        self._rounds: Places = np.zeros(count, np.intp)
        self._longest: dict[int, RunDays] = {}

    def play(self, roots: Mapping[int, Episodes]) -> None:
        """Find what episodes of gates cost, with all that they lead to; raises TooMuchError.

        Chance does not look at durations. So all returns are drawn first, from the last gates to
        the first, each gate once for all the rounds in which it is passed; then the rounds are
        played from the first gates to the last.
        """
        waiting = {task: [root] for task, root in roots.items()}
        held = 0
        drawn: list[tuple[list[Episodes], Episodes, list[_Rounds]]] = []
        for task in reversed(self._gates):
            parts = waiting.pop(task, [])
            if not sum(len(part.cases) for part in parts):
                continue
            whole = _joined(parts)
            found = list(self._draw(self._gates[task], whole))
            drawn.append((parts, whole, found))
            for part in (whole, *parts):
                part.keys = part.keys[:0].copy()
            for rounds in found:
                for inner, inside in rounds.inside.items():
                    waiting.setdefault(inner, []).append(inside)
                if self._again.one_by_one(rounds.arrow):
                    completed = len(rounds.episodes) * max(len(rounds.inside), 1)
                    held += completed
                    self.work += completed * len(rounds.arrow.body)
            if held > _AT_ONCE and self._count > _FEWEST_RUNS:
                raise TooMuchError
        for parts, whole, found in reversed(drawn):
            whole.extra = np.zeros(len(whole.cases))
            for rounds in found:
                self._play(rounds, whole)
            at = 0
            for part in parts:
                part.extra = whole.extra[at : at + len(part.cases)]
                at += len(part.cases)

    @property
    def rounds(self) -> Mapping[int, npt.NDArray[np.int32] | Floats]:
        """What the returns come to, by arrow, where further ones take less than the first."""
        return self._lessened if self._again.learning else self.returns

    def _draw(self, gate: Gate, of: Episodes) -> Iterator[_Rounds]:
        """Walk over the returns of episodes, arrow by arrow."""
        which, turn, word, endless = self._completions(gate, of)
        if len(endless):
            self._note_cut(gate.arrows[0], len(np.unique(of.cases[endless])))
        spans = self._spans(gate, of.cases[which])
        for arrow, (low, width) in zip(gate.arrows, spans, strict=True):
            mine, number = which, turn
            if len(gate.arrows) > 1:
                here = word - low < width
                mine, number = which[here], turn[here]
            if len(mine) and self._again.one_by_one(arrow):
                mine, number = self._bounded(arrow, of, mine, number)
            if not len(mine):
                continue
            cases = of.cases[mine]
            count = np.bincount(cases, minlength=self._count).astype(np.int32)
            before = self.returns.get(arrow.number)
            self.returns[arrow.number] = count if before is None else before + count
            rounds = _Rounds(arrow, mine)
            if arrow.inner or self._again.anew:
                keys = of.keys[mine] ^ arrow.key
                keys += number * GOLDEN
                mix(keys)
                rounds.inside = {
                    task: Episodes(cases, keys ^ self._gates[task].key) for task in arrow.inner
                }
                if self._again.anew:
                    rounds.keys = keys
            if self._again.learning:
                parts: Floats = np.power(1 - self._again.learning, _before(mine))
                rounds.parts = parts
                whole = np.bincount(cases, parts, self._count).astype(np.float64)
                known = self._lessened.get(arrow.number)
                self._lessened[arrow.number] = whole if known is None else known + whole
            yield rounds

    def _completions(self, gate: Gate, of: Episodes) -> tuple[Places, Words, ShortWords, Places]:
        """Return the completions that were followed by a return, up to the first that was not.

        The episode of each, which of its completions it is, and the word that decided it; and
        the episodes that would have gone on.
        """
        bounds = self._bounds(gate, of.cases)
        found: list[tuple[Places, Words, ShortWords]] = []
        episodes: Places = np.arange(len(of.keys))
        keys, turn = of.keys, 0
        while len(episodes) and turn < MOST_RETURNS:
            # Two words for two completions come of each number; of few episodes, many at once.
            pairs = 1 if len(episodes) > _FEW else 16
            at = np.arange(turn // 2 + 1, turn // 2 + 1 + pairs, dtype=np.uint64)
            words = mix(keys[:, np.newaxis] + at * GOLDEN).view(np.uint32)
            on: Places = np.arange(len(episodes))
            if pairs == 1:
                for column in (0, 1):
                    word = words[on, column] if column else words[:, 0]
                    here = np.flatnonzero(_returned(word, *bounds))
                    on, bounds = on[here], [bound[here] for bound in bounds]
                    number = np.full(len(on), turn + column, np.uint64)
                    found.append((episodes[on], number, word[here]))
            else:
                back = _returned(words, *(bound[:, np.newaxis] for bound in bounds))
                np.logical_and.accumulate(back, axis=1, out=back)
                row, column_of = np.nonzero(back)
                number = column_of.astype(np.uint64) + np.uint64(turn)
                found.append((episodes[row], number, words[back]))
                on = on[back[:, -1]]
                bounds = [bound[on] for bound in bounds]
            episodes, keys = episodes[on], keys[on]
            turn += 2 * pairs
        return _gathered(found, episodes)

    def _spans(self, gate: Gate, cases: Places) -> Spans:
        """Return from which word on each arrow of a gate returns, and for how many, in cases."""
        runs = self._runs_of(cases)
        spans = [(_each(low, runs), _each(width, runs)) for low, width in self._chances[gate.task]]
        if self._without is None:
            return spans
        without = self._without[cases]
        return return_spans(
            [
                np.where(without == arrow.number, np.uint32(0), width)
                for arrow, (_, width) in zip(gate.arrows, spans, strict=True)
            ]
        )

    def _runs_of(self, cases: Places) -> Places:
        return cases if self._runs is None else self._runs[cases]

    def _bounds(self, gate: Gate, cases: Places) -> list[ShortWords]:
        """Return for how many words there is a return in each case, and from which one on."""
        spans = self._spans(gate, cases)
        if len(spans) == 1:
            return [spans[0][1]]
        total = sum((width for _, width in spans[1:]), spans[0][1])
        return [total, spans[len(spans) // 2 * 2 - 1][0]]

    def _bounded(
        self, arrow: PlayableReturn, of: Episodes, mine: Places, number: Words
    ) -> tuple[Places, Words]:
        """Return the rounds that are played: none of a case in which there would be too many."""
        cases = of.cases[mine]
        after = self._rounds + np.bincount(cases, minlength=self._count)
        over = after > MOST_ROUNDS
        if not over.any():
            self._rounds = after
            return mine, number
        self._rounds = np.where(over, self._rounds, after)
        self._note_cut(arrow, int(np.count_nonzero(over)))
        kept = ~over[cases]
        return mine[kept], number[kept]

    def _note_cut(self, arrow: PlayableReturn, cases: int) -> None:
        self.cut[arrow.number] = self.cut.get(arrow.number, 0) + cases

    def _play(self, rounds: _Rounds, of: Episodes) -> None:
        """Add to each episode what its rounds over one arrow take."""
        arrow, size = rounds.arrow, len(of.cases)
        if self._again.one_by_one(arrow):
            of.extra += np.bincount(rounds.episodes, self._each_round(rounds, of), size)
            return
        if arrow.number not in self._longest:
            share = arrow.back.share
            self._longest[arrow.number] = _round(arrow, lambda t: self._again.days[t] * share)
        once = self._longest[arrow.number]
        count = np.bincount(rounds.episodes, rounds.parts, minlength=size)
        of.extra += count * (once if isinstance(once, float) else once[self._runs_of(of.cases)])

    def _each_round(self, rounds: _Rounds, of: Episodes) -> Floats:
        """Return how long each round over an arrow takes."""
        arrow, count = rounds.arrow, len(rounds.episodes)
        again, runs = self._again, self._runs_of(of.cases[rounds.episodes])
        days = np.empty(count)
        # So many rounds as fit into memory with all tasks of the body.
        size = max(_AT_ONCE // len(arrow.body), 1)
        for here in (slice(start, start + size) for start in range(0, count, size)):

            def taken(task: int, here: slice = here) -> RunDays:
                if again.anew is not None:
                    whole = again.anew(task, rounds.keys[here], runs[here])
                else:
                    whole = again.days[task]
                    whole = whole if isinstance(whole, float) else whole[runs[here]]
                whole = whole * arrow.back.share
                return whole if rounds.parts is None else whole * rounds.parts[here]

            inside = {task: inner.extra[here] for task, inner in rounds.inside.items()}
            days[here] = _round(arrow, taken, inside)
        return days


def _before(episodes: Places) -> Places:
    """Return how often each of some episodes was there before, in their order."""
    order = np.argsort(episodes, kind="stable")
    first = np.flatnonzero(np.diff(episodes[order], prepend=-1))
    times = np.empty(len(episodes), np.intp)
    lengths = np.diff(first, append=len(episodes))
    times[order] = np.arange(len(episodes)) - np.repeat(first, lengths)
    return times


def return_spans(widths: Sequence[ShortWords]) -> Spans:
    """Return from which word on each arrow returns if they do for so many words.

    The words of the first, third … arrow begin at 0 or where those before end, upwards; those of
    the second, fourth … downwards. So of two arrows neither moves when the other becomes likelier.
    """
    spans: list[tuple[ShortWords, ShortWords]] = []
    for at, width in enumerate(widths):
        before = spans[at - 2] if at > 1 else (np.zeros(1, np.uint32),) * 2
        spans.append((before[0] - width if at % 2 else before[0] + before[1], width))
    return spans


def _each(mark: ShortWords, runs: Places) -> ShortWords:
    return np.broadcast_to(mark, len(runs)) if len(mark) == 1 else mark.take(runs)


def _returned(words: ShortWords, total: ShortWords, first: ShortWords | None = None) -> Flags:
    """Return which words return; they lie on a circle, so that differences are never negative."""
    return words < total if first is None else words - first < total


def _round(
    arrow: PlayableReturn,
    taken: Callable[[int], RunDays],
    inside: Mapping[int, Floats] | None = None,
) -> RunDays:
    """Return how long a round over an arrow takes: from its target to its gate, nothing before 0.

    Of one round or of many, if tasks take so long and gates inside go through so much more.
    """
    over: list[RunDays] = []
    for task, before in arrow.body:
        end = taken(task)
        start: RunDays | None = None
        for at, lag in before:
            ready = over[at] + lag if lag else over[at]
            start = ready if start is None else _later(start, ready)
        if start is not None:
            negative = any(lag < 0 for _, lag in before)
            end = end + (_later(start, 0.0) if negative else start)
        if inside and task in inside:
            end = end + inside[task]
        over.append(end)
    return over[-1]


def _later(a: RunDays, b: RunDays) -> RunDays:
    if isinstance(a, float) and isinstance(b, float):
        return max(a, b)
    return np.maximum(a, b)


def _joined(parts: Sequence[Episodes]) -> Episodes:
    if len(parts) == 1:
        return Episodes(parts[0].cases, parts[0].keys)
    cases = np.concatenate([part.cases for part in parts])
    return Episodes(cases, np.concatenate([part.keys for part in parts]))


def _gathered(
    found: Sequence[tuple[Places, Words, ShortWords]], endless: Places
) -> tuple[Places, Words, ShortWords, Places]:
    if not found:
        none = np.empty(0, np.intp)
        return none, none.astype(np.uint64), none.astype(np.uint32), endless
    which, turn, word = (np.concatenate(each) for each in zip(*found, strict=True))
    return which, turn, word, endless
