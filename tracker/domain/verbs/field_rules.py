"""What may be set on a task or an arrow: checked, and names turned into ids."""

from __future__ import annotations

import math
from typing import Any

from tracker.domain.draft import Draft, Named
from tracker.domain.errors import Refused
from tracker.domain.model import (
    DEFAULT_RATE,
    LONGEST_TITLE,
    MOST_PASSES,
    PRIORITIES,
    STATES,
    Department,
    Person,
    Project,
    System,
    Task,
)
from tracker.domain.sentence import figures

# Fields of a task that name another thing: typed as a text, kept as an id.
_NAMED: dict[str, type[Named]] = {
    "project": Project,
    "department": Department,
    "assignee": Person,
    "requester": Person,
}
# What a person may set; the rest follows from what is done to the task.
_FREE = frozenset(Task.__struct_fields__) - {"id", "extra", "passes", "created", "modified"}
_NUMBERS = ("low", "likely", "high", "effort", "spent")


def task_fields(draft: Draft, old: Task | None, fields: dict[str, Any]) -> dict[str, Any]:
    """Return fields for a task, names turned into ids; raises Refused for what no task may have.

    `old` is the task as it is, None when it is to come into being.
    """
    values: dict[str, Any] = {}
    for field, value in fields.items():
        if field not in _FREE:
            raise Refused(
                "A task has no field {field}; it has {known}.",
                field=field,
                known=", ".join(sorted(_FREE)),
            )
        if field in _NAMED:
            values[field] = draft.named(_NAMED[field], value)
        elif field == "systems":
            values[field] = tuple(
                dict.fromkeys(filter(None, (draft.named(System, name) for name in value or ())))
            )
        elif field == "watchers":
            values[field] = tuple(
                dict.fromkeys(filter(None, (draft.named(Person, name) for name in value or ())))
            )
        elif field == "tags":
            values[field] = tuple(dict.fromkeys(value or ()))
        elif field == "checklist":
            values[field] = tuple(value or ())
        elif value is None and field in ("notes", "waiting_for", "recurrence"):
            values[field] = ""
        elif value is None and field in ("state", "priority"):
            values[field] = "todo" if field == "state" else "medium"
        else:
            values[field] = value
    if old is None or "title" in values:
        title = str(values.get("title") or "").strip()
        if not title:
            raise Refused("A task needs a title.")
        if len(title) > LONGEST_TITLE:
            raise Refused(
                "The title is {length} characters long; at most {most} are kept. "
                "Put the rest into the notes.",
                length=len(title),
                most=LONGEST_TITLE,
            )
        values["title"] = title
    if values.get("state", "todo") not in STATES:
        raise Refused("There is no state {state}.", state=str(values["state"]))
    if values.get("priority", "medium") not in PRIORITIES:
        raise Refused("There is no priority {priority}.", priority=str(values["priority"]))
    _check_numbers(old, values)
    return values


def _check_numbers(old: Task | None, values: dict[str, Any]) -> None:
    for field in _NUMBERS:
        number = values.get(field)
        if number is not None and not (math.isfinite(number) and 0 <= number < 100_000):
            raise Refused(
                "{field} cannot be {number}: it is a number of days, 0 or more.",
                field=field,
                number=number,
            )
    estimate = [
        days
        for field in ("low", "likely", "high")
        if (days := values[field] if field in values else getattr(old, field, None)) is not None
    ]
    if estimate != sorted(estimate):
        raise Refused(
            "The estimate {estimate} is not in order: give low, likely and high, such as 1/2/5.",
            estimate=figures(estimate),
        )


def checked_lag(lag: float) -> float:
    """Return a lag in working days, negative for an overlap; raises Refused for no number."""
    if not math.isfinite(lag) or abs(lag) > 10_000:
        raise Refused("A lag of {lag} is not a number of working days.", lag=lag)
    return lag


def return_options(*, rate: float | None, share: float | None, limit: int | None) -> dict[str, Any]:
    """Return the options of a return arrow, None meaning the default."""
    rate = DEFAULT_RATE if rate is None else rate
    share = 1.0 if share is None else share
    if not 0 <= rate < 1:
        raise Refused(
            "The rate of a return is at least 0 and below 100 %, not {rate:.0%}.", rate=rate
        )
    if not 0 < share <= 1:
        raise Refused(
            "The share of work done again is above 0 and at most 100 %, not {share:.0%}.",
            share=share,
        )
    if limit is not None and not 1 <= limit <= MOST_PASSES:
        raise Refused(
            "The limit of passes is between 1 and {most}, not {limit}.",
            most=MOST_PASSES,
            limit=limit,
        )
    return {"rate": rate, "share": share, "limit": limit}
