"""How an operation is tried: a recipe says what to send for a given caller and target. Whether that must work, the table alone says.

    recipe("update_cohort", here("cohort"), body={"name": "首期"}, version=1)

Method and path are the document's; after the operation come the values of the path's parameters. `here`, `own`, `theirs` and
`thing` stand for what is only known when it is tried, anywhere in a path, a query or a body.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import httpx

from tests.system.security.operations import PROGRAMS, by_id
from tests.system.security.world import PLACES, Place, Player, World

Whose = Literal["own", "assigned", "other"]
OWN: tuple[Whose, ...] = ("own",)
OTHER: tuple[Whose, ...] = ("other",)
ASSIGNED: tuple[Whose, ...] = ("own", "assigned", "other")
"""For what somebody may be assigned to, as speaker or reviewer."""


@dataclass(frozen=True)
class Case:
    """What a recipe is asked for."""

    who: Player
    whose: Whose = "other"
    place: Place = "home"
    variant: str | None = None


@dataclass(frozen=True)
class Call:
    """One request. `shows` names what the answer holds if the caller may see it; `also` other statuses for who was allowed;
    `per_item` that the answer is a batch of one."""

    operation: str
    method: str
    path: str
    params: Mapping[str, Any] = field(default_factory=dict)
    json: Any = None
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    shows: tuple[str, ...] = ()
    per_item: bool = False
    also: frozenset[int] = frozenset()

    async def send(self, client: httpx.AsyncClient, **headers: str) -> httpx.Response:
        """The answer; these headers come on top of the call's own."""
        body: dict[str, Any] = {"content": self.content} if self.content is not None else {"json": self.json}
        return await client.request(
            self.method, self.path, params=dict(self.params), headers={**self.headers, **headers}, **body
        )


@dataclass(frozen=True)
class Ref:
    """What stands in its place by the world and the case; `personal` if that depends on whose it is."""

    find: Callable[[World, Case], Any]
    personal: bool = False


def here(name: str = "id") -> Ref:
    """Something of the community that is tried: its `id` or `slug`, or what a feature put there. May name `{variant}`."""
    return Ref(lambda world, case: world.grounds[case.place].ids[name.format(variant=case.variant)])


def own(name: str = "member") -> Ref:
    """Something of the caller's, and then of the neighbour's; with `whose=ASSIGNED` in between what the caller is assigned to.

    `person` and `member` are their ids.
    """
    return Ref(lambda world, case: _of_case(world, case, name), personal=True)


def _of_case(world: World, case: Case, name: str) -> Any:
    match case.whose:
        case "own":
            return case.who.has(name)
        case "assigned":
            return case.who.assigned.get(name)
    return world.neighbour.has(name)


def theirs(name: str = "member") -> Ref:
    """Something of the neighbour's, whoever calls."""
    return Ref(lambda world, _case: world.neighbour.has(name))


def thing(name: str) -> Ref:
    """Something that belongs to no community."""
    return Ref(lambda world, _case: world.things[name])


VARIANT = Ref(lambda _world, case: case.variant)


@dataclass(frozen=True)
class Recipe:
    """How to try an operation; see `recipe`."""

    operation: str
    at: tuple[Any, ...]
    query: Mapping[str, Any]
    body: Any
    content: str | None
    headers: Mapping[str, str]
    shows: Any
    whose: tuple[Whose, ...]
    variants: Mapping[str | None, Mapping[str, Any]]
    row: str | None
    within: str | None
    why: str
    public: str
    people_only: bool
    names_to_suspended: bool
    per_item: bool
    also: Mapping[str, int]
    but: frozenset[str]

    def cases(self, who: Player, cells: Mapping[str, str]) -> list[Case]:
        """Everything to try for one caller, by the cells of the table's row."""
        seen_by_visibility = "v" in cells.values() and who.column in {"N", "S", "X", "external"}
        places = PLACES if seen_by_visibility else PLACES[:1]
        return [
            Case(who, whose, place, variant)
            for whose in self.whose
            for place in places
            for variant in self.variants
        ]  # fmt: skip

    def call(self, world: World, case: Case) -> Call | None:
        """The request; None where the caller has nothing of the kind, so that there is nothing to try."""
        if (self.people_only and case.who.column in PROGRAMS) or case.who.column in self.but:
            return None
        try:
            at, query, body, more, shows = (
                _filled(one, world, case)
                for one in (list(self.at), self.query, self.body, self.variants[case.variant], [self.shows])
            )
        except _Absent:
            return None
        operation = by_id()[self.operation]
        values = iter(at)
        groups = {case.who.column, "everyone"} | ({"programs"} if case.who.column in PROGRAMS else set())
        return Call(
            self.operation,
            operation.method,
            re.sub(r"\{\w+\}", lambda _: str(next(values)), operation.path),
            params=query,
            json=body | more if more else body,
            content=None if self.content is None else self.content.encode(),
            headers=self.headers,
            shows=tuple(one for one in shows if one is not None),
            per_item=self.per_item,
            also=frozenset(status for group, status in self.also.items() if group in groups),
        )


