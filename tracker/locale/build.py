"""Adds at build what is not written by hand: compiled catalogues, and the commit.

`python tracker/locale/build.py` collects the messages from the code into each catalogue, keeps
what is translated, drops what is no longer said, and names what is missing.
"""

from __future__ import annotations

import os
import runpy
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HERE = Path(__file__).parent
# The errors that take a sentence as it is written.
ERRORS = (
    "TrackerError",
    "Refused",
    "Already",
    "NotFound",
    "BadInput",
    "NoDate",
    "NoSuchDay",
    "StoreError",
    "Busy",
    "Removed",
    "Damaged",
    "TooNew",
    "Unreachable",
    "Unsettled",
)
# What takes a message, and where in its arguments the message and its plural are.
KEYWORDS: dict[str, Any] = {
    "_": None,
    "N_": None,
    "ngettext": (1, 2),
    "sentence": None,
    "counted": (1, 2),
    **dict.fromkeys(ERRORS),
}
_VOLATILE = ('"POT-Creation-Date', '"PO-Revision-Date', '"Generated-By', "# ")


class BuildHook(BuildHookInterface[BuilderConfig]):
    """Hatchling's hook: nothing is built without its languages, and it knows its commit."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile before the files are collected, and add the commit of the checkout."""
        compile_all()
        # An editable install asks the checkout itself; a source distribution has it written down.
        # Either way it is put into the archive alike, so that both make the same wheel.
        commit = runpy.run_path(str(HERE.parent / "version.py"))["commit"]()
        if commit and version != "editable":
            self._kept = Path(tempfile.mkdtemp(), "COMMIT")
            self._kept.write_text(commit, "ascii")
            build_data["force_include"][str(self._kept)] = "tracker/COMMIT"

    def finalize(self, *_of_the_build: object) -> None:
        """Remove what was only made for the build."""
        if kept := getattr(self, "_kept", None):
            shutil.rmtree(kept.parent)


def catalogues() -> list[Path]:
    """Return the catalogues there are."""
    return sorted(HERE.glob("*/LC_MESSAGES/tracker.po"))


def compile_all() -> None:
    """Compile every catalogue that has changed since."""
    for path in catalogues():
        compiled = path.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < path.stat().st_mtime:
            # Whoever starts meanwhile reads the old one, or the whole new one.
            new = compiled.with_suffix(f".{os.getpid()}")
            new.write_bytes(in_binary(path))
            new.replace(compiled)


def in_binary(path: Path) -> bytes:
    """Return a catalogue as gettext reads it, the same whenever that is asked."""
    catalogue, out = load(path), BytesIO()
    catalogue.creation_date = datetime.fromtimestamp(0, UTC)
    write_mo(out, catalogue)
    return out.getvalue()


def load(path: Path) -> Catalog:
    """Return a catalogue."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name, domain="tracker")


def messages() -> Catalog:
    """Return the messages the code contains, and the texts of the demo."""
    from tracker import demo  # not there yet when a catalogue is only compiled, at build

    found = Catalog(project="tracker", charset="utf-8")
    for name, _line, message, _comments, _context in extract_from_dir(
        HERE.parent, method_map=[("**.py", "python")], keywords=KEYWORDS
    ):
        if message:
            found.add(message, locations=[(f"tracker/{name}", 0)])
    for text in demo.texts():
        found.add(text)
    return found


def update(path: Path, template: Catalog) -> list[str]:
    """Bring a catalogue up to date; return the messages that have no translation."""
    catalogue = load(path)
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    out = BytesIO()
    write_po(out, catalogue, width=100, no_location=True, sort_output=True)
    lines = out.getvalue().decode().splitlines(keepends=True)
    # A catalogue changes when a message does, not when somebody looks at it.
    path.write_text("".join(line for line in lines if not line.startswith(_VOLATILE)), "utf-8")
    return missing(catalogue)


def missing(catalogue: Catalog) -> list[str]:
    """Return the messages that have no translation, or lack a plural form."""
    found = []
    for message in catalogue:
        if message.id:
            forms = message.string if isinstance(message.string, tuple | list) else [message.string]
            if not all(forms) or message.fuzzy:
                found.append(message.id if isinstance(message.id, str) else message.id[0])
    return found


def main() -> int:
    """Update and compile every catalogue; 1 if a translation is missing."""
    template = messages()
    gaps = [(path, message) for path in catalogues() for message in update(path, template)]
    for path, message in gaps:
        sys.stdout.write(f"{path.parent.parent.name}: {message!r} is not translated\n")
    compile_all()
    return 1 if gaps else 0


if __name__ == "__main__":
    sys.exit(main())
