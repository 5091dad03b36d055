"""Databases are set up once, brought up to date, and refused where they are none of ours."""

from __future__ import annotations

import sys
import threading
import time
import uuid
from contextlib import closing
from importlib import resources
from pathlib import Path

import pytest

from tests.store import postgres as postgres_module
from tests.store.postgres import KEEPER, Server, encrypting, locked_key
from tests.store.writers import AT, add
from tracker.domain.errors import NotFound, Refused, StoreError, TooNew, TrackerError
from tracker.domain.model import KINDS
from tracker.store import codec, server, workspaces
from tracker.store.address import Address, masked
from tracker.store.server import PasswordNeeded, Unreachable
from tracker.store.store import Store


@pytest.fixture(scope="module")
def fresh(postgres: Server) -> str:
    """Make an empty database, and return its address for who owns it."""
    with postgres.superuser() as root:
        root.execute("DROP DATABASE IF EXISTS fresh WITH (FORCE)")  # of the module begun before
        root.execute(f"CREATE DATABASE fresh OWNER {KEEPER}")
    return postgres.url(KEEPER, "fresh")


def test_setting_up_is_done_once_whoever_comes_first(fresh: str) -> None:
    with pytest.raises(StoreError, match=r"not set up for this version .* setup`"):
        workspaces.init(Address(fresh, "erp"))
    steps = len(server.STEPS)
    found: list[tuple[int, int]] = []
    both = [
        threading.Thread(target=lambda: found.append(server.setup(Address(fresh)))) for _ in "ab"
    ]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert sorted(found) == [(0, steps), (steps, steps)]
    workspaces.init(Address(fresh, "erp"))
    assert server.setup(Address(fresh)) == (steps, steps)
    assert [each.name for each in workspaces.listed(Address(fresh))] == ["erp"]


