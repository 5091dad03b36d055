"""The command line: arguments, exit codes, and what is said about a change."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Any, TextIO

from tracker import call_words, config, language, shutdown, typed_verbs, version
from tracker.arguments import Parser, Usage
from tracker.cli import (
    baseline_calls,
    change_calls,
    file_calls,
    import_call,
    reading_calls,
    report_call,
    server_calls,
    upkeep_calls,
)
from tracker.cli.call import (
    DONE,
    REFUSED,
    USAGE,
    Call,
    Context,
    Handler,
    named_place,
    workspace_file,
)
from tracker.cli.printer import Printer
from tracker.domain.errors import BadInput, Refused, TrackerError
from tracker.domain.sentence import system_reason
from tracker.domain.typing.dates import day_to_start_from
from tracker.language import N_, _, say

INTERRUPTED, CUT_OFF = 130, 141
# What a shell adds to the number of a signal.
SIGNALLED = 128


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program on arguments; return 0 done, 1 refused, 2 usage."""
    words = sys.argv[1:] if argv is None else list(argv)
    _stand_in()
    # A call is over before there is garbage worth looking for.
    gc.disable()
    try:
        code = _run(words)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except shutdown.Stopped as stopped:
        if stopped.hung_up:
            _forget(sys.stderr)
        return SIGNALLED + stopped.signal
    except OSError as error:
        return _cut_off(error)
    except Exception as error:
        return _failed(error.__cause__ if isinstance(error, shutdown.Failed) else error)
    finally:
        gc.enable()
        # What finds no room there changes nothing about the exit code.
        try:
            sys.stderr.flush()
        except OSError:
            _forget(sys.stderr)
    return code


def _stand_in() -> None:
    """Take the places of standard streams that were closed: else the next files stand there.

    What would be read there or is the result fails, as from GNU's `stdopen`; what is said besides
    goes nowhere.
    """
    ways = (("stdin", "r", os.O_WRONLY), ("stdout", "w", os.O_RDONLY), ("stderr", "w", os.O_WRONLY))
    for number, (name, mode, way) in enumerate(ways):
        if getattr(sys, name) is None:
            place = os.open(os.devnull, way)
            if place != number:
                os.dup2(place, number)
                os.close(place)
            setattr(sys, name, open(number, mode, encoding="utf-8"))  # noqa: SIM115


def _cut_off(error: OSError) -> int:
    """Report an error of the operating system; a closed pipe is no error."""
    _forget(sys.stdout)
    if isinstance(error, BrokenPipeError):
        return CUT_OFF
    place = f"{error.filename}: " if error.filename else ""
    told = f"{place}{say(system_reason(error))}"
    if not place and not _somewhere():
        told = _("The folder you are in was removed; change to another one.")
    Printer(color=False, ascii=not language.utf8(), json=False).note(f"tracker: {told}")
    return REFUSED


def _somewhere() -> bool:
    """Return whether the folder one is in is there, from which names are taken."""
    with suppress(FileNotFoundError):
        return bool(os.getcwd())
    return False


