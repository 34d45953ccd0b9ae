"""Activities that are for some members alone."""

from tests.service.events.conftest import ACTIVITIES, REGISTRATIONS


def path(activity):
    return f"{ACTIVITIES}/{activity['id']}"


async def departments(hall):
    """研发 above 平台 above 存储; 销售 beside them."""
    for code, parent in (("RD", None), ("PLATFORM", "RD"), ("STORE", "PLATFORM"), ("SALES", None)):
        await hall.stage.tell_department(code, code, parent)


async def test_who_is_not_among_those_it_is_for_is_told_which_condition_they_do_not_meet(hall):
    await departments(hall)
    await hall.stage.works(hall["甲"], department_code="STORE", job_grade="P7", site="杭州")
    await hall.stage.works(hall["乙"], department_code="SALES", job_grade="P7", site="上海")
    activity = await hall.announces(eligibility={"departments": ["RD"], "job_grades": ["p7", "p8"], "sites": ["杭州"]})
    refused = await hall.registers("乙", activity, status=403)
    assert (refused["code"], refused["unmet"]) == ("not_eligible", ["departments", "sites"])
    assert (await hall.see("群主", REGISTRATIONS, activity_id=activity["id"]))["items"] == []
    # A department counts with all below it.
    assert (await hall.registers("甲", activity))["status"] == "confirmed"
    listed = {
        name: (await hall.see(name, ACTIVITIES, community_id=str(hall.stage.community_id)))["items"][0]["mine"]["unmet"]
        for name in "甲乙"
    }
    assert listed == {"甲": [], "乙": ["departments", "sites"]}
    assert (await hall.see("乙", path(activity)))["eligibility"]["sites"] == ["杭州"]


async def test_who_no_longer_meets_a_condition_keeps_the_seat_and_comes_not_again(hall):
    await departments(hall)
    await hall.stage.works(hall["甲"], department_code="STORE")
    activity = await hall.announces(eligibility={"departments": ["PLATFORM"]})
    mine = await hall.registers("甲", activity)
    await hall.stage.works(hall["甲"], department_code="SALES")
    seen = (await hall.see("甲", path(activity)))["mine"]
    assert (seen["registration"]["status"], seen["unmet"]) == ("confirmed", ["departments"])
    assert (await hall.registers("甲", activity, status=200))["id"] == mine["id"]
    await hall.cancels("甲", mine)
    assert (await hall.registers("甲", activity, status=403))["code"] == "not_eligible"
    # Where the department stands counts now, not when the activity was announced.
    await hall.stage.tell_department("SALES", "销售", "PLATFORM")
    await hall.registers("甲", activity)


async def test_what_one_is_in_the_community_counts_too(hall):
    await hall.joins("讲师", "lecturer")
    later = hall.after()
    hall.later(days=1)
    hall.members["新人"] = await hall.stage.member(joined_at=hall.now, person_kind="external")
    activity = await hall.announces(eligibility={"roles": ["lecturer", "mentor"]})
    assert (await hall.registers("甲", activity, status=403))["unmet"] == ["roles"]
    await hall.registers("讲师", activity)
    activity = await hall.announces(eligibility={"joined_before": later, "kinds": ["employee"]})
    assert (await hall.registers("新人", activity, status=403))["unmet"] == ["joined_before", "kinds"]
    await hall.registers("甲", activity)


async def test_an_assigned_member_is_expected_whoever_it_is_for(hall):
    activity = await hall.announces(eligibility={"job_grades": ["P9"]})
    await hall.registers("甲", activity, status=403)
    body = {"activity_id": activity["id"], "member_ids": [str(hall["甲"].id)]}
    await hall.send("群主", f"{REGISTRATIONS}/assign", body)
    assert (await hall.see("甲", path(activity)))["mine"]["registration"]["status"] == "assigned"


async def test_a_department_that_nobody_has_heard_of_is_refused_and_a_condition_is_taken_back(hall):
    await departments(hall)
    wrong = await hall.prepares(eligibility={"departments": ["RD", "R&D"]}, status=422)
    assert [(one["pointer"], one["code"]) for one in wrong["errors"]] == [
        ("/eligibility/departments/1", "unknown_department")
    ]
    activity = await hall.announces(eligibility={"departments": ["RD"]})
    wrong = await hall.change("群主", path(activity), {"eligibility": {"departments": ["X"]}}, version=2, status=422)
    assert wrong["errors"][0]["code"] == "unknown_department"
    assert (await hall.see("甲", path(activity)))["eligibility"]["departments"] == ["RD"]
    await hall.registers("甲", activity, status=403)
    await hall.change("群主", path(activity), {"eligibility": None}, version=2)
    await hall.registers("甲", activity)


async def test_departments_that_stand_in_a_circle_end(hall):
    await hall.stage.tell_department("A", "A", "B")
    await hall.stage.tell_department("B", "B", "A")
    await hall.stage.works(hall["甲"], department_code="A")
    activity = await hall.announces(eligibility={"departments": ["B"]})
    await hall.registers("甲", activity)


async def test_a_cohort_counts_that_somebody_here_is_in_and_no_other(hall):
    cohort, elsewhere = str(hall.stage.known_as("一期")), str(hall.stage.known_as("别处"))
    hall.members["一期生"] = await hall.stage.member(cohort_id=hall.stage.known_as("一期"))
    wrong = await hall.prepares(eligibility={"cohort_ids": [cohort, elsewhere]}, status=422)
    assert [(one["pointer"], one["code"]) for one in wrong["errors"]] == [
        ("/eligibility/cohort_ids/1", "unknown_cohort")
    ]
    activity = await hall.announces(eligibility={"cohort_ids": [cohort]})
    await hall.change("群主", path(activity), {"eligibility": {"cohort_ids": [elsewhere]}}, version=2, status=422)
    assert (await hall.registers("甲", activity, status=403))["unmet"] == ["cohort_ids"]
    await hall.registers("一期生", activity)
