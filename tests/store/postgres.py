"""A PostgreSQL server of the tests' own: started in a temporary folder, on loopback."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from typing import Any

from tests.needs import missing, program
from tracker.store import server
from tracker.store.address import Address

# Roles that may connect: all who may be members, and one who sets everything up.
PEOPLE = ("anna", "bob", "carol", "dora", "emil")
KEEPER = "keeper"
# It is up within moments; on a busy machine it may take longer, in seconds.
_PATIENCE = 60.0
_CONFIG = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
shared_buffers = 32MB
log_min_messages = fatal
"""


class Server:
    """A server in a folder; `durable` if it has to survive what a disk does to others."""

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        self._programs = _programs()
        self._user = _somebody()
        self.folder, self.data = folder, folder / "data"
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._durable = durable
        if self._user:
            shutil.chown(folder, self._user)

    def initialise(self) -> None:
        """Make an empty cluster."""
        self.run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
                 "--locale=C", "--no-sync", "--no-instructions")  # fmt: skip
        self.configure(_CONFIG, *([] if self._durable else ["fsync = off"]))

    def follow(self, primary: Server, name: str) -> None:
        """Make a copy of a running server that streams from it, called `name`."""
        self.run("pg_basebackup", "-D", self.data, "-U", "postgres", "-h", "127.0.0.1",
                 "-p", str(primary.port), "-c", "fast", "--no-sync", "-X", "stream")  # fmt: skip
        (self.data / "standby.signal").touch()
        link = f"host=127.0.0.1 port={primary.port} user=postgres application_name={name}"
        self.configure(f"primary_conninfo = '{link}'")

    def configure(self, *lines: str) -> None:
        """Add lines to the settings, which the next start reads."""
        with (self.data / "postgresql.conf").open("a") as file:
            file.writelines(line + "\n" for line in lines)

    def run(self, program: str, *arguments: str | Path) -> None:
        """Run a program of the server's."""
        subprocess.run(
            [self._programs / program, *arguments],
            cwd=self.folder,
            user=self._user,
            group=self._user and pwd.getpwnam(self._user).pw_gid,
            extra_groups=[] if self._user else None,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C", "HOME": str(self.folder)},
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def start(self, *, wait: bool = True) -> None:
        """Start it, and wait until it can be connected to, unless others find out about that."""
        call = [self._programs / "postgres", "-D", self.data, "-p", str(self.port)]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*self.guard(), *map(str, call)],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                env={"PATH": os.environ["PATH"], "LC_ALL": "C", "PGTZ": "UTC"},
                start_new_session=True,
            )
        end = time.monotonic() + _PATIENCE
        while wait and not self._answers():
            assert self._process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < end
            time.sleep(0.02)

    def guard(self) -> list[str]:
        """Return what starts a program as the one who may, to end with whoever has started it."""
        setpriv = which("setpriv")
        if setpriv is None:
            return []
        guard = [setpriv, "--pdeathsig", "QUIT"]
        if self._user:
            group = str(pwd.getpwnam(self._user).pw_gid)
            guard += ["--reuid", self._user, "--regid", group, "--clear-groups"]
        return guard

    def _answers(self) -> bool:
        with suppress(Exception), self.superuser():
            return True
        return False

    def stop(self) -> None:
        """Stop it as an administrator does, at once."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait()

    def kill(self) -> None:
        """End it as a power cut does: the server, and all it has started."""
        assert self._process is not None
        # Its shared memory, the last but one thing it says of itself, would outlive it.
        shared = (self.data / "postmaster.pid").read_text().splitlines()[6].split()
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        subprocess.run(["ipcrm", "-m", shared[1]], check=False)

    def promote(self) -> None:
        """Have a server that followed another write from now on."""
        self.run("pg_ctl", "promote", "-D", self.data, "-w")

    @contextmanager
    def superuser(self, database: str = "postgres") -> Iterator[Any]:
        """Connect as the one who may do everything."""
        psycopg = server.driver()
        where = f"host=127.0.0.1 port={self.port} dbname={database} user=postgres connect_timeout=5"
        with psycopg.connect(where, autocommit=True) as connection:
            yield connection

    def create(self, database: str) -> None:
        """Make a database with the schema in it, and the roles if they are not there."""
        with self.superuser() as connection:
            known = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
            for role in {KEEPER, *PEOPLE} - known:
                connection.execute(f"CREATE ROLE {role} LOGIN")
            connection.execute(f"CREATE DATABASE {database} OWNER {KEEPER}")
            connection.execute(f"GRANT CREATE ON DATABASE {database} TO anna")
        server.setup(Address(self.url(KEEPER, database)))

    def url(self, role: str, database: str = "plans") -> str:
        """Return the address of a database for a role."""
        return f"postgresql://{role}@127.0.0.1:{self.port}/{database}"

    def close(self) -> None:
        """Stop it, and remove all there was of it."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def running(*, durable: bool = False) -> Iterator[Server]:
    """Start a server with an empty cluster."""
    found = Server(new_folder(), durable=durable)
    try:
        found.initialise()
        found.start()
        yield found
    finally:
        found.close()


