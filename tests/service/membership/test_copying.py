"""A new community that takes something of another one."""

import pytest

from chassis.testing.harness import received
from contracts.content import TextDecided
from services.membership.communities.rules import COPIED, NOT_COPIED
from tests.service.membership.scene import CHARTER, POSITIONING
from tests.service.membership.test_rule_sets import NO_ADS, POLITE, draft, published


async def create(scene, source, *, status=201, **fields):
    body = {"slug": "the-second", "name": "第二期", "copy_from": source["id"]} | fields
    return await scene.send(scene.admin, "/v1/communities", body, status=status)


@pytest.fixture
async def source(scene):
    return await scene.community(join="open", visibility="private", time_zone="Europe/Paris", day_starts_at="04:00")


async def test_what_is_asked_for_is_taken_and_what_the_request_says_counts(scene, source):
    made = await create(scene, source, parts=["positioning", "charter", "settings"], visibility="internal")
    assert (made["status"], made["positioning"], made["charter_version"]) == ("draft", POSITIONING, 1)
    assert (made["charter"]["values"], made["charter"]["vision"]) == (CHARTER["values"], CHARTER["vision"])
    assert (made["join"], made["visibility"], made["time_zone"], made["day_starts_at"]) == (
        "open", "internal", "Europe/Paris", "04:00",
    )  # fmt: skip
    again = await scene.see(scene.again("owner"), f"/v1/communities/{source['id']}")
    assert again["updated_at"] == source["updated_at"]


async def test_nothing_else_is_taken(scene, source):
    made = await create(scene, source, parts=["charter"])
    assert (made["positioning"], made["join"], made["time_zone"]) == (None, "campaign", "Asia/Shanghai")


async def join(scene, source):
    """The administrator becomes a member there."""
    path = f"/v1/communities/{source['id']}"
    await scene.change(scene.again("owner"), path, {"visibility": "internal"})
    await scene.send(scene.admin, f"{path}/join")


async def drafts(scene, community):
    """The rule sets of a community that its owner, the administrator, reads: state and rules of each."""
    listed = await scene.see(scene.admin, "/v1/rule-sets", community_id=community["id"])
    found = [await scene.see(scene.admin, f"/v1/rule-sets/{one['id']}") for one in listed["items"]]
    return [(one["state"], one["rules"]) for one in found]


async def test_rules_in_force_become_a_draft_once_the_caller_reads_them_and_moderation_has_let_them_through(
    scene, source
):
    rules = await published(scene, source)
    await draft(scene, source, POLITE)

    async def refused():
        errors = (await create(scene, source, parts=["charter", "rules"], status=422))["errors"]
        return [(one["pointer"], one["code"]) for one in errors], errors[0]["detail"]

    assert await refused() == ([("/parts/1", "not_readable")], "You do not read the rules of this community.")
    await join(scene, source)
    assert await refused() == ([("/parts/1", "not_readable")], "Moderation has not let these rules through.")
    (written,) = [one for one in await scene.told("text.written") if one["object"]["id"] == rules["id"]]
    decided = TextDecided(**written, verdict="allow")
    await scene.harness.deliver(received(decided, occurred_at=scene.harness.clock()))
    made = await create(scene, source, parts=["charter", "rules"])
    ((state, taken),) = await drafts(scene, made)
    assert (state, [one["text"] for one in taken]) == ("draft", [POLITE["text"], NO_ADS["text"]])
    again = await scene.see(scene.admin, f"/v1/rule-sets/{rules['id']}")
    assert (again["state"], again["acknowledge_by"]) == ("in_force", rules["acknowledge_by"])


async def test_where_no_rules_are_in_force_none_are_taken(scene, source):
    await draft(scene, source)
    await join(scene, source)
    assert await drafts(scene, await create(scene, source, parts=["rules"])) == []


@pytest.mark.parametrize("part", sorted(NOT_COPIED))
async def test_a_part_that_is_not_copied_is_refused_with_the_reason(scene, source, part):
    refused = await create(scene, source, parts=["charter", part], status=422)
    (error,) = refused["errors"]
    assert (error["pointer"], error["code"], error["detail"]) == ("/parts/1", "not_copied", NOT_COPIED[part][0])


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"parts": []}, "/parts"),
        ({"parts": ["charter"], "copy_from": None}, "/copy_from"),
        ({"parts": ["charter"], "copy_from": "00000000-0000-4000-8000-000000000000"}, "/copy_from"),
        ({"parts": ["everything"]}, "/parts/0"),
    ],
)
async def test_a_copy_of_nothing_is_refused_and_makes_nothing(scene, source, fields, pointer):
    refused = await create(scene, source, status=422, **fields)
    assert [one["pointer"] for one in refused["errors"]] == [pointer]
    assert len((await scene.see(scene.admin, "/v1/communities"))["items"]) == 1


def test_every_part_is_copied_or_says_why_not():
    assert not COPIED & NOT_COPIED.keys()
