"""Typing: the words for things, the line of quick add, values, filters, completion."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOW, TODAY, plan
from tracker.domain.errors import BadInput
from tracker.domain.model import (
    STATES,
    Department,
    Item,
    Link,
    Pass,
    Person,
    Project,
    State,
    System,
    Task,
)
from tracker.domain.typing.filters import And, Or
from tracker.domain.typing.lexer import most_alike
from tracker.domain.typing.line_parser import complete_word, parse_filter, parse_line, parse_value
from tracker.domain.typing.ordering import collation_key
from tracker.domain.typing.vocabulary import (
    FIELD_KEYS,
    condition_from_word,
    field_from_word,
    fold,
    folded_for_search,
    priority_from_word,
    state_from_word,
)
from tracker.domain.verbs import commands
from tracker.domain.workspace import Workspace

# Words.


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("todo", "offen;Open;NEU;new;To Do;to-do;pending;Zu erledigen;0 %;backlog;2 - Offen"),
        ("doing", "in Arbeit;In Progress;laufend;läuft;laeuft;begonnen;40 %;in Bearbeitung;WIP"),
        ("waiting", "wartet;Blockiert;on hold;wartet auf den Anbieter;blocked;zurückgestellt"),
        ("recheck", "recheck;nachprüfen;erneut prüfen"),
        ("done", "erledigt;DONE;fertig;abgeschlossen;Closed;100 %;100%;✓;x;Resolved"),
        ("dropped", "verworfen;entfällt;entfaellt;Cancelled;canceled;Won't Do;abgelehnt"),
    ],
)
def test_words_for_states(state: State, words: str) -> None:
    assert {word: state_from_word(word) for word in words.split(";")} == dict.fromkeys(
        words.split(";"), state
    )


@pytest.mark.parametrize(
    ("priority", "words"),
    [
        ("low", "low;niedrig;gering;Lowest;L;4 - Low;P4;Minor"),
        ("medium", "medium;mittel;normal;M;3;B"),
        ("high", "high;hoch;HOCH;Major;wichtig;H;2;A"),
        ("critical", "critical;kritisch;dringend;sehr hoch;Blocker;1 - Critical;Prio 1;Highest"),
    ],
)
def test_words_for_priorities(priority: str, words: str) -> None:
    assert {word: priority_from_word(word) for word in words.split(";")} == dict.fromkeys(
        words.split(";"), priority
    )


def test_words_nobody_knows() -> None:
    assert state_from_word("") is None
    assert state_from_word("vielleicht") is None
    assert priority_from_word("purple") is None
    assert condition_from_word("überfällig") == "late"
    assert condition_from_word("todo") is None
    assert field_from_word("Fällig am:") == "due"
    assert field_from_word("colour") is None


def test_each_key_names_its_field() -> None:
    assert {
        field: {field_from_word(key) for key in keys} for field, keys in FIELD_KEYS.items()
    } == {field: {field} for field in FIELD_KEYS}


def test_folding_makes_umlauts_and_their_spellings_alike() -> None:
    assert fold("MÜLLER Straße Café") == fold("Mueller STRASSE Cafe") == "mueller strasse cafe"
    assert "muller" in folded_for_search("Müller")
    assert "mueller" in folded_for_search("Müller")


# Quick add.


def said(text: str, me: str = "") -> dict[str, Any]:
    line = parse_line(text, TODAY, me=me)
    assert not line.problems
    return line.fields


def test_a_whole_line() -> None:
    text = (
        "Firewall freischalten @Netz !high due:fr ~1/2/5d after:12 back:7:30% #cutover sys:erp-db"
    )
    line = parse_line(text, TODAY)
    assert line.problems == ()
    assert line.fields == {
        "title": "Firewall freischalten",
        "department": "Netz",
        "priority": "high",
        "due": date(2026, 11, 27),
        "low": 1.0,
        "likely": 2.0,
        "high": 5.0,
        "after": ((12, 0.0),),
        "returns_to": ((7, {"rate": 0.3}),),
        "tags": ("cutover",),
        "systems": ("erp-db",),
    }
    assert [(text[span.start : span.end], span.role) for span in line.spans] == [
        ("Firewall freischalten", "title"),
        ("@Netz", "department"),
        ("!high", "priority"),
        ("due:fr", "due"),
        ("~1/2/5d", "estimate"),
        ("after:12", "after"),
        ("back:7:30%", "returns_to"),
        ("#cutover", "tags"),
        ("sys:erp-db", "systems"),
    ]


@pytest.mark.parametrize(
    ("typed", "fields"),
    [
        ("dept:Netz", {"department": "Netz"}),
        ("Abt:Netz", {"department": "Netz"}),
        ('@"Fachbereich Vertrieb"', {"department": "Fachbereich Vertrieb"}),
        ('@"das ""Netz"""', {"department": 'das "Netz"'}),
        ("@Netz,", {"department": "Netz"}),
        ("who:jana", {"assignee": "jana"}),
        ("wer:jana", {"assignee": "jana"}),
        ("for:jana", {"assignee": "jana"}),
        ("für:jana", {"assignee": "jana"}),
        ("fuer:jana", {"assignee": "jana"}),
        ("by:wolf", {"requester": "wolf"}),
        ("proj:ERP", {"project": "ERP"}),
        ("Projekt:ERP", {"project": "ERP"}),
        ("sys:erp-db,fw", {"systems": ("erp-db", "fw")}),
        ('system:"ERP DB",fw sys:fw', {"systems": ("ERP DB", "fw")}),
        ("#cutover #later,", {"tags": ("cutover", "later")}),
        ('#"go live" tag:a,b', {"tags": ("go live", "a", "b")}),
        ("!hoch", {"priority": "high"}),
        ("prio:kritisch", {"priority": "critical"}),
        ("~2d", {"low": 2.0, "likely": 2.0, "high": 2.0}),
        ("~1,5", {"low": 1.5, "likely": 1.5, "high": 1.5}),
        ("~1/2/3w", {"low": 5.0, "likely": 10.0, "high": 15.0}),
        ("~4h/1d/1w", {"low": 0.5, "likely": 1.0, "high": 5.0}),
        ("Dauer:1/2/5", {"low": 1.0, "likely": 2.0, "high": 5.0}),
        ("dauer:3 Tage", {"low": 3.0, "likely": 3.0, "high": 3.0}),
        ("~1/2/3 Wochen", {"low": 5.0, "likely": 10.0, "high": 15.0}),
        ("aufwand:3 PT", {"effort": 3.0}),
        ("due:in 3 Wochen", {"due": date(2026, 12, 14)}),
        ("fällig:Mo KW 50", {"due": date(2026, 12, 7)}),
        ("aufwand:3PT", {"effort": 3.0}),
        ("effort:4h", {"effort": 0.5}),
        ("spent:0,5", {"spent": 0.5}),
        ("phase:Konzept", {"phase": "Konzept"}),
        ('abschnitt:"Phase 2"', {"phase": "Phase 2"}),
        ("progress:40", {"progress": 40.0}),
        ("progress:0,5%", {"progress": 0.5}),
        ("fortschritt:0,4", {"progress": 40.0}),
        ("progress:1", {"progress": 1.0}),
        ("fällig:1.12.", {"due": date(2026, 12, 1)}),
        ("faellig:1.12.", {"due": date(2026, 12, 1)}),
        ("due:KW 48", {"due": date(2026, 11, 27)}),
        ("fällig:bis Freitag", {"due": date(2026, 11, 27)}),
        ("due:by next fri", {"due": date(2026, 12, 4)}),
        ("due:Fr nächste Woche", {"due": date(2026, 12, 4)}),
        ("due:Do in 2 Wochen", {"due": date(2026, 12, 10)}),
        ("due: fr", {"due": date(2026, 11, 27)}),
        ("due:1. Dezember 2026", {"due": date(2026, 12, 1)}),
        ('due:"1 Dec"', {"due": date(2026, 12, 1)}),
        ("ab:KW 49", {"not_before": date(2026, 11, 30)}),
        ("from:nächsten Montag,", {"not_before": date(2026, 11, 30)}),
        ("wv:+3d", {"follow_up": date(2026, 11, 26)}),
        ("follow:+2 Wochen", {"follow_up": date(2026, 12, 7)}),
        ("every:2 weeks", {"recurrence": "2w"}),
        ("~0", {"low": 0.0, "likely": 0.0, "high": 0.0}),
        ("next:14,15+2", {"blocks": ((14, 0.0), (15, 2.0))}),
        ("nachfolger:14", {"blocks": ((14, 0.0),)}),
        ("watch:jana,wolf", {"watchers": ("jana", "wolf")}),
        ("beobachter:jana", {"watchers": ("jana",)}),
        ("state:doing", {"state": "doing"}),
        ("status:wartet", {"state": "waiting"}),
        ("alle:6m", {"recurrence": "6m"}),
        ("after:3,5", {"after": ((3, 0.0), (5, 0.0))}),
        ("nach:12+2 after:13-1,5", {"after": ((12, 2.0), (13, -1.0), (5, 0.0))}),
        ("after:1-3", {"after": ((1, 0.0), (2, 0.0), (3, 0.0))}),
        ("after:1-3d,9", {"after": ((1, -3.0), (9, 0.0))}),
        ("back:7", {"returns_to": ((7, {}),)}),
        ("zurück:7:30%:50%:3", {"returns_to": ((7, {"rate": 0.3, "share": 0.5, "limit": 3}),)}),
        ("back:7:0,3,9:0.25", {"returns_to": ((7, {"rate": 0.3}), (9, {"rate": 0.25}))}),
    ],
)
def test_what_can_be_said(typed: str, fields: dict[str, Any]) -> None:
    assert said(typed) == {"title": "", **fields}
    assert said(f"Netz  prüfen {typed} und melden") == {"title": "Netz prüfen und melden", **fields}


