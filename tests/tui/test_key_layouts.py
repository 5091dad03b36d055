"""Every verb is one key, or two in a row, on American and on German keyboards alike."""

from __future__ import annotations

import importlib
import pkgutil

import pytest
from textual.binding import Binding
from textual.dom import DOMNode
from textual.keys import _character_to_key

import tracker.tui
from tracker.tui import keys

# The signs of the keys from left to right and top to bottom, without and with Shift. A dead key,
# which waits for a letter, gives no sign of its own.
_AMERICAN = (
    "`1234567890-=qwertyuiop[]\\asdfghjkl;'zxcvbnm,./",
    '~!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:"ZXCVBNM<>?',
)
_GERMAN = (
    "1234567890ßqwertzuiopü+asdfghjklöä#<yxcvbnm,.-",
    "°!\"§$%&/()=?QWERTZUIOPÜ*ASDFGHJKLÖÄ'>YXCVBNM;:_",
)
# Keys that give no sign are at hand everywhere.
_NAMED = {
    *("space", "enter", "escape", "tab", "shift+tab", "backspace", "delete", "home", "end"),
    *("up", "down", "left", "right", "pageup", "pagedown", "f1"),
}
# To leave at once from anywhere, even out of a line in which one types, takes two fingers.
_CHORDS = {"ctrl+q"}


def _names(layout: tuple[str, str]) -> set[str]:
    return {_character_to_key(sign) for signs in layout for sign in signs}


BOTH = (_names(_AMERICAN) & _names(_GERMAN)) | _NAMED | _CHORDS


def test_the_table_knows_what_german_keyboards_lack() -> None:
    lacking = {_character_to_key(sign) for sign in "[]{}\\|~^@`"}
    assert not lacking & BOTH
    assert {_character_to_key(sign) for sign in "<>:/?#+-=().,'"} <= BOTH


@pytest.mark.parametrize("key", keys.KEYS, ids=lambda key: f"{key.where}-{key.id}")
def test_each_key_that_is_shown_is_one_key_on_both(key: keys.Key) -> None:
    assert BOTH.issuperset(key.keys.split(",")[0].split())


def test_every_key_of_a_dialog_is_one_key_on_both_or_has_one_beside_it() -> None:
    for found in pkgutil.walk_packages(tracker.tui.__path__, "tracker.tui."):
        importlib.import_module(found.name)
    lacking = {
        (kind.__name__, action, tuple(sorted(names)))
        for kind in _kinds(DOMNode)
        if kind.__module__.startswith("tracker.")
        for action, names in _own(kind).items()
        if not any(BOTH.issuperset(name.split()) for name in names)
    }
    assert not lacking


def _kinds(kind: type[DOMNode]) -> set[type[DOMNode]]:
    below = set(kind.__subclasses__())
    return below.union(*map(_kinds, below)) if below else below


def _own(kind: type[DOMNode]) -> dict[str, set[str]]:
    """Return the keys of a class by what they do."""
    found: dict[str, set[str]] = {}
    for binding in kind.__dict__.get("BINDINGS", ()):
        assert isinstance(binding, Binding)
        if binding.action != "suspend_process":  # the shell's own, and not ours to choose
            found.setdefault(binding.action, set()).update(binding.key.split(","))
    return found
