"""Several people on one workspace, in any order, against a list of what they did."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.builders import contents
from tests.store.postgres import Server
from tests.strategies import texts
from tracker.domain.change import Change, Edit
from tracker.domain.draft import Now
from tracker.domain.errors import Conflict, Refused
from tracker.domain.model import Entity, Link, Task
from tracker.domain.sentence import sentence
from tracker.domain.workspace import Workspace
from tracker.session import Session
from tracker.store import file_log, workspaces
from tracker.store.address import Address
from tracker.store.check import Finding, check
from tracker.store.server_check import check as check_server
from tracker.store.server_log import ServerLog
from tracker.store.store import Store

PEOPLE = ("anna", "bob")
people = st.sampled_from(PEOPLE)
picks = st.integers(0, 30)


def changed(label: str, *edits: Edit) -> Change:
    return Change(sentence(label), edits)


class Everybody(RuleBasedStateMachine):
    """Two sessions and a script; `states` is what the workspace was after each record."""

    def __init__(self) -> None:
        super().__init__()
        self.at = datetime(2026, 11, 23, tzinfo=UTC)
        self.begin()
        self.sessions = {who: self.opened(who) for who in PEOPLE}
        self.states: list[dict[tuple[str, int], Entity]] = [{}]
        self.highest = 0

    def begin(self) -> None:
        """Make a place for the workspace."""

    def end(self) -> None:
        """Remove it."""

    def reached(self, who: str) -> Path | Address:
        """Return the place as a person reaches it."""
        raise NotImplementedError

    def findings(self) -> list[Finding]:
        """Return what is wrong there."""
        raise NotImplementedError

    def teardown(self) -> None:
        try:
            for session in self.sessions.values():
                session.close()
            assert [str(found.text) for found in self.findings() if found.grave] == []
            last = Store.open(self.reached("anna"))
            assert contents(last.workspace) == self.states[-1]
            assert [r.seq for r in last.records()] == list(range(1, len(self.states)))
            ws = Workspace()
            for record, state in zip(last.records(), self.states[1:], strict=True):
                ws = ws.apply(record.change)
                assert contents(ws) == state
            last.close()
        finally:
            self.end()

    def clock(self) -> datetime:
        self.at += timedelta(hours=7)
        return self.at

    def opened(self, who: str) -> Session:
        return Session.open(self.reached(who), who=who, clock=self.clock)

    def did(self, who: str) -> None:
        """Note what the workspace has become, and look at what must hold."""
        ws = self.sessions[who].workspace
        if ws.seq == len(self.states):
            self.states.append(contents(ws))
        assert ws.seq == len(self.states) - 1
        assert contents(ws) == self.states[-1]
        assert max(ws.tasks, default=0) <= ws.last_ids["tasks"]
        assert ws.last_ids["tasks"] >= self.highest
        self.highest = ws.last_ids["tasks"]

    @rule(who=people, title=texts)
    def add(self, who: str, title: str) -> None:
        def command(ws: Workspace, _now: Now) -> Change:
            return changed("Add", Edit(None, Task(id=ws.next_id(Task), title=title)))

        self.sessions[who].do(command)
        self.did(who)

    @rule(
        who=people,
        pick=picks,
        fields=st.fixed_dictionaries(
            {},
            optional={
                "title": texts,
                "notes": texts,
                "waiting_for": texts,
            },
        ),
    )
    def edit(self, who: str, pick: int, fields: dict[str, Any]) -> None:
        def command(ws: Workspace, _now: Now) -> Change:
            if not ws.tasks:
                return changed("Nothing")
            before = list(ws.tasks.values())[pick % len(ws.tasks)]
            after = Task(**{"id": before.id, "title": before.title, **fields})
            return changed("Edit", Edit(before, after))

        self.sessions[who].do(command)
        self.did(who)

    @rule(who=people, one=picks, other=picks)
    def link(self, who: str, one: int, other: int) -> None:
        def command(ws: Workspace, _now: Now) -> Change:
            tasks = list(ws.tasks) or [1]
            source, target = tasks[one % len(tasks)], tasks[other % len(tasks)]
            number = ws.next_id(Link)
            arrow = Link(id=number, kind="needs", source=source, target=target)
            return changed("Link", Edit(None, arrow))

        try:
            self.sessions[who].do(command)
        except Refused:
            self.sessions[who].reload()
        self.did(who)

    @rule(who=people, pick=picks)
    def delete(self, who: str, pick: int) -> None:
        def command(ws: Workspace, _now: Now) -> Change:
            if not ws.tasks:
                return changed("Nothing")
            task = list(ws.tasks.values())[pick % len(ws.tasks)]
            arrows = (*ws.arrows_in.get(task.id, ()), *ws.arrows_out.get(task.id, ()))
            dead = [*{arrow.id: arrow for arrow in arrows}.values(), task]
            return changed("Delete", *(Edit(entity, None) for entity in dead))

        self.sessions[who].do(command)
        self.did(who)

    @rule(who=people, whose=people, redo=st.booleans())
    def undo(self, who: str, whose: str, redo: bool) -> None:
        session = self.sessions[who]
        try:
            (session.redo if redo else session.undo)(whose)
        except (Refused, Conflict):
            session.reload()
        self.did(who)

    @rule(who=people)
    def undo_and_redo_lead_back(self, who: str) -> None:
        session = self.sessions[who]
        session.reload()
        before = contents(session.workspace)
        try:
            session.undo()
        except (Refused, Conflict):
            return
        self.did(who)
        session.redo()
        self.did(who)
        assert contents(session.workspace) == before

    @rule(who=people, notes=texts)
    def write_through_tinydb(self, who: str, notes: str) -> None:
        store = Store.open(self.reached(who), who=who, clock=self.clock)
        store.db.table("tasks").update({"notes": notes}, doc_ids=[1, 2])
        store.db.table("plugin").insert({"notes": notes})
        store.close()
        self.sessions[who].reload()
        while len(self.states) <= self.sessions[who].workspace.seq:
            record = next(self.sessions[who].history(len(self.states) - 1))
            state = dict(self.states[-1])
            for change in record.change.edits:
                state["Task", change.entity.id] = change.entity
            self.states.append(state)
        self.did(who)

    @rule(who=people)
    def follow(self, who: str) -> None:
        session = self.sessions[who]
        before = session.workspace.seq
        records = session.reload()
        assert [r.seq for r in records] == list(range(before + 1, len(self.states)))
        self.did(who)

    @rule(who=people)
    def rest(self, who: str) -> None:
        self.sessions[who].checkpoint()

    @rule(who=people)
    def leave_and_come_back(self, who: str) -> None:
        self.sessions[who].close()
        self.sessions[who] = self.opened(who)
        self.did(who)

    @rule(pick=picks)
    def look_back(self, pick: int) -> None:
        session = self.sessions["anna"]
        session.reload()
        records = [*session.history()]
        if records:
            record = records[pick % len(records)]
            assert contents(session.as_of(record.at)) == self.states[record.seq]

    @invariant()
    def nobody_is_ahead(self) -> None:
        for session in self.sessions.values():
            ws = session.workspace
            assert contents(ws) == self.states[ws.seq]


class InFiles(Everybody):
    """The same on files, whose tail may be cut off at any time."""

    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.path = self.folder / "erp.json"
        self.rotate, file_log.ROTATE_FROM = file_log.ROTATE_FROM, 1_500

    def end(self) -> None:
        file_log.ROTATE_FROM = self.rotate
        shutil.rmtree(self.folder)

    def reached(self, who: str) -> Path | Address:
        del who
        return self.path

    def findings(self) -> list[Finding]:
        return check(self.path)

    @precondition(lambda self: self.path.with_suffix(".log").exists())
    @rule(tail=st.binary(min_size=1, max_size=20).filter(lambda tail: b"\n" not in tail))
    def be_cut_off(self, tail: bytes) -> None:
        with self.path.with_suffix(".log").open("ab") as journal:
            journal.write(tail)


class OnServer(Everybody):
    """The same over two connections to a server, either of which may break at any time."""

    server: Server

    def begin(self) -> None:
        self.name = f"machine-{uuid.uuid4().hex}"
        workspaces.init(self.reached("anna"))
        workspaces.set_member(self.reached("anna"), "bob", "writer")

    def reached(self, who: str) -> Address:
        return Address(self.server.url(who), self.name)

    def findings(self) -> list[Finding]:
        return check_server(self.reached("anna"))

    @rule(who=people)
    def be_cut_off(self, who: str) -> None:
        log = self.sessions[who]._store._journal.log
        assert isinstance(log, ServerLog)
        with self.server.superuser("plans") as root:
            pid = log._connection and log._connection.info.backend_pid
            root.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))


TestEverybody = InFiles.TestCase
TestEverybody.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)


@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_everybody_for_long() -> None:
    many = settings(max_examples=1000, stateful_step_count=60, deadline=None)
    run_state_machine_as_test(InFiles, settings=many)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("examples", [5, pytest.param(60, marks=pytest.mark.torture)])
def test_everybody_on_a_server(
    postgres: Server, monkeypatch: pytest.MonkeyPatch, examples: int
) -> None:
    monkeypatch.setattr(OnServer, "server", postgres, raising=False)
    some = settings(max_examples=examples, stateful_step_count=30, deadline=None)
    run_state_machine_as_test(OnServer, settings=some)