def test_a_weekday_of_another_date_is_a_mistake_not_a_word_of_the_title() -> None:
    line = parse_line("Abnahme fällig:Mo 1.12. mit Wolf", TODAY)
    (problem,) = line.problems
    assert str(problem) == "No such day: Mo 1.12."
    assert "due" not in line.fields


@pytest.mark.parametrize(
    "title",
    [
        "Termin: Abnahme mit Wolf",
        "Ticket #12, dringend!",
        "x=1 http://example.org/a?b=c 10:30 std::map",
        'Monitor 24" und "Phase 1"',
        "a @ b # c ! d ~ e ~Ende !!! C:\\temp",
        "nach: Feierabend",
        "name@example.org",
    ],
)
def test_what_only_looks_like_a_key_stays_in_the_title(title: str) -> None:
    line = parse_line(title, TODAY)
    assert line.fields == {"title": title}
    assert [span.role for span in line.spans] == ["title"]


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("colour:red", "colour:red stays in the title; there is no field colour."),
        ("dept.:Netz", ""),
        ("sistem:jana", "sistem:jana stays in the title; did you mean system:?"),
        ("passes:2", "passes:2 stays in the title; passes cannot be set here."),
        ("due=fr", "due=fr stays in the title; write due: to set it."),
        ("wer:", "wer: stays in the title; its value follows without a blank."),
    ],
)
def test_what_looks_like_a_field_but_is_none_is_told(word: str, told: str) -> None:
    text = f"Firewall {word} jana"
    line = parse_line(text, TODAY)
    assert line.fields == {"title": text}
    assert [str(doubt) for doubt in line.doubts] == [told] * bool(told)
    for doubt in line.doubts:
        assert text[doubt.start : doubt.end] == word
        assert [span.role for span in line.spans] == ["title", "doubt", "title"]


