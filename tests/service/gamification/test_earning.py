"""What members do earns what the rules give, whatever the order in which it becomes known."""

import random
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from chassis.ids import new_id
from chassis.testing import SettableClock, received
from contracts import ideas
from contracts.events import ContestFinished
from contracts.membership import MemberJoined, MemberStatusChanged
from services.gamification.definition import definition
from services.gamification.earning import service as earning
from services.gamification.earning.models import RecordedOccurrence
from services.gamification.earning.rules import Occurrence, Target
from services.gamification.earning.triggers import TRIGGERS
from services.gamification.ledger.models import PostedTransfer
from services.gamification.ledger.verification import snapshot, verify
from tests.service.gamification.deeds import (
    a_like,
    a_reply,
    an_acceptance,
    an_article,
    an_attendance,
    removed,
    unaccepted,
)
from tests.service.gamification.stage import JOINED, NOON, Stage
from tests.support.examples import with_one_id

WELCOME = 10


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Stage(harness)
        await stage.open()
        yield stage
        async with harness.runtime.database.reading() as session:
            await snapshot(session)
            verdict = await verify(session)
        assert verdict.holds, verdict.faults


async def balance(stage, one):
    wallet = (await one.client.get(f"/v1/wallets/{one.id}")).json()
    return wallet["points"] - WELCOME, wallet["xp"]


async def outcomes(one, **query):
    response = await one.client.get("/v1/earning-outcomes", params={"member_id": str(one.id)} | query)
    assert response.status_code == 200, response.text
    return response.json()


async def net_state(stage):
    """Balances by member, currency, rule and day."""
    async with stage.harness.runtime.database.reading() as session:
        rows = (await session.execute(select(PostedTransfer))).scalars()
        net = {}
        for row in rows:
            key = (row.member_id, row.currency, row.rule_code, row.occurred_at.date())
            net[key] = net.get(key, 0) + (row.amount if row.credit == "wallet" else -row.amount)
        return {key: amount for key, amount in net.items() if amount}


async def test_a_member_who_joins_has_a_wallet_and_welcome_points(stage):
    member = await stage.member()
    wallet = (await member.client.get(f"/v1/wallets/{member.id}")).json()
    assert (wallet["points"], wallet["available"], wallet["held"], wallet["xp"]) == (10, 10, 0, 0)
    assert wallet["level"] == {"code": "sprout", "name": "Sprout", "position": 0, "next_at": 100}
    assert wallet["streak"] == {"current": 0, "longest": 0, "freezes": 0}
    assert wallet["expiring"] == []


async def test_joining_again_is_not_welcomed_again(stage):
    member = await stage.member()
    await stage.leave(member)
    stage.harness.clock.advance(timedelta(days=1))
    again = MemberJoined(**stage._member(member, JOINED))
    await stage.harness.deliver(received(again, occurred_at=stage.harness.clock(), version=9))
    assert await balance(stage, member) == (0, 0)
    assert [item["code"] for item in (await outcomes(member))["items"]] == ["already_earned", None]


async def test_a_redelivered_article_is_rewarded_once_and_its_authors_share(stage):
    first, second = await stage.members(2)
    article = an_article(stage.community_id, first.id, second.id, at=NOON)
    await stage.harness.deliver(article, times=3)
    assert await balance(stage, first) == await balance(stage, second) == (15, 15)
    told = await stage.harness.published("points.awarded")
    assert [message.version for message in told if message.subject == str(first.id)] == [1, 2]
    data = told[-1].data
    assert data["cause"]["object"] == {"kind": "article", "id": str(article.data.article_id)}
    assert data["rule"] == {"code": "article", "version": 0}
    assert data["balance"] == {"points": 25, "xp": 15}


@pytest.mark.parametrize(("kind", "points"), [("case_study", 40), ("experience", 15), ("guide", 30)])
async def test_an_article_earns_by_its_kind(stage, kind, points):
    member = await stage.member()
    await stage.harness.deliver(an_article(stage.community_id, member.id, at=NOON, kind=kind))
    assert await balance(stage, member) == (points, points)


