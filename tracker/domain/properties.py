"""The properties of projects, departments, people, systems and settings, declared once."""

from __future__ import annotations

from typing import Literal, NamedTuple

import msgspec

from tracker.domain.model import (
    Department,
    Entity,
    Person,
    Project,
    Settings,
    System,
)
from tracker.domain.sentence import Sentence, sentence

# How a property is typed and checked.
Form = Literal[
    "name",  # what it is called: not empty, and nothing else of its kind is called so
    "text",
    "number",  # 0 or more, with decimals
    "money",  # 0 or more, in the currency of the settings
    "currency",
    "count",  # a whole number from 1 on
    "order",  # a whole number from 0 on
    "share",  # from 0 to 1, or per cent
    "spread",  # two of them, the second may be above 1; or as in finished tasks, or none
    "day",
    "last day",  # a date; of a span such as a week its last day
    "days",  # several dates and spans
    "yearly",  # dates of every year, or of one
    "absences",  # spans with a note
    "choice",
    "department",
    "task",
    "region",
]


class Choice(NamedTuple):
    """A value that can be chosen: as it is stored, as it is shown, and by which words typed."""

    value: str
    label: Sentence
    words: tuple[str, ...]


class Property(msgspec.Struct, frozen=True, kw_only=True):
    """A property of something that is not a task.

    `keys` are typed before `=`, the English one first, then the German one; `choices` are the
    possible values, if they can be listed. `hint` describes valid input.
    """

    name: str
    form: Form
    label: Sentence
    keys: tuple[str, ...]
    hint: Sentence
    choices: tuple[Choice, ...] = ()


_DAYS_OFF = sentence("days and periods: 24.12., 27.12.-31.12.")
_MONEY = sentence("an amount: 1200")
_RATE = sentence("money per person-day: 850")
_NAME = Property(
    name="name",
    form="name",
    label=sentence("Name"),
    keys=("name", "bezeichnung"),
    hint=sentence("its name"),
)
_DAY = sentence("a date: 1.12., +3w, KW 48")

