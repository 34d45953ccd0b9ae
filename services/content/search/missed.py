"""What members looked for and nobody has written: told without who looked."""

import logging
from collections.abc import Collection
from uuid import UUID

from chassis.database.context import context_of
from chassis.hanzi import folded
from chassis.messaging.outbox import emit
from chassis.problems import Problem
from chassis.web.work import Work
from contracts.content import SearchMissed
from services.content.search.cutting import LONGEST_QUERY
from services.content.search.synonyms import locked_community

log = logging.getLogger("qunxue.content")


async def tell_missed(work: Work, text: str, community_ids: Collection[UUID]) -> None:
    """Tell that a search in these communities found nothing, in a transaction of its own: neither the searcher nor their request is in it."""
    database = context_of(work.session).runtime.database
    query = " ".join(folded(text).split())[:LONGEST_QUERY]
    language = "zh" if any("\u4e00" <= character <= "\u9fff" for character in query) else "und"
    for community_id in sorted(community_ids):
        try:
            async with database.transaction() as session:
                context_of(session).traceparent = None
                row = await locked_community(session, community_id)
                missed = SearchMissed(community_id=community_id, query=query, language=language)
                await emit(session, missed, version=row.bump(), occurred_at=work.now)
        except Problem as problem:
            # Who searches is answered also where nothing can be written just now.
            log.info("a search without results is not told: %s", problem.type.code)
