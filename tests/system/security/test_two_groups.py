"""All that members wrote in a community stands in one of its two groups: to who belongs to the other it is as if it stood elsewhere."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from uuid import UUID

import orjson
import pytest
import pytest_asyncio
from sqlalchemy import insert, select, update
from sqlmodel import col

from chassis.ids import new_id
from services.content.announcements.models import Announcement
from services.content.articles.models import Article
from services.content.base import known_groups
from services.content.discussions.models import Discussion
from services.content.drafts.models import Draft
from services.content.replies.models import Reply
from services.content.search.models import SearchDocument
from tests.system.security.casts.opening import world_of
from tests.system.security.features import recipes
from tests.system.security.matrix import found
from tests.system.security.operations import by_id
from tests.system.security.recipe import Call, Case
from tests.system.security.world import World

together = pytest.mark.asyncio(loop_scope="module")

COLUMNS = ("M", "L", "U")
"""Members who see no group but their own."""
OWN_LIST = "list_subscriptions"
"""It has the ids of what one follows, also of what one does not see any more, and no titles of that."""
REFUSALS = {403, 404, 422}
"""A body may name it, and is refused as one that names what is elsewhere."""


@dataclass
class Apart:
    """The world, the two groups of home, and all that stands in the first."""

    world: World
    first: UUID
    things: frozenset[str]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def apart(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Apart]:
    async with world_of("content", tmp_path_factory.mktemp("groups")) as world:
        first, second = new_id(), new_id()
        home, now = world.home.id, world.harness.clock()
        async with world.transaction() as session:
            for kind in (Discussion, Article, SearchDocument, Draft, Announcement):
                await session.execute(update(kind).where(col(kind.community_id) == home).values(group_id=first))
            things: set[UUID] = set()
            for table in (Discussion, Reply, Article):
                things |= set(await session.scalars(select(col(table.id)).where(col(table.community_id) == home)))
            facts = {"community_id": home, "version": 1}
            for group_id in (first, second):
                row = facts | {"id": group_id, "name": "小组", "dissolved": False}
                await session.execute(insert(known_groups.groups).values(row))
            for column in COLUMNS:
                member_id = world.players[column].member_id
                row = facts | {
                    "id": new_id(),
                    "member_id": member_id,
                    "group_id": second,
                    "since": now,
                    "belongs": True,
                }
                await session.execute(insert(known_groups.members).values(row))
        world.frozen.keep()
        yield Apart(world, first, frozenset(map(str, things)))


def _calls(apart: Apart, column: str) -> Iterator[Call]:
    world = apart.world
    for operation, ways in recipes("content").items():
        if by_id()[operation].is_open:
            continue
        for recipe in ways:
            player = world.player(column, recipe.row or by_id()[operation].permission)
            for whose in recipe.whose:
                for variant in recipe.variants:
                    call = recipe.call(world, Case(player, whose, "home", variant))
                    if call is not None and not recipe.public:
                        yield call


@together
@pytest.mark.parametrize("column", COLUMNS)
async def test_nothing_of_a_group_opens_to_who_belongs_to_another(apart: Apart, column: str) -> None:
    world, wrong, tried = apart.world, list[str](), 0
    client = world.players[column].client
    for call in _calls(apart, column):
        answer = await call.send(client)
        status, said = found(call, answer)
        asked = call.path + orjson.dumps([dict(call.params), call.json]).decode()
        names = any(one in asked for one in apart.things)
        tried += names
        if status < 300 and call.operation != OWN_LIST and any(one in said for one in apart.things):
            wrong.append(f"{call.operation} shows something: {said[:300]}")
        if names and status not in REFUSALS and not (status < 300 and call.method == "GET"):
            wrong.append(f"{call.operation} is answered {status}: {said[:300]}")
        if world.frozen.changed():
            if names:
                wrong.append(f"{call.operation} changed something ({status})")
            world.frozen.put_back()
    for path in ("/internal/home", "/internal/tasks"):
        answer = await client.get(path, params={"community_id": str(world.home.id)})
        if any(one in answer.text for one in apart.things):
            wrong.append(f"{path} shows something: {answer.text[:300]}")
    assert "\n".join(wrong) == ""
    assert tried > 60, "what stands in a group was asked for"


@together
async def test_all_of_it_opens_to_who_belongs_to_that_one(apart: Apart) -> None:
    world = apart.world
    player = world.players["M"]
    async with world.transaction() as session:
        members = known_groups.members
        await session.execute(
            update(members).where(members.c.member_id == player.member_id).values(group_id=apart.first)
        )
    done = set()
    for call in _calls(apart, "M"):
        asked = call.path + orjson.dumps([dict(call.params), call.json]).decode()
        answer = await call.send(player.client)
        if any(one in asked for one in apart.things) and answer.is_success:
            done.add(call.operation)
    world.frozen.put_back()
    assert len(done) > 25, sorted(done)
