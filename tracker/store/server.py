"""A connection to a database server, and what its errors mean to people."""

from __future__ import annotations

import logging
import math
import os
import stat
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from importlib import resources
from typing import TYPE_CHECKING, Any

from tracker.domain.errors import Busy, Refused, StoreError, TooNew
from tracker.domain.sentence import Sentence, sentence
from tracker.store.address import Address, is_shown, masked
from tracker.store.log import Overtaken

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

# What the schema of this program is made by, one step after the other; see `setup`. A step that
# was released is never changed.
STEPS = ("server_schema_1.sql",)
# Older servers know no views that run with the rights of whoever asks.
_OLDEST_SERVER = 150000
# A path at which there is never a file.
_NOWHERE = os.path.join(os.devnull, "none")
# OpenSSL takes no longer passphrase, and says early in a file whether it needs one; in bytes.
_LONGEST_PHRASE, _LONGEST_HEAD = 1023, 1 << 16
# A connection is tried for so long, and its first answer waited for, in seconds: whoever lets one
# in may have nobody behind it.
_CONNECT = 5
_LIBPQ = {
    "connect_timeout": _CONNECT,
    "target_session_attrs": "read-write",
    # A server that has vanished without a word is noticed, in milliseconds and in seconds.
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
}
# No question of this program takes longer, in milliseconds; an import of 50,000 tasks takes 5 s.
_LONGEST = 120_000
# So long an answer is waited for, or more of one, in seconds: what stands between may keep a
# connection up to a server that is gone, and a server may stand still.
_ANSWER = 130.0
# What a connection is set to, whatever a role, a database or a machine is.
_SETTINGS = {
    # Names mean what PostgreSQL means by them, whatever functions somebody has put beside its own.
    "search_path": "pg_catalog",
    "statement_timeout": str(_LONGEST),
    # Who waits for another's record goes on from it, and need not begin again.
    "default_transaction_isolation": "read committed",
    "row_security": "on",
    # The functions of the schema, and the driver, read texts and times as they are by default.
    "standard_conforming_strings": "on",
    "datestyle": "ISO",
}
# What is confirmed is on the disk of the server, if on no other.
_BEGIN = (
    "SELECT "
    + ", ".join(f"pg_catalog.set_config('{name}', '{to}', false)" for name, to in _SETTINGS.items())
    + ", CASE pg_catalog.current_setting('synchronous_commit')"
    " WHEN 'off' THEN pg_catalog.set_config('synchronous_commit', 'local', false) END"
)
# What PostgreSQL says as it breaks a connection off, or cannot write on it any more; of classes 08
# and 57P all are so. Appendix A of its manual.
_READ_ONLY = "25006"
_AGAIN = ("40001", "40P01", "TR004")


class Unreachable(Busy):
    """The server does not answer; what is `lost` was a connection that had worked."""


class PasswordNeeded(StoreError):
    """The server at `address` asks for a password, or `key` for its passphrase; none is known.

    It may be in a file that is `unused`, since others may read that. libpq takes it as `option`.
    """

    def __init__(self, address: Address, unused: str = "", key: str = "") -> None:
        self.address, self.unused, self.key = address, unused, key
        self.option = "sslpassword" if key else "password"
        if key:
            super().__init__(
                sentence(
                    "{address} needs the passphrase of {file}; sslpassword in pg_service.conf"
                    " may hold it.",
                    address=address.shown,
                    file=key,
                )
            )
            return
        super().__init__(
            sentence(
                "{address} asks for a password. {file} is not used: it has to be a plain file that"
                " only you may read (`chmod 600 {file}`).",
                address=address.shown,
                file=unused,
            )
            if unused
            else sentence(
                "{address} asks for a password; ~/.pgpass may hold it.", address=address.shown
            )
        )


def driver() -> Any:
    """Return psycopg, which is no part of every installation; raises StoreError without it."""
    try:
        import psycopg
    except ImportError as error:
        raise StoreError(
            "A workspace on a database server needs psycopg: `pip install"
            " 'ways-back[postgres]'` installs it."
        ) from error
    # What it says beside its errors would get onto the screen.
    logging.getLogger("psycopg").setLevel(logging.CRITICAL)
    return psycopg


