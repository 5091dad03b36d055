"""A record of somebody else is data: whatever it holds, it acts on nobody."""

from __future__ import annotations

import gettext
import zlib
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import process_time
from typing import Any

import pytest

from tests.store.hostile import append
from tests.store.writers import AT
from tracker import language
from tracker.cli import main
from tracker.domain.change import Change, Edit
from tracker.domain.errors import Damaged, Refused, StoreError
from tracker.domain.model import Project
from tracker.domain.sentence import DEEPEST, LONGEST, counted, sentence
from tracker.domain.verbs.commands import add_task, edit_task
from tracker.language import say
from tracker.session import Session
from tracker.store import check, codec
from tracker.store.repair import repair

X: dict[str, Any] = {"x": "s"}
LABELS: dict[str, Any] = {
    "no_such_value": {"text": "{nope}", "values": {"x": 1}},
    "by_place": {"text": "{0}", "values": {"x": 1}},
    "place_as_name": {"text": "{0}", "values": {"0": 1}},
    "no_name": {"text": "{}", "values": {"": 1}},
    "attribute": {"text": "{x.__class__.__mro__}", "values": X},
    "attribute_as_name": {"text": "{x.real}", "values": {"x.real": 1, "x": 1}},
    "item": {"text": "{x[0]}", "values": X},
    "item_as_name": {"text": "{x[0]}", "values": {"x[0]": "s", "x": "s"}},
    "number_format_of_text": {"text": "{x:d}", "values": X},
    "known_format_of_text": {"text": "{x:02}", "values": X},
    "unbalanced": {"text": "{x", "values": X},
    "closed_twice": {"text": "x}", "values": X},
    "converted": {"text": "{x!r}", "values": X},
    "width": {"text": "{x:>900000000}", "values": X},
    "width_of_number": {"text": "{x:900000000}", "values": {"x": 1}},
    "format_by_value": {"text": "{x:{x}}", "values": {"x": 2}},
    "n_twice": {"text": "{n}", "values": {"n": "s"}},
    "plural": {"text": "a", "plural": "{zz}", "count": 7},
    "within": {"text": "{x}", "values": {"x": {"text": "{y}", "values": {"z": 1}}}},
    "text_without_end": {"text": "x" * (LONGEST + 1)},
    "long_number": {"text": "{x}", "values": {"x": 10**300}},
    "long_count": {"text": "{n}", "plural": "{n}", "count": 10**300},
}


def laughs(deep: int) -> dict[str, Any]:
    """Return a label that says everything in it ten times."""
    inner: Any = "ha"
    for _ in range(deep):
        inner = {"text": "{x}" * 10, "values": {"x": inner}}
    return inner  # type: ignore[no-any-return]


LABELS["billion_laughs"] = laughs(9)
LABELS["too_deep"] = laughs(DEEPEST + 2)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "plan.json"
    with_one_task = Session.open(file, who="anna")
    with_one_task.do(lambda ws, now: add_task(ws, now, title="Konzept"))
    with_one_task.close()
    return file


@pytest.mark.parametrize("label", LABELS.values(), ids=LABELS)
def test_a_label_that_is_not_trackers_is_unreadable_by_name(file: Path, label: Any) -> None:
    follower = Session.open(file, who="anna")
    append(file, label)
    with pytest.raises(Damaged, match=r"Record 2 of plan\.json is not readable") as told:
        follower.reload()
    assert len(str(told.value)) < 400
    assert [task.title for task in follower.workspace.tasks.values()] == ["Konzept"]
    with pytest.raises(Damaged, match=r"Record 2 of plan\.json is not readable"):
        Session.open(file, who="bert")
    findings = [str(finding.text) for finding in check.check(file) if finding.grave]
    assert findings
    assert all("Line 2 of plan.log" in finding for finding in findings)


def _nested(deep: int) -> Any:
    inner: Any = []
    for _ in range(deep - 1):
        inner = [inner]
    return inner


