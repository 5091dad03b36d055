"""What Microsoft Project has no field for: the columns of its own that a plan of ours has there."""

from __future__ import annotations

from typing import NamedTuple

from tracker.domain.fields import BY_NAME, Field


class ProjectColumn(NamedTuple):
    """One of the columns of Project that mean what a plan says they do.

    `name` is that of the column, `number` that of it in a file: Microsoft, "Project XML Data
    Interchange Schema Reference", FieldID.
    """

    field: Field
    name: str
    number: int

    def alias(self, german: bool) -> str:
        """Return what it is called in a plan."""
        return self.field.column[1] if german else self.field.label.text


_TEXTS = (
    *("phase", "project", "department", "state", "requester", "watchers", "waiting_for", "tags"),
    *("systems", "recurrence", "ahead", "returns_to"),
)
_FIRST_TEXTS = (188743731, 188743734, 188743737, 188743740, 188743743, 188743746)


def _text(at: int) -> int:
    """Return the number of the column that is the text at a place, from 0 on, up to 29."""
    if at < len(_FIRST_TEXTS):
        return _FIRST_TEXTS[at]
    return 188743747 + at - 6 if at < 10 else 188743997 + at - 10


COLUMNS: tuple[ProjectColumn, ...] = (
    ProjectColumn(BY_NAME["id"], "Number1", 188743767),
    *(ProjectColumn(BY_NAME[name], f"Text{at + 1}", _text(at)) for at, name in enumerate(_TEXTS)),
    ProjectColumn(BY_NAME["low"], "Duration1", 188743783),
    ProjectColumn(BY_NAME["likely"], "Duration2", 188743784),
    ProjectColumn(BY_NAME["high"], "Duration3", 188743785),
    ProjectColumn(BY_NAME["follow_up"], "Date1", 188743945),
    ProjectColumn(BY_NAME["expires"], "Date2", 188743946),
)
