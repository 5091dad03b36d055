"""What a key is about: what was there when somebody looked, not what has come there since."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import NamedTuple

from textual import events

from tracker.language import N_, _

# Keys that come within so many seconds of each other may be typed without looking.
IN_ONE_GO = 0.7
# Nobody answers to what comes on the screen in less, in seconds.
REACTION = 0.4
# What a key is refused with that may be meant for what others have put out of its reach.
SELECTION_CHANGED = N_("The selection has changed in the meantime; look at it once more.")
# What is said of the keys behind it.
_STOPPED = N_("{refusal} What was typed behind it was not taken.")


def stopped(refusal: str) -> str:
    """Return what is told of keys that were stopped behind one, once, with why that was refused."""
    told = _(_STOPPED)
    end = told.partition("{refusal}")[2]
    return refusal if refusal.endswith(end) else told.format(refusal=refusal)


class Subject(NamedTuple):
    """What keys act on: the tasks selected, and what has the cursor where that is more than one."""

    tasks: tuple[int, ...] = ()
    # Entities by the names of their tables and their ids, and whatever else there is.
    place: tuple[Hashable, ...] = ()
    # What has the cursor in a panel beside the tasks, while that has the keys.
    panel: object = None
    # Whether that has gone for good, whatever is there now.
    gone: bool = False
    # Whether a key that leaves was to end something first: marks, a page, what is tried.
    begun: bool = False

    @property
    def known(self) -> bool:
        """Whether there is anything to be meant."""
        return bool(self.tasks or self.place)

    def holds(self, now: Subject) -> bool:
        """Whether who meant this means what is there `now`: the same, or what is left of it.

        A panel loses the keys only by what somebody at the screen does.
        """
        left = set(now.tasks) <= set(self.tasks) and bool(now.tasks) == bool(self.tasks)
        here = now.place == self.place and now.panel in (self.panel, None)
        return left and here and not self.gone

    def is_of(self, entities: Collection[Hashable]) -> bool:
        """Whether it is about one of some entities, by the names of their tables and their ids."""
        return any(part in entities for part in (*(("tasks", t) for t in self.tasks), *self.place))


_GONE = Subject(gone=True)


class _News(NamedTuple):
    """When something else was shown, and what was looked at, with what was around, until then."""

    shown: float
    subject: Subject
    around: object


@dataclass(slots=True)
class _Press:
    """When a key was pressed, and when its turn came; clocks as of `monotonic`.

    One that was not `aimed` at the subject may have led to another.
    """

    at: float = 0.0
    turn: float = 0.0
    aimed: bool = False
    refused: bool = False


class Aim:
    """What the next key is about, on a screen that others, midnight and forecasts change.

    `subject` says on what keys act as things are, and `around` what those lead to that move the
    cursor. Whoever is to show something else that nobody at the screen asked for calls `hold`
    before and `look` after; each key is taken by `takes`, and whatever acts on the subject asks
    `missed` first.
    """

    def __init__(self, subject: Callable[[], Subject], around: Callable[[], object]) -> None:
        self._subject, self._around = subject, around
        # What was looked at last, while something else may be there; and of the last key.
        self._held: Subject | None = None
        self._meant: Subject | None = None
        # News with which something has changed: keys that were pressed before anybody can have
        # seen them may be still to come, or have led to what nobody has looked at.
        self._before: list[_News] = []
        self._shown = 0.0
        # Whether there are news that may not be shown in full yet, and when the last were shown.
        self._news, self._came = False, 0.0
        self._last = _Press()
        self._clicked = 0.0

    def hold(self, *, news: bool = True) -> None:
        """Keep what is there, if anything is, as what keys are about until the next one.

        Other things than that come with `news`; else it may only be at another place.
        """
        self._shown = monotonic()
        if news:
            self._news, self._came = True, self._shown
        if (now := self._subject()).known:
            self._held = self._held or now
            self._before.append(_News(self._shown, now, self._around()))

    def look(self) -> None:
        """Note whether keys are about something else now; it may be there again before the next."""
        now = self._subject()
        if self._held is not None and not self._held.holds(now):
            self._held = self.lost
        if self._before and self._before[-1][1:] == (now, self._around()):
            self._before.pop()

    @contextmanager
    def arriving(self, *, last: bool = True) -> Iterator[None]:
        """Show what has been worked out beside the screen meanwhile, the `last` of it or not.

        Keys have been pressed since there were news: what these have led to is what is looked at.
        """
        if self._news:
            self.hold()
        yield
        self.look()
        self._news = self._news and not last

    def lose(self, subject: Subject = _GONE) -> None:
        """Have the next key be about what has gone, or about a `subject` that may have."""
        self._held = subject._replace(begun=True)

    def leave_out(self, own: Collection[Hashable]) -> None:
        """Have keys be about what is there, once one's `own` work on what is held is done."""
        held = self._held
        # What others have put out of sight is not looked at again by that.
        if held is not None and not held.gone and held.is_of(own):
            self._held = None

    def turn(self) -> None:
        """Have keys be about what is there: somebody at the screen has gone there."""
        self._held = self._meant = None

    def release(self) -> None:
        """As `turn`, where it was chosen for what it is: also keys in one go are about that."""
        self.turn()
        self._before = []

    def stray(self) -> None:
        """Have keys in one go behind be about nothing: what is sought is not what could be seen."""
        self._before.append(_News(self._came, _GONE, None))

    @property
    def unseen(self) -> bool:
        """Whether the last key was pressed before anybody can have seen the last news."""
        return self._last.at - self._came < REACTION

    def press(self, event: events.MouseDown) -> None:
        """Note when the mouse was pressed; others may change what is there before its turn."""
        self._clicked = event.time

    def click(self, event: events.Click) -> None:
        """Do as `release`, where something is chosen that was seen; next comes what is typed."""
        chooses = getattr(event.widget, "CHOOSES", False)
        if not chooses or (self._before and self._clicked <= self._shown):
            return
        if self._clicked - self._shown < REACTION:
            # It leads somewhere as a key does; others may just have put something there.
            self._last = _Press(self._clicked, monotonic())
            self.turn()
        else:
            self._last.refused = False
            self.release()

    def takes(self, event: events.Key, *, second: bool = False) -> bool:
        """Take a key, the `second` of two as about the same as the first; True if it is stopped.

        That is so of those behind one that was refused: typed in one go with it they were meant for
        what it would have opened, and for nothing that is there now.
        """
        before, self._last = self._last, _Press(event.time, monotonic())
        one_go = event.time - before.at < IN_ONE_GO
        if before.refused and one_go:
            self._last.refused = True
            event.stop()
            event.prevent_default()
            return True
        seen = (before.at if one_go else event.time) - REACTION
        self._before = [news for news in self._before if news.shown > seen]
        unseen = next(iter(self._before), None)
        if unseen and one_go and not before.aimed and not second and before.turn > unseen.shown:
            # Where the key before it led was not looked at.
            self._held = _GONE
        elif unseen and not (self._held and self._held.gone):
            self._held = unseen.subject
        if self._held or not second:
            # Something else may come before the key acts.
            self._meant = self._held or self._subject()
            self._held = None
        return False

    @property
    def meant(self) -> Subject:
        """What the last key is about."""
        return self._meant or self._held or self._subject()

    @property
    def blind(self) -> bool:
        """Whether where the key before the last one led has not been looked at."""
        return self._meant == _GONE

    @property
    def lost(self) -> Subject | None:
        """What the next key is about, where others have changed something since; as it has gone."""
        return self._held and self._held._replace(gone=True)

    def missed(self) -> Subject | None:
        """Return what the last key was about, once, if that is not what is there now.

        The key is refused then, and those typed in one go behind it are stopped.
        """
        self._last.aimed = True
        # A call that was refused is still in its line: no key is taken before it is done.
        meant = self._meant or self._held
        if meant is None:
            return None
        # What is there now is what was meant, or is told: what comes next begins with it.
        self._held = None
        if meant.holds(self._subject()):
            return None
        self._meant, self._before = None, []
        self.refuse()
        return meant

    def refuse(self) -> None:
        """Have the keys that are typed in one go behind what is refused now be stopped."""
        self._last.refused, self._last.at = True, monotonic()
