"""The real program on a workspace that is on a database server."""

from __future__ import annotations

from contextlib import closing

from tests.store.writers import AT, add
from tests.terminal import Terminal
from tracker.store import workspaces
from tracker.store.address import Address
from tracker.store.store import Store


def members(place: Address) -> Address:
    """Make bob a writer, and return the place as he reaches it."""
    workspaces.set_member(place, "bob", "writer")
    return Address(place.server.replace("anna@", "bob@"), place.workspace)


def titles(place: Address) -> list[str]:
    with closing(Store.open(place)) as store:
        return [task.title for task in store.workspace.tasks.values()]


def opened(place: Address) -> Terminal:
    """Start the screen on a workspace, on its table."""
    terminal = Terminal(["--db", place.server, place.workspace])
    terminal.wait_for(r"\[2 Board\]")
    return terminal


def test_what_another_does_appears(place: Address) -> None:
    bobs = members(place)
    with opened(place) as terminal, closing(Store.open(bobs)) as bob:
        bob.commit(add("Firewall"), at=AT, who="bob")
        terminal.wait_for("Firewall")
        terminal.wait_for("bob: Add")


def test_two_screens_work_on_it_side_by_side_and_take_back_their_own(place: Address) -> None:
    bobs = members(place)
    with opened(place) as anna, opened(bobs) as bob:
        anna.press("a", "Lasttest", "enter")
        bob.wait_for("Lasttest")
        bob.press("a", "Abnahme", "enter")
        anna.wait_for("Abnahme")
        anna.wait_for("also here: bob")
        anna.press("u")
        bob.wait_for("anna: Undo")
        assert titles(place) == ["Abnahme"]
