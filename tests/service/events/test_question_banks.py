"""Question banks: questions, their versions, who may do what, and who has read them."""

from uuid import UUID

import pytest

from assessment.questions import WHOLE
from services.events.question_banks import queries
from services.events.question_banks.service import has_read

BANKS = "/v1/question-banks"
SINGLE = {
    "kind": "single",
    "text": "灭火器的检查周期是？",
    "choices": [{"text": "每月", "right": True}, {"text": "每年"}, {"text": "每周"}],
    "category": ["安全", "消防"],
    "tags": ["新人"],
    "difficulty": 2,
    "marks": 200,
    "explanation": "见《消防管理办法》。",
}


async def makes_bank(hall, name="群主", *, status=201, **fields):
    body = {"community_id": str(hall.stage.community_id), "title": "消防题库"}
    return await hall.send(name, BANKS, body | fields, status=status)


async def asks(hall, bank, name="群主", *, status=201, **fields):
    return await hall.send(name, f"{BANKS}/{bank['id']}/questions", SINGLE | fields, status=status)


def path(bank, question=None, rest=""):
    return f"{BANKS}/{bank['id']}" + (f"/questions/{question['id']}" if question else "") + (f"/{rest}" if rest else "")


async def who_read(hall, bank, *names):
    async with hall.stage.harness.runtime.database.reading() as session:
        people = {hall[name].person_id: name for name in names}
        return {people[one] for one in await has_read(session, set(people), [UUID(bank["id"])])}


async def test_a_question_keeps_every_version_and_its_choices_their_keys(hall):
    bank = await makes_bank(hall)
    made = await asks(hall, bank)
    assert [(one["key"], one["right"], one["weight"]) for one in made["choices"]] == [
        ("A", True, WHOLE),
        ("B", False, 0),
        ("C", False, 0),
    ]
    one = path(bank, made)
    # What says the same keeps its key wherever it stands; what is new has a key that none had before.
    choices = [{"text": "每周"}, {"text": "每季度"}, {"key": "A", "text": "每月一次", "right": True}]
    changed = await hall.change("群主", one, {"choices": choices, "reason": "措辞"}, version=1)
    assert [(one["key"], one["text"]) for one in changed["choices"]] == [
        ("C", "每周"),
        ("D", "每季度"),
        ("A", "每月一次"),
    ]
    again = [{"key": "B", "text": "每年"}, *choices[:1], *choices[2:]]
    refused = await hall.change("群主", one, {"choices": again}, version=2, status=422)
    assert [(wrong["pointer"], wrong["code"]) for wrong in refused["errors"]] == [("/choices/0/key", "key_of_another")]
    gone = [{"key": "A", "text": "每月一次", "right": True}, {"text": "每两月"}]
    third = await hall.change("群主", one, {"choices": gone}, version=2)
    assert [one["key"] for one in third["choices"]] == ["A", "E"]
    assert [one["key"] for one in (await hall.change("群主", one, {"choices": choices}, version=3))["choices"]] == [
        "F",
        "G",
        "A",
    ]
    # Nothing that is said otherwise is no version.
    assert (await hall.change("群主", one, {"marks": 200}, version=4))["version"] == 4
    listed = await hall.see("群主", f"{one}/versions")
    assert [(row["version"], row["reason"], row["made_by"]["member_id"]) for row in listed["items"]] == [
        (4, "", str(hall["群主"].id)),
        (3, "", str(hall["群主"].id)),
        (2, "措辞", str(hall["群主"].id)),
        (1, "", str(hall["群主"].id)),
    ]
    first = await hall.see("群主", f"{one}/versions/1")
    assert [choice["text"] for choice in first["choices"]] == ["每月", "每年", "每周"]
    await hall.see("群主", f"{one}/versions/5", answered=404)
    async with hall.stage.harness.runtime.database.reading() as session:
        [asked] = (await queries.latest(session, [UUID(made["id"])])).values()
    assert (asked.version, asked.question.choices[1].text) == (4, "每季度")


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"choices": []}, [("/choices", "too_few"), ("/choices", "none_right")]),
        ({"choices": [{"text": "甲"}, {"text": " "}]}, [("/choices/1/text", "required"), ("/choices", "none_right")]),
        ({"kind": "fill_in", "choices": [], "blanks": [{"accepted": []}]}, [("/blanks/0/accepted", "too_few")]),
        (
            {
                "kind": "matching",
                "choices": [{"key": "A", "text": "水"}, {"key": "B", "text": "火"}],
                "stems": [{"text": "H2O", "match": "A"}, {"text": "?", "match": "C"}],
            },
            [("/stems/1/match", "unknown_key")],
        ),
        ({"kind": "true_false"}, [("/choices", "too_many"), ("/choices", "not_true_and_false")]),
    ],
)
async def test_what_cannot_be_asked_or_graded_is_refused_at_its_place_and_changes_nothing(hall, fields, wrong):
    bank = await makes_bank(hall)
    refused = await asks(hall, bank, status=422, **fields)
    assert [(one["pointer"], one["code"]) for one in refused["errors"]] == wrong
    assert (await hall.see("群主", path(bank)))["questions"] == 0
    chinese = await hall["群主"].client.post(
        path(bank, rest="questions"), json=SINGLE | fields, headers={"Accept-Language": "zh-CN"}
    )
    assert all(one["detail"].endswith("。") for one in chinese.json()["errors"])


