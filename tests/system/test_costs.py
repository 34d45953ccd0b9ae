"""What an operation costs does not grow: it makes as many statements for many as for few."""

import dataclasses
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import case, func
from sqlmodel import col, select

from qunxue.documents import service_openapi
from services.gamification.ledger.models import PostedTransfer, Wallet
from services.gamification.levels.rules import DEFAULT_LADDER, reached
from tests.support.multiplied import Multiplied
from tests.support.statements import Statement, listening, recorded
from tests.system.security.casts.opening import world_of
from tests.system.security.features import tried_services
from tests.system.security.frozen import Frozen
from tests.system.security.open_calls import ways
from tests.system.security.operations import Operation, operations
from tests.system.security.recipe import Call
from tests.system.security.world import World

together = pytest.mark.asyncio(loop_scope="module")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

COPIES = 5
"""Of every row: of each person and member, of what they did and of what was done, of each thing in a list."""
SMALL_PAGE, LARGE_PAGE = 1, 100

ALONE = {
    "list_scorecards": "an applicant is met by a few",
    "list_contest_regrades": "one correction of a contest waits at a time",
    "list_test_regrades": "one correction of a test waits at a time",
    "list_contest_regrade_lines": "a correction that changes nobody's result has no lines",
    "list_bursts": "all that is multiplied happened in one second",
    "list_short_members": "nobody is held to a week in which they came, and here all come this week",
    "list_materials": "an activity is of another service, and another one for each copy",
}
"""Lists that stay at one item, whatever is multiplied. Their own tests have many."""


def is_list(operation: Operation) -> bool:
    """Whether its caller says how long a page is."""
    declared = service_openapi(operation.service)["paths"][operation.path][operation.method.lower()]
    return any(parameter.get("name") == "limit" for parameter in declared.get("parameters", ()))


@dataclass
class Asked:
    """What was asked, what was answered, and by which statements."""

    call: Call
    status: int
    statements: list[Statement]
    items: int


@dataclass
class Found:
    """By operation: what its recipes cost among few and among many, and of its lists the small page and the large one."""

    few: dict[str, list[Asked]] = field(default_factory=dict)
    many: dict[str, list[Asked]] = field(default_factory=dict)
    small_page: dict[str, list[Asked]] = field(default_factory=dict)
    large_page: dict[str, list[Asked]] = field(default_factory=dict)


