"""Workspaces move with all history between files and servers; nothing is overwritten."""

from __future__ import annotations

import re
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.builders import contents
from tests.store.postgres import Server
from tests.store.writers import AT, add
from tracker import demo
from tracker.domain.change import Change, Edit
from tracker.domain.errors import Damaged, NotFound, Refused, StoreError
from tracker.domain.model import Task
from tracker.domain.sentence import sentence
from tracker.exchange.document import task_json
from tracker.session import Session
from tracker.store import checkpoint, codec, copying, file_log, server, workspaces
from tracker.store.address import Address
from tracker.store.check import check
from tracker.store.copying import copy
from tracker.store.file_log import FileLog
from tracker.store.server import Unreachable
from tracker.store.server_check import check as check_server
from tracker.store.server_check import repair
from tracker.store.store import Store


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Make the demo project with its story."""
    path = str(tmp_path_factory.mktemp("demo") / "demo.json")
    with closing(Session.open(path, who="anna")) as session:
        session.replay(demo.story(date(2026, 11, 27)))
    return path


@pytest.fixture
def target(place: Address) -> Address:
    return Address(place.server, place.workspace + "-copy")


def everything(place: str | Address) -> tuple[object, object]:
    with closing(Store.open(place, create=False)) as store:
        return [*store.records()], contents(store.workspace)


def grave(place: str | Address) -> list[str]:
    found = check_server(place) if isinstance(place, Address) else check(place)
    return [str(each.text) for each in found if each.grave]


def test_there_and_back_nothing_is_lost(plan: str, target: Address, tmp_path: Path) -> None:
    copied = copy(plan, target)
    assert copied.records == len(everything(plan)[0])  # type: ignore[arg-type]
    assert everything(target) == everything(plan)
    again = Address(target.server, target.workspace + "-2")
    copy(target, again)
    back, twice = str(tmp_path / "back.json"), str(tmp_path / "twice.json")
    copy(again, back)
    copy(back, twice)
    for place in (target, again, back, twice):
        assert everything(place) == everything(plan)
        assert grave(place) == []
    kept = [[*FileLog(place).lines(1, copied.records)] for place in (back, plan)]
    assert kept[0] == kept[1]
    # Work goes on at either end.
    with closing(Store.open(target)) as store:
        store.commit(add("more"), at=AT, who="anna")
    with closing(Store.open(back)) as store:
        store.commit(add("more"), at=AT, who="anna")
    assert grave(target) == grave(back) == []


def test_what_is_there_is_never_overwritten(
    plan: str, target: Address, place: Address, tmp_path: Path
) -> None:
    copy(plan, target)
    with pytest.raises(Refused, match="already a workspace"):
        copy(plan, target)
    with pytest.raises(Refused, match="names no workspace"):
        copy(plan, Address(target.server))
    for ending in (".json", ".log", ".kept"):
        there = tmp_path / ending[1:] / f"plan{ending}"
        there.parent.mkdir()
        there.write_text("mine")
        with pytest.raises(Refused, match="already there"):
            copy(plan, str(there.with_suffix(".json")))
        assert there.read_text() == "mine"
    with pytest.raises(NotFound):
        copy(Address(place.server, "nix"), str(tmp_path / "new.json"))
    assert not (tmp_path / "new.json").exists()


def test_a_copy_that_differs_is_not_kept(
    plan: str, target: Address, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(Store.open(plan)) as store:
        here = store._journal.snapshot
    another = here.workspace.apply(add("another")(here.workspace), seq=here.seq)
    data = checkpoint.encode(here._replace(workspace=another))
    monkeypatch.setattr(checkpoint, "encode", lambda _snapshot: data)
    with pytest.raises(Damaged):
        copy(plan, str(tmp_path / "new.json"))
    assert [each.suffix for each in tmp_path.iterdir()] == [".lock"]
    with pytest.raises(Damaged):
        copy(plan, target)
    monkeypatch.undo()
    copy(plan, target)


def test_history_that_was_closed_or_not_kept_is_copied_as_far_as_it_is(
    target: Address, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_log, "ROTATE_FROM", 300)
    path = tmp_path / "old.json"
    with closing(Store.open(path)) as store:
        for n in range(9):
            store.commit(add(str(n)), at=AT, who="anna")
            store.checkpoint()
    min((tmp_path / "old.kept").glob("log-*")).unlink()
    first = FileLog(path).first()
    assert first > 1
    assert copy(str(path), target).records == 10 - first
    back = tmp_path / "back.json"
    copy(target, str(back))
    assert everything(target) == everything(str(back)) == everything(str(path))
    assert grave(target) == grave(str(back)) == []
    with pytest.raises(Damaged, match="not all there"):
        repair(target, at=AT)
    with closing(Store.open(target)) as store:
        assert store.commit(add("more"), at=AT, who="anna").seq == 10


def test_texts_that_a_database_has_no_sign_for_are_copied(target: Address, tmp_path: Path) -> None:
    path = str(tmp_path / "odd.json")
    title = "NUL \0 and \\u0000 and \\\0, umlauts äöü, 漢字"
    with closing(Store.open(path)) as store:
        store.commit(add(title), at=AT, who="an\\na")
    copy(path, target)
    assert everything(target) == everything(path)
    assert grave(target) == []
    with server.connect(target) as connection:
        query = "SELECT title FROM tracker.task WHERE workspace = %s"
        [(shown,)] = connection.execute(query, (target.workspace,))
    assert shown == title.replace("\0", "\u2400")


def test_numbers_of_any_size_are_the_same_on_a_server(target: Address, tmp_path: Path) -> None:
    path = str(tmp_path / "odd.json")
    numbers = [1e23, 1.5e300, -1e22, -0.0, 5.0, 0.1, 1e-320, 10**30 + 1, 2**53 + 1]
    odd = Task(id=1, title="odd", effort=1e6, extra={"mood": numbers, "deep": {"a": 1e23}})
    with closing(Store.open(path)) as store:
        change = Change(sentence("Add"), (Edit(None, odd),))
        store.commit(lambda _ws: change, at=AT, who="anna")
    copy(path, target)
    assert everything(target) == everything(path)
    assert grave(target) == []
    with closing(Store.open(target)) as store:
        more = Change(sentence("More"), (Edit(odd, replace(odd, extra={"mood": 1e24})),))
        store.commit(lambda _ws: more, at=AT, who="anna")
    assert grave(target) == []


def test_an_empty_workspace_is_copied(target: Address, tmp_path: Path) -> None:
    path = str(tmp_path / "empty.json")
    Store.open(path).close()
    copy(path, target)
    assert everything(target) == everything(path) == ([], {})


def cut_off(
    postgres: Server, monkeypatch: pytest.MonkeyPatch, *, stored: bool, there: bool = True
) -> None:
    """Have the connection of a copy end with its last statement: before, or once it is `stored`.

    Unless it is still `there`, the server is not found again.
    """
    real = copying._compare_on_server

    def compared(connection: Any, *rest: Any) -> None:
        real(connection, *rest)
        usual = connection.wait

        def wait(*answer: Any, **more: Any) -> Any:
            if stored:
                usual(*answer, **more)
            with postgres.superuser("plans") as root:
                pid = connection.info.backend_pid
                root.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
            connection.pgconn.finish()
            raise server.driver().OperationalError("the server does not answer")

        monkeypatch.setattr(connection, "wait", wait)
        if not there:
            monkeypatch.setattr(server, "connect", unreachable)

    def unreachable(address: Address, *_: Any) -> Any:
        raise Unreachable("{address} cannot be reached: gone", address=address.shown, who="")

    monkeypatch.setattr(copying, "_compare_on_server", compared)


def test_a_copy_whose_confirmation_was_lost_is_looked_for(
    plan: str, target: Address, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_off(postgres, monkeypatch, stored=False)
    with pytest.raises(StoreError, match=f"there is none at {re.escape(str(target))}"):
        copy(plan, target)
    assert target.workspace not in [each.name for each in workspaces.listed(target)]
    monkeypatch.undo()
    cut_off(postgres, monkeypatch, stored=True)
    assert copy(plan, target).records == len(everything(plan)[0])  # type: ignore[arg-type]
    assert everything(target) == everything(plan)


def test_another_workspace_of_that_name_is_not_taken_for_the_copy(
    plan: str, target: Address, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = copying._found

    def late(*args: Any) -> bool:
        workspaces.init(target)
        return real(*args)

    cut_off(postgres, monkeypatch, stored=False)
    monkeypatch.setattr(copying, "_found", late)
    with pytest.raises(StoreError, match="there is none at"):
        copy(plan, target)


@pytest.mark.parametrize("stored", [True, False])
def test_nothing_is_claimed_of_a_copy_where_nobody_can_be_asked(
    plan: str, target: Address, postgres: Server, monkeypatch: pytest.MonkeyPatch, stored: bool
) -> None:
    monkeypatch.setattr(copying, "_FIND_OUT", 0.0)
    cut_off(postgres, monkeypatch, stored=stored, there=False)
    with pytest.raises(StoreError, match="nobody can say yet whether it is at"):
        copy(plan, target)


def test_a_copy_is_sent_in_messages_of_few_records_and_of_few_bytes(
    plan: str, target: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "_AT_ONCE", 20)
    monkeypatch.setattr(copying, "_BYTES_AT_ONCE", 6000)
    sent: list[list[str]] = []
    real = server.connect

    def connect(*args: Any, **named: Any) -> Any:
        connection: Any = real(*args, **named)
        execute = connection.execute

        def heard(question: Any, values: Any = (), **more: Any) -> Any:
            if "SELECT tracker.bring" in str(question):
                sent.append(values[-1])
            return execute(question, values, **more)

        monkeypatch.setattr(connection, "execute", heard)
        return connection

    monkeypatch.setattr(server, "connect", connect)
    copy(plan, target)
    assert max(map(len, sent)) == 20
    assert max(sum(map(len, texts)) for texts in sent if len(texts) > 1) <= 6000
    assert everything(target) == everything(plan)


# --- what is said of damage, and what people read with SQL


@pytest.fixture
def copied(plan: str, target: Address) -> Address:
    copy(plan, target)
    return target


DAMAGE = [
    ("UPDATE tracker.entity SET doc = doc || '{\"title\": \"no\"}' WHERE workspace = {key}"
     " AND kind = 'tasks' AND id = 7", "Task 7 in the tables of .* differs from the history"),
    ("DELETE FROM tracker.entity WHERE workspace = {key} AND kind = 'links' AND id = 3",
     "Arrow 3 in the tables of .* differs"),
    ("INSERT INTO tracker.entity VALUES ({key}, 'tasks', 999, 1, '{}')", "Task 999 in the tables"),
    ("UPDATE tracker.log SET line = replace(line, 'Kick', 'Kock') WHERE workspace = {key}",
     r"is damaged: its content was altered later.* It was written by"),
    ("DELETE FROM tracker.log WHERE workspace = {key} AND seq = 5", "1 record is missing"),
    ("UPDATE tracker.log SET who = 'dora' WHERE workspace = {key} AND seq = 5",
     "Record 5 of .* is not what dora wrote"),
    ("UPDATE tracker.log SET digest = '' WHERE workspace = {key} AND seq = 5", "is not what"),
    ("UPDATE tracker.checkpoint SET data = 'x' WHERE workspace = {key}", "checkpoint of .* is dam"),
    ("UPDATE tracker.workspace SET seq = seq + 1 WHERE id = {key}", "ends at record"),
]  # fmt: skip


@pytest.mark.parametrize(("damage", "told"), DAMAGE)
def test_damage_on_a_server_is_found_and_named(
    postgres: Server, copied: Address, damage: str, told: str
) -> None:
    assert grave(copied) == []
    with postgres.superuser("plans") as root:
        find = "SELECT id FROM tracker.workspace WHERE name = %s"
        [(key,)] = root.execute(find, (copied.workspace,))
        assert root.execute(damage.replace("{key}", str(key))).rowcount >= 1
    assert any(re.search(told, each) for each in grave(copied)), grave(copied)
    if re.search("tables|checkpoint", told, re.IGNORECASE):
        assert "rebuilt" in str(repair(copied, at=AT)[0].text)
        assert grave(copied) == []
    else:
        before = grave(copied)
        with pytest.raises(Damaged, match="Restore what pg_dump"):
            repair(copied, at=AT)
        assert grave(copied) == before


def test_entities_stand_as_the_history_says_after_every_kind_of_change(copied: Address) -> None:
    with closing(Session.open(copied, who="anna")) as session:
        for _ in range(3):
            session.undo_record(session.workspace.seq)
        session.do(lambda ws, _now: add("\0")(ws))
        for _ in range(2):
            session.undo()
            session.redo()
    assert grave(copied) == []


def test_the_views_say_what_the_json_says(copied: Address) -> None:
    today = date(2026, 11, 27)
    with closing(Store.open(copied)) as store, server.connect(copied) as connection:
        ws = store.workspace
        query = "SELECT * FROM tracker.task WHERE workspace = %s ORDER BY id"
        done = connection.execute(query, (copied.workspace,))
        names = [column.name for column in done.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in done]
        assert [row["id"] for row in rows] == list(ws.tasks)
        for row in rows:
            form = codec.plain(task_json(ws, ws.tasks[row["id"]], today))
            for name in set(names) - {"workspace"}:
                shown = codec.plain(row[name])
                if name in ("created", "modified"):
                    assert str(shown).replace("+00:00", "Z") == str(form[name]) or not form[name]
                elif isinstance(form[name], float):
                    assert float(shown) == form[name]
                else:
                    assert shown == form[name], (row["id"], name)
        [(links,)] = connection.execute(
            "SELECT count(*) FROM tracker.link WHERE workspace = %s", (copied.workspace,)
        )
        [(passes,)] = connection.execute(
            "SELECT count(*) FROM tracker.pass WHERE workspace = %s", (copied.workspace,)
        )
        assert links == len(ws.links)
        assert passes == sum(len(task.passes) for task in ws.tasks.values())
