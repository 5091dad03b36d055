"""What people type about tasks: the line of quick add, the values of fields, and filters."""

from __future__ import annotations

from typing import Any

import msgspec

from tracker.domain.errors import BadInput


class Span(msgspec.Struct, frozen=True):
    """A piece of what was typed, in characters, and what it is: a field's name or `title`."""

    start: int
    end: int
    role: str


class Line(msgspec.Struct, frozen=True):
    """A task as typed in one line.

    `fields` are keyword arguments of `commands.add_task`; only what was typed is there:

    | field | value |
    |---|---|
    | title | str, never missing |
    | department, assignee, requester, project | str, a name, short name, login or key |
    | systems, tags | tuple[str, ...] |
    | priority | Priority |
    | low, likely, high | float, working days; always all three |
    | effort, spent | float, person-days |
    | due, not_before, follow_up | date |
    | waiting_for, recurrence | str |
    | after | tuple[tuple[int, float], ...]: predecessor, lag in working days |
    | returns_to | tuple[tuple[int, float, float, int or None], ...]: target, rate, share, limit |

    `spans` do not overlap and stand in order. `problems` say what could not be read and where;
    that piece then stays in the title, so that nothing typed is lost.
    """

    fields: dict[str, Any]
    spans: tuple[Span, ...]
    problems: tuple[BadInput, ...] = ()
