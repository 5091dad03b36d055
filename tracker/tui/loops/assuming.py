"""What a forecast assumes, to be chosen: how far single estimates are off."""

from __future__ import annotations

from typing import Any

from textual.app import App

from tracker.domain.model import NO_SPREAD, Spread
from tracker.domain.typing.property_values import read_spread
from tracker.domain.workspace import Workspace
from tracker.flow.forecast.calibration import FEWEST_DURATIONS, finished_tasks
from tracker.language import _, ngettext
from tracker.tui.dialogs.asking import AskLine, Preview
from tracker.tui.dialogs.questions import PickRow
from tracker.tui.widgets.choices import ChoiceRow
from tracker.wording.figures import number, percent_between

# What tasks are usually taken for of which nothing but one number is known.
_USUAL: Spread = (0.7, 2.0)
_OTHER = "other"


async def ask_spread(app: App[Any], ws: Workspace) -> Spread | None:
    """Ask how far single estimates may be off; None if the question is left."""
    rows = [
        ChoiceRow(*_finished(ws)),
        ChoiceRow(_USUAL, ((_spread_words(_USUAL), "plain"),)),
        ChoiceRow(_OTHER, ((_("another spread …"), "plain"),)),
        ChoiceRow(NO_SPREAD, ((_("none: each takes exactly its estimate"), "plain"),)),
    ]
    now = ws.preferences.spread
    keys = [row.key for row in rows]
    title = _("How far may tasks with a single estimate be off?")
    at = now if now in keys and now != NO_SPREAD else next(key for key in keys if key is not None)
    picked = await app.push_screen_wait(PickRow(title, rows, at=at))
    if picked != _OTHER:
        return picked

    def check(text: str) -> Preview:
        spread = read_spread(text)
        return Preview(spread, (((_spread_words(spread), "plain"),),))

    hint = _("such as 70-200%: the 10% and 90% quantiles, in parts of the estimate")
    value = "70-200%" if now in keys else "{:g}-{:g}%".format(*(100 * end for end in now))
    return await app.push_screen_wait(AskLine(title, hint, value=value, check=check, replace=True))


def _finished(ws: Workspace) -> tuple[Spread | None, tuple[tuple[str, str], ...]]:
    """Return as in finished tasks, in numbers; without a key where there are too few."""
    seen = finished_tasks(ws)
    if seen is None:
        text = _("as in finished tasks: at least {n} of them are needed to learn from")
        return None, ((text.format(n=FEWEST_DURATIONS), "dim"),)
    text = ngettext("as in {n} finished task", "as in {n} finished tasks", seen.tasks)
    told = f"{text.format(n=number(seen.tasks))}: {_spread_words((seen.low, seen.high))}"
    return "finished", ((told, "plain"),)


def _spread_words(spread: Spread) -> str:
    if spread == "finished":
        return _("as in finished tasks")
    if spread == NO_SPREAD:
        return _("exactly the estimate")
    text = _("{spread} of the estimate, in 8 of 10 cases")
    return text.format(spread=percent_between(*spread))
