"""Who sees to which area of a community, and what becomes of it when they leave."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from chassis.web.work import Work
from services.membership.roster.models import Member
from tests.service.membership.scene import DAY

PATH = "/v1/responsibilities"


@pytest.fixture
async def community(scene):
    return await scene.community()


@pytest.fixture
async def members(scene, community):
    """Three members by name."""
    return {name: (await scene.member(name, community))["id"] for name in ("甲", "乙", "丙")}


@pytest.fixture
async def area(scene, community, members):
    """An area that 甲 holds, 乙 stands in for, and 丙 is told of."""
    return await add(scene, community, holder_id=members["甲"], deputy_id=members["乙"], informed_ids=[members["丙"]])


async def add(scene, community, *, area="海报", status=201, **fields):
    body = {"community_id": community["id"], "area": area, **fields}
    return await scene.send(scene.again("owner"), PATH, body, status=status)


async def seen(scene, area, by="owner"):
    return await scene.see(scene.again(by), f"{PATH}/{area['id']}")


async def leave(scene, members, name):
    await scene.send(scene.again(name), f"/v1/members/{members[name]}/leave")


async def states(scene):
    """Holder and deputy, as the messages tell them."""
    return [(told.get("holder_id"), told.get("deputy_id")) for told in await scene.told("responsibility.assigned")]


def people(area):
    """Names of holder, deputy and informed."""
    embeds = [area["holder"], area["deputy"], *area["informed"]]
    return [one and one["display_name"] for one in embeds]


# --- writing and reading -------------------------------------------------------------------------------------------


async def test_an_area_names_its_members_to_every_member(scene, community, members, area):
    assert people(area) == ["甲", "乙", "丙"]
    assert await seen(scene, area, by="丙") == area
    listed = await scene.see(scene.again("丙"), PATH, community_id=community["id"])
    assert listed["items"] == [area]


async def test_a_new_area_is_told_and_recorded(scene, community, members, area):
    (told,) = await scene.harness.published("responsibility.assigned")
    assert told.version == 1
    assert told.data == {
        "community_id": community["id"],
        "responsibility_id": area["id"],
        "area": "海报",
        "holder_id": members["甲"],
        "deputy_id": members["乙"],
        "informed_ids": [members["丙"]],
    }
    entry = (await scene.audit(community["id"]))[-1]
    assert (entry["action"], entry["changes"]) == (
        "responsibility.create",
        {
            "area": [None, "海报"],
            "holder_id": [None, members["甲"]],
            "deputy_id": [None, members["乙"]],
            "informed_ids": [None, [members["丙"]]],
        },
    )
    assert entry["object_id"] == area["id"]


@pytest.mark.parametrize("name", ["\u3164", "\u0301\u0301", " "])
async def test_an_area_whose_name_nobody_sees_is_refused(scene, community, members, name):
    refused = await add(scene, community, area=name, holder_id=members["甲"], status=422)
    assert [error["pointer"] for error in refused["errors"]] == ["/area"]


async def test_two_areas_of_a_community_have_two_names(scene, community, members, area):
    refused = await add(scene, community, holder_id=members["丙"], status=409)
    assert (refused["code"], [error["pointer"] for error in refused["errors"]]) == ("already_exists", ["/area"])
    other = await add(scene, community, area="图书角", holder_id=members["丙"])
    refused = await scene.change(scene.again("owner"), f"{PATH}/{other['id']}", {"area": "海报"}, status=409)
    assert refused["code"] == "already_exists"
    elsewhere = await scene.community()
    owner = (await scene.see(scene.again("owner"), "/v1/members", community_id=elsewhere["id"]))["items"][0]
    assert (await add(scene, elsewhere, holder_id=owner["id"]))["area"] == "海报"


async def test_only_present_members_of_the_community_see_to_an_area(scene, community, members):
    elsewhere = await scene.community(owner="另一位")
    owner = (await scene.see(scene.again("另一位"), "/v1/members", community_id=elsewhere["id"]))["items"][0]
    await leave(scene, members, "丙")
    for one in (owner["id"], members["丙"], str(uuid4())):
        for fields in ({"holder_id": one}, {"deputy_id": one}, {"informed_ids": [members["乙"], one]}):
            refused = await add(scene, community, status=422, **{"holder_id": members["甲"]} | fields)
            pointers = [error["pointer"] for error in refused["errors"]]
            assert (refused["code"], pointers) == ("unknown_member", [f"/{next(iter(fields))}"])


async def test_nobody_stands_in_for_themselves(scene, community, members, area):
    refused = await add(scene, community, area="图书角", holder_id=members["甲"], deputy_id=members["甲"], status=422)
    assert [error["pointer"] for error in refused["errors"]] == ["/deputy_id"]
    refused = await scene.change(scene.again("owner"), f"{PATH}/{area['id']}", {"holder_id": members["乙"]}, status=422)
    assert [error["pointer"] for error in refused["errors"]] == ["/deputy_id"]


async def test_an_edit_changes_what_it_names_and_says_what_that_was(scene, community, members, area):
    change = {"holder_id": members["丙"], "informed_ids": [members["甲"], members["甲"]]}
    changed = await scene.change(scene.again("owner"), f"{PATH}/{area['id']}", change)
    assert people(changed) == ["丙", "乙", "甲"]
    entry = (await scene.audit(community["id"]))[-1]
    assert entry["action"] == "responsibility.update"
    assert entry["changes"]["holder_id"] == [members["甲"], members["丙"]]
    assert entry["changes"]["informed_ids"] == [[members["丙"]], [members["甲"]]]
    assert people(await scene.change(scene.again("owner"), f"{PATH}/{area['id']}", {"deputy_id": None})) == [
        "丙",
        None,
        "甲",
    ]
    assert [message.version for message in await scene.harness.published("responsibility")] == [1, 2, 3]


async def test_an_edit_that_changes_nothing_tells_nobody(scene, community, area):
    assert await scene.change(scene.again("owner"), f"{PATH}/{area['id']}", {"area": "海报"}) == area
    assert len(await scene.told("responsibility")) == 1


async def test_an_edit_of_an_older_version_is_refused(scene, area):
    path = f"{PATH}/{area['id']}"
    await scene.change(scene.again("owner"), path, {"area": "展板"})
    stale = await scene.again("owner").patch(path, json={"area": "横幅"}, headers={"If-Match": '"1"'})
    assert (stale.status_code, (await seen(scene, area))["area"]) == (412, "展板")


@pytest.mark.parametrize("field", ["area", "holder_id", "informed_ids"])
async def test_an_edit_leaves_no_area_without_name_and_holder(scene, area, field):
    await scene.change(scene.again("owner"), f"{PATH}/{area['id']}", {field: None}, status=422)


# --- passing on ----------------------------------------------------------------------------------------------------


async def test_what_a_holder_leaves_passes_to_the_deputy(scene, community, members, area):
    await leave(scene, members, "甲")
    assert people(await seen(scene, area)) == ["乙", None, "丙"]
    assert (await states(scene))[-1] == (members["乙"], None)
    entry = (await scene.audit(community["id"]))[-1]
    assert (entry["action"], entry["actor"]) == ("responsibility.update", f"person:{scene.people['甲']}")
    assert entry["changes"]["holder_id"] == [members["甲"], members["乙"]]


async def test_without_a_deputy_it_has_no_holder_and_waits_on_the_desk(scene, community, members, area):
    await add(scene, community, area="图书角", holder_id=members["丙"])
    await leave(scene, members, "甲")
    assert (await on_desk(scene, community))["count"] == 0
    scene.harness.clock.advance(DAY)
    await leave(scene, members, "乙")
    left_at = scene.harness.clock()
    scene.harness.clock.advance(DAY)
    waiting = await on_desk(scene, community)
    assert (waiting["count"], waiting["oldest_at"]) == (1, left_at.isoformat().replace("+00:00", "Z"))
    (vacant,) = (await scene.see(scene.again("owner"), waiting["href"]))["items"]
    assert people(vacant) == [None, None, "丙"]
    assert (await states(scene))[-1] == (None, None)
    refused = await scene.change(scene.again("owner"), f"{PATH}/{area['id']}", {"deputy_id": members["丙"]}, status=422)
    assert [error["pointer"] for error in refused["errors"]] == ["/deputy_id"]
    await scene.change(scene.again("owner"), f"{PATH}/{area['id']}", {"holder_id": members["丙"]})
    assert (await on_desk(scene, community))["count"] == 0


async def on_desk(scene, community):
    queues = await scene.see(scene.again("owner"), "/internal/desk", community_id=community["id"])
    return next(queue for queue in queues if queue["code"] == "areas_without_holder")


async def test_a_deputy_and_an_informed_member_who_leave_are_taken_out(scene, members, area):
    for name in ("乙", "丙"):
        await leave(scene, members, name)
    assert people(await seen(scene, area)) == ["甲", None]
    assert await states(scene) == [
        (members["甲"], members["乙"]),
        (members["甲"], None),
        (members["甲"], None),
    ]


async def test_who_leaves_the_company_leaves_their_areas(scene, members, area):
    for name in ("甲", "乙"):
        await scene.send(scene.admin, f"/v1/people/{scene.people[name]}/leave")
    assert people(await seen(scene, area)) == [None, None, "丙"]


async def test_areas_of_others_stay_as_they_are(scene, community, members, area):
    other = await add(scene, community, area="图书角", holder_id=members["丙"])
    await leave(scene, members, "甲")
    assert await seen(scene, other) == other


@pytest.mark.postgres
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_who_is_being_made_responsible_cannot_leave_before_they_are(scene, community, members, monkeypatch):
    asked = []

    async def may_leave(member_id):
        """Whether somebody else gets the lock with which a membership ends."""
        async with scene.harness.runtime.database.transaction() as session:
            try:
                await session.execute(select(Member).where(col(Member.id) == member_id).with_for_update(nowait=True))
            except DBAPIError:
                return False
        return True

    add_row = Work.add

    async def add_later(*arguments, **options):
        asked.extend([await may_leave(UUID(members[name])) for name in ("甲", "乙", "丙")])
        return await add_row(*arguments, **options)

    monkeypatch.setattr(Work, "add", add_later)
    await add(scene, community, holder_id=members["甲"], informed_ids=[members["乙"]])
    assert asked == [False, False, True]
