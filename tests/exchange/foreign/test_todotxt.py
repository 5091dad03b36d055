"""Lists of todo.txt are read by their marks, and what only looks like one stays text."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import TODAY
from tests.exchange.desk import Desk, told
from tests.exchange.foreign.taking import SAMPLES, Taken, only_refuses, take, wanted
from tracker.domain.model import Department
from tracker.domain.workspace import Workspace
from tracker.exchange.content import Content
from tracker.exchange.foreign import todotxt
from tracker.exchange.formats import recognised
from tracker.exchange.source import ReadOptions

FOLDER = SAMPLES / "todotxt"


def read(*lines: str, **options: Any) -> Taken:
    return take("\n".join((*lines, "+x due:2026-12-01")), "todo.txt", **options)


def test_the_samples_are_read_as_wanted() -> None:
    for name in ("complex.txt", "edge-cases.txt", "sample.txt"):
        taken, want = take(FOLDER / name), wanted(FOLDER / name)
        assert len(taken.ws.tasks) == want["tasks"], name
        assert sum(task.state == "done" for task in taken.ws.tasks.values()) == want["done"]
        for field in ("due", "not_before"):
            for title, day in want.get(field, {}).items():
                assert getattr(taken[title], field) == date.fromisoformat(day)
        for title, period in want.get("recurrence", {}).items():
            assert taken[title].recurrence == period
        for title, word in want.get("priorities", {}).items():
            assert taken[title].priority == word


def test_remarks_on_the_sample_with_everything() -> None:
    taken = take(FOLDER / "complex.txt")
    assert taken.says("+ work home personal", "others became tags (2 tasks)")
    assert taken.says("@ home personal work", "Contexts became tags")
    assert taken.says("h 1", "Hidden there")
    assert taken.says("pm pm:4", "kept in the title (2 tasks)")
    assert taken.says("rec 1d", "Without a due date", "(3 tasks)")


def test_remarks_on_the_sample_of_edges() -> None:
    taken, want = take(FOLDER / "edge-cases.txt"), wanted(FOLDER / "edge-cases.txt")
    for title in want["titles_kept"][:4]:
        assert title in taken.titles
    assert taken["(A) Datum vor Priorität"].created == datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert taken.needs == ["Konzept schreiben → Inventar aufnehmen"]
    assert taken.says("due 2026-02-30", "is not a date")
    assert taken.says("dep dep:1", "kept in the title")
    assert taken.says("rec 3b", "a period here")
    assert taken.says("key key:value:more", "kept in the title")
    assert taken.says("h 1", "Hidden there")
    assert "due:2026-02-30" in taken["Firewall freischalten dep:1"].notes
    done = taken["Inventar aufnehmen"]
    assert (done.state, done.priority) == ("done", "critical")
    assert done.passes[0].ended is not None


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("+a +b Ruf @c an", "a b Ruf c an"),
        ("Anruf +a @b x:1 @c", "Anruf x:1"),
        ("(A) (B) zwei", "(B) zwei"),
        ("x  zwei Blanks", "x zwei Blanks"),
        ("Zeit 10:30 und http://a.b/c:d", "Zeit 10:30 und http://a.b/c:d"),
        ("mail an a@b.c +", "mail an a@b.c +"),
        ("Übergabe due:2026-12-24 an +Netz", "Übergabe an"),
    ],
)
def test_marks_behind_fall_away_and_those_within_are_words(line: str, title: str) -> None:
    assert read(line).titles[0] == title


@pytest.mark.parametrize(
    ("line", "priority"),
    [
        *(("(A) a", "critical"), ("(B) a", "high"), ("(C) a", "medium"), ("(D) a", "low")),
        *(("(a) a", "medium"), ("(A)a", "medium"), ("a", "medium"), ("x a pri:B", "high")),
        ("x (A) a", "medium"),
    ],
)
def test_letters_are_priorities(line: str, priority: str) -> None:
    assert read(line).ws.tasks[1].priority == priority


def test_a_context_that_is_a_department_here_is_it() -> None:
    ws = Workspace([Department(id=1, name="Netz", short="NW")])
    taken = take("a @nw @eilig +p\nb @Einkauf\n", "todo.txt", ws=ws)
    assert (taken["a"].department, taken["a"].tags) == (1, ("eilig",))
    assert (taken["b"].department, taken["b"].tags) == (None, ("Einkauf",))
    assert taken.says("@ nw eilig", "Contexts became tags")


def test_parts_name_what_they_belong_to() -> None:
    taken = read("Teil p:1", "Ganzes id:1", "Waise p:9", "Selbst id:2 p:2", "Doppelt id:1")
    assert taken.needs == ["Teil → Ganzes"]
    assert taken.says("p 9", "There is no task id:9")
    assert taken.says("id 1", "same id")
    assert taken["Waise"].notes == "p:9"


def test_lines_may_end_as_they_like_and_blank_ones_count_as_rows() -> None:
    taken = take(b"\xef\xbb\xbf(A) a +p\r\n\r\nx 2026-11-01 b\r\n", "todo.txt")
    assert [task.row for task in taken.source.tasks] == [1, 3]
    assert taken.titles == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "name", "known"),
    [
        ("(A) a\n", "list.txt", True),
        ("Titel;Status\nA;offen\n", "list.txt", False),
        ("Titel\tStatus\n(A) a\toffen\n", "list.txt", False),
        ("Einkaufen\nAnrufen\n", "list.txt", False),
        ("(A) a\n", "list.csv", False),
        ("a +p\n", "", True),
    ],
)
def test_a_list_is_known_by_its_marks(text: str, name: str, known: bool) -> None:
    found = recognised(Content(text.encode(), name))
    assert (found is not None and found.name == "todotxt") == known


@settings(max_examples=60)
@given(
    words=st.lists(
        st.sampled_from(
            (
                *("x", "(A)", "2026-11-01", "2026-99-99", "+p", "@c", "due:2026-12-01", "due:x"),
                *("t:9999-12-31", "rec:0d", "rec:+99999w", "id:1", "p:1", "pri:ÄÖ", "h:1", "\x1b"),
            )
        )
        | st.text(max_size=8),
        max_size=12,
    )
)
def test_whatever_is_in_it_is_read_or_refused(words: list[str]) -> None:
    data = " ".join(words).encode("utf-8", "replace")
    only_refuses(lambda: todotxt.read(data, "todo.txt", ReadOptions(TODAY)))


def test_what_a_line_without_an_end_lacks_is_no_change(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    first = "(A) Bau +Netz due:2026-12-11\n"
    text = f"{first}(B) Abnahme +Netz @rot due:2026-12-14 @blau pm:2 t:2026-12-01"
    desk.take(f"{text}\n", "todo.txt")
    why = "The line has no line end; the rest of it may be missing."
    for at in range(text.index("@rot") - 1, len(text) + 1):
        came = desk.update(text[:at], "todo.txt")
        assert told(came) == {}, text[:at]
        assert (2, why) in [(each.row, str(each.why)) for each in came.source.warnings]
    # A line end shows that it is as it is meant, and what comes before the last word is.
    lost = told(desk.update(f"{text[: text.index(' t:')]}\n", "todo.txt"))
    assert lost == {2: [("not_before", "2026-12-01", "–", "there")]}
    later = told(desk.update(text.replace("-14", "-15"), "todo.txt"))
    assert later == {2: [("due", "2026-12-14", "2026-12-15", "there")]}
