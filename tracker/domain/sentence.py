"""A sentence for people: a template and its values, put into a language only where it is shown."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable
from datetime import date, datetime, tzinfo
from string import Formatter

import msgspec

# The formats in which templates have numbers written. What is stored is read by programs of the
# same schema: another format needs another schema.
FORMATS = frozenset({"", "g", ",.15g", ".0%", "02", "04"})
# What was read may be so long in characters when it is put into words, and hold sentences in
# sentences so deep.
LONGEST, DEEPEST = 1_000_000, 16
# No number is longer when it is written.
_LONGEST_NUMBER = 32


class Sentence(msgspec.Struct, frozen=True, omit_defaults=True):
    """A template in English with `{name}` fields, its values, and a plural form if it counts.

    The English template is the message id of the catalogue, so a sentence stored in the journal
    can still be read in another language years later. Values that are sentences are put into the
    language first.
    """

    text: str
    values: dict[str, str | int | float | Sentence] = {}
    plural: str = ""
    count: int = 0

    def put(
        self,
        one: Callable[[str], str] = str,
        many: Callable[[str, str, int], str] | None = None,
        figure: Callable[[float], object] = float,
    ) -> str:
        """Return the finished text, with `one` and `many` as gettext and ngettext.

        `figure` makes of a number what writes itself as the language does.
        """
        own = self.plural if self.plural and self.count != 1 else self.text
        if not self.plural:
            template = one(own)
        else:
            template = many(self.text, self.plural, self.count) if many else own
        values: dict[str, object] = {}
        for name, value in self.values.items():
            if isinstance(value, Sentence):
                values[name] = value.put(one, many, figure)
            else:
                values[name] = figure(value) if isinstance(value, float) else value
        if not values and not self.plural:
            return template
        try:
            return template.format(n=self.count, **values)
        except (LookupError, ValueError, TypeError):
            # What was stored may have other values than the catalogue's sentence of that text.
            return own.format(n=self.count, **values)

    def __str__(self) -> str:
        return self.put()

    def check(self) -> None:
        """Raise ValueError unless it can be put into words: what was read may be anybody's.

        A template may have nothing but names in braces, of values that are there, and numbers in
        one of the `FORMATS`. What has no values is no template, and may be any text.
        """
        if self._length(DEEPEST) > LONGEST:
            raise ValueError(f"a sentence of more than {LONGEST} characters")

    def _length(self, deepest: int) -> int:
        """Return how long it may become in characters; raises ValueError as `check` does."""
        if deepest < 0:
            raise ValueError(f"sentences in sentences, more than {DEEPEST} deep")
        if "n" in self.values or not _is_short(self.count):
            raise ValueError("a count that is none")
        lengths = {"n": _LONGEST_NUMBER} if self.plural else {}
        for name, value in self.values.items():
            if isinstance(value, Sentence):
                lengths[name] = value._length(deepest - 1)
            elif isinstance(value, str):
                lengths[name] = len(value)
            elif _is_short(value):
                lengths[name] = _LONGEST_NUMBER
            else:
                raise ValueError("a number that is too long")
        if not lengths:
            return len(self.text)
        return max(self._filled(template, lengths) for template in (self.text, self.plural))

    def _filled(self, template: str, lengths: dict[str, int]) -> int:
        """Return how long a template becomes with values of these lengths."""
        length = 0
        for words, name, form, conversion in Formatter().parse(template):
            length += len(words)
            if name is None:
                continue
            number = name == "n" or not isinstance(self.values.get(name), str | Sentence)
            known = name in lengths and name.isidentifier()
            if not known or conversion or form not in (FORMATS if number else ("",)):
                shown = template if len(template) <= 80 else f"{template[:79]}…"
                raise ValueError(f"a template that is not tracker's: {shown!r}")
            length += lengths[name]
        return length


def _is_short(number: float) -> bool:
    return abs(number) < 1 << 64 or isinstance(number, float)


def sentence(text: str, /, **values: str | int | float | Sentence) -> Sentence:
    """Make a sentence; the name marks `text` for the catalogue."""
    return Sentence(text, values)


def counted(one: str, many: str, count: int, /, **values: str | int | float | Sentence) -> Sentence:
    """Make a sentence that counts: `{n}` in either form is `count`."""
    return Sentence(one, values, many, count)


def numbers_with_strokes(numbers: Iterable[float]) -> Sentence:
    """Return numbers with strokes between, to be written as the language does."""
    values = {f"n{at}": float(number) for at, number in enumerate(numbers)}
    return Sentence("/".join(f"{{{name}:g}}" for name in values), dict(values))


def listed(items: Iterable[str | Sentence], between: str = ", ") -> Sentence:
    """Return words with commas or another sign between, each to be put into the language."""
    values = {f"n{at}": item for at, item in enumerate(items)}
    return Sentence(between.join(f"{{{name}}}" for name in values), dict(values))


def amount(value: float) -> Sentence:
    """Return a number with its thousands apart, to be written as the language does."""
    return Sentence("{amount:,.15g}", {"amount": float(value)})


def dated(day: date) -> Sentence:
    """Return a day by its numbers, to be written as the language does; it can be typed again."""
    return sentence("{year:04}-{month:02}-{day:02}", year=day.year, month=day.month, day=day.day)


def yearly(month: int, day: int) -> Sentence:
    """Return a day of every year, to be written as the language does; it can be typed again."""
    return sentence("{month:02}-{day:02}", month=month, day=day)


def here(at: datetime, zone: tzinfo | None = None) -> datetime:
    """Return a moment in the time of the place, or another zone; at either end of time as it is."""
    try:
        return at.astimezone(zone)
    except OverflowError:
        return at


def timed(at: datetime) -> Sentence:
    """Return a moment in the time of the place, to be written as the language does."""
    local = here(at)
    return Sentence("{day} {time}", {"day": dated(local.date()), "time": f"{local:%H:%M}"})


def quoted(words: object) -> Sentence:
    """Return words of some other program as they are, in quotes: they are not in our language."""
    return sentence("“{reason}”", reason=str(words))


def system_reason(error: OSError) -> Sentence:
    """Return why the operating system refused something."""
    known = {
        errno.EACCES: sentence("Permission denied"),
        errno.EPERM: sentence("Operation not permitted"),
        errno.ENOENT: sentence("No such file or directory"),
        errno.EEXIST: sentence("File exists"),
        errno.EISDIR: sentence("Is a directory"),
        errno.ENOTDIR: sentence("Not a directory"),
        errno.ENAMETOOLONG: sentence("File name too long"),
        errno.ENOSPC: sentence("No space left on device"),
        errno.EDQUOT: sentence("Disk quota exceeded"),
        errno.EROFS: sentence("Read-only file system"),
        errno.EFBIG: sentence("File too large"),
        errno.EMFILE: sentence("Too many open files"),
        errno.ELOOP: sentence("Too many levels of symbolic links"),
        errno.EIO: sentence("Input/output error"),
        errno.EINTR: sentence("Interrupted system call"),
        errno.ENFILE: sentence("Too many open files in system"),
        errno.ESTALE: sentence("Stale file handle"),
        errno.EBADF: sentence("Bad file descriptor"),
    }
    found = known.get(error.errno or 0)
    return found if found is not None else quoted(error.strerror or error)
