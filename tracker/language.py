"""The language people are addressed in: gettext's catalogues, and sentences put into words."""

from __future__ import annotations

import gettext
import locale
import os
import re
from collections.abc import Callable

from tracker.domain.errors import TrackerError
from tracker.domain.sentence import Sentence

LANGUAGES = ("en", "de")

_translations: gettext.NullTranslations = gettext.NullTranslations()
_current = "en"
_spelled: Callable[[str], str] = str
# The options without which a call would be about another workspace. A copy names both of its own.
_options = ""
_CALL = re.compile(r"(?<=`tracker )(?!copy\b)(?=[a-z{])")


def choose(asked: str = "") -> str:
    """Return the language to use: the one asked for, else the environment's, else English."""
    names = [asked] + [os.environ.get(key, "") for key in ("LC_ALL", "LC_MESSAGES", "LANG")]
    for name in filter(None, names):
        short = name.partition(".")[0].partition("_")[0].lower()
        return short if short in LANGUAGES else "en"
    return "en"


def use(language: str) -> None:
    """Speak `language` from now on, in this process, with all its letters, and as `aim` has not."""
    global _translations, _current, _spelled, _options
    _current, _spelled, _options = language, str, ""
    _translations = _catalogue(language)


def _catalogue(language: str) -> gettext.NullTranslations:
    folder = os.path.join(os.path.dirname(__file__), "locale")
    return gettext.translation("tracker", folder, [language], fallback=True)


def spell(how: Callable[[str], str]) -> None:
    """Write every text with the letters that `how` leaves, from now on.

    What is to be measured must be written so before.
    """
    global _spelled
    _spelled = how


def aim(options: str) -> None:
    """Quote calls with these options from now on, so that they can be typed as they are told."""
    global _options
    _options = options


def _aimed(text: str) -> str:
    if not _options or "`" not in text:
        return text
    # Texts with values are templates, in which a brace is doubled; others stay as they are.
    template = "{" in text
    options = _options.replace("{", "{{").replace("}", "}}") if template else _options
    return _CALL.sub(lambda _call: f"{options} ", text)


def spelled(text: str) -> str:
    """Return a text with the letters in use."""
    return _spelled(text)


def current() -> str:
    """Return the language in use."""
    return _current


def _(text: str) -> str:
    """Translate a text."""
    return _spelled(_aimed(_translations.gettext(text)))


def N_(text: str) -> str:  # noqa: N802  # as gettext is used everywhere
    """Mark a text for the catalogue; it is translated where it is shown."""
    return text


def ngettext(one: str, many: str, count: int) -> str:
    """Translate a text that counts."""
    return _spelled(_aimed(_translations.ngettext(one, many, count)))


_GERMAN = str.maketrans(".,", ",.")


class _Figure(float):
    """A number that writes itself as the language in use does."""

    def __format__(self, how: str) -> str:
        text = super().__format__(how or "g")
        return text.translate(_GERMAN).replace("%", " %") if _current == "de" else text


def say(what: Sentence | TrackerError | str) -> str:
    """Return a sentence, or that of an error, in the language in use."""
    if isinstance(what, TrackerError):
        what = what.sentence
    return _spelled(what.put(_, ngettext, _Figure)) if isinstance(what, Sentence) else what


def said_in(language: str, what: Sentence) -> str:
    """Return a sentence as it is kept: in a language, else that in use, with all its letters."""
    known = _catalogue(language if language in LANGUAGES else _current)
    return what.put(known.gettext, known.ngettext)


def utf8() -> bool:
    """Return whether the terminal's locale is UTF-8; where it is not, ASCII is drawn."""
    if locale.getpreferredencoding(False).lower().replace("-", "") != "utf8":
        return False
    # Python takes C, and a locale that is not installed, for UTF-8: by setting LC_CTYPE, unless
    # LC_ALL is there.
    names = [os.environ.get(key, "") for key in ("LC_ALL", "LC_CTYPE", "LANG")]
    name = next((name for name in names if name and name != "C.UTF-8"), "")
    charset = name.partition(".")[2].partition("@")[0].lower().replace("-", "")
    return charset in ("", "utf8") and names[0] not in ("C", "POSIX")
