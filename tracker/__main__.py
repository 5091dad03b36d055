"""Where the program begins: `tracker`, and `python -m tracker`."""

from __future__ import annotations

import signal
import sys


def main() -> int:
    """Run the program; Ctrl+C waits until there is somebody to answer it.

    Extension modules do not take kindly to being interrupted while they are loaded.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    from tracker import cli

    try:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return cli.main()
    except KeyboardInterrupt:
        return cli.INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
