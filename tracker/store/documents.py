"""Everything that is stored as documents, table by table, as other programs see it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from tracker.domain import persistent_map as persistent
from tracker.domain.change import Edit
from tracker.domain.errors import Refused
from tracker.domain.model import KINDS
from tracker.domain.sentence import quoted
from tracker.store import checkpoint, codec
from tracker.store.checkpoint import Snapshot
from tracker.store.codec import RawEdit

Tables = dict[str, Any]


def typed(edits: Iterable[RawEdit]) -> tuple[list[Edit], list[RawEdit]]:
    """Return edits of documents as edits of entities, and apart those to other tables.

    Raises Refused when a document is no entity.
    """
    ours: list[Edit] = []
    others: list[RawEdit] = []
    try:
        for edit in edits:
            if edit.table not in KINDS:
                others.append(edit)
                continue
            old, new = (
                None if doc is None else codec.entity(edit.table, {"id": edit.id, **doc})
                for doc in (edit.before, edit.after)
            )
            if any(row is not None and row.id != edit.id for row in (old, new)):
                raise ValueError(f"{edit.table} {edit.id} holds another id")
            ours.append(Edit(old, new))
    except codec.UNREADABLE as error:
        raise Refused("This cannot be stored: {reason}.", reason=quoted(error)) from error
    return ours, others


def tables(snapshot: Snapshot) -> Tables:
    """Return everything that is stored as documents, by table and number."""
    ours = {
        table: {str(row.id): codec.document(row) for row in rows.values()}
        for table, kind in KINDS.items()
        if (rows := snapshot.workspace.table(kind))
    }
    others = {
        table: codec.plain(checkpoint.plain_table(value))
        for table, value in snapshot.others.items()
    }
    return {**ours, **others}


def raw_edits(before: Tables, after: Tables) -> Iterator[RawEdit]:
    """Walk over the edits that make `after` of `before`."""
    for table in {**before, **after}:
        old, new = before.get(table), after.get(table)
        if old == new and (table in before) == (table in after):
            continue
        old_rows, new_rows = (checkpoint.table_of({} if it is None else it) for it in (old, new))
        by_row = isinstance(old_rows, persistent.Table) and isinstance(new_rows, persistent.Table)
        if table not in KINDS and (not by_row or new is None):
            yield RawEdit(table, None, old, new)
            continue
        if not by_row:
            raise Refused("This cannot be stored: {reason}.", reason=table)
        if table not in KINDS and old is None:
            yield RawEdit(table, None, None, {})
        for key in {**old_rows, **new_rows}:
            if old_rows.get(key) != new_rows.get(key):
                yield RawEdit(table, key, old_rows.get(key), new_rows.get(key))
