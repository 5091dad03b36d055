"""Who may do what on a server, with the program and beside it: five roles, and direct SQL."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import date
from typing import Any
from unittest.mock import Mock

import pytest
from msgspec.structs import replace

from tests.store.postgres import KEEPER, Server
from tests.store.writers import AT, add
from tracker.domain.change import Change, Edit, Record
from tracker.domain.errors import Damaged, NotFound, Refused, StoreError
from tracker.domain.sentence import sentence
from tracker.domain.workspace import Workspace
from tracker.session import Session
from tracker.store import checkpoint, codec, server, workspaces
from tracker.store.address import Address
from tracker.store.checkpoint import Snapshot
from tracker.store.copying import copy
from tracker.store.server_check import check, repair
from tracker.store.server_log import ServerLog
from tracker.store.store import Store
from tracker.store.workspaces import Member

# anna owns the workspace, bob writes, carol reads, dora is no member, emil is one of another.
TABLES = ("workspace", "member", "log", "aside", "checkpoint", "entity")
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
    assert {name for name, rows in seen.items() if rows} == {*TABLES, "task", "record"} - {"aside"}
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
            repair(seen_by(role, shared), at=AT)


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
    "SELECT tracker.demand_record({key}, '{{}}', 1)",
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
    seen = "SELECT who FROM tracker.checkpoint WHERE workspace = %s ORDER BY who"
    for role, who in {"anna": ["anna"], "bob": ["anna", "bob"], "carol": ["anna"]}.items():
        assert [row[0] for row in sql(role, seen, key)] == who
    workspaces.set_member(shared, "bob", None)
    workspaces.set_member(shared, "bob", "writer")
    assert sql("bob", seen, key) == [("anna",)]


def newest(place: Address, *titles: str) -> Snapshot:
    """Add tasks, and return what is stored; no checkpoint is written."""
    store = Store.open(place)
    try:
        for title in titles:
            store.commit(add(title), at=AT, who="anna")
        return store._journal.snapshot
    finally:
        store._journal.close()


def false_checkpoint(place: Address) -> tuple[int, int, str, bytes]:
    """Return a checkpoint, of the newest record, in which somebody has renamed all tasks."""
    snapshot = newest(place)
    rows = [replace(task, title="false") for task in snapshot.workspace.tasks.values()]
    ws = Workspace(rows, last_ids=snapshot.workspace.last_ids, seq=snapshot.seq)
    data = checkpoint.encode(Snapshot(ws, {}, snapshot.seal, snapshot.at))
    return snapshot.seq, codec.schema(), snapshot.seal, data


KEEP = "SELECT tracker.keep(%s, %s, %s, %s, %s)"


def titles(place: Address) -> list[str]:
    return [task.title for task in newest(place).workspace.tasks.values()]


def test_what_a_member_makes_up_is_opened_by_nobody_else(shared: Address, sql: Any) -> None:
    newest(shared, "Proxy")
    key = key_of(shared, sql)
    assert sql("bob", KEEP, key, *false_checkpoint(shared)) == [(True,)]
    for role in ("anna", "carol", KEEPER, "postgres"):
        assert titles(seen_by(role, shared)) == ["Firewall", "Proxy"]
        assert not any(finding.grave for finding in check(seen_by(role, shared)))
    assert titles(seen_by("bob", shared)) == ["false", "false"]
    # They deceive themselves: what they write from it, nobody can go on from.
    found = [str(finding.text) for finding in check(seen_by("bob", shared)) if finding.grave]
    assert found == [
        f"The checkpoint of {shared.workspace} by bob differs from the result of the history."
    ]
    repair(shared, at=AT)
    assert titles(seen_by("bob", shared)) == ["Firewall", "Proxy"]


def test_a_checkpoint_that_an_owner_makes_up_is_found_and_named(shared: Address, sql: Any) -> None:
    newest(shared, "Proxy")
    key = key_of(shared, sql)
    workspaces.set_member(shared, "emil", "owner")
    store = Store.open(shared)
    seq, schema, seal, data = false_checkpoint(shared)
    assert sql("emil", KEEP, key, seq, schema, seal, data) == [(True,)]
    for role in ("anna", "bob", "carol"):
        [found] = [finding for finding in check(seen_by(role, shared)) if finding.grave]
        assert "by emil differs from the result of the history" in str(found.text)
    # What others have written since does not go on from it, and is kept all the same.
    task = store.workspace.tasks[1]
    change = Change(sentence("Rename"), (Edit(task, replace(task, title="Firewalls")),))
    assert store.commit(lambda _ws: change, at=AT, who="anna").seq == 3
    store._journal.close()
    with pytest.raises(Damaged, match=r"Record 3 of .* contradicts"):
        newest(shared)
    assert "were rebuilt" in str(repair(shared, at=AT)[0].text)
    assert titles(shared) == ["Firewalls", "Proxy"]
    # Nor does it help to say that it is of a record that nobody knows.
    seal = newest(shared, "Router").seal
    data = checkpoint.encode(Snapshot(Workspace(seq=99), {}, seal, AT))
    assert sql("emil", KEEP, key, 4, schema, seal, data) == [(True,)]
    [found] = [finding for finding in check(shared) if finding.grave]
    assert "by emil belongs to a different history" in str(found.text)
    repair(shared, at=AT)
    assert titles(shared) == ["Firewalls", "Proxy", "Router"]


APPEND = "SELECT tracker.append(%s, gen_random_uuid(), %s)"


def sealed_by_bob(place: Address, **said: Any) -> str:
    """Return a line of bob's as no program would write it."""
    snapshot = newest(place)
    head = {
        "v": codec.schema(),
        "seq": snapshot.seq + 1,
        "at": "2026-11-23T09:00:00Z",
        "who": "bob",
        "label": {"text": "x"},
        "edits": [],
        **said,
        "prev": snapshot.seal,
    }
    return codec.seal(codec.to_json(head)).decode()


