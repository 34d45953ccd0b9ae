"""What comes in by path, query, header or body: every number, day and moment has its ends, whoever writes the next operation."""

import types
from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pytest
from annotated_types import Ge, Gt, Le, Lt
from fastapi.dependencies.utils import get_flat_params
from pydantic import AfterValidator, AwareDatetime, BaseModel, SecretStr, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from chassis.service import RunningService
from chassis.settings import SERVICES, Settings
from chassis.web import values
from chassis.web.app import create_app
from chassis.web.operations import OperationRoute
from contracts.kinds import THINGS
from gateway.app import create_gateway
from gateway.routing import GATEWAY
from qunxue.installed import service
from services.content.moderation.rules import HREFS
from services.membership.notifications import places

BOUNDED: dict[Any, set[Any]] = {
    date: {values._bounded_day},
    datetime: {values._bounded_moment},
    AwareDatetime: {values._bounded_moment},
}


def routes_of(name: str) -> list[OperationRoute]:
    settings = Settings(mode="embedded", secret_key=SecretStr("nothing is started"), telemetry=False)
    if name == GATEWAY:
        routes = create_gateway(settings, apps={}).own.routes
    else:
        running = RunningService(service(name), settings, database_url="sqlite:///:memory:")
        routes = create_app(running).routes
    return [route for route in routes if isinstance(route, OperationRoute)]


def leaves(
    annotation: Any, metadata: list[Any], where: str, seen: frozenset[type]
) -> Iterator[tuple[str, Any, list[Any]]]:
    """Every plain type that a value may have, with what bounds it."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *more = get_args(annotation)
        yield from leaves(inner, [*metadata, *flat(more)], where, seen)
    elif origin in (Union, types.UnionType):
        for one in get_args(annotation):
            yield from leaves(one, metadata, where, seen)
    elif origin is Literal:
        return
    elif origin is not None:
        for one in get_args(annotation):
            yield from leaves(one, [], where, seen)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if annotation not in seen:
            for name, field in annotation.model_fields.items():
                here = f"{where}, {annotation.__name__}.{name}"
                yield from leaves(field.annotation, flat(field.metadata), here, seen | {annotation})
    else:
        yield where, annotation, metadata


def flat(metadata: list[Any]) -> list[Any]:
    return [one for mark in metadata for one in (mark.metadata if isinstance(mark, FieldInfo) else [mark])]


def inputs(route: OperationRoute) -> Iterator[tuple[str, Any, list[Any]]]:
    fields = [*get_flat_params(route.dependant), *([route.body_field] if route.body_field else [])]
    for field in fields:
        where = f"{route.operation_id}, {field.alias}"
        yield from leaves(field.field_info.annotation, flat(field.field_info.metadata), where, frozenset())


def is_bounded(annotation: Any, metadata: list[Any]) -> bool:
    if annotation is int:
        return any(isinstance(one, (Ge, Gt)) for one in metadata) and any(isinstance(one, (Le, Lt)) for one in metadata)
    validators = {one.func for one in metadata if isinstance(one, AfterValidator)}
    return annotation not in BOUNDED or bool(BOUNDED[annotation] & validators)


def bodies(annotation: Any, seen: set[type[BaseModel]]) -> None:
    """Every form that is within a body."""
    for one in get_args(annotation):
        bodies(one, seen)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel) and annotation not in seen:
        seen.add(annotation)
        for field in annotation.model_fields.values():
            bodies(field.annotation, seen)


@pytest.mark.parametrize("name", [*SERVICES, GATEWAY])
def test_what_stands_where_nothing_was_sent_may_be_sent_back(name):
    forms: set[type[BaseModel]] = set()
    for route in routes_of(name):
        if route.body_field:
            bodies(route.body_field.field_info.annotation, forms)
    refused = []
    for form in forms:
        for called, field in form.model_fields.items():
            if isinstance(field.default, str | int | float | bool | list | set):
                try:
                    whole: Any = Annotated[field.annotation, field]
                    TypeAdapter(whole).validate_python(field.default)
                except ValidationError as why:
                    refused.append(f"{form.__name__}.{called}: {why}")
    assert refused == []


@pytest.mark.parametrize("name", [*SERVICES, GATEWAY])
def test_every_number_day_and_moment_that_comes_in_has_its_ends(name):
    unbounded = {
        where
        for route in routes_of(name)
        for where, annotation, metadata in inputs(route)
        if not is_bounded(annotation, metadata)
    }
    assert unbounded == set()


def test_the_search_finds_what_has_no_end():
    class Body(BaseModel):
        when: Annotated[list[AwareDatetime | None], "x"]
        bounded: values.Moment
        count: int

    found = {where for where, kind, marks in leaves(Body, [], "body", frozenset()) if not is_bounded(kind, marks)}
    assert found == {"body, Body.when", "body, Body.count"}


@pytest.mark.parametrize("name", [*SERVICES, GATEWAY])
def test_of_what_kind_a_thing_is_comes_in_from_a_list_and_never_as_any_word(name):
    # Of which kind an id is says the provider, whoever that is.
    by_others = {"create_identity, body, IdentityCreate.kind"}
    any_word = {
        where
        for route in routes_of(name)
        for where, annotation, metadata in inputs(route)
        if where.endswith(".kind") and annotation is str
        if not any(isinstance(one, AfterValidator) for one in metadata)
    }
    assert any_word - by_others == set()


def test_all_that_has_an_address_for_people_is_a_thing_of_a_kind_that_may_come_in():
    no_things = {"points", "risk", "standing", "test_attempt", "webhook"}
    assert set(places.KINDS) - set(THINGS) == no_things
    assert set(HREFS) <= set(THINGS)
