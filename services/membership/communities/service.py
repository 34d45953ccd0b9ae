"""Use cases of communities."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import and_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.database.rows import existing
from chassis.database.statements import Prepared, bindparam
from chassis.messaging.outbox import emit
from chassis.problems import FORBIDDEN, INVALID, FieldError, refused
from chassis.security.authority import COMMUNITIES_READ, Standing, authorize, shows
from chassis.security.caller import Caller
from chassis.security.permissions import Permission
from chassis.web.etags import require_match
from chassis.web.patches import changed_by
from chassis.web.schemas import Viewer
from contracts.membership import (
    CharterValue,
    CommunityArchived,
    CommunityCreated,
    CommunityOpened,
    CommunityState,
    CommunityUpdated,
)
from services.membership.communities import assigning, copying, naming
from services.membership.communities.models import Charter, Community, CommunitySlug
from services.membership.communities.occasions import (
    CommunityAssigned,
    CommunityCopied,
    CommunityMoved,
    community_assigned,
    community_copied,
    community_moved,
)
from services.membership.communities.problems import COMMUNITY_INCOMPLETE, SLUG_TAKEN
from services.membership.communities.rules import (
    ACTIONS,
    Action,
    Readiness,
    joining_refusal,
    next_charter_version,
    refusal,
)
from services.membership.communities.schemas import CharterContent, CommunityCreate, CommunityPatch, Positioning
from services.membership.people.models import Person
from services.membership.permissions import (
    COMMUNITIES_CREATE,
    COMMUNITIES_GOVERN,
    COMMUNITIES_JOIN,
    COMMUNITIES_UPDATE,
)
from services.membership.platform_roles.access import authorize_platform_now
from services.membership.refusals import UNKNOWN_PERSON
from services.membership.roster.joining import join
from services.membership.roster.owners import owners_in
from services.membership.roster.rules import is_live

GOVERNED = frozenset({"slug", "visibility", "join", "time_zone", "day_starts_at", "streak_days", "operated_by"})
"""What an operator does not change."""


async def create(session: AsyncSession, *, caller: Caller, body: CommunityCreate, now: datetime) -> Community:
    """Create a draft with its owner. Raises `SLUG_TAKEN`, `UNKNOWN_PERSON`."""
    await authorize_platform_now(session, caller, COMMUNITIES_CREATE)
    body = await copying.completed(session, caller, body, now)
    owner = await session.get(Person, body.owner_person_id or caller.id)
    if owner is None or owner.status != "active":
        raise UNKNOWN_PERSON(
            errors=[
                FieldError(
                    "/owner_person_id", "unknown_person", "No active person has this id.", "没有这个 ID 的在职人员。"
                )
            ]
        )
    await _check_operators(session, body.operated_by, None)
    community = Community(
        **body.model_dump(exclude={"owner_person_id", "charter", "day_starts_at", "copy_from", "parts"}),
        day_starts_at=time.fromisoformat(body.day_starts_at),
        created_at=now,
        updated_at=now,
    )
    await _take_slug(session, community, body.slug, now)
    charter = None
    if body.charter is not None:
        charter = _new_charter(community, body.charter, caller, now)
        session.add(charter)
    await _tell(session, CommunityCreated, community, charter, now)
    member = await join(
        session,
        person=owner,
        community_id=community.id,
        via="creation",
        joined_at=now,
        now=now,
        roles=["owner"],
        cause="creation",
    )
    await naming.tell(session, community, member.id, now)
    await audit(session, caller, community, "create", {"slug": [None, body.slug], "owner": [None, owner.id]}, now)
    if body.copy_from is not None:
        copied = CommunityCopied(community.id, body.copy_from, body.parts, caller, now)
        await community_copied.happened(session, copied)
    return community


_PRESENT = and_(col(Charter.community_id) == col(Community.id), col(Charter.version) == col(Community.charter_version))
_WITH_CHARTER: Prepared[Any] = Prepared(
    select(Community, Charter)
    .join(Charter, _PRESENT, isouter=True)
    .where(col(Community.id) == bindparam("community_id"))
)


async def read(
    session: AsyncSession, *, caller: Caller | None, community_id: UUID, now: datetime
) -> tuple[Community, Charter | None, Viewer]:
    """A community with its present charter, and what the caller can do with it."""
    standing = await authorize(session, caller, COMMUNITIES_READ, community_id, now=now)
    community, charter = await _WITH_CHARTER.one(session, community_id=community_id)
    return community, charter, await viewer_of(session, community, standing, now)


async def read_back(
    session: AsyncSession, *, caller: Caller, community_id: UUID, now: datetime
) -> tuple[Charter | None, Viewer]:
    """What a command made of a community: its charter, and what the caller can do with it next."""
    await session.flush()
    _, charter, viewer = await read(session, caller=caller, community_id=community_id, now=now)
    return charter, viewer


async def by_slug(session: AsyncSession, slug: str) -> UUID:
    """The community that has or had this slug. Raises `NOT_FOUND`."""
    return (await existing(session, CommunitySlug, slug)).community_id


async def change(
    session: AsyncSession,
    *,
    caller: Caller,
    community_id: UUID,
    body: CommunityPatch,
    if_match: int,
    now: datetime,
) -> Community:
    """Apply a merge patch. Raises `FORBIDDEN` where an operator changes what is the owner's, `SLUG_TAKEN`."""
    community, standing = await _locked(session, caller, COMMUNITIES_UPDATE, community_id, now)
    given = body.model_fields_set
    if given & GOVERNED and not COMMUNITIES_GOVERN.reach(standing.columns):
        raise FORBIDDEN(fields=sorted(given & GOVERNED))
    require_match(community.version, if_match)
    values = body.model_dump(exclude_unset=True)
    if "positioning" in given:
        if body.positioning is None and community.status != "draft":
            raise INVALID(errors=[FieldError("/positioning", "missing", "Required.", "必填。")])
        present = naming.as_written(community)["positioning"]
        values["positioning"] = _merged_positioning(present, values["positioning"])
    if "assigned" in given:
        values["assigned"] = await assigning.checked(session, community, values["assigned"])
    if "day_starts_at" in given:
        values["day_starts_at"] = time.fromisoformat(body.day_starts_at)
    if "operated_by" in given:
        await _check_operators(session, body.operated_by, community_id)
    if "slug" in given and body.slug != community.slug:
        await _take_slug(session, community, body.slug, now)
    texts = {name: values.pop(name) for name in naming.FIELDS if name in values}
    rewritten = naming.rewritten(community, texts)
    changes = changed_by(values, community)
    if not changes and not rewritten:
        return community
    community.sqlmodel_update(values)
    seen = naming.write(community, texts)
    # Whom it enrols is nobody else's business.
    told = CommunityUpdated if seen or changes.keys() - {"assigned"} else None
    await changed(session, told, community, now)
    if changes.keys() & {"assigned", "join", "time_zone", "day_starts_at"}:
        await community_assigned.happened(session, CommunityAssigned(community.id, now))
    if rewritten:
        await naming.tell(session, community, standing.member_id or caller.id, now)
    await audit(session, caller, community, "update", changes | rewritten, now)
    return community


