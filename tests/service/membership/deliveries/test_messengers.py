"""What waits for people goes to them by the messenger where they have an account."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from chassis.ids import new_id
from chassis.settings import Settings
from services.membership.definition import definition
from services.membership.deliveries import service
from services.membership.deliveries.channels import Content
from services.membership.deliveries.models import Delivery
from services.membership.deliveries.occasions import sending
from services.membership.deliveries.service import Parcel
from services.membership.identities.models import Identity
from services.membership.messengers.outlets import text_of
from tests.support.messengers import USER, messengers

PROVIDERS = ("wecom", "dingtalk", "feishu")
SAID = Content("zh-CN", "公告：开营", ["周五 14:00"], link=("查看", "https://app.example/x"))

each = pytest.mark.parametrize("provider", PROVIDERS)


@pytest.fixture
async def three(scene, monkeypatch):
    async def write(_session, _turn):
        return SAID

    monkeypatch.setitem(definition._effects, sending, (write,))
    async with messengers() as found:
        runtime = scene.harness.runtime
        told = found.settings()
        given = Settings(**told)
        runtime.settings = runtime.settings.model_copy(update={name: getattr(given, name) for name in told})
        await scene.client("周")
        yield found


async def known(scene, provider, subject=USER, kind="user_id"):
    """The person has an account at the messenger."""
    now = scene.harness.clock()
    async with scene.harness.runtime.database.transaction() as session:
        session.add(
            Identity(
                person_id=scene.people["周"],
                provider=provider,
                kind=kind,
                subject=subject,
                linked_at=now,
                linked_by="admin",
            )
        )


async def leave(scene, provider):
    now = scene.harness.clock()
    async with scene.harness.runtime.database.transaction() as session:
        parcel = Parcel(provider, scene.people["周"], "notification", new_id(), now, now + timedelta(days=7))
        await service.leave(session, [parcel], now)
    await scene.harness.run_errands()


async def states(scene):
    async with scene.harness.runtime.database.reading() as session:
        rows = (await session.execute(select(Delivery).order_by(col(Delivery.created_at), col(Delivery.id)))).scalars()
        return [(row.state, row.code) for row in rows]


@each
async def test_a_message_is_taken_by_the_messenger_where_the_person_has_an_account(scene, three, provider):
    await known(scene, provider)
    await leave(scene, provider)
    assert await states(scene) == [("taken", None)]
    ((user, text),) = three.of(provider).to_people
    assert user == USER
    assert text.startswith("公告：开营\n周五 14:00\n查看: https://app.example/x")


@each
async def test_who_has_no_account_there_is_not_written_to(scene, three, provider):
    await known(scene, "another")
    await known(scene, provider, kind="open_id")
    await leave(scene, provider)
    assert await states(scene) == [("refused", "no_address")]
    assert three.of(provider).seen == []


@each
async def test_whom_the_messenger_does_not_know_any_more_is_not_written_to_again(scene, three, provider):
    await known(scene, provider, "gone")
    await leave(scene, provider)
    scene.harness.clock.advance(timedelta(minutes=1))
    asked = len(three.of(provider).seen)
    await leave(scene, provider)
    assert await states(scene) == [("refused", "unknown_user"), ("refused", "address_refused")]
    assert len(three.of(provider).seen) == asked


@each
async def test_a_messenger_that_is_away_takes_it_when_it_is_back(scene, three, provider):
    await known(scene, provider)
    three.of(provider).next_answers = [(502, {}, b"")]
    await leave(scene, provider)
    assert await states(scene) == [("waiting", "no_token")]
    scene.harness.clock.advance(timedelta(minutes=20))
    await scene.harness.run_errands()
    assert await states(scene) == [("taken", None)]


def test_a_message_is_plain_lines_with_its_link_last():
    said = Content(
        "en", "Code", ["Yours:"], secret="AB12", footer="Not you? Ignore it.", link=("Open", "https://a.example")
    )
    assert text_of(said) == "Code\nYours:\nAB12\nOpen: https://a.example"
