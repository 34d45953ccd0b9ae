"""Lists by keyset: everything once, in order, whatever the directions and however many tie."""

import random
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col

from tests.service.chassis.shop import code_of
from tests.service.chassis.workshop_things import Thing


async def filled(shop, number=60):
    """Things with many ties in every column but the last."""
    chance = random.Random(7)
    for _ in range(number):
        await shop.thing(
            weight=chance.randrange(3),
            name=chance.choice("ab"),
            made_at=shop.clock() + timedelta(seconds=chance.randrange(2)),
        )


async def walk(client, path, **parameters):
    """Every page of a list."""
    pages, cursor = [], None
    while True:
        query = parameters | ({"cursor": cursor} if cursor else {})
        answer = await client.get(path, params=query)
        assert answer.status_code == 200, answer.text
        pages.append(answer.json()["items"])
        cursor = answer.json()["next"]
        if cursor is None:
            return pages


async def test_every_row_comes_once_and_in_order_over_mixed_directions_and_ties(shop):
    await filled(shop)
    member = await shop.member()
    pages = await walk(member, "/v1/things", community_id=shop.community_id, limit=7)
    walked = [item["id"] for page in pages for item in page]
    at_once = (await member.get("/v1/things", params={"community_id": shop.community_id, "limit": 100})).json()
    assert walked == [item["id"] for item in at_once["items"]]
    assert len(set(walked)) == 60
    assert [len(page) for page in pages] == [7] * 8 + [4]


async def test_a_list_that_fills_its_last_page_ends_there(shop):
    await filled(shop, 14)
    member = await shop.member()
    pages = await walk(member, "/v1/things", community_id=shop.community_id, limit=7)
    assert [len(page) for page in pages] == [7, 7]


async def test_rows_that_come_and_go_disturb_nobody(shop):
    await filled(shop, 30)
    member = await shop.member()
    first = (await member.get("/v1/things", params={"community_id": shop.community_id, "limit": 10})).json()
    shown = [item["id"] for item in first["items"]]
    await shop.write(delete(Thing).where(col(Thing.id) == UUID(shown[-1])))
    await shop.thing(weight=9)
    query = {"community_id": shop.community_id, "limit": 100, "cursor": first["next"]}
    rest = (await member.get("/v1/things", params=query)).json()["items"]
    assert len(rest) == 20
    assert not {item["id"] for item in rest} & set(shown)


async def test_a_cursor_belongs_to_its_operation_filters_and_caller(shop):
    await filled(shop, 10)
    one, other = await shop.member(), await shop.member()
    query = {"community_id": str(shop.community_id), "limit": 3}
    cursor = (await one.get("/v1/things", params=query)).json()["next"]
    assert (await one.get("/v1/things", params=query | {"cursor": cursor, "limit": 5})).status_code == 200
    for client, path, changes in (
        (other, "/v1/things", {}),
        (one, "/v1/other-things", {}),
        (one, "/v1/things", {"name": "a"}),
        (shop.as_service("things.read"), "/v1/things", {}),
    ):
        answer = await client.get(path, params=query | {"cursor": cursor} | changes)
        assert code_of(answer) == (400, "cursor_invalid")


async def test_a_cursor_that_was_touched_is_refused(shop):
    await filled(shop, 10)
    member = await shop.member()
    query = {"community_id": str(shop.community_id), "limit": 3}
    cursor = (await member.get("/v1/things", params=query)).json()["next"]
    for touched in (cursor[:-1], "A" + cursor, cursor + "A", cursor.swapcase(), "x", "é", "%00"):
        assert code_of(await member.get("/v1/things", params=query | {"cursor": touched})) == (400, "cursor_invalid")


async def test_a_list_says_how_many_there_are_when_asked(shop):
    await filled(shop, 10)
    member = await shop.member()
    query = {"community_id": shop.community_id, "limit": 3, "count": True}
    assert (await member.get("/v1/things", params=query)).json()["total"] == {"value": 10, "exact": True}


async def test_a_count_stops_where_nobody_reads_on(shop, monkeypatch):
    monkeypatch.setattr("chassis.web.pages.COUNT_LIMIT", 5)
    await filled(shop, 10)
    member = await shop.member()
    query = {"community_id": shop.community_id, "count": True}
    assert (await member.get("/v1/things", params=query)).json()["total"] == {"value": 5, "exact": False}


async def test_a_page_is_one_to_a_hundred_items(shop):
    member = await shop.member()
    for limit in (0, 101, "many"):
        answer = await member.get("/v1/things", params={"community_id": shop.community_id, "limit": limit})
        assert code_of(answer) == (422, "invalid")
        assert answer.json()["errors"][0]["pointer"] == "#/query/limit"