FIELDS: dict[str, dict[str, Any]] = {
    "undoes_itself": {"undoes": 2},
    "undoes_what_comes": {"undoes": 3},
    "undoes_nothing": {"undoes": 0},
    "no_time_zone": {"at": "2026-11-28T10:00:00"},
    "no_such_day": {"at": "2026-02-30T10:00:00Z"},
    "before_all_time": {"at": "0001-01-01T00:00:00Z"},
    "after_all_time": {"at": "9999-12-31T23:59:59Z"},
    "who_is_no_text": {"who": 7},
    "number_of_a_table": {"edits": [[7, 1, None, {"id": 1}]]},
    "no_id": {"edits": [["tasks", 2, None, {"title": "x"}]]},
    "id_of_another": {"edits": [["tasks", 2, None, {"id": 3, "title": "x"}]]},
    "negative_id": {"edits": [["tasks", -2, None, {"id": -2, "title": "x"}]]},
    "neither_before_nor_after": {"edits": [["tasks", 2, None, None]]},
    "unknown_state": {"edits": [["tasks", 2, None, {"id": 2, "title": "x", "state": "gone"}]]},
    "impossible_date": {
        "edits": [["tasks", 2, None, {"id": 2, "title": "x", "due": "2026-02-30"}]]
    },
    "moment_without_zone": {
        "edits": [["tasks", 2, None, {"id": 2, "title": "x", "created": "2026-02-20T10:00:00"}]]
    },
    "unknown_kind_of_arrow": {
        "edits": [["links", 1, None, {"id": 1, "kind": "loves", "source": 1, "target": 1}]]
    },
    "nothing_named": {
        "edits": [["links", 1, None, {"id": 1, "kind": "needs", "source": 1, "target": 77}]]
    },
    "project_that_is_a_task": {
        "edits": [["tasks", 2, None, {"id": 2, "title": "x", "project": 1}]]
    },
    "last_of_all_ids": {
        "edits": [["tasks", 2**63 - 1, None, {"id": 2**63 - 1, "title": "x"}]],
    },
    "endless_effort": {"edits": [["tasks", 2, None, {"id": 2, "title": "x", "effort": 1e300}]]},
    "negative_estimate": {"edits": [["tasks", 2, None, {"id": 2, "title": "x", "likely": -3}]]},
    "progress_beyond": {"edits": [["tasks", 2, None, {"id": 2, "title": "x", "progress": 101}]]},
    "pass_0": {"edits": [["tasks", 2, None, {"id": 2, "title": "x", "passes": [{"number": 0}]}]]},
    "endless_budget": {"edits": [["projects", 1, None, {"id": 1, "name": "x", "budget": 1e300}]]},
    "capacity_below_0": {"edits": [["people", 1, None, {"id": 1, "login": "x", "capacity": -1}]]},
    "no_task_at_once": {"edits": [["people", 1, None, {"id": 1, "login": "x", "wip_limit": 0}]]},
    "correlation_beyond": {"edits": [["settings", 1, None, {"id": 1, "correlation": 1.5}]]},
    "negative_spread": {"edits": [["settings", 1, None, {"id": 1, "spread": [-1, 1]}]]},
    "endless_lag": {
        "edits": [
            ["links", 1, None, {"id": 1, "kind": "needs", "source": 1, "target": 1, "lag": 1e300}]
        ]
    },
    "rate_beyond": {
        "edits": [
            ["links", 1, None, {"id": 1, "kind": "returns", "source": 1, "target": 1, "rate": 2}]
        ]
    },
    "loop": {"edits": [["links", 1, None, {"id": 1, "kind": "needs", "source": 1, "target": 1}]]},
    "what_a_checkpoint_says_of_itself": {
        "edits": [["meta", 1, None, {"schema": 99, "seq": 0, "seal": "00000000", "last_ids": {}}]]
    },
    "no_document": {"edits": [["theirs", 1, None, "x"]]},
    "number_of_a_document": {"edits": [["theirs", 10**4000, None, {}]]},
    "deep": {"notes": _nested(codec._DEEPEST)},
}


@pytest.mark.parametrize("fields", FIELDS.values(), ids=FIELDS)
def test_a_record_that_cannot_be_is_refused_by_name(file: Path, fields: dict[str, Any]) -> None:
    follower = Session.open(file, who="anna")
    append(file, **fields)
    with pytest.raises(Damaged, match=r"Record 2 of plan\.json"):
        follower.reload()
    assert list(follower.workspace.tasks) == [1]
    assert [task.title for task in follower.workspace.tasks.values()] == ["Konzept"]
    assert any(finding.grave for finding in check.check(file))


@pytest.mark.parametrize(
    "edits",
    [
        '[["tasks",2,null,{"id":2,"title":"x","extra" : {"title":"y"}}]]',
        '[["tasks",2,null,{"id":2,"title":"x","\\u0065xtra":{"title":"y","extra":1}}]]',
        '[["theirs",null,null,{"%s":{}}]]' % ("9" * 5000),
        '[["theirs",null,null,{"01":{},"1":{},"\u0663":{}}]]',
    ],
)
def test_what_a_checkpoint_holds_is_what_the_history_leads_to(file: Path, edits: str) -> None:
    journal = file.with_suffix(".log")
    append(file, edits=[])
    *lines, last = journal.read_bytes().splitlines()
    body = last[: -codec.SEAL_LENGTH].replace(b'"edits":[]', b'"edits":' + edits.encode()) + b"}"
    journal.write_bytes(b"\n".join([*lines, codec.seal(body), b""]))
    for _ in range(2):
        with closing(Session.open(file, who="anna")) as session:
            for number in session.workspace.tasks:
                session.do(partial(edit_task, task=number, notes=str(session.workspace.seq)))
            session.checkpoint()
        assert not any(finding.grave for finding in check.check(file))


