"""Starts the program on terminals from a process that has imported it: a start costs little then.

What is started is a process of its own as by a shell: a session leader on its terminal, with an
environment of its own. As a program it is the server that forks.
"""

from __future__ import annotations

import atexit
import ctypes
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import termios
from collections.abc import Mapping, Sequence
from functools import cache

from tests import ROOT

# The interpreter looks at these before anything is run, so the server cannot set them any more.
_TOO_LATE = ("LC_", "PYTHON", "TEXTUAL_COLOR", "TZ")
_LANG = "C.UTF-8"
_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER, see prctl(2)


def possible(env: Mapping[str, str]) -> bool:
    """Return whether a program with such an environment can be started so."""
    others = [name for name in env if name != "PYTHONPATH"]
    fits = env.get("LANG") == _LANG and not any(name.startswith(_TOO_LATE) for name in others)
    return fits and sys.platform == "linux"


def start(arguments: Sequence[str], env: Mapping[str, str], terminal: int) -> int:
    """Start the program on a terminal, and return its number; it is waited for like a child."""
    wanted = json.dumps([list(arguments), dict(env), os.getcwd()]).encode()
    channel = _server()
    socket.send_fds(channel, [wanted], [terminal])
    return int(channel.recv(20))


@cache
def _server() -> socket.socket:
    # Whose parent has gone becomes our child.
    if ctypes.CDLL(None, use_errno=True).prctl(_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    env = {"PATH": os.environ["PATH"], "LANG": _LANG, "PYTHONPATH": str(ROOT)}
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.warm_start", str(theirs.fileno())],
        env=env | {"OPENBLAS_NUM_THREADS": "1"},
        pass_fds=[theirs.fileno()],
        cwd=ROOT,
    )
    theirs.close()

    def end() -> None:
        ours.close()
        server.wait()

    atexit.register(end)
    return ours


def serve(channel: socket.socket) -> None:
    """Start what is wanted until nobody wants anything more; returns in each that is started."""
    while True:
        wanted, terminals, _flags, _address = socket.recv_fds(channel, 1 << 16, 1)
        if not wanted:
            os._exit(0)
        [terminal] = terminals
        number, told = os.pipe()
        between = os.fork()
        if between == 0:
            started = os.fork()
            if started:
                os.write(told, str(started).encode())
                os._exit(0)
            for end in (number, told, channel.detach()):
                os.close(end)
            _sit_down_at(terminal)
            arguments, env, folder = json.loads(wanted)
            os.environ.clear()
            os.environ.update(env)
            os.chdir(folder)
            sys.argv = ["tracker", *arguments]
            return
        # Until then it is nobody's child who would wait for it.
        os.waitpid(between, 0)
        channel.send(os.read(number, 20))
        for end in (number, told, terminal):
            os.close(end)


def heed_signals() -> None:
    """Heed signals as what a person starts does, whatever is ignored where the tests run."""
    for number in (signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _sit_down_at(terminal: int) -> None:
    """Make a terminal that of this process, from which it reads and to which it writes."""
    heed_signals()
    os.setsid()
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    for number in range(3):
        os.dup2(terminal, number)
    os.close(terminal)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        mode, buffering = ("w", 1) if number else ("r", -1)
        stream = open(number, mode, buffering, encoding="utf-8", closefd=False)  # noqa: SIM115  # stays
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


if __name__ == "__main__":
    from tracker import cli
    from tracker.tui import app  # noqa: F401  # imported before it is wanted
    from tracker.tui.board import screen  # noqa: F401  # likewise

    serve(socket.socket(fileno=int(sys.argv[1])))
    sys.exit(cli.main())
