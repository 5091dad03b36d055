"""The errors shown to people; each carries the sentence to be shown.

TrackerError
├── Refused         a rule says no
│   ├── Already     it is so already
│   └── LoopClosed  a `needs` arrow would close a loop: rework or mistake?
├── NotFound        something was named that is not there
├── BadInput        something typed or read cannot be understood
├── Conflict        somebody else has changed the same thing since
└── StoreError      the files cannot be used as they are
    ├── Busy        somebody holds the lock
    ├── Removed     the files are gone
    ├── Damaged     a file is not what was written
    └── TooNew      a newer program wrote the files
"""

from __future__ import annotations

from tracker.domain.sentence import Sentence, sentence


class TrackerError(Exception):
    """Something cannot be done; `sentence` names the thing, the place and the way out."""

    def __init__(self, text: str | Sentence, /, **values: str | int | float | Sentence) -> None:
        self.sentence = text if isinstance(text, Sentence) else sentence(text, **values)
        super().__init__(str(self.sentence))


class Refused(TrackerError):
    """A rule says no."""


class Already(Refused):
    """It is as it was to be made."""


class LoopClosed(Refused):
    """A `needs` arrow would close a loop; `path` is the loop's task ids, its first again last."""

    def __init__(self, path: tuple[int, ...], names: str) -> None:
        self.path = path
        super().__init__(
            sentence(
                "This closes a loop: {path}. If it is rework, draw a return arrow; if it is a"
                " mistake, leave the plan unchanged.",
                path=names,
            )
        )


class NotFound(TrackerError):
    """Something was named that is not there."""


class BadInput(TrackerError):
    """Something typed or read cannot be understood.

    `start` and `end` are the place in what was typed, in characters; both 0 when there is none.
    """

    def __init__(
        self,
        text: str | Sentence,
        /,
        *,
        start: int = 0,
        end: int = 0,
        **values: str | int | float | Sentence,
    ) -> None:
        self.start, self.end = start, end
        super().__init__(text, **values)


class Conflict(TrackerError):
    """An entity is no longer what an edit says it was.

    `kind` and `id` name the entity, `fields` those of its fields that stand in the way; nothing
    in `fields` means that the entity as a whole has gone or come.
    """

    def __init__(self, kind: str, id: int, fields: tuple[str, ...], text: str | Sentence) -> None:
        self.kind, self.id, self.fields = kind, id, fields
        super().__init__(text)


class StoreError(TrackerError):
    """The files cannot be used as they are."""


class Busy(StoreError):
    """Somebody else holds the lock."""

    @property
    def who(self) -> str:
        """Who holds it; empty where that is not known."""
        return str(self.sentence.values.get("who", ""))


class Removed(StoreError):
    """The files are gone."""


class Damaged(StoreError):
    """A file is not what was written."""


class TooNew(StoreError):
    """A newer program wrote the files."""
