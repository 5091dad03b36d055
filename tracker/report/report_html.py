"""A report as one page of HTML that needs nothing else, and on which nothing of others runs.

Style and script are in the page, and allowed by their hashes alone (CSP Level 3,
https://www.w3.org/TR/CSP3/): what a title brings along stays text, and could not run either.
"""

from __future__ import annotations

from base64 import b64encode
from datetime import date
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from tracker.domain import status
from tracker.domain.model import Task
from tracker.exchange.board_svg import STYLE, CardWords, picture
from tracker.flow.board.board import FITTED
from tracker.flow.board.layout import layout
from tracker.flow.board.nodes import finished
from tracker.flow.status_report import LightColor, StatusReport
from tracker.language import _, current
from tracker.report.charts import burn_up_chart, dates_bar
from tracker.wording import show
from tracker.wording.figures import printed_day, short_day
from tracker.wording.report_page import ProjectCard, page

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

_SIGNS: dict[LightColor, str] = {"red": "✕", "amber": "!", "green": "✓", "grey": "?"}
# Finished tasks step aside on the board once they are such a part of it.
_MANY = 1 / 3
# The board shrinks to the page as long as its letters stay so large a part of theirs.
_LEGIBLE = 0.72


class _Card(NamedTuple):
    words: ProjectCard
    bar: Markup


def write(found: StatusReport) -> bytes:
    """Return the page."""
    from markupsafe import Markup

    shown = page(found)
    pictures: dict[str, Markup] = {}
    style = _text("status.css")
    for part in shown.parts:
        if part.key == "progress":
            pictures[part.key] = Markup(burn_up_chart(found))  # noqa: S704  # of our making
        elif part.key == "board" and part.picture:
            board, wide = _board(found)
            pictures[part.key] = Markup(board)  # noqa: S704  # of our making
            style += STYLE + _fitting(wide)
    script = _text("status.js") if "board" in pictures else ""
    told = _template().render(
        language=current(),
        policy=_policy(style, script),
        page=shown,
        cards=[
            _Card(card, Markup(dates_bar(found, each)))  # noqa: S704  # of our making
            for card, each in zip(shown.cards, found.projects, strict=True)
        ],
        pictures=pictures,
        lamp=_lamp,
        style=Markup(style),  # noqa: S704  # of our making
        script=Markup(script),  # noqa: S704  # of our making
        words={
            "skip": _("Skip to the content"),
            "contents": _("Contents"),
            "fit": _("Whole picture"),
            "smaller": _("smaller"),
            "larger": _("larger"),
        },
    )
    return told.encode()


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.from_string(_text("status.html.jinja"))


def _text(name: str) -> str:
    return files("tracker.report").joinpath(name).read_text("utf-8")


def _policy(style: str, script: str) -> str:
    """Return what the page allows: nothing but its own style and script."""
    allowed = [f"style-src {_hashed(style)}"]
    allowed.append(f"script-src {_hashed(script)}" if script else "script-src 'none'")
    return "; ".join(["default-src 'none'", *allowed, "base-uri 'none'", "form-action 'none'"])


def _hashed(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _lamp(color: LightColor) -> Markup:
    """Return a traffic light, told apart by its sign and shape as well."""
    from markupsafe import Markup

    return Markup('<span class="lamp {}" aria-hidden="true">{}</span>').format(color, _SIGNS[color])


def _board(found: StatusReport) -> tuple[str, int]:
    """Return the board as a picture, and how wide it is in pixels."""
    ws, today = found.workspace, found.now.today
    tasks = {key for key in found.tasks if ws.tasks[key].state != "dropped"}
    over = finished(ws) & tasks
    aside = len(over) >= _MANY * len(tasks) and len(over) < len(tasks)
    board = layout(
        ws,
        tasks=tasks,
        settled=over if aside else (),
        tight=len(tasks) <= FITTED,
        cap=None,
    )

    def words(task: Task) -> CardWords:
        due = _few_letters(task.due) if task.due and task.open else ""
        wrong = status.burns(ws, task, today)
        return CardWords(show.state_words(ws, task), due, "!" if wrong else "")

    def day(at: date) -> str:
        return printed_day(at, today)

    name = _("Who waits for whom")
    told = "".join(picture(ws, board, words, day, name, german=current() == "de"))
    return told, int(told.partition('width="')[2].partition('"')[0])


def _few_letters(day: date) -> str:
    """Return a day for which a card has room."""
    return f"{day.day}.{day.month}." if current() == "de" else short_day(day)


def _fitting(wide: int) -> str:
    """Return the style by which the board fits the page as long as it can be read there."""
    least = round(wide * _LEGIBLE)
    return f".board{{width:100%;max-width:{wide}px;min-width:{least}px;height:auto}}\n"
