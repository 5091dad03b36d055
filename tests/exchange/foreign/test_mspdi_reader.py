"""What MPXJ reads in plans of Microsoft Project we read as well, and hand on as we got it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests import ROOT
from tests.builders import NOW, TODAY
from tests.exchange.mpxj import found_by_mpxj
from tracker.domain.workspace import Workspace
from tracker.exchange.foreign import mspdi
from tracker.exchange.handout import Handout
from tracker.exchange.merge import lay
from tracker.exchange.project_xml import write
from tracker.exchange.source import ReadOptions

pytestmark = pytest.mark.mpxj
_DATA = ROOT / "tests/data/exchange/mspdi"
# Both have lost the ends of these: a loop, a project beside, a number that nobody has.
_ODD = frozenset(("Schleife A", "Schleife B"))


def test_plans_go_through_us_as_they_are(tmp_path: Path) -> None:
    paths = sorted(_DATA.glob("*.xml"))
    there = found_by_mpxj(tmp_path, [path.read_bytes() for path in paths])
    spaces = []
    for path in paths:
        source = mspdi.read(path.read_bytes(), path.name, ReadOptions(today=TODAY))
        change, _report = lay(source, Workspace(), NOW)
        spaces.append(Workspace().apply(change))
    back = found_by_mpxj(tmp_path, [write(Handout(ws, TODAY)) for ws in spaces])
    for before, ws, after in zip(there, spaces, back, strict=True):
        _compare(before, ws, after)


def _compare(before: dict[str, Any], ws: Workspace, after: dict[str, Any]) -> None:
    # For a link to another project it makes a task.
    leaves = {
        row["uid"]: row
        for row in before["tasks"]
        if row["uid"] and not (row["summary"] or row["external"])
    }
    uids = {int((task.origin or "").rpartition("#")[2]): task.id for task in ws.tasks.values()}
    ours = {row["uid"]: row for row in after["tasks"] if not row["summary"]}
    assert set(uids) >= set(leaves)
    for uid, row in leaves.items():
        task, found = ws.tasks[uids[uid]], ours[uids[uid]]
        assert found["name"] == row["name"]
        assert found["active"] == row["active"]
        assert found["milestone"] == row["duration"].startswith("0.0")
        if task.state == "done":
            ends = [(each["began"][:10], each["ended"][:10]) for each in (found, row)]
            assert ends[0] == ends[1]
        elif not row["duration"].endswith(("ed", "h")):
            # A day has its own hours in each plan.
            assert _days(found) == pytest.approx(_days(row), abs=1e-3)
        assert found["deadline"][:10] in (row["deadline"][:10], f"{task.due or ''}")
        if row["constraint"] == "START_NO_EARLIER_THAN":
            assert found["constrained"][:10] == row["constrained"][:10]
        assert set(row["notes"].split()) <= set(found["notes"].split())
        if row["name"] in _ODD:
            continue
        # Those from and to summaries have become ones of their parts.
        kept = [(uids[key], kind, _lag(lag)) for key, kind, lag in row["needs"] if key in leaves]
        assert set(kept) <= {tuple(each) for each in found["needs"]}


def _lag(text: str) -> str:
    """Return a lag in days where MPXJ has it in minutes, of which a day has 480."""
    return f"{float(text[:-1]) / 480}d" if text.endswith("m") else text


def _days(row: dict[str, Any]) -> float:
    """Return a duration in working days as MPXJ writes it: `2.0d`, `3.0w`."""
    text = row["duration"]
    return float(text[:-1]) * (5 if text.endswith("w") else 1)
