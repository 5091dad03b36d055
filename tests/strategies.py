"""Random plans and texts for laws."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.builders import TODAY
from tracker.domain.model import (
    PRIORITIES,
    STATES,
    SYSTEM_STATES,
    Department,
    Entity,
    Link,
    Person,
    Project,
    System,
    Task,
)
from tracker.domain.workspace import Workspace

# What people type, and what strangers may smuggle in.
texts = st.text(
    st.characters(codec="utf-8", exclude_categories=()), min_size=1, max_size=40
).filter(lambda text: bool(text.strip()))
days = st.dates(TODAY.replace(year=2020), TODAY.replace(year=2035))
numbers = st.floats(0, 500, allow_nan=False).map(lambda number: round(number, 2))


@st.composite
def workspaces(draw: st.DrawFn, *, most: int = 10) -> Workspace:
    """Draw a sound workspace: references resolve, `needs` has no loop, returns go anywhere."""
    size = draw(st.integers(0, most))
    order = draw(st.permutations(range(1, size + 1)))
    entities: list[Entity] = [
        Project(id=1, name=draw(texts)),
        Department(id=1, name="Netz", order=1),
        Department(id=2, name="Einkauf", order=2, wip_limit=2),
        Person(id=1, login="t.yilmaz", department=1),
        System(id=1, name="ERP-DB", state=draw(st.sampled_from(SYSTEM_STATES))),
    ]
    for id in range(1, size + 1):
        low, likely, high = sorted(draw(st.tuples(numbers, numbers, numbers)))
        entities.append(
            Task(
                id=id,
                title=draw(texts).strip(),
                project=draw(st.sampled_from((None, 1))),
                department=draw(st.sampled_from((None, 1, 2))),
                assignee=draw(st.sampled_from((None, 1))),
                state=draw(st.sampled_from(STATES)),
                priority=draw(st.sampled_from(PRIORITIES)),
                low=low,
                likely=likely,
                high=high,
                due=draw(st.none() | days),
                systems=draw(st.sampled_from(((), (1,)))),
            )
        )
    pairs = [(a, b) for i, a in enumerate(order) for b in order[i + 1 :]]
    needs = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=2 * size)) if pairs else []
    back = st.tuples(st.integers(1, max(size, 1)), st.integers(1, max(size, 1)))
    returns = draw(st.lists(back, unique=True, max_size=3)) if size else []
    for id, (source, target) in enumerate(needs, start=1):
        entities.append(Link(id=id, kind="needs", source=source, target=target))
    for id, (source, target) in enumerate(returns, start=len(needs) + 1):
        limit = draw(st.none() | st.integers(1, 4))
        entities.append(Link(id=id, kind="returns", source=source, target=target, limit=limit))
    return Workspace(entities)
