"""Ways to what one sees or knows the number of: letters on everything in sight, and digits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Protocol

from textual import events

from tracker.language import _
from tracker.tui import keys
from tracker.tui.host import Host, TypedOn
from tracker.wording import show

# The letters in the order in which fingers find them, on German keyboards as on American ones.
_LETTERS = "asdfghjklqweruiopvbnmtxczy"
# Digits typed within so many seconds are one number, even if each of them leads to a view.
_TOGETHER = 1.0


def labels(count: int) -> list[str]:
    """Return as many labels of one or two letters, none of which begins another one.

    At most 676 are returned.
    """
    size = len(_LETTERS)
    count = min(count, size * size)
    single = min(size, (size * size - count) // (size - 1))
    pairs = map("".join, product(_LETTERS[single:], _LETTERS))
    return [*_LETTERS[:single], *pairs][:count]


class Labelled(Protocol):
    """A view, as far as a jump knows it."""

    def in_sight(self) -> Sequence[int]:
        """Return what can be jumped to: tasks, or the rows of a list; the focus left out."""

    def jump_to(self, place: int) -> None:
        """Go to something that is in sight."""

    def landmark(self, place: int) -> object:
        """Return what is at a place; others may put it at another one."""

    def lose_aim(self) -> None:
        """Say that what keys were to be about has gone; the next one is about nothing."""

    def show_labels(self, labels: Mapping[int, str]) -> None:
        """Show letters on what can be jumped to, or none any more."""

    def tell(self, message: str, style: str = "info") -> None:
        """Show a message."""


class Jump:
    """Letters on everything in sight: those that are typed lead to what they are on."""

    def __init__(self, view: Labelled) -> None:
        self._view = view
        self._places: dict[str, int] = {}
        # What was at the places when the letters were shown.
        self._landmarks: dict[int, object] = {}
        self._typed = ""

    def begin(self) -> None:
        """Show the letters."""
        places = self._view.in_sight()
        self._places = dict(zip(labels(len(places)), places, strict=False))
        self._landmarks = {place: self._view.landmark(place) for place in places}
        self._typed = ""
        if self._places:
            self._show()
        else:
            self._view.tell(_("Nothing else is in sight to jump to."), "dim")

    @property
    def under_way(self) -> bool:
        """Whether the letters are shown."""
        return bool(self._places)

    def take_key(self, event: events.Key) -> bool:
        """Take a letter; True if nobody else is to have the key. Any other key ends the jump."""
        if not self._places:
            return False
        if event.key == "backspace" and self._typed:
            self._typed = ""
            self._show()
            return True
        letter = (event.character or "").lower()
        typed = self._typed + letter
        if letter and any(label.startswith(typed) for label in self._places):
            self._typed = typed
            place = self._places.get(typed)
            if place is None:
                self._show()
            else:
                self._end()
                now = self._now(place, self._view.in_sight())
                if now is None:
                    self._view.lose_aim()
                else:
                    self._view.jump_to(now)
            return True
        self._end()
        if letter.isalpha():
            self._view.tell(
                _("Nothing in sight has the letters {typed}.").format(typed=typed), "warn"
            )
        return letter.isalpha() or event.key == "escape"

    def follow(self) -> None:
        """Show the letters on what they were on, others having moved that."""
        if self._places:
            self._label()

    def _now(self, place: int, sight: Sequence[int]) -> int | None:
        """Return where what was at a place is by now; None if it is not in sight any more."""
        landmark, wanted = self._view.landmark, self._landmarks[place]
        if place in sight and landmark(place) == wanted:
            return place
        return next((each for each in sight if landmark(each) == wanted), None)

    def _show(self) -> None:
        """Show the letters that are still to be typed."""
        self._label()
        words = _("Type the letters on what you want to go to; {key:escape} cancels.")
        self._view.tell(keys.named(words), "plain")

    def _label(self) -> None:
        typed, sight = self._typed, self._view.in_sight()
        left = {
            now: label[len(typed) :]
            for label, place in self._places.items()
            if label.startswith(typed) and (now := self._now(place, sight)) is not None
        }
        self._view.show_labels(left)

    def _end(self) -> None:
        self._places = {}
        self._view.show_labels({})


class TaskNumber:
    """The number of a task, typed digit by digit; Enter goes to the task.

    A digit that leads to a view does so. Another one that follows soon makes a number of both, as
    it says, or of those behind it where no task has the number of all; Enter then goes to the task,
    on the view on which the number was begun.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._digits = ""
        # Whether it can be nothing but a number, when the last digit came, and where it was begun.
        self._sure = False
        self._at = 0.0
        self._view = ""

    def begin(self, view: TypedOn) -> None:
        """Take the digits that come now for a number, and for nothing else."""
        self._digits, self._sure, self._view = "0", True, view.VIEW
        self._tell()

    def take_key(self, view: TypedOn, event: events.Key) -> bool:
        """Take a digit, and what ends a number; True if nobody else is to have the key."""
        digit = event.character or ""
        if digit.isascii() and digit.isdigit():
            return self._take_digit(digit, view, event.time)
        told, digits, (number, begun) = self.under_way, self._digits, self._meant()
        self._digits = ""
        if not told or event.key not in ("enter", "backspace", "escape"):
            return False
        if event.key == "enter":
            self._go_to(number, begun, view)
        elif event.key == "backspace" and digits[:-1]:
            self._digits, self._sure = digits[:-1], True
            self._tell()
        return True

    def _take_digit(self, digit: str, view: TypedOn, at: float) -> bool:
        if not self._digits or not (self._sure or at - self._at <= _TOGETHER):
            self._digits, self._sure, self._view = "", False, view.VIEW
        self._digits = (self._digits + digit)[:15]
        self._at = at
        leads = digit in keys.digits_of_views()
        self._sure = self._sure or not leads
        if self._sure:
            self._tell()
        elif self.under_way:
            # On the view that the digit leads to, which it does behind this.
            view.call_later(self._host.call_later, self._tell)
        return self._sure

    @property
    def under_way(self) -> bool:
        """Whether it has been said that there is a number."""
        known = len(self._digits) > 1 and self._meant()[0] in self._host.workspace.tasks
        return bool(self._digits) and (self._sure or known)

    def _meant(self) -> tuple[int, str]:
        """The number typed, and the view on which that was begun."""
        tasks, views, begun = self._host.workspace.tasks, keys.digits_of_views(), self._view
        for at, digit in enumerate(self._digits[:-1]):
            if digit != "0" and (number := int(self._digits[at:])) in tasks:
                return number, begun
            if digit not in views:
                break
            begun = views[digit]
        return int(self._digits or 0), self._view

    def _tell(self) -> None:
        if not self.under_way:
            return
        ws, (number, _view) = self._host.workspace, self._meant()
        if number in ws.tasks:
            words = _("{key:open} goes to {task}.")
            told = keys.named(words, task=show.name(ws, number))
        else:
            told = _("Task {typed} …").format(typed=self._digits)
        self._host.tell(told, "plain")

    def _go_to(self, number: int, begun: str, view: TypedOn) -> None:
        with view.asking():
            if begun and number in self._host.workspace.tasks:
                self._host.show_view(begun)
                self._host.call_after_refresh(self._host.go_to, number)
            else:
                self._host.go_to(number)
