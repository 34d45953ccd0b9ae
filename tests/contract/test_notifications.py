"""Of every message it is said who is told of it, or why nobody is; and what is told has words in both languages."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

import pytest

from chassis.ids import new_id
from chassis.testing.harness import received
from qunxue import notification_list
from qunxue.contract_documents import all_types, examples
from qunxue.documents import merged_openapi
from services.membership.notifications.handlers import ALL_NEWS
from services.membership.notifications.places import KINDS, href_of, place_of
from services.membership.notifications.rules import Category, Step, Tell
from services.membership.notifications.templates import CATEGORY_TITLES, TEMPLATES, template_of, text_of
from services.membership.notifications.untold import NOT_TOLD
from tests.support.needs import ROOT

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
EITHER_WAY = {
    "appeal": ("granted", "reduced", "denied"),
    "application": ("accepted", "waitlisted", "rejected", "returned"),
    "goal": ("set", "achieved", "missed"),
    "redemption": ("approved", "fulfilled", "refunded"),
    "registration": ("confirmed", "waitlisted", "offered", "assigned", "cancelled", "expired", "excused"),
    "reminder": ("activity", "action_item", "checkin_plan", "redemption", "points"),
    "sanction": ("muted", "suspended", "none"),
}
"""Templates that are named by what a message holds."""


def steps_of_examples() -> Iterator[tuple[str, Step]]:
    for event_class, told in ALL_NEWS.items():
        for example in examples(event_class):
            message = received(event_class.model_validate(example), occurred_at=NOW, recorded_at=NOW)
            for step in told(message):
                yield event_class.TYPE, step


TOLD = [(name, step) for name, step in steps_of_examples() if isinstance(step, Tell)]


def test_of_every_message_it_is_said_who_is_told_or_why_nobody_is():
    told = {one.TYPE for one in ALL_NEWS}
    assert told & NOT_TOLD.keys() == set()
    assert {one.TYPE for one in all_types()} == told | NOT_TOLD.keys()


def test_the_list_of_what_is_told_is_what_the_code_declares():
    written = (ROOT / "docs/notifications.md").read_text(encoding="utf-8")
    assert written == notification_list.page(), "write it again: qunxue notifications -o docs/notifications.md"


@pytest.mark.parametrize("family", EITHER_WAY)
def test_templates_that_are_named_by_what_a_message_holds_are_there(family: str):
    assert {f"{family}.{word}" for word in EITHER_WAY[family]} <= {name for name, _ in TEMPLATES}


def test_every_template_is_told_by_some_message():
    named = {step.template for _, step in TOLD}
    named |= {f"{family}.{word}" for family, words in EITHER_WAY.items() for word in words}
    sources = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "services/membership/notifications").glob("*_news.py")
    )
    assert {name for name, _ in TEMPLATES if name not in named and f'"{name}"' not in sources} == set()


@pytest.mark.parametrize(("name", "step"), TOLD, ids=[f"{name}-{step.template}" for name, step in TOLD])
def test_what_is_told_has_words_in_both_languages_with_and_without_a_title(name: str, step: Tell):
    template = template_of(step.template)
    params: dict[str, Any] = dict(step.params)
    for given in (params, params | {"title": "标题"}, {key: params[key] for key in params if key != "title"}):
        english, chinese = (text_of(template, given, 3, "李雷", locale) for locale in ("en", "zh-CN"))
        assert english.strip()
        assert not chinese.isascii()
        assert "{" not in english + chinese
    assert len(step.cause) <= 120
    assert len(step.thread) <= 120


def test_every_category_has_a_title_and_something_that_is_told_in_it():
    categories = set(Category.__args__)  # type: ignore[attr-defined]  # of a literal
    assert set(CATEGORY_TITLES) == categories == {one.category for one in TEMPLATES.values()}


@pytest.mark.parametrize(("name", "step"), TOLD, ids=[f"{name}-{step.template}" for name, step in TOLD])
def test_what_somebody_is_told_leads_to_what_it_is_about(name: str, step: Tell):
    assert step.about is not None
    kind, id_ = step.about
    href = href_of(step.template, kind, id_, step.community_id)
    assert href is not None
    leads_to_something(href)


def test_every_address_that_a_line_may_have_is_read():
    places = {place_of(template, kind) for template, _ in TEMPLATES for kind in KINDS}
    assert None not in places
    for place in places:
        leads_to_something((place or "").format(id=new_id(), community_id=new_id()))
    assert href_of("points.awarded", None, None, None) is None
    assert href_of("badge.awarded", "member", new_id(), None) is None


@lru_cache
def paths() -> dict[str, Any]:
    return merged_openapi()["paths"]


def leads_to_something(href: str) -> None:
    path, _, query = href.partition("?")
    reads = {
        where: operation["get"]
        for where, operation in paths().items()
        if "get" in operation and re.fullmatch(re.sub(r"\{[^}]+\}", "[0-9a-f-]{36}", where), path)
    }
    assert len(reads) == 1, href
    (read,) = reads.values()
    assert {name for name, _ in parse_qsl(query)} <= {one["name"] for one in read.get("parameters", [])}, href
