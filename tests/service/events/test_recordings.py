"""What there is to read and to watch of an activity, and who agrees that it is shown."""

from uuid import uuid4

import pytest

from tests.service.events.test_activities import path
from tests.service.events.test_attendances import comes, ends, outcomes
from tests.service.events.test_speakers import OUTSIDE, invites, member, withdraws

RECORDING = {"title": "回放", "url": "https://video.example.com/1"}
SLIDES = {"title": "课件", "url": "https://example.com/slides.pdf"}


@pytest.fixture
async def evening(hall):
    """A recorded session of 甲, who is a member, and of 李娜, who is not; 乙 and 丙 have a seat, 乙 comes. It takes place and is completed."""
    activity = await hall.announces(recording_consent=True)
    await invites(hall, activity, member(hall, "甲"))
    activity["guest"] = await invites(hall, activity, OUTSIDE)
    for name in "乙丙":
        await hall.registers(name, activity)
    hall.later(days=2, hours=23, minutes=30)
    await comes(hall, "乙", activity)
    return activity


async def agrees(hall, name, activity, *, given=True, status=200):
    answer = await hall[name].client.put(path(activity, "recording-consent"), json={"given": given})
    assert answer.status_code == status, answer.text
    return answer.json()


async def agrees_for(hall, name, activity, speaker_id, *, given=True, status=200):
    where = path(activity, f"speakers/{speaker_id}/recording-consent")
    answer = await hall[name].client.put(where, json={"given": given})
    assert answer.status_code == status, answer.text
    return answer.json()


async def put(hall, activity, body, *, version, name="群主", status=200):
    return await hall.change(name, path(activity), body, version=version, status=status)


async def watched(hall, name, activity):
    found = (await hall.see(name, path(activity)))["recording"]
    return found and found["url"]


async def completed(hall):
    [told] = await hall.stage.harness.published("activity.completed")
    return told.data


async def test_a_recording_is_shown_once_everybody_agrees_who_could_be_seen(hall, evening):
    await put(hall, evening, {"recording": RECORDING}, version=2)
    await ends(hall, evening, version=3)
    assert "recording" not in await completed(hall)
    assert (await watched(hall, "乙", evening), await watched(hall, "群主", evening)) == (None, RECORDING["url"])
    counts = (await hall.see("群主", path(evening, "recording-consent")))["counts"]
    assert counts == {"asked": 3, "given": 0, "refused": 0}
    assert (await agrees(hall, "甲", evening)) == {"activity_id": evening["id"], "own": True, "counts": None}
    await agrees(hall, "乙", evening)
    assert await watched(hall, "乙", evening) is None
    said = await agrees_for(hall, "群主", evening, evening["guest"]["id"])
    assert said["counts"] == {"asked": 3, "given": 3, "refused": 0}
    # 丙 had a seat and did not come: nobody sees them.
    assert await watched(hall, "丙", evening) == RECORDING["url"]
    await agrees(hall, "乙", evening, given=False)
    assert await watched(hall, "丙", evening) is None
    assert (await hall.see("群主", path(evening, "recording-consent")))["counts"]["refused"] == 1
    await agrees(hall, "乙", evening)
    await put(hall, evening, {"recording": None}, version=4)
    assert await watched(hall, "群主", evening) is None


async def test_what_is_told_of_a_completed_activity_has_the_recording_only_with_consent(hall, evening):
    body = {"recording": RECORDING, "materials": [SLIDES], "summary": "三点。"}
    await put(hall, evening, body, version=2)
    for name in "甲乙":
        await agrees(hall, name, evening)
    await agrees_for(hall, "群主", evening, evening["guest"]["id"])
    assert await watched(hall, "丙", evening) is None
    hall.later(hours=3)
    await hall.send("群主", path(evening, "complete"), {"summary": "四点。"}, version=3)
    told = await completed(hall)
    assert (told["summary"], told["materials"], told["recording"]) == ("四点。", [SLIDES], RECORDING)
    assert await watched(hall, "丙", evening) == RECORDING["url"]


async def test_who_speaks_no_more_and_who_was_not_there_after_all_is_not_asked(hall, evening):
    await put(hall, evening, {"recording": RECORDING}, version=2)
    await ends(hall, evening, version=3)
    await agrees(hall, "甲", evening)
    await withdraws(hall, evening, evening["guest"])
    [came] = (await hall.see("乙", "/v1/attendances", activity_id=evening["id"]))["items"]
    await hall.send("群主", f"/v1/attendances/{came['id']}/revoke")
    assert await watched(hall, "丙", evening) == RECORDING["url"]