def connect(
    address: Address,
    purpose: str = "tracker",
    patience: float = 0.0,
    begun: Callable[[Connection], None] = lambda _connection: None,
) -> Connection:
    """Connect to the host that now writes, with every statement a transaction of its own.

    `purpose` is what the server shows of it, `patience` how long each answer is waited for, or
    more of it, in seconds, if less than for any; `begun` gets the connection before it is asked
    anything, for `give_up`. Raises Unreachable, PasswordNeeded or StoreError.
    """
    psycopg = driver()
    try:
        given = psycopg.conninfo.conninfo_to_dict(address.server)
    except (psycopg.Error, UnicodeError):
        # What libpq says of it may quote a password.
        raise _no_address(address) from None
    # Lines are sent as they are kept, whatever a role or a machine is set to.
    options: dict[str, Any] = {**_LIBPQ, **given, "client_encoding": "UTF8"}
    options["application_name"] = purpose[:63]
    if patience and "connect_timeout" not in given:
        options["connect_timeout"] = min(_CONNECT, math.ceil(patience))
    known = _known(options)
    unused, key = _unused_passwords(known), _locked_key(known)
    options |= address.typed
    with ExitStack() as unless_used:
        try:
            connection: Connection = unless_used.enter_context(
                psycopg.connect(
                    **options | _silent({**known, **options}, unused, key),
                    autocommit=True,
                    prepare_threshold=None,
                )
            )
            _limit(connection, patience or _ANSWER)
            begun(connection)
            with hurried(connection, min(patience or _CONNECT, _CONNECT)):
                connection.execute(_BEGIN)
        except psycopg.Error as error:
            raise _not_connected(error, address, options, unused, key) from None
        except UnicodeError:
            raise _no_address(address) from None
        if connection.info.server_version < _OLDEST_SERVER:
            raise StoreError("{address} is older than PostgreSQL 15.", address=address.shown)
        unless_used.pop_all()
    return connection