TASK = {"id": 2, "title": "x"}


@pytest.mark.parametrize(
    "said",
    [
        {"v": 99},
        {"at": "tomorrow"},
        {"at": "2026-11-31T09:00:00Z"},
        {"at": "1969-12-31T09:00:00Z"},
        {"at": "9999-12-31T09:00:00Z"},
        {"at": "2026-11-23T09:00:00"},
        {"label": "x"},
        {"label": None},
        {"edits": None},
        {"edits": {}},
        {"edits": ["x"]},
        {"edits": [["tasks", 2, None]]},
        {"edits": [["tasks", 2, None, None]]},
        {"edits": [["tasks", 2, None, "x"]]},
        {"edits": [["tasks", 2, TASK, {"title": "x"}]]},
        {"edits": [["tasks", 3, None, TASK]]},
        {"edits": [["tasks", "2", None, {**TASK, "id": "2"}]]},
        {"edits": [["tasks", 0, None, {**TASK, "id": 0}]]},
        {"edits": [["tasks", 2**53 - 1, None, {**TASK, "id": 2**53 - 1}]]},
        {"edits": [["tasks", 10**30, None, {**TASK, "id": 10**30}]]},
        {"edits": [["theirs", "x", None, {}]]},
        {"undoes": 2},
        {"undoes": 0},
        {"undoes": "x"},
        {"notes": "[" * 100_000},
    ],
)  # fmt: skip
def test_the_server_takes_no_line_that_nobody_could_go_on_from(
    shared: Address, sql: Any, said: dict[str, Any]
) -> None:
    key = key_of(shared, sql)
    line = sealed_by_bob(shared, **said)
    if "notes" in said:
        line = line.replace('"' + "[" * 100_000 + '"', "[" * 100_000 + "]" * 100_000)
    assert code_of(sql, "bob", APPEND, key, line)
    assert titles(shared) == ["Firewall"]
    assert not any(finding.grave for finding in check(shared))


def test_a_line_begins_and_ends_as_those_of_the_program(shared: Address, sql: Any) -> None:
    key = key_of(shared, sql)
    line = sealed_by_bob(shared)
    for other in (
        line.replace('{"v"', ' {"v"'),
        line + " ",
        line.upper(),
        line.replace('"seq":2', '"seq":' + "9" * 30),
        line.replace('"seq":2,', '"seq":2,"seq":3,'),
        line.replace('"crc":"', '"crc":"0'),
        "",
        "{}",
        "null",
    ):
        assert code_of(sql, "bob", APPEND, key, other)
    # What stands there twice counts as readers take it.
    twice = line.replace('"who":"bob"', '"who":"bob","who":"anna"')
    assert code_of(sql, "bob", APPEND, key, twice) == "TR006"
    assert code_of(sql, "bob", APPEND, key, line) == ""


