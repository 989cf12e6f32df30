"""SQLite: a file, asked by threads of its own.

Each thread has a connection and takes what waits in one go: under load a question costs no wake-up
of its own, neither of the thread nor of the event loop. Writers wait for each other in SQLite.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import ClassVar, Final

from sipway.errors import DatabaseDownError, DatabaseError
from sipway.stores.databases.guard import Guard
from sipway.stores.databases.interface import Answer, AskLater, AtOnce, Row, Value
from sipway.stores.databases.questions import Values
from sipway.stores.databases.sql import SqlDatabase, in_order, left_open
from sipway.stores.databases.sqlite_at_once import ShortQuestions
from sipway.stores.databases.statements import Dialect, Question, Statement
from sipway.stores.databases.times import Moment, julian_day, of_julian_day

THREADS: Final = 3
_JOURNAL_MODES: Final = ("delete", "truncate", "persist", "memory", "wal", "off")

Keep = Callable[[Value], Value]
GivenUp = Callable[[], bool]
"""Whether nobody waits for the answer any more."""
Work = Callable[[sqlite3.Connection, GivenUp], Answer]


class SqliteDatabase(SqlDatabase):
    """The database in a file.

    path           the file; ":memory:" is a database that is gone with the object
    read_only      never write to it, nor make it
    journal_mode   as PRAGMA journal_mode takes it, None leaves it as the file has it
    busy_seconds   how long to wait while another process has it locked
    create         make the file if there is none
    """

    # In double quotes SQLite takes a name that no column has for a text.
    dialect: ClassVar[Dialect] = Dialect("`", lambda _: "?")

    def __init__(
        self,
        path: str,
        shown: str,
        guard: Guard,
        *,
        read_only: bool = False,
        journal_mode: str | None = None,
        busy_seconds: float = 5.0,
        create: bool = True,
    ) -> None:
        super().__init__(shown, guard)
        if journal_mode is not None and journal_mode.lower() not in _JOURNAL_MODES:
            known = ", ".join(_JOURNAL_MODES)
            raise DatabaseError(f"there is no journal mode {journal_mode}: {known} are known")
        self._path = path
        self._read_only = read_only
        self._create = create
        self._journal_mode = journal_mode
        self._busy_seconds = busy_seconds
        self._many = 1 if path == ":memory:" else THREADS
        self._waiting: deque[tuple[Work, asyncio.Future[Answer]]] = deque()
        self._wake = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._idle = 0
        self._closing = False
        self._done: deque[tuple[asyncio.Future[Answer], Answer | DatabaseError]] = deque()
        self._told = False
        self._running: dict[asyncio.Future[Answer], sqlite3.Connection] = {}
        self._at_once = None if path == ":memory:" else ShortQuestions(self._connected_at_once)

    async def first(
        self,
        table: str,
        columns: tuple[str, ...],
        keys: tuple[str, ...],
        values: tuple[Value, ...],
    ) -> Row | None:
        if self._at_once is not None:
            row = self._at_once.first(self._question(table, columns, keys).text, values)
            if not isinstance(row, AskLater):
                return row
        return await super().first(table, columns, keys, values)

    def first_at_once(
        self, table: str, columns: tuple[str, ...], keys: tuple[str, ...]
    ) -> AtOnce | None:
        if self._at_once is None:
            return None
        return partial(self._at_once.first, self._question(table, columns, keys).text)

    async def close(self) -> None:
        if self._at_once is not None:
            self._at_once.close()
        with self._wake:
            self._closing = True
            self._wake.notify_all()
        threads, self._threads = self._threads, []
        for thread in threads:
            await asyncio.get_running_loop().run_in_executor(None, thread.join)
        self._closing = False
        self._idle = 0

    async def _carry_out(self, text: str, values: tuple[Value, ...]) -> Answer:
        return await self._in_thread(
            lambda connection, _: carry_out_one(connection, text, values, self._kept)
        )

    async def _carry_out_questions(
        self, question: Question, values: Sequence[Values]
    ) -> list[Row | None]:
        def work(connection: sqlite3.Connection, _: GivenUp) -> Answer:
            found: list[Row] = []
            for at, each in enumerate(values):
                rows = connection.execute(question.text, tuple(map(self._kept, each))).fetchall()
                found += [(at, *row) for row in rows]
            return Answer((), found)

        return in_order(await self._in_thread(work), len(values))

    async def _carry_out_all(self, made: Sequence[Statement]) -> None:
        await self._in_thread(
            lambda connection, given_up: carry_out_all(connection, made, self._kept, given_up)
        )

    @staticmethod
    def _kept(value: Value) -> Value:
        """A value as the file keeps it."""
        return julian_day(value) if type(value) is Moment else value

    async def _in_thread(self, work: Work) -> Answer:
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        with self._wake:
            self._waiting.append((work, future))
            if self._idle:
                self._wake.notify()
            elif len(self._threads) < self._many:
                thread = threading.Thread(
                    target=self._serve,
                    args=(asyncio.get_running_loop(),),
                    name=f"sqlite {self._path}",
                    daemon=True,
                )
                self._threads.append(thread)
                thread.start()
        try:
            return await future
        except asyncio.CancelledError:
            connection = self._running.get(future)
            if connection is not None:
                connection.interrupt()
            raise

    # --- in a thread -------------------------------------------------------------------------

    def _serve(self, loop: asyncio.AbstractEventLoop) -> None:
        connection: sqlite3.Connection | None = None
        while True:
            with self._wake:
                self._idle += 1
                while not self._waiting and not self._closing:
                    self._wake.wait()
                self._idle -= 1
                if not self._waiting:
                    break
                work, future = self._waiting.popleft()
            if future.cancelled():
                continue
            result: Answer | DatabaseError
            try:
                if connection is None:
                    connection = self._connect()
                self._running[future] = connection
                result = work(connection, future.cancelled)
                if connection.in_transaction:  # a statement `begin`; others ask here next
                    connection.rollback()
                    result = left_open(self.shown)
            except DatabaseError as error:
                result = error
            except sqlite3.Error as error:
                result = _error(error, self.shown, read_only=self._read_only)
            except (ValueError, OverflowError, sqlite3.Warning) as error:
                # No text (UnicodeError), a number of more than 64 bits, two statements at once.
                result = DatabaseError(f"{self.shown}: {error}")
            finally:
                self._running.pop(future, None)
            self._tell(loop, future, result)
        if connection is not None:
            connection.close()

    def _connect(self) -> sqlite3.Connection:
        connection = self._opened()
        connection.text_factory = _text
        if self._journal_mode is not None:
            connection.execute(f"pragma journal_mode = {self._journal_mode}")
        return connection

    def _connected_at_once(self) -> sqlite3.Connection:
        connection = self._opened(busy_seconds=0.0)
        connection.text_factory = _text
        return connection

    def _opened(self, busy_seconds: float | None = None) -> sqlite3.Connection:
        # `close` and `interrupt` come from other threads; all else is this thread's.
        if self._path == ":memory:":
            return sqlite3.connect(
                self._path,
                isolation_level=None,
                check_same_thread=False,
                detect_types=sqlite3.PARSE_DECLTYPES,
            )
        # As a URI a path may hold anything but these.
        path = self._path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
        if path.startswith("//"):  # sqlite:////path, as many write it, is no host here
            path = f"/{path.lstrip('/')}"
        mode = "ro" if self._read_only else "rwc" if self._create else "rw"
        opened = sqlite3.connect(
            f"file:{path}?mode={mode}",
            uri=True,
            timeout=self._busy_seconds if busy_seconds is None else busy_seconds,
            isolation_level=None,
            check_same_thread=False,
            detect_types=sqlite3.PARSE_DECLTYPES,
        )
        # Whoever takes the file away while others have it open does not want an empty one.
        self._create = False
        return opened

    def _tell(
        self,
        loop: asyncio.AbstractEventLoop,
        future: asyncio.Future[Answer],
        result: Answer | DatabaseError,
    ) -> None:
        """Hand a result over; one call to the loop brings all that are ready by then."""
        with self._wake:
            self._done.append((future, result))
            if self._told:
                return
            self._told = True
        try:
            loop.call_soon_threadsafe(self._hand_over)
        except RuntimeError:  # the loop has ended, and nobody waits any more
            self._told = False

    def _hand_over(self) -> None:
        with self._wake:
            self._told = False
            done, self._done = self._done, deque()
        for future, result in done:
            if future.cancelled():
                continue
            if isinstance(result, DatabaseError):
                future.set_exception(result)
            else:
                future.set_result(result)


def _moment(data: bytes) -> str:
    """A column that is declared to be a time: a Julian day, or whatever else somebody wrote."""
    try:
        return of_julian_day(float(data))
    except (ValueError, OverflowError, OSError):
        return _text(data)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


for _declared in ("timestamp", "datetime"):
    sqlite3.register_converter(_declared, _moment)
# Python's own makes a date of it, and fails where somebody wrote something else.
sqlite3.register_converter("date", _text)


def carry_out_one(
    connection: sqlite3.Connection, text: str, values: tuple[Value, ...], kept: Keep
) -> Answer:
    cursor = connection.execute(text, tuple(map(kept, values)))
    columns = tuple(each[0] for each in cursor.description or ())
    return Answer(columns, cursor.fetchall(), max(cursor.rowcount, 0))


def carry_out_all(
    connection: sqlite3.Connection, made: Sequence[Statement], kept: Keep, given_up: GivenUp
) -> Answer:
    """All of the statements; none if whoever asked has given up before they are through."""
    with transaction(connection):
        for text, values in made:
            connection.execute(text, tuple(map(kept, values)))
        # SQLite forgets an interruption that came while it waited for the lock.
        if given_up():
            raise DatabaseDownError("nobody waits any more")
    return Answer((), [], len(made))


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of what is done in it, or nothing, whatever goes wrong: a COMMIT may fail as well."""
    connection.execute("begin immediate")
    try:
        yield
        connection.execute("commit")
    except BaseException:
        if connection.in_transaction:  # some errors have rolled it back already
            connection.execute("rollback")
        raise


_PASSING: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_READONLY,
    }
)
"""What is wrong with the file, not with what was asked: who mends it need not start anew."""


def _error(error: sqlite3.Error, shown: str, *, read_only: bool) -> DatabaseError:
    """What it means for whoever asked; who cannot open the file cannot reach the database."""
    message = f"{shown}: {error}"
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code not in _PASSING or (read_only and code == sqlite3.SQLITE_READONLY):
        return DatabaseError(message)
    return DatabaseDownError(message)
