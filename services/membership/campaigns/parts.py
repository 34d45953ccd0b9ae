"""What every use case of a campaign shares: the lock, its parts, the trace."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import and_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.rows import existing
from chassis.database.statements import Prepared
from chassis.interpreting import interpreted, interpreted_if_cheap
from chassis.problems import FieldError
from chassis.security.authority import Standing, authorize
from chassis.security.caller import Caller
from chassis.security.permissions import Permission
from services.membership.campaigns.answering import Reason, Unsatisfiable, unsatisfiable
from services.membership.campaigns.models import Campaign, Channel, FormVersion
from services.membership.permissions import CAMPAIGNS_WRITE


def runs_campaigns(standing: Standing) -> bool:
    """Whether the reader may see drafts and short links."""
    return bool(CAMPAIGNS_WRITE.reach(standing.columns))


async def locked_by_runner(
    session: AsyncSession, caller: Caller, campaign_id: UUID, now: datetime
) -> tuple[Campaign, Standing]:
    """The campaign, locked, for somebody who may write it: whatever counts seats does it under this lock. Raises `NOT_FOUND`, `FORBIDDEN`."""
    campaign = await existing(session, Campaign, campaign_id, lock=True)
    return campaign, await authorize(
        session, caller, CAMPAIGNS_WRITE, campaign.community_id, seen_by=draft_seen_by(campaign), now=now
    )


def draft_seen_by(campaign: Campaign) -> Permission | None:
    """The permission without which a campaign is not there, as `authorize` takes it: drafts are their makers'."""
    return CAMPAIGNS_WRITE if campaign.status == "draft" else None


_CHANNELS = Prepared(
    lambda on: select(Channel).where(on.among(col(Channel.campaign_id), "ids")).order_by(col(Channel.id))
)


async def channels_of(session: AsyncSession, campaign_ids: Sequence[UUID]) -> list[Channel]:
    """The channels of campaigns, in the order in which they were made."""
    return await _CHANNELS.load(session, ids=list(campaign_ids))


async def form_of(session: AsyncSession, campaign_id: UUID, version: int) -> FormVersion | None:
    """One version of a campaign's form; None for 0 and for what there is not."""
    return await session.get(FormVersion, (campaign_id, version)) if version else None


_FORMS: Prepared[Any] = Prepared(
    lambda on: (
        select(FormVersion)
        .join(
            Campaign,
            and_(
                col(Campaign.id) == col(FormVersion.campaign_id), col(Campaign.form_version) == col(FormVersion.version)
            ),
        )
        .where(on.among(col(Campaign.id), "ids"))
    )
)


async def forms_of(session: AsyncSession, campaigns: Sequence[Campaign]) -> dict[UUID, FormVersion]:
    """The present forms of campaigns, of those that have one."""
    if not campaigns:
        return {}
    return {form.campaign_id: form for form in await _FORMS.all(session, ids=[one.id for one in campaigns])}


def unsatisfiable_at_once(campaign: Campaign, form: dict[str, Any]) -> tuple[Unsatisfiable, ...]:
    """The same as `unsatisfiable_by` where that is cheap; else none."""
    return interpreted_if_cheap(unsatisfiable, orjson.dumps(campaign.requirements), orjson.dumps(form), otherwise=())


def unsatisfiable_by(campaign: Campaign, form: dict[str, Any]) -> tuple[Unsatisfiable, ...]:
    """The campaign's requirements that no answer to this form satisfies."""
    return interpreted(unsatisfiable, orjson.dumps(campaign.requirements), orjson.dumps(form))


def told(found: Sequence[Unsatisfiable], pointer: str) -> list[FieldError]:
    """Such requirements as errors; the pointer may name the `index` of each."""
    return [
        FieldError(
            pointer.format(index=one.index),
            f"requirement_{one.reason}",
            _WHY[one.reason].format(code=one.code),
            _WHY_ZH[one.reason].format(code=one.code),
        )
        for one in found
    ]


_WHY: dict[Reason, str] = {
    "no_such_field": "The form has no field for the requirement `{code}`.",
    "wrong_type": "Nobody can satisfy the requirement `{code}`: its field has another type than its value.",
    "not_an_option": "Nobody can satisfy the requirement `{code}`: its field does not offer such an option.",
    "out_of_bounds": "Nobody can satisfy the requirement `{code}`: its value is beyond the limits of its field.",
}


_WHY_ZH: dict[Reason, str] = {
    "no_such_field": "表单没有条件 `{code}` 所用的字段。",
    "wrong_type": "没有人能满足条件 `{code}`：字段的类型与所要求的值不同。",
    "not_an_option": "没有人能满足条件 `{code}`：字段没有这个选项。",
    "out_of_bounds": "没有人能满足条件 `{code}`：所要求的值超出字段的范围。",
}


def touch(campaign: Campaign, now: datetime) -> None:
    """Count an edit."""
    campaign.version += 1
    campaign.updated_at = now
