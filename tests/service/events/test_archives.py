"""Which article tells of an activity, as content says."""

from itertools import permutations
from uuid import UUID, uuid4

from chassis.testing import received
from contracts.content import ArticleArchived, ArticlePublished, ArticleRemoved, ArticleRestored, ArticleRevised
from tests.service.events.test_activities import path


def published(hall, article_id, activity_id, *, version, kind=ArticlePublished, community_id=None):
    told = kind(
        community_id=community_id or hall.stage.community_id,
        article_id=article_id,
        kind="session_archive",
        title="怎么讲好一门课",
        visibility="internal",
        author_ids=(hall["甲"].id,),
        revision=1,
        source_activity_id=activity_id,
    )
    return received(told, occurred_at=hall.now, version=version)


def turned(hall, kind, article_id, *, version):
    about = {"kind": "article", "id": article_id, "root_id": article_id, "author_ids": (hall["甲"].id,)}
    told = kind(community_id=hall.stage.community_id, cause="author", **about)
    return received(told, occurred_at=hall.now, version=version)


async def shown(hall, activity):
    return (await hall.see("乙", path(activity)))["archive_article_id"]


async def test_an_activity_names_its_article_as_long_as_members_read_it(hall):
    activity, article_id = await hall.announces(), uuid4()
    deliver = hall.stage.harness.deliver
    assert await shown(hall, activity) is None
    first = published(hall, article_id, UUID(activity["id"]), version=2)
    removed = turned(hall, ArticleRemoved, article_id, version=3)
    await deliver(first)
    assert await shown(hall, activity) == str(article_id)
    await deliver(removed)
    assert await shown(hall, activity) is None
    # Told once more, by another message.
    await deliver(published(hall, article_id, UUID(activity["id"]), version=2))
    assert await shown(hall, activity) is None
    await deliver(turned(hall, ArticleRestored, article_id, version=4))
    assert await shown(hall, activity) == str(article_id)
    archived = ArticleArchived(community_id=hall.stage.community_id, article_id=article_id, author_ids=(hall["甲"].id,))
    await deliver(received(archived, occurred_at=hall.now, version=5))
    assert await shown(hall, activity) is None


async def test_the_latest_of_what_is_told_holds(hall):
    for order in permutations(range(3)):
        activity, article_id = await hall.announces(), uuid4()
        key = UUID(activity["id"])
        said = [
            published(hall, article_id, key, version=2),
            published(hall, article_id, key, version=3, kind=ArticleRevised),
            published(hall, article_id, key, version=4, kind=ArticleRevised),
        ]
        for n in order:
            await hall.stage.harness.deliver(said[n])
        assert await shown(hall, activity) == str(article_id)


async def test_an_article_elsewhere_says_nothing_of_an_activity_here(hall):
    activity = await hall.announces()
    deliver = hall.stage.harness.deliver
    await deliver(published(hall, uuid4(), UUID(activity["id"]), version=2, community_id=uuid4()))
    await deliver(published(hall, uuid4(), uuid4(), version=2), published(hall, uuid4(), None, version=2))
    await deliver(turned(hall, ArticleRemoved, uuid4(), version=3))
    assert await shown(hall, activity) is None
