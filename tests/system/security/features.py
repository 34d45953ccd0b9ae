"""The recipes and casts of the features, found by walking `recipes/<service>/`: a file for each feature, and no list of them.

A file has `RECIPES`, and where its recipes name things `prepare(world)`, which makes them: in every community (`world.grounds`), for
every caller (`world.callers`, `.people`, `.members`), or for nobody's (`world.things`). `AFTER` names features whose things it needs.
"""

import importlib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from types import ModuleType

from tests.system.security.matrix import verdict_on
from tests.system.security.operations import PARTS, by_id, table
from tests.system.security.recipe import Call, Recipe
from tests.system.security.world import Player, World

FOLDER = Path(__file__).parent / "recipes"


@lru_cache
def features(service: str) -> list[ModuleType]:
    """Those of a service, each after those it needs."""
    found = {path.stem: _module(service, path.stem) for path in sorted((FOLDER / service).glob("*.py"))}
    ordered: list[str] = []
    while len(ordered) < len(found):
        ready = [name for name in found if name not in ordered and set(_after(found[name])) <= set(ordered)]
        assert ready, f"{service}: {set(found) - set(ordered)} wait for one another, or for what is not there"
        ordered += ready
    return [found[name] for name in ordered]


@lru_cache
def recipes(service: str) -> dict[str, list[Recipe]]:
    """Those of a service by operation."""
    by_operation: dict[str, list[Recipe]] = {}
    for feature in features(service):
        for one in feature.RECIPES:
            by_operation.setdefault(one.operation, []).append(one)
    return by_operation


def tried_services() -> list[str]:
    """The services, and the gateway, that have recipes."""
    return [service for service in PARTS if features(service)]


async def prepare(world: World, service: str) -> None:
    """Have every feature make what its recipes name."""
    for feature in features(service):
        if hasattr(feature, "prepare"):
            await feature.prepare(world)


WHO_MAY = ("W", "A", "O", "S", "M", "svc")
"""Callers of whom one at least may do each thing."""


def allowed_calls(world: World, operation: str, columns: Iterable[str] = WHO_MAY) -> Iterator[tuple[Player, Call]]:
    """Each recipe of an operation that needs a permission, with the first of these callers who may, by the table."""
    wanted = by_id()[operation]
    for one in recipes(wanted.service)[operation]:
        row = one.row or wanted.permission
        for player in (world.player(column, row) for column in columns):
            calls = [
                call
                for case in one.cases(player, table()[row])
                if verdict_on(one, wanted.permission, table(), case) == "allowed"
                if (call := one.call(world, case)) is not None
            ]
            if calls:
                yield player, calls[0]
                break


def _module(service: str, name: str) -> ModuleType:
    return importlib.import_module(f"tests.system.security.recipes.{service}.{name}")


def _after(feature: ModuleType) -> tuple[str, ...]:
    return tuple(getattr(feature, "AFTER", ()))
