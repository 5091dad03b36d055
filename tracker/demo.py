"""The demo project: a municipal utility two months into moving its billing to the cloud."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any

from tracker.domain.calendar import Calendar
from tracker.domain.change import Change
from tracker.domain.draft import Now, together
from tracker.domain.model import Absence, Department, Item, Person, Project, System, SystemState
from tracker.domain.sentence import counted
from tracker.domain.verbs import arrows, commands
from tracker.domain.verbs.commands import Command
from tracker.domain.workspace import Workspace
from tracker.language import _

Fields = dict[str, Any]
Step = tuple[str, Command]  # who does it, and what

_COORDINATOR = "a.brinkmann"
_SPONSOR = "m.terhorst"

# In the order of the lanes: who talks to each other stands next to each other.
OFFICE, BILLING, DEVELOPMENT, SECURITY, STAFF, OPERATIONS, PURCHASING, CONTROLLING = range(1, 9)
VERA, KUNO, CLOUD, TEST_DB, GATEWAY, PORTAL = range(1, 7)
MOVE, RENEWAL = range(1, 3)

# login: name, department, days a week
_PEOPLE: dict[str, tuple[str, int, float]] = {
    "a.brinkmann": ("Anja Brinkmann", OFFICE, 5),
    "m.terhorst": ("Dr. Michael Terhorst", OFFICE, 1),
    "k.schlueter": ("Karin Schlüter", BILLING, 4),
    "y.kaplan": ("Yasemin Kaplan", BILLING, 5),
    "j.pohlmann": ("Jens Pohlmann", DEVELOPMENT, 5),
    "l.demir": ("Leyla Demir", DEVELOPMENT, 4),
    "p.ferreira": ("Paulo Ferreira", DEVELOPMENT, 5),
    "t.overbeck": ("Thomas Overbeck", SECURITY, 4),
    "m.wilczek": ("Marek Wilczek", OPERATIONS, 5),
    "o.hansmann": ("Ole Hansmann", OPERATIONS, 5),
    "s.vogt": ("Sandra Vogt", STAFF, 3),
    "r.adamek": ("Rolf Adamek", PURCHASING, 4),
    "b.nowicki": ("Birgit Nowicki", CONTROLLING, 3),
}
# Whom each task waits for. Tasks go by these names in this module only.
_NEEDS = {
    "requirements": "kick-off inventory",
    "protection": "inventory",
    "architecture": "requirements",
    "tender": "budget",
    "roles": "protection",
    "council": "roles",
    "review": "protection architecture",
    "contract": "tender",
    "records": "inventory",
    "mapping": "records architecture",
    "network": "tender",
    "environment": "review network",
    "meters": "review",
    "payments": "review",
    "login": "review",
    "cases": "requirements",
    "interfaces": "meters payments environment",
    "trial": "mapping environment",
    "load": "environment",
    "intrusion": "login",
    "material": "roles",
    "training": "council material",
    "acceptance": "cases interfaces trial training",
    "rehearsal": "trial load contract",
    "costs": "tender",
    "decision": "acceptance rehearsal intrusion",
    "letter": "decision",
    "cut-over": "decision",
    "first-run": "cut-over",
    "archive": "contract",
    "notice": "tender",
    "switch-off": "cut-over archive",
    "chatbot": "requirements",
    "order": "expiring",
    "install": "order",
    "proof": "install",
    "restore": "environment",
}
_LAGS = {"first-run": 3.0}
# gate, target: rate, share, limit, who is told beyond it
_RETURNS: dict[tuple[str, str], tuple[float, float, int, str]] = {
    ("review", "requirements"): (0.35, 0.4, 3, _COORDINATOR),
    ("interfaces", "meters"): (0.3, 0.5, 2, _SPONSOR),
    ("trial", "records"): (0.3, 0.3, 3, _COORDINATOR),
    ("decision", "acceptance"): (0.15, 0.5, 2, _SPONSOR),
}
_TOUCHED = {
    VERA: "inventory records mapping trial rehearsal cut-over archive switch-off",
    KUNO: "inventory records cut-over switch-off",
    CLOUD: "architecture roles mapping environment meters payments interfaces load acceptance"
    " rehearsal cut-over first-run",
    TEST_DB: "environment interfaces trial load",
    GATEWAY: "meters install",
    PORTAL: "login intrusion chatbot install",
}


def story(today: date) -> Iterator[tuple[Now, Command]]:
    """Walk over what happened, oldest first: when and by whom, and the command.

    Everything lies on working days before `today`, the first about two months back. It is the same
    for the same `today`, in the language in use.
    """
    day = _Days(today)
    verbs = _Verbs(_tasks(day))
    for offset, clock, (who, command) in (
        (-44, "08:05", _import(day, verbs)),
        *_history(day, verbs),
    ):
        at = datetime.combine(day(offset), time.fromisoformat(clock), UTC)
        yield Now(at=at, today=at.date(), who=who), command


def workspace(today: date) -> Workspace:
    """Return the demo as it stands on the morning of `today`."""
    ws = Workspace()
    for now, command in story(today):
        ws = ws.apply(command(ws, now))
    return ws


class _Days:
    """Days counted in working days from today, as in `day(-3)`; 0 is today or the next one."""

    def __init__(self, today: date) -> None:
        self._today = today
        self._calendar = Calendar()

    def __call__(self, offset: int) -> date:
        return self._calendar.add_working_days(self._today, offset)

    @property
    def friday(self) -> date:
        """The last working day of the week that is on, or of the next one at the weekend."""
        first = self(0)
        days = [first + timedelta(days=ahead) for ahead in range(5 - first.weekday())]
        return max(day for day in days if self._calendar.is_working(day))

    @property
    def cutover(self) -> date:
        """The Sunday of the cut-over, some five weeks ahead: no holiday just before or after."""
        last = self(26)
        sunday = last + timedelta(days=6 - last.weekday())
        ahead, after = timedelta(days=-3), timedelta(days=5)
        while self._calendar.working_days_between(sunday + ahead, sunday + after) < 6:
            sunday += timedelta(days=7)
        return sunday


class _Verbs:
    """The commands by the names that tasks have here, each with who gives it: the assignee."""

    def __init__(self, tasks: Mapping[str, Fields]) -> None:
        self.tasks = tasks
        self.number = {name: place for place, name in enumerate(tasks, 1)}

    def add(self, name: str, **more: Any) -> Command:
        """Add a task as planned, with the arrows it needs."""
        lag = _LAGS.get(name, 0.0)
        after = tuple((self.number[needed], lag) for needed in _NEEDS.get(name, "").split())
        return partial(commands.add_task, after=after, **self.tasks[name], **more)

    def edit(self, name: str, **fields: Any) -> Step:
        """Set fields of a task."""
        return self._by(name, commands.edit_task, **fields)

    def ask(self, name: str, **fields: Any) -> Step:
        """Set fields of a task as the coordinator."""
        return _COORDINATOR, self.edit(name, **fields)[1]

    def start(self, name: str) -> Step:
        """Begin, or take up again."""
        return self._by(name, commands.start)

    def finish(self, name: str, spent: float) -> Step:
        """Finish, and book what has been spent so far, in person-days."""
        who, done = self._by(name, commands.finish)
        return who, together((done, self.edit(name, spent=spent)[1]))

    def confirm(self, name: str) -> Step:
        """Say that a recheck is still good."""
        return self._by(name, commands.confirm)

    def drop(self, name: str) -> Step:
        """Give a task up."""
        return self._by(name, commands.drop)

    def wait(self, name: str, what: str, follow_up: date) -> Step:
        """Wait for somebody outside."""
        return self._by(name, commands.wait, waiting_for=what, follow_up=follow_up)

    def back(self, gate: str, target: str, reason: str, system: int | None = None) -> Step:
        """Send work back from a gate."""
        back = partial(arrows.send_back, gate=self.number[gate], target=self.number[target])
        return self._who(gate), partial(back, reason=reason, system=system)

    def system(self, key: int, state: SystemState, why: str = "") -> Step:
        """Say how a system is."""
        return "m.wilczek", partial(commands.set_system, system=key, state=state, why=why)

    def _by(self, name: str, command: Callable[..., Change], **fields: Any) -> Step:
        return self._who(name), partial(command, task=self.number[name], **fields)

    def _who(self, name: str) -> str:
        return str(self.tasks[name]["assignee"])


def _import(day: _Days, verbs: _Verbs) -> Step:
    """Bring the plan in as one change: who there is, the tasks, the returns that are expected."""
    planned = [name for name in verbs.tasks if name != "restore"]
    steps: list[Command] = [
        partial(commands.edit_entity, kind=kind, **fields) for kind, fields in _house(day)
    ]
    steps += [verbs.add(name) for name in planned]
    for (gate, target), (rate, share, limit, escalate_to) in _RETURNS.items():
        way = partial(arrows.link_return, gate=verbs.number[gate], target=verbs.number[target])
        steps.append(partial(way, rate=rate, share=share, limit=limit, escalate_to=escalate_to))
    label = counted("Imported {n} task", "Imported {n} tasks", len(planned))
    return _COORDINATOR, together(steps, label)


def _house(day: _Days) -> Iterator[tuple[type[Department | Person | System | Project], Fields]]:
    """Walk over the departments, people, systems and projects."""
    lanes = (
        (_("Project office"), _("PO"), None, 6.0, 720.0),
        (_("Billing"), _("BIL"), None, 7.0, 540.0),
        (_("Development"), _("DEV"), 2, 11.0, 760.0),
        (_("Security"), _("SEC"), None, 4.0, 780.0),
        (_("Personnel"), _("HR"), None, 2.0, 510.0),
        (_("Operations"), _("OPS"), 3, 8.0, 690.0),
        (_("Purchasing"), _("PUR"), None, 3.0, 560.0),
        (_("Controlling"), _("CTL"), None, 2.0, 580.0),
    )
    for order, (name, short, wip_limit, capacity, day_rate) in enumerate(lanes, 1):
        lane = {"name": name, "short": short, "order": order, "wip_limit": wip_limit}
        yield Department, {**lane, "capacity": capacity, "day_rate": day_rate}
    away = {
        "l.demir": (Absence(first=day(6), last=day(10), note=_("Leave")),),
        "b.nowicki": (Absence(first=day(2), last=day(3), note=_("Course on annual accounts")),),
    }
    for login, (name, department, capacity) in _PEOPLE.items():
        person = {"login": login, "name": name, "department": department, "capacity": capacity}
        yield Person, {**person, "absences": away.get(login, ())}
    systems = (
        ("VERA", "legacy", BILLING),
        ("KUNO", "legacy", BILLING),
        (_("Billing cloud"), "cloud", OPERATIONS),
        (_("Test database"), "cloud", OPERATIONS),
        (_("Meter gateway"), "other", OPERATIONS),
        (_("Customer portal"), "cloud", DEVELOPMENT),
    )
    for name, side, owner in systems:
        yield System, {"name": name, "side": side, "owner": owner}
    projects = (
        (_("Billing to the cloud"), _("CLOUD"), day(-44), day.cutover, 420_000.0),
        (_("Certificate renewal"), _("CERT"), day(-36), day(6), 9_500.0),
    )
    for name, key, start, target, budget in projects:
        yield (
            Project,
            {"name": name, "key": key, "start": start, "target": target, "budget": budget},
        )


def _tasks(day: _Days) -> dict[str, Fields]:
    """Return the fields of the tasks as planned, in the order of their numbers."""
    tasks = {
        **_preparation(day),
        **_building(day),
        **_switching(day),
        **_certificates(day),
        "restore": _task(_("Restore test database"), "m.wilczek", (0.5, 1, 4), 2, day(1)),
    }
    notes = _notes()
    tags = _tags()
    urgent = {
        "critical": "decision cut-over restore",
        "high": "council contract meters interfaces trial acceptance install",
        "low": "material chatbot",
    }
    for name, task in tasks.items():
        task["systems"] = tuple(key for key, names in _TOUCHED.items() if name in names.split())
        task["tags"] = tuple(tag for tag, names in tags.items() if name in names.split())
        task["notes"] = notes.get(name, "")
        task["priority"] = next(
            (p for p, names in urgent.items() if name in names.split()), "medium"
        )
    return tasks


def _task(
    title: str,
    assignee: str,
    estimate: tuple[float, float, float],
    effort: float,
    due: date,
    **fields: Any,
) -> Fields:
    """Return the fields of a task: the estimate in working days, the effort in person-days."""
    whose = {"project": MOVE, "department": _PEOPLE[assignee][1], "assignee": assignee}
    days = dict(zip(("low", "likely", "high"), estimate, strict=True))
    return {"title": title, **whose, **days, "effort": effort, "due": due, **fields}


def _preparation(day: _Days) -> dict[str, Fields]:
    """Return the tasks up to the security review; some were done before the plan was written."""
    before = {"state": "done", "requester": _SPONSOR}
    wish = {"requester": _COORDINATOR}
    return {
        "kick-off": _task(
            _("Kick-off"), "a.brinkmann", (1, 1, 2), 4, day(-46), spent=4.0, **before
        ),
        "inventory": _task(
            _("Inventory of VERA"), "k.schlueter", (3, 5, 9), 6, day(-45), spent=8.0, **before
        ),
        "requirements": _task(
            _("Requirements for billing"), "k.schlueter", (4, 6, 12), 8, day(-37), **wish
        ),
        "budget": _task(
            _("Budget release, phase 1"), "b.nowicki", (1, 2, 8), 1, day(-42), state="doing", **wish
        ),
        "protection": _task(_("Protection needs"), "t.overbeck", (2, 3, 6), 3, day(-39)),
        "architecture": _task(_("Target architecture"), "j.pohlmann", (3, 5, 10), 7, day(-31)),
        "tender": _task(_("Hosting tender"), "r.adamek", (10, 15, 25), 6, day(-27), **wish),
        "roles": _task(_("Roles and permissions"), "t.overbeck", (3, 5, 8), 6, day(-30)),
        "council": _task(_("Works council consent"), "s.vogt", (5, 10, 30), 2, day(7), **wish),
        "review": _task(_("Security review"), "t.overbeck", (2, 3, 7), 4, day(-27)),
        "contract": _task(
            _("Data processing agreement"),
            "r.adamek",
            (4, 8, 20),
            3,
            day(-8),
            watchers=(_COORDINATOR, "t.overbeck"),
            **wish,
        ),
        "records": _task(_("Customer data clean-up"), "y.kaplan", (8, 12, 25), 14, day(-19)),
    }


def _building(day: _Days) -> dict[str, Fields]:
    """Return the tasks from the environment to the tests."""
    watched = {"watchers": (_COORDINATOR, _SPONSOR)}
    return {
        "mapping": _task(_("Data mapping"), "l.demir", (3, 4, 8), 6, day.friday),
        "network": _task(_("Network link to the cloud"), "m.wilczek", (2, 4, 10), 5, day(-16)),
        "environment": _task(_("Test environment"), "o.hansmann", (2, 4, 8), 6, day(-16)),
        "meters": _task(
            _("Meter data interface"), "j.pohlmann", (4, 6, 12), 9, day(-14), **watched
        ),
        "payments": _task(_("SEPA interface"), "p.ferreira", (3, 4, 7), 5, day(-11)),
        "login": _task(_("Portal login"), "p.ferreira", (4, 7, 11), 8, day.friday),
        "cases": _task(_("Test cases for billing"), "k.schlueter", (4, 6, 10), 9, day(-12)),
        "interfaces": _task(_("Interface test"), "k.schlueter", (2, 4, 8), 6, day(-8)),
        "trial": _task(_("Trial migration"), "l.demir", (2, 4, 9), 7, day(5)),
        "load": _task(_("Load test, billing run"), "o.hansmann", (2, 3, 6), 4, day(6)),
        "intrusion": _task(_("Penetration test"), "t.overbeck", (3, 5, 9), 4, day(11)),
        "material": _task(_("Training material"), "s.vogt", (4, 6, 10), 7, day(8)),
    }


def _switching(day: _Days) -> dict[str, Fields]:
    """Return the tasks from the acceptance to the end of the old system."""
    sunday = day.cutover
    thursday, friday = (sunday - timedelta(days=days) for days in (3, 2))
    later = [sunday + timedelta(days=days) for days in (4, 11, 26)]
    sponsor = {"requester": _SPONSOR}
    return {
        "training": _task(_("Key user training"), "s.vogt", (2, 3, 5), 9, day(13)),
        "acceptance": _task(_("Acceptance test"), "y.kaplan", (5, 8, 14), 16, day(21)),
        "rehearsal": _task(_("Dress rehearsal"), "m.wilczek", (1, 2, 4), 8, day(18)),
        "costs": _task(
            _("Cost review, amendment 2"), "b.nowicki", (2, 3, 10), 3, day(-2), **sponsor
        ),
        "decision": _task(_("Go/no-go decision"), "m.terhorst", (1, 1, 5), 1, thursday),
        "letter": _task(_("Customer letter"), "a.brinkmann", (2, 4, 8), 4, later[0]),
        "cut-over": _task(
            _("Cut-over weekend"), "m.wilczek", (1, 1, 2), 10, sunday, not_before=friday
        ),
        "first-run": _task(_("First billing run"), "k.schlueter", (2, 3, 6), 5, later[1]),
        "archive": _task(_("Archive for the auditors"), "b.nowicki", (3, 5, 9), 6, day(22)),
        "notice": _task(_("Notice on VERA support"), "r.adamek", (1, 1, 3), 1, day(9)),
        "switch-off": _task(_("Switch off VERA"), "o.hansmann", (1, 2, 5), 3, later[2]),
        "chatbot": _task(
            _("Chatbot for readings"), "a.brinkmann", (5, 10, 20), 12, day(20), **sponsor
        ),
    }


def _certificates(day: _Days) -> dict[str, Fields]:
    """Return the tasks of the other project, which comes back every year."""
    other = {"project": RENEWAL}
    return {
        "expiring": _task(
            _("Expiring certificates"),
            "t.overbeck",
            (1, 1, 2),
            1,
            day(-33),
            recurrence="1y",
            **other,
        ),
        "order": _task(_("Order certificates"), "r.adamek", (2, 5, 10), 1, day(-20), **other),
        "install": _task(_("Install certificates"), "m.wilczek", (1, 1, 2), 2, day.friday, **other),
        "proof": _task(_("Proof for the auditors"), "t.overbeck", (1, 1, 2), 1, day(6), **other),
    }


def _tags() -> dict[str, str]:
    """Return which tasks carry which tag."""
    return {
        _("audit"): "protection review intrusion archive proof",
        _("privacy"): "roles contract",
        _("data"): "records mapping trial",
        _("cut-over"): "rehearsal decision cut-over",
        _("certificate"): "expiring order install proof",
    }


def _notes() -> dict[str, str]:
    """Return the notes with which tasks were planned, in Markdown."""
    return {
        "kick-off": _(
            "**Stadtwerke Haldenbeck**: 61,000 meters, one billing system from 1998.\n\n"
            "- out: VERA (billing) and KUNO (customer desk)\n"
            "- in: billing as a service, ready before the next annual bills\n\n"
            "Ground rule 3: whoever sends something back writes down why."
        ),
        "cut-over": _(
            "1. Friday 18:00: VERA read-only\n"
            "2. Saturday 02:00: migration done, or stop\n"
            "3. Saturday 14:00: Billing compares 200 bills\n"
            "4. Sunday 12:00: point of no return\n\n"
            "Weekend work of nine people; part of what the works council is asked for."
        ),
        "notice": _(
            "The notice period ends **before** the go/no-go decision. Not given, it costs one "
            "more year: 38,000 €. Given, and the cut-over slips: a month without support."
        ),
    }


def _later_notes() -> dict[str, str]:
    """Return the notes that were taken on the way."""
    return {
        "requirements": _(
            "1. as collected in four workshops\n"
            "2. with retention periods for former customers\n"
            "3. with the purpose of the 15-minute values\n\n"
            "Version 3 is the one that Security has accepted."
        ),
        "council": _(
            "The works council meets **every four weeks**; papers five working days before.\n\n"
            "- first meeting: missed, the roles were not ready\n"
            "- second meeting: sent back, see passes\n"
            "- third meeting: on the agenda as item 6 of 9"
        ),
        "contract": _(
            "- draft sent to the supplier\n"
            "- first reminder: *is with our legal department*\n"
            "- second reminder: no answer\n"
            "- by phone: account manager on leave, deputy may not sign\n\n"
            "Without a signature **no real customer data** leaves the building, and so no "
            "dress rehearsal."
        ),
        "meters": _(
            "Takes the readings from the gateway every 15 minutes.\n\n"
            "| pass | what came back |\n|---|---|\n"
            "| 1 | every reading twice after a reconnect |\n"
            "| 2 | second batch refused: `too many connections` |\n\n"
            "Open question: is pass 3 ours at all? The connection limit belongs to Operations, "
            "who wait for us to lower the load."
        ),
    }


def _history(day: _Days, verbs: _Verbs) -> list[tuple[int, str, Step]]:
    """Return what was done after the plan: working days before today, UTC, who and what."""
    start, finish, wait, back = verbs.start, verbs.finish, verbs.wait, verbs.back
    system, edit = verbs.system, verbs.edit
    notes = _later_notes()
    rescue = together(
        (
            verbs.add("restore", checklist=_checklist(0)),
            partial(
                commands.edit_entity, kind=System, id=TEST_DB, restored_by=verbs.number["restore"]
            ),
        )
    )
    return [
        (-43, "07:20", start("requirements")),
        (-43, "08:45", start("protection")),
        (-42, "13:30", finish("budget", 1.5)),
        (-42, "14:05", start("tender")),
        (-40, "09:15", start("records")),
        (-39, "10:30", finish("protection", 3.5)),
        (-38, "07:50", start("roles")),
        (-38, "12:40", finish("requirements", 7)),
        (-37, "08:10", start("architecture")),
        (-36, "07:35", start("expiring")),
        (-35, "09:20", finish("expiring", 1)),
        (-34, "11:05", start("order")),
        (-34, "14:20", finish("architecture", 5)),
        (-33, "08:30", start("review")),
        (
            -32,
            "13:10",
            back("review", "requirements", _("Retention periods for former customers are missing")),
        ),
        (-31, "07:25", start("requirements")),
        (-29, "10:50", finish("requirements", 9)),
        (-29, "14:15", verbs.confirm("architecture")),
        (-28, "08:40", start("review")),
        (
            -27,
            "12:25",
            back(
                "review",
                "requirements",
                _("15-minute values are personal data: the purpose is missing"),
            ),
        ),
        (-27, "14:40", finish("roles", 6)),
        (-26, "07:30", start("requirements")),
        (-25, "09:45", finish("tender", 8)),
        (-24, "10:15", finish("requirements", 11)),
        (-24, "10:20", edit("requirements", notes=notes["requirements"])),
        (-24, "13:00", start("architecture")),
        (-23, "09:10", finish("order", 1.5)),
        (-22, "08:20", start("contract")),
        (-22, "14:30", finish("architecture", 7.5)),
        (-22, "14:45", start("network")),
        (-21, "07:45", start("review")),
        (-20, "11:20", finish("review", 6)),
        (-20, "13:35", finish("records", 13)),
        (-19, "08:00", start("meters")),
        (-19, "08:25", start("mapping")),
        (-19, "09:40", start("council")),
        (-18, "08:50", start("cases")),
        (-18, "10:10", finish("network", 5)),
        (-18, "10:40", start("environment")),
        (-17, "12:15", wait("contract", _("the supplier's signature"), day(-10))),
        (-16, "09:05", system(KUNO, "degraded", _("Night batch ends at 9:40"))),
        (-16, "13:50", finish("mapping", 4.5)),
        (-16, "14:10", start("payments")),
        (-15, "11:30", finish("environment", 6.5)),
        (-15, "12:55", start("trial")),
        (
            -14,
            "10:20",
            back("trial", "records", _("1,214 duplicates, 86 customers without a valid IBAN")),
        ),
        (
            -13,
            "14:00",
            back("council", "roles", _("Access logs would allow staff to be monitored")),
        ),
        (-13, "14:35", finish("meters", 8)),
        (-12, "07:40", start("records")),
        (-12, "10:25", finish("payments", 5)),
        (-12, "11:45", finish("cases", 9.5)),
        (-12, "12:30", start("interfaces")),
        (-11, "08:15", system(GATEWAY, "degraded", _("Reconnects every hour"))),
        (
            -11,
            "13:20",
            back(
                "interfaces",
                "meters",
                _("Every reading twice after the gateway reconnects"),
                GATEWAY,
            ),
        ),
        (-11, "13:55", verbs.ask("meters", due=day(-3))),
        (-10, "07:55", start("meters")),
        (-10, "08:35", start("roles")),
        (-10, "09:50", start("login")),
        (-10, "11:10", wait("contract", _("the supplier's legal department"), day(-4))),
        (-9, "13:05", system(GATEWAY, "up")),
        (-8, "08:30", edit("chatbot", notes=_("No requirement was found that it would meet."))),
        (-8, "08:32", verbs.drop("chatbot")),
        (-8, "09:25", start("costs")),
        (-8, "14:25", finish("meters", 11)),
        (-7, "07:45", start("interfaces")),
        (-7, "12:10", finish("roles", 8)),
        (-6, "08:05", start("council")),
        (-6, "10:40", finish("records", 17)),
        (-6, "11:30", start("material")),
        (-5, "08:55", wait("council", _("the works council's next meeting"), day(7))),
        (-5, "08:57", edit("council", notes=notes["council"])),
        (
            -5,
            "10:05",
            back("interfaces", "meters", _("Second batch refused: too many connections"), TEST_DB),
        ),
        (-5, "10:20", verbs.ask("interfaces", due=day(4))),
        (-5, "10:30", system(TEST_DB, "degraded", _("Connection limit reached"))),
        (-4, "07:30", start("meters")),
        (-4, "07:50", edit("meters", notes=notes["meters"])),
        (-4, "13:15", wait("contract", _("somebody at the supplier who may sign"), day(0))),
        (-4, "13:18", edit("contract", notes=notes["contract"])),
        (-3, "12:45", verbs.ask("meters", priority="critical")),
        (-2, "09:30", edit("costs", spent=3.0)),
        (-2, "14:30", edit("login", spent=5.5)),
        (-1, "07:10", system(TEST_DB, "down", _("Refuses every login since the patch"))),
        (-1, "07:40", ("m.wilczek", rescue)),
        (-1, "07:42", start("restore")),
        (-1, "09:20", edit("restore", checklist=_checklist(2), spent=0.5)),
        (-1, "13:40", edit("meters", spent=12.5)),
        (-1, "14:05", edit("material", spent=3.0)),
    ]


def _checklist(done: int) -> tuple[Item, ...]:
    """Return the steps that bring the test database up again, the first ones done."""
    steps = (
        _("Save the log files"),
        _("Open a ticket with the supplier"),
        _("Take back last night's patch"),
        _("Try a login from Billing"),
        _("Tell the testers"),
    )
    return tuple(Item(text=text, done=at < done) for at, text in enumerate(steps))
