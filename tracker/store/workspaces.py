"""The workspaces in a database, and who their members are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from tracker.domain.errors import NotFound, Refused
from tracker.store import server
from tracker.store.address import Address, nameable

if TYPE_CHECKING:
    from tracker.store.server import Connection

Level = Literal["reader", "writer", "owner"]
LEVELS: tuple[Level, ...] = get_args(Level)


class Listed(NamedTuple):
    """A workspace as a member sees it; records up to `brought` came with a copy."""

    name: str
    seq: int
    level: Level
    created: datetime
    archived: datetime | None
    brought: int
    brought_by: str | None


class Member(NamedTuple):
    """Somebody who may read, write or own a workspace."""

    login: str
    level: Level


def find(connection: Connection, address: Address) -> tuple[int, str]:
    """Return key and name of the workspace that is meant; raises Refused and NotFound.

    Without a name it is the only one that is not archived.
    """
    if address.workspace:
        question = "SELECT id, name FROM tracker.workspace WHERE name = %s"
        row = connection.execute(question, (address.workspace,)).fetchone()
        if row is None:
            raise NotFound(
                "There is no workspace {name} that you may see at {address};"
                " `tracker list-workspaces` names those.",
                name=address.workspace,
                address=address.shown,
            )
        return row[0], row[1]
    question = "SELECT id, name FROM tracker.workspace WHERE archived IS NULL ORDER BY name"
    rows = connection.execute(question).fetchall()
    if not rows:
        raise NotFound(
            "There is no workspace that you may see at {address}; `tracker init NAME` creates one.",
            address=address.shown,
        )
    if len(rows) > 1:
        raise Refused(
            "Several workspaces are at {address}; choose one with #NAME: {names}.",
            address=address.shown,
            names=", ".join(row[1] for row in rows),
        )
    return rows[0][0], rows[0][1]


@contextmanager
def _opened(address: Address) -> Iterator[Connection]:
    with server.told(address.workspace or address.shown), server.connect(address) as connection:
        server.demand_schema(connection, address)
        yield connection


def listed(address: Address) -> list[Listed]:
    """Return the workspaces that this role may see, by name."""
    question = (
        "SELECT name, seq, tracker.level(id), created, archived, brought, brought_by"
        " FROM tracker.workspace ORDER BY name"
    )
    with _opened(address) as connection:
        return [Listed(*row) for row in connection.execute(question)]


def create(connection: Connection, address: Address) -> int:
    """Make an empty workspace that this role owns, and return its key; raises Refused."""
    psycopg = server.driver()
    name = address.workspace.strip()
    if not nameable(name):
        raise Refused(
            "{name} cannot be the name of a workspace: in an address there can be no /, # or @ in"
            " it, and no sign that does not print.",
            name=repr(name),
        )
    try:
        row = connection.execute("SELECT tracker.create_workspace(%s)", (name,)).fetchone()
    except psycopg.errors.UniqueViolation:
        raise Refused(
            "There is already a workspace {name} at {address}.", name=name, address=address.shown
        ) from None
    except psycopg.errors.CheckViolation:
        raise Refused("{name} cannot be the name of a workspace.", name=repr(name)) from None
    except psycopg.Error as error:
        if error.sqlstate == "TR009":
            raise Refused(
                "You may create no workspace at {address}: its administrator can let you, with"
                " GRANT CREATE ON DATABASE.",
                address=address.shown,
            ) from None
        raise
    return int(row[0]) if row else 0


def init(address: Address) -> None:
    """Make an empty workspace that this role owns."""
    with _opened(address) as connection:
        create(connection, address)


def archive(address: Address, *, away: bool) -> None:
    """Put a workspace away, where it can only be read, or take it up `again`."""
    with _opened(address) as connection:
        key, _ = find(connection, address)
        connection.execute("SELECT tracker.archive(%s, %s)", (key, away))


def members(address: Address) -> list[Member]:
    """Return the members of a workspace, by login."""
    with _opened(address) as connection:
        key, _ = find(connection, address)
        question = "SELECT login, level FROM tracker.member WHERE workspace = %s ORDER BY login"
        return [Member(*row) for row in connection.execute(question, (key,))]


def set_member(address: Address, login: str, level: Level | None) -> None:
    """Make a role a member, or change what it may; without a level it is none any more.

    Raises NotFound when there is no such role or member, Refused for the last owner.
    """
    psycopg = server.driver()
    with _opened(address) as connection:
        key, name = find(connection, address)
        try:
            connection.execute("SELECT tracker.set_member(%s, %s, %s)", (key, login, level))
        except psycopg.Error as error:
            if error.sqlstate != "TR007":
                raise server.failure(error, name) from error
            if level is None:
                raise NotFound(
                    "{login} is not a member of {name}.", login=login, name=name
                ) from None
            raise NotFound(
                "The server has no role {login}; its administrator creates it, with CREATE ROLE"
                " {login} LOGIN.",
                login=login,
            ) from None
