"""What comes back in each run and what it costs: the trees of returns of all runs at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from tracker.flow.forecast.gates import Gate, PlayableReturn
from tracker.flow.forecast.random_numbers import GOLDEN, Floats, Words, mix
from tracker.flow.forecast.remaining_work import CLOSE

# Places among runs, cases or rounds; those that are many in half the memory.
Places = npt.NDArray[np.signedinteger[Any]]
Flags = npt.NDArray[np.bool_]
ShortWords = npt.NDArray[np.uint32]
# For each arrow of a gate from which word of 32 bits on it returns, and for how many.
Spans = Sequence[tuple[ShortWords, ShortWords]]
# Days that a task takes in each run, or in all of them; kept in half the memory.
RunDays = Floats | npt.NDArray[np.float32] | float
# Days that a task takes in rounds with these keys, in these runs.
Anew = Callable[[int, Words, Places], RunDays]

# After so many returns a gate is taken to have accepted.
MOST_RETURNS = 1_000
# Of the rounds that are played one by one there are so many in one run.
MOST_ROUNDS = 10_000
# So many completions and rounds are held in memory; fewer runs are played at once instead.
_AT_ONCE = 1_000_000
# Of so many tasks of rounds the ends are held, while these are played.
_DAYS_AT_ONCE = 200_000
_FEWEST_RUNS = 16
# From so few episodes on, many of their completions are looked at together.
_FEW = 64


class TooMuchError(Exception):
    """The rounds of so many runs do not fit into the memory meant for them."""


@dataclass(slots=True)
class Episodes:
    """What a gate goes through from a first completion until it accepts, many times over.

    Each has the place of the case it belongs to and the key of its random numbers, which is let
    go once these are drawn; `extra` are the days that it costs where nobody is away. They belong
    to the rounds `within`, or to each one, and are looked after with others of their gate, there
    from place `first` on.
    """

    cases: Places
    keys: Words
    extra: Floats = field(default_factory=lambda: np.empty(0))
    within: Places | None = None
    first: int = 0


@dataclass(slots=True)
class _Rounds:
    """The rounds over one arrow: the episode of each, and what the gates inside go through.

    Fresh durations are drawn by their `keys`; `parts` are what they take of the first one. Where
    chance says what is done again, `redone` says so for each task of the body, and `shares` how
    much of it.
    """

    arrow: PlayableReturn
    episodes: Places
    turns: Words
    inside: dict[int, Episodes] = field(default_factory=dict)
    keys: Words = field(default_factory=lambda: np.empty(0, np.uint64))
    parts: Floats | None = None
    redone: Sequence[Flags] = ()
    shares: Sequence[Floats] = ()


@dataclass(slots=True)
class _Drawn:
    """All that a gate goes through: its episodes, and their rounds by arrow.

    `waits` are the days after which the work of an episode goes forward by itself.
    """

    whole: Episodes
    rounds: list[_Rounds]
    waits: Floats | None = None
    order: _Order | None = None


@dataclass(slots=True)
class _Order:
    """The rounds of episodes one after the other.

    Those of an episode are from `first` on; `arrow` says among which rounds each is, `at` where.
    """

    first: Places
    arrow: Places
    at: Places


@dataclass(frozen=True, slots=True)
class RoundDurations:
    """How long tasks of bodies take in a whole round: the `days` that are kept in a run, or `anew`.

    Each further round over an arrow takes less by the part that is `learning`, unless the arrow
    has a part of its own. On the days `off` a task rests, though others go on.
    """

    days: Mapping[int, RunDays]
    anew: Anew | None = None
    learning: float = 0.0
    off: Mapping[int, Floats] = field(default_factory=dict)

    def learned(self, arrow: PlayableReturn) -> float:
        """Return by which part each further round over an arrow takes less."""
        return arrow.back.learning or self.learning

    def one_by_one(self, arrow: PlayableReturn) -> bool:
        """Return whether the rounds over an arrow are no multiples of the longest path there."""
        learned = self.learned(arrow) and arrow.lags
        return bool(arrow.inner or arrow.passing or self.anew or learned)


class Rework:
    """The returns in a number of cases.

    A case is a run, as `runs` says, in which the arrow that `without` says never returns; where
    they are not given, case and run are the same, and every arrow returns. `chances` has for each
    gate the words by which its arrows return, in each run or in all.

    `returns` counts, by arrow, the returns in each case, `rounds` to how many first ones these
    come, and `redone` has, where that is left to chance, how often a task of an arrow's body is
    wholly done again: all this where no arrow is left out. `cut` counts the cases in which a bound
    cut some off, `forward` those in which work went forward after too many. `work` is about how
    many tasks were done in rounds that were played one by one.
    """

    def __init__(
        self,
        gates: Sequence[Gate],
        again: RoundDurations,
        chances: Mapping[int, Spans],
        count: int,
        runs: Places | None = None,
        without: Places | None = None,
        *,
        heed: Callable[[], None] = lambda: None,
    ) -> None:
        self._gates = {gate.task: gate for gate in gates}
        self._again, self._chances, self._heed = again, chances, heed
        self._count, self._runs, self._without = count, runs, without
        self.returns: dict[int, npt.NDArray[np.int32]] = {}
        self.redone: dict[int, dict[int, Floats]] = {}
        self._lessened: dict[int, Floats] = {}
        self.forward: dict[int, int] = {}
        self.cut: dict[int, int] = {}
        self.work = 0
        self._rounds: Places = np.zeros(count, np.intp)
        self._longest: dict[int, RunDays] = {}
        self._roots: Mapping[int, Episodes] = {}
        self._drawn: dict[int, _Drawn] = {}

    def play(self, roots: Mapping[int, Episodes]) -> None:
        """Find what episodes of gates cost, with all that they lead to; raises TooMuchError.

        Chance does not look at durations. So all returns are drawn first, from the last gates to
        the first, each gate once for all the rounds in which it is passed; then the rounds are
        played from the first gates to the last.
        """
        self._roots = roots
        waiting = {task: [root] for task, root in roots.items()}
        held = 0
        drawn: list[tuple[list[Episodes], _Drawn]] = []
        for task in reversed(self._gates):
            parts = waiting.pop(task, [])
            if not sum(len(part.cases) for part in parts):
                continue
            found = self._draw(self._gates[task], _joined(parts))
            drawn.append((parts, found))
            if self._gates[task].off:
                self._drawn[task] = found
            for part in (found.whole, *parts):
                part.keys = part.keys[:0].copy()
            for rounds in found.rounds:
                for inner, inside in rounds.inside.items():
                    waiting.setdefault(inner, []).append(inside)
                if self._again.one_by_one(rounds.arrow):
                    completed = len(rounds.episodes) * max(len(rounds.inside), 1)
                    held += completed + len(rounds.episodes) * len(rounds.redone)
                    self.work += completed * len(rounds.arrow.before)
            if held > _AT_ONCE and self._count > _FEWEST_RUNS:
                raise TooMuchError
        while drawn:
            self._heed()
            parts, found = drawn.pop()
            whole = found.whole
            whole.extra = np.zeros(len(whole.cases))
            for rounds in found.rounds:
                self._play(rounds, whole)
            if found.waits is not None:
                whole.extra += found.waits
            for part in parts:
                part.extra = whole.extra[part.first : part.first + len(part.cases)]
                if len(parts) > 1:
                    # Those of rounds are let go once these are played, those of runs are kept.
                    part.cases, part.extra = part.cases.copy(), part.extra.copy()
        self._longest = {}

    def accepted(self, gate: int, end: Floats, episodes: Places | None = None) -> Floats:
        """Return when a gate that is over at `end` accepts, in some or all of its first episodes.

        Where somebody is away in between, what is done again is played as time goes by.
        """
        return self._accepted(gate, self._roots[gate], end, episodes)

    def _accepted(
        self, gate: int, part: Episodes, end: Floats, episodes: Places | None = None
    ) -> Floats:
        extra = part.extra if episodes is None else part.extra[episodes]
        over: Floats = end + extra
        if gate not in self._drawn:
            return over
        off = np.array((*self._gates[gate].off, np.inf))
        following = off[np.searchsorted(off, np.floor(end + CLOSE))]
        late = np.flatnonzero((extra > 0) & (following < over - CLOSE))
        if len(late):
            places = part.first + (late if episodes is None else episodes[late])
            start = np.broadcast_to(end, over.shape)[late]
            over[late] = self._as_time_goes_by(self._drawn[gate], places, start)
        return over

    @property
    def rounds(self) -> Mapping[int, npt.NDArray[np.int32] | Floats]:
        """What the returns come to, by arrow, where further ones take less than the first."""
        return {**self.returns, **self._lessened}

    def _draw(self, gate: Gate, of: Episodes) -> _Drawn:
        """Return the returns of episodes, arrow by arrow."""
        which, turn, word, endless = self._completions(gate, of)
        if len(endless):
            self._note_cut(gate.arrows[0], len(np.unique(of.cases[endless])))
        spans = self._spans(gate, of.cases[which])
        taken: list[tuple[PlayableReturn, Places, Words]] = []
        for arrow, (low, width) in zip(gate.arrows, spans, strict=True):
            mine, number = which, turn
            if len(gate.arrows) > 1:
                here = word - low < width
                mine, number = which[here], turn[here]
            taken.append((arrow, mine, number))
        waits = None
        if gate.may_end:
            taken, waits = self._ended(taken, of)
        found = (self._rounds_of(arrow, of, mine, number) for arrow, mine, number in taken)
        return _Drawn(of, [rounds for rounds in found if len(rounds.episodes)], waits)

    def _ended(
        self, taken: Sequence[tuple[PlayableReturn, Places, Words]], of: Episodes
    ) -> tuple[list[tuple[PlayableReturn, Places, Words]], Floats]:
        """Return the returns that come to pass, and after how many days work goes forward.

        A gate that rework does not reach stands; so does one that has returned too often.
        """
        endless = np.uint64(2**63)
        until = np.full(len(of.cases), endless)
        waits = np.zeros(len(of.cases))
        for arrow, mine, number in taken:
            if arrow.passing and len(mine):
                gate = self._reached(arrow, of.keys[mine], number)[0][-1]
                np.minimum.at(until, mine[~gate], number[~gate] + np.uint64(1))
        for arrow, mine, number in taken:
            most = arrow.back.forward_after
            if most is not None and len(mine):
                over = _before(mine) >= most
                over &= number < until[mine]
                np.minimum.at(until, mine[over], number[over])
                waits[mine[over]] = arrow.back.escalation
                cases = len(np.unique(of.cases[mine[over]]))
                self.forward[arrow.number] = self.forward.get(arrow.number, 0) + cases
        left = []
        for arrow, mine, number in taken:
            stands = number < until[mine]
            left.append((arrow, mine[stands], number[stands]))
        return left, waits

    def _rounds_of(
        self, arrow: PlayableReturn, of: Episodes, mine: Places, number: Words
    ) -> _Rounds:
        """Return the rounds over one arrow, and note them."""
        if len(mine) and self._again.one_by_one(arrow):
            mine, number = self._bounded(arrow, of, mine, number)
        turns = number if self._gates[arrow.back.gate].off else number[:0].copy()
        rounds = _Rounds(arrow, mine, turns)
        if not len(mine):
            return rounds
        cases = of.cases[mine]
        counting = self._without is None
        if counting:
            count = np.bincount(cases, minlength=self._count).astype(np.int32)
            _add(self.returns, arrow.number, count)
        if learning := self._again.learned(arrow):
            rounds.parts = np.power(1 - learning, _before(mine))
            if counting:
                whole = np.bincount(cases, rounds.parts, self._count).astype(np.float64)
                _add(self._lessened, arrow.number, whole)
        if arrow.passing:
            rounds.redone, rounds.shares = self._reached(arrow, of.keys[mine], number)
            if counting:
                self._note_redone(rounds, cases)
        if arrow.inner or self._again.anew:
            keys = _round_keys(arrow, of.keys[mine], number)
            for task in arrow.inner:
                rounds.inside[task] = self._inside(task, rounds, cases, keys)
            if self._again.anew:
                rounds.keys = keys
        return rounds

    def _inside(self, task: int, rounds: _Rounds, cases: Places, keys: Words) -> Episodes:
        """Return what a gate goes through in the rounds in which it is done again."""
        own = self._gates[task].key
        if not rounds.redone:
            return Episodes(cases, keys ^ own)
        place = rounds.arrow.back.body.index(task)
        within = np.flatnonzero(rounds.redone[place])
        return Episodes(cases[within], keys[within] ^ own, within=within)

    def _reached(
        self, arrow: PlayableReturn, keys: Words, number: Words
    ) -> tuple[list[Flags], list[Floats]]:
        """Return which tasks of a body rework reaches in rounds, and for which shares."""
        keys = _round_keys(arrow, keys, number)
        share = arrow.back.share
        redone = [np.ones(len(keys), np.bool_)]
        shares = [np.full(len(keys), share)]
        for before, passing in zip(arrow.before[1:], arrow.passing[1:], strict=True):
            reached = np.zeros(len(keys), np.bool_)
            always, own = np.zeros(len(keys)), np.zeros(len(keys))
            for (source, _), by in zip(before, passing, strict=True):
                on = redone[source]
                if by is None:
                    always[on] = share
                else:
                    on = on & (mix(keys ^ by.key) >> np.uint64(32) < by.chance)
                    own += on * by.share
                reached |= on
            redone.append(reached)
            shares.append(np.maximum(always, np.minimum(own, 1.0)))
        return redone, shares

    def _note_redone(self, rounds: _Rounds, cases: Places) -> None:
        into = self.redone.setdefault(rounds.arrow.number, {})
        for task, share in zip(rounds.arrow.back.body, rounds.shares, strict=True):
            part = share if rounds.parts is None else share * rounds.parts
            _add(into, task, np.bincount(cases, part, self._count).astype(np.float64))

    def _completions(self, gate: Gate, of: Episodes) -> tuple[Places, Words, ShortWords, Places]:
        """Return the completions that were followed by a return, up to the first that was not.

        The episode of each, which of its completions it is, and the word that decided it; and
        the episodes that would have gone on.
        """
        bounds = self._bounds(gate, of.cases)
        found: list[tuple[Places, Words, ShortWords]] = []
        episodes: Places = np.arange(len(of.keys), dtype=np.int32)
        keys, turn = of.keys, 0
        while len(episodes) and turn < MOST_RETURNS:
            self._heed()
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
        """Add to each episode what its rounds over one arrow take where nobody is away."""
        arrow, size = rounds.arrow, len(of.cases)
        if self._again.one_by_one(arrow):
            of.extra += np.bincount(rounds.episodes, self._each_round(rounds, of), size)
            return
        if arrow.number not in self._longest:
            share = arrow.back.share
            self._longest[arrow.number] = _over(
                arrow, 0.0, lambda task: part_of(self._again.days[task], share)
            )
        once = self._longest[arrow.number]
        count = np.bincount(rounds.episodes, rounds.parts, minlength=size)
        of.extra += count * (once if isinstance(once, float) else once[self._runs_of(of.cases)])

    def _each_round(self, rounds: _Rounds, of: Episodes) -> Floats:
        """Return how long each round over an arrow takes."""
        arrow, count = rounds.arrow, len(rounds.episodes)
        days = np.empty(count)
        extra = {task: _scattered(inner, count) for task, inner in rounds.inside.items()}
        # So many rounds as fit into memory with all tasks of the body.
        size = max(_DAYS_AT_ONCE // len(arrow.before), 1)
        for here in (slice(start, start + size) for start in range(0, count, size)):
            self._heed()

            def answered(task: int, end: RunDays, here: slice = here) -> RunDays:
                return end + extra[task][here] if task in extra else end

            taken = self._taken(rounds, of, here)
            days[here] = _over(arrow, 0.0, taken, answered, [each[here] for each in rounds.redone])
        return days

    def _taken(
        self, rounds: _Rounds, of: Episodes, here: slice | Places
    ) -> Callable[[int], RunDays]:
        """Return what tells how long tasks take in some rounds over an arrow."""
        again, back = self._again, rounds.arrow.back
        runs = self._runs_of(of.cases[rounds.episodes[here]])
        shares = {task: each[here] for task, each in zip(back.body, rounds.shares, strict=False)}

        def taken(task: int) -> RunDays:
            if again.anew is not None:
                whole = again.anew(task, rounds.keys[here], runs)
            else:
                whole = again.days[task]
                whole = whole if isinstance(whole, float) else whole[runs]
            whole = part_of(whole, shares.get(task, back.share))
            return whole if rounds.parts is None else whole * rounds.parts[here]

        return taken

    def _as_time_goes_by(self, drawn: _Drawn, episodes: Places, start: Floats) -> Floats:
        """Return when a gate that is first over at `start` accepts, in some of its episodes.

        The rounds of each episode follow one another, and in each round those of the gates
        inside, so that each task falls on the days on which its people work.
        """
        at = start.copy()
        order = drawn.order = drawn.order or _in_order(drawn)
        first = order.first[episodes]
        count = order.first[episodes + 1] - first
        on: Places = np.flatnonzero(count)
        number = 0
        while len(on):
            self._heed()
            arrows = order.arrow[first[on] + number]
            for which in np.unique(arrows).tolist():
                here = on[arrows == which]
                rounds = order.at[first[here] + number]
                at[here] = self._round(drawn.rounds[which], drawn.whole, rounds, at[here])
            number += 1
            on = on[count[on] > number]
        return at if drawn.waits is None else at + drawn.waits[episodes]

    def _round(self, rounds: _Rounds, of: Episodes, here: Places, start: Floats) -> Floats:
        """Return when some rounds over an arrow are over that begin at `start`."""

        def answered(task: int, end: RunDays) -> RunDays:
            inner = rounds.inside.get(task)
            if inner is None:
                return end
            ends = np.array(np.broadcast_to(end, len(here)), np.float64)
            if inner.within is None:
                return self._accepted(task, inner, ends, here)
            on = np.flatnonzero(np.isin(here, inner.within))
            places = np.searchsorted(inner.within, here[on])
            ends[on] = self._accepted(task, inner, ends[on], places)
            return ends

        taken = self._taken(rounds, of, here)
        redone = [each[here] for each in rounds.redone]
        over = _over(rounds.arrow, start, taken, answered, redone, self._again.off)
        return np.broadcast_to(over, len(here))


def _in_order(drawn: _Drawn) -> _Order:
    """Bring the rounds of episodes into the order in which they come."""
    episodes = np.concatenate([rounds.episodes for rounds in drawn.rounds] or [_NONE])
    turns = np.concatenate([rounds.turns for rounds in drawn.rounds] or [_NONE.astype(np.uint64)])
    order = np.lexsort((turns, episodes))
    counts = np.bincount(episodes, minlength=len(drawn.whole.cases))
    sizes = [len(rounds.episodes) for rounds in drawn.rounds]
    arrow = np.repeat(np.arange(len(sizes)), sizes)
    at = np.concatenate([np.arange(size) for size in sizes] or [_NONE])
    return _Order(np.append(0, counts.cumsum()), arrow[order], at[order])


_NONE: Places = np.empty(0, np.intp)


def _round_keys(arrow: PlayableReturn, keys: Words, number: Words) -> Words:
    """Return the keys of rounds over an arrow, of the completions that they follow."""
    return mix((keys ^ arrow.key) + number * GOLDEN)


def _scattered(inner: Episodes, count: int) -> Floats:
    """Return what a gate costs in each of so many rounds, also those that do not reach it."""
    if inner.within is None:
        return inner.extra
    extra = np.zeros(count)
    extra[inner.within] = inner.extra
    return extra


def _add(to: dict[int, Any], key: int, more: npt.NDArray[Any]) -> None:
    to[key] = to[key] + more if key in to else more


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


def _over(
    arrow: PlayableReturn,
    start: RunDays,
    taken: Callable[[int], RunDays],
    answered: Callable[[int, RunDays], RunDays] | None = None,
    redone: Sequence[Flags] = (),
    off: Mapping[int, Floats] = {},
) -> RunDays:
    """Return when a round over an arrow is over: from its target to its gate, nothing before it.

    Of one round or of many, if tasks take so long, gates inside go through so much more once they
    are over, and tasks rest on the days `off`. Where not all tasks are `redone`, a task waits only
    for those that are, and the round is over with the last of them.
    """
    over: list[RunDays] = []
    for task, before in zip(arrow.back.body, arrow.before, strict=True):
        at: RunDays | None = None
        for source, lag in before:
            ready = over[source] + lag if lag else over[source]
            if redone:
                ready = np.where(redone[source], ready, start)
            at = ready if at is None else _later(at, ready)
        if at is None:
            at = start
        elif any(lag < 0 for _, lag in before):
            at = _later(at, start)
        end = worked(off[task], at, taken(task)) if task in off else at + taken(task)
        if answered:
            end = answered(task, end)
        if redone:
            end = np.where(redone[len(over)], end, start)
        over.append(end)
    if not redone:
        return over[-1]
    last = over[0]
    for each in over[1:]:
        last = _later(last, each)
    return last


def part_of(days: RunDays, share: Floats | float) -> Floats | float:
    """Return a share of days, however these are kept."""
    if isinstance(days, float):
        return days * share
    part: Floats = np.multiply(days, share, dtype=np.float64)
    return part


def worked(off: Floats, start: RunDays, days: RunDays) -> Floats:
    """Return when work of so many days is over that may begin at `start`, but for days `off`."""
    # Days off that have begun by then; the last of them may not be over yet.
    gone = np.searchsorted(off, np.asarray(start) + CLOSE, side="right")
    begun = np.maximum(start, np.concatenate(([-np.inf], off + 1))[gone])
    done = begun - gone + days
    end = done + np.searchsorted(off - np.arange(len(off)), done - CLOSE, side="left")
    ends: Floats = np.where(np.asarray(days) > 0, end, start + days)
    return ends


def _later(a: RunDays, b: RunDays) -> RunDays:
    if isinstance(a, float) and isinstance(b, float):
        return max(a, b)
    return np.maximum(a, b)


def _joined(parts: Sequence[Episodes]) -> Episodes:
    """Return what a gate goes through as one, and tell the parts where they are in it."""
    first = 0
    for part in parts:
        part.first = first
        first += len(part.cases)
    if len(parts) == 1:
        return Episodes(parts[0].cases, parts[0].keys)
    cases = np.concatenate([part.cases for part in parts])
    for part in parts:
        part.cases = cases[part.first : part.first + len(part.cases)]
    return Episodes(cases, np.concatenate([part.keys for part in parts]))


def _gathered(
    found: Sequence[tuple[Places, Words, ShortWords]], endless: Places
) -> tuple[Places, Words, ShortWords, Places]:
    if not found:
        none = np.empty(0, np.intp)
        return none, none.astype(np.uint64), none.astype(np.uint32), endless
    which, turn, word = (np.concatenate(each) for each in zip(*found, strict=True))
    return which, turn, word, endless