async def test_an_adopted_idea_earns_as_long_as_it_is_seen_and_other_decisions_nothing(stage):
    author = await stage.member()
    state = {"community_id": stage.community_id, "idea_id": new_id(), "title": "读书角", "author_ids": (author.id,)}
    told = [
        ideas.IdeaProposed(**state),
        ideas.IdeaDecided(**state, to="piloting"),
        ideas.IdeaDecided(**state, to="adopted"),
        ideas.IdeaRemoved(**state, cause="moderator"),
        ideas.IdeaRestored(**state, cause="moderator"),
    ]
    earned = []
    for version, event in enumerate(told, start=1):
        await stage.harness.deliver(received(event, occurred_at=NOON, version=version), times=2)
        earned.append((await balance(stage, author))[0])
    assert earned == [0, 0, 50, 0, 50]


async def test_replies_earn_up_to_the_days_cap_and_the_rest_says_why(stage):
    member = await stage.member()
    replies = [a_reply(stage.community_id, member.id, at=NOON + timedelta(minutes=n)) for n in range(12)]
    await stage.harness.deliver(*replies)
    assert await balance(stage, member) == (20, 20)
    (refused,) = (await outcomes(member, source_id=str(replies[11].id)))["items"]
    assert (refused["code"], refused["wanted"], refused["paid"]) == (
        "daily_cap",
        {"points": 2, "xp": 2},
        {"points": 0, "xp": 0},
    )
    rules = (await member.client.get("/v1/earning-rules", params={"member_id": str(member.id)})).json()["items"]
    rooms = {rule["code"]: rule["room"] for rule in rules}
    assert rooms["reply"] == {"today": 0, "this_week": None}
    assert rooms["like_received"] == {"today": 20, "this_week": None}
    assert rooms["checkin"] is None


async def test_a_late_arrival_takes_its_place_and_the_last_one_loses_it(stage):
    member = await stage.member()
    replies = [a_reply(stage.community_id, member.id, at=NOON + timedelta(minutes=n)) for n in range(11)]
    await stage.harness.deliver(*replies[1:])
    await stage.harness.deliver(replies[0])
    assert await balance(stage, member) == (20, 20)
    codes = {item["source"]["id"]: item["code"] for item in (await outcomes(member))["items"]}
    assert codes[str(replies[0].id)] is None
    assert codes[str(replies[10].id)] == "daily_cap"
    reversals = await stage.harness.published("points.reversed")
    assert [message.occurred_at for message in reversals] == [replies[10].occurred_at]


async def test_what_is_removed_pays_nothing_in_either_order_and_restored_pays_again(stage):
    early, late = await stage.members(2)
    for member, order in ((early, (0, 1)), (late, (1, 0))):
        article = an_article(stage.community_id, member.id, at=NOON)
        messages = [article, removed(article, at=NOON + timedelta(hours=1))]
        for which in order:
            await stage.harness.deliver(messages[which])
        assert await balance(stage, member) == (0, 0)
        (said,) = (await outcomes(member, source_id=str(article.id)))["items"][:1]
        assert said["code"] == "removed"
        await stage.harness.deliver(removed(article, at=NOON + timedelta(hours=2), version=3, restored=True))
        assert await balance(stage, member) == (30, 30)
        # An older message that comes late changes nothing any more.
        await stage.harness.deliver(removed(article, at=NOON + timedelta(hours=1), version=2))
        assert await balance(stage, member) == (30, 30)


async def test_deleting_and_posting_again_wins_no_room_under_the_cap(stage):
    member = await stage.member()
    replies = [a_reply(stage.community_id, member.id, at=NOON + timedelta(minutes=n)) for n in range(10)]
    await stage.harness.deliver(*replies)
    await stage.harness.deliver(*[removed(reply, at=NOON + timedelta(hours=1)) for reply in replies[:5]])
    await stage.harness.deliver(a_reply(stage.community_id, member.id, at=NOON + timedelta(hours=2)))
    assert await balance(stage, member) == (10, 10)


