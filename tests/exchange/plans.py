"""Random workspaces with everything in them that an exchange of files has to keep."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

from hypothesis import strategies as st
from msgspec.structs import replace

from tests.builders import TODAY
from tracker.domain.model import (
    PRIORITIES,
    STATES,
    SYSTEM_STATES,
    Absence,
    Baseline,
    Department,
    Entity,
    Item,
    Link,
    Pass,
    Person,
    PlannedFinish,
    PlannedTask,
    Project,
    SavedFilter,
    Settings,
    Side,
    System,
    Task,
)
from tracker.domain.workspace import Workspace
from tracker.exchange import export
from tracker.exchange.handout import Handout
from tracker.exchange.source import harmless
from tracker.exchange.target_format import format_of

# What a spreadsheet stumbles over; control characters do not survive an import.
_AWKWARD = (
    "=SUMME(L2:L34)",
    "'=1+1",
    "''",
    "-5",
    "+49 208 1234",
    "@netz",
    'Abnahme [kursiv] "Anführung"',
    "A; B",
    "A, B",
    "Übergabe",
    "3",
    "1.1.",
    "none",
    "=",
    "'",
    '"',
    ";",
    "Ist-Aufnahme  mit zwei Leerzeichen",
    "→ ↻ 漢字 👩‍💻",
)
_letters = st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp"))
texts = (
    st.sampled_from(_AWKWARD) | st.text(_letters, min_size=1, max_size=20).map(str.strip)
).filter(lambda text: bool(text) and not harmless(text)[1])
_lines = st.lists(texts | st.sampled_from(("", "\tx", "'\t")), max_size=3).map("\n".join)
_numbers = st.none() | st.floats(0, 99_999) | st.integers(0, 50).map(float)
days = st.dates(TODAY.replace(year=1950), TODAY.replace(year=2100))
moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def handed_out(
    ws: Workspace,
    name: str,
    language: str = "en",
    dialect: str = "",
    tasks: Iterable[int] | None = None,
) -> bytes:
    """Return what a file of that name would hold, of some tasks or of all."""
    format = format_of(Path(name), "", export.FORMATS)
    chosen = None if tasks is None else [ws.tasks[id] for id in tasks]
    return format.write(Handout(ws, TODAY, language, tasks=chosen, dialect=dialect))


def _some(ids: list[int]) -> st.SearchStrategy[int | None]:
    return st.sampled_from((None, *ids))


@st.composite
def plans(draw: st.DrawFn) -> Workspace:
    """Draw a workspace in which every field of every kind may be set."""

    def ids(most: int) -> list[int]:
        return sorted(draw(st.sets(st.integers(1, 40), max_size=most)))

    def named(most: int) -> list[tuple[int, str]]:
        names = draw(st.lists(texts, max_size=most, unique_by=str.casefold))
        return list(zip(sorted(draw(_numbered(len(names)))), names, strict=True))

    entities: list[Entity] = []
    if draw(st.booleans()):
        entities.append(Settings(id=1, region="AT", correlation=0.3, policy="at-risk"))
    projects, lanes, people, systems = named(2), named(3), named(3), named(3)
    tasks = ids(7)
    for id, name in projects:
        target = draw(st.none() | days)
        entities.append(Project(id=id, name=name, key=draw(texts), target=target, budget=1.5))
    for id, name in lanes:
        free = tuple(draw(st.lists(days, max_size=2)))
        entities.append(Department(id=id, name=name, order=id, wip_limit=3, days_off=free))
    lane_ids = [id for id, _ in lanes]
    for id, name in people:
        away = (Absence(first=TODAY, last=TODAY, note="Urlaub"),)
        lane = draw(_some(lane_ids))
        entities.append(Person(id=id, login=name, name="N.", department=lane, absences=away))
    for id, name in systems:
        entities.append(
            System(
                id=id,
                name=name,
                side=draw(st.sampled_from(get_args(Side))),
                state=draw(st.sampled_from(SYSTEM_STATES)),
                owner=draw(_some(lane_ids)),
                restored_by=draw(_some(tasks)),
            )
        )
    person_ids, system_ids = [id for id, _ in people], [id for id, _ in systems]
    project_ids = [id for id, _ in projects]
    entities += [
        draw(_task(id, project_ids, lane_ids, person_ids, system_ids, tasks)) for id in tasks
    ]
    entities += draw(_links(tasks, person_ids))
    if tasks:
        lane = draw(_some(lane_ids))
        crm = draw(_some(project_ids))
        rows = tuple(PlannedTask(id, TODAY, None, 1.5, lane, "doing", crm) for id in tasks)
        ends = tuple(PlannedFinish(key, TODAY, None, TODAY, None) for key in (*project_ids, 0))
        taken = draw(moments)
        entities.append(Baseline(id=3, name="Plan 1", taken=taken, plan=rows, finishes=ends))
        entities.append(SavedFilter(id=2, name="Meine", query="dept:netz"))
    return Workspace(entities)


def _numbered(count: int) -> st.SearchStrategy[set[int]]:
    return st.sets(st.integers(1, 40), min_size=count, max_size=count)


@st.composite
def _task(
    draw: st.DrawFn,
    id: int,
    projects: list[int],
    lanes: list[int],
    people: list[int],
    systems: list[int],
    tasks: list[int],
) -> Task:
    estimate = sorted(n for n in (draw(_numbers), draw(_numbers), draw(_numbers)) if n is not None)
    names = draw(st.permutations(("low", "likely", "high")))[: len(estimate)]
    inorder = [name for name in ("low", "likely", "high") if name in names]
    estimated = dict(zip(inorder, estimate, strict=True))
    passes = (
        Pass(
            number=1,
            started=draw(moments),
            outcome="done",
            gate=draw(_some(tasks)),
            reason=draw(texts),
            system=draw(_some(systems)),
        ),
    )
    mention = draw(texts | st.sampled_from([f"#{task} und Einkauf" for task in tasks]))
    chosen = st.lists(st.sampled_from(people), unique=True) if people else st.just([])
    touched = st.lists(st.sampled_from(systems), unique=True) if systems else st.just([])
    return Task(
        id=id,
        title=draw(texts),
        project=draw(_some(projects)),
        phase=draw(st.just("") | texts),
        department=draw(_some(lanes)),
        assignee=draw(_some(people)),
        requester=draw(_some(people)),
        watchers=tuple(draw(chosen)),
        state=draw(st.sampled_from(STATES)),
        priority=draw(st.sampled_from(PRIORITIES)),
        low=estimated.get("low"),
        likely=estimated.get("likely"),
        high=estimated.get("high"),
        effort=draw(_numbers),
        spent=draw(_numbers),
        progress=draw(st.sampled_from((None, 0.0, 0.5, 12.5, 99.0, 100.0))),
        due=draw(st.none() | days),
        not_before=draw(st.none() | days),
        follow_up=draw(st.none() | days),
        waiting_for=draw(st.just("") | st.just(mention)),
        tags=tuple(draw(st.lists(texts, unique=True, max_size=3))),
        systems=tuple(draw(touched)),
        notes=draw(_lines),
        checklist=(Item(text=draw(texts), done=True),) if draw(st.booleans()) else (),
        recurrence=draw(st.sampled_from(("", "1m", "90d"))),
        expires=draw(st.none() | days),
        ahead=draw(st.sampled_from(("", "3m", "90d"))),
        passes=passes if draw(st.booleans()) else (),
        created=draw(st.none() | moments),
        modified=draw(st.none() | moments),
        extra=draw(st.sampled_from(({}, {"mood": {"deep": [1, "x"]}}))),
    )


@st.composite
def _links(draw: st.DrawFn, tasks: list[int], people: list[int]) -> list[Link]:
    order = draw(st.permutations(tasks))
    ahead = [(a, b) for i, a in enumerate(order) for b in order[i + 1 :]]
    behind = [(b, a) for a, b in ahead] + [(a, a) for a in tasks]
    needs = draw(st.lists(st.sampled_from(ahead), unique=True, max_size=8)) if ahead else []
    backs = draw(st.lists(st.sampled_from(behind), unique=True, max_size=4)) if tasks else []
    lags = st.sampled_from((0.0, 2.0, -2.0, 0.5)) | st.floats(-10_000, 10_000)
    shares = st.floats(0, 1, exclude_min=True) | st.sampled_from((1.0, 0.5))
    links = []
    for id, (a, b) in enumerate(needs, 1):
        link = Link(id=id, kind="needs", source=a, target=b, lag=draw(lags))
        if draw(st.booleans()):
            link = replace(link, ripple=draw(st.floats(0, 1)), share=draw(shares))
        links.append(link)
    left = dict.fromkeys(tasks, 1.0)
    for id, (a, b) in enumerate(backs, len(links) + 1):
        # All that may come back from a gate leaves a chance for going on.
        rate = draw(st.floats(0, 1, exclude_max=True) | st.sampled_from((0.3, 0.2)))
        rate = min(rate, left[a] / 2) if rate >= left[a] - 1e-6 else rate
        left[a] -= rate
        links.append(
            Link(
                id=id,
                kind="returns",
                source=a,
                target=b,
                rate=rate,
                rate_entered=draw(st.booleans()),
                share=draw(shares),
                limit=(limit := draw(st.none() | st.integers(1, 9))),
                redo=draw(st.sampled_from(("all", "target", "chance"))),
                learning=draw(st.just(0.0) | st.floats(0, 1, exclude_max=True)),
                escalation=draw(st.sampled_from((None, 0.0, 2.0, 0.25))) if limit else None,
                escalate_to=draw(_some(people)),
                observed=draw(st.booleans()),
            )
        )
    return links
