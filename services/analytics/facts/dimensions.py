"""What was so of people, members and communities at a moment, and as what their facts count by that."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import BigInteger, Table, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import insert_new
from chassis.database.statements import Prepared, is_postgres
from chassis.messaging.handlers import Received, is_snapshot
from chassis.moments import NO_CALENDARS, Calendars
from chassis.projections.history import calendars_of
from services.analytics.facts.hearing import note_hearing
from services.analytics.facts.models import MemberStand, PersonPlace, Place
from services.analytics.facts.rules import State, told_day

STAFF = frozenset({"operator", "owner"})
"""Who runs a community: figures leave them out unless somebody asks for them."""

person_places: Table = PersonPlace.__table__  # type: ignore[attr-defined]
member_stands: Table = MemberStand.__table__  # type: ignore[attr-defined]
places: Table = Place.__table__  # type: ignore[attr-defined]

Dated = TypeVar("Dated", bound="PlaceThen | StandThen")


class PlaceThen(NamedTuple):
    """Where somebody worked from a moment on; an empty text is none."""

    at: datetime
    department_code: str
    job_grade: str
    site: str


class StandThen(NamedTuple):
    """Whether a member ran the community from a moment on, and who they are."""

    at: datetime
    staff: bool
    person_id: UUID


class PlaceKey(NamedTuple):
    """What names a place."""

    department_code: str
    job_grade: str
    site: str
    staff: bool


_NOWHERE = ("", "", "")

_FIRST_STANDS: Prepared[Any] = Prepared(
    lambda on: (
        select(member_stands.c.member_id, func.min(member_stands.c.version))
        .where(on.among(member_stands.c.member_id, "ids"))
        .group_by(member_stands.c.member_id)
    )
)
_STANDS: Prepared[Any] = Prepared(
    lambda on: (
        select(member_stands.c.member_id, member_stands.c.at, member_stands.c.staff, member_stands.c.person_id)
        .where(on.among(member_stands.c.member_id, "ids"))
        .order_by(member_stands.c.member_id, member_stands.c.version)
    )
)
_PLACES_OF: Prepared[Any] = Prepared(
    lambda on: (
        select(
            person_places.c.person_id,
            person_places.c.at,
            person_places.c.department_code,
            person_places.c.job_grade,
            person_places.c.site,
        )
        .where(on.among(person_places.c.person_id, "ids"))
        .order_by(person_places.c.person_id, person_places.c.version)
    )
)
_MEMBERS_OF: Prepared[Any] = Prepared(
    lambda on: (
        select(member_stands.c.member_id, member_stands.c.community_id, member_stands.c.person_id)
        .where(on.among(member_stands.c.person_id, "ids"))
        .distinct()
    )
)
_PLACES: Prepared[Any] = Prepared(lambda on: select(places).where(on.among(places.c.department_code, "departments")))
_PLACES_BY_ID: Prepared[Any] = Prepared(
    lambda on: select(places.c.id, places.c.staff).where(on.among(places.c.id, "ids"))
)
_LOCKED: Prepared[Any] = Prepared(
    select(
        func.pg_advisory_xact_lock(
            func.unnest(cast(bindparam("keys", type_=ARRAY(BigInteger)), ARRAY(BigInteger))).column_valued("key")
        )
    )
)


async def lock_communities(session: AsyncSession, community_ids: Iterable[UUID]) -> None:
    """Count facts of these communities, or change what they count as, alone until the transaction ends.

    Else a fact could be counted by what was so before, after everything counted was looked at again. SQLite has one writer anyway.
    It is noted that something was heard of them.
    """
    ids = set(community_ids)
    if is_postgres(session):
        # Another namespace than other locks by the flipped bits; 63 bits, as the function takes a bigint.
        keys = {(community_id.int ^ 0xFAC75) & ((1 << 63) - 1) for community_id in ids}
        await _LOCKED.all(session, keys=sorted(keys))
    await note_hearing(session, ids)


@dataclass(slots=True)
class Dimensions:
    """What is known of some communities, members and people, by version."""

    calendars: Mapping[UUID, Calendars]
    stands: Mapping[UUID, Sequence[StandThen]]
    places: Mapping[UUID, Sequence[PlaceThen]]

    def day_of(self, state: State) -> date | None:
        """The community's day of a fact. None while its community or its member is not known."""
        calendars = self.calendars.get(state.community_id, NO_CALENDARS)
        if state.at is None or not calendars.versions:
            return None
        if state.member_id is not None and state.member_id not in self.stands:
            return None
        return told_day(state) or calendars.day_of(state.at)

    def place_of(self, state: State) -> PlaceKey | None:
        """Where a member's fact counts. None of a fact of nobody, or of somebody who is not known."""
        stands = self.stands.get(state.member_id) if state.member_id is not None else None
        if state.at is None or not stands:
            return None
        stand = _then(stands, state.at)
        person = self.places.get(stand.person_id)
        where = _then(person, state.at)[1:] if person else _NOWHERE
        return PlaceKey(*where, staff=stand.staff)