PROPERTIES: dict[type[Entity], tuple[Property, ...]] = {
    Project: (
        _NAME,
        Property(
            name="key",
            form="text",
            label=sentence("Key"),
            keys=("key", "kürzel"),
            hint=sentence("a short name"),
        ),
        Property(
            name="start",
            form="day",
            label=sentence("Start"),
            keys=("start", "beginn"),
            hint=_DAY,
        ),
        Property(
            name="target",
            form="last day",
            label=sentence("Target"),
            keys=("target", "ziel"),
            hint=_DAY,
        ),
        Property(
            name="budget",
            form="money",
            label=sentence("Budget"),
            keys=("budget", "etat"),
            hint=_MONEY,
        ),
    ),
    Department: (
        _NAME,
        Property(
            name="short",
            form="text",
            label=sentence("Short name"),
            keys=("short", "kurz"),
            hint=sentence("a short name"),
        ),
        Property(
            name="color",
            form="choice",
            label=sentence("Colour"),
            keys=("colour", "farbe"),
            hint=sentence("of its name on the board: red, green, yellow, blue, magenta or cyan"),
            choices=(
                Choice("red", sentence("red"), ("red", "rot")),
                Choice("green", sentence("green"), ("green", "grün")),
                Choice("yellow", sentence("yellow"), ("yellow", "gelb")),
                Choice("blue", sentence("blue"), ("blue", "blau")),
                Choice("magenta", sentence("magenta"), ("magenta",)),
                Choice("cyan", sentence("cyan"), ("cyan", "türkis")),
            ),
        ),
        Property(
            name="order",
            form="order",
            label=sentence("Place on the board"),
            keys=("order", "platz"),
            hint=sentence("a whole number; the lowest comes first"),
        ),
        Property(
            name="wip_limit",
            form="count",
            label=sentence("WIP limit"),
            keys=("wip", "wip-limit"),
            hint=sentence("tasks in progress at the same time"),
        ),
        Property(
            name="capacity",
            form="number",
            label=sentence("Capacity"),
            keys=("capacity", "kapazität"),
            hint=sentence("person-days per week"),
        ),
        Property(
            name="day_rate",
            form="money",
            label=sentence("Day rate"),
            keys=("rate", "tagessatz"),
            hint=_RATE,
        ),
        Property(
            name="days_off",
            form="days",
            label=sentence("Days off"),
            keys=("off", "frei"),
            hint=_DAYS_OFF,
        ),
    ),
    Person: (
        Property(
            name="login",
            form="name",
            label=sentence("Login"),
            keys=("login", "anmeldename"),
            hint=sentence("the name used for typing"),
        ),
        Property(
            name="name",
            form="text",
            label=sentence("Name"),
            keys=("name", "anzeigename"),
            hint=sentence("the full name"),
        ),
        Property(
            name="department",
            form="department",
            label=sentence("Department"),
            keys=("dept", "abt"),
            hint=sentence("a known department"),
        ),
        Property(
            name="capacity",
            form="number",
            label=sentence("Capacity"),
            keys=("capacity", "kapazität"),
            hint=sentence("days per week"),
        ),
        Property(
            name="day_rate",
            form="money",
            label=sentence("Day rate"),
            keys=("rate", "tagessatz"),
            hint=sentence("money per day, if not that of the department: 850"),
        ),
        Property(
            name="wip_limit",
            form="count",
            label=sentence("WIP limit"),
            keys=("wip", "wip-limit"),
            hint=sentence("tasks in progress at the same time (default: one)"),
        ),
        Property(
            name="absences",
            form="absences",
            label=sentence("Absences"),
            keys=("away", "abwesend"),
            hint=sentence("periods, with a note in brackets: 3.8.-21.8. (holiday); 4.9. half"),
        ),
    ),
    System: (
        _NAME,
        Property(
            name="side",
            form="choice",
            label=sentence("Side"),
            keys=("side", "seite"),
            hint=sentence("legacy, cloud or other"),
            choices=(
                Choice("legacy", sentence("legacy"), ("legacy", "alt")),
                Choice("cloud", sentence("cloud"), ("cloud",)),
                Choice("other", sentence("other"), ("other", "andere")),
            ),
        ),
        Property(
            name="owner",
            form="department",
            label=sentence("Owner"),
            keys=("owner", "eigentümer"),
            hint=sentence("a known department"),
        ),
        Property(
            name="restored_by",
            form="task",
            label=sentence("Restored by"),
            keys=("restored", "behoben-durch"),
            hint=sentence("a task number"),
        ),
    ),
    Settings: (
        Property(
            name="region",
            form="region",
            label=sentence("Region of the public holidays"),
            keys=("region", "feiertage"),
            hint=sentence("a country and its state: DE-NW, AT, CH-ZH"),
        ),
        Property(
            name="company_holidays",
            form="yearly",
            label=sentence("Company holidays"),
            keys=("company-holidays", "betriebsfrei"),
            hint=sentence("days of every year, or of one: 24.12., 31.12., 2027-05-07"),
        ),
        Property(
            name="company_half_days",
            form="yearly",
            label=sentence("Company half days"),
            keys=("half-days", "halbtags"),
            hint=sentence("half days off: 24.12., 31.12.; every second one counts as a day off"),
        ),
        Property(
            name="correlation",
            form="share",
            label=sentence("Correlation"),
            keys=("correlation", "korrelation"),
            hint=sentence("correlation of delays within a project: 0 to 1"),
        ),
        Property(
            name="policy",
            form="choice",
            label=sentence("Policy"),
            keys=("policy", "regel"),
            hint=sentence("whether successors of a gate wait or start at risk"),
            choices=(
                Choice("wait", sentence("wait"), ("wait", "warten")),
                Choice("at-risk", sentence("at-risk"), ("at-risk", "auf risiko", "auf-risiko")),
            ),
        ),
        Property(
            name="prior_weight",
            form="number",
            label=sentence("Weight of entered rates"),
            keys=("prior-weight", "gewicht"),
            hint=sentence("weight of an entered return rate, in observed completions: 4"),
        ),
        Property(
            name="currency",
            form="currency",
            label=sentence("Currency"),
            keys=("currency", "währung"),
            hint=sentence("of budgets and day rates: EUR, CHF, USD"),
        ),
        Property(
            name="spread",
            form="spread",
            label=sentence("Spread of single estimates"),
            keys=("spread", "streuung"),
            hint=sentence("70-200% of the estimate, or finished: as in finished tasks; or none"),
        ),
    ),
}
# The word of the command line for each kind.
NOUNS: dict[str, type[Entity]] = {
    "project": Project,
    "department": Department,
    "person": Person,
    "system": System,
    "settings": Settings,
}


def property_called(kind: type[Entity], key: str) -> Property | None:
    """Return the property of a kind that has this key; None if there is none."""
    folded = key.casefold()
    for each in PROPERTIES[kind]:
        if folded == each.name or folded in each.keys:
            return each
    return None
