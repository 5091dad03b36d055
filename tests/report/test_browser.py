"""The page in a real browser: it is styled, nothing is cut at any width, nothing of others runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.bench.bench_load import plan_of
from tests.builders import TODAY
from tests.exchange.hostile_titles import AWKWARD
from tests.flow.test_drift import Telling
from tests.flow.test_status_report import project, report
from tests.report import chromium
from tests.report.test_report_html import hostile_plan
from tracker import demo, language
from tracker.domain.workspace import Workspace
from tracker.exchange import board_svg
from tracker.exchange.handout import Handout
from tracker.report.report_html import write

WIDTHS = (360, 1024, 1920)
ATTACKS = (
    "<script>parent.owned = window.owned = 1</script>",
    '<img src=x onerror="parent.owned = window.owned = 1">',
    '"><svg onload="parent.owned = window.owned = 1">',
    "</title></style></script><script>parent.owned = window.owned = 1</script>",
    "{{ 7 * 7 }} {% raw %} javascript:parent.owned=1",
    "'-parent.owned=1-' \" onmouseenter=\"parent.owned=1",
)


def lived(day_language: str) -> Telling:
    """Return the demo project in a language, which stays in use."""
    language.use(day_language)
    plan = Telling(Workspace(), TODAY)
    plan.records.clear()
    for now, command in demo.story(TODAY):
        plan.day = now.today
        plan.did(command(plan.ws, now))
    plan.day = TODAY
    return plan


@pytest.fixture(scope="module")
def pages() -> dict[str, bytes]:
    """Return reports on plans of all sorts."""
    found = {}
    try:
        for tongue in language.LANGUAGES:
            found[f"demo-{tongue}"] = write(report(lived(tongue)))
    finally:
        language.use("en")
    long = ["Donaudampfschifffahrtsgesellschaftskapitän" * 4, "W" * 300, "漢字" * 90, "a b " * 99]
    found["long"] = write(report(hostile_plan(long, "Zweckverbandsvorsitzendenkonferenz" * 3)))
    found["empty"] = write(report(Telling(Workspace())))
    found["plain"] = write(report(project()))
    found["large"] = write(report(Telling(plan_of(200), TODAY)))
    return found


def test_nothing_is_cut_or_hangs_over_at_any_width(pages: dict[str, bytes], tmp_path: Path) -> None:
    for told in chromium.ask(tmp_path, pages, WIDTHS):
        assert told["styled"] == "1216px", "the policy lets the page have its own style"
        assert told["needed"] <= told["wide"], told["name"]
        assert told["beyond"] == [], told["name"]


def test_nothing_is_cut_in_print(pages: dict[str, bytes], tmp_path: Path) -> None:
    # Printed on A4 with its margins a page is 182 mm wide. The policy knows only the true style.
    printed = {
        name: re.sub(rb'<meta http-equiv="Content-Security-Policy"[^>]*>', b"", html)
        .replace(b"@media print", b"@media all")
        .replace(b"@media screen and", b"@media not all and")
        for name, html in pages.items()
    }
    for told in chromium.ask(tmp_path, printed, (688,)):
        assert told["needed"] <= told["wide"], told["name"]
        assert told["beyond"] == [], told["name"]


def test_it_is_printed_on_few_pages_of_a4(pages: dict[str, bytes], tmp_path: Path) -> None:
    page, out = tmp_path / "demo.html", tmp_path / "demo.pdf"
    page.write_bytes(pages["demo-de"])
    chromium.run("--no-pdf-header-footer", f"--print-to-pdf={out}", page.as_uri())
    pdf = out.read_bytes()
    assert 3 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 8
    sizes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", pdf)
    # The board has a page across.
    found = {(round(float(w)), round(float(h))) for w, h in sizes}
    assert found == {(595, 842), (842, 595)}


def test_what_people_write_runs_nothing(tmp_path: Path) -> None:
    texts = [*ATTACKS, *AWKWARD]
    hostile = {
        f"attack{at}": write(report(hostile_plan([*texts[at : at + 3], text], text[:40])))
        for at, text in enumerate(ATTACKS)
    }
    for told in chromium.ask(tmp_path, hostile, (1024,)):
        assert told["owned"] is False
        assert told["scripted"] is True, "the page has its own script all the same"


def test_a_card_shows_its_arrows_by_pointer_and_keyboard_and_the_board_zooms(
    pages: dict[str, bytes], tmp_path: Path
) -> None:
    [told] = chromium.ask(tmp_path, {"demo": pages["demo-en"]}, (1024,))
    by_pointer, by_keyboard, afterwards, went_on = told["lit"]
    assert by_pointer == by_keyboard > 1
    assert afterwards == 0
    assert went_on, "an arrow key leads to the next card"
    assert told["stops"] == 1, "who tabs through the page is not held up by every card"
    first, larger, smaller, fitted, room = told["sizes"]
    assert larger > first == pytest.approx(smaller, abs=2)
    assert fitted == pytest.approx(room, abs=2)


def test_the_picture_of_the_board_is_drawn(tmp_path: Path) -> None:
    picture, shot = tmp_path / "board.svg", tmp_path / "board.png"
    picture.write_bytes(board_svg.write(Handout(plan_of(60), TODAY)))
    chromium.run("--window-size=900,700", f"--screenshot={shot}", picture.as_uri())
    # A picture of one colour alone would take next to nothing.
    assert shot.stat().st_size > 10_000
