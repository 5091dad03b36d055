"""Projects, departments, people, systems and settings: listed, set, renamed, merged, deleted."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.builders import TODAY
from tests.cli.test_calls import Shell
from tracker.domain.model import Absence, Person
from tracker.domain.properties import NOUNS, PROPERTIES
from tracker.domain.typing.property_values import read_property
from tracker.domain.workspace import Workspace
from tracker.language import say, use
from tracker.wording import entity_texts


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """Two departments with a task each, one of an open and one of a done task's person."""
    shell = Shell(tmp_path / "plan.json", capsys)
    shell.done("init")
    shell.done("add", "Firewall @Netz who:anna ~2 sys:ERP proj:Umzug")
    shell.done("add", "Abnahme @Vertrieb who:bert ~1 after:1 watch:anna")
    return shell


def test_what_is_set_is_listed_and_shown_in_words_that_can_be_typed_again(shell: Shell) -> None:
    typed = {
        "project": [
            "Umzug",
            "key=UMZ",
            "start=2026-12-01",
            "target=2027-03-31",
            "budget=42.000,50",
        ],
        "department": [
            *("Netz", "short=NET", "colour=rot", "order=3"),
            *("wip=2", "capacity=7,5", "rate=850"),
        ],
        "person": ["anna", "name=Anna Blume", "dept=Netz", "capacity=4", "rate=900", "wip=2"],
        "system": ["ERP", "side=legacy", "owner=Netz", "restored=#1"],
        "settings": ["region=AT", "company-holidays=24.12.; 2027-05-07", "half-days=31.12."],
    }
    typed["department"].append("off=24.12.2026; 28.12.2026-30.12.2026")
    typed["person"].append("away=7.12.2026-11.12.2026 (Kur); 14.12.2026 ½ (Zahnarzt)")
    typed["settings"] += ["correlation=30%", "currency=chf", "spread=70-200%"]
    for noun, words in typed.items():
        shell.done(noun, *words)
        name = [] if noun == "settings" else words[:1]
        before = shell.json(noun, *name)
        shown = dict(
            line.split("=): ") for line in shell.done(noun, *name).splitlines() if "=)" in line
        )
        again = [f"{label.rpartition('(')[2]}={value}" for label, value in shown.items()]
        again = [word.removesuffix("–") for word in again]
        assert len(again) == len(PROPERTIES[NOUNS[noun]])
        assert shell.done(noun, *name, *again) == "No change.\n"
        assert shell.json(noun, *name) == before
    (project,) = shell.json("project")
    assert (project["budget"], project["target"], project["open_tasks"]) == (
        42000.5,
        "2027-03-31",
        2,
    )
    (netz, _vertrieb) = sorted(shell.json("department"), key=lambda form: str(form["name"]))
    assert netz["days_off"] == ["2026-12-24", "2026-12-28", "2026-12-29", "2026-12-30"]
    assert shell.json("settings")["company_holidays"] == ["12-24", "2027-05-07"]


@pytest.mark.parametrize("speech", ["en", "de"])
def test_amounts_and_days_are_written_as_the_language_does(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, speech: str
) -> None:
    monkeypatch.setenv("LC_ALL", f"{speech}.UTF-8")
    shell.done("project", "Umzug", "budget=1234567,5", "target=31.3.2027")
    shell.done("department", "Netz", "off=28.12.2026-30.12.2026; 7.1.2027", "rate=1250")
    shell.done("settings", "company-holidays=24.12.")
    said = [shell.done("project", "Umzug"), shell.done("department", "Netz")]
    said += [shell.done("settings"), shell.done("department"), shell.done("log")]
    for english, german in {
        "1,234,567.5": "1.234.567,5",
        "2027-03-31": "31.03.2027",
        "2026-12-28 - 2026-12-30; 2027-01-07": "28.12.2026 - 30.12.2026; 07.01.2027",
        "1,250": "1.250",
        "12-24": "24.12.",
    }.items():
        assert (english if speech == "en" else german) in "".join(said)
    for noun, name, keys in (
        ("project", "Umzug", "budget etat"),
        ("project", "Umzug", "target ziel"),
        ("department", "Netz", "off frei"),
        ("department", "Netz", "rate tagessatz"),
        ("settings", "", "company-holidays betriebsfrei"),
    ):
        key = keys.split()[speech == "de"]
        call = [noun, *filter(None, [name])]
        lines = shell.done(*call).splitlines()
        (shown,) = [line.split("=): ")[1] for line in lines if f"({key}=)" in line]
        word = "No change.\n" if speech == "en" else "Keine Änderung.\n"
        assert shell.done(*call, f"{key}={shown}") == word


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("1,200", 1200),
        ("1.200", 1200),
        ("1'200'000,5", 1_200_000.5),
        ("1,234.75", 1234.75),
        ("1200", 1200),
        ("2,5", 2.5),
        ("0.12", 0.12),
    ],
)
def test_amounts_are_read_with_either_sign_between(shell: Shell, typed: str, meant: float) -> None:
    shell.done("project", "Umzug", f"budget={typed}")
    assert shell.json("project", "Umzug")["budget"] == meant


