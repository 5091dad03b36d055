"""The colours a person prefers, and the ground of the terminal as far as it is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from textual.app import App

from tracker import config
from tracker.domain.errors import BadInput
from tracker.tui.text import styles
from tracker.tui.text.styles import ACCENTS, Depth, Ground, Theme, color_named

# The terminals that have no light ground of their own and do not tell which they have.
_SILENT = ("linux", "vt", "dumb", "screen")
# What COLORFGBG calls the grounds that are light: white, and bright white.
_LIGHT = ("7", "15")


class ThemeFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the file says: the ground of the terminal, and the colour of each accent."""

    ground: Ground | None = None
    selected: str = ""
    wrong: str = ""
    back: str = ""
    waits: str = ""
    good: str = ""
    work: str = ""
    quiet: str = ""

    def own(self) -> dict[str, str]:
        """Return the accents that have a colour here; raises ValueError where one is none."""
        named = {accent: getattr(self, accent) for accent in ACCENTS}
        return {accent: color_named(text) for accent, text in named.items() if text}


def read() -> tuple[ThemeFile, dict[str, str]]:
    """Return the file and its colours; raises BadInput when it cannot be understood."""
    path = config.theme_path()
    found = config.read(path, ThemeFile)
    try:
        return found, found.own()
    except ValueError as error:
        raise BadInput(
            "The colours {path} name {color}, which is none; write #ff5f5f, 203 or bright red.",
            path=path,
            color=str(error),
        ) from None


def ground_from(environment: Mapping[str, str]) -> Ground | None:
    """Return the ground that the environment tells; None where the terminal has to be asked."""
    told = environment.get("COLORFGBG", "").rpartition(";")[2]
    if told:
        return "light" if told in _LIGHT else "dark"
    return "dark" if environment.get("TERM", "").startswith(_SILENT) else None


def depth_of(color_system: str | None) -> Depth:
    """Return how many colours there are to a system of colours as Rich calls it."""
    return "none" if color_system is None else "few" if color_system == "standard" else "many"


class Appearance:
    """The theme of an app: what is known of the terminal when it starts, and told later."""

    def __init__(self, app: App[Any], environment: Mapping[str, str]) -> None:
        self._app = app
        # What is wrong with the file of colours; without it the screen looks as it always does.
        self.complaint: BadInput | None = None
        file, own = ThemeFile(), dict[str, str]()
        try:
            file, own = read()
        except BadInput as error:
            self.complaint = error
        known = file.ground or ground_from(environment)
        depth: Depth = "none" if app.no_color else depth_of(app.console.color_system)
        # Whether the terminal has to be asked; without colours it does not matter.
        self.asks = known is None and depth != "none"
        self._theme = Theme(known or "dark", depth, own)
        styles.use(self._theme)

    def take(self, ground: Ground) -> None:
        """Take in the ground that the terminal has told, and paint everything on it."""
        if self.asks and ground != self._theme.ground:
            self._theme = self._theme._replace(ground=ground)
            styles.use(self._theme)
            for screen in self._app.screen_stack:
                for widget in (screen, *screen.query("*")):
                    widget.refresh()