async def test_likes_of_removed_content_are_taken_back_with_it(stage):
    author, reader = await stage.members(2)
    reply = a_reply(stage.community_id, author.id, at=NOON)
    like = a_like(stage.community_id, author.id, by=reader.id, at=NOON, on=reply.data.reply_id)
    await stage.harness.deliver(reply, like)
    assert await balance(stage, author) == (3, 3)
    await stage.harness.deliver(removed(reply, at=NOON))
    assert await balance(stage, author) == (0, 0)


async def test_own_likes_and_own_accepted_answers_pay_nothing(stage):
    member = await stage.member()
    like = a_like(stage.community_id, member.id, by=member.id, at=NOON)
    accepted = an_acceptance(stage.community_id, member.id, asker=member.id, at=NOON)
    await stage.harness.deliver(like, accepted)
    assert await balance(stage, member) == (0, 0)
    for message in (like, accepted):
        assert [item["code"] for item in (await outcomes(member, source_id=str(message.id)))["items"]] == [
            "own_content"
        ]


async def test_an_answer_accepted_again_after_it_was_not_is_paid_once(stage):
    asker, answerer = await stage.members(2)
    first = an_acceptance(stage.community_id, answerer.id, asker=asker.id, at=NOON)
    await stage.harness.deliver(first)
    await stage.harness.deliver(unaccepted(first, at=NOON + timedelta(hours=1), version=3))
    assert await balance(stage, answerer) == (0, 0)
    again = an_acceptance(
        stage.community_id,
        answerer.id,
        asker=asker.id,
        at=NOON + timedelta(hours=2),
        version=4,
        reply_id=first.data.reply_id,
    )
    await stage.harness.deliver(again)
    assert await balance(stage, answerer) == (15, 15)


async def test_an_answer_that_helped_before_keeps_its_points_in_whatever_order_that_is_heard(stage):
    """Accepted in a discussion that was merged into another; there it was accepted for a while."""
    asker, other, *answerers = await stage.members(4)
    for answerer, order in zip(answerers, ((0, 1, 2), (2, 1, 0, 2)), strict=True):
        first = an_acceptance(stage.community_id, answerer.id, asker=asker.id, at=NOON)
        again = an_acceptance(
            stage.community_id,
            answerer.id,
            asker=other.id,
            at=NOON + timedelta(hours=1),
            version=3,
            reply_id=first.data.reply_id,
        )
        gone = unaccepted(again, at=NOON + timedelta(hours=2), version=4, helped_before=True)
        for one in order:
            await stage.harness.deliver((first, again, gone)[one])
        assert await balance(stage, answerer) == (15, 15)


async def test_attending_and_giving_a_session_earn_apart(stage):
    member = await stage.member()
    await stage.harness.deliver(
        an_attendance(stage.community_id, member.id, at=NOON),
        an_attendance(stage.community_id, member.id, at=NOON, role="speaker"),
    )
    assert await balance(stage, member) == (60, 60)


async def test_what_is_heard_of_a_member_before_he_is_known_is_paid_when_he_is(stage):
    stranger = new_id()
    article = an_article(stage.community_id, stranger, at=NOON)
    await stage.harness.deliver(article)
    member = await stage.member()
    joined = MemberJoined(**(stage._member(member, JOINED) | {"member_id": stranger, "person_id": new_id()}))
    await stage.harness.deliver(received(joined, occurred_at=JOINED))
    operator = stage.service("wallets.read")
    assert (await operator.get(f"/v1/wallets/{stranger}")).json()["points"] == WELCOME + 30