@contextmanager
def pooled(postgres: Server) -> Iterator[int]:
    """Start a pooler before a server, which lends connections for a transaction; gives its port."""
    call, folder, port = program("pgbouncer"), new_folder(), _free_port()
    (folder / "users").write_text("".join(f'"{role}" ""\n' for role in PEOPLE))
    (folder / "settings").write_text(
        f"[databases]\n* = host=127.0.0.1 port={postgres.port}\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
        f"auth_type = trust\nauth_file = {folder / 'users'}\npool_mode = transaction\n"
    )
    if user := _somebody():
        for each in (folder, *folder.iterdir()):
            shutil.chown(each, user)
    with (folder / "log").open("ab") as log:
        call_as = [*postgres.guard(), call, str(folder / "settings")]
        process = subprocess.Popen(call_as, stdout=log, stderr=log)
    try:
        end = time.monotonic() + _PATIENCE
        while _refused(port):
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < end
            time.sleep(0.02)
        yield port
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def encrypting(certificate: Path, key: Path, passphrase: str) -> Iterator[int]:
    """Agree to TLS as a server does, and hang up then; gives the port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key, passphrase)

    def agree(caller: socket.socket) -> None:
        caller.recv(8)
        caller.sendall(b"S")
        context.wrap_socket(caller, server_side=True).close()

    with _answering(agree) as port:
        yield port


@contextmanager
def demanding() -> Iterator[str]:
    """Ask everybody for a password as a server does; gives the place."""

    def ask(caller: socket.socket) -> None:
        caller.recv(1000)
        caller.sendall(b"R" + struct.pack("!II", 8, 3))
        caller.recv(1000)

    with _answering(ask) as port:
        yield f"host=127.0.0.1 port={port} user=anna sslmode=disable gssencmode=disable"


@contextmanager
def _answering(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    def serve() -> None:
        while True:
            try:
                each, _ = listening.accept()
            except OSError:
                return
            with suppress(OSError), each:
                answer(each)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield int(listening.getsockname()[1])
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


def locked_key(folder: Path, passphrase: str) -> tuple[Path, Path]:
    """Make a certificate and its key, which the passphrase opens."""
    certificate, key = folder / "anna.crt", folder / "anna.key"
    subprocess.run(
        [program("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-subj", "/CN=anna",
         "-passout", f"pass:{passphrase}", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    key.chmod(0o600)
    return certificate, key


def _refused(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) != 0


def new_folder() -> Path:
    """Make a folder that whoever the server runs as can reach: those of pytest are closed."""
    return Path(tempfile.mkdtemp(prefix="tracker-pg-"))


def _programs() -> Path:
    """Return where the server's programs are; without them the test that asks is skipped."""
    if find_spec("psycopg") is None:
        missing("psycopg is not installed: what is kept on a server is not tested")
    found = which("initdb")
    places = [Path(found).parent] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    for place in places:
        if (place / "postgres").exists() and (place / "pg_basebackup").exists():
            return place
    return missing("PostgreSQL is not installed: what is kept on a server is not tested")


def _version(place: Path) -> int:
    name = place.parent.name
    return int(name) if name.isdecimal() else 0


def _somebody() -> str | None:
    """Return who the server is to run as: it refuses root."""
    if os.geteuid():
        return None
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    return missing("there is nobody but root to run PostgreSQL")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
