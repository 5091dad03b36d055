"""Which version of the program this is, down to the commit it was built from."""

from __future__ import annotations

import os

_HERE = os.path.dirname(os.path.abspath(__file__))
# Put beside this file by the build; never in a checkout.
COMMIT = os.path.join(_HERE, "COMMIT")


def full() -> str:
    """Return the version as people quote it, such as "0.1.0 (1a2b3c4d5)"."""
    from tracker import __version__

    built_from = commit()
    return f"{__version__} ({built_from})" if built_from else __version__


def commit() -> str:
    """Return the commit this program was built from, or that of the checkout it runs in.

    A + after it marks a checkout with changes since. Empty when unknown.
    """
    return of_checkout(os.path.dirname(_HERE)) or _kept()


def of_checkout(root: str) -> str:
    """Return the commit of the checkout at `root`; empty when there is none, or no git."""
    if not os.path.exists(os.path.join(root, ".git")):
        return ""
    import subprocess

    call = ["git", "-C", root, "describe", "--always", "--abbrev=9", "--exclude=*", "--dirty=+"]
    try:
        done = subprocess.run(call, capture_output=True, text=True, check=True)  # noqa: S603  # git
        return done.stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def _kept() -> str:
    try:
        with open(COMMIT, encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return ""
