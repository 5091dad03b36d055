"""The verbs that change a plan, as they are typed: in a shell and on the `:` line of the screen."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import partial
from typing import Any, NamedTuple, TypeVar, cast

from msgspec.structs import replace

from tracker.arguments import Parser, Usage
from tracker.call_words import english
from tracker.domain import graph
from tracker.domain.arrow_fields import (
    ARROW_FIELDS,
    REDO_WORDS,
    ArrowField,
    ArrowForm,
    redo_from_word,
)
from tracker.domain.change import Change
from tracker.domain.draft import Draft, Named, Now, alike, ids_by_name
from tracker.domain.errors import BadInput, NotFound
from tracker.domain.fields import ARROWS, LISTS
from tracker.domain.model import SYSTEM_STATES, Entity, LinkKind, Settings, System, Task
from tracker.domain.patterns import pattern
from tracker.domain.properties import NOUNS, PROPERTIES, Property, property_called
from tracker.domain.sentence import Sentence, sentence
from tracker.domain.typing import field_values, filters, line_parser
from tracker.domain.typing.dates import parse_date
from tracker.domain.typing.lexer import most_alike, name_end
from tracker.domain.typing.newcomers import newcomers
from tracker.domain.typing.property_values import read_property
from tracker.domain.typing.vocabulary import (
    field_from_word,
    system_state_from_word,
    waiting_reason,
)
from tracker.domain.verbs import arrows, commands, upkeep
from tracker.domain.verbs.commands import Command
from tracker.domain.workspace import Workspace
from tracker.language import N_, _, current, say

N = TypeVar("N", int, float)


class Mistyped(BadInput):
    """A piece of a line cannot be read: `text` from `start` to `end`."""

    def __init__(self, problem: BadInput, text: str) -> None:
        self.text = text
        super().__init__(problem.sentence, start=problem.start, end=problem.end)


class LikeKnown(NotFound):
    """A name that would come into being looks like a known one; `question` asks whether it may."""

    def __init__(self, name: str, close: Sequence[str]) -> None:
        self.question = _like(name, close)
        super().__init__(sentence("{text} To create it, add --new.", text=self.question))


class Verb(NamedTuple):
    """A verb: one sentence of help, its arguments, and how the words become a command."""

    help: str
    arguments: Callable[[argparse.ArgumentParser], None]
    command: Callable[[argparse.Namespace, date, str], Command]


def names() -> tuple[str, ...]:
    """Return the verbs."""
    return tuple(VERBS)


def parse(
    typed: str | Sequence[str], today: date, *, me: str = "", here: Sequence[int] = ()
) -> Command:
    """Return the command that was typed, as one line or as words.

    `me` is who `who:me` means, `here` are the tasks that are meant where no number is given.
    Raises Usage when the words do not fit the verb, and BadInput when one cannot be read.
    """
    verb, args = _called(typed, here)
    return verb.command(args, today, me)


def subjects(typed: str, here: Sequence[int]) -> frozenset[int]:
    """Return the numbers of the tasks that a call names, or means where it names none.

    Raises as `parse`.
    """
    _verb, args = _called(typed, here)
    named = vars(args)
    several = (*named.get("ids", ()), *named.get("also", ()))
    ends = (named.get(name) for name in ("gate", "source", "target"))
    return frozenset((*_flat(several), *(end for end in ends if isinstance(end, int))))


def _called(typed: str | Sequence[str], here: Sequence[int]) -> tuple[Verb, argparse.Namespace]:
    words = split(typed) if isinstance(typed, str) else list(typed)
    name = english(words[0]) if words else ""
    if name not in VERBS:
        raise Usage(_("There is no command {word}.").format(word=words[0] if words else "–"))
    verb = VERBS[name]
    arguments = words[1:]
    numbered = bool(arguments) and _NUMBERS.fullmatch(arguments[0])
    if here and not numbered and name not in ("add", "link", "unlink", *NOUNS):
        several = here[:1] if name == "back" else here
        arguments.insert(0, ",".join(map(str, several)))
    parser = Parser(name)
    verb.arguments(parser)
    return verb, parser.parse_args(prepared(name, arguments))


def prepared(verb: str, words: Sequence[str]) -> list[str]:
    """Return words with those of free text kept from being taken for options: `list -#later`.

    `--new` comes last, wherever it was typed: argparse takes no words in two places.
    """
    words = sorted(words, key=lambda word: word == "--new")
    if verb not in ("add", "list"):
        return words
    return [
        f" {word}" if word[:1] == "-" and word[:2] not in ("--", "-h") else word for word in words
    ]


# The standard library takes four times as long for a line twice as long: for a megabyte, minutes.
_LONGEST = 50_000


def split(line: str) -> list[str]:
    """Return the words of a line; quotes keep words together, but not in a new task's line.

    Raises BadInput where one is not closed, or the line is longer than anybody types.
    """
    first, _gap, rest = line.strip().partition(" ")
    if english(first) == "add":
        line = rest.strip()
        new = line.endswith(f" {_NEW}")
        line = line.removesuffix(f" {_NEW}").strip() if new else line
        return [first, *filter(None, (line,)), *[_NEW] * new]
    if len(line) > _LONGEST:
        raise BadInput(
            "A command has at most {most} characters; this line has {count}.",
            most=_LONGEST,
            count=len(line),
        )
    import shlex

    try:
        return shlex.split(line)
    except ValueError:
        raise BadInput("A quotation mark is not closed: {text}", text=line) from None


# --- words and what they mean

_NUMBERS = pattern(r"#?\d{1,15}(?:,#?\d{1,15})*")


def task_numbers(text: str) -> tuple[int, ...]:
    """Read the numbers of tasks: `12`, `#12`, `3,5,8`."""
    if not _NUMBERS.fullmatch(text):
        raise argparse.ArgumentTypeError(_("{text} is not a task number").format(text=repr(text)))
    return tuple(int(part.lstrip("#")) for part in text.split(","))


def task_number(text: str) -> int:
    """Read the number of one task."""
    found = task_numbers(text)
    if len(found) > 1:
        raise argparse.ArgumentTypeError(_("{text} is more than one task").format(text=repr(text)))
    return found[0]


def _days(text: str) -> float:
    """Read a lag, which may be negative: `2`, `-1`, `1w`."""
    return (
        -_typed(field_values.read_days, text[1:])
        if text.startswith("-")
        else _typed(field_values.read_days, text)
    )


def _share(text: str) -> float:
    """Read a share: `30%`, `0.3`, or `30`, since a number above 1 is per cent."""
    return _typed(field_values.read_share, text)


def _typed(read: Callable[[str], N], text: str) -> N:
    try:
        return read(text)
    except BadInput as error:
        raise argparse.ArgumentTypeError(say(error)) from None


def _limit(text: str) -> int:
    return _typed(field_values.read_limit, text)


def _redo(text: str) -> str:
    found = redo_from_word(text)
    if found is None:
        raise argparse.ArgumentTypeError(
            _("{text} is none of {known}").format(text=repr(text), known=", ".join(REDO_WORDS))
        )
    return found


_ARROW_READERS: dict[ArrowForm, tuple[str, Callable[[str], Any]]] = {
    "lag": ("N", _days),
    "share": ("P", _share),
    "limit": ("N", _limit),
    "days": ("N", partial(_typed, field_values.read_days)),
    "redo": ("WHAT", _redo),
}


# Has names created that look like known ones.
_NEW = "--new"


def _new_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        _NEW, action="store_true", help=_("create names even if they look like known ones")
    )


def _asking(args: argparse.Namespace, command: Command) -> Command:
    """Return the command that raises LikeKnown where a name in it may be a slip of a known one."""

    def asked(ws: Workspace, now: Now) -> Change:
        change = command(ws, now)
        for new in newcomers(change, ws):
            if new.close:
                raise LikeKnown(new.name, new.close)
        return change

    return command if args.new else asked


def _several(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "ids", metavar="ID", nargs="+", type=task_numbers, help=_("task numbers: 12 or 3,5,8")
    )
    parser.epilog = _(
        "Tasks that cannot be changed are skipped with a reason; exit status 1 unless they"
        " already were in that state."
    )


def tasks_named(args: argparse.Namespace) -> tuple[int, ...]:
    """Return the tasks whose numbers were typed, each once."""
    return _flat(args.ids)


def also(args: argparse.Namespace) -> tuple[int, ...]:
    """Return the further tasks that `back` is to have rechecked, each once."""
    return _flat(args.also)


def _flat(typed: Iterable[Sequence[int]]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(task for several in typed for task in several))


def _each(command: Callable[..., Change], args: argparse.Namespace, **fields: Any) -> Command:
    return commands.on_each(command, tasks_named(args), **fields)


def _simple(help: str, command: Callable[..., Change]) -> Verb:
    return Verb(help, _several, lambda args, _today, _me: _each(command, args))


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "line",
        metavar=_("LINE"),
        nargs="+",
        help=_("the task in one line: Open firewall @Net !high due:fr ~1/2/5d after:12 #cutover"),
    )
    _new_argument(parser)


def _add(args: argparse.Namespace, today: date, me: str) -> Command:
    texts = [word.strip() for word in args.line]
    # A blank within a word of the shell was quoted: such words are a line each.
    if not all(" " in text for text in texts):
        texts = [" ".join(texts)]

    def lines(ws: Workspace | None = None) -> list[line_parser.TypedLine]:
        found = [line_parser.parse_line(text, today, me=me, ws=ws) for text in texts]
        for line, text in zip(found, texts, strict=True):
            if line.problems:
                raise Mistyped(line.problems[0], text)
        return found

    def command(ws: Workspace, now: Now) -> Change:
        found = lines(ws)
        change = commands.add_tasks(ws, now, lines=[line.fields for line in found])
        doubts = tuple(doubt.sentence for line in found for doubt in line.doubts)
        return replace(change, doubts=doubts)

    lines()  # A mistake is reported before any file is opened.
    return _asking(args, command)


def editable() -> tuple[str, ...]:
    """Return the fields that `edit` sets; German words for them are understood as well."""
    return tuple(field for field in field_values.TYPED if field not in ARROWS)


def assigned(verb: str) -> tuple[str, ...]:
    """Return what may be where a verb sets fields: `due=`, and the states of a system."""
    verb = english(verb)
    if verb == "edit":
        return tuple(f"{field}=" for field in editable())
    kind = NOUNS.get("settings" if verb == "set" else verb)
    if kind is None:
        return ()
    states = SYSTEM_STATES if kind is System else ()
    return (*states, *(f"{key_in_use(each)}=" for each in PROPERTIES[kind]))


def key_in_use(each: Property) -> str:
    """Return the key of a property in the language in use; both are understood."""
    return each.keys[-1] if current() == "de" else each.keys[0]


def _edit_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "ids", metavar="ID", nargs=1, type=task_numbers, help=_("task numbers: 12 or 3,5,8")
    )
    parser.add_argument(
        "fields",
        metavar=_("FIELD=VALUE"),
        nargs="+",
        help=_(
            "a field and its new value, empty to clear it; += adds to notes and lists: {fields}"
        ).format(fields=", ".join(editable())),
    )
    _new_argument(parser)


def _edit(args: argparse.Namespace, today: date, me: str) -> Command:
    words = [*map(_as_assignment, args.fields)]
    if "=" not in words[0]:
        raise _sets_nothing(words[0])

    def fields(ws: Workspace | None = None) -> dict[str, Any]:
        found: dict[str, Any] = {}
        more: dict[str, Any] = {}
        for word in _joined(words, ws):
            values, extends = _assigned(word, today, me), word.partition("=")[0].endswith("+")
            if values.keys() & (found.keys() | more.keys()):
                raise _once_more(word)
            (more if extends else found).update(values)
        return {**found, "more": more} if more else found

    if all("=" in word for word in words):
        fields()  # A mistake is reported before any file is opened.
    return _asking(
        args, lambda ws, now: commands.edit_tasks(ws, now, tasks=tasks_named(args), **fields(ws))
    )


def _as_assignment(word: str) -> str:
    """Return `due=fr` for `due:fr`, as a field is typed in the line of a new task."""
    name, sign, value = word.partition(":")
    return f"{name}={value}" if sign and field_from_word(name) else word


def _joined(words: Sequence[str], ws: Workspace | None) -> list[str]:
    """Return assignments, with the further words of a name that a workspace knows."""
    found: list[str] = []
    rest = list(words)
    while rest:
        name, sign, value = rest[0].partition("=")
        field = field_from_word(name)
        count = 1
        if ws is not None and sign and field:
            text = " ".join([value, *rest[1:]])
            end = name_end(text, 0, len(value), filters.spaced_names(ws, field))
            count += text[len(value) : end].count(" ")
        found.append(" ".join(rest[:count]))
        rest = rest[count:]
    return found


# What `+=` puts something behind.
_EXTENDED = LISTS | {"notes"}


def _sets_nothing(word: str) -> Usage:
    return Usage(_("{word} is not an assignment; write FIELD=VALUE").format(word=repr(word)))


def _once_more(word: str) -> Mistyped:
    """Return the error for a field that is set already: of two values one would be lost."""
    problem = BadInput(
        "{key} can be given only once; {text} is one too many.",
        key=word.partition("=")[0],
        text=word,
        end=len(word),
    )
    return Mistyped(problem, word)


def _assigned(word: str, today: date, me: str) -> dict[str, Any]:
    """Return the fields that `FIELD=VALUE` sets."""
    name, sign, text = word.partition("=")
    if not sign:
        raise _sets_nothing(word)
    field = field_from_word(name)
    try:
        if field in ARROWS:
            raise BadInput("Use `link` and `unlink` to draw and remove arrows.")
        if name.endswith("+") and field in editable() and field not in _EXTENDED:
            raise BadInput("{field} holds one value; set it with =.", field=name[:-1])
        return line_parser.parse_fields(name, text, today, me=me)
    except BadInput as error:
        known = field in editable()
        start, end = (len(name) + 1, len(word)) if known else (0, len(name))
        raise Mistyped(BadInput(error.sentence, start=start, end=end), word) from None


def _wait_arguments(parser: argparse.ArgumentParser) -> None:
    _several(parser)
    parser.add_argument(
        "--for",
        dest="reason",
        metavar=_("TEXT"),
        default="",
        help=_("person or thing they wait for"),
    )
    parser.add_argument("--until", metavar=_("DATE"), default="", help=_("follow-up date"))


def _wait(args: argparse.Namespace, today: date, _me: str) -> Command:
    day = parse_date(args.until, today) if args.until else None
    return _each(commands.wait, args, waiting_for=waiting_reason(args.reason), follow_up=day)


def _percent(help: str) -> str:
    """Return a help text in which argparse leaves a per cent sign alone."""
    return help.replace("%", "%%")


def _arrow_options() -> dict[str, ArrowField]:
    """Return the options that arrows have, each once, with what they set."""
    fields = (*ARROW_FIELDS["returns"], *ARROW_FIELDS["needs"])
    found = {f"--{field.option or field.name}": field for field in reversed(fields)}
    return dict(reversed(found.items()))


def _link_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="A", type=task_number, help=_("the predecessor"))
    parser.add_argument("target", metavar="B", type=task_number, help=_("the successor"))
    parser.add_argument(
        "--return",
        dest="returns",
        action="store_true",
        help=_("draw a return arrow: work may go back from A to B"),
    )
    for name, field in _arrow_options().items():
        metavar, read = _ARROW_READERS[field.form]
        parser.add_argument(
            name, dest=field.name, metavar=metavar, type=read, help=_percent(say(field.help))
        )
    parser.add_argument(
        "--escalate-to", metavar=_("NAME"), help=_("who is notified beyond the limit")
    )
    _new_argument(parser)


def _link(args: argparse.Namespace, _today: date, _me: str) -> Command:
    kind: LinkKind = "returns" if args.returns else "needs"
    names = {field.name: option for option, field in _arrow_options().items()}
    names["escalate_to"] = "--escalate-to"
    given = {name: value for name in names if (value := getattr(args, name)) is not None}
    known = {field.name for field in ARROW_FIELDS[kind]}
    if args.returns:
        known.add("escalate_to")
    for name in given.keys() - known:
        if args.returns:
            raise Usage(_("a return arrow has no {option}").format(option=names[name]))
        raise Usage(
            _("{option} applies to return arrows only; add --return").format(option=names[name])
        )

    def command(ws: Workspace, now: Now) -> Change:
        old = graph.arrow(ws, kind, args.source, args.target)
        if old and given:
            return arrows.edit_link(ws, now, link=old.id, **given)
        if args.returns:
            return arrows.link_return(ws, now, gate=args.source, target=args.target, **given)
        return arrows.link(ws, now, source=args.source, target=args.target, **given)

    return _asking(args, command)


def _unlink_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "source", metavar="A", type=task_number, help=_("task at the tail of the arrow")
    )
    parser.add_argument(
        "target", metavar="B", type=task_number, help=_("task at the head of the arrow")
    )
    parser.add_argument(
        "--return",
        dest="returns",
        action="store_true",
        help=_("the return arrow, if there are two"),
    )


def _unlink(args: argparse.Namespace, _today: date, _me: str) -> Command:
    def command(ws: Workspace, now: Now) -> Change:
        draft = Draft(ws)
        for end in (args.source, args.target):
            draft.get(Task, end)
        kinds: tuple[LinkKind, ...] = ("returns",) if args.returns else ("needs", "returns")
        for kind in kinds:
            if old := graph.arrow(ws, kind, args.source, args.target):
                return arrows.unlink(ws, now, link=old.id)
        raise NotFound(
            "There is no arrow from {source} to {target}.",
            source=commands.task_name(ws, args.source),
            target=commands.task_name(ws, args.target),
        )

    return command


def _back_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "gate", metavar=_("GATE"), type=task_number, help=_("the task where the fault was found")
    )
    parser.add_argument(
        "--to",
        dest="target",
        metavar=_("TARGET"),
        type=task_number,
        required=True,
        help=_("the task to redo"),
    )
    parser.add_argument("--why", metavar=_("TEXT"), help=_("the reason; others will read it"))
    parser.add_argument("--system", metavar="S", help=_("the system that caused it"))
    parser.add_argument(
        "--also",
        metavar=_("IDS"),
        type=task_numbers,
        action="append",
        default=[],
        help=_("done tasks built on the target to recheck as well: 3,5,8"),
    )
    _new_argument(parser)


def _back(args: argparse.Namespace, _today: date, _me: str) -> Command:
    if args.why is None:
        raise Usage(_("give the reason: --why TEXT"))
    command = partial(
        arrows.send_back,
        gate=args.gate,
        target=args.target,
        reason=args.why,
        system=args.system,
        also=also(args),
    )
    return _asking(args, command)


# --- what tasks are about


def _upkeep(noun: str, help: str) -> Verb:
    kind = NOUNS[noun]

    def arguments(parser: argparse.ArgumentParser) -> None:
        if kind is not Settings:
            parser.add_argument(
                "name", metavar=_("NAME"), nargs="?", default="", help=_("its name")
            )
        known = ", ".join(map(key_in_use, PROPERTIES[kind]))
        told = _("a field and its new value, empty to clear it: {fields}")
        if kind is System:
            told = _("a state (up, degraded, down), or a field and its new value: {fields}")
        parser.add_argument(
            "values",
            metavar=_("FIELD=VALUE"),
            nargs="*",
            help=told.format(fields=known),
        )
        if kind is Settings:
            return
        if kind is System:
            parser.add_argument("--why", metavar=_("TEXT"), default="", help=_("the reason"))
        parser.add_argument("--new", action="store_true", help=_("create it"))
        parser.add_argument("--rename", metavar=_("NEW"), help=_("rename it"))
        parser.add_argument(
            "--merge-into",
            dest="into",
            metavar=_("OTHER"),
            help=_("move all references to the other entry and delete this one"),
        )
        parser.add_argument(
            "--delete", action="store_true", help=_("delete it if it is not in use")
        )

    def command(args: argparse.Namespace, today: date, _me: str) -> Command:
        name = getattr(args, "name", "")
        if kind is Settings:
            return partial(upkeep.set_properties, kind=kind, values=_properties(kind, args, today))
        what: dict[str, Any] = {"kind": kind, "name": name}
        sets = bool(args.values) or args.new
        chosen = [sets, args.rename is not None, bool(args.into), args.delete]
        if not name or sum(chosen) != 1:
            raise Usage(_("give exactly one change for {name}").format(name=name or noun))
        if args.rename is not None:
            change = partial(upkeep.rename, **what, to=args.rename)
        elif args.into:
            change = partial(upkeep.merge, **what, into=args.into)
        elif args.delete:
            change = partial(upkeep.delete, **what)
        elif kind is System and (state := system_state_from_word("".join(args.values[:1]))):
            if len(args.values) > 1:
                raise _sets_nothing(args.values[1])
            change = partial(
                upkeep.set_system, system=name, state=state, why=args.why, create=args.new
            )
        else:
            values = _properties(kind, args, today)
            change = partial(upkeep.set_properties, **what, values=values, create=args.new)
        if args.new:
            return change
        named = cast("type[Named]", kind)
        return partial(_if_known, change, named, name, bool(args.values))

    return Verb(help, arguments, command)


def _if_known(
    change: Command, kind: type[Named], name: str, creatable: bool, ws: Workspace, now: Now
) -> Change:
    """Change what is called `name`; raises NotFound with what may have been meant."""
    if alike(name) in ids_by_name(ws.table(kind).values()):
        return change(ws, now)
    raise unknown(ws, kind, name, creatable=creatable)


def unknown(ws: Workspace, kind: type[Named], name: str, *, creatable: bool) -> NotFound:
    """Return the error for a name that nothing of a kind has, with what may have been meant."""
    text = _like(name, most_alike(name, filters.known_names(ws, kind)))
    if creatable:
        text = sentence("{text} To create it, add --new.", text=text)
    return NotFound(text)


def _like(name: str, close: Sequence[str]) -> Sentence:
    """Return that a name is not known, and ask for those that may be meant."""
    text = sentence("“{name}” is not known here.", name=name)
    if not close:
        return text
    return sentence("{text} Did you mean {names}?", text=text, names=", ".join(close))


def _properties(kind: type[Entity], args: argparse.Namespace, today: date) -> dict[str, Any]:
    """Return what is to be set; raises Usage and Mistyped."""
    found: dict[str, Any] = {}
    for word in args.values:
        key, sign, text = word.partition("=")
        if not sign and kind is System:
            known = ", ".join(SYSTEM_STATES)
            words = _("{word} is neither a state ({known}) nor FIELD=VALUE")
            raise Usage(words.format(word=repr(word), known=known))
        if not sign:
            raise _sets_nothing(word)
        each = property_called(kind, key)
        if each is None:
            known = ", ".join(map(key_in_use, PROPERTIES[kind]))
            text = _("there is no field {field}; choose from {known}")
            raise Usage(text.format(field=key, known=known))
        if each.name in found:
            raise _once_more(word)
        found[each.name] = read_property(each, text, today)
    return found


VERBS: dict[str, Verb] = {
    "add": Verb(N_("add a task from one line"), _add_arguments, _add),
    "edit": Verb(N_("set fields of tasks"), _edit_arguments, _edit),
    "start": _simple(N_("start tasks"), commands.begin),
    "done": _simple(N_("mark tasks as done"), commands.finish),
    "wait": Verb(N_("put tasks on hold"), _wait_arguments, _wait),
    "drop": _simple(N_("drop tasks: they will not be done"), commands.drop),
    "reopen": _simple(N_("reopen tasks"), commands.reopen),
    "confirm": _simple(N_("confirm tasks in recheck as still good"), commands.confirm),
    "delete": _simple(N_("delete tasks and their arrows"), commands.delete_task),
    "back": Verb(N_("send work back from a gate to an earlier task"), _back_arguments, _back),
    "link": Verb(
        N_("draw an arrow: B needs A, or work may go back from A to B"), _link_arguments, _link
    ),
    "unlink": Verb(N_("remove an arrow"), _unlink_arguments, _unlink),
    "project": _upkeep("project", N_("list projects, or set start, target and budget of one")),
    "department": _upkeep(
        "department", N_("list departments, or set limit, capacity, rate and days off of one")
    ),
    "person": _upkeep("person", N_("list people, or set department, limit and absences of one")),
    "system": _upkeep("system", N_("list systems, or set state, side and owner of one")),
    "settings": _upkeep("settings", N_("show or set region, holidays, correlation and policy")),
}
