"""What a change does, in words, and that the shell and the screen say the same of a plan."""

from __future__ import annotations

import pytest

from tests.builders import NOW, done, plan
from tracker import language
from tracker.domain.verbs import arrows, commands
from tracker.domain.workspace import Workspace
from tracker.wording import change_words
from tracker.wording.show import UNICODE


@pytest.fixture(autouse=True)
def _english() -> None:
    language.use("en")


@pytest.mark.parametrize(
    ("spoken", "one", "several"),
    [
        ("en", "1 Plan is waiting for", "3 tasks are waiting for"),
        ("de", "1 Plan wartet auf", "3 Vorgänge warten auf"),
    ],
)
def test_one_task_waits_and_several_wait(spoken: str, one: str, several: str) -> None:
    language.use(spoken)
    ws = plan("1-2 2-3", titles=("Plan", "Build", "Test"))
    assert change_words.waits_for(ws, [1]) == one
    assert change_words.waits_for(ws, [1, 2, 3]) == several
    language.use("en")


def test_what_is_not_known_is_asked_for_by_what_comes_close() -> None:
    assert change_words.unknown(["netzt"], []) == "“netzt” is not known here."
    asked = change_words.unknown(["netzt"], ["Netz"])
    assert asked == "“netzt” is not known here. Did you mean Netz?"


def test_a_newcomer_may_be_a_slip() -> None:
    before = done(Workspace(), commands.add_task, title="Plan", department="Netz")
    change = commands.add_task(before, NOW, title="Build", department="Netzt")
    (pieces,) = change_words.newcomers(change, before)
    assert "".join(text for text, _role in pieces) == "New department: Netzt  Did you mean Netz?"


def test_nobody_to_be_told_is_said() -> None:
    ws = plan("1-2 2-3", returns="3-1", states="1:done 2:done", titles=("Plan", "Build", "Test"))
    ws = done(ws, arrows.send_back, gate=3, target=1, reason="no")
    back = next(link for link in ws.links.values() if link.kind == "returns")
    ws = done(ws, arrows.edit_link, link=back.id, limit=1)
    preview = arrows.preview_send_back(ws, gate=3, target=1)
    words = " ".join(text for text, _role in change_words.doubts(ws, preview, UNICODE))
    assert "Over the limit; nobody is named to be notified." in words
    assert change_words.sums(preview, UNICODE)[1] == "alarm"
