"""HTTP of wallets and ledger entries."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from chassis.problems import CONFLICT_OF_INTEREST
from chassis.projections.communities import known_community
from chassis.web.dependencies import CallerDep, Localised, Now, Reading, Transaction
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from chassis.web.spans import SpanQuery
from services.gamification.ledger.rules import Currency, Kind
from services.gamification.permissions import LEDGER_ENTRIES_READ, LEDGER_REVERSE, WALLETS_READ
from services.gamification.wallets import service
from services.gamification.wallets.queries import wallet_public
from services.gamification.wallets.schemas import (
    CURRENCY,
    ENTRY_KIND,
    LedgerEntryPublic,
    ReversalCreate,
    ReversalPublic,
    WalletPublic,
)
from services.gamification.wallets.views import entries_public

router = api_router(tags=["Wallets"])


@router.get("/v1/wallets/{member_id}")
@operation(permission=WALLETS_READ)
async def read_wallet(
    member_id: UUID, caller: CallerDep, session: Reading, now: Now, locale: Localised
) -> WalletPublic:
    """Read a member's wallet: points, xp, level and streak.

    Members read their own, even after they left; operators and owners read everyone's. Deeds in other services arrive by
    message: the wallet includes everything up to `as_of`.
    """
    member, wallet = await service.read_wallet(session, caller=caller, member_id=member_id, now=now)
    community = await known_community(session, member.community_id)
    return await wallet_public(session, wallet, community, member.time_zone, now, locale)


@router.get("/v1/ledger-entries")
@operation(permission=LEDGER_ENTRIES_READ)
async def list_ledger_entries(
    caller: CallerDep,
    session: Reading,
    now: Now,
    locale: Localised,
    page: PageQuery,
    span: SpanQuery,
    community_id: UUID | None = None,
    member_id: UUID | None = None,
    mine: Annotated[bool, Query(description="Only the caller's own; without a community, in all of theirs.")] = False,
    currency: Annotated[Annotated[Currency, CURRENCY] | None, Query(description="Points or xp alone.")] = None,
    kind: Annotated[Annotated[Kind, ENTRY_KIND] | None, Query(description="Entries of one kind alone.")] = None,
) -> Page[LedgerEntryPublic]:
    """List the gains and losses of a member's wallet, of a community's wallets, or of the caller's own, the latest deeds first.

    Members see their own, even after they left; operators and owners see everyone's. `from` and `to` ask when the deeds were done.
    Their days are the community's; without one, UTC's.
    """
    listing = await service.entries_for(
        session,
        caller=caller,
        wanted=service.Wanted(community_id, member_id, mine, currency, kind, span),
        now=now,
    )
    return await paginate_together(session, listing, page=page, to=lambda rows: entries_public(session, rows, locale))


@router.post("/v1/ledger-entries/{entry_id}/reverse", status_code=201)
@operation(
    permission=LEDGER_REVERSE,
    problems=[
        service.ALREADY_REVERSED,
        service.IS_A_REVERSAL,
        CONFLICT_OF_INTEREST,
    ],
    located=False,
)
async def reverse_ledger_entry(
    entry_id: UUID, body: ReversalCreate, caller: CallerDep, session: Transaction, now: Now, locale: Localised
) -> ReversalPublic:
    """Take an award back, points and xp together. The member can read the reason.

    The reversal has the date of the award, so boards and levels look as if the award had never been paid. It is final.
    """
    undone, points, xp = await service.reverse(session, caller=caller, entry_id=entry_id, reason=body.reason, now=now)
    return ReversalPublic(items=await entries_public(session, undone, locale), points=points, xp=xp)
