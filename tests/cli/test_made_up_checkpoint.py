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
from tracker.domain.model import Entity, Link, Task
from tracker.domain.workspace import Workspace
from tracker.store import checkpoint
from tracker.store.checkpoint import Snapshot
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
