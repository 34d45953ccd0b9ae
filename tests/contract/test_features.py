"""Every service lists what its packages declare: features with all that they add, and occasions with their effects."""

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from fastapi import APIRouter

from chassis.feature import Feature
from chassis.imports import Import
from chassis.jobs import Jobs
from chassis.messaging.handlers import Handlers
from chassis.occasions import Occasion
from chassis.settings import SERVICES
from chassis.timers import Timers
from qunxue.installed import service

by_service = pytest.mark.parametrize("name", SERVICES)


def modules(name: str) -> Iterator[ModuleType]:
    """Every module of a service but its migrations."""
    package = importlib.import_module(f"services.{name}")
    for found in pkgutil.walk_packages(package.__path__, f"services.{name}."):
        if ".migrations" not in found.name:
            yield importlib.import_module(found.name)


def declared(name: str, *kinds: type) -> dict[str, Any]:
    """What stands at the top of the service's modules, by where."""
    return {
        f"{module.__name__}.{word}": thing
        for module in modules(name)
        for word, thing in vars(module).items()
        if isinstance(thing, kinds)
    }


def forgotten(name: str, listed: list[Any], *kinds: type) -> set[str]:
    """What is declared and not listed."""
    return {where for where, thing in declared(name, *kinds).items() if not any(thing is one for one in listed)}


@by_service
def test_every_feature_is_listed_under_the_name_of_its_package(name: str):
    assert forgotten(name, list(service(name).features), Feature) == set()
    features = {where: thing for where, thing in declared(name, Feature).items() if where.endswith(".feature.feature")}
    assert [feature.name for feature in features.values()] == [where.split(".")[2] for where in features]


@by_service
def test_every_router_handler_timer_job_and_import_belongs_to_a_feature(name: str):
    definition = service(name)
    listed = [
        added
        for feature in definition.features
        for added in (
            *feature.routers,
            *feature.handlers,
            *(one for group in feature.groups.values() for one in group),
            *feature.timers,
            *feature.jobs,
            *feature.imports,
        )
    ]
    assert forgotten(name, [definition.projections, *listed], APIRouter, Handlers, Timers, Jobs, Import) == set()


@by_service
def test_every_occasion_is_listed_with_its_effects(name: str):
    assert forgotten(name, [one.occasion for one in service(name).effects], Occasion) == set()


@by_service
def test_every_queue_of_the_desk_is_called_something_in_both_languages(name: str):
    for feature in service(name).features:
        for queue in feature.desk:
            assert queue.en
            assert not queue.zh.isascii()
