"""A violated constraint is answered as its table says, on either database; what no table says is a bug."""

import pytest
from sqlmodel import col, select

from chassis.ids import new_id
from tests.service.chassis.shop import code_of
from tests.service.chassis.workshop_things import NO_ROOM, PLACE_TAKEN, Label

OTHER = {"code": "b", "place": 1, "colour": "blue", "serial": 1}


@pytest.fixture
async def labelled(shop):
    """A client, and the body of a label that is there."""
    client, body = shop.as_person(), {"code": "a", "thing_id": str(await shop.thing()), "shown": True, "serial": 0}
    assert (await client.post("/v1/labels", json=body)).status_code == 201
    return client, body


@pytest.mark.parametrize(
    ("alike", "answer"),
    [
        ({"code": "a"}, (409, "workshop_labelled")),
        ({"place": 0}, (409, "workshop_place_taken")),
        ({"colour": "red"}, (409, "workshop_colour_shown")),
        ({"serial": 0}, (500, "internal_error")),
        ({"place": 1000}, (422, "invalid")),
        ({"place": -1}, (500, "internal_error")),
        ({"thing_id": str(new_id())}, (500, "internal_error")),
    ],
    ids=[
        "primary key",
        "constraint",
        "partial index",
        "not brought about by requests",
        "check",
        "check that nobody answers",
        "foreign key",
    ],
)
async def test_what_there_is_already_is_answered_as_the_table_says(shop, labelled, alike, answer):
    client, body = labelled
    assert code_of(await client.post("/v1/labels", json=body | OTHER | alike)) == answer
    assert await shop.rows(select(col(Label.code))) == [("a",)]


async def test_what_is_taken_is_pointed_at_where_the_table_says_which_field_it_is(labelled):
    client, body = labelled
    taken = (await client.post("/v1/labels", json=body | OTHER | {"place": 0})).json()
    assert taken["errors"] == [{"pointer": "/place", "code": "workshop_place_taken", "detail": f"{PLACE_TAKEN.en}."}]
    invalid = (await client.post("/v1/labels", json=body | OTHER | {"place": 1000})).json()
    assert invalid["errors"] == [NO_ROOM.as_json("en")]
    assert "errors" not in (await client.post("/v1/labels", json=body | OTHER | {"colour": "red"})).json()


async def test_a_row_outside_the_partial_index_is_no_second_one(labelled):
    client, body = labelled
    hidden = body | OTHER | {"colour": "red", "shown": False}
    assert (await client.post("/v1/labels", json=hidden)).status_code == 201


async def test_an_item_of_a_batch_is_answered_like_a_single_request(shop):
    ids = [str(await shop.thing()) for _ in range(2)]
    answer = await shop.as_person().post("/v1/labels/batch", json={"ids": ids})
    first, second = answer.json()["items"]
    assert first["status"] == 200
    assert (second["status"], second["problem"]["code"]) == (409, "workshop_labelled")
