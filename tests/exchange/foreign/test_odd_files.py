"""Files that are empty, cut off, wrongly called or odd: read as what they are, or refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.builders import TODAY
from tests.exchange.desk import Desk
from tests.exchange.foreign.taking import SAMPLES, take
from tracker.domain.errors import BadInput
from tracker.exchange import importing
from tracker.exchange.handout import Handout
from tracker.exchange.project_xml import write

PROJECT = (
    '<Project xmlns="http://schemas.microsoft.com/project"><Tasks><Task><UID>1</UID><ID>1</ID>'
    "<Name>A</Name>{more}</Task></Tasks></Project>"
)


def _refusal(folder: Path, name: str, content: bytes) -> str:
    path = folder / name
    path.write_bytes(content)
    with pytest.raises(BadInput) as refused:
        importing.read(path, today=TODAY)
    return str(refused.value)


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.json", "a.xml", "a.gan", "a.ics", "a"])
@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b" \r\n"])
def test_an_empty_file_is_called_so(tmp_path: Path, name: str, content: bytes) -> None:
    assert _refusal(tmp_path, name, content) == f"{name} is empty."


def test_an_ending_that_is_read_is_not_called_unknown(tmp_path: Path) -> None:
    told = _refusal(tmp_path, "a.gan", b"<?xml vers")
    assert told == "a.gan is not a plan that is known here, or it was cut off."
    assert "its ending is none of" in _refusal(tmp_path, "a.odd", b"<?xml vers")


def test_a_calendar_that_was_cut_off_is_called_so() -> None:
    head = "BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\nUID:1\r\nSUMMARY:A\r\nEND:VTODO\r\n"
    cut, whole = take(head, "a.ics"), take(f"{head}END:VCALENDAR\r\n", "a.ics")
    assert cut.titles == whole.titles == ["A"]
    assert (cut.says("END:VCALENDAR"), whole.says("END:VCALENDAR")) == (True, False)


def test_a_primavera_file_that_was_cut_off_is_called_so() -> None:
    data = (SAMPLES / "xer" / "test.xer").read_bytes()
    assert not take(data, "a.xer").says("%E")
    assert take(data[: data.rindex(b"%E")], "a.xer").says("The file does not end with %E")


@pytest.mark.parametrize("name", ["plan.csv", "plan.json", "plan.xml", "plan.txt"])
def test_a_workbook_of_any_name_is_read_as_one(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes((SAMPLES / "planner" / "premium-en.xlsx").read_bytes())
    assert importing.read(path, today=TODAY).source.format == "planner-premium"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-32"])
def test_an_export_is_read_in_each_encoding_of_unicode(tmp_path: Path, encoding: str) -> None:
    text = "Summary,Issue key,Issue Type,Status\r\nPrüfen,K-1,Task,To Do\r\n"
    path = tmp_path / "jira.csv"
    path.write_bytes(text.encode(encoding))
    [task] = importing.read(path, today=TODAY).source.tasks
    assert task.fields["title"] == "Prüfen"


def test_what_only_looks_like_a_task_is_no_crash(tmp_path: Path) -> None:
    odd: list[dict[str, object]] = [
        {"uuid": 1, "description": None, "status": [], "depends": {"a": 1}}
    ]
    assert "no tasks" in _refusal(tmp_path, "a.json", json.dumps(odd).encode())


def test_an_issue_without_a_number_is_called_by_its_row() -> None:
    issues = [{"number": 1, "title": "A", "labels": []}, {"number": None, "title": 7, "labels": []}]
    taken = take(json.dumps(issues), "issues.json")
    assert not any("None" in text for text in (*taken.titles, *taken.said))


def test_a_duration_beyond_all_sense_is_left_out_and_called_so() -> None:
    taken = take(PROJECT.format(more="<Duration>PT1000000H0M0S</Duration>"), "a.xml")
    assert taken["A"].likely is None
    assert taken.says("A", "125000 is too large; the maximum is 100000 days.")


def test_what_is_done_here_does_not_differ_by_being_complete_there(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.take("Summary,Issue key,Issue Type,Status\r\nA,K-1,Task,Done\r\n", "jira.csv")
    [task] = desk.ws.tasks.values()
    assert (task.state, task.progress) == ("done", None)
    back = write(Handout(desk.ws, TODAY, "en"))
    assert not desk.update(back, "plan.xml").comparison.changed
