"""The star of a month: who is named, votes in secret, and what the owner confirms."""

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlmodel import col

from services.gamification.stars.models import Star, StarCandidate, StarNomination, StarVoter
from tests.service.gamification.stage import OnStage
from tests.service.gamification.stars.naming import COUNTED, STARS, VOTING, wrong


async def test_a_month_has_its_star_by_nomination_vote_and_the_owners_word(stage, members):
    owner = await stage.member(roles=("owner",))
    star = await stage.voted(members)
    seen = (await members[2].client.get(f"{STARS}/{star}")).json()
    assert (seen["month"], seen["phase"], seen["votes_from"], seen["votes_until"]) == (
        "2024-05-01",
        "voting",
        "2024-06-01",
        "2024-06-07",
    )
    assert (seen["named"]["member_id"], seen["voted"], seen["viewer"]["cannot"]) == (
        str(members[0].id),
        True,
        {"vote": "star_voted_before"},
    )
    stage.at(COUNTED)
    seen = (await owner.client.get(f"{STARS}/{star}")).json()
    assert (seen["phase"], seen["ballots"], seen["viewer"]["can"]) == ("counted", 6, ["confirm"])
    assert [one["member_id"] for one in seen["leading"]] == [str(members[0].id)]
    assert wrong(await stage.confirm(owner, star, members[1])) == (409, "star_not_first")
    assert wrong(await stage.confirm(owner, star, members[2])) == (422, "not_named")
    assert (await stage.confirm(members[2], star, members[0])).status_code == 403
    for _ in range(2):
        confirmed = await stage.confirm(owner, star, members[0])
        assert confirmed.status_code == 200, confirmed.text
    assert (confirmed.json()["phase"], confirmed.json()["winner"]["member_id"]) == ("confirmed", str(members[0].id))
    late = await stage.confirm(owner, star, None)
    assert wrong(late) == (409, "star_not_now")
    assert (late.json()["state"], late.json()["detail"]) == ("confirmed", "It has been confirmed who it is.")
    (told,) = await stage.harness.published("star.confirmed")
    assert (told.data["winner_id"], told.data["month"]) == (str(members[0].id), "2024-05-01")
    (listed,) = (await owner.client.get(STARS, params={"community_id": str(stage.community_id)})).json()["items"]
    assert (listed["phase"], listed["winner"]["member_id"]) == ("confirmed", str(members[0].id))


async def test_nothing_is_known_of_votes_before_the_days_of_voting_are_over(stage, members):
    star = await stage.voted(members)
    assert await stage.candidates(members[0], star) == {str(one.id): None for one in members[:2]}
    seen = (await members[0].client.get(f"{STARS}/{star}")).json()
    assert (seen["ballots"], seen["leading"], seen["winner"]) == (None, [], None)
    stage.at(COUNTED)
    assert await stage.candidates(members[0], star) == {str(members[0].id): 5, str(members[1].id): 1}


async def test_what_is_kept_does_not_say_who_voted_for_whom(stage, members):
    star = (await stage.name(members[2], members[0])).json()["id"]
    stage.at(VOTING)
    keys = stage.harness.runtime.service.tables.chassis
    async with stage.harness.runtime.database.transaction() as session:
        before = [
            (await session.execute(select(func.count()).select_from(table))).scalar_one()
            for table in (keys.audit_entries, keys.idempotency_keys)
        ]
    answer = await members[1].client.post(
        f"{STARS}/{star}/vote", json={"member_id": str(members[0].id)}, headers={"Idempotency-Key": "once"}
    )
    assert answer.status_code == 200, answer.text
    async with stage.harness.runtime.database.transaction() as session:
        after = [
            (await session.execute(select(func.count()).select_from(table))).scalar_one()
            for table in (keys.audit_entries, keys.idempotency_keys)
        ]
    assert after == before
    assert not await stage.harness.published("star.")
    assert set(StarVoter.model_fields) == {"star_id", "member_id"}
    assert set(StarCandidate.model_fields) == {"star_id", "member_id", "votes"}


async def test_who_votes_twice_at_once_has_one_vote(stage, members):
    star = (await stage.name(members[2], members[0])).json()["id"]
    await stage.name(members[3], members[1])
    stage.at(VOTING)
    answers = await asyncio.gather(*(stage.vote(members[4], star, members[index % 2]) for index in range(6)))
    assert sorted(one.status_code for one in answers) == [200, *[409] * 5]
    async with stage.harness.runtime.database.transaction() as session:
        votes = (await session.execute(select(func.sum(col(StarCandidate.votes))))).scalar_one()
        voters = (await session.execute(select(func.count()).select_from(StarVoter))).scalar_one()
        ballots = (await session.execute(select(col(Star.ballots)))).scalar_one()
    assert (votes, voters, ballots) == (1, 1, 1)


