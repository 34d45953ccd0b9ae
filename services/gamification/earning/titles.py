"""What rules are called: by their community, else by the product. A rule without a title has its code for one."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import AuditObject, audit
from chassis.database.statements import Prepared
from chassis.locale import Locale
from chassis.security.caller import Caller
from services.gamification.earning.defaults import TITLES
from services.gamification.earning.models import EarningRuleTitle

Names = tuple[str | None, str | None]
"""A title in English and in Chinese."""

_OWN: Prepared[Any] = Prepared(
    lambda on: select(EarningRuleTitle).where(on.among(col(EarningRuleTitle.community_id), "ids"))
)


class Titles:
    """The titles of the rules of some communities."""

    def __init__(self, own: Mapping[tuple[UUID, str], Names]) -> None:
        self._own = own

    def both(self, community_id: UUID, code: str) -> Names:
        """In English and in Chinese, None where nobody said."""
        en, zh = TITLES.get(code, (None, None))
        own_en, own_zh = self._own.get((community_id, code), (None, None))
        return own_en or en, own_zh or zh

    def of(self, community_id: UUID, code: str, locale: Locale) -> str:
        """In the reader's language, else in the other one."""
        own = self._own.get((community_id, code), (None, None))
        for en, zh in (own, TITLES.get(code, (None, None))):
            if found := (zh or en) if locale == "zh-CN" else (en or zh):
                return found
        return code

    def with_title(self, community_id: UUID, code: str, names: Names) -> "Titles":
        """These, with one as it would be."""
        return Titles({**self._own, (community_id, code): names})


async def titles_in(session: AsyncSession, community_ids: Collection[UUID]) -> Titles:
    """The titles of all rules of these communities."""
    rows = await _OWN.all(session, ids=list(set(community_ids)))
    return Titles({(row.community_id, row.code): (row.title_en, row.title_zh) for row in rows})


async def put_title(
    session: AsyncSession,
    caller: Caller,
    community_id: UUID,
    code: str,
    said: Mapping[str, str | None],
    now: datetime,
    *,
    dry_run: bool,
) -> Titles:
    """Give a rule the titles that are said, of `title_en` and `title_zh`; what is not said stays. The rules are locked.

    A title is about the rule, whatever its version: renaming makes none and folds nothing.
    """
    titles = await titles_in(session, [community_id])
    row = await session.get(EarningRuleTitle, (community_id, code))
    row = row or EarningRuleTitle(community_id=community_id, code=code)
    changes = {name: [getattr(row, name), new] for name, new in said.items() if getattr(row, name) != new}
    if not changes:
        return titles
    names = (said.get("title_en", row.title_en), said.get("title_zh", row.title_zh))
    if not dry_run:
        row.title_en, row.title_zh = names
        session.add(row)
        await session.flush()
        await audit(
            session, caller, AuditObject("earning_rule", code, community_id), "earning_rules.name", changes, now
        )
    return titles.with_title(community_id, code, names)
