"""Lines typed about tasks: how they are read, and completions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from tracker import terminal_text
from tracker.domain.change import Change
from tracker.domain.draft import Now, name_of, not_found
from tracker.domain.errors import BadInput, TrackerError
from tracker.domain.fields import ARROWS, BY_NAME, ESTIMATE, LISTS, LONG
from tracker.domain.model import PRIORITIES, Task
from tracker.domain.periods import period_words, span_words
from tracker.domain.sentence import Sentence, counted, sentence
from tracker.domain.typing import field_values, line_parser
from tracker.domain.typing.filters import words_in_use
from tracker.domain.typing.lexer import date_end, placed
from tracker.domain.typing.vocabulary import (
    FIELD_KEYS,
    field_from_word,
    folded_for_search,
    waiting_reason,
)
from tracker.domain.verbs import commands
from tracker.domain.workspace import Workspace
from tracker.language import _, current, ngettext, say
from tracker.tui.dialogs.asking import AskLine, Preview, word_start
from tracker.tui.text.fitting import Line
from tracker.wording import return_words, show
from tracker.wording.change_words import newcomers, waits_for
from tracker.wording.field_texts import hint, label, left_as_stored, line, text_of, written
from tracker.wording.figures import long_day, percent
from tracker.wording.show import Piece


def value_words(field: str, fields: dict[str, Any], ws: Workspace, today: date) -> str:
    """Return the value of a field in words, as it has been understood."""
    if field in ESTIMATE and fields.get("high") == 0:
        return _("milestone")
    if field in ESTIMATE:
        return "/".join(written(fields[name]) for name in ESTIMATE if fields.get(name) is not None)
    value = fields.get(field)
    if value is None or value == ():
        return _("nothing")
    match BY_NAME[field].kind:
        case "priority":
            return show.priority_word(value)
        case "needs" | "blocks":
            return ", ".join(show.name(ws, task) for task, _lag in value)
        case "returns":
            return "; ".join(
                ", ".join([show.name(ws, target), *return_words.options(**options)])
                for target, options in value
            )
        case "state":
            return show.word(value)
        case "percent":
            return percent(value / 100, 2)
        case "period":
            return say(period_words(value) or value)
        case "span":
            return say(span_words(value) or value)
        case "checklist":
            return show.text(", ".join(item.text for item in value))
        case _ if isinstance(value, date):
            return long_day(value, today)
        case _ if isinstance(value, float):
            days = ngettext("{n} day", "{n} days", 1 if value == 1 else 2)
            return days.format(n=written(value))
        case _ if isinstance(value, tuple):
            return show.text(", ".join(map(str, value)))
        case _:
            return show.text(str(value))


def read_field(field: str, text: str, today: date, me: str = "") -> dict[str, Any]:
    """Return the arguments of `edit_task` that a field typed as `text` stands for.

    An empty text clears the field; `me` is the person at the screen. Raises BadInput.
    """
    if field in LONG:
        # Only words, whatever the content.
        return {field: field_values.read_checklist(text) if field == "checklist" else text.rstrip()}
    return line_parser.parse_fields(field, text, today, me=me)


# Completions


def suggestions(ws: Workspace, field: str, text: str, cursor: int) -> list[str]:
    """Return the names known for a field that fit the word before the cursor."""
    before = text[:cursor]
    word = folded_for_search(before[word_start(before, breaks(field)) :]).partition("\n")[0]
    known = {name: folded_for_search(name) for name in _known(ws, field) if name}
    if any(word == folded.partition("\n")[0] for folded in known.values()):
        word = ""
    starts = {name: None for name, folded in known.items() if f"\n{word}" in f"\n{folded}"}
    return [
        *starts,
        *(name for name, folded in known.items() if name not in starts and word in folded),
    ]


def breaks(field: str) -> str:
    """Return the characters behind which another value of a field begins."""
    return "," if field in LISTS else ""


def replaces(field: str) -> bool:
    """Return whether the typed text replaces the current value rather than extending it."""
    return field not in LISTS and BY_NAME[field].kind != "text"


def _known(ws: Workspace, field: str) -> Iterable[str]:
    declared = BY_NAME[field]
    if declared.entity:
        # Departments in the order of the board.
        things = ws.table(declared.entity).values()
        return map(name_of, sorted(things, key=lambda thing: getattr(thing, "order", 0)))
    match declared.kind:
        case "word":
            return words_in_use(ws, field)
        case "tags":
            return sorted({tag for task in ws.tasks.values() for tag in task.tags})
        case "priority":
            return map(show.priority_word, PRIORITIES)
        case _:
            return ()


# Lines


def field_line(
    ws: Workspace, tasks: Sequence[int], field: str, today: date, *, me: str = ""
) -> AskLine:
    """Ask for one field of some tasks; the answer is the fields to be set."""
    stored = {text_of(ws, ws.tasks[task], field) for task in tasks}
    texts = {line(text) for text in stored}

    def check(text: str) -> Preview:
        if len(stored) == 1:
            text = left_as_stored(next(iter(stored)), text)
        fields = read_field(field, text, today, me)
        change = foreseen(ws, today, commands.edit_tasks, tasks=tuple(tasks), **fields)
        first = next(iter(fields))
        pieces: list[Piece] = [
            (f"{label(field)}: ", "dim"),
            (value_words(first, fields, ws, today), ""),
        ]
        told = [*change.contradictions]
        finished = [task for task in tasks if ws.tasks[task].state in ("done", "dropped")]
        if len(tasks) > 1 and finished:
            numbers = ", ".join(map(str, finished))
            told.append(
                counted(
                    "Of these {n} is finished: {tasks}",
                    "Of these {n} are finished: {tasks}",
                    len(finished),
                    tasks=numbers,
                )
            )
        if change.left:
            told.append(sentence("Skipped: {why}", why=commands.reasons(change.left)))
        doubts = tuple(map(BadInput, told))
        return Preview(fields, (tuple(pieces),), new=tuple(newcomers(change, ws)), doubts=doubts)

    return AskLine(
        f"{label(field)} · {targets_words(ws, tasks)}",
        _("{hint}; leave empty to clear").format(hint=hint(field)),
        value=texts.pop() if len(texts) == 1 else "",
        mixed=len(texts) > 1,
        check=check,
        suggest=lambda text, cursor: suggestions(ws, field, text, cursor),
        breaks=breaks(field),
        replace=replaces(field),
        about=(field, *tasks),
    )


def add_line(ws: Workspace, today: date, *, value: str = "", me: str = "") -> AskLine:
    """Ask for a task in one line, or several; the answer is the arguments of `add_task` of each."""

    def check(text: str) -> Preview:
        lines: list[dict[str, Any]] = []
        spans: list[line_parser.Span] = []
        problems: list[TrackerError] = []
        doubts: list[TrackerError] = []
        parts = list(_parts(text))
        for number, (start, part) in enumerate(parts, 1):
            typed = line_parser.parse_line(part, today, me=me, ws=ws)
            lines.append(typed.fields)
            spans += (line_parser.Span(s.start + start, s.end + start, s.role) for s in typed.spans)
            wrong = [placed(p, p.start + start, p.end + start) for p in typed.problems]
            found = [*wrong, *_ends_nowhere(typed.fields, ws)]
            asked = [placed(d, d.start + start, d.end + start) for d in typed.doubts]
            for told, several in ((found, problems), (asked, doubts)):
                several += [_in_line(number, each) for each in told] if len(parts) > 1 else told
        words = [tuple(_line_words(fields, ws, today)) for fields in lines]
        born: tuple[Line, ...] = ()
        if not problems:
            change = foreseen(ws, today, commands.add_tasks, lines=lines)
            born = tuple(newcomers(change, ws))
            doubts += map(BadInput, change.contradictions)
        if len(lines) > 1:
            count = ngettext("{n} task, one per line", "{n} tasks, one per line", len(lines))
            words.insert(0, ((count.format(n=len(lines)), "strong"),))
        return Preview(lines, tuple(words), tuple(spans), tuple(problems), born, tuple(doubts))

    return AskLine(
        _("New task"),
        _("Open the firewall @Netz !high due:fr ~1/2/5d after:12 back:7:30% #cutover sys:erp-db"),
        value=value,
        check=check,
        suggest=lambda text, cursor: line_parser.complete_word(text, cursor, ws),
        joint=f" {_NEXT} ",
        about=("add", value),
    )


def _in_line(number: int, problem: TrackerError) -> TrackerError:
    """Return a mistake that says in which of several lines it is."""
    told = sentence("Line {line}: {problem}", line=number, problem=problem.sentence)
    if isinstance(problem, BadInput):
        return BadInput(told, start=problem.start, end=problem.end)
    return BadInput(told)


# Marks a line break within one line: in every font, and in no title.
_NEXT = "¶"


def _parts(text: str) -> Iterator[tuple[int, str]]:
    """Walk over the lines that are written in one, each with its place."""
    at = 0
    for part in text.split(_NEXT):
        if part.strip() or _NEXT not in text:
            yield at, part
        at += len(part) + len(_NEXT)


def _ends_nowhere(fields: dict[str, Any], ws: Workspace) -> Iterator[TrackerError]:
    """Walk over the mistakes of arrows from and to tasks that are not there."""
    for name in ARROWS:
        for end, *_rest in fields.get(name, ()):
            if end not in ws.tasks:
                yield not_found(Task, end)


def field_key(field: str) -> str:
    """Return the key before the value of a field, in the language in use."""
    return FIELD_KEYS[field][-1 if current() == "de" else 0]


def _line_words(fields: dict[str, Any], ws: Workspace, today: date) -> Iterator[Piece]:
    """Yield the fields of a new task, each behind its label."""
    yield show.text(fields.get("title") or "…"), "strong"
    for field in fields:
        if field not in ("title", "low", "high"):
            name = label("estimate" if field == "likely" else field)
            yield f"  {name} ", "dim"
            yield value_words(field, fields, ws, today), "plain"


def wait_line(ws: Workspace, tasks: Sequence[int], today: date) -> AskLine:
    """Ask what tasks wait for; the answer is the reason and the follow-up date or None.

    Tasks that wait already for one thing have it in the line.
    """

    def check(text: str) -> Preview:
        reason, follow_up, spans = read_waiting(text, today)
        given = {"waiting_for": reason, "follow_up": follow_up}
        doubts: tuple[Sentence, ...] = ()
        for task in tasks:
            doubts = foreseen(ws, today, commands.wait, task=task, **given).doubts
        pieces: list[Piece] = [(_("Waiting for: "), "dim"), (show.text(reason) or "–", "strong")]
        if follow_up is not None:
            pieces += [("  " + _("follow-up: "), "dim"), (long_day(follow_up, today), "plain")]
        told = tuple(map(BadInput, doubts))
        return Preview((reason, follow_up), (tuple(pieces),), spans, doubts=told)

    known = {waiting_text(ws.tasks[task]) for task in tasks if ws.tasks[task].state == "waiting"}
    return AskLine(
        waits_for(ws, tasks),
        _(
            "A person or thing: quote from Dell {key}:+3d, or #12 for a task; {key}: is the"
            " follow-up date."
        ).format(key=field_key("follow_up")),
        value=known.pop() if len(known) == 1 else "",
        check=check,
        about=("waiting_for", *tasks),
    )


def waiting_text(task: Task) -> str:
    """Return what a task waits for, and until when, as `read_waiting` reads it."""
    day = f"{field_key('follow_up')}:{task.follow_up}" if task.follow_up else ""
    return " ".join(filter(None, (terminal_text.clean(task.waiting_for), day)))


_KEYED = re.compile(r"(?:^|(?<=\s))([^\s:]+):(\"[^\"]*\"|\S+)")


def read_waiting(text: str, today: date) -> tuple[str, date | None, tuple[line_parser.Span, ...]]:
    """Return a waiting reason and the day to ask again, typed as `reason wv:next fr`.

    Raises BadInput unless a date follows the key.
    """
    for found in _KEYED.finditer(text):
        if field_from_word(found[1]) != "follow_up":
            continue
        read = partial(line_parser.parse_value, "follow_up", today=today)
        start, end = found.start(2), date_end(text, found.start(2), found.end(2), read)
        try:
            day = read(text[start:end].strip('"'))
        except BadInput as error:
            raise placed(error, start, end) from None
        reason = f"{text[: found.start()].rstrip()} {text[end:].lstrip()}"
        return waiting_reason(reason), day, (line_parser.Span(found.start(), end, "follow_up"),)
    return waiting_reason(text), None, ()


def foreseen(ws: Workspace, today: date, command: Callable[..., Change], **fields: Any) -> Change:
    """Return what a command would change, to preview it; raises its refusals."""
    now = Now(datetime(today.year, today.month, today.day, tzinfo=UTC), today, "")
    return command(ws, now, **fields)


def targets_words(ws: Workspace, tasks: Sequence[int]) -> str:
    """Return how the tasks of a question are called in its title."""
    if len(tasks) == 1:
        return show.name(ws, tasks[0])
    return ngettext("{n} task", "{n} tasks", len(tasks)).format(n=len(tasks))
