"""Microsoft Project: tables of tasks as its export wizard, or copying, puts them into a sheet.

Heads of English and German versions. References are the numbers of rows (`ID`, `Nr.`), which
count blank rows of the plan.
"""

from __future__ import annotations

from tracker.domain.typing.vocabulary import Meanings
from tracker.exchange.dialects import ForeignTable
from tracker.exchange.foreign.plan_table import PlanTable, read_plan
from tracker.exchange.source import ReadOptions, Source

_TABLE = PlanTable(
    name="msproject",
    schedule=True,
    listed=True,
    origin="msproject:{file}#{unique}",
    heads=Meanings(
        {
            "id": "Nr.",
            "unique": "Unique ID, Einmalige Nr., Eindeutige Nr., Eindeutige ID",
            "title": "Name, Task Name, Vorgangsname, Vorgang",
            "estimate": "Duration, Dauer, Scheduled Duration",
            "start": "Start Date, Anfang, Scheduled Start, Anfangstermin",
            "finish": "Finish Date, End, Ende, Fertig stellen, Scheduled Finish, Endtermin",
            "began": "Actual Start, Aktueller Anfang, Tatsächlicher Anfang, Ist-Anfang",
            "ended": "Actual Finish, Aktuelles Ende, Tatsächliches Ende, Ist-Ende",
            "percent": "% Complete, % Abgeschlossen, Prozent abgeschlossen",
            "manual": "Task Mode, Vorgangsmodus, Manuell",
            "active": "Aktiv",
            "milestone": "Meilenstein",
            "summary": "Sammelvorgang",
            "level": "Outline Level, Gliederungsebene",
            "outline": "WBS, PSP-Code, PSP, Outline Number, Gliederungsnummer",
            "needs": "Predecessors, Vorgänger",
            "blocks": "Successors, Nachfolger",
            "unique_needs": "Unique ID Predecessors, Einmalige Nr. für Vorgänger,"
            " Eindeutige Nr. Vorgänger, Vorgänger mit eindeutiger Nr.",
            "unique_blocks": "Unique ID Successors, Einmalige Nr. für Nachfolger,"
            " Eindeutige Nr. Nachfolger, Nachfolger mit eindeutiger Nr.",
            "assignee": "Resource Names, Ressourcennamen, Ressourcenamen",
            "department": "Resource Group, Ressourcengruppe",
            "effort": "Work, Arbeit",
            "spent": "Actual Work, Aktuelle Arbeit, Tatsächliche Arbeit, Ist-Arbeit",
            "due": "Deadline, Stichtag",
            "constraint": "Constraint Type, Einschränkungsart",
            "constraint_day": "Constraint Date, Einschränkungstermin",
            "planned_start": "Baseline Start, Geplanter Anfang, Basisplan Anfang",
            "planned_finish": "Baseline Finish, Geplantes Ende, Basisplan Ende",
            "planned_days": "Baseline Duration, Geplante Dauer, Basisplan Dauer",
            "priority": "Priorität",
            "notes": "Notizen",
            "computed": "Cost, Kosten, Remaining Work, Verbleibende Arbeit, Remaining Duration,"
            " Verbleibende Dauer, Actual Duration, Aktuelle Dauer, Tatsächliche Dauer,"
            " % Work Complete, % Arbeit abgeschlossen, Total Slack, Gesamte Pufferzeit,"
            " Free Slack, Freie Pufferzeit, Critical, Kritisch, Early Start, Frühester Anfang,"
            " Early Finish, Frühestes Ende, Late Start, Spätester Anfang, Late Finish,"
            " Spätestes Ende, Start Variance, Abweichung Anfang, Finish Variance,"
            " Abweichung Ende, Duration Variance, Abweichung Dauer, Work Variance,"
            " Abweichung Arbeit, Cost Variance, Abweichung Kosten, Actual Cost, Aktuelle Kosten,"
            " Remaining Cost, Verbleibende Kosten, Resource Initials, Ressourcenkürzel,"
            " Indicators, Indikatoren, Estimated, Geschätzt, Estimated Start",
        }
    ),
)


def read(table: ForeignTable, options: ReadOptions) -> Source:
    """Return the plan in a table; raises BadInput."""
    return read_plan(table, options, _TABLE)