@pytest.mark.parametrize("typed", ["0.125", "1234,567", "1,2,3", "1.200.50", "1,23,456"])
def test_amounts_that_could_be_two_are_refused(shell: Shell, typed: str) -> None:
    assert shell("project", "Umzug", f"budget={typed}").code != 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("department", "Netz", "off=2026-01-01..9999-12-31"), "2912443 days, more than a year"),
        (("settings", "company-holidays=2026-01-01..2029-12-31"), "1461 days, more than a year"),
    ],
)
def test_days_off_without_end_are_refused(shell: Shell, words: tuple[str, ...], said: str) -> None:
    assert said in shell.refused(*words)


def test_one_undo_takes_it_back(shell: Shell) -> None:
    shell.done("department", "Netz", "capacity=5", "wip=1")
    shell.done("undo")
    assert shell.json("department", "Netz")["capacity"] is None


def test_merging_hands_over_all_that_names_the_one(shell: Shell) -> None:
    shell.done("person", "anna", "dept=Netz", "name=Anna Blume")
    shell.done("person", "anna", "--merge-into", "bert")
    tasks = shell.json("list")
    assert {task["assignee"] for task in tasks} == {"bert"}
    form = shell.json("person", "bert")
    assert (form["name"], form["department"]) == ("Anna Blume", "Netz")
    assert len(shell.json("person")) == 1
    shell.done("undo")
    assert len(shell.json("person")) == 2


def test_merging_keeps_the_days_of_both_and_says_what_is_not_taken_over(shell: Shell) -> None:
    shell.done("person", "anna", "away=3.8.2027-7.8.2027, 1.9.2027", "rate=900", "wip=2")
    shell.done("person", "bert", "away=1.9.2027, 5.5.2027", "rate=800")
    said = shell("person", "anna", "--merge-into", "bert")
    assert "not kept: Day rate 900" in said.err
    form = shell.json("person", "bert")
    assert [day["first"] for day in form["absences"]] == ["2027-05-05", "2027-08-03", "2027-09-01"]
    assert (form["day_rate"], form["wip_limit"]) == (800, 2)


@pytest.mark.parametrize("there", [("up",), ("down",), ("down", "--why", "Netz")])
@pytest.mark.parametrize("last", ["ERP", "SAP"])
def test_merging_keeps_the_state_of_a_system_that_was_told_last(
    shell: Shell, last: str, there: tuple[str, ...]
) -> None:
    shell.done("system", "SAP", "--new")
    shell.done("system", "ERP", "degraded")
    told = {"ERP": there, "SAP": ("down", "--why", "Strom")}
    for name in (*({"ERP", "SAP"} - {last}), last):
        # By the clock, not at the one moment of the other calls.
        assert shell.bare("--file", str(shell.file), "system", name, *told[name]).code == 0
    said = shell("system", "SAP", "--merge-into", "ERP")
    assert ("not kept: SAP is down: Strom" in said.err) == (last == "ERP")
    form, kept = shell.json("system", "ERP"), told[last]
    assert (form["state"], form["why"]) == (kept[0], kept[2] if len(kept) > 1 else "")


def test_what_something_names_is_not_deleted_but_named(shell: Shell) -> None:
    assert "Netz is still in use: 1 Firewall" in shell.refused("department", "Netz", "--delete")
    shell.done("edit", "1", "department=Vertrieb")
    shell.done("department", "Netz", "--delete")
    assert [form["name"] for form in shell.json("department")] == ["Vertrieb"]


def test_a_name_is_given_once(shell: Shell) -> None:
    assert "--merge-into Vertrieb" in shell.refused("department", "Netz", "--rename", "Vertrieb")
    shell.done("department", "Netz", "--rename", "Netze")
    assert shell.json("show", "1")["department"] == "Netze"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (
            ("department", "Netz", "colr=red"),
            "there is no field colr; choose from name, short, colour",
        ),
        (("department", "Netz", "capacity"), "'capacity' is not an assignment; write FIELD=VALUE"),
        (("department", "Netz", "wip=2", "--delete"), "give exactly one change for Netz"),
        (("department", "--delete"), "give exactly one change for department"),
        (("system", "ERP", "down", "now"), "'now' is not an assignment"),
    ],
)
def test_words_that_do_not_fit_are_named(shell: Shell, words: tuple[str, ...], why: str) -> None:
    assert why in shell.misused(*words)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("department", "Netz", "wip=0"), "0 is not a whole number of at least 1"),
        (("department", "Netz", "rate=much"), "much is not a number"),
        (("department", "Netz", "rate=850 EUR"), "enter the amount alone"),
        (("department", "Netz", "rate=€850"), "enter the amount alone"),
        (("department", "Netz", "colour=mauve"), "choose from red, green"),
        (("settings", "currency=Dollar"), "Dollar is not a currency"),
        (("person", "anna", "dept=Nett"), "“Nett” is not known here"),
        (("system", "ERP", "restored=99"), "There is no task 99"),
        (
            ("system", "ERP", "side=moon"),
            "Side: moon does not exist; choose from legacy, cloud, other",
        ),
        (("settings", "region=XX"), "there is no country XX"),
        (("settings", "correlation=2"), "2 is not a correlation"),
        (("settings", "spread=2"), "2 is not a spread; try 70-200%, finished or none."),
        (("settings", "spread=70-200"), "A spread goes from at most 100% to at most 2000%"),
        (("project", "Umzug", "target=soon"), "soon is not a date"),
    ],
)
def test_values_that_cannot_be_are_refused(shell: Shell, words: tuple[str, ...], why: str) -> None:
    assert why in shell.refused(*words)