def test_a_backslash_makes_text_of_anything() -> None:
    assert said("\\#hash \\due:fr \\@Netz \\") == {"title": "#hash due:fr @Netz \\"}


def test_me_is_who_is_typing() -> None:
    assert said("x für:mich by:me", me="jana") == {
        "title": "x",
        "assignee": "jana",
        "requester": "jana",
    }
    assert said("x für:mich") == {"title": "x", "assignee": "mich"}


@pytest.mark.parametrize(
    ("token", "said_"),
    [
        ("due:bald", "bald is not a date; try fr, +3d, KW 48, 1.12. or 2026-12-01."),
        ("due:31.2.", "No such day: 31.2."),
        ("!soon", "soon is not a priority; choose from low, medium, high, critical."),
        (
            "~1/2",
            "1/2 is not an estimate; enter a number of working days, or low/likely/high such"
            " as 1/2/5.",
        ),
        (
            "~5/2/1",
            "The estimate 5/2/1 is out of order; enter low, likely and high, such as 1/2/5.",
        ),
        ("~3x", "3x is not a number of days; try 2d, 0.5, 4h or 1w."),
        ("~-3", "-3 is not a number of days; try 2d, 0.5, 4h or 1w."),
        ("~,5", ",5 is not a number of days; try 2d, 0.5, 4h or 1w."),
        ("effort:viel", "viel is not a number of days; try 2d, 0.5, 4h or 1w."),
        (
            "after:Test",
            "Test is not a list of tasks; enter their numbers, such as 12 or 3,5, or 12+2 for a lag"
            " of two working days.",
        ),
        (
            "back:x",
            "x is not a return; enter a task number, optionally with rate, share of rework and"
            " pass limit, such as 7:30%:50%:3.",
        ),
        ("back:7:100%", "A return rate must be at least 0 and below 100%, not 100%."),
        ("every:soon", "soon is not a time span; try 1y, 6m, 2w, 90d or monthly."),
        ('sys:"erp', 'A quotation mark is not closed: "erp'),
    ],
)
def test_a_mistake_is_told_with_its_place_and_the_rest_is_read(token: str, said_: str) -> None:
    text = f"Firewall {token} @Netz"
    line = parse_line(text, TODAY)
    (problem,) = line.problems
    assert str(problem) == said_
    assert text[problem.start : problem.end] == token
    assert line.fields == {"title": f"Firewall {token}", "department": "Netz"}
    assert [span.role for span in line.spans] == ["title", "problem", "department"]


def test_what_comes_twice_and_what_lacks_its_value() -> None:
    line = parse_line("A @Netz @Vertrieb due:", TODAY)
    assert list(map(str, line.problems)) == [
        "@ can be given only once; @Vertrieb is one too many.",
        "due: needs a value.",
    ]
    assert line.fields == {"title": "A @Vertrieb due:", "department": "Netz"}