def test_a_record_from_the_future_is_told(file: Path) -> None:
    made = [*Session.open(file, who="anna").history()][-1].at
    assert check.check(file, made) == []
    append(file, {"text": "Meins"}, at="8000-01-01T00:00:00Z")
    append(file, {"text": "Meins"}, at="8000-01-02T00:00:00Z")
    [told] = check.check(file, made)
    assert not told.grave
    assert "2 records are dated in the future, the first is record 2 by mallory" in str(told.text)
    assert check.check(file, datetime(8000, 1, 3, tzinfo=UTC)) == []


def test_who_may_be_anything_and_is_shown_as_signs(file: Path) -> None:
    append(file, who="\x1b]0;mine\x07" * 50)
    session = Session.open(file, who="anna")
    assert [*session.history()][-1].who.startswith("\x1b]0;")


def test_an_edit_written_another_way_is_in_the_history_of_its_task(file: Path) -> None:
    task = codec.document(Session.open(file, who="anna").workspace.tasks[1])
    append(file, edits=[["tasks", 1, task, {**task, "title": "Anders"}]])
    journal = file.with_suffix(".log")
    *lines, last = journal.read_bytes().splitlines()
    spelt = last[: -codec.SEAL_LENGTH].replace(b'"tasks",1,', b'"t\\u0061sks" , 1 ,') + b"}"
    journal.write_bytes(b"\n".join([*lines, codec.seal(spelt), b""]))
    session = Session.open(file, who="anna")
    assert session.workspace.tasks[1].title == "Anders"
    assert [record.seq for record in session.history_of(1)] == [1, 2]


def test_a_label_of_no_catalogue_is_the_text_it_is(file: Path) -> None:
    plain = {"text": "100 % {x.y} {0}"}
    append(file, plain)
    append(file, {"text": "Meins: {x} {part:.0%}", "values": {"x": "{y}", "part": 0.5}})
    session = Session.open(file, who="anna")
    labels = [say(record.change.label) for record in session.history()]
    assert labels[-2:] == ["100 % {x.y} {0}", "Meins: {y} 50%"]


def test_a_translation_may_not_name_what_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    other = gettext.NullTranslations()
    monkeypatch.setattr(other, "gettext", lambda _text: "{who} war es")
    monkeypatch.setattr(other, "ngettext", lambda *_texts: "{n:.0%} von {who:d}")
    monkeypatch.setattr(language, "_translations", other)
    assert say(sentence("Done: {x}", x=1)) == "Done: 1"
    assert say(sentence("Done: {who}", who="anna")) == "anna war es"
    assert say(counted("{n} task", "{n} tasks", 2, who="x")) == "2 tasks"


@pytest.mark.parametrize("fields", [{"v": 99}, FIELDS["loop"], FIELDS["unknown_state"]])
def test_nothing_is_written_behind_a_line_that_cannot_be_taken(
    file: Path, fields: dict[str, Any]
) -> None:
    anna = Session.open(file, who="anna")
    append(file, **fields)
    journal = file.with_suffix(".log")
    before = journal.read_bytes()
    with pytest.raises(StoreError):
        anna.reload()
    for _ in range(2):
        with pytest.raises(StoreError):
            anna.do(lambda ws, now: add_task(ws, now, title="Umzug"))
    assert journal.read_bytes() == before
    assert [task.title for task in anna.workspace.tasks.values()] == ["Konzept"]


@pytest.mark.parametrize("seq", [10**7, 10**12, 10**40])
def test_a_number_that_nobody_can_have_come_to_keeps_nobody_busy(file: Path, seq: int) -> None:
    follower = Session.open(file, who="anna")
    append(file, seq=seq)
    begun = process_time()
    with pytest.raises(Damaged):
        follower.reload()
    with pytest.raises(Damaged):
        Session.open(file, who="bert")
    assert any(finding.grave for finding in check.check(file))
    told = [str(finding.text) for finding in repair(file, at=AT, who="root")]
    assert process_time() - begun < 5
    assert any("mallory" in text or "Record 2" in text for text in told), told
    assert not any(finding.grave for finding in check.check(file))
    follower.reload()
    assert [task.title for task in follower.workspace.tasks.values()] == ["Konzept"]


