"""Whatever goes wrong in an operation, as a problem: one place, for single requests and for the items of a batch."""

import logging

from fastapi.exceptions import RequestValidationError
from sqlalchemy import MetaData
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from chassis.budget import OverBudget
from chassis.database.constraints import answer_to
from chassis.database.errors import is_full, is_locked_row, is_transient
from chassis.problems import (
    AUTHORITY_UNAVAILABLE,
    BODY_TOO_LARGE,
    INTERNAL_ERROR,
    INVALID,
    NOT_FOUND,
    TOO_COSTLY,
    UNAVAILABLE,
    Problem,
)
from chassis.security.authority import StandingUnknown
from chassis.web.validation import field_errors

log = logging.getLogger("qunxue.web")


def problem_of(error: Exception, metadata: MetaData | None) -> Problem:
    """The problem that an exception is answered with; one that nobody foresaw is logged and is a 500 without details.

    `metadata` has the tables of the service, which say what their unique constraints answer; the gateway has none.
    """
    if isinstance(error, Problem):
        return error
    if isinstance(error, RequestValidationError):
        return INVALID(errors=field_errors(error.errors()))
    if isinstance(error, HTTPException):
        return _from_http(error)
    if isinstance(error, StandingUnknown):
        return AUTHORITY_UNAVAILABLE()
    if isinstance(error, OverBudget):
        return TOO_COSTLY()
    if isinstance(error, DBAPIError) and is_locked_row(error):
        return UNAVAILABLE("Another request is changing the same thing.", "另一请求正在更改同一内容。", retry_after=1)
    if is_full(error):
        log.error("the disk is full: nothing can be stored until there is room")
        return UNAVAILABLE("There is no room to store anything.", "没有可用的存储空间。")
    if isinstance(error, (DBAPIError, OSError, PoolTimeout)) and is_transient(error):
        log.warning("database unavailable", extra={"error": type(error).__name__})
        return UNAVAILABLE("The database cannot be reached.", "无法连接数据库。")
    if (
        isinstance(error, IntegrityError)
        and metadata is not None
        and (answer := answer_to(error, metadata)) is not None
    ):
        return answer
    log.error("unhandled error", exc_info=error)
    return INTERNAL_ERROR()


def _from_http(error: HTTPException) -> Problem:
    if error.status_code == 413:
        return BODY_TOO_LARGE()
    if error.status_code == 404:
        return NOT_FOUND()
    return INVALID("The body cannot be read.", "无法读取请求体。")