def test_older_databases_are_brought_up_to_date_and_newer_ones_refused(
    fresh: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.setup(Address(fresh))
    steps, real = server.STEPS, server._step
    monkeypatch.setattr(server, "STEPS", (*steps, "next.sql"))
    step = "ALTER TABLE tracker.workspace ADD COLUMN IF NOT EXISTS colour text"
    monkeypatch.setattr(server, "_step", lambda name: step if name == "next.sql" else real(name))
    with pytest.raises(StoreError, match="not set up for this version"):
        workspaces.listed(Address(fresh))
    assert server.setup(Address(fresh)) == (len(steps), len(steps) + 1)
    assert server.setup(Address(fresh)) == (len(steps) + 1, len(steps) + 1)
    assert workspaces.listed(Address(fresh)) is not None
    monkeypatch.setattr(server, "STEPS", steps)
    for refused in (server.setup, workspaces.listed):
        with pytest.raises(TooNew, match="newer version of tracker"):
            refused(Address(fresh))
    with server.connect(Address(fresh)) as connection:
        connection.execute("UPDATE tracker.version SET number = %s", (len(steps),))


def test_what_goes_wrong_in_setting_up_leaves_nothing(
    postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with postgres.superuser() as root:
        root.execute(f"CREATE DATABASE broken OWNER {KEEPER}")
    address = Address(postgres.url(KEEPER, "broken"))
    monkeypatch.setattr(server, "STEPS", (*server.STEPS, "wrong.sql"))
    real = server._step
    monkeypatch.setattr(server, "_step", lambda n: "nonsense" if n == "wrong.sql" else real(n))
    with pytest.raises(StoreError):
        server.setup(address)
    monkeypatch.undo()
    with server.connect(address) as connection:
        assert server.version(connection) == 0
    with pytest.raises(StoreError, match="gives you no right"):
        server.setup(Address(postgres.url("bob", "broken")))


@pytest.mark.parametrize(
    "by_others",
    [
        ["CREATE SCHEMA tracker", "CREATE TABLE tracker.version AS SELECT 1 number, '' place"],
        ["ALTER FUNCTION tracker.mine() OWNER TO anna"],
        ["ALTER TABLE tracker.member OWNER TO anna"],
    ],
)
def test_what_others_have_laid_down_beforehand_is_not_believed(
    postgres: Server, by_others: list[str]
) -> None:
    database = f"before_{uuid.uuid4().hex[:8]}"
    with postgres.superuser() as root:
        root.execute(f"CREATE DATABASE {database} OWNER {KEEPER}")
        root.execute(f"GRANT CREATE ON DATABASE {database} TO anna, bob")
    address, bobs = Address(postgres.url(KEEPER, database)), Address(postgres.url("bob", database))
    made = by_others[0] == "CREATE SCHEMA tracker"
    if not made:
        server.setup(address)
    with postgres.superuser(database) as root:
        if made:
            root.execute("SET ROLE anna")
        for each in by_others:
            root.execute(each)
    for refused in (address, bobs, Address(address.server.replace(KEEPER, "postgres"))):
        with pytest.raises(StoreError, match=r"Schema tracker at .* belongs to anna, neither"):
            server.setup(refused)


def test_whoever_acts_for_the_owner_of_the_database_brings_up_to_date_what_others_of_them_made(
    postgres: Server,
) -> None:
    with postgres.superuser() as root:
        root.execute("CREATE ROLE admins")
        root.execute("GRANT admins TO anna, emil")
        root.execute("CREATE DATABASE grouped OWNER admins")
    steps = len(server.STEPS)
    for role, before in {"anna": 0, "emil": steps, "postgres": steps}.items():
        assert server.setup(Address(postgres.url(role, "grouped"))) == (before, steps)


def test_a_database_that_cannot_hold_every_text_is_refused(postgres: Server) -> None:
    with postgres.superuser() as root:
        root.execute(
            f"CREATE DATABASE latin OWNER {KEEPER} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0"
        )
    with pytest.raises(StoreError, match="not encoded in UTF-8"):
        server.setup(Address(postgres.url(KEEPER, "latin")))


def test_the_tables_know_every_kind_there_is(postgres: Server) -> None:
    with postgres.superuser("plans") as root:
        [(kinds,)] = root.execute("SELECT tracker.kinds()")
        [(documents,)] = root.execute("SELECT tracker.documents()")
    assert kinds == list(KINDS), "a new kind needs a step of the schema that knows it"
    assert documents == codec.schema(), "a new schema needs a step that brings documents to it"


def test_every_function_that_has_the_owners_rights_has_a_path_of_its_own() -> None:
    text = resources.files("tracker.store").joinpath(server.STEPS[0]).read_text("utf-8")
    rights = text.count("SECURITY DEFINER")
    assert rights == text.count("SECURITY DEFINER SET search_path = pg_catalog, pg_temp") > 10


def test_one_workspace_needs_no_name_and_several_do(fresh: str) -> None:
    server.setup(Address(fresh))
    there = {each.name for each in workspaces.listed(Address(fresh))}
    for name in {"erp", "crm"} - there:
        workspaces.init(Address(fresh, name))
    with pytest.raises(Refused, match="crm, erp"):
        Store.open(Address(fresh))
    workspaces.archive(Address(fresh, "crm"), away=True)
    with closing(Store.open(Address(fresh))) as store:
        store.commit(add("x"), at=AT, who=KEEPER)
        here = store.place
    # Whatever remembers something of it knows it again, however it is reached.
    with closing(Store.open(Address(fresh.replace("127.0.0.1", "localhost") + "#erp"))) as store:
        assert store.workspace.seq >= 1
        assert store.place == here
        assert here.endswith("#erp")
    with pytest.raises(NotFound, match="There is no workspace nix that you may see"):
        Store.open(Address(fresh, "nix"))


@pytest.mark.parametrize("name", ["a/b", "a#b", "a@b", "a\x1b[1mb", "a\nb", "a\u202eb", "a\udcffb"])
def test_a_workspace_has_a_name_that_an_address_can_tell(fresh: str, name: str) -> None:
    server.setup(Address(fresh))
    with pytest.raises(Refused, match="cannot be the name of a workspace"):
        workspaces.init(Address(fresh, name))
    with pytest.raises(TrackerError):
        Store.open(Address(fresh, name))


def test_members_may_call_what_they_need_where_functions_are_nobodys_by_default(
    postgres: Server,
) -> None:
    with postgres.superuser() as root:
        root.execute(f"CREATE DATABASE strict OWNER {KEEPER}")
    address = Address(postgres.url(KEEPER, "strict"), "erp")
    with server.connect(address) as keeper:
        keeper.execute("ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC")
    server.setup(address)
    workspaces.init(address)
    workspaces.set_member(address, "anna", "writer")
    with closing(Store.open(Address(postgres.url("anna", "strict"), "erp"))) as store:
        store.commit(add("Konzept"), at=AT, who="anna")
    with server.connect(address) as keeper:
        assert keeper.execute("SELECT title FROM tracker.task").fetchall() == [("Konzept",)]


# --- addresses, passwords, and servers that are not there


@pytest.mark.parametrize(
    ("text", "server_part", "name", "shown"),
    [
        ("postgresql://h/plans", "postgresql://h/plans", "", "postgresql://h/plans"),
        ("postgresql://h/plans#erp", "postgresql://h/plans", "erp", "postgresql://h/plans"),
        ("postgres://u:pw@a,b:5433/p?port=1#ä b", "postgres://u:pw@a,b:5433/p?port=1", "ä b",
         "postgres://u@a,b:5433/p?port=1"),
        ("postgresql://u:p#w@h/plans", "postgresql://u:p#w@h/plans", "",
         "postgresql://u@h/plans"),
        ("postgresql://u:p@s/s@h/plans", "postgresql://u:p@s/s@h/plans", "",
         "postgresql://u@h/plans"),
        ("postgresql://u:p#w@h", "postgresql://u:p#w@h", "", "postgresql://u@h"),
        ("postgresql://u:p/s#w@h", "postgresql://u:p/s#w@h", "", "postgresql://u@h"),
        ("postgresql://h/p?user=u&password=geheim&sslmode=require",
         "postgresql://h/p?user=u&password=geheim&sslmode=require", "",
         "postgresql://h/p?user=u&password=…&sslmode=require"),
        ("host=h password='ge heim' dbname=plans", "host=h password='ge heim' dbname=plans", "",
         "host=h password=… dbname=plans"),
        ("host=h password=Tom&Jerry dbname=plans", "host=h password=Tom&Jerry dbname=plans", "",
         "host=h password=… dbname=plans"),
        (r"host=h password=ge\ heim dbname=plans", r"host=h password=ge\ heim dbname=plans", "",
         "host=h password=… dbname=plans"),
        ("host=h password='ge heim", "host=h password='ge heim", "", "host=h password=…"),
        ("service=plans", "service=plans", "", "service=plans"),
        *[
            (f"{before}{name}=geheim", f"{before}{name}=geheim", "", f"{before}{name}=…")
            for before in ("postgresql://h/p?", "postgresql://h/p?port=1&", "host=h ")
            for name in ("oauth_client_secret", "scram_client_key", "sslpassword", "pass%77ord")
        ],
    ],
)  # fmt: skip
def test_an_address_is_a_server_and_a_name_and_shows_no_password(
    text: str, server_part: str, name: str, shown: str
) -> None:
    address = Address(text)
    assert (address.server, address.workspace, address.shown) == (server_part, name, shown)
    assert address.tells_password == (shown != server_part)
    assert str(address) == (f"{shown}#{name}" if name else shown)


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://u:geheim@127.0.0.1:1/plans",
        "postgresql://u:geheim@127.0.0.1:x/plans",
        "postgresql://127.0.0.1/plans?password=geheim&nonsense=1",
        "host=127.0.0.1 port=1 password=geheim",
        "password='geheim host=127.0.0.1",
        "postgresql://u:geheim@nowhere.invalid/plans",
        "postgresql://127.0.0.1:1/plans?pass%77ord=geheim",
        "postgresql://127.0.0.1:1/plans?scram_client_key=geheim",
        "host=127.0.0.1 port=1 scram_server_key=geheim",
        "host=127.0.0.1 port=1 oauth_client_secret=geheim",
        "host='h password='geheim'",
        f"postgresql://u:geheim@{'x' * 70}.invalid/plans",
        "postgresql://u:geheim@127.0.0.1/pl\udcffns",
    ],
)
def test_no_error_tells_a_password(text: str) -> None:
    with pytest.raises(StoreError) as error:
        server.connect(Address(text))
    assert "geheim" not in str(error.value)
    assert "geheim" not in repr(error.value.__cause__)


