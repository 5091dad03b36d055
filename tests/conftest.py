"""What every test starts from: compiled catalogues, English, and nobody's own settings."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tracker import language
from tracker.locale import build

if TYPE_CHECKING:
    from tests.store.postgres import Server
    from tracker.store.address import Address

# What tests write need not outlive them: in memory a sync costs nothing, of which they make
# thousands.
_MEMORY, _ROOM = "/dev/shm", 1 << 29  # noqa: S108  # the folder is the system's own
_fits = os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM
if _fits and "TMPDIR" not in os.environ:
    os.environ["TMPDIR"] = _MEMORY
    tempfile.tempdir = None

# The machines are shared and slow at times; a law is not broken by that.
# A gate says the same of the same code, so in CI the examples follow from each law; elsewhere every
# run tries others, and `--hypothesis-profile=long` more of them.
settings.register_profile(
    "ours", deadline=None, print_blob=True, max_examples=50, derandomize="CI" in os.environ
)
settings.register_profile("long", deadline=None, print_blob=True, max_examples=500)
settings.load_profile("ours")


# What would change what the program does, and is nothing of the tests.
_NOT_THEIRS = ("TRACKER_", "XDG_", "LC_", "PG")


@pytest.fixture(scope="session", autouse=True)
def _catalogues() -> None:
    build.compile_all()


@pytest.fixture(autouse=True)
def _nobody(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the settings and data of whoever runs the tests out of them."""
    home = tmp_path_factory.getbasetemp() / "home"
    home.mkdir(exist_ok=True)
    for name in [name for name in os.environ if name.startswith(_NOT_THEIRS)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.delenv("NO_COLOR", raising=False)
    language.use("en")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """Start a database server with a database `plans` that is set up."""
    from tests.store.postgres import running

    with running() as server:
        server.create("plans")
        yield server


@pytest.fixture
def place(postgres: Server) -> Address:
    """Make an empty workspace of anna's on a server."""
    from tracker.store import workspaces
    from tracker.store.address import Address

    address = Address(postgres.url("anna"), f"erp-{uuid.uuid4().hex[:8]}")
    workspaces.init(address)
    return address
