"""Files as evidence: handed in by their receipts, kept and shown as long as a day has them."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest

from chassis.ids import new_id
from chassis.receipts import Receipt, receipt_of
from contracts.gamification import AttachmentSnapshot
from services.gamification.base import links
from tests.service.gamification.plans.camp import FIRST_DAY

ENTRIES = "/v1/checkin-plans/entries"
HOUR = timedelta(hours=1)


def sent(camp, one, **facts):
    """A file that somebody sent, as content says it."""
    told = Receipt(
        attachment_id=new_id(),
        person_id=one.person_id,
        community_id=camp.community_id,
        purpose="evidence",
        name="笔记.png",
        media_type="image/png",
        size=2000,
        previews=True,
    )
    return replace(told, **facts)


def receipt(camp, file, lasts=HOUR):
    return receipt_of(camp.harness.runtime.address_secret, file, camp.harness.clock() + lasts)


async def read(one, entry_id, expect=200):
    answer = await one.client.get(f"{ENTRIES}/{entry_id}")
    assert answer.status_code == expect, answer.text
    return answer.json()


async def post(one, path, expect=200, **body):
    answer = await one.client.post(path, json=body)
    assert answer.status_code == expect, answer.text
    return answer.json()


async def told(camp):
    return [
        (one.type.rsplit(".", 2)[1], UUID(one.data["attachment_id"]), UUID(one.data["object"]["id"]))
        for one in await camp.harness.published("attachment.")
    ]


async def refused(camp, one, path, *files, **body):
    answer = await camp.check_in(one, plan_ids=[path.rpartition("/")[2]] if path else [], files=list(files), **body)
    assert answer.status_code == 422, answer.text
    return [(wrong["pointer"].lstrip("#"), wrong["code"]) for wrong in answer.json()["errors"]]


async def test_a_day_counts_by_its_file_and_whoever_reads_its_evidence_has_addresses_of_their_own(camp):
    one, fellow, outsider = await camp.members(3)
    path = await camp.plan(one, fellow, requires="file")
    (lacking,) = await camp.hand_in(one, path, note="读完第三章")
    assert (lacking["counts"], lacking["code"]) == (False, "file_missing")
    file, paper = sent(camp, one), sent(camp, one, name="心得.pdf", media_type="application/pdf", previews=False)
    (answer,) = await camp.hand_in(one, path, files=[receipt(camp, file), receipt(camp, paper)])
    assert (answer["counts"], answer["days_done"]) == (True, 1)
    entry = answer["entry_id"]
    for reader in (one, fellow, camp.runs):
        shown, plain = (await read(reader, entry))["files"]
        assert (shown["attachment_id"], shown["name"]) == (str(file.attachment_id), "笔记.png")
        for size, href in (("original", shown["href"]), ("small", shown["small"]), ("large", shown["large"])):
            query = parse_qs(urlsplit(href).query)
            assert (query["size"], query["service"]) == ([size], ["gamification"])
            assert query["reader"] == [str(reader.person_id)]
        assert (plain["media_type"], plain["small"], plain["large"]) == ("application/pdf", None, None)
    await read(outsider, entry, 404)
    listed = (await camp.read(fellow, f"{path}/entries"))["items"]
    assert [len(row["files"]) for row in listed] == [2]
    assert (await fellow.client.post(f"{path}/leave")).status_code == 200
    await read(fellow, entry, 404)
    entry_id = UUID(entry)
    assert sorted(await told(camp)) == sorted(("linked", one.attachment_id, entry_id) for one in (file, paper))


async def test_files_are_for_who_runs_and_reviews_where_a_plan_says_so(camp):
    one, fellow = await camp.members(2)
    lecturer = await camp.member(roles=("lecturer",))
    path = await camp.plan(one, fellow, requires="file", note_visibility="operators")
    (answer,) = await camp.hand_in(one, path, files=[receipt(camp, sent(camp, one))])
    counts = [len((await read(reader, answer["entry_id"]))["files"]) for reader in (one, fellow, lecturer, camp.runs)]
    assert counts == [1, 0, 1, 1]


@pytest.mark.parametrize(
    ("otherwise", "code"),
    [
        ({"person_id": new_id()}, "not_your_file"),
        ({"community_id": new_id()}, "other_community"),
        ({"community_id": None}, "other_community"),
        ({"purpose": "content"}, "other_purpose"),
    ],
    ids=["of somebody else", "of another community", "of no community", "of another purpose"],
)
async def test_a_file_that_was_not_sent_for_this_by_this_person_is_refused_and_nothing_is_done(camp, otherwise, code):
    one = await camp.member()
    path = await camp.plan(one)
    good, bad = receipt(camp, sent(camp, one)), receipt(camp, sent(camp, one, **otherwise))
    assert await refused(camp, one, path, good, bad) == [("/files/1", code)]
    assert await camp.harness.published("checkin.recorded") == []
    assert await told(camp) == []


async def test_what_is_no_receipt_or_is_one_no_more_is_refused(camp):
    one = await camp.member()
    path = await camp.plan(one)
    file = sent(camp, one)
    good = receipt(camp, file)
    signature = good.partition(".")[2]
    other = receipt(camp, sent(camp, one)).partition(".")[0]
    forged = receipt_of(b"another key", file, camp.harness.clock() + HOUR)
    wrong = [str(file.attachment_id), f"{other}.{signature}", forged, "收据"]
    assert await refused(camp, one, path, *wrong) == [(f"/files/{n}", "unknown_receipt") for n in range(4)]
    assert await refused(camp, one, path, receipt(camp, file, -HOUR)) == [("/files/0", "receipt_expired")]
    assert await refused(camp, one, path, good, good) == [("/files/1", "named_twice")]
    assert await refused(camp, one, path, *[receipt(camp, sent(camp, one)) for _ in range(5)]) == [
        ("/files", "too_long")
    ]
    assert await refused(camp, one, None, good) == [("/files", "no_plans")]
    assert await camp.harness.published("checkin.recorded") == []


async def test_a_file_is_evidence_of_one_day_for_all_its_plans_and_of_nothing_else(camp):
    one = await camp.member()
    first, second = await camp.plan(one, requires="file"), await camp.plan(one, requires="file")
    file = sent(camp, one)
    both = await camp.hand_in(one, first, second, files=[receipt(camp, file)])
    assert [answer["counts"] for answer in both] == [True, True]
    # Sent again, it is the same day.
    again = await camp.hand_in(one, first, files=[receipt(camp, file)])
    assert again[0]["counts"] is True
    camp.harness.clock.advance(timedelta(days=1))
    assert await refused(camp, one, first, receipt(camp, file)) == [("/files/0", "file_used")]
    assert len(await camp.harness.published("checkin.recorded")) == 1
    pictured = sent(camp, camp.runs)
    reward = {"community_id": str(camp.community_id), "kind": "privilege", "title": "茶杯", "cost": 5}
    await post(camp.runs, "/v1/rewards", 201, **reward, picture_id=str(pictured.attachment_id))
    await camp.join(camp.runs, first)
    assert await refused(camp, camp.runs, first, receipt(camp, pictured)) == [("/files/0", "file_used")]


async def test_a_returned_day_is_handed_in_with_another_file_and_the_first_is_let_go(camp):
    one = await camp.member()
    path = await camp.plan(one, requires="file")
    before, after = sent(camp, one), sent(camp, one)
    (answer,) = await camp.hand_in(one, path, files=[receipt(camp, before)])
    entry = f"{ENTRIES}/{answer['entry_id']}"
    await post(camp.runs, f"{entry}/review", verdict="returned", reason="看不清")
    lacking = await post(one, f"{entry}/hand-in", 409, note="补")
    assert (lacking["code"], lacking["reason"]) == ("evidence_missing", "file_missing")
    others = sent(camp, camp.runs)
    wrong = await post(one, f"{entry}/hand-in", 422, files=[receipt(camp, others)])
    assert wrong["errors"][0]["code"] == "not_your_file"
    again = await post(one, f"{entry}/hand-in", files=[receipt(camp, after)])
    assert (again["counts"], again["files"][0]["attachment_id"]) == (True, str(after.attachment_id))
    entry_id = UUID(answer["entry_id"])
    assert (await told(camp))[0] == ("linked", before.attachment_id, entry_id)
    assert set((await told(camp))[1:]) == {
        ("unlinked", before.attachment_id, entry_id), ("linked", after.attachment_id, entry_id)
    }  # fmt: skip
    # What was let go may be evidence of another day.
    camp.harness.clock.advance(timedelta(days=1))
    (next_day,) = await camp.hand_in(one, path, files=[receipt(camp, before)])
    assert next_day["counts"] is True


async def test_a_day_that_is_handed_in_again_without_the_file_that_it_had_lets_it_go(camp):
    one = await camp.member()
    path, file = await camp.plan(one, requires="note"), sent(camp, one)
    (answer,) = await camp.hand_in(one, path, note="读了两章", files=[receipt(camp, file)])
    entry = f"{ENTRIES}/{answer['entry_id']}"
    await post(camp.runs, f"{entry}/review", verdict="returned", reason="看不清")
    again = await post(one, f"{entry}/hand-in", note="读了两章，写了笔记")
    assert (again["counts"], again["files"]) == (True, [])
    kept = ("linked", file.attachment_id, UUID(answer["entry_id"]))
    assert await told(camp) == [kept, ("unlinked", *kept[1:])]


async def test_a_file_that_counts_for_nothing_is_not_kept(camp):
    one = await camp.member()
    path = await camp.plan(one, requires="note")
    (answer,) = await camp.hand_in(one, path, files=[receipt(camp, sent(camp, one))])
    assert answer["code"] == "note_missing"
    assert await told(camp) == []


async def test_files_last_when_the_plan_is_over(camp):
    one = await camp.member()
    path = await camp.plan(one, requires="file", ends_on=(FIRST_DAY + timedelta(days=2)).isoformat())
    await camp.hand_in(one, path, day=0, files=[receipt(camp, sent(camp, one))])
    camp.harness.clock.advance(timedelta(days=30))
    listed = (await camp.read(one, f"{path}/entries"))["items"]
    assert [len(row["files"]) for row in listed] == [1]
    assert [kind for kind, *_ in await told(camp)] == ["linked"]


async def test_which_files_are_evidence_can_be_restated(camp):
    one = await camp.member()
    path, file = await camp.plan(one, requires="file"), sent(camp, one)
    await camp.hand_in(one, path, files=[receipt(camp, file)])
    async with camp.harness.runtime.database.reading() as session:
        events = [each.event async for each in links.snapshots(session)]
    found = [each for each in events if isinstance(each, AttachmentSnapshot)]
    assert len(found) == len(events)
    assert [(each.attachment_id, each.person_id, each.object.kind, each.linked) for each in found] == [
        (file.attachment_id, one.person_id, "plan_entry", True)
    ]


async def test_of_two_days_handed_in_with_one_file_at_the_same_moment_one_has_it(camp):
    one = await camp.member()
    path, file = await camp.plan(one), sent(camp, one)
    entries = []
    for day in range(2):
        (answer,) = await camp.hand_in(one, path, day=day)
        entries.append(f"{ENTRIES}/{answer['entry_id']}")
    for entry in entries:
        await post(camp.runs, f"{entry}/review", verdict="returned", reason="空白")
    body = {"files": [receipt(camp, file)]}
    answers = await asyncio.gather(*(one.client.post(f"{entry}/hand-in", json=body) for entry in entries))
    assert sorted(answer.status_code for answer in answers) == [200, 422]
    assert len(await told(camp)) == 1


async def test_what_names_a_file_of_somebody_else_as_its_own_does_not_have_it(camp):
    one = await camp.member()
    path = await camp.plan(one, requires="file")
    file = sent(camp, one)
    reward = {"community_id": str(camp.community_id), "kind": "privilege", "title": "优先选课", "cost": 5}
    named = await camp.runs.client.post("/v1/rewards", json=reward | {"picture_id": str(file.attachment_id)})
    assert named.status_code == 201, named.text
    (answer,) = await camp.hand_in(one, path, files=[receipt(camp, file)])
    assert (answer["counts"], answer["code"]) == (True, None)
