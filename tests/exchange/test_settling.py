"""Outlines of other programs' plans, settled: tasks, arrows, and what is said about both."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.builders import NOW, TODAY
from tracker.domain.errors import BadInput
from tracker.domain.model import Department
from tracker.domain.workspace import Workspace
from tracker.exchange.merge import lay
from tracker.exchange.outline import Outline, PlanItem, Relation
from tracker.exchange.settling import settled
from tracker.exchange.source import MAX_DEPTH, ReadOptions, Source

OPTIONS = ReadOptions(TODAY)


def item(key: str, title: str = "", **more: Any) -> PlanItem:
    """Return an item with a title and a duration of one day, unless other fields are given."""
    names = PlanItem.__struct_fields__
    fields = {"title": title or key, "likely": 1.0}
    fields |= {name: value for name, value in more.items() if name not in names}
    given = {name: value for name, value in more.items() if name in names}
    made: dict[str, Any] = {"key": key, "row": 0, "fields": fields} | given
    return PlanItem(**made)


def settle(
    *items: PlanItem, schedule: bool = True, relations: tuple[Relation, ...] = (), **more: Any
) -> Source:
    """Return what an outline of these items becomes."""
    how = more.pop("options", OPTIONS)
    outline = Outline(Source("plan.x"), schedule, list(items), list(relations), **more)
    return settled(outline, how)


def needs(source: Source) -> dict[str, float]:
    """Return the arrows with their lags, by the titles at both ends."""
    titles = [task.fields["title"] for task in source.tasks]
    return {
        f"{titles[link.source]} → {titles[link.target]}": link.options.get("lag", 0.0)
        for link in source.links
    }


def said(source: Source) -> list[str]:
    """Return what was remarked, and what was taken as something near."""
    return [str(each.why) for each in (*source.warnings, *source.approximations)]


def fields_of(source: Source, title: str) -> dict[str, Any]:
    """Return the fields of the task of that title."""
    return next(task.fields for task in source.tasks if task.fields["title"] == title)


# --- D1: kinds of relations --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "lag", "got"), [("FS", 2, 2), ("SS", 1, -2), ("FF", 1, -4), ("SF", 1, -7)]
)
def test_every_kind_is_finish_to_start_with_the_lag_that_keeps_the_dates(
    kind: Any, lag: float, got: float
) -> None:
    found = settle(
        item("a", likely=3.0), item("b", likely=5.0), relations=(Relation("a", "b", kind, lag),)
    )
    assert needs(found) == {"a → b": got}
    kept = found.links[0].options.get("extra", {}).get("relation")
    if kind == "FS":
        assert kept is None
        assert not said(found)
    else:
        assert kept == {"type": kind, "lag": lag, "unit": "days", "as": got}
        assert "finish-to-start with a lag" in said(found)[0]


def test_of_several_relations_the_one_that_ties_most_is_drawn_and_all_are_kept() -> None:
    both = (Relation("a", "b", "SS", 1), Relation("a", "b", "FF", 0))
    found = settle(item("a", likely=3.0), item("b", likely=2.0), relations=both)
    assert needs(found) == {"a → b": -2}
    kept = found.links[0].options["extra"]["relation"]
    assert kept["also"] == [{"type": "FF", "lag": 0, "unit": "days"}]


def test_the_same_arrow_told_at_both_ends_is_one_without_a_word() -> None:
    twice = (Relation("a", "b"), Relation("a", "b", column="other end"))
    found = settle(item("a"), item("b"), relations=twice)
    assert needs(found) == {"a → b": 0}
    assert not said(found)


def test_shares_and_days_of_the_calendar_become_working_days() -> None:
    # From Friday on, three days of the calendar hold one working day.
    relations = (
        Relation("a", "b", lag=0.5, unit="share"),
        Relation("b", "c", lag=3, unit="elapsed"),
    )
    friday = date(2026, 12, 4)
    items = (item("a", likely=4.0), item("b", finish=friday), item("c"))
    found = settle(*items, relations=relations)
    assert needs(found) == {"a → b": 2, "b → c": 1}
    assert [each.why.values["number"] for each in found.approximations] == [2, 1]


def test_a_relation_that_closes_a_loop_is_told_with_its_kind() -> None:
    relations = (Relation("a", "b"), Relation("b", "a", "SF", text="2SF"))
    _change, report = lay(settle(item("a"), item("b"), relations=relations), Workspace(), NOW)
    (turned,) = report.returns
    assert "In the file it is start-to-finish." in str(turned.why)


# --- D2: summaries -----------------------------------------------------------------------------


def test_summaries_are_the_phases_of_their_parts() -> None:
    found = settle(
        item("r", "Move"), item("s", "Net", parent="r"), item("a", parent="s"), item("b")
    )
    assert [task.fields["title"] for task in found.tasks] == ["a", "b"]
    assert fields_of(found, "a")["phase"] == "Move / Net"


def test_an_arrow_of_a_summary_leads_from_its_last_parts_to_its_first() -> None:
    items = (
        *(item("s"), item("a", parent="s"), item("b", parent="s")),
        *(item("t"), item("c", parent="t"), item("d", parent="t")),
    )
    inner = (Relation("a", "b"), Relation("c", "d"))
    found = settle(*items, relations=(Relation("s", "t", lag=2), *inner))
    assert needs(found) == {"a → b": 0, "c → d": 0, "b → c": 2}


def test_many_ends_and_starts_get_a_milestone_between_them() -> None:
    items = [item("s", "First"), *(item(f"a{n}", parent="s") for n in range(3))]
    items += [item("t"), *(item(f"b{n}", parent="t") for n in range(3))]
    found = settle(*items, relations=(Relation("s", "t"),))
    assert len(found.links) == 6
    assert fields_of(found, "First")["high"] == 0
    assert "The summary First became a milestone after its parts." in said(found)


def test_a_summary_that_says_more_closes_its_parts_as_a_milestone() -> None:
    due = date(2027, 1, 8)
    items = (item("s", "Net", due=due), item("a", parent="s"), item("b", parent="s"), item("c"))
    found = settle(*items, relations=(Relation("a", "b"), Relation("s", "c")))
    assert needs(found) == {"a → b": 0, "b → Net": 0, "Net → c": 0}
    milestone = fields_of(found, "Net")
    assert (milestone["high"], milestone["due"]) == (0, due)


def test_the_milestone_of_an_inner_summary_counts_as_a_part_of_the_outer() -> None:
    items = (item("s", notes="x"), item("t", parent="s", notes="y"), item("a", parent="t"))
    assert needs(settle(*items)) == {"a → t": 0, "t → s": 0}


def test_a_part_that_overlaps_its_predecessor_may_be_the_first() -> None:
    items = (item("p"), item("s"), item("a", parent="s"), item("b", parent="s", likely=9.0))
    # b ends with a, so it begins before it.
    found = settle(*items, relations=(Relation("a", "b", "FF"), Relation("p", "s")))
    assert needs(found) == {"a → b": -9, "p → a": 0, "p → b": 0}


def test_who_does_a_summary_does_its_parts() -> None:
    items = (item("s", assignee="Ada"), item("a", parent="s"), item("b", parent="s", assignee="Bo"))
    found = settle(*items)
    assert [task.fields["assignee"] for task in found.tasks] == ["Ada", "Bo"]
    assert "1 task has the assignee or department of its summary row." in said(found)


def test_a_summary_is_not_tied_to_its_own_part() -> None:
    found = settle(item("s"), item("a", parent="s"), relations=(Relation("s", "a"),))
    assert not found.links
    assert any("part of itself" in text for text in said(found))


# --- D2b: parts in trackers --------------------------------------------------------------------


def test_parts_lead_to_the_whole_in_trackers() -> None:
    items = (item("e", "Epic"), item("a", parent="e"), item("b", parent="e"))
    found = settle(*items, schedule=False, relations=(Relation("a", "b"),))
    assert needs(found) == {"a → b": 0, "b → Epic": 0}
    assert fields_of(found, "a")["phase"] == "Epic"


def test_a_part_yields_to_the_links_of_the_file() -> None:
    found = settle(
        *(item("e"), item("a", parent="e")), schedule=False, relations=(Relation("e", "a"),)
    )
    assert needs(found) == {"e → a": 0}
    assert any("which the links of the file put before it" in text for text in said(found))


# --- D3: starts --------------------------------------------------------------------------------


def test_only_starts_that_nothing_explains_are_kept() -> None:
    monday, later = date(2026, 12, 7), date(2026, 12, 16)
    items = (
        item("a", start=monday, finish=monday),
        item("b", start=date(2026, 12, 8), finish=date(2026, 12, 8)),
        item("c", start=later, finish=later),
        item("d", start=later, finish=later),
    )
    relations = (Relation("a", "b"), Relation("b", "c"))
    found = settle(*items, relations=relations, start=monday)
    kept = [task.fields.get("not_before") for task in found.tasks]
    assert kept == [None, None, later, later]
    assert said(found).count("No link explains this start; the task may not begin before it.") == 2


def test_what_has_begun_needs_no_start() -> None:
    day = date(2026, 12, 16)
    found = settle(item("a", start=day, percent=50), start=date(2026, 12, 1))
    assert "not_before" not in found.tasks[0].fields


def test_starts_against_the_links_are_told_in_one_line() -> None:
    day = date(2026, 12, 14)
    items = [
        item("a", start=day, finish=day),
        *(item(f"b{n}", start=date(2026, 12, 9)) for n in range(7)),
    ]
    relations = tuple(Relation("a", f"b{n}") for n in range(7))
    found = settle(*items, relations=relations)
    told = [text for text in said(found) if "by the dates of the file" in text]
    assert len(told) == 1
    assert told[0].startswith("7 tasks")
    assert told[0].endswith("…")


# --- D4: progress ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "state", "progress"),
    [
        ({}, "todo", None),
        ({"percent": 0.0}, "todo", None),
        ({"percent": 40.0}, "doing", 40),
        ({"percent": 100.0}, "done", 100),
        ({"began": date(2026, 12, 1)}, "doing", None),
        ({"percent": 40.0, "state": "waiting"}, "waiting", 40),
        ({"percent": 140.0}, "todo", None),
    ],
)
def test_the_state_follows_from_progress(
    more: dict[str, Any], state: str, progress: float | None
) -> None:
    fields = settle(item("a", **more)).tasks[0].fields
    assert (fields["state"], fields.get("progress")) == (state, progress)


def test_what_is_done_has_a_pass_with_both_its_ends() -> None:
    ended = datetime(2026, 12, 3, 23, 30, tzinfo=UTC)
    found = settle(item("a", percent=100.0, began=date(2026, 12, 1), ended=ended))
    (one,) = found.tasks[0].fields["passes"]
    assert (one.outcome, one.ended) == ("done", ended)
    assert one.started.astimezone().date() == date(2026, 12, 1)


# --- D5, D6 ------------------------------------------------------------------------------------


def test_lanes_are_departments_only_where_that_is_asked_for() -> None:
    items = [item("a", lanes={"bucket": "Net"}), item("b", lanes={"bucket": "Ops"})]
    found = settle(*items, schedule=False)
    assert "department" not in found.tasks[0].fields
    assert "--lanes bucket makes 2 of them: Net, Ops" in said(found)[0]
    asked = settle(*items, schedule=False, options=ReadOptions(TODAY, lanes="bucket"))
    assert [task.fields["department"] for task in asked.tasks] == ["Net", "Ops"]
    assert not said(asked)


def test_phases_may_be_departments() -> None:
    asked = settle(
        *(item("s", "Net"), item("a", parent="s")), options=ReadOptions(TODAY, lanes="phase")
    )
    assert asked.tasks[0].fields["department"] == "Net"


def test_durations_in_days_of_the_calendar_become_working_days() -> None:
    # From Thursday on: Thursday, Friday, Monday.
    thursday = date(2026, 12, 3)
    found = settle(item("a", likely=5.0, elapsed=True, start=thursday), start=thursday)
    assert found.tasks[0].fields["likely"] == 3
    assert "days of the calendar" in said(found)[0]


def test_free_days_of_the_file_are_those_of_its_departments() -> None:
    free = frozenset((date(2026, 12, 7), date(2026, 12, 25)))
    found = settle(item("a"), free_days=free)
    assert "1 free day of the file is a working day here" in said(found)[0]
    source = Source("plan.x", entities=[Department(id=1, name="Net")])
    settled(Outline(source, True, [item("a")], free_days=free), OPTIONS)
    (lane,) = source.entities
    assert isinstance(lane, Department)
    assert lane.days_off == (date(2026, 12, 7),)


# --- D8, D10, D11, D12 -------------------------------------------------------------------------


def test_what_is_outside_the_file_is_not_drawn_and_stays_in_the_notes() -> None:
    outside = Relation("x", "a", column="Predecessors", text="B.mpp\\7")
    found = settle(item("a", notes="Here"), relations=(outside,))
    assert not found.links
    assert found.tasks[0].fields["notes"] == "Here\nPredecessors: B.mpp\\7"
    assert "is not in the file" in said(found)[0]


def test_ids_that_are_there_twice_and_parts_of_themselves_are_told() -> None:
    found = settle(item("a", "One"), item("a", "Two"), item("p", parent="q"), item("q", parent="p"))
    assert len(found.tasks) == 3
    assert any("there twice" in text for text in said(found))
    assert any("part of itself" in text for text in said(found))


def test_remarks_have_their_places() -> None:
    found = settle(item("a", "", row=12, place="UMZ-3", parent="gone"))
    assert (found.warnings[0].row, found.warnings[0].place) == (12, "UMZ-3")


def test_texts_are_harmless_and_titles_are_one_line() -> None:
    found = settle(
        item("a", "Two\nlines\x1b[31m", notes="a\r\nb", tags=["x\x07", "x"], origin="x:1")
    )
    fields = found.tasks[0].fields
    assert (fields["title"], fields["notes"], fields["tags"]) == ("Two lines", "a\nb", ["x"])
    assert fields["origin"] == "x:1"
    assert "2 control characters were removed." in said(found)


def test_numbers_that_no_task_can_have_are_left_out() -> None:
    found = settle(item("a", likely=-1.0, effort=float("inf"), low=3.0, high=2.0))
    fields = found.tasks[0].fields
    assert "effort" not in fields
    assert (fields["low"], fields["high"]) == (2, 3)


def test_a_plan_too_deep_is_refused() -> None:
    items = [item("0"), *(item(str(n), parent=str(n - 1)) for n in range(1, MAX_DEPTH + 1))]
    with pytest.raises(BadInput, match="nested more than"):
        settle(*items)
