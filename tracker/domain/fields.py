"""The fields of a task, each declared once: how it is typed, shown, listed and stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec

from tracker.domain.model import Department, Person, Project, System
from tracker.domain.properties import PROPERTIES
from tracker.domain.sentence import Sentence, sentence

# What a field holds; how it is read, written, compared and cleared follows from it.
Kind = Literal[
    "text",  # one line, as it is typed
    "key",  # what something is called elsewhere, which nobody types
    "word",  # a word or a few that several tasks share
    "notes",  # Markdown
    "checklist",
    "name",  # of an entity
    "names",  # of several
    "tags",
    "state",
    "priority",
    "days",  # working days or person-days
    "estimate",  # low, likely and high in one
    "percent",  # from 0 to 100
    "day",  # a date
    "last day",  # a date; of a span such as a week its last day
    "moment",  # a time in UTC that nobody types
    "period",  # how often it comes back
    "span",  # days, weeks, months or years
    "count",  # a whole number that nobody types
    "needs",  # arrows from predecessors
    "blocks",  # arrows to successors
    "returns",  # arrows back
]


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """A field of a task.

    `keys` precede a colon, the one offered and printed first in English, then in German;
    `words` are others that are understood there, and as heads of columns; `heads` only as those.
    `column` heads the field in lists written here, in English and in German, then as earlier
    versions wrote it. `hint` says what may be typed.
    `entity` is what its names are names of. A field with `examples`, in English and in German, may
    are in the line of a new task.
    """

    name: str
    kind: Kind
    label: Sentence
    keys: tuple[str, ...] = ()
    words: str = ""
    heads: str = ""
    column: tuple[str, ...] = ()
    hint: Sentence | None = None
    entity: type[Department | Person | Project | System] | None = None
    examples: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())

    @property
    def listed(self) -> str:
        """What it is called in JSON and at the head of an English list."""
        return self.column[0] if self.column else self.name


FIELDS: tuple[Field, ...] = (
    Field(
        name="id",
        kind="count",
        label=sentence("No."),
        keys=("id", "nr"),
        words="no, num, number, Nummer, lfd Nr",
        heads="key, issue key, wbs, psp, psp code, pos, position, ref, task id, task no, id nr,"
        " Vorgangsnr, Vorgangsnummer, Aufgabennr, Aufgaben Nr, laufende Nummer,"
        " Gliederungsnummer, wbs code, wbs number, outline number, issue id, issue no, ticket,"
        " ticket id, ticket nr, uuid, unique id, s no, sr no, index, reference, Ticketnummer,"
        " AP Nr, Vorgangs-ID, Vorgangsschlüssel, PSP-Element, Kennung, Gliederung,"
        " Gliederungsnr, iid",
        column=("id", "Nr."),
    ),
    Field(
        name="title",
        kind="text",
        label=sentence("Title"),
        keys=("title", "titel"),
        words="task, name, summary, subject, what, description, Vorgang, Vorgangsname, Aufgabe,"
        " Bezeichnung, Zusammenfassung, Betreff, was, Thema, Tätigkeit, Arbeitspaket",
        heads="tasks, task name, activity, action, action item, work item, issue, item, to do,"
        " Aufgaben, Aufgabenname, Aktivität, Maßnahme, Maßnahmen, was ist zu tun, Titel der"
        " Aufgabe, card name, work package, deliverable, task description, description of"
        " task, story, user story, feature, requirement, content, descr, Aufgabenbezeichnung,"
        " Aufgabenbeschreibung, AP, Teilaufgabe, Arbeitsschritt, Schritt, Meilenstein, Aktion,"
        " Tätigkeiten, Aktivitäten, Inhalt, Beschreibung der Aufgabe, Gewerk, Leistung",
        column=("title", "Vorgang"),
        hint=sentence("what is to be done"),
    ),
    Field(
        name="department",
        kind="name",
        entity=Department,
        label=sentence("Department"),
        keys=("dept", "abt"),
        words="dep, team, unit, Abteilung, Bereich, Fachbereich, Organisationseinheit, oe",
        heads="departments, Abteilung Team, Ressort, Org Einheit, Organisation, group, area,"
        " division, business unit, function, workstream, work stream, swimlane, stream,"
        " Gruppe, Referat, Dezernat, Amt, Sachgebiet, Geschäftsbereich, Kostenstelle",
        column=("department", "Abteilung"),
        hint=sentence("name or short name; unknown ones are created"),
        examples=(("@Netz", "dept:Netz"), ("abt:Netz",)),
    ),
    Field(
        name="assignee",
        kind="name",
        entity=Person,
        label=sentence("Assignee"),
        keys=("who", "wer"),
        words="for, assigned to, owner, responsible, resource, für, Bearbeiter, zugewiesen,"
        " zugewiesen an, zuständig, Zuständiger, verantwortlich, Verantwortlicher,"
        " Verantwortliche",
        heads="resource names, resources, in charge, person responsible, Ressourcennamen,"
        " Ressource, Ressourcen, Zuständigkeit, Verantw, Verantwortung, Bearbeiterin, Kürzel,"
        " assigned, task owner, responsible person, responsibility, lead, task lead,"
        " coordinator, person, resource name, member, members, team member, accountable, dri,"
        " pic, assignees, assigned resource, Verantwortliche Person, Verantwortlichkeit,"
        " Mitarbeiter, durch wen, wer macht's, Beauftragter, Ausführender, Umsetzer,"
        " Federführung, federführend, Zugewiesene Person, Koordinator",
        column=("assignee", "Zuständig", "Verantwortlich"),
        hint=sentence("login or name; unknown ones are created"),
        examples=(("who:k.brandt", "who:me"), ("wer:ich",)),
    ),
    Field(
        name="requester",
        kind="name",
        entity=Person,
        label=sentence("Requester"),
        keys=("by", "auftraggeber"),
        words="req, requested by, reporter, client, stakeholder, Anforderer, Melder,"
        " angefordert von, Autor, Besteller, Antragsteller",
        heads="requestor, created by, Ansprechpartner, Auftraggeberin, erstellt von, creator,"
        " author, Ersteller, angelegt von, gemeldet von",
        column=("requester", "Auftraggeber"),
        hint=sentence("login or name of the requester"),
        examples=(("by:controlling",), ("auftraggeber:controlling",)),
    ),
    Field(
        name="watchers",
        kind="names",
        entity=Person,
        label=sentence("Watchers"),
        keys=("watch", "beobachter"),
        words="watcher, cc, mitlesen",
        column=("watchers", "Beobachter"),
        hint=sentence("logins or names, separated by commas"),
        examples=(("watch:jana,wolf",), ("beobachter:jana",)),
    ),
    Field(
        name="project",
        kind="name",
        entity=Project,
        label=sentence("Project"),
        keys=("proj", "projekt"),
        words="Vorhaben",
        heads="project name, Projektname, projects, program",
        column=("project", "Projekt"),
        hint=sentence("name or key"),
        examples=(("proj:Move",), ("projekt:Umzug",)),
    ),
    Field(
        name="phase",
        kind="word",
        label=sentence("Phase"),
        keys=("phase",),
        words="section, stage, Projektphase, Abschnitt, Teilprojekt, Bauabschnitt",
        heads="phases, project phase, project stage, plan section, summary task, bucket, bucket"
        " name, Phasen, Projektabschnitt, Sammelvorgang, Teilprojekte, section/column, epic",
        column=("phase", "Phase"),
        hint=sentence("the phase or section of the plan"),
        examples=(("phase:Test",), ("abschnitt:Test",)),
    ),
    Field(
        name="state",
        kind="state",
        label=sentence("State"),
        keys=("state", "status"),
        words="is, Zustand, ist, Stand",
        heads="task status, Bearbeitungsstand, Bearbeitungsstatus, column, list name, status"
        " category, Statuskategorie, Ampel",
        column=("state", "Status"),
        examples=(("state:doing",), ("status:wartet",)),
    ),
    Field(
        name="priority",
        kind="priority",
        label=sentence("Priority"),
        keys=("prio",),
        words="pri, Priorität, Wichtigkeit, Dringlichkeit",
        heads="priorities, Prioritäten, importance, urgency, severity, Rang, moscow",
        column=("priority", "Priorität"),
        hint=sentence("low, medium, high or critical"),
        examples=(("!high", "prio:high"), ("!hoch",)),
    ),
    Field(
        name="estimate",
        kind="estimate",
        label=sentence("Estimate"),
        keys=("est", "dauer"),
        words="duration, Schätzung, geschätzt, dur",
        heads="estimated duration, geschätzte Dauer, Dauer geschätzt, days, days required, time"
        " required, time estimate, estimated time, length, working days, Tage, Anzahl Tage,"
        " geplante Dauer, Zeitbedarf, Arbeitstage",
        hint=sentence(
            "low/likely/high in working days, such as 1/2/5, or one number; 0 is a milestone"
        ),
        examples=(("~1/2/5d", "~3d", "est:4h", "~0"), ("dauer:3 Tage",)),
    ),
    Field(
        name="low",
        kind="days",
        label=sentence("Low"),
        keys=("min",),
        words="optimistic, best case, minimum, Dauer min, optimistisch, günstig, duration min,"
        " estimate low",
        heads="low estimate, min duration, Mindestdauer",
        column=("low", "Dauer min"),
    ),
    Field(
        name="likely",
        kind="days",
        label=sentence("Likely"),
        keys=("likely",),
        words="mid, expected, most likely, Dauer wahrscheinlich, Dauer wahrsch, wahrscheinlich,"
        " erwartet, duration likely, estimate likely",
        heads="likely estimate, likely duration, Dauer normal, wahrsch, wahrscheinliche Dauer, ml,"
        " realistic, realistisch",
        column=("likely", "Dauer wahrsch."),
    ),
    Field(
        name="high",
        kind="days",
        label=sentence("High"),
        keys=("max",),
        words="pessimistic, worst case, maximum, Dauer max, pessimistisch, ungünstig,"
        " duration max, estimate high",
        heads="high estimate, max duration, Höchstdauer, Maximaldauer",
        column=("high", "Dauer max"),
    ),
    Field(
        name="effort",
        kind="days",
        label=sentence("Effort"),
        keys=("effort", "aufwand"),
        words="planned effort, work, Aufwand geplant, Plan Aufwand, Arbeit, Personentage",
        heads="planned work, Plan, Soll Aufwand, Aufwand Soll, pt, Personentage geplant, original"
        " estimate, hours, estimated hours, est hours, estimated effort, Ursprüngliche"
        " Schätzung, Stunden, geschätzter Aufwand, Aufwand geschätzt, Aufwand Plan, Sollzeit,"
        " Arbeitsaufwand, Manntage, MT, Soll",
        column=("effort", "Aufwand"),
        hint=sentence("planned person-days"),
        examples=(("effort:3",), ("aufwand:3",)),
    ),
    Field(
        name="spent",
        kind="days",
        label=sentence("Spent"),
        keys=("spent", "ist-aufwand"),
        words="actual, effort spent, time spent, actual effort, verbraucht, geleistet,"
        " Ist Aufwand, Aufwand ist",
        heads="logged, actual work, Benötigte Zeit, Istzeit",
        column=("spent", "Ist-Aufwand"),
        hint=sentence("person-days so far"),
        examples=(("spent:1.5",), ("ist-aufwand:1,5",)),
    ),
    Field(
        name="progress",
        kind="percent",
        label=sentence("Progress"),
        keys=("progress", "fortschritt"),
        words="percent, percent complete, Prozent, Fertigstellungsgrad",
        heads="complete, % complete, complete %, % completed, completed %, % done, done %, % work"
        " complete, percent done, percent completed, percentage, % abgeschlossen,"
        " abgeschlossen %, % Arbeit abgeschlossen, % erledigt, erledigt %, % fertig, fertig %,"
        " Prozent abgeschlossen, Prozent erledigt, Prozent fertig, Fertigstellung,"
        " Fertigungsgrad, Erfüllungsgrad, Erledigungsgrad, completion, Istfortschritt",
        column=("progress", "Fortschritt"),
        hint=sentence("percentage done so far: 40"),
        examples=(("progress:40%",), ("fortschritt:40%",)),
    ),
    Field(
        name="after",
        kind="needs",
        label=sentence("Predecessors"),
        keys=("after", "nach"),
        words="needs, depends, depends on, dependencies, predecessor, predecessors, blocked by,"
        " dep on, braucht, Vorgänger, hängt ab von, Abhängigkeit, Abhängigkeiten",
        heads="prerequisite, prerequisites, predecessor ids, Vorgänger Nr, abhängig von,"
        " Voraussetzung, Voraussetzungen, dependency, requires, preceded by, pred, task"
        " dependencies, dependencies task, blocked by dependencies, Vorg",
        column=("needs", "Vorgänger"),
        hint=sentence("task numbers; 12+2 is a lag of two working days"),
        examples=(("after:12", "after:3,5", "after:12+2"), ("nach:12",)),
    ),
    Field(
        name="blocks",
        kind="blocks",
        label=sentence("Successors"),
        keys=("next", "nachfolger"),
        words="successor, successors, blocks, blocking, unblocks, blockiert",
        hint=sentence("numbers of the tasks that need this one"),
        examples=(("next:14",), ("nachfolger:14",)),
    ),
    Field(
        name="returns_to",
        kind="returns",
        label=sentence("Returns to"),
        keys=("back", "zurück"),
        words="return, returns, rework, may go back to, zurück an, kann zurück an, Rücklauf,"
        " Rücklauf an, Rückläufe, Rücksprung, Rücksprünge, Rückweg, Nacharbeit",
        column=("returns", "Rücklauf", "Rücksprung"),
        hint=sentence("task number, then rate, share of rework and pass limit"),
        examples=(("back:7", "back:7:30%:50%:3", "back:7:30%:target"), ("zurück:7:30%",)),
    ),
    Field(
        name="due",
        kind="last day",
        label=sentence("Due"),
        keys=("due", "fällig"),
        words="due date, deadline, until, fällig am, Fälligkeit, Fälligkeitsdatum, Termin, bis,"
        " Frist, Ende, finish, end",
        heads="due by, end date, target date, bis wann, Zieltermin, fertig bis, Endtermin,"
        " Enddatum, zu erledigen bis, erledigen bis, spätestens, finish date, planned finish,"
        " planned end, target, completion date, expected finish, Soll-Termin, Solltermin,"
        " Zieldatum, Plan-Ende, Fertigstellungstermin, Lieferdatum, Abgabe, Abgabedatum, wann,"
        " Stichtag, Fertig stellen, Soll-Ende",
        column=("due", "Fällig am"),
        hint=sentence("a date: tomorrow, fr, +3d, KW 48, 1.12."),
        examples=(("due:fr", "due:+3d", "due:KW 48", "due:1.12."), ("fällig:morgen",)),
    ),
    Field(
        name="not_before",
        kind="day",
        label=sentence("Not before"),
        keys=("from", "ab"),
        words="start, start date, not earlier than, nicht vor, frühestens, Beginn, Anfang,"
        " Starttermin, Start am",
        heads="start no earlier than, earliest start, frühester Beginn, frühester Start, begin,"
        " begin date, beginning, planned start, scheduled, Startdatum, von, Anfangsdatum,"
        " Anfangstermin, Beginndatum, Plan-Start, Plan-Beginn, Soll-Start, Soll-Beginn",
        column=("not_before", "Nicht vor"),
        hint=sentence("earliest start date"),
        examples=(("from:2026-12-01",), ("ab:1.12.",)),
    ),
    Field(
        name="follow_up",
        kind="day",
        label=sentence("Follow-up"),
        keys=("follow", "wv"),
        words="followup, reminder, Wiedervorlage, erinnern, nachfassen",
        heads="next check, nächste Erinnerung",
        column=("follow_up", "Wiedervorlage"),
        hint=sentence("follow-up date: fr, +3d, KW 48"),
        examples=(("follow:+1w",), ("wv:+1w",)),
    ),
    Field(
        name="waiting_for",
        kind="text",
        label=sentence("Waiting for"),
        keys=("wait", "wartet"),
        words="waiting, waits for, wartet auf, warten auf, Wartegrund",
        heads="blocker",
        column=("waiting_for", "Wartet auf"),
        hint=sentence("a person or thing outside; #12 for a task"),
    ),
    Field(
        name="tags",
        kind="tags",
        label=sentence("Tags"),
        keys=("tag",),
        words="label, labels, keyword, keywords, Schlagwort, Schlagworte, Schlagwörter,"
        " Stichwort, Stichworte, Stichwörter, Kategorie",
        heads="category, categories, type, Kategorien, Typ",
        column=("tags", "Schlagwörter", "Schlagworte"),
        hint=sentence("words, separated by commas or spaces"),
        examples=(("#cutover",), ("#umzug",)),
    ),
    Field(
        name="systems",
        kind="names",
        entity=System,
        label=sentence("Systems"),
        keys=("sys", "system"),
        words="systeme, Anwendung, Anwendungen, component, components, Komponente",
        heads="application, server, IT-System, betroffenes System",
        column=("systems", "Systeme"),
        hint=sentence("names, separated by commas; unknown ones are created"),
        examples=(("sys:erp-db,Azure",), ("system:erp-db",)),
    ),
    Field(
        name="recurrence",
        kind="period",
        label=sentence("Repeats"),
        keys=("every", "alle"),
        words="repeat, repeats, recur, Wiederholung, wiederholen, wiederholt sich, jede, Turnus",
        column=("recurrence", "Wiederholung"),
        hint=sentence("how often it repeats, such as 6 months"),
        examples=(("every:6 months",), ("alle:6 Monate",)),
    ),
    Field(
        name="expires",
        kind="last day",
        label=sentence("Expires"),
        keys=("expires", "ablauf"),
        words="expiry, expiry date, expiration, expiration date, valid until, valid to,"
        " Ablaufdatum, läuft ab, läuft ab am, gültig bis, Vertragsende, Laufzeitende",
        heads="renewal date, contract end, not after, Laufzeit bis",
        column=("expires", "Gültig bis"),
        hint=sentence("the end of a certificate or contract: 2027-03-01, 1.3.2027"),
        examples=(("expires:2027-03-01",), ("ablauf:1.3.2027",)),
    ),
    Field(
        name="ahead",
        kind="span",
        label=sentence("Ahead"),
        keys=("ahead", "vorwarnung"),
        words="renew ahead, Vorwarnzeit, rechtzeitig",
        heads="notice period, notice, Kündigungsfrist, Vorwarnfrist",
        column=("ahead", "Vorwarnzeit"),
        hint=sentence("how long before its end it comes back, such as 3 months; else 1 month"),
        examples=(("ahead:3m",), ("vorwarnung:3 Monate",)),
    ),
    Field(
        name="checklist",
        kind="checklist",
        label=sentence("Checklist"),
        hint=sentence("one item per line; [x] marks it as done"),
    ),
    Field(
        name="notes",
        kind="notes",
        label=sentence("Notes"),
        keys=("notes", "notiz"),
        words="note, comment, comments, remark, remarks, details, Notizen, Bemerkung,"
        " Bemerkungen, Kommentar, Kommentare, Beschreibung, Anmerkung, Anmerkungen",
        heads="info, infos, information, Hinweis, Hinweise, Sonstiges, Erläuterung",
        column=("notes", "Bemerkung"),
        hint=sentence("Markdown"),
    ),
    Field(
        name="origin",
        kind="key",
        label=sentence("Origin"),
        keys=("origin", "herkunft"),
    ),
    Field(
        name="passes",
        kind="count",
        label=sentence("Passes"),
        keys=("passes", "durchläufe"),
        words="pass, rounds, runs, Durchläufe, Durchlauf, Runde",
    ),
    Field(
        name="created",
        kind="moment",
        label=sentence("Created"),
        keys=("created", "angelegt"),
        words="added, entered, erstellt, erfasst, Erstelldatum, Anlagedatum",
        heads="created at, created date, creation date, entry, erstellt am, angelegt am,"
        " erfasst am",
    ),
    Field(
        name="modified",
        kind="moment",
        label=sentence("Changed"),
        keys=("changed", "geändert"),
        words="updated, aktualisiert, Änderungsdatum",
        heads="last modified, updated at, geändert am",
    ),
    Field(
        name="finished",
        kind="moment",
        label=sentence("Finished"),
        keys=("finished", "beendet"),
        words="completed, closed, ended, erledigt am, abgeschlossen am, erledigt",
        heads="done, resolved, finish actual, actual finish, completed at, completed date, closed"
        " at, abgeschlossen, fertig, ok",
    ),
)
BY_NAME: Mapping[str, Field] = {field.name: field for field in FIELDS}
# By what they are called in JSON and at the head of a list.
LISTED: Mapping[str, Field] = {field.listed: field for field in FIELDS}
# What `estimate` is made of.
ESTIMATE = ("low", "likely", "high")


def of_kind(*kinds: Kind) -> Iterator[str]:
    """Walk over the names of the fields of some kinds."""
    return (field.name for field in FIELDS if field.kind in kinds)


# Fields with several values, with commas between.
LISTS = frozenset(of_kind("names", "tags", "needs", "blocks", "returns"))
# Arrows, which are drawn and removed and not set.
ARROWS = frozenset(of_kind("needs", "blocks", "returns"))
# Fields of several lines.
LONG = frozenset(of_kind("notes", "checklist"))

# What is edited besides tasks is called by these names.
OTHER_LABELS: Mapping[str, Sentence] = {
    **{each.name: each.label for kind in PROPERTIES.values() for each in kind},
    "name": sentence("Name"),
    "login": sentence("Login"),
    "why": sentence("Why"),
    "since": sentence("Since"),
    "kind": sentence("Kind"),
    "source": sentence("From"),
    "lag": sentence("Lag"),
    "rate": sentence("Rate"),
    "share": sentence("Share of rework"),
    "limit": sentence("Pass limit"),
    "escalate_to": sentence("Notified over limit"),
    "observed": sentence("Observed"),
    "redo": sentence("Redone"),
    "learning": sentence("Learning per pass"),
    "escalation": sentence("Goes forward after"),
    "ripple": sentence("Chance of rework"),
}


def label_of(field: str) -> str | Sentence:
    """Return what a field of anything is called; its own name where it has no other."""
    return BY_NAME[field].label if field in BY_NAME else OTHER_LABELS.get(field, field)