def test_what_is_known_and_no_secret_is_shown() -> None:
    named = {each.keyword.decode(): each for each in server.driver().pq.Conninfo.get_defaults()}
    secret = {name for name in named if masked(f"{name}=x") != f"{name}=x"}
    assert secret >= {name for name, each in named.items() if each.dispchar == b"*"}
    assert secret <= {
        *("password", "sslpassword", "oauth_client_secret", "scram_client_key"),
        *("scram_server_key", "sslkeylogfile", "replication", "sslcompression"),
    }


@pytest.mark.parametrize(
    "part", ["?", "&a", "a ", "%", "a=", "x='", "=\\", " ", "://a:", "@://a:", "://"]
)
def test_secrets_are_found_at_once_in_any_address(part: str) -> None:
    begun = time.process_time()
    masked(part * 50_000)
    assert time.process_time() - begun < 5.0


def test_a_connection_that_cannot_be_set_up_is_not_left_open(
    postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "_BEGIN", "SELECT nonsense")
    with pytest.raises(Unreachable):
        server.connect(Address(postgres.url(KEEPER)), "left open?")
    with postgres.superuser() as root:
        asked = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'left open?'"
        for _ in range(100):
            row = root.execute(asked).fetchone()
            if row == (0,):
                break
            time.sleep(0.1)
        assert row == (0,)


