"""An export from the words it is asked for in to the files that come of it.

Nothing is written before all that is to be written is known.
"""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from tracker import terminal_text
from tracker.arguments import Usage
from tracker.domain.errors import Refused
from tracker.domain.model import Task
from tracker.domain.sentence import counted, sentence
from tracker.domain.workspace import Workspace
from tracker.exchange.export import FORMATS, save
from tracker.exchange.file_names import typed_path
from tracker.exchange.handout import ExportNote, Handout, Tick, one_line
from tracker.exchange.target_format import Format, format_argument, format_of
from tracker.language import _, ngettext, say

# What no usual file system takes in a name, and what would hide the file.
_NOT_IN_NAMES = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]+|^[. ]+|[. ]+$')
# In bytes; the rest of the name is left to whoever chose it.
_LONGEST_NAME = 120
PIPE = "-"


class ExportOrder(msgspec.Struct, frozen=True):
    """What is to be written: where to, in which format, and how much of it.

    `split` makes a file for each project; `force` replaces files that are there.
    """

    path: Path
    format: Format[Handout]
    only: str = ""
    dialect: str = ""
    split: bool = False
    force: bool = False


class Delivery(NamedTuple):
    """A file with the number of its tasks, and what it says of them not or otherwise."""

    path: Path
    data: bytes
    tasks: int
    left_out: list[ExportNote]
    changed: list[ExportNote]


