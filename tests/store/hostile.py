"""Records as somebody could append them who may write to the file, with whatever they hold."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tracker.store import codec


def append(file: Path, label: Any = None, edits: Sequence[Any] = (), **fields: Any) -> None:
    """Append a record to the journal of a workspace that has one, sealed as it has to be.

    `fields` are put in the place of those it would have.
    """
    journal = file.with_suffix(".log")
    last = journal.read_bytes().splitlines()[-1]
    record = {
        "v": codec.schema(),
        "seq": codec.seq_of(last) + 1,
        "at": "2026-11-28T10:00:00Z",
        "who": "mallory",
        "label": label or {"text": "Added"},
        "edits": list(edits),
        **fields,
        "prev": codec.seal_of(last),
    }
    body = json.dumps(record, separators=(",", ":"), ensure_ascii=False).encode()
    with journal.open("ab") as lines:
        lines.write(codec.seal(body) + b"\n")
