"""The things a workspace holds, as frozen values that check themselves."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal, NamedTuple

import msgspec

State = Literal["todo", "doing", "waiting", "recheck", "done", "dropped"]
Priority = Literal["low", "medium", "high", "critical"]
Side = Literal["legacy", "cloud", "other"]
SystemState = Literal["up", "degraded", "down"]
LinkKind = Literal["needs", "returns"]
Times = Annotated[float, msgspec.Meta(ge=0, le=1000)]
# What an estimate of a single number may come to, times it: from its 10 % to its 90 % quantile,
# or as tasks did that are finished.
Spread = tuple[Times, Times] | Literal["finished"]
Outcome = Literal["", "done", "returned", "interrupted"]
Redo = Literal["all", "target", "chance"]

STATES: tuple[State, ...] = ("todo", "doing", "waiting", "recheck", "done", "dropped")
PRIORITIES: tuple[Priority, ...] = ("low", "medium", "high", "critical")
SYSTEM_STATES: tuple[SystemState, ...] = ("up", "degraded", "down")

# A day of every year, or of one: `12-24`, `2027-05-07`.
DayOfYear = Annotated[str, msgspec.Meta(pattern=r"^(?:\d{4}-)?\d\d-\d\d$")]

# A moment somewhere on earth: one without a time zone could not be compared with others.
Moment = Annotated[datetime, msgspec.Meta(tz=True)]

# Numbers as they may be kept. No verb writes any that comes near the largest ones, and what is
# worked out from these still is a number, whoever wrote them.
WorkingDays = Annotated[float, msgspec.Meta(ge=0, le=1e6)]
Amount = Annotated[float, msgspec.Meta(ge=0, le=1e15)]
Proportion = Annotated[float, msgspec.Meta(ge=0, le=1)]
Natural = Annotated[int, msgspec.Meta(ge=1, le=10**9)]

LONGEST_TITLE = 10_000
# The largest limit of passes a return arrow may have.
MOST_PASSES = 999

# A single number is taken at its word.
NO_SPREAD: Spread = (1.0, 1.0)

# A return arrow nobody gave a rate: one in five comes back. An assumption, shown where it is used.
DEFAULT_RATE = 0.2


class Value(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """Base of everything below; `extra` keeps the fields a newer program wrote.

    Unknown fields are refused when decoding, so that the store notices them and moves them there.
    """

    extra: dict[str, Any] = {}


class Entity(Value, frozen=True, kw_only=True):
    """A thing with an identity: `id` is positive and never given twice within its kind."""

    id: int


class Settings(Entity, frozen=True, kw_only=True):
    """What holds for the whole workspace; there is one, with id 1.

    `region` is a country of the `holidays` package, with its subdivision behind a hyphen.
    `company_holidays` are days on which nobody works: `12-24` in every year, `2027-05-07` once; on
    `company_half_days` they work half of the day. A rate of return that was entered weighs as much
    as `prior_weight` completions of its gate. All amounts are in `currency`, an ISO 4217 code.
    An estimate of a single number is taken to have a `spread`.
    """

    region: str = "DE-NW"
    company_holidays: tuple[DayOfYear, ...] = ()
    company_half_days: tuple[DayOfYear, ...] = ()
    correlation: Proportion = 0.5
    policy: Literal["wait", "at-risk"] = "wait"
    prior_weight: Amount = 4.0
    currency: str = "EUR"
    spread: Spread = NO_SPREAD


class Project(Entity, frozen=True, kw_only=True):
    """A piece of work with a target date; `key` is its short name, `budget` in money."""

    name: str
    key: str = ""
    start: date | None = None
    target: date | None = None
    budget: Amount | None = None


class Department(Entity, frozen=True, kw_only=True):
    """A lane of the board.

    `order` sorts the lanes, `color` is that of its name; `capacity` is in person-days a week,
    `day_rate` in money a person-day, `wip_limit` in tasks under way at once.
    """

    name: str
    short: str = ""
    color: str = ""
    order: Annotated[int, msgspec.Meta(ge=-(10**9), le=10**9)] = 0
    wip_limit: Natural | None = None
    capacity: Amount | None = None
    day_rate: Amount | None = None
    days_off: tuple[date, ...] = ()


class Absence(Value, frozen=True, kw_only=True):
    """Days on which a person is away, or `half` of each; both ends are included."""

    first: date
    last: date
    note: str = ""
    half: bool = False


class Person(Entity, frozen=True, kw_only=True):
    """Somebody who works, asks or decides; `login` is the name used when typing.

    `capacity` is in days a week, `wip_limit` in tasks under way at once: one unless given. Without
    a `day_rate` of their own a person costs that of the department.
    """

    login: str
    name: str = ""
    department: int | None = None
    capacity: Amount = 5.0
    day_rate: Amount | None = None
    wip_limit: Natural | None = None
    absences: tuple[Absence, ...] = ()


class System(Entity, frozen=True, kw_only=True):
    """A system that tasks touch; while it is down they are stuck.

    `restored_by` is the task that brings it up again, `since` when its state last changed.
    """

    name: str
    side: Side = "other"
    state: SystemState = "up"
    why: str = ""
    since: Moment | None = None
    owner: int | None = None
    restored_by: int | None = None


class Item(Value, frozen=True, kw_only=True):
    """A line of a checklist."""

    text: str
    done: bool = False


class Pause(Value, frozen=True, kw_only=True):
    """A time in which nobody worked on a task that had begun, until it `ended`, if it has."""

    began: Moment
    ended: Moment | None = None


class Pass(Value, frozen=True, kw_only=True):
    """One run of a task from start to outcome.

    `number` counts from 1. `opened` is when it could begin; `gate`, `reason`, `system` and `who`
    say who reopened it and why; `returned_to` is where a pass that ended as *returned*
    sent the work, and the reason then is in the pass it opened there. Between `started` and
    `ended` the work may have rested, as `pauses` say. A *done* that was `withdrawn` by reopening
    the task was none; `recheck_since` is when one was put in doubt.
    """

    number: Natural
    opened: Moment | None = None
    started: Moment | None = None
    ended: Moment | None = None
    outcome: Outcome = ""
    gate: int | None = None
    reason: str = ""
    system: int | None = None
    who: str = ""
    returned_to: int | None = None
    pauses: tuple[Pause, ...] = ()
    withdrawn: bool = False
    recheck_since: Moment | None = None

    @property
    def accepted(self) -> bool:
        """Whether it ended as done, and that stood."""
        return self.outcome == "done" and not self.withdrawn


class Task(Entity, frozen=True, kw_only=True):
    """A piece of work of one department.

    `low`, `likely`, `high` are working days, the outer two the 10 % and 90 % quantiles; `effort`
    and `spent` are person-days. `phase` is the section of the plan it belongs to, `progress` how
    much of the pass under way is done, in per cent. A `#12` in `waiting_for` says that the task
    waits for task 12. What a task is about, such as a certificate, `expires` at the end of a day;
    so long `ahead` of that, as `periods.is_span` says, it comes back. `origin` is what another
    program knows it by, after a word for that: `jira:UMZ-3`.
    """

    title: str
    project: int | None = None
    phase: str = ""
    department: int | None = None
    assignee: int | None = None
    requester: int | None = None
    watchers: tuple[int, ...] = ()
    state: State = "todo"
    priority: Priority = "medium"
    low: WorkingDays | None = None
    likely: WorkingDays | None = None
    high: WorkingDays | None = None
    effort: WorkingDays | None = None
    spent: WorkingDays | None = None
    progress: Annotated[float, msgspec.Meta(ge=0, le=100)] | None = None
    due: date | None = None
    not_before: date | None = None
    follow_up: date | None = None
    waiting_for: str = ""
    tags: tuple[str, ...] = ()
    systems: tuple[int, ...] = ()
    notes: str = ""
    checklist: tuple[Item, ...] = ()
    recurrence: str = ""
    expires: date | None = None
    ahead: str = ""
    origin: str = ""
    passes: tuple[Pass, ...] = ()
    created: Moment | None = None
    modified: Moment | None = None

    @property
    def open(self) -> bool:
        """Whether work is still owed on it: a recheck is."""
        return self.state not in ("done", "dropped")

    @property
    def milestone(self) -> bool:
        """Whether it takes no time."""
        return self.high == 0

    @property
    def pass_number(self) -> int:
        """The number of the pass it is in or will begin next, or of its last one once done."""
        if not self.passes:
            return 1
        last = self.passes[-1]
        return last.number + (last.outcome != "" and self.state in ("todo", "doing", "waiting"))


class Link(Entity, frozen=True, kw_only=True):
    """An arrow from `source` to `target`.

    `needs`: predecessor → successor, with `lag` in working days. `returns`: gate → target, with
    the chance `rate` per completion of the gate, the `share` of the work done again, the `limit`
    of passes and the person notified beyond it; `observed` marks one that nobody had planned, and
    `rate_entered` one whose rate somebody gave.

    A return lets `all` tasks from target to gate be done again, the `target` and the gate alone,
    or by `chance` those that rework reaches: over a needs arrow with the chance `ripple`, for the
    `share` of that arrow (second-order rework: Browning & Eppinger 2002, "Modeling Impacts of
    Process Architecture on Cost and Schedule Risk in Product Development"); over one without
    always, for the share of the return. Each further pass takes the part `learning` less. Beyond
    the limit the work goes forward after `escalation` working days; without, passes only count as
    over it.
    """

    kind: LinkKind
    source: int
    target: int
    lag: Annotated[float, msgspec.Meta(ge=-1e6, le=1e6)] = 0.0
    rate: Proportion = DEFAULT_RATE
    share: Proportion = 1.0
    limit: Natural | None = None
    escalate_to: int | None = None
    observed: bool = False
    rate_entered: bool = False
    redo: Redo = "all"
    learning: Proportion = 0.0
    escalation: WorkingDays | None = None
    ripple: Proportion | None = None

    @property
    def rate_assumed(self) -> bool:
        """Whether its rate is the one that is assumed where nobody gives another."""
        return not self.rate_entered and self.rate == DEFAULT_RATE


class PlannedTask(NamedTuple):
    """What a baseline keeps of a task: by its plan then the days of its start and finish.

    A day is None where it was over and nobody knows since when. `estimate` is in working days.
    """

    id: int
    start: date | None
    finish: date | None
    estimate: WorkingDays | None
    department: int | None
    state: State
    project: int | None = None


class PlannedFinish(NamedTuple):
    """What a baseline keeps of a project, 0 being the tasks without one.

    `finish` is the last day of its plan, as far as days are known; P50 and P80 are those of the
    forecast, if there was one.
    """

    project: int
    finish: date | None
    p50: date | None
    p80: date | None
    target: date | None


class Baseline(Entity, frozen=True, kw_only=True):
    """A plan as it was agreed, taken `by` somebody for a `reason`: named, and never changed.

    It is of all that was not dropped in its `projects`, or in the whole workspace where it names
    none. With `capacity` nobody did more at once than they can. Both tables are kept as rows
    without names: of many tasks, these would take more room than what they hold.
    """

    name: str
    taken: Moment
    by: str = ""
    reason: str = ""
    projects: tuple[int, ...] = ()
    capacity: bool = False
    plan: tuple[PlannedTask, ...] = ()
    finishes: tuple[PlannedFinish, ...] = ()


class SavedFilter(Entity, frozen=True, kw_only=True):
    """A query somebody keeps under a name."""

    name: str
    query: str


# The kinds of entity, by the name of their table.
KINDS: dict[str, type[Entity]] = {
    "settings": Settings,
    "projects": Project,
    "departments": Department,
    "people": Person,
    "systems": System,
    "tasks": Task,
    "links": Link,
    "baselines": Baseline,
    "filters": SavedFilter,
}
TABLE_OF: dict[type[Entity], str] = {kind: table for table, kind in KINDS.items()}