def order_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what an order is made of, but for its target."""
    format_argument(parser, FORMATS)
    parser.add_argument(
        "--only",
        choices=[part for format in FORMATS for part in format.parts],
        default="",
        help=_("of a calendar the to-dos or the days alone"),
    )
    parser.add_argument(
        "--dialect",
        choices=[dialect for format in FORMATS for dialect in format.dialects],
        default="",
        help=_("whose Excel opens a CSV; without it that of the language"),
    )
    parser.add_argument("--split", action="store_true", help=_("a file for each project"))
    parser.add_argument("--force", action="store_true", help=_("replace an existing file"))


def order_of(args: argparse.Namespace) -> ExportOrder:
    """Return what is asked for; raises Usage and BadInput."""
    piped = args.target == PIPE
    if piped and not args.format:
        raise Usage(_("- needs --format: standard output has no ending"))
    if piped and args.split:
        raise Usage(_("--split writes several files; name one that theirs begin like"))
    path = typed_path(args.target)
    format = format_of(path, args.format, FORMATS)
    if args.only and args.only not in format.parts:
        raise Usage(_("{format} has no parts for --only").format(format=format.name))
    if args.dialect and args.dialect not in format.dialects:
        raise Usage(_("{format} has no dialects").format(format=format.name))
    return ExportOrder(path, format, args.only, args.dialect, args.split, args.force)


def deliveries(
    order: ExportOrder,
    whole: Workspace,
    today: date,
    language: str,
    tasks: Sequence[Task],
    tick: Tick | None = None,
) -> list[Delivery]:
    """Make the files of some tasks; `tick` is told how many are behind, and may raise to stop.

    Raises Refused where a format cannot hold them.
    """
    parts = list(_split(order, whole, tasks)) if order.split else [(order.path, tasks)]
    made: list[Delivery] = []
    for path, chosen in parts:
        out = Handout(
            whole,
            today,
            language,
            tasks=chosen,
            only=order.only,
            dialect=order.dialect,
            tick=_shifted(tick, sum(each.tasks for each in made)),
        )
        try:
            data = order.format.write(out)
        except Refused as error:
            if order.split:
                told = sentence(
                    "{file} is not written: {problem}", file=path.name, problem=error.sentence
                )
                raise Refused(told) from None
            raise
        left_out = out.left_out(order.format.carries)
        made.append(Delivery(path, data, len(chosen), left_out, out.changed))
    return made


def deliver(
    made: Iterable[Delivery], *, force: bool = False, written: list[Path] | None = None
) -> None:
    """Put files in their places; raises Refused before the first where one is there already.

    Each that is there is added to those `written`, also where the next is not.
    """
    made = list(made)
    written = [] if written is None else written
    if len(made) > 1 and not force and (there := existing(made)):
        told = counted(
            "{files} already exists; choose another name, or replace it with --force.",
            "{files} already exist; choose another name, or replace them with --force.",
            len(there),
            files=", ".join(map(str, there)),
        )
        raise Refused(told)
    for each in made:
        try:
            save(each.path, each.data, force=force)
        except Refused as error:
            if not written:
                raise
            raise Refused(
                "{problem} Already written: {files}.",
                problem=error.sentence,
                files=", ".join(map(str, written)),
            ) from None
        written.append(each.path)


def existing(made: Iterable[Delivery]) -> list[Path]:
    """Return the files that would be replaced."""
    return [each.path for each in made if os.path.lexists(each.path)]


def notes(made: Iterable[Delivery]) -> Iterator[tuple[str, list[ExportNote]]]:
    """Walk over what files do not say and what they say otherwise, each with its name for scripts.

    What several files have in common is told once.
    """
    made = list(made)
    yield "left_out", _joined(note for each in made for note in each.left_out)
    yield "changed", _joined(note for each in made for note in each.changed)


def delivery_forms(order: ExportOrder, made: Sequence[Delivery]) -> dict[str, Any]:
    """Return an export for scripts."""
    files = [
        {"file": str(each.path.absolute()), "format": order.format.name, "tasks": each.tasks}
        | {
            name: [{"name": note.name, "what": say(note.what), "count": note.times} for note in all]
            for name, all in notes([each])
        }
        for each in made
    ]
    if not order.split:
        return files[0]
    tasks = sum(each.tasks for each in made)
    return {"format": order.format.name, "tasks": tasks, "files": files}


def written_lines(made: Sequence[Delivery]) -> Iterator[str]:
    """Walk over the files that have been written, each with its tasks."""
    for each in made:
        tasks = ngettext("{n} task", "{n} tasks", each.tasks).format(n=each.tasks)
        yield _("{file}: {tasks} written").format(file=str(each.path), tasks=tasks)


def losses(order: ExportOrder, made: Sequence[Delivery]) -> Iterator[tuple[str, list[str]]]:
    """Walk over what is not in the files, and what is otherwise: a heading, and each with a count.

    In a line they follow one another.
    """
    heads = {
        "left_out": _("Not in {format}").format(format=order.format.name),
        "changed": _("Written otherwise in {format}").format(format=order.format.name),
    }
    for name, told in notes(made):
        if told:
            yield heads[name], [f"{say(each.what)} ({each.times})" for each in told]


def loss_lines(order: ExportOrder, made: Sequence[Delivery]) -> Iterator[str]:
    """Walk over the losses, each kind in one line."""
    for head, told in losses(order, made):
        yield f"{head}: {'; '.join(told)}."


def _joined(several: Iterable[ExportNote]) -> list[ExportNote]:
    found: dict[str, ExportNote] = {}
    for note in several:
        before = found.get(note.name)
        found[note.name] = note._replace(times=note.times + (before.times if before else 0))
    return list(found.values())


def _shifted(tick: Tick | None, behind: int) -> Tick | None:
    """Return what is told how many tasks of all are behind, by how many of one file are."""
    return (lambda done: tick(behind + done)) if tick else None


def _split(
    order: ExportOrder, ws: Workspace, tasks: Sequence[Task]
) -> Iterator[tuple[Path, list[Task]]]:
    """Walk over the projects of tasks in order, each with its file; last those without one."""
    found: dict[int, list[Task]] = {key: [] for key in (*ws.projects, 0)}
    for task in tasks:
        found[task.project or 0].append(task)
    name = order.path.name
    ending = max(
        (each for each in order.format.endings if name.lower().endswith(each)),
        key=len,
        default=order.path.suffix,
    )
    stem = name[: len(name) - len(ending)]
    taken: set[str] = set()
    for key, chosen in found.items():
        if not chosen:
            continue
        called = file_words(ws.projects[key].name if key else _("no project"))
        free = next(each for each in _numbered(called) if each.casefold() not in taken)
        taken.add(free.casefold())
        yield order.path.with_name(f"{stem}-{free}{ending}"), chosen


def file_words(name: str) -> str:
    """Return a name as part of that of a file, as any usual file system and the locale take it."""
    name = one_line(name)
    try:
        os.fsencode(name)
    except UnicodeEncodeError:
        name = terminal_text.ascii_only(name)
    words = _NOT_IN_NAMES.sub("-", name).strip("-. ") or "-"
    return words.encode("utf-8", "replace")[:_LONGEST_NAME].decode("utf-8", "ignore").rstrip()


def _numbered(name: str) -> Iterator[str]:
    yield name
    for number in range(2, 1 << 20):
        yield f"{name} {number}"
