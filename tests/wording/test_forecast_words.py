"""What a forecast says is said in the same words in the shell and on the screen."""

from __future__ import annotations

import pytest

from tests.builders import TODAY
from tests.flow.board.nets import net
from tracker import language
from tracker.cli.forecast_output import print_forecast
from tracker.cli.printer import Printer
from tracker.flow.forecast.forecast import Options, forecast
from tracker.flow.forecast.inquiry import Outlook, Request
from tracker.tui.loops.outlook import outlook_lines
from tracker.wording.forecast_words import ForecastWords
from tracker.wording.show import UNICODE


@pytest.mark.parametrize("spoken", language.LANGUAGES)
def test_shell_and_screen_say_the_same(spoken: str, capsys: pytest.CaptureFixture[str]) -> None:
    language.use(spoken)
    ws = net("1-2 2-3", "3-1:0.3 2-1:0.2")
    found = forecast(ws, TODAY, Options(runs=50))
    printer = Printer(color=False, ascii=False, json=False)
    print_forecast(printer, ws, {0: found}, TODAY, (), None, {})
    shell = " ".join(capsys.readouterr().out.split())
    outlook = Outlook(Request(ws, TODAY, "posterior"), {0: found}, finished=True)
    told = outlook_lines(outlook, 0, cells=110, rows=60, glyphs=UNICODE)
    screen = " ".join("".join(text for line in told for text, _role in (*line, (" ", ""))).split())
    words = ForecastWords(ws, found, TODAY, UNICODE)
    fix = "".join(text for text, _role in words.fix_first())
    said = [words.headline()[0], fix, *words.assumed(), words.runs(), words.known()]
    said += [day for row in words.dates() for day in (row.name, *row.days)]
    assert [text for text in said if text not in shell] == []
    assert [text for text in said if text not in screen] == []
    language.use("en")
