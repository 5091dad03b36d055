"""How the roles of texts look: a few accents with one meaning each, on dark and on light grounds.

The ground itself is always the terminal's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from string import hexdigits
from typing import Literal, NamedTuple

from rich.style import Style

Ground = Literal["dark", "light"]
# How many colours the terminal knows: none, the sixteen that are its own, or at least 256.
Depth = Literal["none", "few", "many"]


class Accent(NamedTuple):
    """A colour with a meaning, on either ground: of many colours, and of the few."""

    dark: str
    light: str
    few_dark: str
    few_light: str


# Of 256 colours, those from 16 on look the same everywhere. Of the sixteen, whose looks are the
# terminal's own, only those that can be read on black or on white are used: on white that leaves
# no green and no yellow.
ACCENTS: dict[str, Accent] = {
    # Where one is, and what one may press.
    "selected": Accent("#5fd7d7", "#005f87", "bright_cyan", "blue"),
    # What is late, stuck, over its limit, refused.
    "wrong": Accent("#ff5f5f", "#d70000", "bright_red", "red"),
    # What came back, and the arrows along which it does.
    "back": Accent("#d787ff", "#af00af", "bright_magenta", "magenta"),
    # What waits, and what is to be noticed though nothing is wrong yet.
    "waits": Accent("#ffd75f", "#875f00", "bright_yellow", ""),
    # What is over, or went well.
    "good": Accent("#87d787", "#005f00", "bright_green", ""),
    # What is being worked on.
    "work": Accent("#5fafff", "#005faf", "cyan", "blue"),
    # What steps back: labels, lines, what is not meant just now.
    "quiet": Accent("#949494", "#6c6c6c", "", ""),
}


class Look(NamedTuple):
    """How a role looks: its accent, and what else distinguishes it, without colours too."""

    accent: str = ""
    marks: str = ""


# Reversed is what would be seen nowhere without colours.
LOOKS: dict[str, Look] = {
    "": Look(),
    "plain": Look(),
    "dim": Look("quiet"),
    "strong": Look(marks="bold"),
    "title": Look(marks="bold"),
    # What stands over a group of lines, in a dialog, a pane or a list.
    "heading": Look(marks="bold"),
    # The name of a value, or of a field.
    "label": Look("quiet"),
    # A figure on which a decision hangs.
    "figure": Look(marks="bold"),
    "head": Look("selected", "bold reverse"),
    "key": Look("selected", "bold"),
    "todo": Look(),
    "ready": Look(marks="bold"),
    "doing": Look("work", "bold"),
    "waiting": Look("waits"),
    "recheck": Look("back", "bold"),
    "done": Look("good"),
    "dropped": Look("quiet", "strike"),
    "alarm": Look("wrong", "bold"),
    "warn": Look("waits"),
    "back": Look("back"),
    "hit": Look("waits", "reverse"),
    "cursor": Look("selected", "reverse"),
    # The letters of a jump.
    "jump": Look("waits", "bold reverse"),
    "error": Look("wrong", "bold"),
    "info": Look("good"),
    # The lines of the board, by the roles its raster gives them.
    "lane": Look("quiet"),
    "stub": Look("quiet"),
    "needs": Look(),
    "returns": Look("back"),
    "needs.in": Look("waits"),
    "returns.in": Look("back", "bold"),
    "needs.out": Look("selected"),
    "returns.out": Look("back", "bold"),
    "loop": Look("back", "bold"),
    # The names of departments that have a colour.
    "lane.red": Look("wrong", "bold"),
    "lane.green": Look("good", "bold"),
    "lane.yellow": Look("waits", "bold"),
    "lane.blue": Look("work", "bold"),
    "lane.magenta": Look("back", "bold"),
    "lane.cyan": Look("selected", "bold"),
}


class Theme(NamedTuple):
    """What is known of the terminal, and the accents that a person has other colours for.

    A colour is `#rrggbb`, a number below 256, or the name of one of the sixteen.
    """

    ground: Ground = "dark"
    depth: Depth = "many"
    own: Mapping[str, str] = {}

    def color(self, accent: str) -> str:
        """Return the colour of an accent as Rich names it; nothing is the terminal's own."""
        if self.depth == "none":
            return ""
        if accent in self.own:
            return self.own[accent]
        known = ACCENTS[accent]
        if self.depth == "few":
            return known.few_dark if self.ground == "dark" else known.few_light
        return known.dark if self.ground == "dark" else known.light

    def style(self, look: Look) -> Style:
        """Return a look in this theme."""
        color = self.color(look.accent) if look.accent else ""
        # What steps back is faint where there is no grey to be sure of.
        faint = "dim" if look.accent == "quiet" and not color else ""
        return Style.parse(" ".join(filter(None, (look.marks, faint, color))) or "none")


# The look of each role in the theme that is used.
STYLES: dict[str, Style] = {}


def use(theme: Theme) -> None:
    """Have all roles look as in a theme from now on."""
    STYLES.update((role, theme.style(look)) for role, look in LOOKS.items())
    style.cache_clear()


@lru_cache(maxsize=256)
def style(role: str) -> Style:
    """Return the style of a role, or of several, separated by blanks, over each other."""
    found = Style.null()
    for name in role.split():
        found += STYLES[name]
    return found


def color_named(text: str) -> str:
    """Return a colour as Rich names it; raises ValueError if `text` is none."""
    named = text.strip().lower().replace(" ", "_").removeprefix("color")
    if named.isdecimal() and int(named) < 256:
        return f"color({int(named)})"
    if len(named) == 7 and named[0] == "#" and set(named[1:]) <= set(hexdigits):
        return named
    bare = named.removeprefix("bright_")
    if bare in ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"):
        return named
    raise ValueError(text)


use(Theme())
