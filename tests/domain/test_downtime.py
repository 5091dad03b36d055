"""How long a system was down, by its history."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOW, later
from tracker.domain.change import Change, Record
from tracker.domain.downtime import down_time
from tracker.domain.model import System, SystemState
from tracker.domain.verbs.upkeep import set_properties, set_system
from tracker.domain.workspace import Workspace

STATES = st.sampled_from(get_args(SystemState))


def story(
    states: list[SystemState],
) -> tuple[Workspace, list[Record]]:
    """Set the states hour by hour, and rename the system half an hour after each."""
    ws = Workspace([System(id=1, name="0")])
    records: list[Record] = []

    def do(change: Change, minutes: int) -> None:
        nonlocal ws
        ws = ws.apply(change)
        records.append(Record(len(records) + 1, later(minutes).at, "anna", change))

    for hour, state in enumerate(states):
        at = partial(later, 60 * hour)
        do(set_system(ws, at(), system=1, state=state, why=str(hour)), 60 * hour)
        name = {"name": f"Name {hour}"}
        do(set_properties(ws, at(), kind=System, name=1, values=name), 60 * hour + 30)
    return ws, records


@given(st.lists(STATES, min_size=1, max_size=8))
def test_each_hour_in_which_it_is_down_counts_once(states: list[SystemState]) -> None:
    ws, records = story(states)
    now = later(60 * len(states)).at
    system = ws.systems[1]
    assert down_time(records, system, NOW.at, now) == timedelta(hours=states.count("down"))
    half = NOW.at + timedelta(minutes=30)
    late = timedelta(hours=states.count("down"))
    if states[0] == "down":
        late -= timedelta(minutes=30)
    assert down_time(records, system, half, now) == late


def test_who_takes_back_that_it_is_up_says_that_it_never_was() -> None:
    ws, records = story(["down", "up"])
    undone = records[2].change.inverse
    ws = ws.apply(Change(undone.label, ws.rebase(undone).edits))
    records.append(Record(len(records) + 1, later(120).at, "anna", undone))
    assert down_time(records, ws.systems[1], NOW.at, later(180).at) == timedelta(hours=3)


def test_of_what_is_not_kept_the_last_change_is_known() -> None:
    ws, records = story(["down", "down", "up"])
    since = NOW.at - timedelta(hours=5)
    assert down_time(records[4:], ws.systems[1], since, later(300).at) == timedelta(hours=1)