def test_a_password_that_is_asked_for_is_kept_for_connecting_anew(
    postgres: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with postgres.superuser() as root:
        root.execute("SET password_encryption = 'scram-sha-256'")
        root.execute("CREATE ROLE locked LOGIN PASSWORD 'geheim'")
        access = postgres.data / "pg_hba.conf"
        rule = "host all locked 127.0.0.1/32 scram-sha-256\n"
        access.write_text(rule + access.read_text())
        root.execute("SELECT pg_reload_conf()")
    address = Address(postgres.url("locked"))
    with pytest.raises(PasswordNeeded) as needed:
        server.connect(address)
    assert needed.value.address is address
    address.typed["password"] = "falsch-geheim"  # noqa: S105  # that of a role of the tests' own server
    with pytest.raises(Unreachable, match="password authentication failed") as refused:
        server.connect(address)
    assert "falsch" not in str(refused.value)
    address.typed["password"] = "geheim"  # noqa: S105
    for _ in range(2):
        server.connect(address).close()
    # And as libpq does everywhere: from its file of passwords, and never without the TLS asked for.
    passwords = tmp_path / "pgpass"
    passwords.write_text("127.0.0.1:*:*:locked:geheim\n")
    passwords.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(passwords))
    server.connect(Address(postgres.url("locked"))).close()
    passwords.chmod(0o640)
    with pytest.raises(PasswordNeeded, match=f"{passwords} is not used: it has to be a plain file"):
        server.connect(Address(postgres.url("locked")))
    with pytest.raises(Unreachable, match="does not support SSL"):
        server.connect(Address(postgres.url("locked") + "?sslmode=require"))


