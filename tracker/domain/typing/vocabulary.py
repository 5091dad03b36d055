"""The words people use for states, priorities and fields, in English and German."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cached_property
from re import Match
from typing import Generic, Literal, TypeVar, get_args

from tracker.domain.fields import FIELDS
from tracker.domain.model import Priority, State, SystemState
from tracker.domain.patterns import pattern
from tracker.domain.sentence import Sentence, sentence

W = TypeVar("W", bound=str)

Condition = Literal["open", "ready", "blocked", "stuck", "late", "over"]
CONDITIONS: tuple[Condition, ...] = get_args(Condition)

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe"})
_NOT_A_LETTER = pattern(r"[\W_]+")
_PERCENT = pattern(r"(\d+(?:[.,]\d+)?)\s*%")
# `1 - Critical`, `3. Mittel`: service desks number their words.
# It begins where blanks or digits do, not within: each of them would be looked at again and again.
_NUMBERED = pattern(r"(?:(?<!\s)\s+|(?<![\s\d]))\d+\s*[-–.:)]+\s*(?=[^\W\d])")


def fold(text: str) -> str:
    """Return `text` as it compares: no case, ä as ae and so on, other accents left out."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFC", text.casefold()).translate(_UMLAUTS)
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def folded_for_search(text: str) -> str:
    """Return `text` folded; with umlauts both as ae and as a, since people type either."""
    if text.isascii():
        return text.lower()
    bare = unicodedata.normalize("NFKD", text.casefold())
    return fold(text) + "\n" + "".join(c for c in bare if not unicodedata.combining(c))


def meaning_key(text: str) -> str:
    """Return the letters and digits of `text`, folded: `To-do`, `to do` and `ToDo` are one word.

    A per cent sign is a word, since `% done` is not `done`.
    """
    return _NOT_A_LETTER.sub("", fold(text).replace("%", "percent"))


class Meanings(Generic[W]):
    """What words mean, of `meaning: word, word`; turned round when first asked for."""

    def __init__(self, words: Mapping[W, str]) -> None:
        self._words = words

    @cached_property
    def _index(self) -> dict[str, W]:
        index: dict[str, W] = {}
        for meaning, several in self._words.items():
            index[meaning_key(meaning)] = meaning
            index.update((meaning_key(word), meaning) for word in several.split(","))
        return index

    def get(self, word: str) -> W | None:
        """Return what a word means."""
        return self._index.get(word)


# The words of trackers (Jira, Taskwarrior, iCalendar, MS Project) and of lists kept in Excel.
_STATES: Mapping[State, str] = {
    "todo": "to do, open, new, pending, backlog, planned, not started, needs action, reopened,"
    " selected for development, ready, created, submitted, unstarted, funnel, next,"
    " offen, neu, zu tun, zu erledigen, geplant, nicht begonnen, nicht gestartet, anstehend,"
    " ausstehend, noch offen, angelegt, erfasst, vorgemerkt, wieder geöffnet, wiedereröffnet,"
    " bereit, ausgewählt für die Entwicklung, steht an, unbearbeitet",
    "doing": "in progress, in process, started, active, ongoing, running, wip, in review, review,"
    " under review, testing, in test, qa, uat, in development, work in progress, working, assigned,"
    " in Arbeit, in Bearbeitung, laufend, läuft, begonnen, angefangen, gestartet, aktiv, im Gange,"
    " in Prüfung, in Abnahme, in Umsetzung, in Entwicklung, im Test, im Review, wird überprüft,"
    " wird bearbeitet, teilweise, teilweise erledigt, zugewiesen",
    "waiting": "waiting, blocked, on hold, hold, paused, pause, deferred, suspended, postponed,"
    " impediment, pending customer, awaiting, stuck, stopped, parked, someday, delegated,"
    " wartet, warten, wartend, blockiert, gesperrt, pausiert, angehalten, ruht, ruhend,"
    " zurückgestellt, verschoben, geparkt, vertagt, gestoppt, unterbrochen, Rückfrage, delegiert,"
    " Wiedervorlage, hängt",
    "recheck": "re-check, check again, to be rechecked, needs recheck, revalidate,"
    " prüfen, zu prüfen, nachprüfen, Nachprüfung,"
    " erneut prüfen, neu prüfen, wieder prüfen, nochmals prüfen",
    "done": "done, completed, complete, closed, resolved, finished, fixed, accepted, approved,"
    " delivered, released, shipped, ok, x, yes, solved,"
    " erledigt, fertig, abgeschlossen, beendet, geschlossen, gelöst, fertiggestellt, abgenommen,"
    " behoben, umgesetzt, vollständig, ja, freigegeben, geliefert, getan",
    "dropped": "cancelled, canceled, deleted, rejected, declined, abandoned, obsolete, duplicate,"
    " won't do, won't fix, wontfix, void, invalid, withdrawn, not applicable, n/a, removed,"
    " verworfen, entfällt, entfallen, abgebrochen, abgelehnt, storniert, gestrichen, gelöscht,"
    " hinfällig, obsolet, zurückgezogen, Duplikat, nicht zutreffend, fallengelassen, abgesagt",
}
_CHECK_MARKS = frozenset("✓✔☑✅🗹")
_WAITS = pattern(
    r"(?is)(?:waiting[\W_]*(?:for|on)|blocked[\W_]*by|wart(?:et|en)[\W_]*auf|blockiert[\W_]*durch)"
    r"[\s_:–-]*(.*)"
)

