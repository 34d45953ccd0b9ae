"""Deliveries with a channel of the tests."""

import pytest

from services.membership.definition import definition
from services.membership.deliveries.occasions import ended, sending
from tests.service.membership.deliveries.post import Post
from tests.service.membership.scene import Scene


@pytest.fixture
def post(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Post:
    made = Post(scene)
    monkeypatch.setitem(definition._effects, sending, (made.write,))
    monkeypatch.setitem(definition._effects, ended, (made.note,))
    return made
