"""What people have of activities, in whatever order it is told, and who reads it."""

from datetime import timedelta
from itertools import permutations

from chassis.ids import new_id
from chassis.testing import received
from contracts.events import ActivityCompleted, ActivityMoved
from contracts.membership import MemberJoined
from services.analytics.learning.erasing import erase
from tests.service.analytics.learning.conftest import BEGINS, ENDS, LATER
from tests.service.stage import JOINED, OnStage
from tests.support.statements import listening, recorded


async def test_who_was_there_for_all_of_it_has_its_hours_and_for_a_part_its_share(school):
    part = school.attended("乙", extent="partial", minutes=45)
    await school.tell(school.activity(), school.attended("甲"), part)
    assert await school.hours("甲") == [(2, 0, 1)]
    assert await school.hours("乙") == [(0.75, 0, 0.375)]
    (record,) = (await school.see("甲"))["items"]
    assert record["source"] == {"kind": "activity", "id": str(school.activity_id), "title": "怎么讲好一门课"}
    assert (record["member"]["member_id"], record["minutes"]) == (str(school["甲"].id), 120)
    assert record["learned_at"] == "2024-05-08T06:00:00Z"
    first, second = await school.stage.harness.published("learning.recorded")
    assert {first.partition_key, second.partition_key} == {str(school[name].person_id) for name in "甲乙"}
    assert first.data["source"] == {"kind": "activity", "id": str(school.activity_id)}


async def test_who_taught_has_taught_hours_apart_in_the_same_record(school):
    spoke = school.attended("甲", role="speaker", attendance_id=new_id())
    await school.tell(school.activity(), spoke)
    assert await school.hours("甲") == [(0, 2, 1)]
    await school.tell(school.attended("甲"))
    assert await school.hours("甲") == [(2, 2, 1)]
    await school.tell(school.revoked(spoke))
    assert await school.hours("甲") == [(2, 0, 1)]
    assert [version for _, version, _ in await school.told()] == [1, 2, 3]


async def test_what_gives_no_hours_is_no_record(school):
    await school.tell(school.activity(hours=None), school.attended("甲", hours=None))
    assert (await school.hours("甲"), await school.told()) == ([], [])


async def test_an_attendance_that_is_revoked_undoes_the_record_and_a_new_one_restores_it(school):
    was = school.attended("甲")
    await school.tell(school.activity(), was)
    await school.tell(school.revoked(was))
    assert await school.hours("甲") == []
    await school.tell(school.attended("甲", attendance_id=new_id(), extent="partial", minutes=60))
    assert await school.hours("甲") == [(1, 0, 0.5)]
    assert await school.told() == [("recorded", 1, 2), ("revoked", 2, None), ("recorded", 3, 1)]
    assert len({one.subject for one in await school.stage.harness.published("learning")}) == 1


async def test_nobody_has_anything_of_what_was_cancelled_or_moved_behind_it(school):
    await school.tell(school.activity(), school.attended("甲"))
    later = {"starts_at": LATER + timedelta(days=1), "ends_at": LATER + timedelta(days=1, hours=2)}
    await school.tell(school.activity(ActivityMoved, version=2, **later))
    assert await school.hours("甲") == []
    await school.tell(school.activity(ActivityMoved, version=3))
    assert await school.hours("甲") == [(2, 0, 1)]
    await school.tell(school.cancelled(version=4))
    assert await school.hours("甲") == []
    assert [what for what, _, _ in await school.told()] == ["recorded", "revoked", "recorded", "revoked"]


async def test_hours_that_are_corrected_correct_the_records_and_another_title_tells_nothing(school):
    part = school.attended("乙", extent="partial", minutes=60)
    await school.tell(school.activity(), school.attended("甲"), part)
    await school.tell(school.activity(ActivityCompleted, version=2, title="讲课", at=LATER))
    assert len(await school.told()) == 2
    await school.tell(school.activity(ActivityCompleted, version=3, hours=3.0, at=LATER))
    assert (await school.hours("甲"), await school.hours("乙")) == ([(3, 0, 1)], [(1.5, 0, 0.5)])


async def test_any_order_of_messages_and_doubles_end_alike(school):
    for order in list(permutations(range(5)))[::4]:
        school.activity_id = new_id()
        first = school.attended("甲", attendance_id=new_id(), extent="partial", minutes=30)
        second = school.attended("甲", attendance_id=new_id(), extent="partial", minutes=90)
        messages = [school.activity(), first, school.revoked(first), second, school.activity(version=2, hours=4.0)]
        for place in order:
            await school.stage.harness.deliver(messages[place], times=2)
        again = [messages[place] for place in reversed(order)]
        copies = [received(one.data, occurred_at=one.occurred_at, version=one.version, backfill=True) for one in again]
        for copy in copies:
            await school.tell(copy)
    assert (await school.see("甲"))["totals"]["hours"] == 3 * 30
    assert set(await school.hours("甲")) == {(3, 0, 0.75)}
    last = {}
    for one in await school.stage.harness.published("learning"):
        assert one.version == last.get(one.subject, (0, None))[0] + 1
        last[one.subject] = (one.version, one.data.get("hours"))
    assert {hours for _, hours in last.values()} == {3}
    assert len(last) == 30


