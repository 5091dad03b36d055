"""Labels of issue trackers that say the state or the priority of an open issue."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial
from typing import NamedTuple

from tracker.domain.model import Priority, State
from tracker.domain.sentence import Sentence, counted
from tracker.domain.status import priority_word, state_word
from tracker.domain.typing.vocabulary import (
    meaning_key,
    priority_from_word,
    state_from_word,
    waiting_for,
)
from tracker.exchange.repeated_remarks import RepeatedRemarks

# `status: in progress`, `status::doing`, `prio/high`.
_OF_STATE = re.compile(r"\s*(?:state|status|workflow|zustand)\s*[:/=-]+\s*(.+)", re.IGNORECASE)
_OF_PRIORITY = re.compile(
    r"\s*(?:priority|prio|p|severity|priorität)\s*[:/=-]+\s*(.+)|\s*(?:priority|prio|priorität)\s+(.+)"
    r"|(.+)\s(?:priority|prio|priorität)\s*",
    re.IGNORECASE,
)
# What a label may say alone; of other words (`ok`, `duplicate`, `normal`) nobody knows what of.
_STATES = frozenset(("doing", "waiting"))
_PRIORITIES = frozenset(
    (
        *("p0", "p1", "p2", "p3", "p4", "p5", "critical", "urgent", "blocker", "showstopper"),
        *("kritisch", "dringend", "high", "low", "hoch", "niedrig"),
    )
)


class Said(NamedTuple):
    """What the labels of one issue say; `tags` are those that say nothing else."""

    state: State | None
    priority: Priority | None
    waiting_for: str
    tags: tuple[str, ...]


def read_labels(
    labels: Iterable[str],
    remarks: RepeatedRemarks,
    row: int,
    column: str,
    *,
    place: str = "",
    states: bool = True,
) -> Said:
    """Return what labels say, of several for one thing the first; what was understood is told.

    Without `states` only the priority is looked for.
    """
    state: State | None = None
    priority: Priority | None = None
    reason, tags = "", []
    for label in labels:
        if states and state is None and (found := _state(label)):
            state, reason = found, waiting_for(_bare(_OF_STATE, label))
            told: Sentence = state_word(found)
        elif priority is None and (urgent := _priority(label)):
            priority, told = urgent, priority_word(urgent)
        else:
            tags.append(label)
            continue
        remarks.note(
            row,
            column,
            label,
            partial(_read_as, told),
            key=label,
            near=True,
            place=place,
        )
    return Said(state, priority, reason, tuple(tags))


def _read_as(meaning: Sentence, n: int) -> Sentence:
    return counted(
        "The label was read as “{meaning}” ({n} task).",
        "The label was read as “{meaning}” ({n} tasks).",
        n,
        meaning=meaning,
    )


def _state(label: str) -> State | None:
    bare = _bare(_OF_STATE, label)
    found = state_from_word(bare)
    return found if found in _STATES or (bare != label and found in ("todo", "recheck")) else None


def _priority(label: str) -> Priority | None:
    bare = _bare(_OF_PRIORITY, label)
    known = bare != label or meaning_key(bare) in _PRIORITIES
    return priority_from_word(bare) if known else None


def _bare(pattern: re.Pattern[str], label: str) -> str:
    found = pattern.fullmatch(label[:100])
    return next((each for each in found.groups() if each), label) if found else label
