"""The words that calls go by, in English and German."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from tracker.domain.typing.vocabulary import Meanings, meaning_key
from tracker.language import current

# What calls are called in German; the first word is offered.
GERMAN_VERBS: Mapping[str, str] = {
    "add": "neu, hinzufügen",
    "edit": "bearbeiten, ändern",
    "start": "beginnen, starten, anfangen",
    "done": "erledigt, fertig",
    "wait": "warten, wartet",
    "drop": "verwerfen, verworfen",
    "reopen": "wiederöffnen, öffnen",
    "confirm": "bestätigen, bestätigt",
    "delete": "löschen",
    "back": "zurückgeben, zurück",
    "link": "verbinden, verknüpfen",
    "unlink": "trennen",
    "project": "projekt",
    "department": "abteilung",
    "settings": "einstellungen",
    "today": "heute",
    "follow-ups": "wiedervorlagen, nachfassen",
    "hand-overs": "übergaben",
    "list": "liste, auflisten",
    "mark": "markieren",
    "sort": "sortieren",
    "group": "gruppieren",
    "show": "zeigen, zeige",
    "log": "historie, verlauf",
    "metrics": "kennzahlen",
    "timeline": "zeitplan",
    "loops": "schleifen",
    "load": "auslastung, last",
    "schedule": "terminplan",
    "forecast": "prognose",
    "baseline": "basisplan, basispläne",
    "replan": "neuplanen, umplanen",
    "undo": "rückgängig",
    "redo": "wiederherstellen, wiederholen",
    "init": "anlegen",
    "import": "importieren",
    "export": "exportieren",
    "report": "bericht, statusbericht",
    "check": "prüfen",
    "help": "hilfe",
}
_CALLED = Meanings(GERMAN_VERBS)
# What may follow `baseline`, and the German words for it.
BASELINE_ACTIONS: Mapping[str, str] = {
    "take": "festhalten, nehmen",
    "list": "liste, auflisten",
    "diff": "vergleich, vergleichen",
    "rename": "umbenennen",
    "delete": "löschen",
}
_BASELINE_ACTION = Meanings(BASELINE_ACTIONS)


def english(word: str) -> str:
    """Return the call that a word names, in English or German; the word itself if it is none."""
    return _CALLED.get(meaning_key(word)) or word


def baseline_action(word: str) -> str:
    """Return what a word behind `baseline` means; the word itself if it is nothing known."""
    return _BASELINE_ACTION.get(meaning_key(word)) or word


def spoken(calls: Iterable[str]) -> Iterator[str]:
    """Walk over the words for some calls: in German, those in both languages."""
    for call in calls:
        yield call
        if current() == "de" and call in GERMAN_VERBS:
            yield GERMAN_VERBS[call].partition(",")[0]
