"""Makes the README's picture: the board of the demo project, as an SVG."""

from __future__ import annotations

import asyncio
import html
import re
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tests import ROOT
from tests.builders import TODAY
from tracker import demo, language
from tracker.domain import status
from tracker.session import Session

PICTURE = ROOT / ".readme" / "board.svg"
# The picture is to be itself on every machine: it names a kind of font, and fetches none.
_FONT_FACE = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
_TEXT = re.compile(
    r'(<text [^>]*\bx=")([\d.]+)(" [^>]*textLength=")([\d.]+)("[^>]*>)([^<]*)</text>'
)


async def picture(columns: int = 124, rows: int = 30) -> str:
    """Return the board of the demo, on the loop that is over its limit."""
    from tracker.tui.app import TrackerApp
    from tracker.tui.board import arranged_board

    # How soon a board untangles depends on the machine.
    arranged_board.CARED_FOR = 0
    language.use("en")
    with tempfile.TemporaryDirectory() as folder:
        moment = datetime(TODAY.year, TODAY.month, TODAY.day, 9, tzinfo=UTC)
        session = Session.open(
            Path(folder) / "demo.json", who="a.brinkmann", today=TODAY, clock=lambda: moment
        )
        session.replay(demo.story(TODAY))
        app = TrackerApp(session)
        async with app.run_test(size=(columns, rows)) as pilot:
            await pilot.pause(0.5)
            ws = app.workspace
            returns = [link for link in ws.links.values() if link.kind == "returns"]
            worst = max(returns, key=lambda k: status.link_passes(ws, k) - (k.limit or 99))
            app.go_to(worst.source)
            await pilot.pause(0.5)
            svg = app.export_screenshot(title="tracker")
        session.close()
    svg = _FONT_FACE.sub("", svg).replace("Fira Code", "ui-monospace, Menlo, Consolas")
    svg = re.sub(r"<!--.*?-->\s*", "", svg, flags=re.DOTALL)
    return _TEXT.sub(_words, re.sub(r"terminal-\d+", "terminal", svg))


def _words(match: re.Match[str]) -> str:
    """Place each word by itself: not every viewer stretches a text to its length."""
    before, x, middle, length, after, text = match.groups()
    plain = html.unescape(text)
    cell = float(length) / len(plain)
    return "".join(
        f"{before}{float(x) + cell * word.start():.1f}{middle}{cell * len(word[0]):.1f}{after}"
        f"{html.escape(word[0])}</text>"
        for word in re.finditer(r"[^\xa0]+", plain)
    )


if __name__ == "__main__":
    PICTURE.write_text(asyncio.run(picture()), "utf-8")