async def publish_charter(
    session: AsyncSession, *, caller: Caller, community_id: UUID, body: CharterContent, now: datetime
) -> tuple[Charter, bool]:
    """Make a version of the charter; one that says the same as the present version makes none. Returns it and whether it is new."""
    community, _ = await _locked(session, caller, COMMUNITIES_UPDATE, community_id, now)
    present = await charter_of(session, community)
    proposed = body.model_dump(mode="json")
    if present is not None and next_charter_version(present.content, present.version, proposed) == present.version:
        return present, False
    charter = _new_charter(community, body, caller, now)
    session.add(charter)
    await changed(session, CommunityUpdated, community, now, charter)
    await audit(session, caller, community, "charter", {"charter_version": [charter.version - 1, charter.version]}, now)
    return charter, True


async def move(
    session: AsyncSession, *, caller: Caller, community_id: UUID, action: Action, now: datetime
) -> Community:
    """Open or archive. Raises `COMMUNITY_INCOMPLETE` naming what is missing, `ILLEGAL_TRANSITION`, `COMMUNITY_ARCHIVED`."""
    community, _ = await _locked(session, caller, COMMUNITIES_GOVERN, community_id, now)
    ready = (await _readiness(session, [community], now))[community.id]
    code = refusal(action, status=community.status, ready=ready)  # type: ignore[arg-type]
    if code is not None:
        raise refused(
            code, state=community.status, missing=ready.missing() if code == COMMUNITY_INCOMPLETE.code else None
        )
    before = community.status
    if action == "open":
        community.status, community.opened_at = "open", now
        await naming.hide_undecided(session, community)
        await changed(session, CommunityOpened, community, now)
    else:
        community.status, community.archived_at = "archived", now
        await changed(session, CommunityArchived, community, now)
    news: Literal["opened", "archived"] = "opened" if action == "open" else "archived"
    await community_moved.happened(session, CommunityMoved(community.id, news, now))
    await audit(session, caller, community, action, {"status": [before, community.status]}, now)
    return community


async def charter_of(session: AsyncSession, community: Community) -> Charter | None:
    """The present version of the charter."""
    if community.charter_version == 0:
        return None
    return await session.get(Charter, (community.id, community.charter_version))


async def viewer_of(session: AsyncSession, community: Community, standing: Standing, now: datetime) -> Viewer:
    """What the caller can do with the community."""
    return (await viewers_of(session, [community], {community.id: standing}, now))[community.id]


async def viewers_of(
    session: AsyncSession, communities: Sequence[Community], standings: Mapping[UUID, Standing], now: datetime
) -> dict[UUID, Viewer]:
    """What the caller can do with each of the communities."""
    governed = [one for one in communities if COMMUNITIES_GOVERN.reach(standings[one.id].columns)]
    ready = await _readiness(session, governed, now)
    return {one.id: _viewer(one, standings[one.id], ready.get(one.id), now) for one in communities}