# `1` to `5` as ITIL numbers them (and Jira's P1 to P5); A, B, C as lists do.
_PRIORITIES: Mapping[Priority, str] = {
    "low": "minor, trivial, lowest, very low, l, c, 4, 5, p4, p5, planning, nice to have,"
    " niedrig, gering, klein, sehr niedrig, niedrigste, unwichtig, n, nebensächlich, nachrangig",
    "medium": "normal, moderate, average, med, m, b, 3, p3, none, standard, should,"
    " mittel, mäßig, durchschnittlich",
    "high": "major, important, h, a, 2, p2, hi, hoch, wichtig, bedeutend",
    "critical": "highest, very high, urgent, blocker, showstopper, emergency, top, asap, must,"
    " crit, 1, p1, p0, immediate,"
    " kritisch, dringend, höchste, höchst, sehr hoch, eilig, sofort, Notfall,"
    " eilt, hochkritisch, sehr wichtig, sehr dringend",
}

# What follows from the rest of the plan. `open` is every state in which work is still owed.
_CONDITIONS: Mapping[Condition, str] = {
    "open": "unfinished, offen, unerledigt",
    "ready": "bereit, startbar, frei",
    "blocked": "blockiert, gesperrt",
    "stuck": "hängt, steht, fest, festgefahren, steckt fest",
    "late": "overdue, spät, überfällig, verspätet, zu spät",
    "over": "over limit, over the limit, limit, überschritten, über Limit, überm Limit,"
    " über dem Limit, über der Grenze, Limit überschritten",
}

_SYSTEM_STATES: Mapping[SystemState, str] = {
    "up": "running, ok, available, läuft, in Betrieb, verfügbar, betriebsbereit",
    "degraded": "slow, impaired, limited, eingeschränkt, gestört, Störung, langsam",
    "down": "out, unavailable, ausgefallen, Ausfall, außer Betrieb, nicht verfügbar",
}

# The shortest keys of each field that can be asked for, in English and German.
FIELD_KEYS: Mapping[str, tuple[str, ...]] = {
    field.name: field.keys for field in FIELDS if field.keys
}

_STATE_OF = Meanings(_STATES)
_PRIORITY_OF = Meanings(_PRIORITIES)
_CONDITION_OF = Meanings(_CONDITIONS)
_SYSTEM_STATE_OF = Meanings(_SYSTEM_STATES)
_FIELD_OF = Meanings(
    {field.name: ",".join((*field.keys, field.words)) for field in FIELDS if field.keys}
)


def state_from_word(text: str) -> State | None:
    """Return the state that a word, or a degree of completion such as `40 %`, stands for."""
    if percent := _PERCENT.fullmatch(text.strip()):
        share = float(percent[1].replace(",", "."))
        return "done" if share >= 100 else "doing" if share > 0 else "todo"
    if text.strip().strip("\ufe0f") in _CHECK_MARKS:
        return "done"
    word = meaning_key(_NUMBERED.sub("", text, count=1))
    return _STATE_OF.get(word) or ("waiting" if _waits(text) else None)


def _waits(text: str) -> Match[str] | None:
    return _WAITS.match(_NUMBERED.sub("", text.strip(), count=1).strip())


def waiting_for(text: str) -> str:
    """Return what a state such as `waiting for the vendor` waits for; nothing if none is named."""
    found = _waits(text)
    return found[1].strip() if found else ""


def waiting_reason(text: str) -> str:
    """Return what is waited for, typed as `the vendor` or as `waiting for the vendor`."""
    return waiting_for(text) or text.strip()


def priority_from_word(text: str) -> Priority | None:
    """Return the priority that a word, a letter or a number stands for; 1 is critical."""
    word = meaning_key(_NUMBERED.sub("", text, count=1))
    for before in ("prioritaet", "priority", "prio"):
        word = word.removeprefix(before)
    return _PRIORITY_OF.get(word)


def passes_word(passes: int, limit: int | None, sign: str = "↻") -> str:
    """Return passes against their limit: `↻2/3`, `↻2` without one, `↻` if nothing came back.

    The pass that every task begins with counts, but before a return it would be taken for one.
    """
    if passes == 1:
        return sign
    return f"{sign}{passes}/{limit}" if limit else f"{sign}{passes}"


def condition_from_word(text: str) -> Condition | None:
    """Return what a word says of a task that no state says: ready, blocked, late and so on."""
    return _CONDITION_OF.get(meaning_key(text))


def condition_word(condition: Condition) -> Sentence:
    """Return the word for what no state says of a task."""
    return {
        "open": sentence("unfinished"),
        "ready": sentence("ready"),
        "blocked": sentence("blocked"),
        "stuck": sentence("stuck"),
        "late": sentence("late"),
        "over": sentence("over limit"),
    }[condition]


def system_state_from_word(text: str) -> SystemState | None:
    """Return the state of a system that a word stands for."""
    return _SYSTEM_STATE_OF.get(meaning_key(text))


def field_from_word(text: str) -> str | None:
    """Return the field of a task that a key, a column header or an assignment names.

    Besides the fields of Task these are `estimate` (low, likely and high in one), `after` and
    `returns_to` (its arrows).
    """
    return _FIELD_OF.get(meaning_key(text))