def test_a_closed_file_that_is_not_what_its_name_says_is_told_and_mended(file: Path) -> None:
    kept = file.with_suffix(".kept")
    kept.mkdir(mode=0o700, exist_ok=True)
    (kept / "log-0000000001-9999999999.log").touch(0o600)
    with pytest.raises(Damaged):
        Session.open(file, who="bert")
    [told] = [finding for finding in check.check(file) if finding.grave]
    assert str(told.text) == (
        "log-0000000001-9999999999.log does not hold the records its name says."
    )
    repair(file, at=AT, who="root")
    assert check.check(file) == []
    with closing(Session.open(file, who="bert")) as session:
        assert [record.seq for record in session.history()] == [1]


HEADS = {
    "no_line": b'","schema":1}}}',
    "no_schema": b'"}}\n}\n',
    "no_number": b'","schema":1}}\n}\n',
    "negative": b'","schema":1,"seq":-1,"seal":"00000000","last_ids":{}}}\n}\n',
    "endless": b'","schema":1,"seq":9%s,"seal":"00000000","last_ids":{}}}\n}\n' % (b"9" * 5000),
    "last_id": b'","schema":1,"seq":1,"seal":"%s","last_ids":{"tasks":%d}}}\n}\n',
}


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
def test_a_checkpoint_that_says_nothing_sensible_is_damaged(file: Path, head: bytes) -> None:
    follower = Session.open(file, who="anna")
    follower.do(lambda ws, now: add_task(ws, now, title="Umzug"))
    if b"%d" in head:
        seal = codec.seal_of(file.with_suffix(".log").read_bytes().splitlines()[-1])
        head %= seal.encode(), codec.HIGHEST
    file.write_bytes(b'{"meta":{"1":{"crc":"%08x%s' % (zlib.crc32(head), head))
    with pytest.raises(Damaged, match=r"plan\.json"):
        follower.checkpoint()
    with pytest.raises(Damaged, match=r"plan\.json"):
        Session.open(file, who="bert")
    assert any(finding.grave for finding in check.check(file))
    repair(file, at=AT, who="root")
    assert not any(finding.grave for finding in check.check(file))
    with closing(Session.open(file, who="bert")) as session:
        assert [task.title for task in session.workspace.tasks.values()] == ["Konzept", "Umzug"]


def test_a_repair_does_not_build_on_a_checkpoint_of_another_history(file: Path) -> None:
    with closing(Session.open(file, who="anna")) as session:
        for title in "ABC":
            session.do(lambda ws, now, title=title: add_task(ws, now, title=title))  # type: ignore[misc]
        session.checkpoint()
    strange = file.with_name("strange.json")
    with closing(Session.open(strange, who="eve")) as session:
        for title in "XYZ":
            session.do(lambda ws, now, title=title: add_task(ws, now, title=title))  # type: ignore[misc]
        session.checkpoint()
    journal = file.with_suffix(".log")
    lines = journal.read_bytes().splitlines(keepends=True)
    kept = file.with_suffix(".kept")
    kept.mkdir(mode=0o700, exist_ok=True)
    strange.rename(kept / "backup-2026-11-20.json")
    journal.write_bytes(lines[2] + lines[3].replace(b"C", b"D", 1))
    repair(file, at=AT, who="root")
    assert not any(finding.grave for finding in check.check(file))
    with closing(Session.open(file, who="bert")) as session:
        assert [task.title for task in session.workspace.tasks.values()] == ["Konzept", *"ABC"]


def test_what_could_not_be_read_again_is_not_written(file: Path) -> None:
    anna = Session.open(file, who="anna")
    before = file.with_suffix(".log").read_bytes()
    with pytest.raises(Refused, match="This cannot be stored"):
        anna.do(
            lambda _ws, _now: Change(
                sentence("x"), (Edit(None, Project(id=1, name="x", budget=1e300)),)
            )
        )
    assert file.with_suffix(".log").read_bytes() == before


def test_a_day_off_that_no_year_has_is_shown_as_it_is(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    days = ["02-30", "0000-01-01", "2027-02-29"]
    append(file, edits=[["settings", 1, None, {"id": 1, "company_holidays": days}]])
    for call in (["settings"], ["log"], ["schedule"]):
        assert main(["--file", str(file), *call]) == 0
    assert "0000-01-01; 2027-02-29" in capsys.readouterr().out


def test_a_file_of_another_program_that_is_called_as_the_lock_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKER_CONFIG", str(tmp_path / "none.toml"))
    file, lock = tmp_path / "Cargo.json", tmp_path / "Cargo.lock"
    lock.write_text("# This file is generated by Cargo.\n" * 40)
    before = lock.read_bytes()
    for words in (["demo", "--no-screen"], ["add", "Konzept"], ["check"], ["check", "--repair"]):
        assert main(["--file", str(file), *words]) == 0
        assert lock.read_bytes() == before
