"""What a program remembers between runs is a convenience: lost, it does no harm."""

from __future__ import annotations

from pathlib import Path

from tracker import config
from tracker.remembered import recall, remember


def test_values_are_kept_by_what_they_are_about() -> None:
    remember("choices.json", "/plans/a.json", zoom="line", left="2026-11-23T09:00:00Z")
    remember("choices.json", "/plans/b.json", zoom="detail")
    remember("choices.json", "/plans/a.json", zoom="normal")
    assert recall("choices.json", "/plans/a.json") == {
        "zoom": "normal",
        "left": "2026-11-23T09:00:00Z",
    }
    assert recall("choices.json", "/plans/b.json") == {"zoom": "detail"}
    assert recall("choices.json", "/plans/c.json") == {}


def test_a_damaged_file_is_forgotten_and_a_folder_that_is_none_is_no_failure() -> None:
    path = Path(config.state_folder(), "damaged.json")
    remember("damaged.json", "x", a=1)
    path.write_text("{")
    assert recall("damaged.json", "x") == {}
    remember("damaged.json", "x", a=2)
    assert recall("damaged.json", "x") == {"a": 2}
    path.unlink()
    path.mkdir()
    remember("damaged.json", "x", a=3)
    assert recall("damaged.json", "x") == {}
    path.rmdir()


def test_a_value_may_have_any_name() -> None:
    remember("names.json", "list.csv", file="title", about="due")
    assert recall("names.json", "list.csv") == {"file": "title", "about": "due"}