async def test_who_is_suspended_or_gone_earns_nothing_from_then_on(stage):
    member = await stage.member()
    before = an_article(stage.community_id, member.id, at=NOON)
    during = an_article(stage.community_id, member.id, at=NOON + timedelta(hours=2))
    after = an_article(stage.community_id, member.id, at=NOON + timedelta(days=2))
    await stage.harness.deliver(during, before)
    assert await balance(stage, member) == (60, 60)
    suspended = MemberStatusChanged(
        **stage._member(member, JOINED, status="suspended", status_until=NOON + timedelta(days=1))
    )
    # The news comes late: what was earned meanwhile is taken back.
    await stage.harness.deliver(received(suspended, occurred_at=NOON + timedelta(hours=1), version=2), after)
    assert await balance(stage, member) == (60, 60)
    codes = {
        item["source"]["id"]: item["code"] for item in (await outcomes(member))["items"] if item["rule"] == "article"
    }
    assert codes == {str(before.id): None, str(during.id): "suspended", str(after.id): None}


async def test_a_source_without_outcome_says_whether_it_was_seen(stage):
    member = await stage.member()
    assert (await outcomes(member, source_id=str(new_id())))["nothing"] == "not_seen_yet"
    unpaid = Occurrence(new_id(), "mentorship.ended", stage.community_id, member.id, NOON, "mentorship", "m")
    async with stage.harness.runtime.database.transaction() as session:
        await earning.record(session, [unpaid])
    assert (await outcomes(member, source_id=str(unpaid.source_id)))["nothing"] == "no_rule"


async def test_whoever_replied_asks_by_the_id_of_their_reply(stage):
    member, other = await stage.members(2)
    replies = [a_reply(stage.community_id, one.id, at=NOON, reply_id=new_id()) for one in (member, member, other)]
    await stage.harness.deliver(*replies)
    first, _, others = [reply.data.reply_id for reply in replies]
    told = await outcomes(member, source_id=str(first))
    assert [(item["rule"], item["source"]["id"]) for item in told["items"]] == [("reply", str(replies[0].id))]
    assert (await outcomes(member, source_id=str(others)))["nothing"] == "no_rule"


async def test_recording_says_what_was_paid_and_refused_and_again_the_same(stage):
    member = await stage.member()
    deeds = [
        Occurrence(
            new_id(),
            "reply.posted",
            stage.community_id,
            member.id,
            NOON + timedelta(minutes=n),
            "reply",
            str(n),
            beneficiary="author",
        )
        for n in range(11)
    ]
    async with stage.harness.runtime.database.transaction() as session:
        first = await earning.record(session, deeds)
    async with stage.harness.runtime.database.transaction() as session:
        again = await earning.record(session, deeds)
        results = await earning.results(session, member_id=member.id, source_ids=[deed.source_id for deed in deeds])
    assert [each.new for each in first] == [True] * 11
    assert [each.new for each in again] == [False] * 11
    assert [(each.paid, each.refused) for each in first] == [(each.paid, each.refused) for each in again]
    assert [refused.code for refused in first[10].refused] == ["daily_cap"]
    assert [results[deed.source_id].paid for deed in deeds] == [each.paid for each in first]


async def test_a_voided_occurrence_gives_its_room_back(stage):
    member = await stage.member()
    replies = [a_reply(stage.community_id, member.id, at=NOON + timedelta(minutes=n)) for n in range(11)]
    await stage.harness.deliver(*replies)
    targets = [Target("reply", str(replies[0].data.reply_id))]
    async with stage.harness.runtime.database.transaction() as session:
        await earning.withdraw(session, targets, version=2, keeps_share=False)
    assert await balance(stage, member) == (20, 20)
    assert (await outcomes(member, source_id=str(replies[10].id)))["items"][0]["code"] is None
    async with stage.harness.runtime.database.transaction() as session:
        await earning.restore(session, targets, version=3)
    assert (await outcomes(member, source_id=str(replies[10].id)))["items"][0]["code"] == "daily_cap"


