"""The arguments of a call: read, refused in the user's language, and listed for completion.

All that is used of argparse beyond what it promises to keep is here, and can be done without.
"""

from __future__ import annotations

import argparse
from functools import partial
from typing import Any, NoReturn

from tracker import config
from tracker.domain.errors import BadInput
from tracker.language import N_, _, ngettext

_WIDTH = 78
# What argparse says of its own accord, for the catalogue.
_SAID_BY_ARGPARSE = (
    N_("usage: "),
    N_("positional arguments"),
    N_("options"),
    N_("argument %(argument_name)s: %(message)s"),
    N_("the following arguments are required: %s"),
    N_("unrecognized arguments: %s"),
    N_("invalid choice: %(value)r (choose from %(choices)s)"),
    N_("expected one argument"),
    N_("expected at least one argument"),
    N_("ignored explicit argument %r"),
)


class Usage(BadInput):
    """The words do not fit the call; `usage` is how it is made."""

    def __init__(self, problem: str, usage: str = "") -> None:
        self.usage = usage
        super().__init__("{problem}", problem=problem)


class Parser(argparse.ArgumentParser):
    """An argument parser that raises Usage instead of leaving, and speaks the user's language."""

    def __init__(self, prog: str, **options: Any) -> None:
        if config.private_parts():
            # Its messages are taken from our catalogue; it offers no other door. Without, they
            # are English.
            vars(argparse).update(_=_, ngettext=ngettext)
        # A width that is given spares argparse an import to find it out.
        form = partial(argparse.HelpFormatter, width=_WIDTH)
        super().__init__(prog, add_help=False, allow_abbrev=False, formatter_class=form, **options)

    def error(self, message: str) -> NoReturn:
        """Raise Usage."""
        raise Usage(message, self.format_usage())

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Read the words; of several places the last may be filled on both sides of options."""
        if len(self.places) > 1 and self.places[-1].nargs == "*":
            return self.parse_intermixed_args(args, namespace)
        return super().parse_args(args, namespace)

    @property
    def options(self) -> list[argparse.Action]:
        """The options it knows; none where argparse does not say."""
        return [action for action in self._known() if action.option_strings]

    @property
    def places(self) -> list[argparse.Action]:
        """The arguments that are known by their place; none where argparse does not say."""
        return [action for action in self._known() if not action.option_strings]

    def _known(self) -> list[argparse.Action]:
        return getattr(self, "_actions", []) if config.private_parts() else []
