"""Pictures come into a bank inside a file, are kept by content, and go out again inside one."""

from base64 import b64decode, b64encode
from io import BytesIO
from uuid import UUID
from zipfile import ZipFile

import orjson
import pytest
from sqlmodel import select
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from chassis.secrets import account_id
from chassis.tabular.writing import xlsx_file
from services.events.base import links
from services.events.question_banks import pictures
from tests.service.events.test_question_banks import asks, makes_bank, path
from tests.service.events.test_question_files import exported, sends

PNG, OTHER, BROKEN = (b"\x89PNG\r\n\x1a\n" + rest for rest in (b"one", b"two", b"broken"))


def xml(*names, number="XF-1", text="哪个出口？", **files):
    shown = "".join(f'<img src="@@PLUGINFILE@@/{name}" alt="图">' for name in names)
    inside = "".join(
        f'<file name="{name}.png" encoding="base64">{b64encode(content).decode()}</file>'
        for name, content in files.items()
    )
    return f"""<?xml version="1.0"?><quiz><question type="truefalse"><name><text>一</text></name>
 <questiontext format="html"><text><![CDATA[{text}{shown}]]></text>{inside}</questiontext><idnumber>{number}</idnumber>
 <answer fraction="100"><text>true</text></answer><answer fraction="0"><text>false</text></answer></question></quiz>"""


class Content:
    """Keeps pictures as content would."""

    def __init__(self, hall):
        self.kept: dict[str, bytes] = {}
        self.put: list[str] = []
        self.down = False
        hall.stage.harness.runtime.peers.apps = {"membership": Tokens(), "content": self}

    async def __call__(self, scope, receive, send):
        body = await Request(scope, receive).body()
        key = scope["path"].rpartition("/")[2]
        assert scope["path"] == f"/internal/question-pictures/{key}"
        if self.down:
            answer = Response(status_code=503)
        elif scope["method"] == "PUT":
            content = b64decode(orjson.loads(body)["content"])
            self.put.append(key)
            if content == BROKEN:
                answer = JSONResponse({"code": "picture_refused", "reason": "broken_picture"}, status_code=422)
            else:
                self.kept[key] = content
                answer = Response(status_code=204)
        else:
            found = self.kept.get(key)
            answer = Response(found, media_type="image/png") if found else Response(status_code=404)
        await answer(scope, receive, send)


class Tokens:
    """Gives this service its token."""

    async def __call__(self, scope, receive, send):
        await JSONResponse({"access_token": "t", "expires_in": 600})(scope, receive, send)


@pytest.fixture
def content(hall):
    return Content(hall)


async def brings(hall, bank, file, **query):
    return await sends(hall, bank, file, "moodle_xml", media_type="application/xml", **query)


async def linked(hall):
    async with hall.stage.harness.runtime.database.reading() as session:
        rows = await session.execute(select(links.table.c.attachment_id, links.table.c.person_id))
        return {(str(one), sender) for one, sender in rows}


async def test_a_picture_comes_in_goes_out_and_comes_in_as_the_same(hall, content):
    bank = await makes_bank(hall)
    dry, _ = await brings(hall, bank, xml("a.png", a=PNG), dry_run=True)
    assert (dry["result"]["created"], content.put) == (1, [])
    done, wrong = await brings(hall, bank, xml("a.png", a=PNG))
    assert (done["result"]["created"], wrong) == (1, [])
    [key] = content.kept
    [listed] = (await hall.see("群主", path(bank, rest="questions")))["items"]
    whole = await hall.see("群主", path(bank, listed))
    assert whole["text"] == f"哪个出口？![图](attachment:{key})"
    assert [one["attachment_id"] for one in whole["pictures"]] == [key]
    # It is nobody's: whoever is erased, it stays.
    assert await linked(hall) == {(key, account_id("events"))}
    _, file, left_out = await exported(hall, bank, "moodle_xml")
    assert (b64encode(PNG) in file, left_out) == (True, [])
    again, wrong = await brings(hall, bank, file)
    assert (again["result"]["unchanged"], wrong, set(content.kept)) == (1, [], {key})
    # Where a file has no place for it, that is told.
    assert (1, "left_out") in (await exported(hall, bank, "table"))[2]


async def test_another_picture_in_a_corrected_file_is_a_new_version(hall, content):
    bank = await makes_bank(hall)
    await brings(hall, bank, xml("a.png", a=PNG))
    [first] = content.kept
    assert (await brings(hall, bank, xml("a.png", a=PNG)))[0]["result"]["unchanged"] == 1
    assert content.put == [first]
    done, _ = await brings(hall, bank, xml("a.png", a=OTHER))
    assert (done["result"]["changed"], len(content.kept)) == (1, 2)
    # An earlier version shows the earlier one.
    assert {one for one, _ in await linked(hall)} == set(content.kept)


async def test_a_picture_that_is_refused_costs_its_question_alone_and_one_that_nobody_sees_is_named(hall, content):
    bank = await makes_bank(hall)
    _, wrong = await brings(hall, bank, xml("a.png", a=BROKEN), language="zh-CN")
    assert [code for _, code, _ in wrong] == ["picture_refused"]
    assert "broken_picture" in wrong[0][2]
    done, wrong = await brings(hall, bank, xml("a.png", a=PNG, b=OTHER))
    assert (done["result"]["created"], [code for _, code, _ in wrong], len(content.kept)) == (1, ["left_out"], 1)


async def test_pictures_of_a_workbook_are_skipped_by_name(hall, content):
    bank = await makes_bank(hall)
    file = BytesIO(xlsx_file([["题干", "答案"], ["水能导电", "对"]], title="题库"))
    with ZipFile(file, "a") as archive:
        archive.writestr("xl/media/image1.png", PNG)
    done, wrong = await sends(hall, bank, file.getvalue(), "table", media_type="application/octet-stream")
    assert (done["result"]["created"], done["result"]["skipped"]) == (1, 1)
    assert [(row, code) for row, code, _ in wrong] == [(0, "skipped")]


async def test_what_does_not_go_into_one_file_is_left_out_by_name(hall, content, monkeypatch):
    bank = await makes_bank(hall)
    await brings(hall, bank, xml("a.png", a=PNG))
    await brings(hall, bank, xml("b.png", b=OTHER, number="XF-2", text="另一个"))
    await asks(hall, bank, text=f"手工 ![](attachment:{UUID(int=7)})")
    monkeypatch.setattr(pictures, "MOST_BYTES", len(PNG) + 1)
    _, file, left_out = await exported(hall, bank, "moodle_xml")
    assert (b64encode(PNG) in file, b64encode(OTHER) in file) == (True, False)
    assert set(left_out) == {(2, "left_out"), (3, "left_out")}
