"""Calls and the screen over a checkpoint that somebody has made up, and knew how to seal."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from tests.builders import NOW, TODAY, plan
from tests.cli.test_far_dates import FILES, READING, REPORTS
from tests.terminal import Terminal
from tracker.cli import main
from tracker.cli.call import REFUSED
from tracker.domain.change import Change, Edit
from tracker.domain.model import Entity, Link, Task
from tracker.domain.sentence import sentence
from tracker.domain.workspace import Workspace
from tracker.store import checkpoint
from tracker.store.check import check
from tracker.store.checkpoint import Snapshot
from tracker.store.repair import repair
from tracker.store.store import Store

MADE_UP: dict[str, tuple[Entity, ...]] = {
    "names_nothing": (
        Task(id=9, title="I", project=3, department=3, assignee=3, watchers=(3,), systems=(3,)),
    ),
    "leads_nowhere": (
        Link(id=9, kind="needs", source=1, target=9),
        Link(id=10, kind="returns", source=1, target=9),
    ),
    "loop": (Link(id=9, kind="needs", source=3, target=1),),
}


@pytest.fixture(params=[*MADE_UP.values()], ids=[*MADE_UP])
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    file = tmp_path / "plan.json"
    Store.open(file).close()
    ws = Workspace([*plan("1-2 2-3", likely=2.0).entities(), *request.param])
    with closing(Store.open(file)) as store:
        snapshot = store._journal.snapshot
    made_up = Snapshot(ws, {}, snapshot.seal, NOW.at)
    file.write_bytes(checkpoint.encode(made_up))
    return file


CALLS = (
    *((name, *more) for name in READING for more in ((), ("--json",))),
    ("show", "1"),
    ("add", "x needs:1"),
    ("done", "1"),
    *(("export", name) for name in FILES),
    *(("report", name) for name in REPORTS),
)


def test_no_call_crashes_and_what_cannot_work_says_why(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(file.parent)
    told = ""
    for words in CALLS:
        code = main(["--file", str(file), "--today", str(TODAY), *words])
        said = capsys.readouterr().err
        assert "crashed" not in said, words
        assert code in (0, REFUSED), words
        told += said
    assert "plan.json contradicts itself: " in told
    assert f"`tracker --file {file} check --repair`" in told


def test_the_screen_does_not_begin_with_it(file: Path) -> None:
    with Terminal([str(file)], columns=200) as terminal:
        assert terminal.wait_end() == REFUSED
        assert "contradicts itself: " in terminal.text


@pytest.mark.parametrize("entities", MADE_UP.values(), ids=MADE_UP)
def test_a_repair_keeps_what_is_intact_where_the_history_was_not_kept(
    tmp_path: Path, entities: tuple[Entity, ...]
) -> None:
    file = tmp_path / "plan.json"

    def commit(store: Store, *wanted: Entity) -> None:
        edits = tuple(Edit(None, entity) for entity in wanted)
        store.commit(lambda _ws: Change(sentence("Add"), edits), at=NOW.at, who="anna")

    with closing(Store.open(file)) as store:
        commit(store, *plan("1-2 2-3", likely=2.0).entities())
        store.checkpoint()
    file.with_suffix(".log").unlink()
    with closing(Store.open(file)) as store:
        commit(store, Task(id=4, title="before"))
        store.checkpoint()
        snapshot = store._journal.snapshot
        commit(store, Task(id=5, title="behind"))
        store.db.close()
    ws = snapshot.workspace
    made_up = Workspace([*ws.entities(), *entities], last_ids=ws.last_ids, seq=ws.seq)
    file.write_bytes(checkpoint.encode(snapshot._replace(workspace=made_up)))

    told = [str(each.text) for each in repair(file, at=NOW.at, who="root") if each.grave]
    assert told
    assert all(text.endswith("removed.") for text in told)
    assert not any(finding.grave for finding in check(file))
    with closing(Store.open(file)) as store:
        store.demand_whole()
        made = {each.id for each in entities if isinstance(each, Task)}
        assert set(store.workspace.tasks) == {1, 2, 3, 4, 5} | made
        assert {(a.source, a.target) for a in store.workspace.links.values()} == {(1, 2), (2, 3)}
    before = file.read_bytes(), file.with_suffix(".log").read_bytes()
    assert repair(file, at=NOW.at, who="root") == []
    assert (file.read_bytes(), file.with_suffix(".log").read_bytes()) == before