def test_company_holidays_move_the_dates(shell: Shell) -> None:
    shell.done("edit", "1", "not_before=2026-12-23")
    assert shell.json("schedule")["tasks"][0]["finish"] == "2026-12-24"
    shell.done("set", "company-holidays=24.12.; 31.12.")
    assert shell.json("schedule")["tasks"][0]["finish"] == "2026-12-28"


def test_nothing_comes_into_being_by_a_typo(shell: Shell) -> None:
    said = shell.refused("department", "Nezt", "capacity=3")
    assert "“Nezt” is not known here. Did you mean Netz? To create it, add --new." in said
    assert "To create it" in shell.refused("system", "Mail", "down")
    assert "To create it" not in shell.refused("department", "Nezt", "--delete")
    assert len(shell.json("department")) == 2
    assert shell.done("department", "Recht", "--new") == "Created: Recht\n"
    shell.done("system", "Mail", "down", "--why", "Zertifikat", "--new")
    assert shell.json("system", "Mail")["why"] == "Zertifikat"
    assert "Recht already exists." in shell.refused("department", "recht", "--new", "wip=1")
    shell.done("undo")
    shell.done("undo")
    assert len(shell.json("department")) == 2


def test_half_days_move_the_dates_by_one_day_for_two(shell: Shell) -> None:
    shell.done("edit", "1", "not_before=2026-12-23", "estimate=8")
    before = shell.json("schedule")["tasks"][0]["finish"]
    shell.done("settings", "half-days=24.12.; 31.12.")
    after = shell.json("schedule")["tasks"][0]["finish"]
    assert (before, after) == ("2027-01-05", "2027-01-06")
    shell.done("person", "anna", "away=28.12.2026 half; 4.1.2027 half; 5.1.2027 half")
    assert shell.json("schedule")["tasks"][0]["finish"] == "2027-01-07"


def test_systems_tell_what_stands_still(shell: Shell) -> None:
    assert shell.json("system", "ERP", "down", "--why", "patch")["affected"] == [1]
    assert "down (1): patch" in shell.done("system")
    (listed,) = [each for each in shell.json("system") if each["name"] == "ERP"]
    assert (listed["state"], listed["stuck"], listed["affected"]) == ("down", [1], [1])
    assert listed["down_hours_this_year"] == 0
    # The task that restores it stands still for others, but not for it.
    shell.done("system", "ERP", "restored=1")
    assert shell.json("system", "ERP")["stuck"] == []
    assert shell.json("today")["burns"][0]["stuck"] == []
    shell.done("system", "ERP", "up")
    assert shell.json("system", "ERP")["stuck"] == []


def test_each_property_has_keys_of_its_own() -> None:
    for properties in PROPERTIES.values():
        keys = [key for each in properties for key in each.keys]
        assert len(keys) == len(set(keys))
        assert all(say(each.hint) for each in properties)


@pytest.mark.parametrize("speech", ["en", "de"])
def test_choices_are_typed_as_they_are_shown(request: pytest.FixtureRequest, speech: str) -> None:
    request.addfinalizer(lambda: use("en"))
    use(speech)
    for each in (each for properties in PROPERTIES.values() for each in properties):
        for choice in each.choices:
            assert read_property(each, say(choice.label), TODAY) == choice.value
            assert choice.words[0] == choice.value


@pytest.mark.parametrize("note", ["course, at the customer's", "1 Dec; 2 Dec", "a, b; c", ""])
def test_the_note_of_an_absence_is_read_back_whatever_parts_it(note: str) -> None:
    away = tuple(
        Absence(first=TODAY + timedelta(days=at), last=TODAY + timedelta(days=at + 1), note=note)
        for at in (0, 7)
    )
    (each,) = (each for each in PROPERTIES[Person] if each.form == "absences")
    ws = Workspace([Person(id=1, login="anna", absences=away)])
    text = entity_texts.text(ws, each, ws.people[1])
    assert read_property(each, text, TODAY) == away
