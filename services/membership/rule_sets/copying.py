"""A new community that takes the rules of another one."""

from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.problems import INVALID, FieldError, Problem
from chassis.security.authority import authorize
from services.membership.base import texts
from services.membership.communities.occasions import CommunityCopied
from services.membership.permissions import RULE_SETS_READ
from services.membership.roster.joining import find_member
from services.membership.rule_sets.models import RuleSet
from services.membership.rule_sets.queries import current_of

PART = "rules"


async def copy_rules(session: AsyncSession, copied: CommunityCopied) -> None:
    """Begin a draft with the rules in force there; where there are none it takes none.

    Raises `INVALID` where the caller does not read them, or moderation holds them back: what it holds back is not spread.
    """
    if PART not in copied.parts:
        return
    member = await find_member(session, community_id=copied.source_id, person_id=copied.caller.id)
    try:
        await authorize(session, copied.caller, RULE_SETS_READ, copied.source_id, own=member is not None, now=copied.at)
    except Problem:
        raise _unread(copied, "You do not read the rules of this community.", "你无权查看该社群的规则。") from None
    rules = await current_of(session, copied.source_id)
    if rules is None:
        return
    if await texts.hidden(session, [rules.id]):
        raise _unread(copied, "Moderation has not let these rules through.", "这些规则尚未通过审核。")
    draft = RuleSet(community_id=copied.community_id, rules=rules.rules, created_at=copied.at)
    session.add(draft)
    await session.flush()
    changes: dict[str, list[Any]] = {
        "rules": [None, [rule["code"] for rule in draft.rules]],
        "copied_from": [None, rules.id],
    }
    await audit(session, copied.caller, draft, "create", changes, copied.at)


def _unread(copied: CommunityCopied, en: str, zh: str) -> Problem:
    return INVALID(errors=[FieldError(f"/parts/{list(copied.parts).index(PART)}", "not_readable", en, zh)])
