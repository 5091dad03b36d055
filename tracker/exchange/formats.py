"""Formats of other programs: what each looks like, who reads it, and what none here reads."""

from __future__ import annotations

import re
from collections.abc import Collection
from importlib import import_module
from typing import Any

import msgspec

from tracker.domain.errors import BadInput
from tracker.domain.sentence import Sentence, sentence
from tracker.exchange.content import Content, Looks
from tracker.exchange.source import ReadOptions, Source

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

# What Microsoft Project calls its files inside.
_PROJECT = "MSProject".encode("utf-16-le")


class ForeignFormat(msgspec.Struct, frozen=True, kw_only=True):
    """A format of another program.

    `name` is what `--format` takes, `label` what the program or format is called, `endings` the
    usual ones. It `looks` at what a file holds, never at its name alone. Its reader is `function`
    of `module`, below `tracker.exchange.foreign`: it takes the bytes (or with `folder` the path of
    the folder, or with `json` the decoded content and what was guessed of its encoding), the name
    of the file, and how to read it.
    """

    name: str
    label: str
    endings: tuple[str, ...] = ()
    looks: Looks
    module: str
    function: str = "read"
    folder: bool = False
    json: bool = False

    def read(self, content: Content, options: ReadOptions) -> Source:
        """Return what is in a file or folder; raises BadInput."""
        module = import_module(f"tracker.exchange.foreign.{self.module}")
        reader = getattr(module, self.function)
        what: Any = content.folder if self.folder else content.data
        if self.folder and what is None:
            raise BadInput(
                "{label} is imported from a folder, and {file} is none; name the folder.",
                label=self.label,
                file=content.file,
            )
        if self.json:
            what = content.decoded_json
        source: Source = reader(what, content.file, options)
        source.format, source.program = self.name, self.label
        return source


class UnreadFormat(msgspec.Struct, frozen=True, kw_only=True):
    """A format that is recognised and not read; `way` is what to do instead."""

    label: str
    looks: Looks
    way: Sentence


_STATUS = frozenset(("pending", "completed", "deleted", "waiting", "recurring"))
_OF_ISSUES = frozenset(
    (
        *("labels", "assignees", "stateReason", "state_reason", "html_url", "milestone"),
        *("closedAt", "closed_at", "createdAt", "created_at", "subIssues", "repository_url"),
    )
)
# A line as todo.txt has it, and hardly any other text.
_TODO = re.compile(
    r"(?:x \d{4}-\d\d-\d\d |\([A-Z]\) \S|\d{4}-\d\d-\d\d \S).*"
    r"|(?:.*\S )?(?:[+@][^\s@+]+|due:\d{4}-\d\d-\d\d)(?: .*)?"
)
_LINES, _LONGEST_LINE = 200, 2000


def _is_taskwarrior(content: Content) -> bool:
    return bool(content.tasks) and all(
        "uuid" in each and str(each.get("status")) in _STATUS and "title" not in each
        for each in content.tasks
    )


def _is_github(content: Content) -> bool:
    return bool(content.tasks) and all(
        {"number", "title"} <= each.keys() and _OF_ISSUES & each.keys() for each in content.tasks
    )


def _is_todotxt(content: Content) -> bool:
    if content.ending not in (".txt", "") or "\t" in content.start or content.root[0]:
        return False
    lines = [line for line in content.start.splitlines()[:_LINES] if line.strip()]
    some = any(_TODO.fullmatch(line[:_LONGEST_LINE]) for line in lines)
    return some and not content.is_table


def _is_backlog(content: Content) -> bool:
    folder = content.folder
    roots = (folder, folder / "backlog", folder / ".backlog") if folder else ()
    return any((root / name).is_dir() for root in roots for name in ("tasks", "completed"))


# In the order in which they are asked.
FORMATS: tuple[ForeignFormat, ...] = (
    ForeignFormat(
        name="mspdi",
        label="Microsoft Project (XML)",
        endings=(".xml",),
        looks=lambda content: content.root[0] == "Project",
        module="mspdi",
    ),
    ForeignFormat(
        name="ganttproject",
        label="GanttProject",
        endings=(".gan",),
        looks=lambda content: (
            content.root[0] == "project"
            and (content.ending == ".gan" or "gantt-divider-location" in content.root[1])
        ),
        module="gan",
    ),
    ForeignFormat(
        name="xer",
        label="Primavera P6",
        endings=(".xer",),
        looks=lambda content: content.start.startswith("ERMHDR\t"),
        module="xer",
    ),
    ForeignFormat(
        name="taskwarrior",
        label="Taskwarrior",
        endings=(".json",),
        looks=_is_taskwarrior,
        module="taskwarrior_list",
        json=True,
    ),
    ForeignFormat(
        name="github",
        label="GitHub",
        endings=(".json",),
        looks=_is_github,
        module="github_issues",
        json=True,
    ),
    ForeignFormat(
        name="trello",
        label="Trello",
        endings=(".json",),
        looks=lambda content: {"cards", "lists"} <= content.keys,
        module="trello_board",
        json=True,
    ),
    ForeignFormat(
        name="ics",
        label="iCalendar",
        endings=(".ics", ".ical", ".ifb"),
        looks=lambda content: content.start.lstrip()[:15].upper() == "BEGIN:VCALENDAR",
        module="calendar_todos",
    ),
    ForeignFormat(
        name="todotxt",
        label="todo.txt",
        endings=(".txt",),
        looks=_is_todotxt,
        module="todotxt",
    ),
    ForeignFormat(
        name="backlog",
        label="Backlog.md",
        looks=_is_backlog,
        module="backlog_folder",
        folder=True,
    ),
)