def _limit(connection: Connection, seconds: float) -> None:
    """Have a connection closed on which nothing comes for longer; see `hurried`."""
    this: Any = connection
    this.silence, this.given_up, usual = seconds, False, connection.wait

    def limited(answer: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        heard = time.monotonic()
        try:
            wanted = next(answer)
            while True:
                ready = yield wanted
                heard = time.monotonic() if ready else heard
                silent = time.monotonic() > heard + this.silence
                if not ready and (silent or this.given_up):
                    break
                wanted = answer.send(ready)
                # What has come is taken; of a long answer the rest is not waited for.
                if this.given_up:
                    break
        except StopIteration as done:
            return done.value
        connection.pgconn.finish()
        raise driver().OperationalError("the server does not answer")

    def wait(answer: Generator[Any, Any, Any], *more: Any, **named: Any) -> Any:
        return usual(limited(answer), *more, **named)

    this.wait = wait


@contextmanager
def hurried(connection: Connection, seconds: float) -> Iterator[None]:
    """Have a connection closed on which nothing comes for so long meanwhile, if not sooner."""
    this: Any = connection
    usual, this.silence = this.silence, min(seconds, this.silence)
    try:
        yield
    finally:
        this.silence = usual


def give_up(connection: Connection) -> None:
    """Have a connection closed as soon as it waits for an answer; may be called from any thread."""
    this: Any = connection
    this.given_up = True


def _no_address(address: Address) -> StoreError:
    return StoreError(
        "{address} is not the address of a database, such as postgresql://host/database.",
        address=address.shown,
    )


def _known(given: dict[str, Any]) -> dict[str, Any]:
    """Return what libpq is told, also by the environment and by a service, by its own names."""
    psycopg = driver()
    # Only a connection knows all of it; this one goes nowhere, and has a password.
    options = {"host": os.devnull, "hostaddr": "", "password": "-"}
    options |= {"service": given["service"]} if "service" in given else {}
    nowhere = psycopg.pq.PGconn.connect_start(psycopg.conninfo.make_conninfo(**options).encode())
    told = {
        each.keyword.decode(): (each.val or b"").decode(errors="surrogateescape")
        for each in nowhere.info
    }
    nowhere.finish()
    return told | given


def _silent(known: Mapping[str, Any], unused: str, key: str) -> dict[str, str]:
    """Return what keeps libpq from the terminal: there it warns and asks, whatever is shown."""
    found = {"passfile": _NOWHERE} if unused else {}
    if known.get("sslkeylogfile"):
        found["sslkeylogfile"] = ""
    if "sslpassword" in known:
        phrase = str(known["sslpassword"]).encode()[:_LONGEST_PHRASE].decode(errors="ignore")
        found["sslpassword"] = phrase or "-"
    if key and known.get("sslmode") in ("allow", "prefer"):
        # Whoever has a key is not connected in the clear since it cannot be used.
        found["sslmode"] = "require"
    return found


def _locked_key(known: Mapping[str, Any]) -> str:
    """Return the file of the key that cannot be used without a passphrase that is missing."""
    if known.get("sslpassword"):
        return ""
    file = _file(known, "sslkey", b"~/.postgresql/postgresql.key")
    with suppress(OSError), open(os.open(file, os.O_RDONLY | os.O_NONBLOCK), "rb") as stored:
        plain = stat.S_ISREG(os.fstat(stored.fileno()).st_mode)
        if plain and b"ENCRYPTED" in stored.read(_LONGEST_HEAD):
            return file.decode(errors="replace")
    return ""


def _unused_passwords(known: Mapping[str, Any]) -> str:
    """Return the file of passwords that libpq leaves aside, since others may read it; else ""."""
    file = _file(known, "passfile", b"~/.pgpass")
    try:
        mode = os.stat(file).st_mode
    except OSError:
        return ""
    alone = stat.S_ISREG(mode) and not mode & (stat.S_IRWXG | stat.S_IRWXO)
    return "" if alone else file.decode(errors="replace")


def _file(known: Mapping[str, Any], name: str, usual: bytes) -> bytes:
    """Return a file as libpq knows it, whatever the locale takes names of files to be."""
    told = str(known.get(name, ""))
    return told.encode(errors="surrogateescape") or os.path.expanduser(usual)


def _not_connected(
    error: psycopg.Error, address: Address, options: Mapping[str, Any], unused: str, key: str
) -> Exception:
    reason = masked(str(error)).strip()
    for name, value in options.items():
        if value and not is_shown(name):
            reason = reason.replace(str(value), "…")
    if getattr(error.pgconn, "needs_password", False) and not options.get("password"):
        return PasswordNeeded(address, unused)
    if key and key in str(error) and not address.typed.get("sslpassword"):
        return PasswordNeeded(address, key=key)
    host = str(options.get("host") or options.get("service") or "localhost")
    # Of each host that was tried there is a line; what is indented below goes on with it.
    lines = [line for line in reason.splitlines() if not line[:1].isspace()]
    last = lines[-1].strip() if lines else type(error).__name__
    return Unreachable(
        "{address} cannot be reached: {reason}", address=address.shown, reason=last, who=host
    )


def login(address: Address) -> str:
    """Return the role that connects."""
    with connect(address) as connection:
        return connection.info.user


def host_process() -> str:
    """Return this process as others are told of it, who wait for it."""
    return f"{os.getpid()}@{os.uname().nodename[:40]}"


def lost(error: psycopg.Error, connection: Connection) -> bool:
    """Return whether the connection can do nothing any more, or is one to a host that is no more.

    A host that only reads was the one that writes until another took over.
    """
    state = error.sqlstate or ""
    return connection.broken or connection.closed or state == _READ_ONLY or state[:3] == "57P"


def failure(error: psycopg.Error, name: str) -> StoreError | Refused:
    """Return what an error of the server means; `name` is that of the workspace."""
    state = error.sqlstate or ""
    if state in _AGAIN:
        return Overtaken(name)
    if state in _MEANINGS:
        return (Refused if state == "TR008" else StoreError)(meaning(state, name))
    reason = masked(error.diag.message_primary or str(error)).strip()
    if isinstance(error, driver().OperationalError) and (
        not state or state[:2] == "08" or state[:3] == "57P" or state == _READ_ONLY
    ):
        return Unreachable(
            "The server of {file} cannot be reached: {reason}",
            file=name,
            reason=reason.splitlines()[0] if reason else type(error).__name__,
            who=name,
        )
    return StoreError(
        "{file} could not be written ({reason}): nothing was changed.", file=name, reason=reason
    )


def meaning(state: str, name: str) -> Sentence:
    """Return what is said of a workspace where the server refuses with a code."""
    return Sentence(_MEANINGS[state].text, {"file": name})


# What the functions of the schema refuse, and what the server itself does, by its code.
_MEANINGS = {
    "TR001": sentence(
        "There is no workspace {file} that you may see; `tracker list-workspaces` names those."
    ),
    "TR002": sentence(
        "You may read {file}, but not change it: nothing was changed. Its owner can let you, with"
        " `tracker member add`."
    ),
    "TR003": sentence(
        "{file} is archived: nothing was changed. `tracker archive --restore` makes it"
        " active again."
    ),
    "TR005": sentence("Only an owner of {file} may do that: nothing was changed."),
    "TR006": sentence("Nobody can write to {file} in another's name: nothing was changed."),
    "TR008": sentence("{file} needs an owner: name another one first."),
    "TR010": sentence(
        "The server does not take this for a change of tracker's: nothing was changed in {file}."
    ),
    "53100": sentence(
        "The disk of the server is full: nothing was changed in {file}. Its administrator has to"
        " free some space."
    ),
    "57014": sentence("The server took too long: nothing was changed in {file}."),
    "42501": sentence("The server gives you no right to do that: nothing was changed in {file}."),
}


def silence(error: psycopg.Error, name: str) -> Sentence:
    """Return why nothing is heard of a workspace."""
    found = failure(error, name)
    if isinstance(found, Overtaken):
        return sentence("Nothing is heard of {file}.", file=name)
    return found.sentence


@contextmanager
def told(name: str) -> Iterator[None]:
    """Turn errors of the server into sentences."""
    psycopg = driver()
    try:
        yield
    except psycopg.Error as error:
        raise failure(error, name) from error
    except UnicodeError as error:
        raise Refused(
            "What is not Unicode cannot be kept on a server: nothing was changed in {file}.",
            file=name,
        ) from error


# --- the schema

# Who has parts of it, and may act neither as whoever asks nor as the owner of the database: members
# would call their functions.
_OTHERS = """
    SELECT DISTINCT pg_get_userbyid(owner) FROM (
        SELECT nspowner, oid FROM pg_namespace
        UNION SELECT relowner, relnamespace FROM pg_class
        UNION SELECT proowner, pronamespace FROM pg_proc
    ) AS part(owner, namespace)
    JOIN pg_database ON datname = current_database()
    WHERE namespace = to_regnamespace('tracker') AND pg_get_userbyid(owner) <> current_user
        AND NOT pg_has_role(owner, datdba, 'MEMBER')
    ORDER BY 1
"""


def setup(address: Address) -> tuple[int, int]:
    """Bring the schema in a database to that of this program; return its number before and after.

    Raises TooNew when a newer program has been there, StoreError where this role may not, or where
    somebody else who may create schemas has been there first.
    """
    with told(address.shown), connect(address) as connection, connection.transaction():
        # Two who do so at once do it one after the other.
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('tracker setup'))")
        row = connection.execute("SHOW server_encoding").fetchone()
        if row and row[0] != "UTF8":
            raise StoreError(
                "The database at {address} is not encoded in UTF-8; create one that is.",
                address=address.shown,
            )
        if others := connection.execute(_OTHERS).fetchall():
            raise StoreError(
                "Schema tracker at {address} belongs to {who}, neither to you nor to the owner of"
                " the database: nothing was changed. {who} can run `tracker setup`; what nobody"
                " uses a superuser can remove, with DROP SCHEMA tracker CASCADE.",
                address=address.shown,
                who=others[0][0],
            )
        before = version(connection)
        if before > len(STEPS):
            raise too_new(address)
        for number, step in enumerate(STEPS[before:], before + 1):
            connection.execute(_step(step).encode())
            connection.execute("UPDATE tracker.version SET number = %s", (number,))
    return before, len(STEPS)


