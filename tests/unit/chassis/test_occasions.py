"""What follows what inside a service: in order, once, and never forgotten in silence."""

from types import SimpleNamespace
from typing import Any

import pytest
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import SessionContext
from chassis.feature import Feature
from chassis.occasions import Following, Occasion, when
from chassis.service import Service

ended: Occasion[str, str] = Occasion("ended")


async def first(session, what: str) -> str:
    return f"first {what}"


async def second(session, what: str) -> str:
    return f"second {what}"


async def fails(session, what: str) -> str:
    raise ZeroDivisionError


async def snapshots(session):
    yield None


def definition_of(**parts: Any) -> Service:
    nothing: Any = None
    return Service(
        **{"name": "s", "base": SQLModel, "tables": nothing, "migrations": "", "features": [], "authority": nothing}
        | parts
    )


def session_of(*effects: Following) -> AsyncSession:
    runtime: Any = SimpleNamespace(service=definition_of(effects=effects))
    return AsyncSession(info={"context": SessionContext(tables=runtime, runtime=runtime)})


async def test_effects_follow_in_the_order_of_the_definition():
    assert await ended.happened(session_of(when(ended, second, first)), "x") == ["second x", "first x"]


async def test_an_occasion_may_have_no_effect():
    assert await ended.happened(session_of(when(ended)), "x") == []


async def test_an_occasion_that_no_definition_lists_is_an_error():
    with pytest.raises(LookupError, match="ended"):
        await ended.happened(session_of(), "x")


async def test_what_an_effect_raises_is_raised_where_it_happened():
    with pytest.raises(ZeroDivisionError):
        await ended.happened(session_of(when(ended, fails, first)), "x")


def test_an_effect_is_listed_once():
    with pytest.raises(ValueError, match="ended"):
        when(ended, first, second, first)


def test_an_occasion_is_listed_once():
    with pytest.raises(ValueError, match="ended"):
        session_of(when(ended, first), when(ended, second))


TWICE = [
    ("features", [Feature("a"), Feature("a")]),
    ("subjects", [Feature("a", snapshots={"x": snapshots}), Feature("b", snapshots={"x": snapshots})]),
]


@pytest.mark.parametrize(("what", "features"), TWICE)
def test_two_features_never_add_the_same_thing(what: str, features: list[Feature]):
    with pytest.raises(ValueError, match=what):
        definition_of(features=features)