async def test_of_somebody_who_is_not_known_yet_nothing_is_told_until_they_are(school):
    stranger = OnStage(new_id(), new_id(), "E9", school.stage.harness.anonymous())
    stranger.client = school.stage.harness.as_person(stranger.person_id)
    school.members["丙"] = stranger
    await school.tell(school.activity(), school.attended("丙"))
    assert await school.told() == []
    joined = MemberJoined(**school.stage._member(stranger, JOINED))
    await school.tell(received(joined, occurred_at=JOINED))
    assert await school.told() == [("recorded", 1, 2)]
    assert await school.hours("丙") == [(2, 0, 1)]


async def test_a_manager_reads_of_their_department_and_below_and_hr_of_all(school):
    await school.joins("经理")
    await school.joins("处长")
    await school.joins("丙", department="D2")
    await school.manages("经理", "D1", "D0")
    await school.manages("处长", "D0")
    await school.manages(None, "D2", "D1")
    await school.tell(school.activity(), school.attended("甲"), school.attended("丙"))
    for name in ("经理", "处长"):
        found = await school.see(name, department="D1")
        assert found["totals"] == {"records": 2, "people": 2, "completed": 2, "hours": 4, "taught_hours": 0}
        assert len((await school.see(name, person_id=str(school["丙"].person_id)))["items"]) == 1
        assert (await school.see(name))["items"] == []
    assert len((await school.see("经理", department="D2"))["items"]) == 1
    await school.see("经理", department="D0", answered=403)
    await school.see("甲", department="D1", answered=403)
    await school.see("甲", person_id=str(school["丙"].person_id), answered=404)
    await school.see("经理", person_id=str(new_id()), answered=404)
    await school.see("经理", person_id=str(new_id()), department="D1", answered=422)
    await school.manages("处长", "D1", "D0", version=2)
    await school.see("经理", department="D1", answered=403)
    await school.manages("经理", "D1", "D0", version=1)
    await school.see("经理", department="D1", answered=403)
    hr = school.stage.harness.as_person(school["乙"].person_id, platform=["hr"])
    for query in ({"department": "D0"}, {"community_id": str(school.stage.community_id)}):
        assert (await hr.get("/v1/learning-records", params=query)).json()["totals"]["people"] == 2
    one = await hr.get("/v1/learning-records", params={"person_id": str(school["丙"].person_id)})
    assert one.json()["totals"]["records"] == 1


async def test_who_runs_the_community_reads_all_of_it_and_a_member_their_own(school):
    here = {"community_id": str(school.stage.community_id)}
    await school.tell(school.activity(), school.attended("甲"), school.attended("乙", extent="partial", minutes=30))
    owner = await school.see("群主", **here)
    assert owner["totals"] == {"records": 2, "people": 2, "completed": 1, "hours": 2.5, "taught_hours": 0}
    assert (await school.see("甲", **here))["totals"]["records"] == 1
    await school.see("甲", person_id=str(school["乙"].person_id), **here, answered=404)
    assert (await school.see("群主", person_id=str(school["乙"].person_id), **here))["totals"]["hours"] == 0.5
    program = school.stage.service("learning_records.read")
    assert (await program.get("/v1/learning-records", params=here)).json()["totals"]["people"] == 2
    assert (await program.get("/v1/learning-records")).status_code == 403
    await school.stage.leave(school["甲"])
    assert await school.hours("甲") == [(2, 0, 1)]


async def test_a_list_has_pages_and_ends_on_the_days_that_are_asked_for(school):
    here = {"community_id": str(school.stage.community_id)}
    await school.tell(school.activity(), school.attended("甲"), school.attended("乙"))
    page = await school.see("群主", **here, limit=1)
    rest = await school.see("群主", **here, limit=1, cursor=page["next"])
    assert (len(page["items"]), len(rest["items"]), rest["next"]) == (1, 1, None)
    assert page["totals"] == rest["totals"]
    for days, count in (("05-08", 2), ("05-07", 0), ("05-09", 0)):
        found = await school.see("群主", **here, **{"from": f"2024-{days}", "to": f"2024-{days}"})
        assert found["totals"]["records"] == count
    assert ENDS > BEGINS


async def test_many_attendances_take_no_more_statements_than_a_few(school):
    people = await school.stage.members(60)
    names = [f"第{place}人" for place in range(60)]
    school.members |= dict(zip(names, people, strict=True))
    counts = []
    for some in (names[:20], names[20:]):
        await school.tell(school.activity())
        with listening(), recorded() as statements:
            await school.tell(*[school.attended(name) for name in some])
        counts.append(len(statements))
        with listening(), recorded() as statements:
            await school.tell(school.activity(ActivityCompleted, version=2, hours=1.0, at=LATER))
        counts.append(len(statements))
        school.activity_id = new_id()
    assert (counts[0], counts[1]) == (counts[2], counts[3])
    assert (await school.see("群主", community_id=str(school.stage.community_id)))["totals"]["people"] == 60


async def test_of_who_was_erased_nothing_is_left_and_no_message_brings_it_back(school):
    await school.tell(school.activity(), school.attended("甲"), school.attended("乙"))
    runtime = school.stage.harness.runtime
    for _ in range(2):
        async with runtime.database.transaction() as session:
            await erase(session, school["甲"].person_id, LATER)
    await school.tell(school.activity(ActivityCompleted, version=2, hours=1.0, at=LATER))
    found = await school.see("群主", community_id=str(school.stage.community_id))
    assert [one["person_id"] for one in found["items"]] == [str(school["乙"].person_id)]