def broken(place: Address, how: str) -> str:
    """Return a line of bob's that the server takes, and that nobody can go on from."""
    task = {"id": 2, "title": "Proxy"}
    if how == "a field of another kind":
        return sealed_by_bob(place, edits=[["tasks", 2, None, {**task, "title": 7}]])
    if how == "it names what is not there":
        return sealed_by_bob(place, edits=[["tasks", 2, None, {**task, "project": 9}]])
    if how == "what was before is another":
        return sealed_by_bob(place, edits=[["tasks", 1, {**task, "id": 1}, {**task, "id": 1}]])
    if how == "a checkpoint would say it of itself":
        return sealed_by_bob(place, edits=[["meta", 1, None, {"schema": 99}]])
    line = sealed_by_bob(place, edits=[["tasks", 2, None, task]])
    return line[:-10] + "01234567" + line[-2:]


BROKEN = (
    "a field of another kind",
    "it names what is not there",
    "what was before is another",
    "a checkpoint would say it of itself",
    "its seal is no checksum",
)


@pytest.mark.parametrize("how", BROKEN)
def test_a_line_that_nobody_can_go_on_from_is_named_and_set_aside(
    shared: Address, sql: Any, how: str
) -> None:
    key = key_of(shared, sql)
    with closing(Store.open(shared)) as open_before:
        assert code_of(sql, "bob", APPEND, key, broken(shared, how)) == ""
        with pytest.raises(Damaged, match=r"Record 2 of .*check --repair"):
            open_before.catch_up()
        for _ in range(2):
            with pytest.raises(Damaged, match="Record 2 of"):
                open_before.commit(add("x"), at=AT, who="anna")
        # What was there before can be looked at all the while.
        assert [task.title for task in open_before.workspace.tasks.values()] == ["Firewall"]
        with pytest.raises(Damaged, match="Record 2 of"):
            newest(seen_by("carol", shared))
        [found] = [str(finding.text) for finding in check(shared) if finding.grave]
        assert "Record 2" in found
        assert "bob" in found
        assert "altered later" not in found
        with pytest.raises(StoreError, match="Only an owner"):
            repair(seen_by("bob", shared), at=AT)
        told = [str(finding.text) for finding in repair(shared, at=AT)]
        assert told[0] == "Set aside 1 record that nobody could go on from: record 2 by bob"
        assert [str(each.change.label) for each in open_before.catch_up()] == told[:1]
        open_before.commit(add("Router"), at=AT, who="anna")
    assert titles(seen_by("carol", shared)) == ["Firewall", "Router"]
    assert not any(finding.grave for finding in check(shared))
    [(who, by)] = sql("carol", "SELECT who, put_by FROM tracker.aside WHERE workspace = %s", key)
    assert (who, by) == ("bob", "anna")
    assert sql("dora", "SELECT * FROM tracker.aside") == []


