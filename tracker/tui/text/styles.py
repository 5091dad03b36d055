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


# Of 256 colours, those from 16 on look the same everywhere, and cost fewer bytes to name than
# others do. Of the sixteen, whose looks are the
# terminal's own, only those that can be read on black or on white are used: on white that leaves
# no green and no yellow.
ACCENTS: dict[str, Accent] = {
    # Where one is, and what one may press.
    "selected": Accent("color(80)", "color(24)", "bright_cyan", "blue"),
    # What is late, stuck, over its limit, refused.
    "wrong": Accent("color(203)", "color(160)", "bright_red", "red"),
    # What came back, and the arrows along which it does.
    "back": Accent("color(177)", "color(127)", "bright_magenta", "magenta"),
    # What waits, and what is to be noticed though nothing is wrong yet.
    "waits": Accent("color(221)", "color(94)", "bright_yellow", ""),
    # What is over, or went well.
    "good": Accent("color(114)", "color(22)", "bright_green", ""),
    # What is being worked on.
    "work": Accent("color(75)", "color(25)", "cyan", "blue"),
    # What steps back: labels, lines, what is not meant just now.
    "quiet": Accent("color(246)", "color(242)", "", ""),
}


class Emphasis(NamedTuple):
    """How a role stands out: its accent, and what else distinguishes it, without colours too."""

    accent: str = ""
    marks: str = ""


# Reversed is what would be seen nowhere without colours.
LOOKS: dict[str, Emphasis] = {
    "": Emphasis(),
    "plain": Emphasis(),
    "dim": Emphasis("quiet"),
    "strong": Emphasis(marks="bold"),
    "title": Emphasis(marks="bold"),
    # What stands over a group of lines, in a dialog, a pane or a list.
    "heading": Emphasis(marks="bold"),
    # A figure on which it hangs whether work is sent back.
    "figure": Emphasis("back", "bold"),
    "head": Emphasis("selected", "bold reverse"),
    "key": Emphasis("selected", "bold"),
    "todo": Emphasis(),
    "ready": Emphasis(marks="bold"),
    "doing": Emphasis("work", "bold"),
    "waiting": Emphasis("waits"),
    "recheck": Emphasis("back", "bold"),
    "done": Emphasis("good"),
    "dropped": Emphasis("quiet", "strike"),
    "alarm": Emphasis("wrong", "bold"),
    "warn": Emphasis("waits"),
    "back": Emphasis("back"),
    "hit": Emphasis("waits", "reverse"),
    "cursor": Emphasis("selected", "reverse"),
    # The letters of a jump.
    "jump": Emphasis("waits", "bold reverse"),
    "error": Emphasis("wrong", "bold"),
    "info": Emphasis("good"),
    # The lines of the board, by the roles its raster gives them.
    "lane": Emphasis("quiet"),
    "stub": Emphasis("quiet"),
    "needs": Emphasis(),
    "returns": Emphasis("back"),
    "needs.in": Emphasis("waits"),
    "returns.in": Emphasis("back", "bold"),
    "needs.out": Emphasis("selected"),
    "returns.out": Emphasis("back", "bold"),
    "loop": Emphasis("back", "bold"),
    # The bars of the timeline.
    "worked": Emphasis("good"),
    "left": Emphasis("work"),
    "critical": Emphasis("waits", "bold"),
    "slack": Emphasis("quiet"),
    "p80": Emphasis(),
    "due": Emphasis(marks="bold"),
    "milestone": Emphasis(marks="bold"),
    "today": Emphasis("selected", "bold"),
    # The names of departments that have a colour.
    "lane.red": Emphasis("wrong", "bold"),
    "lane.green": Emphasis("good", "bold"),
    "lane.yellow": Emphasis("waits", "bold"),
    "lane.blue": Emphasis("work", "bold"),
    "lane.magenta": Emphasis("back", "bold"),
    "lane.cyan": Emphasis("selected", "bold"),
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

    def style(self, look: Emphasis) -> Style:
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
