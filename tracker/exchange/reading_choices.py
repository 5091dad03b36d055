"""What somebody chooses about reading a file: as options of the call, and typed on the screen."""

from __future__ import annotations

import argparse

from tracker.arguments import Parser
from tracker.exchange.importing import Asked, format_names
from tracker.exchange.source import LANES, How
from tracker.language import _


def choice_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options for files of other programs."""
    parser.add_argument(
        "--format",
        choices=format_names(),
        default="",
        help=_("the format of the file, if it is not recognized"),
    )
    parser.add_argument(
        "--encoding",
        metavar=_("NAME"),
        default="",
        help=_("the encoding of a text, such as cp1251"),
    )
    parser.add_argument(
        "--tz",
        metavar=_("ZONE"),
        default="",
        help=_("the time zone whose days count, such as Europe/Berlin; else that of the machine"),
    )
    parser.add_argument(
        "--lanes",
        choices=LANES,
        default="",
        help=_("what becomes departments where the file has none"),
    )
    parser.add_argument("--deleted", action="store_true", help=_("import deleted tasks as dropped"))
    parser.add_argument(
        "--archived", action="store_true", help=_("import archived tasks as dropped")
    )


def choices_of(args: argparse.Namespace) -> How:
    """Return what was chosen."""
    return How(
        format=args.format,
        encoding=args.encoding,
        zone=args.tz,
        lanes=args.lanes,
        deleted=args.deleted,
        archived=args.archived,
    )


def typed_import(text: str) -> tuple[str, Asked, How]:
    """Read a file with options before or behind it, as they follow `:import`; raises Usage.

    The name of the file may have blanks.
    """
    parser = Parser(":import")
    choice_arguments(parser)
    ways = parser.add_mutually_exclusive_group()
    for way in ("update", "new", "twice"):
        ways.add_argument(f"--{way}", dest="again", action="store_const", const=way, default="")
    args, words = parser.parse_known_args(text.split(" "))
    return " ".join(words).strip(), args.again, choices_of(args)