def _is_project_file(content: Content) -> bool:
    named = content.ending in (".mpp", ".mpt")
    return content.data.startswith(_OLE) and (named or _PROJECT in content.data)


def _of_json(tasks: Collection[str], around: Collection[str]) -> Looks:
    """Return what finds JSON by the names in all of its tasks, or by those around them."""

    def looks(content: Content) -> bool:
        of_tasks = all(
            "title" not in each and all(name in each for name in tasks) for each in content.tasks
        )
        return bool(content.tasks and of_tasks) or all(name in content.keys for name in around)

    return looks


_SAVE_AS_XML = sentence(
    "Open it in Microsoft Project or ProjectLibre and save it as Microsoft Project XML (.xml)."
)
UNREAD: tuple[UnreadFormat, ...] = (
    UnreadFormat(
        label="Microsoft Project (.mpp)",
        looks=_is_project_file,
        way=_SAVE_AS_XML,
    ),
    UnreadFormat(
        label="Microsoft Project Exchange (.mpx)",
        looks=lambda content: content.start.startswith("MPX"),
        way=_SAVE_AS_XML,
    ),
    UnreadFormat(
        label="Primavera P6 (PMXML)",
        looks=lambda content: content.root[0] == "APIBusinessObjects",
        way=sentence("Export it from Primavera P6 as XER."),
    ),
    UnreadFormat(
        label="ProjectLibre (.pod)",
        looks=lambda content: (
            b"com.projity" in content.data[:4096]
            or (content.ending == ".pod" and content.data.startswith(b"\xac\xed"))
        ),
        way=sentence("Save it in ProjectLibre as Microsoft Project XML (.xml)."),
    ),
    UnreadFormat(
        label="TaskJuggler (.tjp)",
        looks=lambda content: content.ending in (".tjp", ".tji"),
        way=sentence("Let TaskJuggler write it with a taskreport of the format mspxml."),
    ),
    UnreadFormat(
        label="Jira (XML)",
        looks=lambda content: content.root[0] == "rss" and "jira" in content.start.casefold(),
        way=sentence("Export it from Jira as CSV (all fields)."),
    ),
    UnreadFormat(
        label="Jira (JSON)",
        looks=_of_json(("key", "fields"), ("issues",)),
        way=sentence("Export it from Jira as CSV (all fields)."),
    ),
    UnreadFormat(
        label="Trello",
        looks=_of_json(("name", "idList"), ("cards",)),
        way=sentence(
            "Export the whole board: in its menu, “Print, export, and share”, then “Export as"
            " JSON”."
        ),
    ),
    UnreadFormat(
        label="OpenProject (JSON)",
        looks=_of_json(("subject", "_links"), ("_embedded",)),
        way=sentence("Export the work packages from OpenProject as CSV."),
    ),
    UnreadFormat(
        label="Todoist (JSON)",
        looks=_of_json(("content", "project_id"), ("items", "projects")),
        way=sentence("Export it from Todoist as CSV."),
    ),
)


def endings() -> tuple[str, ...]:
    """Return the usual endings of what can be read."""
    return tuple(dict.fromkeys(each for format in FORMATS for each in format.endings))


def recognised(content: Content, name: str = "") -> ForeignFormat | None:
    """Return the format of a file, or the one of a name; None if it is none of these.

    Raises BadInput for what is recognised and not read.
    """
    if name:
        return next((each for each in FORMATS if each.name == name), None)
    for each in FORMATS:
        if each.folder == (content.folder is not None) and each.looks(content):
            return each
    for other in UNREAD if content.folder is None else ():
        if other.looks(content):
            raise BadInput(
                "{file} is a file of {program}, which cannot be imported. {way}",
                file=content.file,
                program=other.label,
                way=other.way,
            )
    return None
