"""The database server that tests of the store share."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from tests.store.postgres import Server, running
from tracker.store import workspaces
from tracker.store.address import Address


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """Start a server with a database `plans` that is set up."""
    with running() as server:
        server.create("plans")
        yield server


@pytest.fixture
def place(postgres: Server) -> Address:
    """Make an empty workspace of anna's."""
    address = Address(postgres.url("anna"), f"erp-{uuid.uuid4().hex[:8]}")
    workspaces.init(address)
    return address
