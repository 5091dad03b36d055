"""What may be set on a task or an arrow: checked, and names turned into ids."""

from __future__ import annotations

import math
from typing import Any

from tracker.domain.arrow_fields import REDO_WORDS
from tracker.domain.draft import Draft
from tracker.domain.errors import Refused
from tracker.domain.fields import BY_NAME, ESTIMATE, FIELDS
from tracker.domain.model import (
    DEFAULT_RATE,
    LONGEST_TITLE,
    MOST_PASSES,
    PRIORITIES,
    STATES,
    Task,
)
from tracker.domain.sentence import numbers_with_strokes

# What a person may set; the rest follows from what is done to the task.
_SETTABLE = frozenset(Task.__struct_fields__) & {
    field.name for field in FIELDS if field.kind not in ("count", "moment")
}
_MOST_ESCALATION = 10_000
# A field that is cleared holds what it held before anybody set it.
_BLANK = Task(id=0, title="")


def task_fields(draft: Draft, old: Task | None, fields: dict[str, Any]) -> dict[str, Any]:
    """Return fields for a task, names turned into ids; raises Refused for what no task may have.

    `old` is the task as it is, None when it is to come into being.
    """
    values = {field: _value(draft, field, value) for field, value in fields.items()}
    if old is None or "title" in values:
        values["title"] = _title(values.get("title", ""))
    if values.get("state", "todo") not in STATES:
        raise Refused("There is no state {state}.", state=str(values["state"]))
    if values.get("priority", "medium") not in PRIORITIES:
        raise Refused("There is no priority {priority}.", priority=str(values["priority"]))
    estimate = [
        days
        for field in ESTIMATE
        if (days := values[field] if field in values else getattr(old, field, None)) is not None
    ]
    if estimate != sorted(estimate):
        raise Refused(
            "The estimate {estimate} is out of order; enter low, likely and high, such as 1/2/5.",
            estimate=numbers_with_strokes(estimate),
        )
    return values


def _value(draft: Draft, name: str, value: Any) -> Any:
    """Return what a field is set to, None clearing it."""
    if name not in _SETTABLE:
        raise Refused(
            "A task has no field {field}; choose from {known}.",
            field=name,
            known=", ".join(sorted(_SETTABLE)),
        )
    if value is None:
        return getattr(_BLANK, name)
    field = BY_NAME[name]
    if field.entity and field.kind == "name":
        return draft.named(field.entity, value)
    if field.entity:
        found = [draft.named(field.entity, each) for each in value]
        return tuple(dict.fromkeys(filter(None, found)))
    match field.kind:
        case "tags":
            return tuple(dict.fromkeys(value))
        case "checklist":
            return tuple(value)
        case "word":
            return " ".join(value.split())
        case "days" if not (math.isfinite(value) and 0 <= value < 100_000):
            raise Refused(
                "{field} cannot be {number}; enter a number of days, 0 or more.",
                field=field.label,
                number=value,
            )
        case "percent" if not 0 <= value <= 100:
            raise Refused(
                "{field} cannot be {number}; enter a percentage from 0 to 100.",
                field=field.label,
                number=value,
            )
    return value


def _title(text: str) -> str:
    title = text.strip()
    if not title:
        raise Refused("A task needs a title.")
    if len(title) > LONGEST_TITLE:
        raise Refused(
            "The title has {length} characters; the maximum is {most}. Move the rest to the notes.",
            length=len(title),
            most=LONGEST_TITLE,
        )
    return title


def checked_lag(lag: float) -> float:
    """Return a lag in working days, negative for an overlap; raises Refused for no number."""
    if not math.isfinite(lag) or abs(lag) > 10_000:
        raise Refused("{lag} is not a lag in working days.", lag=lag)
    return lag


def needs_options(
    *, lag: float | None = None, ripple: float | None = None, share: float | None = None
) -> dict[str, Any]:
    """Return the options of a needs arrow, None meaning the default; raises Refused."""
    if ripple is not None and not 0 <= ripple <= 1:
        raise Refused(
            "The chance that rework is passed on must be from 0 to 100%, not {chance:.0%}.",
            chance=ripple,
        )
    if share is not None and ripple is None:
        raise Refused("A share of rework needs the chance that rework is passed on at all.")
    options = {"lag": checked_lag(lag or 0.0)}
    if ripple is not None:
        options |= {"ripple": ripple, "share": _checked_share(share)}
    return options


def _checked_share(share: float | None) -> float:
    share = 1.0 if share is None else share
    if not 0 < share <= 1:
        raise Refused(
            "The share of rework must be above 0 and at most 100%, not {share:.0%}.",
            share=share,
        )
    return share


def return_options(
    *,
    rate: float | None = None,
    share: float | None = None,
    limit: int | None = None,
    redo: str | None = None,
    learning: float | None = None,
    escalation: float | None = None,
) -> dict[str, Any]:
    """Return the options of a return arrow, None meaning the default; raises Refused."""
    entered = rate is not None
    rate = DEFAULT_RATE if rate is None else rate
    if not 0 <= rate < 1:
        raise Refused("A return rate must be at least 0 and below 100%, not {rate:.0%}.", rate=rate)
    share = _checked_share(share)
    if limit is not None and not 1 <= limit <= MOST_PASSES:
        raise Refused(
            "The pass limit must be between 1 and {most}, not {limit}.",
            most=MOST_PASSES,
            limit=limit,
        )
    redo = "all" if redo is None else redo
    if redo not in REDO_WORDS:
        raise Refused(
            "A return cannot redo {what}; choose from {known}.",
            what=redo,
            known=", ".join(REDO_WORDS),
        )
    learning = learning or 0.0
    if not 0 <= learning < 1:
        raise Refused(
            "Each further pass may take less by 0% to below 100%, not by {learning:.0%}.",
            learning=learning,
        )
    if escalation is not None:
        if limit is None:
            raise Refused("Work can only go forward beyond a pass limit; enter one.")
        if not 0 <= escalation <= _MOST_ESCALATION:
            raise Refused(
                "Work goes forward after 0 to {most} working days, not after {days}.",
                most=_MOST_ESCALATION,
                days=f"{escalation:g}",
            )
    return {
        "rate": rate,
        "share": share,
        "limit": limit,
        "redo": redo,
        "learning": learning,
        "escalation": escalation,
        "rate_entered": entered,
    }
