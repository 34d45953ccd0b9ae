"""What an error of the database means: may the same work succeed later, was it done all the same, is a row held by others."""

import errno
import sqlite3

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from chassis.problems import Problem

# What the operating system says of a name that somebody gave: it will say the same the next time.
_OF_A_NAME = (FileNotFoundError, FileExistsError, IsADirectoryError, NotADirectoryError, PermissionError)
_OF_A_VALUE = frozenset({errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ, errno.EOVERFLOW, errno.ELOOP})

LOCK_NOT_AVAILABLE = "55P03"
DISK_FULL = "53100"


def is_transient(error: BaseException) -> bool:
    """Whether the database may well succeed at the same work a little later: lost connection, lock, deadlock, full disk."""
    if isinstance(error, Problem):
        return error.type.status in (503, 504)
    if isinstance(error, OSError):
        return not isinstance(error, _OF_A_NAME) and error.errno not in _OF_A_VALUE
    if isinstance(error, (InterfaceError, PoolTimeout)):
        return True
    if isinstance(error, DBAPIError):
        # SQLite says "operational error" of a lock and of a misspelt column alike; code 1 is the latter.
        original = getattr(error.orig, "__cause__", None) or error.orig
        if getattr(original, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR:
            return False
        if error.connection_invalidated or isinstance(error, OperationalError):
            return True
        state = getattr(error.orig, "sqlstate", None) or ""
        # Classes 08 connection, 40 rollback (serialisation, deadlock), 53 resources, 55 lock, 57 operator intervention.
        return state[:2] in {"08", "40", "53", "55", "57"}
    return isinstance(error, sqlite3.OperationalError)


def answer_was_lost(error: Exception) -> bool:
    """Whether a commit that failed may have been done: not if the database itself says that it refused."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, (OSError, TimeoutError))
    state: str | None = getattr(error.orig, "sqlstate", None)
    if state is not None:
        # Classes 08 connection and 57 operator intervention may strike after the commit; any other is a refusal.
        return state[:2] in {"08", "57"}
    original = getattr(error.orig, "__cause__", None) or error.orig
    code: int | None = getattr(original, "sqlite_errorcode", None)
    if code is not None:
        # A write that failed half-way is undone by the journal, or finished by it: only the next start knows.
        return code & 0xFF == sqlite3.SQLITE_IOERR
    return isinstance(error, (InterfaceError, OperationalError)) or error.connection_invalidated


def is_full(error: BaseException) -> bool:
    """Whether there is no room left on the disk of the database."""
    if isinstance(error, OSError):
        return error.errno == errno.ENOSPC
    if not isinstance(error, DBAPIError):
        return False
    original = getattr(error.orig, "__cause__", None) or error.orig
    full = getattr(original, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return full or getattr(error.orig, "sqlstate", None) == DISK_FULL


def is_locked_row(error: DBAPIError) -> bool:
    """Whether the wait for a row that another transaction has locked timed out."""
    return getattr(error.orig, "sqlstate", None) == LOCK_NOT_AVAILABLE