def _forget(stream: TextIO) -> None:
    """Send nothing more to a stream: Python writes what is left on its way out, and complains."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _failed(error: BaseException | None) -> int:
    """Say that the program has failed, and where it is written down: not in front of everybody."""
    problem = type(error).__name__
    try:
        path = shutdown.keep_trace(error or Exception(), datetime.now().astimezone())
    except OSError:
        text = _("tracker has crashed ({problem}). Everything that was confirmed is saved.")
        told = text.format(problem=problem)
    else:
        text = _(
            "tracker has crashed ({problem}). Everything that was confirmed is saved; the"
            " details are in {path}."
        )
        told = text.format(problem=problem, path=path)
    Printer(color=False, ascii=not language.utf8(), json=False).note(told)
    return REFUSED


def _run(words: list[str]) -> int:
    ascii = "--ascii" in words or not language.utf8()
    printer = Printer(color=False, ascii=ascii, json=False)
    try:
        settings = config.load()
        language.use(language.choose(_asked_language(words) or settings.lang))
        _demand_zone()
        run, options = _understood(words)
        language.aim(named_place(options.file, options.db))
        ascii = options.ascii or settings.ascii or not language.utf8()
        color = settings.color and not options.no_color and not os.environ.get("NO_COLOR")
        printer = Printer(color=color, ascii=ascii, json=options.json)
        return _carried_out(run, Context(options, settings, printer, ascii))
    except _Shown as shown:
        for line in shown.text.removesuffix("\n").split("\n"):
            printer.line(line)
        return DONE
    except Usage as error:
        for line in error.usage.splitlines():
            printer.note(line)
        printer.note(f"tracker: {say(error)}")
        return USAGE
    except TrackerError as error:
        printer.note(f"tracker: {say(error)}")
        if isinstance(error, typed_verbs.Mistyped) and error.end > error.start:
            printer.under(error.text, error.start, error.end)
        return REFUSED


def _demand_zone() -> None:
    """Raise Refused where the time of the place cannot be told."""
    try:
        datetime.now().astimezone()
    except ValueError:
        raise Refused(
            "TZ is {zone}, which is not a usable time zone. Set it to one such as Europe/Berlin, or"
            " unset it.",
            zone=os.environ.get("TZ", ""),
        ) from None


def _carried_out(run: Handler, context: Context) -> int:
    """Run a call; what was done is no refusal because its report has no room."""
    try:
        code = run(context)
        sys.stdout.flush()
    except KeyboardInterrupt:
        if context.changed:
            context.printer.note("tracker: " + _("Interrupted, but it was already done."))
        raise
    except TrackerError:
        raise
    except OSError as error:
        if not context.changed:
            raise
        _forget(sys.stdout)
        if not isinstance(error, BrokenPipeError):
            told = _("Done, but what this command prints could not be written: {reason}")
            context.printer.note(f"tracker: {told.format(reason=say(system_reason(error)))}")
        return context.code
    except Exception:
        context.demand_whole()
        raise
    return code


def _understood(words: list[str]) -> tuple[Handler, argparse.Namespace]:
    """Return what is to be run, and with which options. Raises Usage."""
    before, name, after = _split(words)
    options = options_parser().parse_args(before)
    if name is None:
        return file_calls.open_screen, options
    if name not in CALLS and not _names_file(name):
        name = call_words.english(name)
        if options.db and name not in CALLS:
            options_parser().parse_args(after, options)
            options.file = name
            return file_calls.open_screen, options
    if name in CALLS:
        call_parser(name).parse_args(typed_verbs.prepared(name, after), options)
        return CALLS[name].run, options
    if not _names_file(name):
        raise Usage(_no_call(name))
    options_parser().parse_args(after, options)
    options.file = name
    return file_calls.open_screen, options


class _Shown(Exception):
    """Help or the version was asked for; there is nothing to be done."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__()


class _Show(argparse.Action):
    """Shows the parser's help, or what `const` returns, and does nothing else."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options | {"dest": argparse.SUPPRESS, "nargs": 0})

    def __call__(self, parser: argparse.ArgumentParser, *_rest: object) -> None:
        """Raise what is to be shown."""
        raise _Shown(self.const() if self.const else parser.format_help())


def _version() -> str:
    return f"tracker {version.full()}\n"


def _changelog() -> str:
    from importlib.resources import files

    return files("tracker").joinpath("CHANGELOG.md").read_text("utf-8")


_TAKE_A_VALUE = ("--file", "--db", "--lang", "--today")


def _split(words: list[str]) -> tuple[list[str], str | None, list[str]]:
    """Return the options before the call, the call, and the words after it."""
    at = 0
    while at < len(words) and words[at].startswith("-") and words[at] != "-":
        at += 2 if words[at] in _TAKE_A_VALUE else 1
    if at >= len(words):
        return words, None, []
    return words[:at], words[at], words[at + 1 :]


def _asked_language(words: Sequence[str]) -> str:
    """Return what the last `--lang` asks for; the first message is in that language already."""
    asked = ""
    for at, word in enumerate(words):
        if word == "--lang" and at + 1 < len(words):
            asked = words[at + 1]
        elif word.startswith("--lang="):
            asked = word.partition("=")[2]
    return asked


def _day(text: str) -> date:
    try:
        return day_to_start_from(date.fromisoformat(text))
    except (ValueError, BadInput):
        raise argparse.ArgumentTypeError(
            _("{text} is not a date such as 2026-12-01").format(text=repr(text))
        ) from None


def _place(text: str) -> str:
    """Read a place; an empty one, as of a variable that is not set, is not one's own workspace."""
    if not text.strip():
        raise argparse.ArgumentTypeError(_("it is empty"))
    return text


def _global_options(parser: argparse.ArgumentParser, *, again: bool = False) -> None:
    """Add the options of every call; `again` behind one, where they take back nothing before it."""
    group = parser.add_argument_group(_("Options for every command"))

    def add(*names: str, default: Any = None, **options: Any) -> None:
        group.add_argument(*names, default=argparse.SUPPRESS if again else default, **options)

    add(
        "--file",
        metavar=_("PATH"),
        type=_place,
        help=_("the workspace (default: TRACKER_FILE, or your own)"),
    )
    add(
        "--db",
        metavar=_("ADDRESS"),
        type=_place,
        help=_("a database instead: postgresql://host/database (also TRACKER_DB)"),
    )
    add("--lang", choices=language.LANGUAGES, help=_("interface language"))
    add("--ascii", action="store_true", default=False, help=_("ASCII characters only"))
    add("--no-color", action="store_true", default=False, help=_("no colours (also NO_COLOR)"))
    add("--today", metavar=_("DATE"), type=_day, help=_("use this date as today: 2026-12-01"))
    add("--json", action="store_true", default=False, help=_("print JSON, for scripts"))
    group.add_argument("-h", "--help", action=_Show, help=_("show this help and exit"))
    if not again:
        group.add_argument(
            "--version", action=_Show, const=_version, help=_("show the version and exit")
        )
        log = _("show the changelog, in English")
        group.add_argument("--changelog", action=_Show, const=_changelog, help=log)