@pytest.mark.parametrize("kind", ["open", "folder", "named in the address"])
def test_a_file_of_passwords_that_is_not_used_writes_nothing_on_the_terminal(
    postgres: Server,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    kind: str,
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    passwords = tmp_path / ".pgpass"
    if kind == "folder":
        passwords.mkdir()
    else:
        passwords.write_text("*:*:*:*:geheim\n")
        passwords.chmod(0o640)
    url = postgres.url("anna")
    address = Address(f"{url}?passfile={passwords}" if kind == "named in the address" else url)
    server.connect(address).close()
    assert not "".join(capfd.readouterr())


def test_libpq_neither_asks_nor_warns_on_the_terminal_where_a_key_is_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    certificate, key = locked_key(tmp_path, "geheim")
    services = tmp_path / "services"
    monkeypatch.setenv("PGSERVICEFILE", str(services))
    with encrypting(certificate, key, "geheim") as port:
        told = f"host=127.0.0.1 port={port} user=anna sslcert={certificate} sslkey={key}"
        services.write_text("[plans]\n" + told.replace(" ", "\n"))
        for text in (told, "service=plans"):
            address = Address(text)
            with pytest.raises(PasswordNeeded, match=f"needs the passphrase of {key}"):
                server.connect(address)
            address.typed["sslpassword"] = "falsch" * 400
            with pytest.raises(Unreachable, match="could not load private key") as refused:
                server.connect(address)
            assert "falsch" not in str(refused.value)
            address.typed["sslpassword"] = "geheim"
            with pytest.raises(Unreachable) as hung_up:
                server.connect(address)
            assert "private key" not in str(hung_up.value)
        # What only newer ones know.
        if "sslkeylogfile" in server._known({}):
            address = Address(f"{told} sslmode=require sslkeylogfile=/dev/null/none")
            address.typed["sslpassword"] = "geheim"
            with pytest.raises(Unreachable):
                server.connect(address)
    assert not "".join(capfd.readouterr())


def test_services_and_hosts_in_turn_are_understood(
    postgres: Server,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
    capfd: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path_factory.mktemp("service") / "pg_service.conf"
    file.write_text(f"[plans]\nhost=127.0.0.1\nport={postgres.port}\nuser=anna\ndbname=plans\n")
    monkeypatch.setenv("PGSERVICEFILE", str(file))
    assert server.login(Address("service=plans")) == "anna"
    assert server.login(Address("postgresql:///?service=plans")) == "anna"
    # Also where libpq would warn of a file of passwords, or one is named there.
    passwords = file.parent / ".pgpass"
    passwords.write_text("*:*:*:*:geheim\n")
    passwords.chmod(0o640)
    monkeypatch.setenv("HOME", str(file.parent))
    assert server.login(Address("service=plans")) == "anna"
    assert not "".join(capfd.readouterr())
    assert server._unused_passwords(server._known({"service": "plans"})) == str(passwords)
    with file.open("a") as more:
        more.write(f"passfile={file.parent / 'own'}\n")
    assert server._unused_passwords(server._known({"service": "plans"})) == ""
    both = f"postgresql://bob@127.0.0.1:1,127.0.0.1:{postgres.port}/plans?sslmode=disable"
    assert server.login(Address(both)) == "bob"


@pytest.mark.parametrize("strict", [False, True])
def test_without_a_server_tests_are_skipped_and_say_so_but_never_in_the_checks(
    monkeypatch: pytest.MonkeyPatch, strict: bool
) -> None:
    monkeypatch.setattr(postgres_module, "which", lambda _name: None)
    monkeypatch.setattr(Path, "glob", lambda *_: iter(()))
    monkeypatch.setenv("NOTHING_SKIPPED", "1" if strict else "")
    said = pytest.fail.Exception if strict else pytest.skip.Exception
    with pytest.raises(said, match="PostgreSQL is not installed: what is kept on a server"):
        postgres_module._programs()


def test_without_the_driver_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match=r"pip install 'ways-back\[postgres\]'"):
        Store.open(Address("postgresql://h/plans"))
