"""Guesses at what proves somebody: each failure is counted, by account, and makes the next guess wait."""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.lines import taking
from chassis.database.statements import upsert
from chassis.problems import Problem
from services.membership.credentials import rules
from services.membership.credentials.models import LoginFailures
from services.membership.credentials.problems import LOGIN_MUST_WAIT


def account_of(name: str) -> str:
    """What the failures of one account are kept under: nobody reads there what was typed."""
    return hashlib.sha256(name.encode()).hexdigest()


def refuse_if_early(row: LoginFailures | None, now: datetime) -> None:
    """Raises `LOGIN_MUST_WAIT` as long as nobody may guess again."""
    if row is None:
        return
    failures = rules.failures_counted(row.failures, row.last_failed_at, now)
    may_try_at = rules.may_try_at(failures, row.last_failed_at)
    if may_try_at is not None and now < may_try_at:
        wait = int((may_try_at - now).total_seconds()) + 1
        raise LOGIN_MUST_WAIT(
            retry_after=wait,
            headers={"RateLimit-Policy": '"login";q=1;w=' + str(wait), "RateLimit": f'"login";r=0;t={wait}'},
        )


async def settle_guess(
    session: AsyncSession, account: str, right: Callable[[], Awaitable[bool]], *, refusal: Problem, now: datetime
) -> Problem | None:
    """Count a failure, or forget the earlier ones; returns the refusal, which must be committed.

    Whether it is `right` is asked under the lock of the account, and only if its turn has not come too early: guesses sent at once
    come one after the other.
    """
    statement = select(LoginFailures).where(col(LoginFailures.account) == account).with_for_update()
    with taking((LoginFailures.__tablename__, account)):
        row = (await session.exec(statement.execution_options(populate_existing=True))).first()
    try:
        refuse_if_early(row, now)
    except Problem as early:
        return early
    if await right():
        await session.execute(delete(LoginFailures).where(col(LoginFailures.account) == account))
        return None
    await _count(session, account, row, now)
    return refusal


async def _count(session: AsyncSession, account: str, row: LoginFailures | None, now: datetime) -> None:
    failures = rules.failures_counted(row.failures, row.last_failed_at, now) if row else 0
    await session.execute(
        upsert(session, LoginFailures.__table__)  # type: ignore[attr-defined]
        .values({"account": account, "failures": failures + 1, "last_failed_at": now})
        .on_conflict_do_update(
            index_elements=["account"],
            # Two first failures at once both see no row: the later one must not count as the first again.
            set_={
                "failures": col(LoginFailures.failures) + 1 if row is None else failures + 1,
                "last_failed_at": now,
            },
        )
    )