async def test_members_who_name_at_once_name_one_each_for_one_star(stage, members):
    answers = await asyncio.gather(
        *(stage.name(one, members[0]) for one in members[1:4]), *(stage.name(members[4], members[5]) for _ in range(3))
    )
    assert sorted(one.status_code for one in answers) == [201] * 4 + [409] * 2
    assert len({one.json()["id"] for one in answers if one.status_code == 201}) == 1
    async with stage.harness.runtime.database.transaction() as session:
        assert (await session.execute(select(func.count()).select_from(StarNomination))).scalar_one() == 4


async def test_nobody_names_or_votes_for_themselves(stage, members):
    star = (await stage.name(members[2], members[0])).json()["id"]
    assert wrong(await stage.name(members[1], members[1])) == (422, "yourself")
    stage.at(VOTING)
    assert wrong(await stage.vote(members[0], star, members[0])) == (422, "yourself")
    assert wrong(await stage.vote(members[1], star, members[5])) == (422, "not_named")


async def test_who_ran_the_community_in_the_month_or_is_not_there_cannot_be_it(stage, members):
    for role in ("owner", "operator"):
        one = await stage.member(roles=(role,))
        assert wrong(await stage.name(members[0], one)) == (422, "not_eligible")
    stranger = OnStage(members[0].person_id, members[0].person_id, "E0", members[0].client)
    assert wrong(await stage.name(members[0], stranger)) == (422, "not_eligible")


async def test_votes_are_given_on_the_first_seven_days_of_the_next_month_alone(stage, members):
    star = (await stage.name(members[2], members[0])).json()["id"]
    assert wrong(await stage.vote(members[1], star, members[0])) == (409, "star_not_now")
    # In Shanghai it is midnight.
    stage.at(datetime(2024, 5, 31, 16, tzinfo=UTC))
    assert (await stage.vote(members[1], star, members[0])).status_code == 200
    stage.at(datetime(2024, 6, 7, 16, tzinfo=UTC) - timedelta(seconds=1))
    assert (await stage.vote(members[2], star, members[0])).status_code == 200
    stage.at(datetime(2024, 6, 7, 16, tzinfo=UTC))
    assert wrong(await stage.vote(members[3], star, members[0])) == (409, "star_not_now")


async def test_under_five_ballots_there_is_no_star_and_votes_stay_unknown(stage, members):
    owner = await stage.member(roles=("owner",))
    star = (await stage.name(members[2], members[0])).json()["id"]
    stage.at(VOTING)
    for voter in members[1:5]:
        await stage.vote(voter, star, members[0])
    stage.at(COUNTED)
    assert (await owner.client.get(f"{STARS}/{star}")).json()["phase"] == "none"
    assert await stage.candidates(owner, star) == {str(members[0].id): None}
    assert wrong(await stage.confirm(owner, star, members[0])) == (409, "star_not_now")


async def test_nobody_is_the_star_twice_in_a_quarter(stage, members):
    owner = await stage.member(roles=("owner",))
    star = await stage.voted(members)
    # While May is not confirmed yet, both are named once more, and voted for.
    june = (await stage.name(members[2], members[0])).json()["id"]
    await stage.name(members[3], members[1])
    stage.at(VOTING + timedelta(days=30))
    for voter in members[1:5]:
        assert (await stage.vote(voter, june, members[0])).status_code == 200
    assert (await stage.confirm(owner, star, members[0])).status_code == 200
    # Who votes now is told so.
    assert wrong(await stage.vote(members[5], june, members[0])) == (422, "not_eligible")
    assert (await stage.vote(members[0], june, members[1])).status_code == 200
    stage.at(COUNTED + timedelta(days=30))
    assert await stage.leads(owner, june) == {str(members[1].id)}
    assert wrong(await stage.confirm(owner, june, members[0])) == (409, "star_not_first")
    assert (await stage.confirm(owner, june, members[1])).status_code == 200
    # The third quarter is another.
    july = await stage.name(members[4], members[0])
    assert (july.status_code, july.json()["month"]) == (201, "2024-07-01")


async def test_the_desk_has_the_stars_that_wait_for_an_owner(stage, members):
    owner = await stage.member(roles=("owner",))

    async def waiting() -> int:
        found = await owner.client.get("/internal/desk", params={"community_id": str(stage.community_id)})
        assert found.status_code == 200, found.text
        return next(one["count"] for one in found.json() if one["code"] == "stars_to_confirm")

    star = await stage.voted(members)
    assert await waiting() == 0
    stage.at(COUNTED)
    assert await waiting() == 1
    assert (await stage.confirm(owner, star, None)).json()["phase"] == "none"
    assert await waiting() == 0
