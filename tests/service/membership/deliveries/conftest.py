"""Deliveries with a channel of the tests, and with a mail server of the tests."""

import pytest

from services.membership.credentials import by_mail
from services.membership.definition import definition
from services.membership.deliveries.occasions import ended, sending
from tests.service.membership.deliveries.post import Post
from tests.service.membership.scene import Scene
from tests.support.mail_server import HOST, mail_server

CANARY = "canary.zhou@example.com"


@pytest.fixture
def post(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Post:
    made = Post(scene)
    monkeypatch.setitem(definition._effects, sending, (made.write,))
    monkeypatch.setitem(definition._effects, ended, (made.note,))
    return made


@pytest.fixture
async def server(membership, monkeypatch):
    """A mail server that the service is set to."""
    monkeypatch.setattr(by_mail, "EVEN_SECONDS", 0)
    async with mail_server() as made:
        runtime = membership.harness.runtime
        runtime.settings = runtime.settings.model_copy(
            update={
                "smtp_host": HOST,
                "smtp_port": made.port,
                "smtp_tls": "none",
                "smtp_from": "Learn <learn@example.com>",
                "app_url": "https://app.example/",
            }
        )
        yield made


@pytest.fixture
async def zhou(membership, server):
    return await membership.activated("周", email=CANARY, employee_no="c1")
