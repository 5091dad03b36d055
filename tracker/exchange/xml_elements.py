"""Pieces of XML: elements in order, amounts and moments as its schemas have them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape


def elements(**values: Any) -> str:
    """Return elements in this order, but none for what is None or empty."""
    return "".join(
        f"<{name}>{_text(value)}</{name}>"
        for name, value in values.items()
        if value is not None and value != ""
    )


def _text(value: object) -> str:
    if isinstance(value, int):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return escape(str(value))


def wrapped(name: str, parts: Iterable[str]) -> str:
    """Return an element around others; nothing where there are none."""
    inner = "".join(parts)
    return f"<{name}>{inner}</{name}>" if inner else ""


def hours(days: float, minutes_a_day: int) -> str:
    """Return working days as a duration of ISO 8601 in hours, to the second."""
    minutes, seconds = divmod(round(days * minutes_a_day * 60), 60)
    return f"PT{minutes // 60}H{minutes % 60}M{seconds}S"
