"""What members read, speak of and look for."""

import random
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.ids import new_mask
from chassis.testing import SettableClock
from contracts import content, membership
from contracts.fields import ContentObject
from services.analytics.definition import definition
from services.analytics.metrics.term_rules import terms_of
from tests.service.analytics.courses import START, Elsewhere, named
from tests.service.analytics.test_processes import hear
from tests.service.stage import Stage

DAY = timedelta(days=1)
WEEK = 7 * DAY


@pytest.fixture
async def harness(start_service):
    async with start_service(definition, clock=SettableClock(START + 300 * DAY)) as harness:
        await Stage(harness).open()
        yield harness


@pytest.fixture
async def here(harness):
    here = Elsewhere(harness)
    await here.open()
    return here


def join(here, *names, **options):
    for name in names:
        joined = START - 300 * DAY
        here.telling.member(membership.MemberJoined, f"{name} of {here.id}", joined, at=joined, **options)


def start(here, what, author, title, at=START, tags=()):
    name = f"{what} of {here.id}"
    by = f"{author} of {here.id}" if isinstance(author, str) else author
    here.telling.ask(name, by, kind="topic", title=title, tags=tags, at=at)


# --- rising terms ----------------------------------------------------------------------------------------------------


def test_chinese_is_read_in_windows_without_particles_at_their_ends_and_other_languages_in_words():
    assert terms_of("的ai助手 for everybody", ["AI 工具".lower()]) == {"助手", "everybody", "ai 工具"}
    assert terms_of("新员工的培训", []) == {"新员", "员工", "新员工", "员工的培", "培训", "工的培", "工的培训"}
    assert terms_of("2024 q1 e-mail", []) == {"e-mail"}


AUTHORS = ("a", "b", "c", "d", "e", "f")


async def test_a_term_rises_with_five_authors_and_not_with_five_titles_of_four(here):
    join(here, *AUTHORS)
    join(here, "operator", roles=("operator",))
    for author in AUTHORS[:4]:
        start(here, f"x{author}", author, "智能体怎么用")
        start(here, f"y{author}", author, "智能体怎么用？")
    start(here, "mine", "operator", "智能体怎么用")
    start(here, "unnamed", new_mask(), "智能体怎么用")
    await here.harness.deliver(*here.telling.told)
    assert await here.values("rising_terms", "2024-03-25", "2024-03-31", grain="week") == []
    start(here, "fifth", AUTHORS[4], "智能體入門")
    await here.harness.deliver(here.telling.told[-1])
    (one,) = await here.values("rising_terms", "2024-03-25", "2024-03-31", grain="week")
    assert (one["group"], one["value"], one["n"]) == ("智能体", 5, 5)


async def test_what_was_spoken_of_as_much_before_does_not_rise_and_what_was_removed_is_not_spoken_of(here):
    join(here, *AUTHORS)
    for author in AUTHORS[:5]:
        start(here, f"before {author}", author, "onboarding", at=START - WEEK)
        start(here, f"now {author}", author, "onboarding again", at=START)
        start(here, f"removed {author}", author, "gambling", at=START)
    for author in AUTHORS[:1]:
        name = f"removed {author} of {here.id}"
        here.telling.remove(content.DiscussionRemoved, "discussion", name, name)
    await here.harness.deliver(*here.telling.told)
    found = await here.values("rising_terms", "2024-03-25", "2024-03-31", grain="week")
    assert [item["group"] for item in found] == ["again"]