def recipe(
    operation: str,
    *at: Any,
    query: Mapping[str, Any] | None = None,
    body: Any = None,
    version: int | None = None,
    csv: str | None = None,
    ndjson: str | None = None,
    part: str | None = None,
    mail: str | None = None,
    shows: Any = None,
    whose: tuple[Whose, ...] | None = None,
    variants: Sequence[str] | Mapping[str, Mapping[str, Any]] = (),
    row: str | None = None,
    within: str | None = None,
    why: str = "",
    public: str = "",
    people_only: bool = False,
    names_to_suspended: bool = False,
    per_item: bool = False,
    also: Mapping[str, int] | None = None,
    but: Sequence[str] = (),
) -> Recipe:
    """A way to try an operation. `at` are the values of its path's parameters.

    `part` are the first bytes of a file. `version` is what `If-Match` says. `shows` is what the answer holds for who may see it. Where something is `own`, it is tried
    with the caller's and with the neighbour's; `whose` says otherwise. `variants` are tried one by one; as a mapping each adds
    to the body. `row` is the row of the table where it is not the operation's label, `within` a second row that must allow it
    too, `also` another status for who was allowed: by column, for `programs` or for `everyone`; `but` are columns of whom it cannot be
    tried; each for the reason `why`.
    `public` is the reason why an operation needs no permission.
    """
    assert bool(why) or not (row or also or but), f"{operation}: why?"
    headers = {} if version is None else {"If-Match": f'"{version}"'}
    if csv is not None or ndjson is not None:
        headers["Content-Type"] = "text/csv" if csv is not None else "application/x-ndjson"
    if mail is not None:
        headers["Content-Type"] = "message/rfc822"
    if part is not None:
        headers |= {"Content-Type": "application/octet-stream", "Upload-Offset": "0"}
    by_name: dict[str | None, Mapping[str, Any]] = {name: {} for name in variants or (None,)}
    if isinstance(variants, Mapping):
        by_name.update(variants)
    personal = _is_personal([*at, query, body, shows])
    return Recipe(
        operation=operation,
        at=at,
        query=query or {},
        body=body,
        content=next((one for one in (csv, ndjson, part, mail) if one is not None), None),
        headers=headers,
        shows=shows,
        whose=whose or ((*OWN, *OTHER) if personal else OTHER),
        variants=by_name,
        row=row,
        within=within,
        why=why,
        public=public,
        people_only=people_only,
        names_to_suspended=names_to_suspended,
        per_item=per_item,
        also=also or {},
        but=frozenset(but),
    )


def import_recipes(name: str, *, start: str, template: str, started_in: Any = None, **options: Any) -> list[Recipe]:
    """An import's six operations; `name` as in `read_<name>`. `World.jobs_of_everybody(name, …)` makes the jobs.

    `started_in`: the query that starts one, where it is not that of the others.
    """
    return [
        recipe(start, **options | ({"query": started_in} if started_in is not None else {})),
        recipe(template, query=options.get("query")),
        recipe(f"list_{name}s", query=options.get("query")),
        recipe(f"read_{name}", own(name), within="imports.job"),
        recipe(f"list_{name}_errors", own(name), within="imports.job"),
        recipe(f"cancel_{name}", own(name), within="imports.job"),
    ]


class _Absent(Exception):
    """The caller has nothing of the kind."""


def _filled(value: Any, world: World, case: Case) -> Any:
    """With everything that is only known now, ids as text."""
    if isinstance(value, Ref):
        found = value.find(world, case)
        if found is None:
            raise _Absent
        return _filled(found, world, case)
    if isinstance(value, Mapping):
        return {name: _filled(one, world, case) for name, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, world, case) for one in value]
    return value if value is None or isinstance(value, (bool, int, float)) else str(value)


def _is_personal(value: Any) -> bool:
    if isinstance(value, Ref):
        return value.personal
    parts = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return any(_is_personal(part) for part in parts)