def test_what_a_repair_has_done_is_told_although_its_checkpoint_fails(
    shared: Address, sql: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert code_of(sql, "bob", APPEND, key_of(shared, sql), broken(shared, BROKEN[0])) == ""
    failing = Mock(side_effect=StoreError("There is no room for it."))
    monkeypatch.setattr(ServerLog, "checkpoint", failing)
    told = repair(shared, at=AT)
    assert str(told[0].text).startswith("Set aside 1 record")
    assert "were rebuilt" in str(told[1].text)
    assert str(told[2].text) == "There is no room for it."
    # The history says so too, whatever comes after.
    with closing(Store.open(shared)) as store:
        assert [str(each.change.label) for each in store.records()][1:] == [str(told[0].text)]
    assert not any(finding.grave for finding in check(shared))


def test_a_repair_of_what_is_archived_sets_nothing_aside(shared: Address, sql: Any) -> None:
    key = key_of(shared, sql)
    assert code_of(sql, "bob", APPEND, key, broken(shared, BROKEN[0])) == ""
    workspaces.archive(shared, away=True)
    with pytest.raises(StoreError, match="is archived"):
        repair(shared, at=AT)
    assert sql("anna", "SELECT max(seq) FROM tracker.log WHERE workspace = %s", key) == [(2,)]


def test_what_was_damaged_later_is_not_set_aside(
    postgres: Server, shared: Address, sql: Any
) -> None:
    newest(shared, "Proxy", "Router")
    key = key_of(shared, sql)
    with postgres.superuser("plans") as root:
        damage = "UPDATE tracker.log SET line = replace(line, 'Proxy', 'proxy')"
        root.execute(damage + " WHERE workspace = %s", (key,))
    with pytest.raises(Damaged, match="Restore what pg_dump"):
        repair(shared, at=AT)
    assert sql("anna", "SELECT count(*) FROM tracker.log WHERE workspace = %s", key) == [(3,)]
    # Nor can anybody but an owner do so, nor an owner with what a copy brought along.
    aside = "SELECT tracker.set_aside(%s, %s)"
    for role, code in {"bob": "TR005", "carol": "TR005", "dora": "TR001"}.items():
        assert code_of(sql, role, aside, key, 2) == code
    for number in (0, 4, 99):
        assert code_of(sql, "anna", aside, key, number) == "TR004"


def test_one_workspace_keeps_nobody_from_reading_the_others(shared: Address, sql: Any) -> None:
    key = key_of(shared, sql)
    bad: dict[str, Any] = {
        name: {"no": ["such", "thing"]}
        for name in ("low", "due", "created", "project", "assignee", "tags", "systems", "passes")
    }
    edits = [
        ["tasks", 2, None, {"id": 2, "title": "x", **bad}],
        ["tasks", 3, None, {"id": 3, "due": "2026-02-31", "created": "2026-13-01T00:00:00Z",
                            "systems": ["x", 1e300, None], "passes": [1, {"number": 1e300}]}],
        ["projects", 1, None, {"id": 1, "start": "x", "budget": "x"}],
        ["departments", 1, None, {"id": 1, "wip_limit": 1e300}],
        ["people", 1, None, {"id": 1, "department": "x"}],
        ["systems", 1, None, {"id": 1, "since": 7}],
        ["links", 1, None, {"id": 1, "source": "x", "limit": -1e300, "observed": "x"}],
    ]  # fmt: skip
    assert code_of(sql, "bob", APPEND, key, sealed_by_bob(shared, edits=edits)) == ""
    for view in VIEWS:
        rows = sql("carol", f"SELECT * FROM tracker.{view} WHERE workspace = %s", shared.workspace)  # noqa: S608
        assert rows
    dues = "SELECT id, due, systems FROM tracker.task WHERE workspace = %s ORDER BY id"
    assert sql("carol", dues, shared.workspace)[1:] == [(2, None, []), (3, None, [])]
    days = "SELECT tracker.day(each) FROM unnest(%s::text[]) AS each"
    known: dict[str, date | None] = {
        "2024-02-29": date(2024, 2, 29),
        "2026-12-31": date(2026, 12, 31),
    }
    known |= dict.fromkeys(("2026-02-29", "2026-04-31", "0000-01-01", "2026-1-1", "x", ""))
    assert [row[0] for row in sql("dora", days, list(known))] == list(known.values())
    # Nor what an owner brings along as it is made: that is JSON at least.
    bring = (
        "BEGIN; SELECT tracker.bring(tracker.create_workspace('new'), ARRAY[1], ARRAY['a'],"
        " ARRAY['x'])"
    )
    assert code_of(sql, "anna", bring) == "22P02"


def test_when_the_server_took_a_record_is_known_whatever_it_says(shared: Address, sql: Any) -> None:
    key = key_of(shared, sql)
    line = sealed_by_bob(shared, at="2031-01-01T09:00:00Z")
    assert code_of(sql, "bob", APPEND, key, line) == ""
    [told] = [str(finding.text) for finding in check(shared) if "took" in str(finding.text)]
    # The first record of this workspace is dated by the tests' own clock.
    assert told.startswith("2 records have other times than the server took them at")
    taken = "SELECT taken < now() FROM tracker.record WHERE workspace = %s AND seq = 2"
    assert sql("carol", taken, shared.workspace) == [(True,)]


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
