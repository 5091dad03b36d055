"""The colours: readable on dark and on light grounds, few, and each with one meaning."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from rich.color import Color

from tracker.tui.text import styles
from tracker.tui.text.styles import ACCENTS, LOOKS, STYLES, Ground, Theme, color_named

# Grounds that terminals have: plain, and of themes that many use.
GROUNDS: dict[Ground, tuple[str, ...]] = {
    "dark": ("#000000", "#121212", "#1e1e1e", "#282a36", "#002b36", "#300a24"),
    "light": ("#ffffff", "#fafafa", "#fdf6e3", "#eeeeee"),
}
# The sixteen colours of xterm and of the Linux console, as far as the themes use them.
SIXTEEN = {
    "bright_cyan": ("#00ffff", "#55ffff"),
    "bright_red": ("#ff0000", "#ff5555"),
    "bright_magenta": ("#ff00ff", "#ff55ff"),
    "bright_yellow": ("#ffff00", "#ffff55"),
    "bright_green": ("#00ff00", "#55ff55"),
    "cyan": ("#00cdcd", "#00aaaa"),
    "blue": ("#0000ee", "#0000aa"),
    "red": ("#cd0000", "#aa0000"),
    "magenta": ("#cd00cd", "#aa00aa"),
}
READABLE = 4.5


@pytest.fixture(autouse=True)
def _as_ever() -> Iterator[None]:
    yield
    styles.use(Theme())


def _light(color: str) -> float:
    """Return the relative luminance of a colour, as WCAG 2 defines it."""
    parts = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, as WCAG 2 defines it."""
    low, high = sorted((_light(one), _light(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_reckoned_as_defined() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("accent", ACCENTS)
def test_every_accent_can_be_read_on_every_ground(ground: Ground, accent: str) -> None:
    color = Color.parse(Theme(ground).color(accent)).get_truecolor().hex
    assert [on for on in GROUNDS[ground] if contrast(color, on) < READABLE] == []
    few = Theme(ground, "few").color(accent)
    plain = "#000000" if ground == "dark" else "#ffffff"
    assert all(contrast(shown, plain) >= READABLE for shown in SIXTEEN.get(few, ()))
    assert few in SIXTEEN or not few


@pytest.mark.parametrize("ground", GROUNDS)
def test_no_two_accents_have_one_colour(ground: Ground) -> None:
    assert len({Theme(ground).color(accent) for accent in ACCENTS}) == len(ACCENTS)


def test_without_colours_what_must_be_seen_is_bold_reversed_or_faint() -> None:
    styles.use(Theme(depth="none"))
    assert all(style.color is None for style in STYLES.values())
    assert STYLES["alarm"].bold
    assert STYLES["cursor"].reverse
    assert STYLES["hit"].reverse
    assert STYLES["dim"].dim


def test_what_one_is_on_and_what_is_wrong_look_alike_wherever_they_are() -> None:
    assert {LOOKS[role].accent for role in ("cursor", "head", "key", "needs.out")} == {"selected"}
    assert {LOOKS[role].accent for role in ("alarm", "error")} == {"wrong"}
    back = {"back", "recheck", "returns", "returns.in", "returns.out", "loop"}
    assert {LOOKS[role].accent for role in back} == {"back"}


def test_a_colour_of_ones_own_takes_the_place_of_an_accent_everywhere() -> None:
    styles.use(Theme(own={"wrong": color_named("208")}))
    assert styles.style("alarm").color == Color.parse("color(208)")
    assert styles.style("error").color == Color.parse("color(208)")
    styles.use(Theme("light"))
    assert styles.style("alarm").color == Color.parse(ACCENTS["wrong"].light)


@pytest.mark.parametrize("text", ["#ff5f5f", "203", "bright red", "Blue", "color17"])
def test_colours_are_understood(text: str) -> None:
    assert Color.parse(color_named(text))


@pytest.mark.parametrize("text", ["", "#ff5f5", "#gg0000", "256", "reddish", "[red]", "bright"])
def test_what_is_no_colour_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        color_named(text)
