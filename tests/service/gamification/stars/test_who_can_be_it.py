"""Who can be named, voted for and confirmed as the star of a month, and who decides."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.service.gamification.stars.naming import COUNTED, STARS, VOTING, wrong

MAY = datetime(2024, 5, 20, 4, tzinfo=UTC)


async def test_whoever_ran_the_community_on_a_day_of_the_month_is_not_it(stage, members):
    stage.at(datetime(2024, 4, 30, 4, tzinfo=UTC))
    await stage.change_roles(members[0], "operator")
    # In Shanghai it is May for a second.
    stage.at(datetime(2024, 4, 30, 16, 0, 1, tzinfo=UTC))
    await stage.change_roles(members[0])
    stage.at(MAY)
    assert wrong(await stage.name(members[1], members[0])) == (422, "not_eligible")


async def test_whoever_ran_it_until_the_month_began_or_since_it_ended_can_be_it(stage, members):
    stage.at(datetime(2024, 4, 29, 4, tzinfo=UTC))
    await stage.change_roles(members[0], "owner")
    stage.at(datetime(2024, 4, 30, 15, 59, tzinfo=UTC))
    await stage.change_roles(members[0])
    stage.at(MAY)
    assert (await stage.name(members[1], members[0])).status_code == 201
    star = (await stage.name(members[2], members[3])).json()["id"]
    stage.at(datetime(2024, 5, 31, 16, tzinfo=UTC))
    await stage.change_roles(members[3], "operator")
    stage.at(VOTING)
    for one in members[:3]:
        assert (await stage.vote(one, star, members[3])).status_code == 200


async def test_who_left_or_is_suspended_is_neither_named_nor_voted_for_nor_confirmed(stage, members):
    owner = await stage.member(roles=("owner",))
    star = await stage.voted(members)
    await stage.name(owner, members[5])
    for goes, comes in (
        (stage.leave, stage.come_back),
        (stage.suspend, lambda one: stage.suspend(one, "none")),
    ):
        stage.at(VOTING)
        await goes(members[0])
        assert wrong(await stage.vote(owner, star, members[0])) == (422, "not_eligible")
        assert wrong(await stage.name(owner, members[0])) == (422, "not_eligible")
        stage.at(COUNTED)
        # The next one is first, whose votes are fewer.
        assert await stage.leads(owner, star) == {str(members[1].id)}
        assert wrong(await stage.confirm(owner, star, members[0])) == (409, "star_not_first")
        await comes(members[0])
        assert await stage.leads(owner, star) == {str(members[0].id)}
    await stage.suspend(members[0], until=COUNTED + timedelta(hours=1))
    assert await stage.leads(owner, star) == {str(members[1].id)}
    stage.at(COUNTED + timedelta(hours=1))
    assert await stage.leads(owner, star) == {str(members[0].id)}


async def test_who_left_or_is_suspended_names_nobody_and_does_not_vote(stage, members):
    star = (await stage.name(members[2], members[0])).json()["id"]
    await stage.leave(members[4])
    await stage.suspend(members[5])
    for one in members[4:]:
        assert (await stage.name(one, members[0])).status_code in {403, 404}
    stage.at(VOTING)
    for one in members[4:]:
        assert (await stage.vote(one, star, members[0])).status_code in {403, 404}


async def test_of_several_with_as_many_votes_the_owner_chooses_one(stage, members):
    owner = await stage.member(roles=("owner",))
    star = (await stage.name(members[2], members[0])).json()["id"]
    await stage.name(members[3], members[1])
    await stage.name(members[4], members[5])
    stage.at(VOTING)
    for voter, member in ((1, 0), (2, 0), (0, 1), (3, 1), (4, 5)):
        assert (await stage.vote(members[voter], star, members[member])).status_code == 200
    stage.at(COUNTED)
    assert await stage.leads(owner, star) == {str(one.id) for one in members[:2]}
    assert wrong(await stage.confirm(owner, star, members[5])) == (409, "star_not_first")
    assert (await stage.confirm(owner, star, members[1])).json()["winner"]["member_id"] == str(members[1].id)


async def test_an_owner_who_was_named_leaves_it_to_another(stage, members):
    star = await stage.voted(members)
    stage.at(VOTING + timedelta(days=1))
    other = await stage.member(roles=("owner",), joined_at=VOTING)
    # Named in May, and owner since June.
    await stage.change_roles(members[1], "owner")
    stage.at(COUNTED)
    for winner in (members[0], members[1], None):
        assert wrong(await stage.confirm(members[1], star, winner)) == (403, "conflict_of_interest")
    assert (await stage.read(members[1], star))["viewer"]["cannot"] == {"confirm": "conflict_of_interest"}
    assert (await stage.tasks(members[1]), await stage.tasks(other)) == ([], ["confirm_star"])
    assert (await stage.confirm(other, star, members[0])).status_code == 200


async def test_an_owner_who_was_named_and_cannot_be_it_any_more_decides(stage, members):
    star = (await stage.name(members[2], members[0])).json()["id"]
    await stage.name(members[3], members[1])
    await stage.change_roles(members[1], "owner")
    stage.at(VOTING)
    for one in members[1:]:
        assert (await stage.vote(one, star, members[0])).status_code == 200
    stage.at(COUNTED)
    assert await stage.tasks(members[1]) == ["confirm_star"]
    assert (await stage.confirm(members[1], star, members[0])).status_code == 200


async def test_a_month_in_which_nobody_was_named_has_no_star(stage, members):
    stage.at(COUNTED)
    listed = (await members[0].client.get(STARS, params={"community_id": str(stage.community_id)})).json()
    assert listed["items"] == []
    assert await stage.tasks(members[0]) == []


async def test_a_month_for_which_nobody_voted_has_no_star_and_waits_for_nobody(stage, members):
    owner = await stage.member(roles=("owner",))
    star = (await stage.name(members[2], members[0])).json()["id"]
    await stage.over()
    assert (await stage.read(owner, star))["phase"] == "none"
    assert await stage.tasks(owner) == []
    assert wrong(await stage.confirm(owner, star, None)) == (409, "star_not_now")


@pytest.mark.parametrize("action", ["nominate", "vote"])
async def test_who_has_not_is_asked_once_at_the_end_of_the_month_and_then_to_vote(stage, members, action):
    star = (await stage.name(members[2], members[0])).json()["id"]
    one = members[4]
    assert await stage.tasks(one) == []
    if action == "nominate":
        # Seven days before the month ends in Shanghai.
        stage.at(datetime(2024, 5, 24, 15, 59, tzinfo=UTC))
        assert await stage.tasks(one) == []
        stage.at(datetime(2024, 5, 24, 16, tzinfo=UTC))
        assert await stage.tasks(one) == ["nominate_star"]
        await stage.name(one, members[0])
    else:
        stage.at(VOTING)
        assert await stage.tasks(one) == ["vote_for_star"]
        (task,) = (await one.client.get("/internal/tasks")).json()
        assert (task["due_at"], task["href"]) == ("2024-06-07T16:00:00Z", f"{STARS}/{star}")
        await stage.vote(one, star, members[0])
    assert await stage.tasks(one) == []


async def test_an_archived_community_votes_for_nobody(stage, members):
    star = (await stage.name(members[2], members[0])).json()["id"]
    stage.at(VOTING)
    await stage.change(status="archived")
    assert (await stage.vote(members[1], star, members[0])).status_code == 409
    assert await stage.tasks(members[1]) == []
    assert (await stage.read(members[1], star))["viewer"]["cannot"] == {"vote": "community_archived"}
