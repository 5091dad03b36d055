"""Mermaid itself reads the diagrams: every title as it is, the arrows and the days."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.builders import TODAY, plan
from tests.exchange.hostile_titles import AWKWARD, visible
from tests.needs import answers, missing, program
from tracker.exchange import mermaid_flow, mermaid_gantt
from tracker.exchange.handout import Handout

pytestmark = pytest.mark.mermaid
_READER = Path(__file__).with_name("mermaid_reading.mjs")


def read(*diagrams: bytes) -> list[dict[str, Any]]:
    """Return what Mermaid reads in diagrams; the folder with it is named in the environment."""
    folder = os.environ.get("MERMAID", "")
    if not folder:
        missing("MERMAID names no folder with mermaid and jsdom")
    question = [diagram.decode() for diagram in diagrams]
    return answers([program("node"), str(_READER), folder], question, seconds=60)


def test_mermaid_reads_titles_arrows_and_days_as_they_are() -> None:
    count = len(AWKWARD)
    chain = " ".join(f"{n}-{n + 1}" for n in range(1, count))
    ws = plan(chain, returns="5-2 7-7", titles=AWKWARD, likely=2.0)
    out = Handout(ws, TODAY)
    flow, gantt = read(mermaid_flow.write(out), mermaid_gantt.write(out))
    titles = {f"t{task.id}": f"{task.id} {visible(task.title)}" for task in ws.tasks.values()}
    assert flow["nodes"] == titles
    assert gantt["nodes"] == titles
    assert flow["arrows"] == [
        *([f"t{n}", f"t{n + 1}", "normal"] for n in range(1, count)),
        *(["t5", "t2", "dotted"], ["t7", "t7", "dotted"]),
    ]
    assert gantt["days"][:2] == [
        ["t1", "2026-11-23", "2026-11-25"],
        ["t2", "2026-11-25", "2026-11-27"],
    ]
