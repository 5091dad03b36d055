"""Whatever stands in a file of another program: a plan comes of it, or a refusal in words."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, timedelta, timezone

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import NOW, TODAY
from tracker.domain.errors import BadInput
from tracker.domain.model import Department, Item
from tracker.domain.workspace import Workspace
from tracker.exchange.merge import lay
from tracker.exchange.outcome import report_lines
from tracker.exchange.outline import Outline, PlanItem, Relation
from tracker.exchange.settling import settled
from tracker.exchange.source import ReadOptions, Source

KEYS = st.sampled_from(["a", "b", "c", "d", "e", ""])
DAYS = st.none() | st.sampled_from([date.min, date.max, date(2026, 12, 1), date(2027, 1, 31)])
MOMENTS = DAYS | st.sampled_from(
    [
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
        datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-12))),
        datetime(2026, 12, 1, 9, tzinfo=timezone(timedelta(hours=1))),
    ]
)
NUMBERS = st.none() | st.floats(width=32) | st.sampled_from([0.0, 1.0, 2.5, 1e9])
TEXTS = st.text(max_size=6) | st.sampled_from(["\x1b[31mx", "a\nb", " ", "[x]"])
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "title": TEXTS,
        "notes": TEXTS,
        "assignee": TEXTS,
        "department": TEXTS,
        "watchers": st.lists(TEXTS, max_size=3),
        "tags": st.lists(TEXTS, max_size=3),
        "phase": TEXTS,
        "low": NUMBERS,
        "likely": NUMBERS,
        "high": NUMBERS,
        "effort": NUMBERS,
        "progress": NUMBERS,
        "due": DAYS,
        "not_before": DAYS,
        "state": st.sampled_from(["todo", "doing", "waiting", "done", "dropped"]),
        "checklist": st.lists(st.builds(Item, text=TEXTS), max_size=2),
    },
)
ITEMS = st.builds(
    PlanItem,
    key=KEYS,
    row=st.integers(0, 9),
    place=TEXTS,
    origin=TEXTS,
    parent=st.none() | KEYS,
    number=TEXTS,
    wanted=st.none() | st.integers(-1, 3) | st.just(10**12),
    fields=FIELDS,
    percent=NUMBERS,
    began=MOMENTS,
    ended=MOMENTS,
    start=DAYS,
    finish=DAYS,
    elapsed=st.booleans(),
    own=st.booleans(),
    lanes=st.dictionaries(st.sampled_from(["bucket", "list"]), TEXTS, max_size=1),
)
RELATIONS = st.builds(
    Relation,
    source=KEYS,
    target=KEYS,
    kind=st.sampled_from(["FS", "SS", "FF", "SF"]),
    lag=st.floats(width=32),
    unit=st.sampled_from(["days", "elapsed", "share"]),
    row=st.integers(0, 9),
    column=TEXTS,
    text=TEXTS,
    derived=st.booleans(),
)


@settings(max_examples=100)
@given(
    st.lists(ITEMS, max_size=8),
    st.lists(RELATIONS, max_size=8),
    st.booleans(),
    DAYS,
    st.sampled_from(["", "phase", "bucket", "component"]),
)
def test_odd_outlines_become_plans_or_are_refused(
    items: list[PlanItem],
    relations: list[Relation],
    schedule: bool,
    start: date | None,
    lanes: str,
) -> None:
    source = Source("plan.x", entities=[Department(id=1, name="Net")])
    free = frozenset({date(2026, 12, 1), date(2027, 5, 6)})
    outline = Outline(source, schedule, items, relations, start, free_days=free)
    with suppress(BadInput):
        found = settled(outline, ReadOptions(TODAY, lanes=lanes))
        change, report = lay(found, Workspace(), NOW)
        ws = Workspace().apply(change)
        assert len(ws.tasks) == report.tasks
        assert report_lines(report)
        for task in ws.tasks.values():
            assert task.title.strip()
            assert "\x1b" not in f"{task.title}{task.notes}{task.tags}"
            assert all(days is None or days >= 0 for days in (task.low, task.likely, task.high))
