"""Who may do what on a server, with the program and beside it: five roles, and direct SQL."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from tests.store.postgres import KEEPER, Server
from tests.store.writers import AT, add
from tracker.domain.change import Record
from tracker.domain.errors import NotFound, Refused, StoreError
from tracker.session import Session
from tracker.store import codec, server, workspaces
from tracker.store.address import Address
from tracker.store.copying import copy
from tracker.store.server_check import repair
from tracker.store.store import Store
from tracker.store.workspaces import Member

# anna owns the workspace, bob writes, carol reads, dora is no member, emil is one of another.
TABLES = ("workspace", "member", "log", "checkpoint", "entity")
VIEWS = ("project", "department", "person", "system", "task", "link", "pass", "record")


@pytest.fixture
def shared(place: Address) -> Address:
    """Make a workspace with members, and one record."""
    workspaces.set_member(place, "bob", "writer")
    workspaces.set_member(place, "carol", "reader")
    other = Address(place.server, place.workspace + "-2")
    workspaces.init(other)
    workspaces.set_member(other, "emil", "reader")
    with closing(Store.open(place)) as store:
        store.commit(add("Firewall"), at=AT, who="anna")
        store.checkpoint()
    return place


def seen_by(role: str, place: Address) -> Address:
    """Return the place as a role reaches it."""
    return Address(place.server.replace("anna@", f"{role}@"), place.workspace)


@pytest.fixture
def sql(postgres: Server) -> Callable[..., list[tuple[Any, ...]]]:
    """Return what runs a statement as a role, and returns its rows."""
    psycopg = server.driver()

    def run(role: str, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(postgres.url(role), autocommit=True) as connection:
            done = connection.execute(statement, values or None)
            return list(done.fetchall()) if done.description else []

    return run


def key_of(place: Address, sql: Any) -> int:
    return int(
        sql(KEEPER, "SELECT id FROM tracker.workspace WHERE name = %s", place.workspace)[0][0]
    )


def test_who_is_no_member_sees_nothing(shared: Address, sql: Any) -> None:
    key = key_of(shared, sql)
    wheres = dict.fromkeys(TABLES, f"workspace = {key}")
    wheres |= dict.fromkeys(VIEWS, f"workspace = '{shared.workspace}'")
    wheres["workspace"] = f"id = {key}"
    count = " UNION ALL ".join(
        f"SELECT '{name}', count(*) FROM tracker.{name} WHERE {where}"  # noqa: S608
        for name, where in wheres.items()
    )
    seen = dict(sql(KEEPER, count))
    assert {name for name, rows in seen.items() if rows} == {*TABLES, "task", "record"}
    for role in ("anna", "bob", "carol"):
        assert dict(sql(role, count)) == seen, role
    for role in ("dora", "emil"):
        assert dict(sql(role, count)) == dict.fromkeys(wheres, 0), role


def test_who_is_no_member_is_told_of_none_and_opens_none(shared: Address) -> None:
    names = [each.name for each in workspaces.listed(seen_by("dora", shared))]
    assert shared.workspace not in names
    with pytest.raises(NotFound, match="that you may see"):
        Store.open(seen_by("dora", shared))
    emils = [(each.name, each.level) for each in workspaces.listed(seen_by("emil", shared))]
    assert (shared.workspace + "-2", "reader") in emils
    assert not any(name == shared.workspace for name, _ in emils)


def test_a_reader_reads_and_can_change_nothing(shared: Address) -> None:
    with closing(Store.open(seen_by("carol", shared))) as store:
        assert [task.title for task in store.workspace.tasks.values()] == ["Firewall"]
        with pytest.raises(StoreError, match=r"You may read .*, but not change it"):
            store.commit(add("x"), at=AT, who="carol")
        assert store.catch_up() == []
    for role in ("carol", "bob"):
        with pytest.raises(StoreError, match="Only an owner"):
            workspaces.set_member(seen_by(role, shared), role, "owner")
        with pytest.raises(StoreError, match="Only an owner"):
            workspaces.archive(seen_by(role, shared), away=True)
        with pytest.raises(StoreError, match="Only an owner"):
            repair(seen_by(role, shared))


# What nobody but the owner of the schema may do beside the program.
FORBIDDEN = [
    f"{verb} tracker.{table}{rest}"
    for table in TABLES
    for verb, rest in (("UPDATE", " SET {column} = {column}"), ("DELETE FROM", ""))
] + [
    "INSERT INTO tracker.log VALUES ({key}, 2, gen_random_uuid(), 'anna', '{{}}')",
    "INSERT INTO tracker.member VALUES ({key}, 'dora', 'owner')",
    "INSERT INTO tracker.entity VALUES ({key}, 'tasks', 9, 1, '{{}}')",
    "INSERT INTO tracker.workspace (name) VALUES ('mine')",
    "INSERT INTO tracker.version VALUES (99, gen_random_uuid())",
    "TRUNCATE tracker.log",
    "DROP TABLE tracker.log",
    "ALTER TABLE tracker.log DISABLE ROW LEVEL SECURITY",
    "CREATE TABLE tracker.mine (id int)",
    "CREATE OR REPLACE FUNCTION tracker.level(ws bigint) RETURNS text LANGUAGE sql"
    " AS $$ SELECT 'owner' $$",
    "SELECT tracker.enter({key}, 1, '[]')",
    "SET SESSION AUTHORIZATION emil",
    "SET ROLE keeper",
]


@pytest.mark.parametrize("role", ["anna", "bob", "carol", "dora"])
def test_nobody_rewrites_history_or_writes_past_the_program(
    shared: Address, sql: Any, role: str
) -> None:
    key = key_of(shared, sql)
    before = sql(KEEPER, "SELECT * FROM tracker.log WHERE workspace = %s", key)
    refused = server.driver().errors.InsufficientPrivilege
    with server.connect(seen_by(role, shared)) as connection:
        for statement in FORBIDDEN:
            column = "name" if "tracker.workspace" in statement else "workspace"
            with pytest.raises(refused):
                connection.execute(statement.format(key=key, column=column))
    assert sql(KEEPER, "SELECT * FROM tracker.log WHERE workspace = %s", key) == before


def forged(shared: Address, who: str, *, seq: int = 2, prev: str | None = None) -> bytes:
    """Return a line that the program would write, in somebody's name."""
    with closing(Store.open(shared)) as store:
        snapshot = store._journal.snapshot
    change = add("forged")(snapshot.workspace)
    return codec.encode(Record(seq, AT, who, change), (), prev or snapshot.seal)