# Months and weeks are words too: a date must not swallow what is looked for.
PIECES = (
    "dezember woche bis to 1.12. 2026 -woche 5 fr "
    "Netz Firewall @Netz @ #a #12 # !high !x !!! ~2 ~1/2/5d ~ due:fr due: due:KW 48 ab:1.12. "
    'nächste Woche after:3,5 back:7:30%:50%:3 sys:"a b" sys:"a " "" """" who:me \\#a \\ für:x '
    "every:2 weeks -#later -( ) ( or oder not nicht und - -- state:open,done dept:none prio:>=high "
    'passes>1 due:<fr id:3-7 likely:1-3 "free text" title:x created:-7d x=1 a:b , ; : " ü\u0308'
)
TYPED = st.lists(st.sampled_from(PIECES.split(" ")), max_size=12).map(" ".join)
ANY = st.one_of(st.text(max_size=60), TYPED, st.text(alphabet='ab1 :"@#!~,-()<>=\\', max_size=40))


@given(ANY, st.dates())
def test_a_line_never_fails_and_its_pieces_lie_in_it(text: str, today: date) -> None:
    line = parse_line(text, today)
    ends = [0, *(place for span in line.spans for place in (span.start, span.end)), len(text)]
    assert ends == sorted(ends)
    assert all(span.start < span.end for span in line.spans)
    covered = {at for span in line.spans for at in range(span.start, span.end)}
    assert all(at in covered or char.isspace() for at, char in enumerate(text))
    for problem in line.problems:
        assert 0 <= problem.start < problem.end <= len(text)
        assert any((span.start, span.end) == (problem.start, problem.end) for span in line.spans)
        assert str(problem)


@given(TYPED)
def test_what_is_read_can_be_added(text: str) -> None:
    fields = parse_line(text, TODAY).fields
    ws = plan(tasks=60)
    task = commands.add_task(ws, NOW, **{**fields, "title": fields["title"] or "x"}).born(Task)[0]
    assert task.priority == fields.get("priority", "medium")


# Values.


@pytest.mark.parametrize(
    ("field", "typed", "value"),
    [
        ("due", "KW 48", date(2026, 11, 27)),
        ("Fällig", "fr", date(2026, 11, 27)),
        ("not_before", "KW 48", date(2026, 11, 23)),
        ("not before", "", None),
        ("priority", "hoch", "high"),
        ("Status", "erledigt", "done"),
        ("estimate", "1/2/5", (1.0, 2.0, 5.0)),
        ("likely", "2,5", 2.5),
        ("Aufwand", "none", None),
        ("tags", "a, #b c", ("a", "b", "c")),
        ("tags", "", ()),
        ("systems", '"ERP DB", fw', ("ERP DB", "fw")),
        ("systems", "keine", ()),
        ("Abteilung", "Netz", "Netz"),
        ("assignee", "me", "jana"),
        ("watchers", "jana,wolf", ("jana", "wolf")),
        ("title", "none", "none"),
        ("notes", '"so" sagt er', '"so" sagt er'),
        ("waiting_for", "Dell", "Dell"),
        ("recurrence", "jährlich", "1y"),
        ("after", "3; 6; 12+2", ((3, 0.0), (6, 0.0), (12, 2.0))),
        ("returns", "3:30%:100%:3; 4", ((3, {"rate": 0.3, "share": 1.0, "limit": 3}), (4, {}))),
    ],
)
def test_values(field: str, typed: str, value: Any) -> None:
    assert parse_value(field, typed, TODAY, me="jana") == value