def options_parser() -> Parser:
    """Return the parser of what precedes a call."""
    parser = _Page("tracker", usage="tracker [FILE | COMMAND …]")
    _global_options(parser)
    return parser


def call_parser(name: str) -> Parser:
    """Return the parser of a call, with the options of every call."""
    call = CALLS[name]
    parser = Parser(f"tracker {name}", description=_sentence(call.help))
    if name in typed_verbs.VERBS:
        typed_verbs.VERBS[name].arguments(parser)
    call.arguments(parser)
    # The usage shows only the call's own options; the help lists the rest.
    parser.usage = parser.format_usage().partition(": ")[2].rstrip().replace("%", "%%")
    _global_options(parser, again=True)
    return parser


def _sentence(help: str) -> str:
    """Return a line of help as a sentence."""
    text = _(help)
    return text[:1].upper() + text[1:] + "."


class _Page(Parser):
    """The parser of the program as a whole, whose help is a page of all calls."""

    def format_help(self) -> str:
        """Return the page."""
        lines = [self.format_usage()]
        lines.append(_("A project tracker for the terminal whose plans may run backwards."))
        lines.append(_("Without a command, tracker opens the full screen.") + "\n")
        known = {
            **reading_calls.CALLS,
            **baseline_calls.CALLS,
            **change_calls.CALLS,
            **upkeep_calls.CALLS,
            **server_calls.CALLS,
        }
        others = {name: call for name, call in CALLS.items() if name not in known}
        for head, calls in (
            (_("Read"), reading_calls.CALLS),
            (_("Baselines"), baseline_calls.CALLS),
            (_("Change"), change_calls.CALLS),
            (_("Master data"), upkeep_calls.CALLS),
            (_("Files and shells"), others),
            (_("Database server"), server_calls.CALLS),
        ):
            lines.append(f"{head}:")
            wide = max(11, *map(len, calls))
            lines += [f"  {name:<{wide}} {_(call.help)}" for name, call in calls.items()]
            lines.append("")
        lines.append(_("Run `tracker COMMAND --help` for details on a command.") + "\n")
        options = super().format_help().partition("\n\n")[2]
        return "\n".join(lines) + "\n" + options


def _no_call(name: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, CALLS, n=1, cutoff=0.6)
    if near:
        return _("There is no command {word}. Did you mean {near}?").format(word=name, near=near[0])
    return _("There is neither a command nor a file {word}.").format(word=name)


def _names_file(name: str) -> bool:
    known = name.endswith(".json") or os.sep in name or os.path.isfile(workspace_file(name))
    return bool(name) and known


def _help(context: Context) -> int:
    """Show the page of all commands, the help of one, or the manual."""
    topic = context.args.topic
    if topic == "de":
        from importlib.resources import files

        manual = files("tracker").joinpath("locale/de/manual.md").read_text("utf-8")
        raise _Shown(language.spelled(manual))
    name = call_words.english(topic)
    if name and name not in CALLS:
        raise Usage(_no_call(topic))
    raise _Shown((call_parser(name) if name else options_parser()).format_help())


def _help_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "topic",
        metavar=_("COMMAND"),
        nargs="?",
        default="",
        help=_("a command, or “de” for the manual in German"),
    )


def _completion(context: Context) -> int:
    """Print the script that teaches a shell to complete."""
    from tracker.cli import completion

    words = {word: call_words.english(word) for word in call_words.spoken(CALLS)}
    parsers = {word: call_parser(name) for word, name in words.items()}
    helps = {word: _sentence(CALLS[name].help) for word, name in words.items()}
    context.printer.script(completion.script(context.args.shell, options_parser(), parsers, helps))
    return DONE


def _completion_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=("bash", "zsh", "fish"), help=_("the shell"))


CALLS: dict[str, Call] = {
    **reading_calls.CALLS,
    **baseline_calls.CALLS,
    **change_calls.CALLS,
    **upkeep_calls.CALLS,
    **import_call.CALLS,
    **file_calls.CALLS,
    **report_call.CALLS,
    **server_calls.CALLS,
    "help": Call(N_("show this help, that of a command, or a manual"), _help, _help_arguments),
    "completion": Call(N_("print the shell completion script"), _completion, _completion_arguments),
}
