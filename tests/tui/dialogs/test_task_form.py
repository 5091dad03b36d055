"""What is typed about tasks: fields there and back, lines and the form."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from tests import strategies
from tests.builders import NOW, TODAY, done, plan
from tests.tui.stage import NOT_ANSWERED, asked, readable, typed
from tracker import language
from tracker.domain.errors import BadInput
from tracker.domain.model import Department, Item, Person, Project, System, Task
from tracker.domain.typing.field_values import read_checklist
from tracker.domain.verbs import commands
from tracker.domain.workspace import Workspace
from tracker.tui.dialogs import typed_line
from tracker.tui.dialogs import typed_line as lines
from tracker.tui.dialogs.field_form import AskText
from tracker.tui.dialogs.task_form import TaskForm
from tracker.tui.widgets.choices import Choices
from tracker.wording import field_texts

EXTRA = (
    Department(id=1, name="Netz", short="N", order=1),
    Department(id=2, name="Netzbau West", order=2),
    Person(id=1, login="anna", name="Anna Öz"),
    Project(id=1, name="Umzug", key="UM"),
    System(id=1, name="ERP, Kern"),
    System(id=2, name="Azure"),
    System(id=3, name="SAP; HCM"),
)
FULL: dict[str, Any] = {
    "department": 1,
    "assignee": 1,
    "requester": 1,
    "watchers": (1,),
    "project": 1,
    "priority": "high",
    "low": 1.0,
    "likely": 2.5,
    "high": 5.0,
    "effort": 3.5,
    "spent": 0.25,
    "phase": "Phase 2",
    "progress": 0.5,
    "due": date(2026, 11, 27),
    "not_before": date(2026, 11, 24),
    "follow_up": date(2027, 1, 4),
    "waiting_for": "Angebot Dell #2",
    "tags": ("cutover", "two words", 'the "old" one', '5"', "a\u00a0b", "last"),
    "systems": (1, 2, 3),
    "checklist": (Item(text="a", done=True), Item(text="b [x] c")),
    "notes": "# Heading\n\ntext",
}


def full() -> Workspace:
    """Return two tasks with something in every field."""
    return plan("1-2", titles=("Firewall", "Test"), extra=EXTRA, **FULL)


@pytest.mark.parametrize("speech", ["en", "de"])
@pytest.mark.parametrize("field", field_texts.FORM)
def test_what_a_field_shows_can_be_read_back(field: str, speech: str) -> None:
    language.use(speech)
    ws = full()
    text = field_texts.text_of(ws, ws.tasks[1], field)
    change = commands.edit_task(ws, NOW, task=1, **typed_line.read_field(field, text, TODAY))
    assert not change.edits


@pytest.mark.parametrize("field", [name for name in field_texts.FORM if name != "title"])
def test_an_empty_text_clears_a_field(field: str) -> None:
    ws = full()
    change = commands.edit_task(ws, NOW, task=1, **typed_line.read_field(field, "", TODAY))
    cleared = ws.apply(change).tasks[1]
    # An imported plan may have a single project, and every task an ordinary priority.
    assert field_texts.text_of(ws.apply(change), cleared, field) in ("", "medium")


@given(ws=strategies.workspaces(most=4))
def test_nothing_is_lost_by_showing_any_field_of_any_plan(ws: Workspace) -> None:
    for task in ws.tasks.values():
        for field in ("estimate", "effort", "spent", "due", "priority", "systems", "department"):
            text = field_texts.text_of(ws, task, field)
            change = commands.edit_task(
                ws, NOW, task=task.id, **typed_line.read_field(field, text, TODAY)
            )
            assert [edit.fields for edit in change.edits] in ([], [("modified",)])


@given(st.text())
def test_any_text_is_a_checklist_of_its_lines(text: str) -> None:
    items = read_checklist(text)
    assert len(items) <= len(text.splitlines())


def test_an_item_of_a_checklist_stays_one_whatever_is_in_it() -> None:
    items = (Item(text="one\u2028and the same", done=True), Item(text="other\r\none"))
    ws = plan(tasks=1, checklist=items)
    assert read_checklist(field_texts.text_of(ws, ws.tasks[1], "checklist")) == (
        Item(text="one and the same", done=True),
        Item(text="other one"),
    )


def test_a_checklist_is_read_in_the_ways_people_write_one() -> None:
    typed_list = "[x] a\n- [ ] b\n* [X] c\n- d\n\n  e"
    assert read_checklist(typed_list) == (
        Item(text="a", done=True),
        Item(text="b"),
        Item(text="c", done=True),
        Item(text="d"),
        Item(text="e"),
    )


@pytest.mark.parametrize(
    ("text", "reason", "day"),
    [
        ("Dell", "Dell", None),
        ("Dell wv:fr", "Dell", date(2026, 11, 27)),
        ("wv:+3d Angebot von Dell", "Angebot von Dell", date(2026, 11, 26)),
        ('Dell follow:"KW 49" today', "Dell today", date(2026, 11, 30)),
        ("Dell wv:in 3 Wochen Angebot", "Dell Angebot", date(2026, 12, 14)),
        ("Dell follow:next fri", "Dell", date(2026, 12, 4)),
        ("#12 and note: call", "#12 and note: call", None),
        ("wartet auf Angebot wv:fr", "Angebot", date(2026, 11, 27)),
        ("Waiting for: Dell", "Dell", None),
        ("blockiert durch #12", "#12", None),
        ("", "", None),
    ],
)
def test_a_waiting_reason_and_the_day_to_ask_again(
    text: str, reason: str, day: date | None
) -> None:
    assert lines.read_waiting(text, TODAY)[:2] == (reason, day)


def test_a_follow_up_that_is_no_date_is_told_with_its_place() -> None:
    with pytest.raises(BadInput) as caught:
        lines.read_waiting("Dell wv:never", TODAY)
    assert "Dell wv:never"[caught.value.start : caught.value.end] == "never"


@pytest.mark.parametrize(
    ("field", "text", "offered"),
    [
        ("department", "net", ["Netz", "Netzbau West"]),
        ("department", "west", ["Netzbau West"]),
        ("department", "Netz", ["Netz", "Netzbau West"]),
        ("assignee", "", ["anna"]),
        ("systems", "Azure, er", ["ERP, Kern"]),
        ("priority", "h", ["high"]),
        ("notes", "x", []),
    ],
)
def test_known_names_are_offered(field: str, text: str, offered: list[str]) -> None:
    found = lines.suggestions(full(), field, text, len(text))
    assert found[: len(offered)] == offered or set(found) == set(offered)


async def test_a_field_is_asked_for_in_a_line() -> None:
    async with asked(lines.field_line(full(), (1,), "due", TODAY)) as (app, pilot):
        assert app.screen.query_one(Input).value == "2026-11-27"
        await typed(pilot, "+1w")
        assert "Due: " in readable(app.screen)
        assert "2026-11-30" in readable(app.screen)
        await pilot.press("enter")
        assert app.answer == {"due": date(2026, 11, 30)}


async def test_a_field_is_cleared_by_an_empty_line() -> None:
    async with asked(lines.field_line(full(), (1, 2), "assignee", TODAY)) as (app, pilot):
        await pilot.press("backspace")
        await pilot.pause()
        assert "nothing" in readable(app.screen)
        await pilot.press("enter")
        assert app.answer == {"assignee": None}


async def test_what_would_come_into_being_is_told() -> None:
    async with asked(lines.field_line(full(), (1,), "department", TODAY)) as (app, pilot):
        await typed(pilot, "Einkauf")
        assert "New department: Einkauf" in readable(app.screen)
        await pilot.press(*["backspace"] * 7)
        await typed(pilot, "netz")
        assert "new" not in readable(app.screen)


async def test_me_is_the_person_at_the_screen() -> None:
    ask = lines.field_line(full(), (1,), "assignee", TODAY, me="anna")
    async with asked(ask) as (app, pilot):
        await typed(pilot, "me\n")
        assert app.answer == {"assignee": "anna"}


async def test_quick_add_shows_what_it_makes_of_the_line() -> None:
    async with asked(lines.add_line(full(), TODAY, value=" after:1")) as (app, pilot):
        await typed(pilot, "VPN @netz due:fr ~1/2/5 sys:Cisco")
        text = " ".join(readable(app.screen).split())
        assert "VPN" in text
        assert "Department netz" in text
        assert "Estimate 1/2/5" in text
        assert "Predecessors 1 Firewall" in text
        assert "New system: Cisco" in text
        await pilot.press("enter")
        assert "1 name is new: Enter again creates it." in readable(app.screen)
        await pilot.press("enter")
        [answer] = app.answer
        assert answer["title"] == "VPN"
        assert answer["after"] == ((1, 0.0),)


async def test_an_arrow_takes_what_is_suggested_where_it_goes_on_from_what_is_typed() -> None:
    async with asked(lines.add_line(full(), TODAY)) as (app, pilot):
        await typed(pilot, "VPN @Netzb")
        await pilot.press("right")
        line = app.screen.query_one(Input)
        assert line.value == 'VPN @"Netzbau West"'
        await pilot.press("right", "right")
        assert line.value == 'VPN @"Netzbau West"', "and stays"
    async with asked(_form()) as (app, pilot):
        await _go(pilot, "department")
        await pilot.press("backspace")
        await typed(pilot, "Netzb")
        await pilot.press("right")
        assert app.screen.query_one(Input).value == "Netzbau West"


async def test_what_may_be_a_slip_is_asked_about() -> None:
    async with asked(lines.add_line(full(), TODAY)) as (app, pilot):
        await typed(pilot, "VPN @Netzt")
        assert "New department: Netzt  Did you mean Netz?" in readable(app.screen)


async def test_what_looks_like_a_field_and_what_cannot_be_kept_is_told_as_it_is_typed() -> None:
    async with asked(lines.add_line(full(), TODAY)) as (app, pilot):
        await typed(pilot, "VPN colour:red from:2027-02-01 due:2027-01-01")
        text = readable(app.screen)
        assert "colour:red stays in the title; there is no field colour." in text
        assert "may not begin before 2027-02-01, but is due 2027-01-01." in text
        await pilot.press("enter")
        assert app.answer[0]["title"] == "VPN colour:red", "told, and taken"
    async with asked(lines.field_line(full(), (1,), "not_before", TODAY)) as (app, pilot):
        await typed(pilot, "2027-01-01")
        assert "may not begin before 2027-01-01" in readable(app.screen)


async def test_lines_that_are_pasted_become_a_task_each() -> None:
    async with asked(lines.add_line(full(), TODAY)) as (app, pilot):
        app.focused.post_message(events.Paste("Eins @netz\r\n\r\n Zwei after:99\nDrei\n"))
        await pilot.pause()
        line = app.screen.query_one(Input)
        assert line.value == "Eins @netz ¶ Zwei after:99 ¶ Drei"
        text = readable(app.screen)
        assert "3 tasks, one per line" in text
        assert "Line 2: There is no task 99" in text
        line.value = line.value.replace("99", "1")
        await pilot.press("enter")
        assert [fields["title"] for fields in app.answer] == ["Eins", "Zwei", "Drei"]
        assert app.answer[1]["after"] == ((1, 0.0),)


async def test_a_mistake_in_a_later_line_is_marked_where_it_is() -> None:
    preview = lines.add_line(full(), TODAY)._check("Eins ¶ Zwei !nonsense")
    [problem] = preview.problems
    assert isinstance(problem, BadInput)
    assert (problem.start, problem.end) == (12, 21)


async def test_of_many_lines_the_mistakes_come_first_and_the_rest_can_be_scrolled_to() -> None:
    async with asked(lines.add_line(full(), TODAY), (80, 24)) as (app, pilot):
        pasted = [f"Task {n}" for n in range(1, 11)]
        pasted[3] += " !nonsense"
        pasted[7] += " after:99"
        app.focused.post_message(events.Paste("\n".join(pasted)))
        await pilot.pause()
        text = readable(app.screen)
        assert "Line 4: " in text
        assert "Line 8: There is no task 99" in text
        assert "Task 10" not in text
        await pilot.press("pagedown", "pagedown")
        assert "Task 10" in readable(app.screen)


async def test_a_task_that_waits_is_asked_for_with_what_is_known() -> None:
    ws = full()
    ws = done(ws, commands.wait, task=2, waiting_for="quote from Dell", follow_up=TODAY)
    async with asked(lines.wait_line(ws, (2,), TODAY)) as (app, pilot):
        assert app.screen.query_one(Input).value == "quote from Dell follow:2026-11-23"
        await pilot.press("enter")
        assert app.answer == ("quote from Dell", TODAY)


async def test_a_field_with_several_values_is_left_alone_by_an_untouched_enter() -> None:
    ws = done(full(), commands.edit_tasks, tasks=(2,), due=TODAY)
    async with asked(lines.field_line(ws, (1, 2), "due", TODAY)) as (app, pilot):
        assert app.screen.query_one(Input).placeholder == "(differs)"
        assert "Enter leaves them as they are" in readable(app.screen)
        await pilot.press("enter")
        assert app.answer is None
    async with asked(lines.field_line(ws, (1, 2), "due", TODAY)) as (app, pilot):
        await pilot.press("x", "backspace", "enter")
        assert app.answer == {"due": None}, "what is emptied by hand is cleared"


async def test_lines_pasted_where_there_is_one_are_joined() -> None:
    async with asked(lines.wait_line(full(), (2,), TODAY)) as (app, pilot):
        app.focused.post_message(events.Paste("Angebot\nvon Dell"))
        await pilot.pause()
        await pilot.press("enter")
        assert app.answer == ("Angebot von Dell", None)


@pytest.mark.parametrize(("speech", "word"), [("en", "after"), ("de", "nach")])
def test_keys_are_written_in_the_language_in_use(speech: str, word: str) -> None:
    language.use(speech)
    assert lines.field_key("after") == word


async def test_quick_add_refuses_an_arrow_from_nowhere_and_an_empty_title() -> None:
    async with asked(lines.add_line(full(), TODAY)) as (app, pilot):
        await typed(pilot, "VPN after:99\n")
        assert "There is no task 99" in readable(app.screen)
        assert app.answer is NOT_ANSWERED
        line = app.screen.query_one(Input)
        line.value = "!high"
        await pilot.pause()
        assert "A task needs a title." in readable(app.screen)


async def test_waiting_is_one_line() -> None:
    async with asked(lines.wait_line(full(), (2,), TODAY)) as (app, pilot):
        await typed(pilot, "Dell wv:+3d")
        assert "follow-up: " in readable(app.screen)
        await pilot.press("enter")
        assert app.answer == ("Dell", date(2026, 11, 26))


async def test_a_task_that_is_waited_for_and_not_there_is_told() -> None:
    async with asked(lines.wait_line(full(), (2,), TODAY)) as (app, pilot):
        await typed(pilot, "Ticket #4711 after #1")
        assert "There is no task 4711 here; #4711 stays text." in readable(app.screen)
        assert "no task 1 " not in readable(app.screen)
        await pilot.press("enter")
        assert app.answer == ("Ticket #4711 after #1", None)


async def test_what_cannot_wait_is_told_before_anything_is_typed_for_nothing() -> None:
    ws = plan(states="1:done", titles=("A",))
    async with asked(lines.wait_line(ws, (1,), TODAY)) as (app, pilot):
        await typed(pilot, "x")
        assert "1 A is already done." in readable(app.screen)


# The form


def _form(ws: Workspace | None = None) -> TaskForm:
    ws = ws or full()
    return TaskForm(ws, ws.tasks[1], TODAY)


async def _go(pilot: Pilot[Any], field: str) -> None:
    """Put the cursor of the form on a field."""
    rows = pilot.app.screen.query_one(Choices)
    rows.go([row.key for row in rows.items].index(field))
    await pilot.pause()


async def test_the_form_returns_only_what_has_changed() -> None:
    async with asked(_form()) as (app, pilot):
        await typed(pilot, "s")
        await pilot.press("down")
        await typed(pilot, "Einkauf")
        assert "New department: Einkauf" in readable(app.screen)
        await pilot.press("enter")
        assert "1 name is new: Enter again creates it." in readable(app.screen)
        await pilot.press("enter")
        assert app.answer == {"title": "Firewalls", "department": "Einkauf"}


async def test_the_form_left_as_it_was_changes_nothing() -> None:
    async with asked(_form()) as (app, pilot):
        await pilot.press("down", "up", "enter")
        assert app.answer == {}


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (160, 48)])
async def test_a_mistake_is_told_at_its_field_and_nothing_typed_is_lost(
    size: tuple[int, int],
) -> None:
    async with asked(_form(), size) as (app, pilot):
        rows = app.screen.query_one(Choices)
        await _go(pilot, "due")
        await typed(pilot, "soon")
        await pilot.press("down")
        await pilot.pause()
        at = [row.key for row in rows.items].index("due")
        assert rows.items[at + 1].key is None
        assert "soon is not a date" in rows.items[at + 1].left[2][0]
        await pilot.press("enter")
        await pilot.pause()
        assert app.answer is NOT_ANSWERED
        line = app.screen.query_one(Input)
        assert line.value == "soon"
        assert app.focused is line
        # The input lies over the line of its field.
        shown = [row.key for row in rows.items].index("due") - rows.scroll_offset.y
        assert line.region.y == rows.region.y + shown
        await typed(pilot, "fr\n")
        assert app.answer == {"due": date(2026, 11, 27)} or app.answer == {}


async def test_two_moves_at_once_do_not_take_turns_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    edited: list[str] = []
    edit = TaskForm._edit

    def counted(form: TaskForm, field: str) -> None:
        edited.append(field)
        # Nothing else would have its turn, not even the limit of time for tests.
        assert len(edited) < 99
        edit(form, field)

    async with asked(_form()) as (app, pilot):
        await _go(pilot, "due")
        await typed(pilot, "soon")
        rows = app.screen.query_one(Choices)
        keys = [row.key for row in rows.items]
        monkeypatch.setattr(TaskForm, "_edit", counted)
        for field in ("department", "assignee"):
            rows.go(keys.index(field))
        await pilot.pause()
        assert edited[-1] == "assignee"
        assert rows.key == "assignee"


@pytest.mark.parametrize("field", ["department", "notes"])
async def test_what_is_typed_as_another_field_is_clicked_stays_in_its_own(field: str) -> None:
    async with asked(_form()) as (app, pilot):
        rows = app.screen.query_one(Choices)
        # One after the other, before the form has heard of either.
        rows.go([row.key for row in rows.items].index(field))
        app.screen.query_one(Input).value = "Firewalls"
        await pilot.pause()
        app.screen.query_one(Input).focus()
        await pilot.press("enter")
        assert app.answer == {"title": "Firewalls"}


async def test_every_field_of_the_form_comes_into_sight() -> None:
    async with asked(_form(), (60, 20)) as (app, pilot):
        rows = app.screen.query_one(Choices)
        for field in field_texts.FORM:
            assert rows.key == field
            line = app.screen.query_one(Input)
            if line.display:
                assert rows.region.contains_region(line.region.intersection(rows.region))
                assert line.region.intersection(rows.region).height == 1
            await pilot.press("down")


async def test_fields_that_contradict_each_other_are_refused_together() -> None:
    ws = plan(tasks=1, low=1.0, likely=2.0, high=3.0)
    async with asked(_form(ws)) as (app, pilot):
        await _go(pilot, "estimate")
        await typed(pilot, "3/2/1\n")
        assert app.answer is NOT_ANSWERED
        assert "out of order" in readable(app.screen)


async def test_notes_that_were_only_read_stay_as_they_are() -> None:
    text = "one\ntwo\r\nthree\rfour"
    async with asked(AskText("Notes", "", text)) as (app, pilot):
        await pilot.press("escape")
        await pilot.pause()
        assert app.answer == text


async def test_notes_are_written_in_a_box_of_their_own() -> None:
    async with asked(_form()) as (app, pilot):
        await _go(pilot, "notes")
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, AskText)
        await typed(pilot, "\nmore")
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, TaskForm)
        await pilot.press("up", "up", "enter")
        assert app.answer == {"notes": "# Heading\n\ntext\nmore"}


async def test_a_checklist_is_edited_as_lines() -> None:
    ws = plan(tasks=1)
    async with asked(_form(ws)) as (app, pilot):
        await _go(pilot, "checklist")
        await pilot.press("enter")
        await pilot.pause()
        await typed(pilot, "a\nb")
        await pilot.press("escape", "up", "enter")
        await pilot.pause()
        assert app.answer == {"checklist": (Item(text="a"), Item(text="b"))}


async def test_what_was_typed_is_not_thrown_away_by_one_escape() -> None:
    async with asked(_form()) as (app, pilot):
        await typed(pilot, "x")
        await pilot.press("escape")
        await pilot.pause()
        assert "Discard the change to 1 field?" in readable(app.screen)
        await pilot.press("n")
        await pilot.pause()
        assert app.screen.query_one(Input).value == "Firewallx"
        await pilot.press("escape", "enter")
        await pilot.pause()
        assert app.answer is None


@pytest.mark.parametrize("title", ["a\nb\tc\r\nd", "\x1b]0;x\x07", "z\u2028z", "x" * 5000])
async def test_a_strange_title_stands_in_one_line_and_stays_as_it_is(title: str) -> None:
    ws = plan(tasks=1, titles=(title,))
    async with asked(_form(ws)) as (app, pilot):
        line = app.screen.query_one(Input)
        assert len(line.value.splitlines()) == 1
        assert line.render_line(0).cell_length <= 80
        await _go(pilot, "tags")
        await typed(pilot, "t\n")
        assert app.answer == {"tags": ("t",)}


async def test_tab_completes_a_name_and_otherwise_goes_on() -> None:
    async with asked(_form()) as (app, pilot):
        await pilot.press("tab")
        rows = app.screen.query_one(Choices)
        assert rows.key == "department"
        await typed(pilot, "netzb")
        await pilot.press("tab")
        assert app.screen.query_one(Input).value == "Netzbau West"


def test_a_task_with_part_of_an_estimate_shows_what_is_known() -> None:
    ws = plan(tasks=1, likely=2.0)
    assert field_texts.text_of(ws, ws.tasks[1], "estimate") == "2"
    assert isinstance(ws.tasks[1], Task)


JOINED = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
PERSIAN = "\u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"


@pytest.mark.parametrize(
    ("stored", "typed_keys", "then"),
    [
        (f"{PERSIAN} Netz", "end !", f"{PERSIAN} Netz!"),
        (f"{PERSIAN} Netz", "home !", f"!{PERSIAN} Netz"),
        (f"a {JOINED} b {JOINED} c", "end left left backspace", f"a {JOINED} b  c"),
        ("fire\xadwall", "end !", "fire\xadwall!"),
        ("two\nlines", "home !", "!two\nlines"),
    ],
)
async def test_what_a_line_shows_otherwise_stays_as_it_is_stored(
    stored: str, typed_keys: str, then: str
) -> None:
    ws = plan(tasks=1, titles=(stored,))
    async with asked(TaskForm(ws, ws.tasks[1], TODAY)) as (app, pilot):
        await pilot.press(*(key.replace("!", "exclamation_mark") for key in typed_keys.split()))
        await pilot.press("enter")
        await pilot.pause()
        assert app.answer == {"title": then}


@given(st.text(max_size=30), st.text(max_size=30))
def test_what_is_made_of_a_line_is_shown_as_it_was_made(stored: str, made: str) -> None:
    shown, made = field_texts.line(stored), field_texts.line(made)
    assert field_texts.left_as_stored(stored, shown) == stored
    for text in (made, f"{shown} {made}", f"{made} {shown}"):
        kept = field_texts.left_as_stored(stored, text)
        assert field_texts.line(kept) == field_texts.line(text)


async def test_a_single_field_keeps_names_as_they_are_stored() -> None:
    system = System(id=1, name=f"Portal {JOINED}")
    ws = plan(tasks=1, extra=(system, System(id=2, name="ERP")), systems=(1,))
    async with asked(typed_line.field_line(ws, (1,), "systems", TODAY)) as (app, pilot):
        await typed(pilot, ", ERP")
        await pilot.press("enter")
        await pilot.pause()
        assert app.answer == {"systems": (system.name, "ERP")}
