"""What a log on a server has to keep beyond what every log keeps: lost answers, locks, news."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from tests.store.postgres import Server, pooled
from tests.store.writers import AT, add
from tests.waiting import eventually
from tracker.domain.errors import Busy, StoreError
from tracker.store import server, server_check, server_log, server_news, workspaces
from tracker.store.address import Address
from tracker.store.log import Overtaken
from tracker.store.server import Unreachable
from tracker.store.server_check import check
from tracker.store.server_log import ServerLog, Unsettled
from tracker.store.store import Store


@contextmanager
def opened(*places: Address) -> Iterator[list[Store]]:
    stores = [Store.open(place) for place in places]
    try:
        yield stores
    finally:
        for store in stores:
            store.close()


def titles(store: Store) -> list[str]:
    return [task.title for task in store.workspace.tasks.values()]


def bobs(place: Address) -> Address:
    """Make bob a writer, and return the place as he reaches it."""
    workspaces.set_member(place, "bob", "writer")
    return Address(place.server.replace("anna@", "bob@"), place.workspace)


def log_of(store: Store) -> ServerLog:
    log = store._journal.log
    assert isinstance(log, ServerLog)
    return log


class Cut:
    """A connection that the server ends before or after one of the statements it is sent."""

    def __init__(self, real: Any, postgres: Server, statement: str, when: str) -> None:
        self._real, self._postgres = real, postgres
        self._statement, self._when = statement, when

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def _end(self) -> None:
        self._statement = "\0"
        with self._postgres.superuser("plans") as root:
            root.execute("SELECT pg_terminate_backend(%s, 5000)", (self._real.info.backend_pid,))

    def execute(self, question: Any, values: Any = (), **more: Any) -> Any:
        text = question.decode() if isinstance(question, bytes) else question
        mine = text.startswith(self._statement)
        if mine and self._when == "before":
            self._answered()
            self._end()
        found = self._real.execute(question, values, **more)
        if mine and self._when == "after":
            self._answered()
            self._end()
            # The answer never came: what is told is what the next use would tell.
            return self._real.execute("SELECT 1")
        return found

    def _answered(self) -> None:
        """Wait until the server has done what was sent in one message with others."""
        if self._real.info.pipeline_status:
            with self._real.pipeline():
                pass

    @contextmanager
    def cursor(self) -> Iterator[Any]:
        if self._statement.startswith("BEGIN"):
            self._end()
        with self._real.cursor() as cursor:
            yield cursor


# Every step of a commit: the lock, what is read under it, the line, the end of the transaction.
STEPS = [("BEGIN", "before")] + [
    (statement, when)
    for statement in ("SELECT line", "SELECT tracker.append", "COMMIT")
    for when in ("before", "after")
]


@pytest.mark.parametrize(("statement", "when"), STEPS)
def test_a_connection_may_be_cut_at_every_step_of_a_commit(
    postgres: Server, place: Address, statement: str, when: str
) -> None:
    with opened(place, bobs(place)) as (anna, bob):
        bob.commit(add("before"), at=AT, who="bob")
        log = log_of(anna)
        log._connection = Cut(log._connection, postgres, statement, when)  # type: ignore[assignment]
        record = anna.commit(add("cut"), at=AT, who="anna")
        assert record.seq == 2
        bob.catch_up()
        assert titles(bob) == titles(anna) == ["before", "cut"]
        anna.commit(add("after"), at=AT, who="anna")
        assert [record.seq for record in bob.catch_up()] == [3]


@pytest.mark.parametrize("statement", ["SELECT number", "SELECT id", "SELECT set_config"])
def test_a_connection_that_is_cut_as_a_workspace_is_opened_is_told_of(
    postgres: Server, place: Address, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    real = server.connect

    def cut(*arguments: Any, **named: Any) -> Any:
        return Cut(real(*arguments, **named), postgres, statement, "before")

    monkeypatch.setattr(server, "connect", cut)
    with pytest.raises(Unreachable, match="cannot be reached"):
        Store.open(place)


def test_a_connection_that_is_cut_at_the_end_of_a_check_is_told_of(
    postgres: Server, place: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(connection: Any, *_more: Any) -> list[Any]:
        with postgres.superuser("plans") as root:
            root.execute("SELECT pg_terminate_backend(%s, 5000)", (connection.info.backend_pid,))
        return []

    monkeypatch.setattr(server_check, "_contents", cut)
    with pytest.raises(Unreachable, match="cannot be reached"):
        check(place)


def test_a_second_cut_while_it_is_looked_for_makes_nothing_twice(
    postgres: Server, place: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = server.connect

    def cut_again(*arguments: Any, **named: Any) -> Any:
        monkeypatch.setattr(server, "connect", real)
        return Cut(real(*arguments, **named), postgres, "SELECT change", "before")

    with opened(place) as [anna]:
        log = log_of(anna)
        log._connection = Cut(log._connection, postgres, "COMMIT", "after")  # type: ignore[assignment]
        monkeypatch.setattr(server, "connect", cut_again)
        with pytest.raises(Unsettled, match="nobody can say yet"):
            anna.commit(add("once"), at=AT, who="anna")
        with pytest.raises(StoreError, match="was stored after all, as record 1"):
            anna.commit(add("twice"), at=AT, who="anna")
        anna.catch_up()
        assert titles(anna) == ["once"]


def test_a_line_that_cuts_every_connection_is_not_sent_without_end(
    postgres: Server, place: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, sent = server.connect, "SELECT tracker.append"
    monkeypatch.setattr(server_log, "_FIND_OUT", 1.0)
    with opened(place) as [anna]:
        anna.patience = 1.0
        log = log_of(anna)
        log._connection = Cut(log._connection, postgres, sent, "before")  # type: ignore[assignment]

        def cut(*arguments: Any, **named: Any) -> Any:
            return Cut(real(*arguments, **named), postgres, sent, "before")

        monkeypatch.setattr(server, "connect", cut)
        with pytest.raises(Unreachable, match="cannot be reached"):
            anna.commit(add("too large for a box on the way"), at=AT, who="anna")
        monkeypatch.setattr(server, "connect", real)
    with opened(place) as [anna]:
        anna.commit(add("small"), at=AT, who="anna")
        assert titles(anna) == ["small"]


def test_what_others_write_during_a_repair_is_no_damage(place: Address) -> None:
    over = threading.Event()

    def write(store: Store) -> None:
        while not over.is_set():
            store.commit(add("more"), at=AT, who="bob")

    with opened(bobs(place)) as [bob]:
        writer = threading.Thread(target=write, args=(bob,))
        writer.start()
        try:
            for _ in range(10):
                server_check.repair(place, at=AT)
        finally:
            over.set()
            writer.join()
    assert [finding for finding in check(place) if finding.grave] == []


def test_lines_are_kept_as_they_are_whatever_encoding_is_set(
    place: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    with opened(place, place) as (anna, other):
        anna.commit(add("Prüfung – 漢"), at=AT, who="anna")
        other.catch_up()
        assert titles(other) == ["Prüfung – 漢"]


def test_a_line_that_was_overtaken_meanwhile_is_decided_anew(
    postgres: Server, place: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(place, bobs(place)) as (anna, bob):
        log = log_of(anna)
        log._connection = Cut(log._connection, postgres, "COMMIT", "before")  # type: ignore[assignment]
        real = ServerLog._found

        def late(self: ServerLog, *args: Any, **more: Any) -> bool:
            if self is log:
                bob.commit(add("first"), at=AT, who="bob")
            return real(self, *args, **more)

        monkeypatch.setattr(ServerLog, "_found", late)
        record = anna.commit(add("second"), at=AT, who="anna")
        assert (record.seq, record.change.edits[0].entity.id) == (2, 2)
        assert titles(anna) == ["first", "second"]


def test_what_nobody_could_tell_is_told_with_the_next_change_and_not_done_twice(
    postgres: Server, place: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_log, "_FIND_OUT", 0.0)
    with opened(place) as [anna]:
        anna.patience = 0.0
        log = log_of(anna)
        log._connection = Cut(log._connection, postgres, "COMMIT", "after")  # type: ignore[assignment]
        real = server.connect

        def unreachable(address: Address, **_: Any) -> Any:
            raise server.Unreachable("{address} cannot be reached.", address=address.shown)

        monkeypatch.setattr(server, "connect", unreachable)
        with pytest.raises(Unsettled, match="nobody can say yet"):
            anna.commit(add("once"), at=AT, who="anna")
        assert titles(anna) == []
        with pytest.raises(Busy, match="cannot be reached"):
            anna.commit(add("once"), at=AT, who="anna")
        monkeypatch.setattr(server, "connect", real)
        with pytest.raises(StoreError, match="was stored after all, as record 1"):
            anna.commit(add("once"), at=AT, who="anna")
        anna.catch_up()
        assert titles(anna) == ["once"]
        anna.commit(add("twice, meant"), at=AT, who="anna")
        assert len(titles(anna)) == 2


def test_who_waits_too_long_hears_who_holds_it(place: Address) -> None:
    with opened(place, bobs(place)) as (anna, bob):
        bob.patience = 0.05
        with anna.lock("anna"), pytest.raises(Busy, match=r"by anna \(process \d+ on ") as busy:
            bob.commit(add("x"), at=AT, who="bob")
        assert busy.value.who == "anna"
        bob.patience = 0.0
        with anna.lock("anna"), pytest.raises(Busy):
            bob.commit(add("x"), at=AT, who="bob")
        bob.commit(add("x"), at=AT, who="bob")


def test_who_holds_it_is_told_whatever_they_call_themselves(
    postgres: Server, place: Address
) -> None:
    other = Address(place.server, place.workspace + "-2")
    workspaces.init(other)
    with opened(place, bobs(place), other) as (anna, _, elsewhere):
        key = log_of(anna)._key
        with server.connect(Address(postgres.url("bob")), "nobody \x1b[2J") as connection:
            anna.patience = 0.05
            with elsewhere.lock("anna"), connection.transaction():
                connection.execute("SAVEPOINT here")
                connection.execute("SELECT tracker.hold(%s, true)", (key,))
                with pytest.raises(Busy, match="is being changed by bob"):
                    anna.commit(add("x"), at=AT, who="anna")
        anna.commit(add("x"), at=AT, who="anna")


def test_names_mean_what_the_server_means_by_them(place: Address) -> None:
    # Whoever may create schemas can have one that is searched beside the server's own.
    with opened(place) as [anna]:
        connection = log_of(anna)._connection
        assert connection is not None
        assert connection.execute("SHOW search_path").fetchone() == ("pg_catalog",)


def test_what_a_server_refuses_leaves_no_text_in_its_log(postgres: Server, place: Address) -> None:
    with opened(place, bobs(place)) as (anna, bob):
        with postgres.superuser() as root:
            root.execute("ALTER SYSTEM SET log_min_messages = 'warning'")
            root.execute("SELECT pg_reload_conf()")
        real = ServerLog._append_and_commit

        def late(self: ServerLog, connection: Any, line: Any) -> None:
            with postgres.superuser("plans") as root:
                root.execute("UPDATE tracker.member SET level = 'reader' WHERE login = 'bob'")
            real(self, connection, line)

        log = log_of(bob)
        log._append_and_commit = late.__get__(log)  # type: ignore[method-assign]
        try:
            with pytest.raises(StoreError, match="You may read"):
                bob.commit(add("Kündigung Meier"), at=AT, who="bob")
            anna.commit(add("x"), at=AT, who="anna")
            written = (postgres.folder / "log").read_text()
        finally:
            with postgres.superuser() as root:
                root.execute("ALTER SYSTEM RESET log_min_messages")
                root.execute("SELECT pg_reload_conf()")
    assert "may be read only" in written
    assert "tracker.append" in written
    assert "Meier" not in written


def test_deadlocks_and_failed_serialisation_are_tried_again(place: Address) -> None:
    with opened(place) as [anna]:
        log = log_of(anna)
        for code in ("40001", "40P01"):
            log._connection = Failing(log._connection, code)  # type: ignore[assignment]
            anna.commit(add(code), at=AT, who="anna")
        assert titles(anna) == ["40001", "40P01"]


def test_a_lock_that_another_transaction_has_spoilt_is_taken_again(
    place: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(place) as [anna]:
        take, failing = ServerLog._take, [Overtaken("erp")]

        def spoilt(log: ServerLog, give_up: float) -> None:
            if failing:
                raise failing.pop()
            take(log, give_up)

        monkeypatch.setattr(ServerLog, "_take", spoilt)
        anna.commit(add("Konzept"), at=AT, who="anna")
        assert titles(anna) == ["Konzept"]


def test_a_checkpoint_of_what_was_set_aside_meanwhile_is_left_and_ends_nothing(
    place: Address,
) -> None:
    with opened(place) as [anna]:
        for title in ("Konzept", "Firewall"):
            anna.commit(add(title), at=AT, who="anna")
        with server.connect(place) as owner:
            owner.execute("SELECT tracker.set_aside(%s, 2)", (log_of(anna)._key,))
        with pytest.raises(Busy):
            anna.checkpoint()
    with opened(place) as [anna]:
        assert titles(anna) == ["Konzept"]


def test_whatever_a_role_is_set_to_its_changes_are_kept_and_read(
    place: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {
        "DateStyle": "German",
        "row_security": "off",
        "standard_conforming_strings": "off",
        "synchronous_commit": "off",
        "default_transaction_isolation": "serializable",
        "client_min_messages": "debug5",
        "bytea_output": "escape",
        "TimeZone": "Asia/Kathmandu",
        "IntervalStyle": "sql_standard",
    }
    monkeypatch.setenv("PGOPTIONS", " ".join(f"-c {name}={to}" for name, to in told.items()))
    with opened(place) as [anna]:
        anna.commit(add("Größe \\ 'eins'"), at=AT, who="anna")
        anna.checkpoint()
        connection = log_of(anna)._connection
        assert connection is not None
        assert connection.execute("SHOW synchronous_commit").fetchone() == ("local",)
    with opened(place) as [anna]:
        assert titles(anna) == ["Größe \\ 'eins'"]
    [here] = [each for each in workspaces.listed(place) if each.name == place.workspace]
    assert here.created.tzinfo
    assert not [finding for finding in check(place) if finding.grave]


class Failing:
    """A connection whose first COMMIT ends as one does that another transaction has spoilt."""

    def __init__(self, real: Any, code: str) -> None:
        self._real, self._code = real, code

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def execute(self, question: Any, values: Any = (), **more: Any) -> Any:
        if self._code and question == "COMMIT":
            code, self._code = self._code, ""
            raised = f"DO $$ BEGIN RAISE EXCEPTION 'spoilt' USING ERRCODE = '{code}'; END $$"
            return self._real.execute(raised)
        return self._real.execute(question, values, **more)


def test_others_are_heard_of_with_the_last_connection_that_a_role_may_have(
    place: Address, postgres: Server
) -> None:
    with postgres.superuser() as root:
        root.execute("ALTER ROLE bob CONNECTION LIMIT 2")
    try:
        with opened(place, bobs(place)) as [anna, bob]:
            heard = threading.Event()
            bob.watch(heard.set)
            anna.commit(add("Konzept"), at=AT, who="anna")
            assert heard.wait(60)
            eventually(lambda: bob.trouble is None and bob.catch_up())
            assert titles(bob) == ["Konzept"]
    finally:
        with postgres.superuser() as root:
            root.execute("ALTER ROLE bob CONNECTION LIMIT -1")


def test_a_server_that_answers_no_more_is_waited_for_and_told_of(
    place: Address, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_news, "_ANSWER", 1.0)
    monkeypatch.setattr(server, "_ANSWER", 3.0)
    monkeypatch.setattr(server_log, "_FIND_OUT", 1.0)
    with passed_on(postgres.port) as (port, silent):
        there = Address(place.server.replace(f":{postgres.port}/", f":{port}/"), place.workspace)
        with opened(there) as [anna]:
            anna.watch(lambda: None)
            anna.commit(add("Konzept"), at=AT, who="anna")
            silent.set()
            eventually(lambda: anna.trouble)
            anna.patience = 0.0
            with pytest.raises(StoreError):
                anna.commit(add("Firewall"), at=AT, who="anna")
            silent.clear()
            eventually(lambda: anna.trouble is None)
            assert titles(anna) == ["Konzept"]


@pytest.mark.parametrize(
    "act",
    [lambda store: store.record(1), lambda store: store.commit(add("Dritte"), at=AT, who="anna")],
    ids=["reading", "the_lock"],
)
def test_what_changes_nothing_is_not_waited_for_as_long(
    place: Address,
    postgres: Server,
    monkeypatch: pytest.MonkeyPatch,
    act: Callable[[Store], object],
) -> None:
    with passed_on(postgres.port) as (port, silent):
        there = Address(place.server.replace(f":{postgres.port}/", f":{port}/"), place.workspace)
        with opened(there) as [anna]:
            for title in ("Konzept", "Firewall"):
                anna.commit(add(title), at=AT, who="anna")
            monkeypatch.setattr(server_log, "_READ", 0.5)
            monkeypatch.setattr(server, "_LIBPQ", {**server._LIBPQ, "connect_timeout": 2})
            anna.patience = 0.0
            silent.set()
            begun = time.monotonic()
            with pytest.raises(Unreachable, match="does not answer"):
                act(anna)
            assert time.monotonic() - begun < 10
            silent.clear()
            assert [record.seq for record in anna.records()] == [1, 2]


def test_on_leaving_a_server_that_answers_no_more_is_tried_once_and_not_for_long(
    place: Address, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[float] = []
    connect = server.connect

    def counted(address: Address, purpose: str = "tracker", patience: float = 0.0) -> Any:
        tried.append(patience)
        return connect(address, purpose, patience)

    with passed_on(postgres.port) as (port, silent):
        there = Address(place.server.replace(f":{postgres.port}/", f":{port}/"), place.workspace)
        with opened(there) as [anna]:
            anna.commit(add("Konzept"), at=AT, who="anna")
            monkeypatch.setattr(server, "connect", counted)
            silent.set()
            anna.settle()
        assert tried == [server_log._LEAVING]
        silent.clear()


def first_question(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_BEGIN", "SELECT pg_sleep(8)")


def introduction(monkeypatch: pytest.MonkeyPatch) -> None:
    def introduce(_log: ServerLog, connection: Any) -> None:
        connection.execute("SELECT pg_sleep(8)")

    monkeypatch.setattr(ServerLog, "_introduce", introduce)


@pytest.mark.parametrize("unanswered", [first_question, introduction])
def test_who_is_let_in_and_not_answered_waits_as_for_any_server_that_is_not_reached(
    place: Address,
    monkeypatch: pytest.MonkeyPatch,
    unanswered: Callable[[pytest.MonkeyPatch], None],
) -> None:
    with opened(place) as [anna]:
        anna.commit(add("Konzept"), at=AT, who="anna")
        monkeypatch.setattr(server, "_CONNECT", 0.3)
        monkeypatch.setattr(server_log, "_READ", 0.3)
        unanswered(monkeypatch)
        anna.patience = 0.0
        lose(anna)
        begun = time.monotonic()
        with pytest.raises(Unreachable, match="does not answer"):
            anna.record(1)
        with pytest.raises(Unreachable, match="does not answer"):
            anna.commit(add("Firewall"), at=AT, who="anna")
        with pytest.raises(Unreachable, match="does not answer"):
            Store.open(place)
        assert time.monotonic() - begun < 5
        monkeypatch.undo()
        anna.commit(add("Firewall"), at=AT, who="anna")


@pytest.mark.parametrize("unanswered", [first_question, introduction])
def test_who_is_let_in_and_not_answered_can_leave_at_once(
    place: Address,
    monkeypatch: pytest.MonkeyPatch,
    unanswered: Callable[[pytest.MonkeyPatch], None],
) -> None:
    with opened(place) as [anna]:
        unanswered(monkeypatch)
        lose(anna)
        log = log_of(anna)
        before = log._newest
        refused: list[StoreError] = []

        def commit() -> None:
            try:
                anna.commit(add("Firewall"), at=AT, who="anna")
            except StoreError as error:
                refused.append(error)

        waiting = threading.Thread(target=commit)
        waiting.start()
        eventually(lambda: log._newest is not before)
        anna.hang_up()
        waiting.join(2)
        assert not waiting.is_alive()
        assert refused
        [told] = map(str, anna.notices)
        assert "what you did last is not stored in" in told


def test_of_a_long_answer_the_rest_is_not_waited_for_once_it_is_given_up(place: Address) -> None:
    with opened(place) as [anna]:
        connection = log_of(anna)._connection
        assert connection is not None
        taken: list[int] = []

        def answer() -> Generator[Any, Any, None]:
            for piece in range(100):
                taken.append(piece)
                if piece == 3:
                    server.give_up(connection)
                yield server.driver().waiting.Wait.W

        with pytest.raises(server.driver().OperationalError, match="does not answer"):
            connection.wait(answer())
        assert taken == [0, 1, 2, 3]
        assert connection.closed


def lose(store: Store) -> None:
    connection = log_of(store)._connection
    assert connection is not None
    connection.close()


@contextmanager
def passed_on(port: int) -> Iterator[tuple[int, threading.Event]]:
    """Stand before a server; what comes while it is `silent` goes nowhere, on any connection."""
    silent = threading.Event()

    def pass_on(here: socket.socket, there: socket.socket) -> None:
        with here, suppress(OSError):
            while said := here.recv(65_536):
                if not silent.is_set():
                    there.sendall(said)
        with suppress(OSError):
            there.shutdown(socket.SHUT_RDWR)

    def meet(door: socket.socket) -> None:
        with suppress(OSError):
            while True:
                here, there = door.accept()[0], socket.create_connection(("127.0.0.1", port))
                for ends in ((here, there), (there, here)):
                    threading.Thread(target=pass_on, args=ends, daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as door:
        threading.Thread(target=meet, args=(door,), daemon=True).start()
        yield door.getsockname()[1], silent
        door.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("when", ["before", "after"])
def test_who_interrupts_the_wait_for_an_answer_is_told_that_nobody_knows(
    place: Address, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    real = ServerLog._append_and_commit

    def interrupted(log: ServerLog, *arguments: Any) -> None:
        if when == "after":
            real(log, *arguments)
        raise KeyboardInterrupt

    with opened(place) as (anna,), monkeypatch.context() as once:
        once.setattr(ServerLog, "_append_and_commit", interrupted)
        with pytest.raises(KeyboardInterrupt):
            anna.commit(add("x"), at=AT, who="anna")
        [told] = map(str, anna.notices)
        assert told.startswith("You left before the server answered: what you did last may be")
    with opened(place) as (anna,):
        assert titles(anna) == (["x"] if when == "after" else [])


@pytest.mark.parametrize("speaks", [True, False])
def test_others_are_heard_of_whether_the_server_speaks_or_has_to_be_asked(
    place: Address, monkeypatch: pytest.MonkeyPatch, speaks: bool
) -> None:
    if not speaks:
        monkeypatch.setattr(server_news.News, "_speaks", lambda *_: False)
    told = threading.Event()
    with opened(place, bobs(place)) as (anna, bob):
        anna.watch(told.set)
        assert not log_of(anna).changed()
        bob.commit(add("x"), at=AT, who="bob")
        assert told.wait(30)
        assert [record.seq for record in anna.catch_up()] == [1]
        assert anna.catch_up() == []
        anna.commit(add("y"), at=AT, who="anna")
        assert anna.catch_up() == []


def test_through_a_pooler_others_are_asked_for(
    postgres: Server, place: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_news, "_LOOK", 3600.0)
    with pooled(postgres) as port:
        ours, theirs = (
            Address(each.server.replace(str(postgres.port), str(port)), each.workspace)
            for each in (place, bobs(place))
        )
        with opened(ours, theirs) as (anna, bob):
            anna.watch(lambda: None)
            for n in range(3):
                bob.commit(add(str(n)), at=AT, who="bob")
                eventually(log_of(anna).changed)
                assert [record.seq for record in anna.catch_up()] == [n + 1]
            bob.patience = 0.05
            with anna.lock("anna"), pytest.raises(Busy):
                bob.commit(add("x"), at=AT, who="bob")
            anna.commit(add("y"), at=AT, who="anna")


def test_only_members_know_where_records_are_spoken_of_and_nothing_else_is_said(
    postgres: Server, place: Address
) -> None:
    channels = "SELECT channel FROM tracker.workspace WHERE name = %s"
    with opened(place) as [anna], server.connect(bobs(place)) as bob:
        with server.connect(Address(postgres.url("emil"))) as stranger:
            assert stranger.execute(channels, (place.workspace,)).fetchall() == []
        [(channel,)] = bob.execute(channels, (place.workspace,)).fetchall()
        assert len(channel) > 36
        bob.execute(f"LISTEN {channel}".encode())
        anna.commit(add("secret"), at=AT, who="anna")
        [note] = bob.notifies(timeout=30, stop_after=1)
        assert note.payload == ""


def test_what_is_said_on_the_channel_is_looked_into_and_not_believed(
    postgres: Server, place: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_news, "_LOOK", 3600.0)
    asked: list[None] = []
    real = server_news.News._ask

    def counted(self: server_news.News, connection: Any) -> None:
        asked.append(None)
        real(self, connection)

    monkeypatch.setattr(server_news.News, "_ask", counted)
    with opened(place, bobs(place)) as (anna, bob):
        told = threading.Event()
        anna.watch(told.set)
        bob.commit(add("first"), at=AT, who="bob")
        assert told.wait(60)
        anna.catch_up()
        told.clear()
        channel = log_of(anna)._channel
        before, began = len(asked), time.monotonic()
        with server.connect(Address(postgres.url("emil"))) as whoever:
            for n in range(1000):
                words = ("nonsense", f"{n} 999999", "", f"{n} x")[n % 4]
                whoever.execute("SELECT pg_notify(%s, %s)", (channel, words))
        # A flood costs those who listen no more than they give it.
        assert len(asked) - before <= (time.monotonic() - began) / server_news._CALM + 2
        assert not log_of(anna).changed()
        bob.commit(add("second"), at=AT, who="bob")
        assert told.wait(60)
        assert [record.seq for record in anna.catch_up()] == [2]
        assert not log_of(anna).changed()


def test_who_has_it_open_is_seen_by_others(place: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_news, "_LOOK", 0.02)
    with opened(place, bobs(place)) as (anna, bob):
        assert anna.others("anna") == []
        anna.watch(lambda: None)
        bob.watch(lambda: None)
        eventually(lambda: anna.others("anna") == ["bob"] and bob.others("bob") == ["anna"])


def test_news_are_taken_up_again_after_the_connection_was_cut(
    postgres: Server, place: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_news, "_AGAIN", 0.01)
    with opened(place, bobs(place)) as (anna, bob):
        told: list[bool] = []
        anna.watch(lambda: told.append(anna.trouble is not None))
        with postgres.superuser("plans") as root:
            ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {}"
            listening = f"application_name LIKE 'tracker {log_of(anna)._key} screen%'"
            eventually(lambda: root.execute(ended.format(listening)).rowcount == 1)
        bob.commit(add("meanwhile"), at=AT, who="bob")
        eventually(lambda: anna.trouble is None and log_of(anna).changed())
        assert True in told
        assert [record.seq for record in anna.catch_up()] == [1]


def test_a_server_that_has_lost_what_it_confirmed_is_not_believed(
    postgres: Server, place: Address
) -> None:
    with opened(place) as [anna]:
        for n in range(3):
            anna.commit(add(str(n)), at=AT, who="anna")
        with postgres.superuser("plans") as root:
            key = log_of(anna)._key
            root.execute("DELETE FROM tracker.log WHERE workspace = %s AND seq = 3", (key,))
            root.execute(
                "UPDATE tracker.workspace SET seq = 2, seal = (SELECT line::json ->> 'crc'"
                " FROM tracker.log WHERE workspace = %s AND seq = 2) WHERE id = %s",
                (key, key),
            )
        for _ in range(2):
            with pytest.raises(StoreError, match="no longer has record 3 of"):
                anna.catch_up()
            with pytest.raises(StoreError, match="no longer has record 3 of"):
                anna.commit(add("more"), at=AT, who="anna")
        with opened(place) as [bob]:
            bob.commit(add("another"), at=AT, who="anna")
        with pytest.raises(StoreError, match="no longer has record"):
            anna.catch_up()


def test_an_empty_workspace_is_told_from_another_that_has_taken_its_place(
    postgres: Server, place: Address
) -> None:
    with opened(place) as [anna]:
        with postgres.superuser("plans") as root:
            # As in another database of the same name; all that is empty is alike else.
            root.execute(
                "UPDATE tracker.workspace SET channel = 'tracker_another' WHERE id = %s",
                (log_of(anna)._key,),
            )
            root.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE usename = 'anna'"
            )
        for _ in range(2):
            with pytest.raises(StoreError, match="another workspace than before"):
                anna.commit(add("1"), at=AT, who="anna")
    with opened(place) as [again]:
        assert not again.workspace.tasks
        again.commit(add("2"), at=AT, who="anna")


def test_the_store_of_a_file_and_of_a_server_hold_the_same_text(place: Address) -> None:
    title = "Grüße \0 \\u0000 \\\0 漢字 👩‍👩‍👧 \x1b[2J"
    with opened(place, place) as (anna, again):
        anna.commit(add(title), at=AT, who="anna")
        again.catch_up()
        assert titles(again) == [title]
