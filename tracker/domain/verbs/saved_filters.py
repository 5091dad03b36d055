"""Filters that are kept under a name."""

from __future__ import annotations

from msgspec.structs import replace

from tracker.domain.change import Change
from tracker.domain.draft import Draft, Now, alike
from tracker.domain.errors import Refused
from tracker.domain.model import SavedFilter
from tracker.domain.sentence import sentence
from tracker.domain.verbs.commands import refuse_stale
from tracker.domain.workspace import Workspace


def save_filter(
    ws: Workspace, _now: Now, *, name: str, query: str, seen: Workspace | None = None
) -> Change:
    """Keep a filter under a name; one of that name is replaced.

    Raises Conflict if that is no longer as it was `seen`.
    """
    name, query = " ".join(name.split()), query.strip()
    if not name or not query:
        raise Refused("Enter a name, = and a filter.")
    draft = Draft(ws)
    old = called(ws, name)
    if old is None:
        draft.new(SavedFilter, name=name, query=query)
    else:
        was = called(seen, name) if seen else old
        refuse_stale(was or replace(old, query=""), old, {"query": query}, old.name)
        draft.put(replace(old, name=name, query=query))
    return draft.change(sentence("Filter saved: {name} = {query}", name=name, query=query))


def delete_filter(ws: Workspace, _now: Now, *, filter: int) -> Change:
    """Forget a filter."""
    draft = Draft(ws)
    old = draft.get(SavedFilter, filter)
    draft.delete(old)
    return draft.change(sentence("Filter deleted: {name}", name=old.name))


def called(ws: Workspace, name: str) -> SavedFilter | None:
    """Return the filter of a name, compared as names are."""
    wanted = alike(name)
    return next((each for each in ws.filters.values() if alike(each.name) == wanted), None)