WRITTEN = st.lists(
    st.tuples(
        st.sampled_from(AUTHORS),
        st.lists(st.sampled_from(("alpha", "beta", "gamma")), max_size=3, unique=True),
        st.sampled_from((-7, 0, 7)),
        st.booleans(),
    ),
    max_size=50,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(written=WRITTEN, seed=st.integers(0, 2**16))
async def test_rising_terms_are_what_a_plain_recomputation_says(harness, written, seed):
    here = Elsewhere(harness)
    await here.open()
    join(here, *AUTHORS)
    spoken = {}
    for number, (author, words, days, removed) in enumerate(written):
        start(here, number, author, " ".join(words), at=START + days * DAY)
        name = f"{number} of {here.id}"
        if removed:
            here.telling.remove(content.DiscussionRemoved, "discussion", name, name)
        else:
            for word in words:
                spoken.setdefault((days, word), set()).add(author)
    await hear(here.harness, here.telling.told, random.Random(seed))
    values = await here.values("rising_terms", "2024-03-25", "2024-04-07", grain="week")
    assert {(item["from"], item["group"]): (item["value"], item["n"]) for item in values} == {
        ("2024-03-25" if days == 0 else "2024-04-01", word): (more, len(authors))
        for (days, word), authors in spoken.items()
        if days >= 0 and len(authors) >= 5 and (more := len(authors) - len(spoken.get((days - 7, word), ()))) > 0
    }


# --- what is read ----------------------------------------------------------------------------------------------------


def article(here, name, *tags):
    key = named(f"{name} of {here.id}")
    here.telling.tell(
        content.ArticlePublished(
            community_id=here.id,
            article_id=key,
            kind="material",
            title=name,
            tags=tags,
            visibility="internal",
            author_ids=(named(f"a of {here.id}"),),
            revision=1,
        ),
        at=START,
    )
    return key


def read(here, key, member, *, finished, rating=None):
    reader = {"community_id": here.id, "article_id": key, "member_id": named(f"{member} of {here.id}")}
    here.telling.tell(content.ArticleRead(**reader, progress=1.0 if finished else 0.4, finished=finished))
    if rating is not None:
        here.telling.tell(content.ArticleRated(**reader, rating=rating))


async def test_interest_is_told_by_tag_and_once_for_all(here):
    join(here, *AUTHORS)
    both, one = article(here, "both", "安全", "新人"), article(here, "one", "安全")
    read(here, both, "b", finished=True, rating=5)
    read(here, both, "c", finished=False)
    read(here, one, "b", finished=False, rating=2)
    liked = ContentObject(kind="article", id=one, root_id=one, author_ids=(named("a"),))
    here.telling.tell(
        content.ReactionAdded(
            community_id=here.id,
            reaction_id=named(f"like of {here.id}"),
            member_id=named(f"c of {here.id}"),
            reaction="like",
            object=liked,
        )
    )
    await here.harness.deliver(*here.telling.told, times=2)
    values = await here.values("content_interest", "2024-03-25", "2024-04-07", group_by="tag")
    assert {(item["group"], item["part"]): item["value"] for item in values} == {
        ("安全", "reads"): 3,
        ("安全", "finishing"): pytest.approx(1 / 3),
        ("安全", "rating"): 3.5,
        ("安全", "reactions"): 1,
        ("新人", "reads"): 2,
        ("新人", "finishing"): 0.5,
        ("新人", "rating"): 5,
        ("新人", "reactions"): 0,
    }
    values = await here.values("content_interest", "2024-03-25", "2024-04-07")
    assert [item["value"] for item in values] == [3, pytest.approx(1 / 3), 3.5, 1]


# --- what is not found -----------------------------------------------------------------------------------------------


async def test_queries_that_find_nothing_are_counted_and_the_most_frequent_are_named(here):
    for number in range(25):
        for _ in range(number % 3 + 1):
            query = "报销流程" if number == 24 else f"query {number:02}"
            here.telling.tell(
                content.SearchMissed(community_id=here.id, query=query, language="zh"), at=START + number * DAY / 100
            )
    here.telling.tell(content.SearchMissed(community_id=here.id, query="报销流程", language="zh"), at=START)
    await here.harness.deliver(*here.telling.told, times=2)
    all_, first, *rest = await here.values("missed_searches", "2024-03-29", "2024-03-29")
    assert (all_["part"], all_["group"], all_["value"], all_["n"]) == ("all", None, 50, 25)
    assert (first["part"], first["value"]) == ("query", 3)
    assert len(rest) == 19
    assert "报销流程" in {item["group"] for item in [first, *rest]}
    weeks = await here.values("missed_searches", "2024-03-18", "2024-03-31", grain="week")
    assert [item["value"] for item in weeks if item["part"] == "all"] == [0, 50]
