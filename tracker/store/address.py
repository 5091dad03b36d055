"""Where a workspace on a database server is: the server's address, and the name there."""

from __future__ import annotations

import re

_URL = re.compile(r"postgres(?:ql)?://", re.IGNORECASE)
_PASSWORD = re.compile(r"://([^:/@]*):.*", re.DOTALL)
# What libpq knows and is no secret; section 34.1.2 of PostgreSQL's manual. What it may know one
# day, and names written in other ways, may be one.
_SHOWN = (
    "service|user|passfile|channel_binding|connect_timeout|dbname|host|hostaddr|port|options"
    "|client_encoding|(?:fallback_)?application_name|keepalives\\w*|tcp_user_timeout|sslmode"
    "|sslnegotiation|sslcert|sslkey|sslcertmode|sslrootcert|sslcrl|sslcrldir|sslsni|requirepeer"
    "|require_auth|(?:ssl_)?m\\w+_protocol_version|gssencmode|krbsrvname|gsslib|gssdelegation"
    "|target_session_attrs|load_balance_hosts|oauth_issuer|oauth_client_id|oauth_scope"
)
# In a URL it ends at the next parameter; in `host=… password=…` an & is part of it, and so is what
# has a backslash before it. One whose last quote was forgotten is one to the end.
_SECRET = re.compile(
    rf"(?<![\w%])(?!(?:{_SHOWN})\s*=)"
    r"(?:((?<=[?&])[^=?&\s]*=)[^&\s]*"
    r"|([\w%]+\s*=\s*)(?:'(?:[^'\\]|\\.)*'?|(?:[^\s\\]|\\.)*))",
    re.DOTALL,
)
# Only behind the last slash, and with no @ behind it: else it may be part of a password.
_WORKSPACE = re.compile(r"(.*/[^/#]*)#([^/#@]+)", re.DOTALL)


def nameable(name: str) -> bool:
    """Return whether a workspace of that name can be told in an address, and typed again."""
    return name.isprintable() and not set("/#@") & set(name)


class Address:
    """What libpq takes as an address (a URL, or `host=… dbname=…`), and the name of a workspace.

    The name may stand in the URL behind `#`; empty, the only workspace there is meant. `typed` is
    what was asked for, by the names that libpq has for it, and is kept for connecting anew.
    """

    def __init__(self, text: str, workspace: str = "") -> None:
        found = _WORKSPACE.fullmatch(text) if is_address(text) else None
        self.server, named = (found[1], found[2]) if found else (text, "")
        self.workspace = workspace or named
        self.typed: dict[str, str] = {}

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
    """Return a text in which an address may stand without what of that may be secret."""
    before, at, rest = text.rpartition("@")
    return _SECRET.sub(r"\1\2…", _PASSWORD.sub(r"://\1", before) + at + rest)


def is_shown(name: str) -> bool:
    """Return whether the value of one of libpq's parameters is no secret."""
    return re.fullmatch(_SHOWN, name) is not None