@pytest.mark.parametrize(
    ("field", "typed", "said_"),
    [
        ("priorty", "high", "There is no field priorty; did you mean prio?"),
        ("xyz", "1", "There is no field xyz; choose from title,"),
        ("id", "1", "There is no field id;"),
        ("state", "maybe", "maybe is not a state; choose from todo, doing,"),
        ("tags", "#", "A tag is missing here."),
        ("systems", ",", "A name is missing here."),
        ("returns", "3:2%%", "2%% is not a share"),
        ("returns", "3:30%:50%:3:4", "4 is not an option of a return"),
        ("returns", "3:30%:forward=2", "Work can only go forward"),
        ("returns", "3:learning=100%", "Each further pass may take less"),
    ],
)
def test_wrong_values(field: str, typed: str, said_: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_value(field, typed, TODAY)
    assert str(caught.value).startswith(said_)


@given(st.sampled_from([*FIELD_KEYS, "xyz"]), ANY)
def test_a_value_is_read_or_refused(field: str, text: str) -> None:
    try:
        parse_value(field, text, TODAY)
    except BadInput as problem:
        told = str(problem)
    else:
        told = "read"
    assert told


# Filters.


def day(offset: int) -> date:
    return TODAY + timedelta(days=offset)


def at(offset: int) -> datetime:
    return datetime(2026, 11, 23, 12, tzinfo=UTC) + timedelta(days=offset)


PLAN = Workspace(
    [
        Department(id=1, name="Netz", short="NE"),
        Department(id=2, name="Netzplanung"),
        Department(id=3, name="IT-Betrieb", short="ITB"),
        Department(id=4, name="Facility"),
        Person(id=1, login="j.pohl", name="Jana Pohl"),
        Person(id=2, login="wolf", name="Wolf Müller"),
        System(id=1, name="erp-db", state="down"),
        System(id=2, name="AS/400"),
        Project(id=1, name="Umzug", key="UM"),
        Task(
            id=1,
            title="Zähler prüfen",
            department=1,
            state="done",
            priority="low",
            project=1,
            tags=("Cutover",),
            created=at(-20),
            modified=at(-3),
            passes=(Pass(number=1, ended=at(-3), outcome="done"),),
        ),
        Task(
            id=2,
            title="Firewall",
            department=2,
            assignee=1,
            due=day(-2),
            likely=2.0,
            notes="Antrag bei Müller & Söhne",
            created=at(-10),
        ),
        Task(
            id=3,
            title="Test (ERP)",
            department=3,
            assignee=2,
            due=day(4),
            priority="high",
            systems=(1,),
            effort=3.0,
            tags=("later",),
            watchers=(1,),
        ),
        Task(
            id=4,
            title="Abnahme",
            department=4,
            state="waiting",
            waiting_for="Dell",
            priority="critical",
            systems=(2,),
            passes=(
                Pass(number=1, outcome="done"),
                Pass(number=2, gate=5, outcome="returned"),
                Pass(number=3, gate=5),
            ),
        ),
        Task(id=5, title="Freigabe", requester=2, due=day(30)),
        Task(id=6, title="Altlasten", state="dropped", due=day(-30)),
        Link(id=1, kind="needs", source=1, target=2),
        Link(id=2, kind="needs", source=2, target=3),
        Link(id=3, kind="needs", source=4, target=5),
        Link(id=4, kind="returns", source=5, target=4, limit=2),
    ]
)


@pytest.mark.parametrize(
    ("typed", "ids"),
    [
        ("", [1, 2, 3, 4, 5, 6]),
        ("firewall", [2]),
        ("zaehler", [1]),
        ("zahler", [1]),
        ("ZÄHLER", [1]),
        ("mueller", [2, 3, 5]),
        ("muller", [2, 3, 5]),
        ("Müller", [2, 3, 5]),
        ("who:muller", [3]),
        ("netzplanung", [2]),  # of a department
        ("jana", [2, 3]),  # who does it, or watches
        ("as/400", [4]),
        ("dell", [4]),
        ("firewal", [2]),  # looks like what is there
        ("Abnhame", [4]),
        ("fire", [2]),
        ("xire", []),
        ('"bei müller"', [2]),
        ('"Test (ERP)"', [3]),
        ("cut", [1]),
        ("dept:netz", [1]),  # exactly so
        ("@ne", [1]),
        ("@netzp", [2]),
        ("@it", [3]),  # a word begins so, not merely Facil-it-y
        ("@plan", [2]),
        ("@=it", []),
        ("abt:netz,netzplanung", [1, 2]),
        ("-dept:any", [5, 6]),
        ("dept:none", [5, 6]),
        ("wer:pohl", [2]),
        ("who:me", [3]),
        ("who:j.pohl or who:wolf", [2, 3]),
        ("by:wolf", [5]),
        ("watch:jana", [3]),
        ("proj:um", [1]),
        ("sys:erp-db", [3]),
        ('sys:"AS/400"', [4]),
        ("sys:none", [1, 2, 5, 6]),
        ("#cutover", [1]),
        ("#cut", []),
        ("-#later", [1, 2, 4, 5, 6]),
        ("tag:later,cutover", [1, 3]),
        ("state:done", [1]),
        ("state:erledigt,wartet", [1, 4]),
        ("status:offen", [2, 3, 4, 5]),
        ("is:ready", [2]),
        ("ist:bereit", [2]),
        ("state:blocked", [3, 5]),
        ("state:stuck", [3]),
        ("state:late", [2]),
        ("ist:überfällig", [2]),
        ("state:over", [4]),
        ('state:"über Limit"', [4]),
        ("!high", [3]),
        ("prio:>=high", [3, 4]),
        ("prio>high", [4]),
        ("prio:<medium", [1]),
        ("prio:hoch,kritisch", [3, 4]),
        ("passes:>1", [4]),
        ("passes>=3", [4]),
        ("durchläufe:1", [1, 2, 3, 5, 6]),
        ("~2", [2]),
        ("likely:1-3", [2]),
        ("effort:>=1w", []),
        ("effort:>2,5", [3]),
        ("effort:any", [3]),
        ("due:<fr", [2, 6]),
        ("due:fr", [3]),
        ("due:<=fr", [2, 3, 6]),
        ("due:>fr", [5]),
        ("due:KW 48", [3]),
        ("due:KW 47-48", [2, 3]),
        ("due:heute - fr -#later", []),
        ("due:heute -woche", []),
        ("due:<1.12. -firewall", [3, 6]),
        ("due:next month or firewall", [2, 5]),
        ("due:none", [1, 4]),
        ("fällig:vor 2 Tagen", [2]),
        ("created:<-15d", [1]),
        ("changed:fr", [1]),
        ("finished:letzte Woche", [1]),
        ("finished:none", [2, 3, 4, 5, 6]),
        ("modified:any", [1]),
        ("id:3,5-6", [3, 5, 6]),
        ("id:>4", [5, 6]),
        ("nr:#3", [3]),
        ("after:1,4", [2, 5]),
        ("back:4", [5]),
        ("back:any", [5]),
        ("next:3,5", [2, 4]),
        ("nachfolger:none", [3, 5, 6]),
        ("after:none", [1, 4, 6]),
        ("title:test", [3]),
        ("notes:antrag", [2]),
        ("wait:dell", [4]),
        ("firewall test", []),
        ("firewall or test", [2, 3]),
        ("firewall oder test | abnahme", [2, 3, 4]),
        ("state:open und nicht @it", [2, 4, 5]),
        ("not (firewall or test) state:open", [4, 5]),
        ("-(firewall or test) -state:open", [1, 6]),
        ("firewall or state:open prio:critical", [2, 4]),
        ("(firewall or state:open) prio:critical", [4]),
        ("not not firewall", [2]),
        ('"or"', []),
        ("10:30", []),
        ("x=1", []),
    ],
)
def test_filters(typed: str, ids: list[int]) -> None:
    found = parse_filter(typed, TODAY, me="wolf")
    assert [task.id for task in PLAN.tasks.values() if found.over(PLAN)(task)] == ids
    assert [task.id for task in filter(found.over(PLAN), PLAN.tasks.values())] == ids
    assert parse_filter(str(found), TODAY) == found


def test_a_word_that_is_nowhere_is_told_with_those_that_were_looked_for() -> None:
    assert parse_filter("Abnhame", TODAY).guessed(PLAN) == (("Abnhame", ("abnahme",)),)
    assert parse_filter("abnahme", TODAY).guessed(PLAN) == ()
    assert parse_filter("zzzz 12345", TODAY).guessed(PLAN) == ()


def test_reasons_and_checklists_are_searched() -> None:
    item, back = Item(text="Kabel legen"), Pass(number=2, reason="Prüfsumme falsch", gate=1)
    ws = Workspace(
        [Task(id=1, title="A", checklist=(item,)), Task(id=2, title="B", passes=(back,))]
    )
    for typed, ids in (("kabel", [1]), ("pruefsumme", [2])):
        assert [*filter(parse_filter(typed, TODAY).over(ws), ws.tasks.values())] == [
            ws.tasks[i] for i in ids
        ]


def test_a_filter_prints_as_it_could_be_typed() -> None:
    typed = 'Abt:netz ist:blockiert fällig:<fr -#later (passes>1 oder "free text") prio:>=hoch'
    assert str(parse_filter(typed, TODAY)) == (
        'dept:netz state:blocked due:<=2026-11-26 -#later (passes:>1 or "free text") '
        "prio:high,critical"
    )


def test_names_nobody_goes_by_are_told() -> None:
    assert parse_filter("@netz (who:gandalf or -sys:erp,x) @netz", TODAY).unknown(PLAN) == (
        "gandalf",
        "x",
    )


@pytest.mark.parametrize(
    ("typed", "place", "said_"),
    [
        ("a (b", "(", "This parenthesis is not closed."),
        ("a) b", ")", "Unmatched closing parenthesis."),
        ("a ()", "()", "These parentheses are empty."),
        ("(" * 60, "(", "This is nested too deeply."),
        ("or a", "or", "or needs a term on both sides; put it in quotes to search for the word."),
        (
            "a oder",
            "oder",
            "oder needs a term on both sides; put it in quotes to search for the word.",
        ),
        (
            "a and or b",
            "and",
            "and needs a term on both sides; put it in quotes to search for the word.",
        ),
        ("not", "not", "not needs a term on both sides; put it in quotes to search for the word."),
        ('x "free', '"free', 'A quotation mark is not closed: "free'),
        ('x ""', '""', "These quotes are empty."),
        ('x dept:"a', 'dept:"a', 'A quotation mark is not closed: "a'),
        (
            "x detp:netz",
            "detp:netz",
            "There is no field detp; did you mean dept? Put text with a colon in quotes.",
        ),
        ("x http://y", "http://y", "There is no field http; choose from id,"),
        ("due: x", "due:", "due: needs a value."),
        ("due:<bald x", "due:<bald", "bald is not a date;"),
        ("dept:<netz", "dept:<netz", "dept:< cannot be compared; remove the sign."),
        ("state:kaputt", "state:kaputt", "kaputt is not a state; choose from todo, doing,"),
        ("prio:lila", "prio:lila", "lila is not a priority; choose from low,"),
        ("prio:>critical", "prio:>critical", "No priority is > critical."),
        ("passes:viele", "passes:viele", "viele is not a whole number."),
        ("id:7-3", "id:7-3", "7-3 ends before it begins."),
        ("effort:3-1", "effort:3-1", "3-1 ends before it begins."),
        *(
            (f"{field}:{word}", f"{field}:{word}", f"{word} is not a {what}")
            for field, what in (
                ("spent", "number of days"),
                ("progress", "percentage"),
                ("passes", "whole number"),
            )
            for word in ("..", "–")
        ),
        ("effort:>1-3", "effort:>1-3", "1-3 cannot follow >."),
        ("effort:x", "effort:x", "x is not a number of days;"),
    ],
)
def test_a_mistake_in_a_filter_is_told_with_its_place(typed: str, place: str, said_: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_filter(typed, TODAY)
    assert str(caught.value).startswith(said_)
    assert typed[caught.value.start : caught.value.end] == place


@given(ANY, st.dates())
def test_a_filter_is_read_or_refused_and_reads_back(text: str, today: date) -> None:
    try:
        found = parse_filter(text, today, me="wolf")
    except BadInput as problem:
        place = (problem.start, problem.end)
    else:
        place = (0, 1)
        assert parse_filter(str(found), today) == found
        for task in PLAN.tasks.values():
            assert isinstance(found.over(PLAN)(task), bool)
    assert 0 <= place[0] < place[1] <= max(len(text), 1)


TERMS = st.sampled_from(
    ["firewall", "@it", "state:open", "due:<fr", "-#later", "prio:>=high", "id:2-4", "sys:any"]
)


def reading(text: str) -> set[int]:
    return set(map(int, (t.id for t in filter(parse_filter(text, TODAY).over(PLAN), everyone()))))


def everyone() -> list[Task]:
    return list(PLAN.tasks.values())


@given(TERMS, TERMS, TERMS)
def test_filters_are_an_algebra_of_sets(a: str, b: str, c: str) -> None:
    every = reading("")
    one, two, three = reading(a), reading(b), reading(c)
    assert reading(f"{a} {b}") == reading(f"{a} und {b}") == one & two
    assert reading(f"{a} or {b} {c}") == one | two & three
    assert reading(f"({a} or {b}) {c}") == (one | two) & three
    assert reading(f"-({a} {b})") == every - (one & two)
    assert reading(f"nicht {a} {b}") == (every - one) & two


def test_joined_terms_lie_flat() -> None:
    assert parse_filter("a (b (c d))", TODAY) == parse_filter("a b c d", TODAY)
    assert parse_filter("a or (b or (c or d))", TODAY) == parse_filter("a | b | c | d", TODAY)
    assert isinstance(parse_filter("a b", TODAY).where, And)
    assert isinstance(parse_filter("a or b", TODAY).where, Or)


def test_each_state_has_a_word_that_finds_it() -> None:
    for state in STATES:
        found = parse_filter(f"state:{state}", TODAY)
        assert {t.id for t in everyone() if t.state == state} == {
            t.id for t in everyone() if found.over(PLAN)(t)
        }


# Completion.


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("Firewall @ne", ["@Netz", "@Netzplanung"]),
        ("-@ne", ["-@Netz", "-@Netzplanung"]),
        ("(@fac", ["(@Facility"]),
        ("abt:be", ["abt:IT-Betrieb"]),
        ("who:", ["who:j.pohl", "who:wolf"]),
        ("who:=wo", ["who:=wolf"]),
        ("wer:po", ["wer:j.pohl"]),
        ("#c", ["#Cutover"]),
        ("sys:erp-db,as", ["sys:erp-db,AS/400"]),
        ("proj:", ["proj:UM"]),
        ("!h", ["!high", "!hoch"]),
        ("state:bl", ["state:blocked", "state:blockiert"]),
        ("due:to", ["due:today", "due:tomorrow"]),
        ("due:<ue", ["due:<übermorgen"]),
        ("after:3,", [f"after:3,{id}" for id in (6, 5, 4, 3, 2, 1)]),
        ("fä", ["fällig:"]),
        ("fae", ["fällig:"]),
        ("ef", ["effort:"]),
        ("", []),
        ("x ", []),
        ("foo:b", []),
    ],
)
def test_completion(typed: str, offered: list[str]) -> None:
    assert complete_word(typed + " rest", len(typed), PLAN) == offered


