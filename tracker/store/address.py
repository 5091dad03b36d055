"""Where a workspace on a database server is: the server's address, and the name there."""

from __future__ import annotations

import re

_URL = re.compile(r"postgres(?:ql)?://", re.IGNORECASE)
_PASSWORD = re.compile(r"://([^:/@]*):.*@", re.DOTALL)
# In a URL it ends at the next parameter; in `host=… password=…` an & is part of it, and so is what
# has a backslash before it. One whose last quote was forgotten is one to the end.
_NAMED_PASSWORD = re.compile(
    r"((?<=[?&])(?:ssl)?password=)[^&\s]*"
    r"|((?:ssl)?password\s*=\s*)(?:'(?:[^'\\]|\\.)*'?|(?:[^\s\\]|\\.)*)",
    re.IGNORECASE | re.DOTALL,
)
# Only behind the last slash, and with no @ behind it: else it may be part of a password.
_WORKSPACE = re.compile(r"(.*/[^/#]*)#([^/#@]+)", re.DOTALL)


def nameable(name: str) -> bool:
    """Return whether a workspace of that name can be told in an address, and typed again."""
    return name.isprintable() and not set("/#@") & set(name)


class Address:
    """What libpq takes as an address (a URL, or `host=… dbname=…`), and the name of a workspace.

    The name may stand in the URL behind `#`; empty, the only workspace there is meant. `password`
    is one that was asked for, and is kept for connecting anew.
    """

    def __init__(self, text: str, workspace: str = "") -> None:
        found = _WORKSPACE.fullmatch(text) if is_address(text) else None
        self.server, named = (found[1], found[2]) if found else (text, "")
        self.workspace = workspace or named
        self.password = ""

    @property
    def shown(self) -> str:
        """The server's address for people, without a password."""
        return masked(self.server)

    @property
    def tells_password(self) -> bool:
        """Whether a password stands in the address, for everybody who sees how it was called."""
        return self.shown != self.server

    def __str__(self) -> str:
        return f"{self.shown}#{self.workspace}" if self.workspace else self.shown


def is_address(text: str) -> bool:
    """Return whether a text is the URL of a database server, and no path."""
    return bool(_URL.match(text))


def masked(text: str) -> str:
    """Return a text in which an address may stand without the passwords of that."""
    return _NAMED_PASSWORD.sub(r"\1\2…", _PASSWORD.sub(r"://\1@", text))