async def test_nobody_agrees_for_others_or_without_having_been_there(hall, evening):
    await agrees(hall, "丁", evening, status=403)
    await agrees(hall, "丙", evening)
    guest = evening["guest"]["id"]
    await agrees_for(hall, "甲", evening, guest, status=403)
    await agrees_for(hall, "群主", evening, uuid4(), status=404)
    speakers = (await hall.see("群主", path(evening, "speakers")))["speakers"]
    [own] = [one["id"] for one in speakers if one["member"]]
    # 甲 says it, nobody else.
    await agrees_for(hall, "群主", evening, own, status=403)
    other = await hall.announces(title="别的", recording_consent=True)
    await agrees_for(hall, "群主", other, guest, status=404)
    assert (await hall.see("丁", path(evening, "recording-consent")))["counts"] is None


async def test_where_nobody_is_asked_nothing_is_recorded(hall):
    activity = await hall.announces()
    await hall.registers("甲", activity)
    refused = await put(hall, activity, {"recording": RECORDING}, version=2, status=422)
    assert [(one["pointer"], one["code"]) for one in refused["errors"]] == [("/recording", "consent_not_asked")]
    await agrees(hall, "甲", activity, status=409)
    both = await put(hall, activity, {"recording": RECORDING, "recording_consent": True}, version=2)
    assert both["recording"]["url"] == RECORDING["url"]


async def test_materials_are_added_when_it_is_over_and_nothing_else_is(hall, evening):
    await ends(hall, evening, version=2)
    seen = await put(hall, evening, {"materials": [SLIDES], "summary": "三点。"}, version=3)
    assert (seen["summary"], seen["materials"]) == ("三点。", [SLIDES | {"attachment_id": None}])
    assert (await hall.see("丙", path(evening)))["materials"] == seen["materials"]
    refused = await put(hall, evening, {"materials": [], "title": "别的"}, version=4, status=409)
    assert refused["code"] == "illegal_transition"
    await put(hall, evening, {"materials": []}, version=4, name="甲", status=403)
    assert len((await hall.see("丙", path(evening)))["materials"]) == 1


async def test_a_file_is_kept_as_long_as_an_activity_names_it(hall, evening):
    file, other = str(uuid4()), str(uuid4())
    named = {"title": "课件", "attachment_id": file}
    seen = await put(hall, evening, {"materials": [named]}, version=2)
    address = seen["materials"][0]["url"]
    assert address.startswith(f"/v1/attachments/{file}/content?size=original")
    assert "service=events" in address
    await put(hall, evening, {"materials": [named], "recording": {"title": "看", "attachment_id": other}}, version=3)
    await put(hall, evening, {"materials": []}, version=4)
    told = [
        (one.type.split(".")[3], one.data["attachment_id"], one.data["object"]["kind"], one.version)
        for one in await hall.stage.harness.published("attachment.")
    ]
    assert told == [
        ("linked", file, "activity", 1),
        ("linked", other, "activity", 1),
        ("unlinked", file, "activity", 2),
    ]


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"materials": [{"title": "课件"}]}, "/materials/0/url", "one_place"),
        ({"materials": [SLIDES | {"attachment_id": str(uuid4())}]}, "/materials/0/url", "one_place"),
        ({"materials": [SLIDES | {"title": " "}]}, "/materials/0/title", "string_too_short"),
        ({"materials": [SLIDES | {"url": "javascript:alert(1)"}]}, "/materials/0/url", "string_pattern_mismatch"),
        ({"materials": [SLIDES] * 21}, "/materials", "too_long"),
        ({"summary": "长" * 2001}, "/summary", "string_too_long"),
        ({"recording": RECORDING | {"shown": True}}, "/recording/shown", "extra_forbidden"),
    ],
)
async def test_wrong_materials_are_refused_and_change_nothing(hall, evening, body, pointer, code):
    refused = await put(hall, evening, body, version=2, status=422)
    assert (refused["errors"][0]["pointer"], refused["errors"][0]["code"]) == (pointer, code)
    assert (await hall.see("群主", path(evening)))["materials"] == []


async def test_consent_is_nothing_that_is_told(hall, evening):
    await agrees(hall, "乙", evening)
    assert [one for one in await hall.told() if "consent" in one or "recording" in one] == []
    assert await outcomes(hall) == []
