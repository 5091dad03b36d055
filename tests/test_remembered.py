"""What a program remembers between runs is a convenience: lost, it does no harm."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tracker import config
from tracker.remembered import moment, recall, remember


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


@pytest.mark.parametrize("data", [b'{"x":{"a":"\xff"}}', b'{"x":{"a":' + b"[" * 10_000])
def test_what_is_no_text_or_without_end_is_forgotten(data: bytes) -> None:
    remember("broken.json", "x", a=1)
    Path(config.state_folder(), "broken.json").write_bytes(data)
    assert recall("broken.json", "x") == {}
    remember("broken.json", "x", a=2)
    assert recall("broken.json", "x") == {"a": 2}


def test_a_moment_is_one_on_earth_or_none() -> None:
    assert moment("2026-11-23T09:00:00+00:00") == datetime(2026, 11, 23, 9, tzinfo=UTC)
    for lost in (None, 7, ["2026-11-23"], "", "yesterday", "2026-11-23T09:00:00"):
        assert moment(lost) is None


def test_a_value_may_have_any_name() -> None:
    remember("names.json", "list.csv", file="title", about="due")
    assert recall("names.json", "list.csv") == {"file": "title", "about": "due"}


def test_what_lies_in_its_place_is_neither_followed_nor_waited_for(tmp_path: Path) -> None:
    path, victim = Path(config.state_folder(), "laid.json"), tmp_path / "victim"
    victim.write_text("precious")
    remember("laid.json", "x", a=1)
    beside = path.with_name(f"laid.json.{os.getpid()}")
    for lay in (os.mkfifo, lambda place: place.symlink_to(victim), lambda place: place.mkdir()):
        for place in (path, beside):
            path.unlink(missing_ok=True)
            lay(place)
            assert recall("laid.json", "x") == {}
            remember("laid.json", "x", a=2)
            assert recall("laid.json", "x") in ({}, {"a": 2})
            for left in (path, beside):
                if left.is_dir() and not left.is_symlink():
                    left.rmdir()
                left.unlink(missing_ok=True)
    assert victim.read_text() == "precious"


def test_nobody_else_reads_it_whatever_the_mask() -> None:
    mask = os.umask(0)
    try:
        remember("private.json", "x", a=1)
    finally:
        os.umask(mask)
    assert stat.S_IMODE(Path(config.state_folder(), "private.json").stat().st_mode) == 0o600


def test_a_path_that_is_no_text_is_not_remembered_and_no_failure() -> None:
    remember("odd.json", "/plans/\udcff.json", a=1)
    remember("odd.json", "/plans/a.json", a=2)
    assert recall("odd.json", "/plans/a.json") == {"a": 2}