def test_names_with_blanks_are_completed_in_quotes() -> None:
    ws = Workspace([Department(id=1, name="Fachbereich Vertrieb"), Department(id=2, name="Fach")])
    assert complete_word("x @fa", 5, ws) == ['@"Fachbereich Vertrieb"', "@Fach"]
    assert complete_word('x @"fa', 6, ws) == ['@"Fachbereich Vertrieb"', '@"Fach"']
    # The word before the cursor begins behind the last blank: only the rest is put in.
    assert complete_word('x @"Fachbereich Ve', 18, ws) == ['Vertrieb"']


@given(ANY, st.integers(0, 60))
def test_completion_never_fails(text: str, cursor: int) -> None:
    for word in complete_word(text, min(cursor, len(text)), PLAN):
        assert word


# Names with blanks.


def _named() -> Workspace:
    return Workspace(
        [
            Department(id=1, name="Fachbereich Vertrieb", short="FBV"),
            Department(id=2, name="Netz"),
            Department(id=3, name="Netz Umbau Nord"),
            Department(id=4, name="Werk (Nord) West"),
            Person(id=1, login="meier", name="Eva Meier"),
            Project(id=1, key="SAP", name="Weg in die Cloud"),
            System(id=1, name="Alte Welt"),
            System(id=2, name="erp-db"),
        ]
    )


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("x @Fachbereich Vertrieb y", {"title": "x y", "department": "Fachbereich Vertrieb"}),
        ("@fachbereich  vertrieb, y", {"title": "y", "department": "fachbereich vertrieb"}),
        ("x abt:Netz Umbau Nord", {"title": "x", "department": "Netz Umbau Nord"}),
        ("x @Netz Umbau", {"title": "x Umbau", "department": "Netz"}),
        ("x @Werk (Nord) West", {"title": "x", "department": "Werk (Nord) West"}),
        ('x @"Netz" Umbau Nord', {"title": "x Umbau Nord", "department": "Netz"}),
        ("Abteilung: Netz Umbau Nord", {"title": "Abteilung: Netz Umbau Nord"}),
        ("x who:eva meier", {"title": "x", "assignee": "eva meier"}),
        ("x proj:Weg in die Cloud y", {"title": "x y", "project": "Weg in die Cloud"}),
        ("sys:alte welt,erp-db x", {"title": "x", "systems": ("alte welt", "erp-db")}),
        ("sys:erp-db,Alte Welt, x", {"title": "x", "systems": ("erp-db", "Alte Welt")}),
        ('sys:"erp-db",Alte Welt x', {"title": "x", "systems": ("erp-db", "Alte Welt")}),
    ],
)
def test_known_names_need_no_quotes(text: str, fields: dict[str, Any]) -> None:
    assert parse_line(text, TODAY, ws=_named()).fields == fields


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("(@Fachbereich Vertrieb) x", 'dept:"Fachbereich Vertrieb" x'),
        ("-@fachbereich vertrieb", '-dept:"fachbereich vertrieb"'),
        ("dept:netz,Fachbereich Vertrieb", 'dept:netz or dept:"Fachbereich Vertrieb"'),
        ("dept:=Netz Umbau Nord x", 'dept:="Netz Umbau Nord" x'),
        ("@Netz Umbau", "dept:Netz Umbau"),
    ],
)
def test_known_names_need_no_quotes_in_filters(text: str, read: str) -> None:
    assert str(parse_filter(text, TODAY, ws=_named())) == read