def _step(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text("utf-8")


def version(connection: Connection) -> int:
    """Return the number of the schema in a database; 0 where there is none."""
    row = connection.execute("SELECT to_regclass('tracker.version') IS NOT NULL").fetchone()
    if not row or not row[0]:
        return 0
    row = connection.execute("SELECT number FROM tracker.version").fetchone()
    return int(row[0]) if row else 0


def demand_schema(connection: Connection, address: Address) -> str:
    """Raise TooNew or StoreError unless a database has the schema of this program.

    Returns by what the database is known again, whichever host it is asked through.
    """
    errors = driver().errors
    try:
        row = connection.execute("SELECT number, place FROM tracker.version").fetchone()
    except (errors.UndefinedTable, errors.InvalidSchemaName):
        row = None
    found, place = row or (0, "")
    if found > len(STEPS):
        raise too_new(address)
    if found < len(STEPS):
        raise StoreError(
            "{address} is not set up for this version of tracker; `tracker --db {address} setup`,"
            " run by the owner of the database, does that and keeps what is there.",
            address=address.shown,
        )
    return f"postgresql:{place}"


def too_new(address: Address) -> TooNew:
    """Return the error for a database that a newer program has set up."""
    return TooNew(
        "{address} was set up by a newer version of tracker. Update tracker to use it.",
        address=address.shown,
    )
