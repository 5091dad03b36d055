"""Boards of Trello are read with their lists as states, and all that hangs on the cards."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import TODAY
from tests.exchange.foreign.taking import (
    BERLIN,
    SAMPLES,
    Taken,
    odd_json,
    only_refuses,
    take,
    wanted,
)
from tracker.exchange.foreign import trello_board
from tracker.exchange.json_content import json_content
from tracker.exchange.source import ReadOptions

FOLDER = SAMPLES / "trello"
SAMPLE = FOLDER / "board-today.json"


def board(*cards: dict[str, Any], lists: str = "To Do", **more: Any) -> bytes:
    named = [{"id": name, "name": name, "pos": at} for at, name in enumerate(lists.split(","))]
    whole = {"name": "Board", "cards": list(cards), "lists": named, **more}
    return json.dumps(whole).encode()


def card(number: int, of: str = "To Do", **fields: Any) -> dict[str, Any]:
    return {
        "id": f"C{number}",
        "idShort": number,
        "name": f"Card {number}",
        "idList": of,
        "pos": number,
        **fields,
    }


def read(*cards: dict[str, Any], **more: Any) -> Taken:
    return take(board(*cards, **more), "board.json", zone=BERLIN)


def test_the_sample_of_today_is_read_as_wanted() -> None:
    taken, want = take(SAMPLE, zone=BERLIN), wanted(SAMPLE)
    assert len(taken.ws.tasks) == want["tasks"]
    assert taken.skipped.keys() == want["left_out"].keys()
    for title, state in want["states"].items():
        assert taken[title].state == state
    for field in ("due", "not_before"):
        for title, day in want[field].items():
            assert getattr(taken[title], field) == date.fromisoformat(day)
    for title, lines in want["checklist"].items():
        assert [[line.text, line.done] for line in taken[title].checklist] == lines
    for title, names in want["watchers"].items():
        found = [taken.ws.people[key].name for key in taken[title].watchers]
        assert found == names
    for title, days in want["effort"].items():
        assert taken[title].effort == days
    for title, lane in want["department"].items():
        assert taken.named(taken[title], "department") == lane
    for title, tags in want["tags"].items():
        assert list(taken[title].tags) == tags
    assert taken["Approval"].waiting_for == "customer"
    assert "2026-12-01 Ada Quist: Please check" in taken["Write the concept"].notes
    assert taken.named(taken["Approval"], "project") == "Server move"
    assert taken.says("actions", "1 entry")
    assert not taken.not_taken


def test_the_sample_of_another_board_is_read_as_wanted() -> None:
    path = FOLDER / "board-labels.json"
    taken, want = take(path, zone=BERLIN), wanted(path)
    assert (len(taken.ws.tasks), len(taken.ws.links)) == (want["tasks"], want["arrows"])
    for title, day in want["due"].items():
        assert taken[title].due == date.fromisoformat(day)
    for title, count in want["checklist_items"].items():
        assert len(taken[title].checklist) == count
    # A card says in its id when it was made.
    assert taken.ws.tasks[1].created == datetime(2020, 4, 8, 3, 49, 41, tzinfo=UTC)
    assert taken.ws.tasks[1].phase == "First List: two cards with text"
    assert not taken.not_taken


def test_cards_stand_as_on_the_board() -> None:
    taken = read(card(1, "B", pos=1), card(2, "A", pos=9), card(3, "A", pos=2.5), lists="A,B")
    rows = [task.row for task in taken.source.tasks]
    assert rows == [3, 2, 1]
    assert sorted(taken.ws.tasks) == [1, 2, 3]


@pytest.mark.parametrize(
    ("name", "state", "phase"),
    [
        ("In Arbeit", "doing", ""),
        ("Waiting for customer", "waiting", ""),
        ("Erledigt ✅", "done", ""),
        ("Ideen 2027", "todo", "Ideen 2027"),
    ],
)
def test_the_list_is_the_state_or_the_phase(name: str, state: str, phase: str) -> None:
    taken = read(card(1, name), lists=name)
    assert (taken.ws.tasks[1].state, taken.ws.tasks[1].phase) == (state, phase)
    assert taken.says(f"list {name}")


def test_a_list_may_be_the_department() -> None:
    taken = take(board(card(1, "Netz"), lists="Netz"), "board.json", lanes="list")
    task = taken.ws.tasks[1]
    assert (taken.named(task, "department"), task.phase) == ("Netz", "")
    assert taken.says("list Netz", "became the department")


def test_what_is_put_away_is_left_out_or_dropped() -> None:
    cards = (card(1, closed=True), card(2, isTemplate=True), card(3))
    assert read(*cards).titles == ["Card 3"]
    taken = take(board(*cards), "board.json", archived=True)
    assert {task.title: task.state for task in taken.ws.tasks.values()} == {
        "Card 1": "dropped",
        "Card 3": "todo",
    }


def test_several_checklists_name_the_lists() -> None:
    lists = [
        {"id": n, "idCard": "C1", "name": n, "pos": pos, "checkItems": [{"name": "x", "pos": 1}]}
        for n, pos in (("B", 2), ("A", 1))
    ]
    taken = read(card(1), checklists=lists)
    assert [line.text for line in taken.ws.tasks[1].checklist] == ["A: x", "B: x"]


def test_fields_of_the_board_are_read_by_their_words() -> None:
    fields = [
        {"id": "E", "name": "Effort", "type": "number"},
        {"id": "K", "name": "Kunde", "type": "text"},
        {"id": "W", "name": "Follow-up", "type": "date"},
        {"id": "X", "name": "Spent", "type": "text"},
    ]
    values = [
        {"idCustomField": "E", "value": {"number": "2.5"}},
        {"idCustomField": "K", "value": {"text": "Stadt"}},
        {"idCustomField": "W", "value": {"date": "2026-12-11T23:00:00.000Z"}},
        {"idCustomField": "X", "value": {"text": "viel"}},
        {"idCustomField": "?", "value": {"text": "?"}},
    ]
    task = read(card(1, customFieldItems=values), customFields=fields).ws.tasks[1]
    assert (task.effort, task.follow_up) == (2.5, date(2026, 12, 12))
    assert task.notes == "Kunde: Stadt\n\nSpent: viel"


def test_attachments_are_links_in_the_notes() -> None:
    files = [{"name": "Plan", "url": "https://x/plan"}, {"name": "https://y", "url": "https://y"}]
    assert read(card(1, attachments=files)).ws.tasks[1].notes == "Plan: https://x/plan\n\nhttps://y"


@pytest.mark.parametrize(("count", "said"), [(999, False), (1000, True)])
def test_a_history_that_was_cut_is_told(count: int, said: bool) -> None:
    taken = read(card(1), actions=[{"type": "updateCard"}] * count)
    assert taken.says("Trello exports only the last 1000") == said


def test_a_new_field_is_never_silent() -> None:
    check = {"id": "K", "idCard": "C1", "name": "x", "mood": 1, "checkItems": []}
    taken = read(card(1, mood="gut"), checklists=[check], mood="gut")
    assert taken.not_taken == {"mood", "board/mood", "checklists/mood"}


@pytest.mark.parametrize(("minutes", "told"), [(-1, set()), (0, {"dueReminder"}), (None, set())])
def test_a_reminder_is_told(minutes: int | None, told: set[str]) -> None:
    assert read(card(1, dueReminder=minutes)).not_taken == told


@settings(max_examples=60)
@given(
    changes=st.lists(
        st.tuples(
            st.sampled_from(("cards", "lists", "members", "labels", "checklists", "actions")),
            st.sampled_from(
                (
                    *("id", "name", "idList", "idShort", "due", "start", "pos", "closed", "desc"),
                    *("idMembers", "idLabels", "labels", "customFieldItems", "attachments"),
                    *("checkItems", "idCard", "fullName", "username", "data", "date", "type"),
                )
            ),
            odd_json,
        ),
        min_size=1,
        max_size=6,
    ),
    parts=st.dictionaries(
        st.sampled_from(("name", "lists", "members", "labels", "customFields", "actions")),
        odd_json,
        max_size=2,
    ),
)
def test_whatever_is_in_it_is_read_or_refused(
    changes: list[tuple[str, str, Any]], parts: dict[str, Any]
) -> None:
    whole = json.loads(SAMPLE.read_bytes())
    for part, name, value in changes:
        whole[part][0][name] = value
    data = json.dumps(whole | parts).encode()
    only_refuses(
        lambda: trello_board.read(json_content(data, "a.json"), "a.json", ReadOptions(TODAY))
    )