@given(st.sampled_from(["Netz Umbau Nord", "Fachbereich Vertrieb", "Alte Welt"]), st.data())
def test_what_is_typed_around_a_known_name_is_read_as_without_it(
    name: str, data: st.DataObject
) -> None:
    words = st.lists(st.sampled_from(["Test", "!high", "#later", "due:fr", "Ende."]), max_size=3)
    key = "sys" if name == "Alte Welt" else "dept"
    before, after = " ".join(data.draw(words)), " ".join(data.draw(words))
    bare = parse_line(f'{before} {key}:"{name}" {after}', TODAY)
    assert parse_line(f"{before} {key}:{name} {after}", TODAY, ws=_named()).fields == bare.fields


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Fachbereich", ("Fachbereich Vertrieb",)),
        ("Fachberiech Vertrib", ("Fachbereich Vertrieb",)),
        ("erpdb", ("erp-db",)),
        ("Netzt", ("Netz",)),
        ("NETZ", ()),
        ("Einkauf", ()),
        ("", ()),
    ],
)
def test_names_that_look_like_what_was_typed_are_known(typed: str, meant: tuple[str, ...]) -> None:
    assert most_alike(typed, ("Netz", "Fachbereich Vertrieb", "erp-db")) == meant


def test_a_filter_tells_which_names_may_be_meant() -> None:
    ws = _named()
    found = parse_filter("@Vertieb or sys:erpdb or who:eva", TODAY, ws=ws)
    assert found.unknown(ws) == ("Vertieb", "erpdb")
    assert found.meant(ws) == ("Fachbereich Vertrieb", "erp-db")


def test_a_filter_is_no_longer_than_anybody_types_it() -> None:
    with pytest.raises(BadInput, match="at most 5000 words; this one has 100000"):
        parse_filter("a " * 100_000, TODAY)
    assert parse_filter("id:" + ",".join(map(str, range(1, 20_000))), TODAY)


def test_texts_sort_by_numbers_of_any_length() -> None:
    texts = ["a" + "9" * 5000, "a010", "a9", "a" + "1" + "0" * 5000, "ä 1"]
    assert sorted(texts, key=collation_key) == ["a9", "a010", texts[0], texts[3], "ä 1"]


@pytest.mark.parametrize("typed", ['needs:"1{}x"', 'effort:"1{}x"', 'effort:"1{}-{}2{}"'])
def test_blanks_without_end_are_read_once(typed: str) -> None:
    begun = process_time()
    with suppress(BadInput):
        parse_filter(typed.replace("{}", " " * 100_000), TODAY)
    assert process_time() - begun < 5