async def test_every_trigger_that_is_offered_has_its_deeds(stage):
    member = await stage.member()
    for day in range(7):
        stage.harness.clock.now = NOON + timedelta(days=day)
        checked_in = await member.client.post("/v1/checkins", json={"community_id": str(stage.community_id)})
        assert checked_in.status_code == 201, checked_in.text
    thanks = {"community_id": str(stage.community_id), "receiver_id": str((await stage.member()).id)}
    assert (await member.client.post("/v1/kudos", json=thanks | {"text": "Thank you for all"})).status_code == 201
    runs = await stage.member(roles=("operator",))
    today = {"title": "A day", "starts_on": "2024-05-12", "ends_on": "2024-05-12"}
    here = {"community_id": str(stage.community_id)}
    plan = (await runs.client.post("/v1/checkin-plans", json=here | today)).json()
    await member.client.post(f"/v1/checkin-plans/{plan['id']}/join")
    counted = await member.client.post("/v1/checkins", json=here | {"plan_ids": [plan["id"]]})
    assert counted.json()["plans"][0]["completed"]
    about = {"community_id": stage.community_id}
    deeds = [with_one_id(message, member.id).model_copy(update=about) for message in TRIGGERS.deeds]
    deeds.append(with_one_id(ContestFinished, member.id).model_copy(update=about))
    await stage.harness.deliver(*[received(deed, occurred_at=NOON) for deed in deeds])
    async with stage.harness.runtime.database.reading() as session:
        recorded = set((await session.execute(select(col(RecordedOccurrence.trigger)))).scalars())
    assert recorded == TRIGGERS.by_name.keys()


async def test_any_order_of_arrival_with_duplicates_ends_in_the_same_net_state(stage):
    members = await stage.members(3)
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    messages = []
    for _ in range(60):
        member = chance.choice(members)
        at = NOON + timedelta(minutes=chance.randrange(60 * 24 * 9))
        kind = chance.randrange(4)
        if kind == 0:
            messages.append(an_article(stage.community_id, member.id, at=at, kind="experience"))
        elif kind == 1:
            messages.append(a_like(stage.community_id, member.id, by=chance.choice(members).id, at=at))
        else:
            messages.append(a_reply(stage.community_id, member.id, at=at))
        if kind != 1 and chance.random() < 0.3:
            messages.append(removed(messages[-1], at=at + timedelta(hours=1)))
    copies = _copied(messages, stage, members)
    await stage.harness.deliver(*messages)
    clean = await net_state(stage)
    shuffled = [*copies.messages, *copies.messages]
    chance.shuffle(shuffled)
    for start in range(0, len(shuffled), 7):
        await stage.harness.deliver(*shuffled[start : start + 7])
    everything = await net_state(stage)
    again = {key: amount for key, amount in everything.items() if key[0] in copies.members}
    names = {copy: original.id for copy, original in zip(copies.order, members, strict=True)}
    assert {(names[key[0]], *key[1:]): amount for key, amount in again.items() if key[2] != "joined"} == {
        key: amount for key, amount in clean.items() if key[2] != "joined"
    }, f"seed {seed}"


class _copied:  # noqa: N801 - reads as a verb where it is used
    """The same deeds by other members, with ids of their own in the same order."""

    def __init__(self, messages, stage, members) -> None:
        self.order = [new_id() for _ in members]
        names = {str(member.id): str(copy) for member, copy in zip(members, self.order, strict=True)}
        self.members = set(self.order)
        ids: dict[str, str] = {}
        self.messages = [
            received(
                MemberJoined(**(stage._member(member, JOINED) | {"member_id": copy, "person_id": new_id()})),
                occurred_at=JOINED,
            )
            for member, copy in zip(members, self.order, strict=True)
        ]
        for message in messages:
            text = message.data.model_dump_json()
            for old, new in names.items():
                text = text.replace(old, new)
            for field in ("reply_id", "article_id", "reaction_id", "id", "root_id"):
                value = getattr(message.data, field, None)
                if value is not None:
                    text = text.replace(str(value), ids.setdefault(str(value), str(new_id())))
            copy = type(message.data).model_validate_json(text)
            self.messages.append(received(copy, occurred_at=message.occurred_at, version=message.version))