def code_of(sql: Any, role: str, statement: str, *values: object) -> str:
    """Return the code with which the server refuses a statement; nothing if it does not."""
    try:
        sql(role, statement, *values)
    except server.driver().Error as error:
        return str(error.sqlstate)
    return ""


def test_nobody_writes_in_anothers_name_nor_out_of_turn(shared: Address, sql: Any) -> None:
    key = key_of(shared, sql)
    append = "SELECT tracker.append(%s, gen_random_uuid(), %s)"

    def tried(role: str, line: bytes) -> str:
        return code_of(sql, role, append, key, line.decode())

    assert tried("bob", forged(shared, "anna")) == "TR006"
    assert tried("bob", forged(shared, "bob", seq=3)) == "TR004"
    assert tried("bob", forged(shared, "bob", seq=1)) == "TR004"
    assert tried("bob", forged(shared, "bob", prev="12345678")) == "TR004"
    assert tried("carol", forged(shared, "carol")) == "TR002"
    assert tried("dora", forged(shared, "dora")) == "TR001"
    assert tried("emil", forged(shared, "emil")) == "TR001"
    # Not even one who owns it brings records along later than as it is made.
    bring = "SELECT tracker.bring(%s, ARRAY[2], ARRAY['bob'], ARRAY[%s])"
    assert code_of(sql, "anna", bring, key, forged(shared, "bob").decode()) == "TR004"
    entities = "SELECT tracker.bring_entities(%s, ARRAY['tasks'], ARRAY[7], ARRAY['{}'])"
    assert code_of(sql, "anna", entities, key) == "TR004"
    assert tried("bob", forged(shared, "bob")) == ""


def test_a_checkpoint_is_that_of_this_log_and_by_a_writer(shared: Address, sql: Any) -> None:
    key = key_of(shared, sql)
    keep = "SELECT tracker.keep(%s, 1, 9, %s, 'x'::bytea)"
    with closing(Store.open(shared)) as store:
        seal = store._journal.snapshot.seal
    assert code_of(sql, "carol", keep, key, seal) == "TR002"
    assert code_of(sql, "dora", keep, key, seal) == "TR001"
    assert code_of(sql, "bob", keep, key, "12345678") == "TR004"
    assert code_of(sql, "bob", keep, key, seal) == ""
    assert sql("anna", "SELECT who FROM tracker.checkpoint WHERE workspace = %s", key) == [("bob",)]


