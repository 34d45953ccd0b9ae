"""HTTP of earning rules and outcomes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Query, Request
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.locale import Locale
from chassis.messaging.lag import as_of
from chassis.problems import INVALID, NOT_FOUND, FieldError
from chassis.projections.members import member_for
from chassis.security.authority import authorize
from chassis.web.dependencies import CallerDep, LaterTransaction, Localised, Now, Reading, RuntimeDep
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate
from services.gamification.earning import queries, rulemaking, store
from services.gamification.earning.refusal_texts import text_of
from services.gamification.earning.rulebook import load_books
from services.gamification.earning.rules import Rule, RuleVersion
from services.gamification.earning.schemas import (
    RULE_CODE_PATTERN,
    AmountPublic,
    ConditionPublic,
    EarningOutcomePublic,
    EarningOutcomesPublic,
    EarningRuleChanged,
    EarningRulePublic,
    EarningRulePut,
    GiverLimitPublic,
    MultiplierPublic,
    OutcomeSource,
    RoomPublic,
    RuleEffects,
)
from services.gamification.earning.titles import Titles, put_title, titles_in
from services.gamification.earning.triggers import TRIGGERS
from services.gamification.permissions import EARNING_OUTCOMES_READ, EARNING_RULES_READ, EARNING_RULES_WRITE

router = api_router(tags=["Earning"])

RuleCode = Annotated[str, Path(pattern=RULE_CODE_PATTERN)]


@router.get("/v1/earning-rules")
@operation(permission=EARNING_RULES_READ)
async def list_earning_rules(
    caller: CallerDep,
    session: Reading,
    now: Now,
    locale: Localised,
    community_id: Annotated[UUID | None, Query(description="The community; by default that of the member.")] = None,
    member_id: Annotated[UUID | None, Query(description="Adds what this member can still earn.")] = None,
) -> Page[EarningRulePublic]:
    """List what earns points and xp in a community: its own rules and the defaults, as in force now.

    With `member_id`, each rule with a cap shows what this member can still earn today and this week. Operators and owners may
    ask about any member, others only about themselves.
    """
    if member_id is not None:
        member = await member_for(session, caller, EARNING_OUTCOMES_READ, member_id, now)
        if community_id not in {None, member.community_id}:
            raise NOT_FOUND()
        community_id = member.community_id
    if community_id is None:
        raise INVALID(
            errors=[
                FieldError(
                    "#/query/community_id",
                    "missing",
                    "Give community_id or member_id.",
                    "请给出 community_id 或 member_id。",
                )
            ]
        )
    await authorize(session, caller, EARNING_RULES_READ, community_id, now=now)
    book = (await load_books(session, [community_id]))[community_id]
    rooms = await queries.room_left(session, book, member_id, now) if member_id is not None else {}
    named = Naming(await titles_in(session, [community_id]), community_id, locale)
    items = [
        _rule(rule, rule.in_force(now) or rule.current, now, named, rooms.get(code))
        for code, rule in sorted(book.rules.items())
    ]
    return Page(items=items)


@router.get("/v1/earning-rules/{code}/versions")
@operation(permission=EARNING_RULES_READ)
async def list_earning_rule_versions(
    code: RuleCode, community_id: UUID, caller: CallerDep, session: Reading, now: Now, locale: Localised
) -> Page[EarningRulePublic]:
    """List the versions of a rule, the newest first. Version 0 is the product's default."""
    await authorize(session, caller, EARNING_RULES_READ, community_id, now=now)
    rule = (await load_books(session, [community_id]))[community_id].rules.get(code)
    if rule is None:
        raise NOT_FOUND()
    named = Naming(await titles_in(session, [community_id]), community_id, locale)
    return Page(items=[_rule(rule, version, now, named) for version in reversed(rule.versions)])


@router.put("/v1/earning-rules/{code}")
@operation(permission=EARNING_RULES_WRITE, problems=[rulemaking.TRIGGER_TO_COME])
async def put_earning_rule(
    code: RuleCode,
    community_id: UUID,
    body: EarningRulePut,
    request: Request,
    caller: CallerDep,
    runtime: RuntimeDep,
    begin: LaterTransaction,
    now: Now,
    locale: Localised,
    dry_run: Annotated[bool, Query(description="Show what would change, and change nothing.")] = False,
) -> EarningRuleChanged:
    """Create a new version of a rule. Sending the same content again creates none.

    A deed is paid by the version in force when it was done. A version that is valid from a moment in the past recalculates
    everything since then and posts the differences, dated at the deeds. `dry_run` shows the differences without posting them.
    """
    proposed = body.version(code, body.valid_from)
    said = body.model_dump(include={"title_zh", "title_en"}, exclude_unset=True)

    async def put(session: AsyncSession) -> tuple[Rule, rulemaking.Effects, Titles]:
        rule, effects = await rulemaking.put_rule(
            session,
            caller=caller,
            community_id=community_id,
            proposed=proposed,
            valid_from_given="valid_from" in body.model_fields_set,
            dry_run=dry_run,
            now=now,
        )
        return rule, effects, await put_title(session, caller, community_id, code, said, now, dry_run=dry_run)

    if dry_run:
        # It may read the deeds of a whole community, and nobody who writes is to wait for that.
        async with runtime.database.reading(request_id=request.state.request_id) as session:
            rule, effects, titles = await put(session)
    else:
        rule, effects, titles = await put(await begin())
    return EarningRuleChanged(
        rule=_rule(rule, rule.current, now, Naming(titles, community_id, locale)),
        dry_run=dry_run,
        effects=RuleEffects.model_validate(effects),
    )