def _then(versions: Sequence[Dated], at: datetime) -> Dated:
    """What was so then; before the first one, the first."""
    for one in reversed(versions):
        if one.at <= at:
            return one
    return versions[0]


async def look_up(session: AsyncSession, states: Sequence[State]) -> dict[int, bool]:
    """Set as what facts count: their days and places. Which of these places are of who runs a community."""
    calendars = await calendars_of(session, {state.community_id for state in states})
    stands = await stands_of(session, {state.member_id for state in states if state.member_id is not None})
    people = {stand.person_id for versions in stands.values() for stand in versions}
    dimensions = Dimensions(calendars, stands, await places_of(session, people))
    where = [dimensions.place_of(state) for state in states]
    numbers = await _numbered(session, {place for place in where if place is not None})
    for state, place in zip(states, where, strict=True):
        state.day = dimensions.day_of(state)
        state.place_id = None if place is None or state.day is None else numbers[place]
    return {number: place.staff for place, number in numbers.items()}


async def stands_of(session: AsyncSession, member_ids: Iterable[UUID]) -> dict[UUID, list[StandThen]]:
    """Of members that are known, what they were from when on."""
    found: dict[UUID, list[StandThen]] = {}
    for member_id, at, staff, person_id in await _some(_STANDS, session, member_ids):
        found.setdefault(member_id, []).append(StandThen(at, staff, person_id))
    return found


async def places_of(session: AsyncSession, person_ids: Iterable[UUID]) -> dict[UUID, list[PlaceThen]]:
    """Of people that are known, where they worked from when on."""
    found: dict[UUID, list[PlaceThen]] = {}
    for person_id, at, department_code, job_grade, site in await _some(_PLACES_OF, session, person_ids):
        found.setdefault(person_id, []).append(PlaceThen(at, department_code or "", job_grade or "", site or ""))
    return found


async def members_of(session: AsyncSession, person_ids: Iterable[UUID]) -> list[tuple[UUID, UUID, UUID]]:
    """The members that people are: each with its community and person."""
    return [tuple(row) for row in await _some(_MEMBERS_OF, session, person_ids)]


async def staff_places(session: AsyncSession, place_ids: Iterable[int]) -> dict[int, bool]:
    """Which places are those of who runs a community."""
    return dict(await _some(_PLACES_BY_ID, session, place_ids))


async def _some(statement: Prepared[Any], session: AsyncSession, ids: Iterable[Any]) -> Sequence[Any]:
    wanted = list(ids)
    return await statement.all(session, ids=wanted) if wanted else []


async def _numbered(session: AsyncSession, wanted: set[PlaceKey]) -> dict[PlaceKey, int]:
    if not wanted:
        return {}
    found = await _known(session, wanted)
    if missing := sorted(wanted - found.keys()):
        await insert_new(session, places, [one._asdict() for one in missing], key=list(PlaceKey._fields))
        found = await _known(session, wanted)
    return found


async def _known(session: AsyncSession, wanted: set[PlaceKey]) -> dict[PlaceKey, int]:
    rows = await _PLACES.all(session, departments=sorted({one.department_code for one in wanted}))
    known = {PlaceKey(row.department_code, row.job_grade, row.site, row.staff): row.id for row in rows}
    return {key: known[key] for key in wanted & known.keys()}


# --- keeping -------------------------------------------------------------------------------------------------------


async def keep_places(session: AsyncSession, messages: Sequence[Received[Any]]) -> None:
    """Keep of each message about a person where they work from then on."""
    rows = {
        (message.data.person_id, message.version): {
            "person_id": message.data.person_id,
            "version": message.version,
            "at": message.occurred_at,
            "department_code": message.data.department_code,
            "job_grade": message.data.job_grade,
            "site": message.data.site,
        }
        for message in messages
    }
    await insert_new(session, person_places, [rows[key] for key in sorted(rows)], key=["person_id", "version"])


async def keep_stands(session: AsyncSession, messages: Sequence[Received[Any]]) -> None:
    """Keep of each message about a member whether they run the community from then on.

    A snapshot says nothing of when: who is first known by one has been what they are since joining.
    """
    ids = {message.data.member_id for message in messages}
    first: dict[UUID, int] = dict(await _some(_FIRST_STANDS, session, ids))
    rows: dict[tuple[UUID, int], dict[str, Any]] = {}
    for message in sorted(messages, key=lambda message: message.version):
        data, version = message.data, message.version
        is_first = version <= first.setdefault(data.member_id, version)
        rows[data.member_id, version] = {
            "member_id": data.member_id,
            "version": version,
            "at": data.joined_at if is_snapshot(type(data)) and is_first else message.occurred_at,
            "staff": not STAFF.isdisjoint(data.roles),
            "community_id": data.community_id,
            "person_id": data.person_id,
        }
    await insert_new(session, member_stands, [rows[key] for key in sorted(rows)], key=["member_id", "version"])
