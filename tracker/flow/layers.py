"""Columns: which layer of the flow a task stands in, so that every `needs` arrow points right."""

from __future__ import annotations

from collections.abc import Sequence

Adjacency = Sequence[Sequence[int]]


def topological(before: Adjacency, after: Adjacency) -> list[int]:
    """Return the nodes in an order in which every arrow points forwards (Kahn 1962)."""
    missing = [len(nodes) for nodes in before]
    order = [node for node, count in enumerate(missing) if not count]
    for node in order:
        for other in after[node]:
            missing[other] -= 1
            if not missing[other]:
                order.append(other)
    return order


def longest_path(before: Adjacency, order: Sequence[int]) -> list[int]:
    """Return the leftmost columns possible: one more than the rightmost predecessor's."""
    column = [0] * len(before)
    for node in order:
        if before[node]:
            column[node] = max([column[other] for other in before[node]]) + 1
    return column


def tighten(column: list[int], before: Adjacency, after: Adjacency, order: Sequence[int]) -> None:
    """Move nodes towards the side on which they have more arrows, which shortens them all.

    A node without predecessors stands just before its first successor. Two rounds.
    """
    for _ in range(2):
        for node in reversed(order):
            if len(after[node]) > len(before[node]):
                column[node] = min([column[other] for other in after[node]]) - 1
        for node in order:
            if len(before[node]) > len(after[node]):
                column[node] = max([column[other] for other in before[node]]) + 1


def compact(column: list[int]) -> int:
    """Number the columns from 0 without gaps, in place, and return how many there are."""
    used = sorted(set(column))
    rank = {place: i for i, place in enumerate(used)}
    column[:] = [rank[place] for place in column]
    return len(used)


def keep(
    wishes: Sequence[int], before: Adjacency, after: Adjacency, order: Sequence[int]
) -> list[int]:
    """Return columns as wished (-1: no wish), pushed to the right only where an arrow forces it.

    A node without a wish stands just after its predecessors, or just before its successors.
    """
    column = list(wishes)
    for node in reversed(order):
        if column[node] < 0 and not before[node] and after[node]:
            column[node] = max(0, min([column[other] for other in after[node]]) - 1)
    for node in order:
        least = max([column[other] for other in before[node]]) + 1 if before[node] else 0
        column[node] = max(column[node], least)
    return column
