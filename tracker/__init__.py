"""A project tracker for the terminal whose plans may run backwards."""

import sys

if "typing_extensions" not in sys.modules:
    # msgspec takes from it what typing has as well, and does without it where it is not installed;
    # it imports `inspect`, and together they cost a call of the shell more than its own work.
    sys.modules["typing_extensions"] = None  # type: ignore[assignment]  # as if not installed
    import msgspec  # noqa: F401  # imported before anybody else does

    del sys.modules["typing_extensions"]

__version__ = "0.2.0"
