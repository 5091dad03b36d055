"""What the view of the loops says that a forecast takes for granted."""

from __future__ import annotations

import msgspec

from tests.builders import TODAY
from tests.flow.board.nets import net
from tracker.domain.workspace import Workspace
from tracker.flow.forecast.forecast import Options, forecast
from tracker.flow.forecast.inquiry import Outlook, Request
from tracker.tui.loops.outlook import outlook_lines
from tracker.wording.show import UNICODE


def words(ws: Workspace, options: Options) -> str:
    """Return the words of an outlook in one line."""
    found = forecast(ws, TODAY, options)
    return said(Outlook(Request(ws, TODAY, options.rates), {0: found}, finished=True))


def said(outlook: Outlook) -> str:
    """Return how an outlook is put into words, in one line."""
    shown = outlook_lines(outlook, 0, cells=100, rows=40, glyphs=UNICODE)
    return " ".join(" ".join(text for line in shown for text, _style in line).split())


def test_a_rate_that_nobody_entered_is_said_to_be_assumed() -> None:
    assumed = "a return rate of 20% for 1 of 1 returns with no rate entered"
    for rates in ("entered", "posterior"):
        options = Options(runs=50, rates=rates)
        assert assumed in words(net("1-2", "2-1:0.2"), options)
        assert assumed not in words(net("1-2", "2-1:0.3"), options)


def test_what_is_done_again_and_learned_is_said() -> None:
    ws = net("1-2", "2-1:0.3")
    fresh, learned = (
        "new random durations for each repetition",
        "repetition over an arrow takes 12.5% less",
    )
    usual = words(ws, Options(runs=50))
    other = words(ws, Options(runs=50, draws="fresh", learning=0.125))
    for text in (fresh, learned):
        assert text not in usual
        assert text in other


def test_what_is_not_known_to_half_a_day_says_so() -> None:
    wide = net(days={1: (20.0, 90.0, 400.0)})
    assert "(no further runs)" in words(wide, Options())
    assert "(no further runs)" not in words(wide, Options(runs=9000))
    assert "P80 ± half a day" in words(net("1-2", "2-1:0.3"), Options())


def test_first_figures_are_called_so() -> None:
    ws = net(days={1: (20.0, 90.0, 400.0)})
    found = [
        Outlook(
            Request(ws, TODAY, "posterior", thorough), {0: forecast(ws, TODAY, Options(runs=runs))}
        )
        for runs, thorough in ((512, True), (512, False), (600, True))
    ]
    done = [msgspec.structs.replace(each, finished=True) for each in found]
    assert ["first results: P80 ±" in said(each) for each in found] == [True, True, False]
    assert ["first results: P80 ±" in said(each) for each in done] == [False, True, False]