async def test_numbers_weights_and_pairs_come_back_as_they_were_sent(hall):
    bank = await makes_bank(hall)
    blank = {"accepted": [{"number": "3.14", "tolerance": "0.005"}, {"text": "圆周率", "weight": WHOLE // 2}]}
    filled = await asks(hall, bank, kind="fill_in", text="π 约为 ____", choices=[], blanks=[blank])
    assert [(one["number"], one["tolerance"], one["weight"]) for one in filled["blanks"][0]["accepted"]] == [
        ("3.14", "0.005", WHOLE),
        (None, "0", WHOLE // 2),
    ]
    pairs = {
        "kind": "matching",
        "choices": [{"key": "A", "text": "水"}, {"key": "B", "text": "火"}],
        "stems": [{"text": "H2O", "match": "A"}, {"text": "燃烧", "match": "B"}],
    }
    matching = await asks(hall, bank, **pairs)
    assert [(one["key"], one["match"]) for one in matching["stems"]] == [("1", "A"), ("2", "B")]
    assert await hall.see("群主", path(bank, matching)) == matching
    await asks(hall, bank, status=422, kind="fill_in", choices=[], blanks=[{"accepted": [{"number": "1e9"}]}])


async def test_questions_are_found_by_what_they_are(hall):
    bank = await makes_bank(hall)
    await asks(hall, bank)
    await asks(hall, bank, text="用电 100% 安全吗？", category=["安全"], difficulty=5, tags=["新人", "复训"])
    third = await asks(hall, bank, text="礼仪", category=["礼仪/着装"], tags=[])
    await hall.send("群主", path(bank, third, "archive"))

    async def numbers(**query):
        return [one["number"] for one in (await hall.see("群主", path(bank, rest="questions"), **query))["items"]]

    assert await numbers() == [1, 2, 3]
    assert await numbers(category="安全") == [1, 2]
    assert await numbers(category="安全/消防") == [1]
    assert await numbers(category="安") == []
    assert await numbers(category="礼仪//着装") == [3]
    assert await numbers(tag="新人") == [1, 2]
    assert await numbers(tag="复训") == [2]
    assert await numbers(difficulty=5) == [2]
    assert await numbers(q="100%") == [2]
    assert await numbers(q="%") == [2]
    assert await numbers(status="active", kind="single") == [1, 2]
    page = await hall.see("群主", path(bank, rest="questions"), limit=2)
    assert [one["number"] for one in page["items"]] == [1, 2]
    assert await numbers(limit=2, cursor=page["next"]) == [3]
    assert page["items"][0]["excerpt"] == SINGLE["text"]


async def test_who_is_appointed_writes_their_bank_and_no_other(hall):
    await hall.joins("讲师", "lecturer")
    await hall.joins("别的讲师", "lecturer")
    mine = await makes_bank(hall, editor_ids=[str(hall["讲师"].id)])
    other = await makes_bank(hall, title="别的")
    here = str(hall.stage.community_id)
    assert [one["id"] for one in (await hall.see("讲师", BANKS, community_id=here))["items"]] == [mine["id"]]
    assert len((await hall.see("群主", BANKS, community_id=here))["items"]) == 2
    assert (await hall.see("别的讲师", BANKS, community_id=here))["items"] == []
    await makes_bank(hall, "讲师", status=403)
    await hall.see("甲", BANKS, community_id=here, answered=403)
    for name in ("甲", "别的讲师"):
        await hall.see(name, path(mine), answered=404)
        await asks(hall, mine, name, status=404)
    await asks(hall, other, "讲师", status=404)
    made = await asks(hall, mine, "讲师")
    seen = await hall.see("讲师", path(mine))
    assert seen["viewer"] == {"can": ["update", "write_questions", "archive"], "cannot": {"appoint": "forbidden"}}
    await hall.change("讲师", path(mine), {"editor_ids": []}, version=1, status=403)
    # Nobody finds a question by another bank.
    await hall.see("群主", path(other, made), answered=404)
    await hall.change("群主", path(mine), {"editor_ids": []}, version=1)
    await hall.see("讲师", path(mine, made), answered=404)
    nobody = [str(hall.stage.community_id)]
    refused = await makes_bank(hall, editor_ids=nobody, status=422)
    assert [one["code"] for one in refused["errors"]] == ["unknown_member"]


async def test_who_reads_a_question_has_read_the_bank_for_ever(hall):
    for name in ("讲师", "运营", "看版本", "什么都没改"):
        await hall.joins(name, "lecturer")
    editors = [str(hall[name].id) for name in ("讲师", "运营", "看版本", "什么都没改")]
    bank = await makes_bank(hall, editor_ids=editors)
    names = ("群主", "讲师", "运营", "看版本", "什么都没改", "甲")
    # What a bank is for gives nothing away.
    await hall.see("讲师", path(bank))
    await hall.see("讲师", path(bank, rest="questions"))
    assert await who_read(hall, bank, *names) == set()
    made = await asks(hall, bank)
    await hall.see("讲师", path(bank, rest="questions"))
    await hall.see("运营", path(bank, made))
    await hall.see("看版本", path(bank, made, "versions"))
    assert await who_read(hall, bank, *names) == {"群主", "讲师", "运营"}
    await hall.see("看版本", path(bank, made, "versions/1"))
    assert await who_read(hall, bank, *names) == {"群主", "讲师", "运营", "看版本"}
    assert (await hall.change("什么都没改", path(bank, made), {"marks": made["marks"]}, version=1))["explanation"]
    assert await who_read(hall, bank, *names) == {"群主", "讲师", "运营", "看版本", "什么都没改"}
    await hall.erases("运营")
    assert "运营" not in await who_read(hall, bank, *names)


async def test_nothing_is_written_into_an_archived_bank_until_it_is_taken_up_again(hall):
    bank = await makes_bank(hall)
    made = await asks(hall, bank)
    assert (await hall.send("群主", path(bank, rest="archive")))["viewer"]["can"] == ["restore"]
    assert (await hall.send("群主", path(bank, rest="archive")))["status"] == "archived"
    assert (await asks(hall, bank, status=409))["code"] == "illegal_transition"
    await hall.change("群主", path(bank, made), {"marks": 300}, version=1, status=409)
    await hall.change("群主", path(bank), {"title": "不行"}, version=2, status=409)
    assert (await hall.see("群主", path(bank, made)))["text"] == SINGLE["text"]
    await hall.send("群主", path(bank, rest="restore"))
    changed = await hall.change("群主", path(bank, made), {"marks": 300}, version=1)
    assert (changed["version"], changed["marks"]) == (2, 300)


async def test_pictures_are_files_that_any_version_names(hall):
    bank = await makes_bank(hall)
    first, second = "0193a000-0000-7000-8000-000000000001", "0193a000-0000-7000-8000-000000000002"
    made = await asks(hall, bank, text=f"![图](attachment:{first}) 是什么？")
    assert [one["attachment_id"] for one in made["pictures"]] == [first]
    assert f"/{first}/content?size=large" in made["pictures"][0]["url"]
    await hall.change("群主", path(bank, made), {"explanation": f"![解](attachment:{second})"}, version=1)
    await hall.change("群主", path(bank, made), {"text": "没有图了", "explanation": ""}, version=2)
    # What a version names that somebody was graded by stays.
    told = await hall.stage.harness.published("events.attachment.")
    assert [(one.data["attachment_id"], one.data["linked"], one.data["object"]["kind"]) for one in told] == [
        (first, True, "question"),
        (second, True, "question"),
    ]