@router.get("/v1/earning-outcomes")
@operation(permission=EARNING_OUTCOMES_READ)
async def list_earning_outcomes(
    member_id: UUID,
    caller: CallerDep,
    session: Reading,
    now: Now,
    locale: Localised,
    page: PageQuery,
    source_id: Annotated[
        UUID | None,
        Query(description="The id of one deed, or of what was made by it: of a check-in, a reply, an attendance."),
    ] = None,
) -> EarningOutcomesPublic:
    """List what a member's deeds earned, what they did not earn, and why.

    Refusals are kept for 180 days. If a single `source_id` has no outcome, `nothing` says why: no rule pays for it, or it has
    not arrived yet.
    """
    member = await member_for(session, caller, EARNING_OUTCOMES_READ, member_id, now)
    found = await paginate(session, queries.deeds(member_id, source_id), page=page, to=store.occurrence_of)
    book = (await load_books(session, [member.community_id]))[member.community_id]
    named = Naming(await titles_in(session, [member.community_id]), member.community_id, locale)
    outcomes = await queries.outcomes_for(session, book, found.items)
    nothing: Literal["no_rule", "not_seen_yet"] | None = None
    if source_id is not None and not outcomes:
        nothing = "no_rule" if found.items or await queries.has_seen(session, source_id) else "not_seen_yet"
    return EarningOutcomesPublic(
        items=[_outcome(outcome, named) for outcome in outcomes],
        next=found.next,
        nothing=nothing,
        nothing_text=text_of(nothing, locale),
        as_of=await as_of(session, now),
    )


@dataclass(frozen=True, slots=True)
class Naming:
    """What the rules of a community are called to a reader."""

    titles: Titles
    community_id: UUID
    locale: Locale

    def of(self, code: str) -> str:
        """The title of one rule."""
        return self.titles.of(self.community_id, code, self.locale)


def _rule(
    rule: Rule, version: RuleVersion, now: datetime, named: Naming, room: queries.Room | None = None
) -> EarningRulePublic:
    title_en, title_zh = named.titles.both(named.community_id, version.code)
    return EarningRulePublic(
        code=version.code,
        title=named.of(version.code),
        title_zh=title_zh,
        title_en=title_en,
        version=version.version,
        trigger=version.trigger,
        to_come=version.trigger in TRIGGERS.to_come,
        when=[ConditionPublic(field=c.field, op=c.op, value=c.value) for c in version.when],
        points=version.points,
        xp=version.xp,
        beneficiary=version.beneficiary,
        once_per=version.once_per,
        daily_cap=version.daily_cap,
        weekly_cap=version.weekly_cap,
        per_target_cap=version.per_target_cap,
        cooldown_minutes=version.cooldown_minutes,
        multipliers=[
            MultiplierPublic(from_=each.from_at, to=each.to_at, percent=each.percent) for each in version.multipliers
        ],
        per_giver=GiverLimitPublic.model_validate(version.per_giver) if version.per_giver else None,
        shared=version.shared,
        enabled=version.enabled,
        valid_from=version.valid_from,
        recounting=version.recount is not None,
        in_force=version == rule.in_force(now),
        room=RoomPublic(today=room.today, this_week=room.this_week) if room else None,
    )


def _outcome(outcome: queries.Outcome, named: Naming) -> EarningOutcomePublic:
    occurrence = outcome.occurrence
    return EarningOutcomePublic(
        source=OutcomeSource(
            id=occurrence.source_id,
            type=occurrence.trigger,
            object_kind=occurrence.target_kind,
            object_id=occurrence.target_id,
            occurred_at=occurrence.occurred_at,
        ),
        rule=outcome.rule_code,
        rule_title=named.of(outcome.rule_code),
        rule_version=outcome.rule_version,
        beneficiary=occurrence.beneficiary,
        wanted=AmountPublic(points=outcome.wanted[0], xp=outcome.wanted[1]),
        paid=AmountPublic(points=outcome.paid[0], xp=outcome.paid[1]),
        code=outcome.code,
        text=text_of(outcome.code, named.locale),
    )
