"""What a list says is read as it was when it came in, as long as the list has not changed it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.builders import TODAY
from tests.exchange.desk import Desk, clocks_of, told
from tests.exchange.foreign.samples import EXCHANGE
from tracker import language
from tracker.domain.errors import BadInput
from tracker.domain.model import Settings
from tracker.domain.sentence import Sentence
from tracker.domain.verbs import commands, upkeep
from tracker.exchange import importing
from tracker.exchange.moments import zone_here
from tracker.exchange.source import How
from tracker.exchange.updating import Update

COUNTED = (
    *("heute", "morgen", "in 3 Tagen", "+3d", "Freitag", "Fr nächste Woche", "nächste Woche"),
    *("Monatsende", "Anfang Dezember", "Quartalsende", "Q1", "KW 49", "04.12.", "in 2 weeks"),
)
LISTED = "Titel;Fällig\n" + "".join(f"{n} Aufgabe;{text}\n" for n, text in enumerate(COUNTED))
LATER = [TODAY + timedelta(days) for days in (1, 5, 8, 45, 400)]


@pytest.fixture(autouse=True)
def _berlin() -> Iterator[None]:
    with clocks_of("Europe/Berlin"):
        yield


@pytest.mark.parametrize("name", ["list.csv", "list (1).csv"])
def test_days_counted_from_the_day_it_came_in_stay(tmp_path: Path, name: str) -> None:
    desk = Desk(tmp_path)
    desk.take(LISTED)
    for desk.today in LATER:
        assert told(desk.update(LISTED, name)) == {}, desk.today


def test_what_was_written_anew_is_read_as_of_today(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.take(LISTED)
    desk.do(partial(commands.edit_task, task=2, due=date(2027, 1, 4)))
    desk.today = TODAY + timedelta(7)
    came = told(desk.update(LISTED.replace(";heute", ";in 2 Tagen")))
    assert came == {
        2: [("due", "2026-11-23", "2026-12-02", "there")],
        3: [("due", "2027-01-04", "2026-11-24", "here")],
    }


def grown(desk: Desk, due: str) -> str:
    """Take in a list that has a row more on each of twenty days, and return it."""
    text = "Title,Due,Notes\n"
    for day in range(20):
        desk.today = TODAY + timedelta(day)
        text += f"{'ABCDEFGHIJKLMNOPQRST'[day] * 9},{due},\n"
        came = desk.update(text)
        assert told(came) == {}
        desk.do(came.command(came.usual()))
    return text


def test_each_row_is_read_as_of_the_day_that_brought_it(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    text = grown(desk, "in 3 days")
    desk.today += timedelta(1)
    assert told(desk.update(text)) == {}
    assert [task.due for task in desk.ws.tasks.values()] == [
        TODAY + timedelta(day + 3) for day in range(20)
    ]


def test_a_list_is_read_only_as_of_days_between_which_it_reads_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(tmp_path)
    text = grown(desk, "1.12.")
    read: list[date] = []
    source = importing._source

    def counted(content: Any, options: Any) -> Any:
        read.append(options.today)
        return source(content, options)

    monkeypatch.setattr(importing, "_source", counted)
    desk.today = TODAY + timedelta(400)
    assert told(desk.update(text)) == {}
    assert len(read) <= 8


def test_what_an_import_has_not_noted_follows_from_when_it_was(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.take(LISTED)
    [record] = desk.records
    label = record.change.label
    assert label.values["here"] == zone_here() == "Europe/Berlin"
    for noted in ({}, {"day": "sometime", "here": "Nowhere/Else", "language": "../de"}):
        kept = {name: label.values[name] for name in ("file",)} | noted
        change = replace(record.change, label=Sentence(label.text, kept, label.plural, label.count))
        desk.records = [replace(record, change=change)]
        desk.today = TODAY + timedelta(5)
        if not noted:
            assert told(desk.update(LISTED)) == {}
        else:
            # Of a zone that is none, it is read as it is read here now.
            assert told(desk.update(LISTED))


MOMENTS = {
    "list.csv": "Title,Due,Start\nAlpha,2026-12-11T03:00:00Z,2026-12-01T23:30:00Z\n",
    "list.ics": "BEGIN:VCALENDAR\nBEGIN:VTODO\nUID:1\nSUMMARY:A\nDUE:20261211T030000Z\n"
    "DTSTART:20261201T233000Z\nEND:VTODO\nEND:VCALENDAR\n",
    "list.json": '[{"uuid":"11111111-1111-1111-1111-111111111111","status":"pending",'
    '"description":"A","due":"20261211T030000Z","scheduled":"20261201T233000Z"}]',
}


@pytest.mark.parametrize("name", MOMENTS)
def test_moments_stay_days_of_the_zone_they_were_read_in(tmp_path: Path, name: str) -> None:
    desk = Desk(tmp_path)
    desk.take(MOMENTS[name], name)
    with clocks_of("America/New_York"):
        assert told(desk.update(MOMENTS[name], name)) == {}
        # What was written anew is a day here.
        [[due]] = told(desk.update(MOMENTS[name].replace("11T03", "13T03"), name)).values()
    assert due == ("due", "2026-12-11", "2026-12-12", "there")


@pytest.mark.parametrize("folder", sorted(each.name for each in EXCHANGE.iterdir()))
def test_a_plan_of_another_program_brings_nothing_on_another_day_elsewhere(
    tmp_path: Path, folder: str
) -> None:
    for path in sorted((EXCHANGE / folder).iterdir()):
        if path.is_dir() or path.stat().st_size > 100_000 or path.suffix == ".md":
            continue
        desk = Desk(tmp_path)
        try:
            language.use("de")
            desk.take(data := path.read_bytes(), path.name)
        except BadInput:
            continue
        finally:
            language.use("en")
        desk.do(partial(upkeep.set_properties, kind=Settings, name=1, values={"region": "US"}))
        desk.today = TODAY + timedelta(99)
        with clocks_of("America/Los_Angeles"):
            assert told(desk.update(data, path.name)) == {}, path.name


def test_a_zone_that_was_named_counts_until_another_one_is(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    path = desk.file(MOMENTS["list.csv"])
    desk.do(importing.read(path, today=TODAY, how=How(zone="America/New_York")).command)
    assert told(desk.update(MOMENTS["list.csv"])) == {}
    read = importing.read(path, today=TODAY, how=How(zone="Europe/Berlin"))
    came = Update(read.source, desk.ws, read.look_back(desk.records, desk.ws))
    assert [each[0] for each in told(came)[2]] == ["due", "not_before"]


def test_what_was_made_departments_stays_what_it_was(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    path = EXCHANGE / "trello" / "board-labels.json"
    desk.do(importing.read(path, today=TODAY, how=How(lanes="list")).command)
    assert {task.phase for task in desk.ws.tasks.values()} == {""}
    assert told(desk.update(path.read_bytes(), path.name)) == {}


GAP = (
    "BEGIN:VCALENDAR\nBEGIN:VTODO\nUID:1\nSUMMARY:A\nDTSTART:20261216\nDUE:20261218\nEND:VTODO\n"
    "BEGIN:VTODO\nUID:2\nSUMMARY:B\nRELATED-TO;RELTYPE=DEPENDS-ON;GAP=P14D:1\nEND:VTODO\n"
    "END:VCALENDAR\n"
)


def test_spans_stay_the_working_days_that_they_were(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.take(GAP, "gap.ics")
    [link] = desk.ws.links.values()
    desk.do(partial(upkeep.set_properties, kind=Settings, name=1, values={"region": "US"}))
    assert told(desk.update(GAP, "gap.ics")) == {}
    [[lag]] = told(desk.update(GAP.replace("P14D", "P21D"), "gap.ics")).values()
    assert lag == ("needs", f"1+{link.lag:g}", "1+14", "there")


def test_a_word_that_has_become_a_department_stays_the_tag_that_it_was(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    text = "(A) Alpha @netz due:2026-12-01\n(B) Beta @netz due:2026-12-01\n"
    desk.take(text, "todo.txt")
    desk.do(partial(commands.add_task, title="Gamma", department="netz"))
    assert told(desk.update(text, "todo.txt")) == {}
