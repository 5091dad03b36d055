"""A project tracker for the terminal whose plans may run backwards."""

import signal
import sys

if "typing_extensions" not in sys.modules:
    # msgspec takes from it what typing has as well, and does without it where it is not installed;
    # it imports `inspect`, and together they cost a call of the shell more than its own work.
    sys.modules["typing_extensions"] = None  # type: ignore[assignment]  # as if not installed
    # Interrupted while it is loaded, it may take the process with it.
    _before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    import msgspec  # noqa: F401  # imported before anybody else does

    del sys.modules["typing_extensions"]
    signal.pthread_sigmask(signal.SIG_SETMASK, _before)

__version__ = "0.2.0"