@pytest.fixture(scope="module", params=tried_services())
def service(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def found(service: str, tmp_path_factory: pytest.TempPathFactory) -> Found:
    """Everything asked: first of the few that there are, then of many."""
    answer, folder = Found(), tmp_path_factory.mktemp(service)
    with listening():
        async with world_of(service, folder) as world:
            for one in operations([service]):
                answer.few[one.id] = await asked(world, one)
            await multiply(world, folder)
            for one in operations([service]):
                answer.many[one.id] = await asked(world, one)
                if is_list(one):
                    answer.small_page[one.id] = await asked(world, one, limit=SMALL_PAGE)
                    answer.large_page[one.id] = await asked(world, one, limit=LARGE_PAGE)
    return answer


async def asked(world: World, operation: Operation, **query: Any) -> list[Asked]:
    """What each way to call an operation costs once whatever is remembered between requests is."""
    made: list[Asked] = []
    for _ in range(2):
        made = []
        for player, way in await ways(world, operation):
            call = dataclasses.replace(way, params={**way.params, **query})
            with recorded() as statements:
                answer = await call.send(player.client)
            if world.frozen.changed():
                world.frozen.put_back()
            made.append(Asked(call, answer.status_code, statements, _items(answer)))
    return made


def _items(answer: httpx.Response) -> int:
    is_json = answer.content and "application/json" in answer.headers["content-type"]
    body = answer.json() if is_json else None
    pages = [body, *body.values()] if isinstance(body, dict) else []  # the answer itself, or something in it
    return max((len(page.get("items", ())) for page in pages if isinstance(page, dict)), default=0)


async def multiply(world: World, folder: Path) -> None:
    runtime = world.harness.runtime
    messaging = frozenset(one.name for one in vars(runtime.service.tables.messaging).values())
    # An index and the rollups have one generation, or two while one is built.
    alone = messaging | {"timers", "signing_keys", "search_generations", "rollup_generations"}
    multiplied = Multiplied(runtime.service.tables.metadata, without=alone)
    async with world.transaction() as session:
        await multiplied.write(session, range(1, COPIES + 1))
        if runtime.name == "gamification":
            await _balance(session)
    world.frozen = Frozen(folder / f"{runtime.name}.sqlite")


async def _balance(session) -> None:
    """What wallets say is what their entries add up to, as ever."""
    amount = case((col(PostedTransfer.credit) == "wallet", PostedTransfer.amount), else_=-col(PostedTransfer.amount))
    sums = select(PostedTransfer.member_id, PostedTransfer.currency, func.sum(amount))
    found = await session.exec(sums.group_by(col(PostedTransfer.member_id), col(PostedTransfer.currency)))
    of_member: Counter[tuple[object, str]] = Counter({(member, currency): total for member, currency, total in found})
    for wallet in await session.exec(select(Wallet)):
        wallet.points, wallet.xp = of_member[wallet.member_id, "points"], of_member[wallet.member_id, "xp"]
        wallet.level_position = reached(DEFAULT_LADDER, wallet.xp)


def more(name: str, less: Asked, greater: Asked) -> str | None:
    """Which statements the second made more often than the first; None if there are none.

    What is made once for what was not there before, such as the names of those who did something, is once however many there are.
    """
    before, after = (Counter(map(_kind, one.statements)) for one in (less, greater))
    grown = {sql: times for sql, times in after.items() if times > max(before[sql], 1)}
    shown = "\n".join(f"  {before[sql]} became {times}: {sql[:300]}" for sql, times in grown.items())
    return f"{name}: {len(less.statements)} statements became {len(greater.statements)}\n{shown}" if grown else None


def _kind(statement: Statement) -> str:
    """The statement, however many values its lists have."""
    return re.sub(r"\((\?|\$\d+)(, (\?|\$\d+))*\)", "(…)", " ".join(statement.sql.split()))


@together
async def test_neither_more_members_nor_a_longer_history_take_more_statements(found: Found) -> None:
    answered_otherwise = [
        (few.call, few.status, many.status)
        for name in found.few
        for few, many in zip(found.few[name], found.many[name], strict=True)
        if few.status != many.status
    ]
    assert answered_otherwise == [], "there is nothing to compare"
    nobody_grows(found.few, found.many)


@together
async def test_a_long_page_takes_no_more_statements_than_a_short_one(found: Found) -> None:
    assert {one.status for pages in found.large_page.values() for one in pages} <= {200}
    nobody_grows(found.small_page, found.large_page)


def nobody_grows(less: dict[str, list[Asked]], greater: dict[str, list[Asked]]) -> None:
    complaints = [
        complaint
        for name in less
        for one, other in zip(less[name], greater[name], strict=True)
        if (complaint := more(name, one, other)) is not None
    ]
    if complaints:
        pytest.fail("\n".join(complaints), pytrace=False)


SILENT = {
    "read_status": "asks the parts of the process",
    "read_metrics": "the same",
    "exchange_code": "is refused before",
    "read_unsubscribe": "its link is signed, and says all",
    "list_providers": "they stand in the settings",
    "begin_provider_login": "what has begun stands in the browser's cookie alone",
    "return_from_provider": "is refused before: nobody began",
    "end_provider_sessions": "is refused before: no provider signed",
    "open_stream": "the token says who may; what it lives of is asked of membership as another service",
    "create_stream_ticket": "membership is asked as another service",
    "create_bounce": "what came back was no mail of ours",
}
"""What asks no database here, and why."""


@together
async def test_pages_are_long_and_every_statement_is_heard(found: Found) -> None:
    """Else nothing above would have been tried."""
    short = {name for name, pages in found.large_page.items() if all(one.items <= SMALL_PAGE for one in pages)}
    assert short <= set(ALONE)
    silent = {name for name, calls in found.few.items() if not any(one.statements for one in calls)}
    assert silent <= set(SILENT)