def test_the_name_in_the_history_is_the_role_whatever_is_said(shared: Address) -> None:
    with closing(Session.open(seen_by("bob", shared), who="anna", clock=lambda: AT)) as session:
        assert session.who == "bob"
        assert session.do(lambda ws, _now: add("x")(ws)).who == "bob"


def test_members_come_change_and_go(shared: Address) -> None:
    assert workspaces.members(shared) == [
        Member("anna", "owner"),
        Member("bob", "writer"),
        Member("carol", "reader"),
    ]
    workspaces.set_member(shared, "carol", "writer")
    with closing(Store.open(seen_by("carol", shared))) as store:
        store.commit(add("x"), at=AT, who="carol")
        workspaces.set_member(shared, "carol", None)
        with pytest.raises(StoreError, match="that you may see"):
            store.commit(add("y"), at=AT, who="carol")
    with pytest.raises(NotFound, match="carol is not a member of"):
        workspaces.set_member(shared, "carol", None)
    with pytest.raises(NotFound, match="The server has no role nobody"):
        workspaces.set_member(shared, "nobody", "reader")
    with pytest.raises(Refused, match="needs an owner"):
        workspaces.set_member(shared, "anna", "writer")
    with pytest.raises(Refused, match="needs an owner"):
        workspaces.set_member(shared, "anna", None)
    workspaces.set_member(shared, "bob", "owner")
    workspaces.set_member(seen_by("bob", shared), "anna", None)
    assert workspaces.members(seen_by("bob", shared)) == [Member("bob", "owner")]


def test_who_holds_a_workspace_cannot_keep_anybody_from_ending_that(
    shared: Address, sql: Any
) -> None:
    key = key_of(shared, sql)
    with server.connect(seen_by("bob", shared)) as connection, connection.transaction():
        connection.execute("SELECT tracker.hold(%s, true)", (key,))
        workspaces.set_member(shared, "dora", "owner")
        workspaces.set_member(shared, "bob", None)
        workspaces.set_member(shared, "dora", None)
    assert code_of(sql, "bob", "SELECT tracker.hold(%s, true)", key) == "TR001"
    assert [member.login for member in workspaces.members(shared)] == ["anna", "carol"]


def test_who_may_not_create_is_told_how(shared: Address) -> None:
    with pytest.raises(Refused, match="GRANT CREATE ON DATABASE"):
        workspaces.init(Address(seen_by("bob", shared).server, "bobs own"))
    with pytest.raises(Refused, match="already a workspace"):
        workspaces.init(shared)
    for name in ("", " ", "x" * 201):
        with pytest.raises(Refused, match="cannot be the name"):
            workspaces.init(Address(shared.server, name))


def test_an_archived_workspace_can_be_read_and_is_taken_up_again(shared: Address) -> None:
    workspaces.archive(shared, away=True)
    with closing(Store.open(shared)) as store:
        assert len(store.workspace.tasks) == 1
        with pytest.raises(StoreError, match="is archived"):
            store.commit(add("x"), at=AT, who="anna")
        workspaces.archive(shared, away=False)
        store.commit(add("x"), at=AT, who="anna")
    [found] = [each for each in workspaces.listed(shared) if each.name == shared.workspace]
    assert (found.seq, found.archived, found.level) == (2, None, "owner")


def test_names_in_what_was_copied_are_marked_as_the_copys_word(
    shared: Address, sql: Any, tmp_path: Any
) -> None:
    file = str(tmp_path / "old.json")
    with closing(Store.open(file)) as store:
        store.commit(add("x"), at=AT, who="the.boss")
    target = Address(shared.server, shared.workspace + "-copy")
    copy(file, target)
    bring = "SELECT tracker.bring(%s, ARRAY[2], ARRAY['the.boss'], ARRAY['{}'])"
    assert code_of(sql, "anna", bring, key_of(target, sql)) == "TR004"
    with closing(Store.open(target)) as store:
        store.commit(add("y"), at=AT, who="anna")
    query = "SELECT seq, who, copied FROM tracker.record WHERE workspace = %s ORDER BY seq"
    assert sql("anna", query, target.workspace) == [(1, "the.boss", True), (2, "anna", False)]
