"""How the roles of texts look on the screen."""

from __future__ import annotations

from rich.style import Style

# Sixteen colours and the terminal's own background: right on dark and light, and few bytes.
STYLES: dict[str, Style] = {
    "": Style.null(),
    "plain": Style.null(),
    "dim": Style(dim=True),
    "strong": Style(bold=True),
    "title": Style(bold=True),
    "head": Style(bold=True, reverse=True),
    "key": Style(color="cyan", bold=True),
    "todo": Style.null(),
    "ready": Style(bold=True),
    "doing": Style(color="cyan", bold=True),
    "waiting": Style(color="yellow"),
    "recheck": Style(color="magenta", bold=True),
    "done": Style(color="green"),
    "dropped": Style(dim=True, strike=True),
    "alarm": Style(color="red", bold=True),
    "warn": Style(color="yellow"),
    "back": Style(color="magenta"),
    # Reversed, since without colours it would be seen nowhere.
    "hit": Style(color="yellow", reverse=True),
    "cursor": Style(reverse=True),
    # The letters of a jump.
    "jump": Style(color="yellow", bold=True, reverse=True),
    "error": Style(color="red", bold=True),
    "info": Style(color="green"),
    # The lines of the board, by the roles its raster gives them.
    "lane": Style(dim=True),
    # The names of departments that have a colour.
    **{
        f"lane.{color}": Style(color=color, bold=True)
        for color in ("red", "green", "yellow", "blue", "magenta", "cyan")
    },
    "stub": Style(dim=True),
    "needs": Style.null(),
    "returns": Style(color="magenta"),
    "needs.in": Style(color="yellow"),
    "returns.in": Style(color="magenta", bold=True),
    "needs.out": Style(color="cyan"),
    "returns.out": Style(color="magenta", bold=True),
    "loop": Style(color="magenta", bold=True),
}