def _viewer(community: Community, standing: Standing, ready: Readiness | None, now: datetime) -> Viewer:
    answers: dict[str, str | None] = {}
    archived = "community_archived" if community.status == "archived" else None
    answers["update"] = archived if COMMUNITIES_UPDATE.reach(standing.columns) else "forbidden"
    answers["publish_charter"] = answers["update"]
    for action in ACTIONS:
        if ready is not None:
            answers[action] = refusal(action, status=community.status, ready=ready)  # type: ignore[arg-type]
        else:
            answers[action] = "forbidden"
    member = standing.member
    if member is None or not is_live(member.status_at(now)):  # type: ignore[arg-type]  # a status of the roster
        answers["join"] = _joining(community, standing)
    return Viewer.of(answers)


def _joining(community: Community, standing: Standing) -> str | None:
    """The problem code with which the caller, who is no member, would be refused who joins by themselves."""
    sees = shows(standing.community, standing.columns, standing.person_kind)
    if not sees or not COMMUNITIES_JOIN.reach(standing.columns):
        return "forbidden"
    return joining_refusal(
        community_status=community.status,  # type: ignore[arg-type]  # the check constraints say so
        join=community.join,  # type: ignore[arg-type]
        status=standing.member.status if standing.member else None,
        kind=standing.person_kind,
    )


def community_message(kind: type[CommunityState], community: Community, charter: Charter | None) -> CommunityState:
    """The whole public state of a community as one of the messages about it."""
    values = charter.content["values"] if charter else []
    return kind(
        community_id=community.id,
        slug=community.slug,
        name=community.name,
        kind=community.kind,
        status=community.status,
        visibility=community.visibility,
        join=community.join,
        time_zone=community.time_zone,
        day_starts_at=community.day_starts_at,
        streak_days=community.streak_days,
        topics=tuple((community.positioning or {}).get("topics", ())),
        values=tuple(CharterValue(code=value["code"], name=value["name"]) for value in values),
        charter_version=community.charter_version,
        operated_by=community.operated_by,
    )


async def _locked(
    session: AsyncSession, caller: Caller, wanted: Permission, community_id: UUID, now: datetime
) -> tuple[Community, Standing]:
    """The community, locked; then the authority reads what cannot change under it any more."""
    community = await existing(session, Community, community_id, lock=True)
    return community, await authorize(session, caller, wanted, community_id, now=now)


async def changed(
    session: AsyncSession,
    kind: type[CommunityState] | None,
    community: Community,
    now: datetime,
    charter: Charter | None = None,
) -> None:
    """Count a change of a community, and tell of it if others see it."""
    community.version += 1
    community.updated_at = now
    if kind is not None:
        await _tell(session, kind, community, charter or await charter_of(session, community), now)


async def _tell(
    session: AsyncSession, kind: type[CommunityState], community: Community, charter: Charter | None, now: datetime
) -> None:
    message = community_message(kind, community, charter)
    await emit(session, message, version=community.bump(), occurred_at=now)


async def _readiness(session: AsyncSession, communities: Sequence[Community], now: datetime) -> dict[UUID, Readiness]:
    # Only a draft can open, so only for a draft anybody is counted.
    drafts = [one.id for one in communities if one.status == "draft"]
    owners = await owners_in(session, drafts, now) if drafts else {}
    return {
        one.id: Readiness(
            has_positioning=one.positioning is not None,
            charter_version=one.charter_version,
            has_owner=one.status != "draft" or bool(owners[one.id]),
        )
        for one in communities
    }


async def _take_slug(session: AsyncSession, community: Community, slug: str, now: datetime) -> None:
    """A community may use its own former slug again, but never another community's. Raises `SLUG_TAKEN`."""
    known = await session.get(CommunitySlug, slug)
    if known is not None and known.community_id != community.id:
        raise SLUG_TAKEN()
    session.add(community)
    await session.flush()
    await session.merge(CommunitySlug(slug=slug, community_id=community.id, since=now))


async def _check_operators(session: AsyncSession, operated_by: UUID | None, community_id: UUID | None) -> None:
    if operated_by is None:
        return
    team = await session.get(Community, operated_by)
    if team is None or team.kind != "operations_team" or team.id == community_id:
        raise INVALID(
            errors=[
                FieldError(
                    "/operated_by",
                    "no_operations_team",
                    "This community is not an operating team.",
                    "该社群不是运营团队。",
                )
            ]
        )


def _merged_positioning(present: dict[str, Any] | None, patch: dict[str, Any] | None) -> dict[str, Any] | None:
    if patch is None:
        return None
    merged = (present or {}) | patch
    merged = {name: value for name, value in merged.items() if value is not None}
    missing = [name for name in ("purpose", "statement") if not merged.get(name)]
    if missing:
        raise INVALID(errors=[FieldError(f"/positioning/{name}", "missing", "Required.", "必填。") for name in missing])
    return Positioning.model_validate(merged).model_dump(mode="json")


def _new_charter(community: Community, body: CharterContent, caller: Caller, now: datetime) -> Charter:
    community.charter_version += 1
    return Charter(
        community_id=community.id,
        version=community.charter_version,
        content=body.model_dump(mode="json"),
        published_at=now,
        published_by=caller.actor,
    )
