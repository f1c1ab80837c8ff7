"""nbgrader's preprocessors, many commits each, in one database transaction.

Each of nbgrader's preprocessors opens a `Gradebook` of its own (an engine, a connection, a look at all
tables) and commits after every cell. A process that is killed between two of these commits leaves half of a
submission's grades. Here the name `Gradebook` is replaced in the preprocessors' modules, for the time of one
submission and for one thread, by a function that hands out gradebooks on one shared connection. Their
commits become savepoints of its transaction, which is committed at the end, or not at all.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from nbgrader import api
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.orm import Session, scoped_session, sessionmaker

_WAIT_SECONDS = 60
"""How long to wait for SQLite's lock; nbgrader's formgrader holds it for moments."""


def open_database(url: str) -> Engine:
    """Return an SQLAlchemy engine for nbgrader's database, to be used for a whole batch.

    Args:
        url: For example ``sqlite:///gradebook.db`` or ``postgresql+psycopg://user@host/name``.
    """
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": _WAIT_SECONDS})

    # Python's sqlite3 begins a transaction only before it changes something, and ends it where a savepoint is
    # released: https://docs.sqlalchemy.org/en/20/dialects/sqlite.html, "Serializable isolation / Savepoints".
    @event.listens_for(engine, "connect")
    def _leave_transactions_to_us(connection: Any, record: Any) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # IMMEDIATE takes the lock for writing at once, where waiting for it is still possible.
        immediate = connection.get_execution_options().get("tfcourse_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


class Database:
    """nbgrader's database, for a whole batch.

    Args:
        url: SQLAlchemy's.
        course_id: nbgrader's, for new students.
        preprocessors: All that work on submissions.
        make: Whether tables are made where there are none.
    """

    def __init__(self, url: str, course_id: str, preprocessors: Sequence[type], *, make: bool = True) -> None:
        if make:
            api.Gradebook(url, course_id).close()
        self.course_id = course_id
        self.preprocessors = preprocessors
        self.engine = open_database(url)

    @contextmanager
    def reading(self, *, preprocessors: bool = True) -> Iterator[SharedGradebook]:
        """Yield a gradebook, and give it to all preprocessors that ask for one.

        Args:
            preprocessors: False leaves them alone, so that any thread may read.
        """
        classes = self.preprocessors if preprocessors else ()
        with one_transaction(self.engine, self.course_id, classes, writes=False) as gradebook_of:
            gradebook = gradebook_of()
            try:
                yield gradebook
            finally:
                gradebook.close()

    def writing(self) -> AbstractContextManager[Callable[[], SharedGradebook]]:
        """Begin a transaction that is committed at the end of the body, or not at all."""
        return one_transaction(self.engine, self.course_id, self.preprocessors, writes=True)

    def close(self) -> None:
        """Close the connections."""
        self.engine.dispose()


class SharedGradebook(api.Gradebook):  # type: ignore[misc]  # nbgrader has no types
    """A gradebook on a connection that somebody else opened, and will commit and close."""

    def __init__(self, connection: Connection, course_id: str) -> None:
        self.engine = connection.engine
        self.db = scoped_session(
            sessionmaker(class_=Session, bind=connection, join_transaction_mode="create_savepoint", autoflush=True)
        )
        self.course_id = course_id
        self.authenticator = None

    def close(self) -> None:
        """End the session; what it committed waits for the transaction."""
        self.db.remove()


@contextmanager
def one_transaction(
    engine: Engine, course_id: str, preprocessors: Iterable[type], *, writes: bool
) -> Iterator[Callable[[], SharedGradebook]]:
    """Let everything in the body that asks for a `Gradebook` share one transaction.

    It is committed when the body ends, and rolled back when it raises or when `writes` is False.

    Args:
        engine: Of `open_database`.
        course_id: nbgrader's, for new students.
        preprocessors: Classes in whose modules the name `Gradebook` is replaced.
        writes: Whether the body changes anything.

    Yields:
        A function that returns a gradebook on the shared connection.
    """
    with engine.connect().execution_options(tfcourse_writes=writes) as connection:
        transaction = connection.begin()

        def gradebook() -> SharedGradebook:
            return SharedGradebook(connection, course_id)

        try:
            with _replaced(preprocessors, gradebook):
                yield gradebook
        except BaseException:
            transaction.rollback()
            raise
        if writes:
            transaction.commit()
        else:
            transaction.rollback()


@contextmanager
def _replaced(preprocessors: Iterable[type], gradebook: Callable[[], SharedGradebook]) -> Iterator[None]:
    ours = threading.get_ident()

    def replacement(*arguments: Any, **options: Any) -> Any:
        # A web server may be running nbgrader in another thread.
        return gradebook() if threading.get_ident() == ours else api.Gradebook(*arguments, **options)

    names = {base.__module__ for preprocessor in preprocessors for base in preprocessor.__mro__}
    modules = [module for name in sorted(names) if (module := sys.modules.get(name)) is not None]
    changed = [module for module in modules if vars(module).get("Gradebook") is api.Gradebook]
    for module in changed:
        vars(module)["Gradebook"] = replacement
    try:
        yield
    finally:
        for module in changed:
            vars(module)["Gradebook"] = api.Gradebook
