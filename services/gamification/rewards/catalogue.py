"""Use cases of the catalogue: what is offered where, and what is left of it."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from chassis.audit import audit
from chassis.database.bulk import insert_new
from chassis.database.context import context_of
from chassis.ids import new_id
from chassis.problems import INVALID, NOT_FOUND
from chassis.timers import schedule
from chassis.web.patches import changed_by
from chassis.web.work import Work
from chassis.webhooks import secret_text
from services.gamification.rewards import problems, queries
from services.gamification.rewards.changes import ASKS_HOOK
from services.gamification.rewards.codes import hook_key
from services.gamification.rewards.models import Reward, VoucherCode
from services.gamification.rewards.pictures import keep_picture
from services.gamification.rewards.rules import GREATEST_STOCK, keeps_codes
from services.gamification.rewards.schemas import CodesAdd, CodesAdded, RewardCreate, RewardPatch, StockChange

_codes: Any = VoucherCode.__table__  # type: ignore[attr-defined]


async def create(work: Work, body: RewardCreate) -> Reward:
    """Offer something, in communities whose catalogue the caller runs."""
    communities = {body.community_id, *body.community_ids}
    await _permit_all(work, communities)
    _check_hook(work, body.hook_url)
    codes = keeps_codes(body.kind, body.fulfilment)
    reward = Reward(
        **body.model_dump(exclude={"community_ids", "stock"}),
        stock_left=0 if codes else body.stock,
        created_at=work.now,
    )
    await work.add(reward)
    await queries.offer_in(work.session, reward.id, communities)
    await keep_picture(work, reward, None)
    return reward


async def change(work: Work, key: UUID, body: RewardPatch, if_match: int) -> Reward:
    """Change an offer. Where it is new, the caller runs the catalogue, too."""
    reward = await work.permitted(Reward, key, lock=True, if_match=if_match)
    picture = reward.picture_id
    values = body.model_dump(include=body.model_fields_set - {"community_ids"})
    begins = values.get("available_from", reward.available_from)
    ends = values.get("available_until", reward.available_until)
    if begins is not None and ends is not None and ends <= begins:
        raise INVALID(errors=[problems.WINDOW])
    if "hook_url" in values:
        if reward.fulfilment != "webhook":
            raise INVALID(errors=[problems.HOOK])
        _check_hook(work, values["hook_url"])
        # One that was wrong until now is asked at once.
        reward.hook_failures, reward.hook_rests_until = 0, None
        await schedule(work.session, ASKS_HOOK, reward.id, work.now)
    if "community_ids" in body.model_fields_set:
        await _move(work, reward, {reward.community_id, *body.community_ids}, values)
    else:
        await work.edit(reward, values)
    await keep_picture(work, reward, picture)
    return reward


async def _move(work: Work, reward: Reward, wanted: set[UUID], values: dict[str, Any]) -> None:
    before = set((await queries.communities_of(work.session, [reward.id])).get(reward.id, ()))
    await _permit_all(work, wanted - before)
    changes = changed_by(values, reward)
    if wanted != before:
        changes["community_ids"] = [sorted(map(str, before)), sorted(map(str, wanted))]
        await queries.offer_in(work.session, reward.id, wanted)
    if changes:
        reward.sqlmodel_update(values)
        reward.version += 1
        await audit(work.session, work.caller, reward, "update", changes, work.now)


async def restock(work: Work, key: UUID, body: StockChange) -> Reward:
    """Count what came in or went. Raises `STOCK_ARE_CODES`, `STOCK_SHORT`, `STOCK_TOO_LARGE`."""
    reward = await work.permitted(Reward, key, lock=True)
    if keeps_codes(reward.kind, reward.fulfilment):
        raise problems.STOCK_ARE_CODES()
    left = (reward.stock_left or 0) + body.change
    if left < 0:
        raise problems.STOCK_SHORT(left=reward.stock_left)
    if left > GREATEST_STOCK:
        raise problems.STOCK_TOO_LARGE()
    return await work.edit(reward, {"stock_left": left}, action="restock")


async def add_codes(work: Work, key: UUID, body: CodesAdd) -> CodesAdded:
    """Take codes that are to be handed out. One that is there already, whoever has it, is not taken again. Raises `NO_CODES_HERE`."""
    reward = await work.permitted(Reward, key, lock=True)
    if not keeps_codes(reward.kind, reward.fulfilment):
        raise problems.NO_CODES_HERE()
    wanted = sorted(set(body.codes))
    if (reward.stock_left or 0) + len(wanted) > GREATEST_STOCK:
        raise problems.STOCK_TOO_LARGE()
    rows = [
        {
            "id": new_id(),
            "community_id": reward.community_id,
            "reward_id": reward.id,
            "code": code,
            "redemption_id": None,
            "created_at": work.now,
        }
        for code in wanted
    ]
    added = len(await insert_new(work.session, _codes, rows, key=["community_id", "code"]))
    left = (reward.stock_left or 0) + added
    await work.edit(reward, {"stock_left": left}, action="add_codes")
    return CodesAdded(added=added, known=len(body.codes) - added, stock_left=left)


def _check_hook(work: Work, url: str | None) -> None:
    inside = context_of(work.session).runtime.settings.webhook_networks
    if url is not None and not inside and not url.startswith("https://"):
        raise INVALID(errors=[problems.NO_TLS])


async def hook_secret(work: Work, key: UUID) -> str:
    """With what calls of its webhook are signed; that it was read is recorded. Raises `NOT_FOUND` where no webhook hands it over."""
    reward = await work.permitted(Reward, key)
    if reward.fulfilment != "webhook":
        raise NOT_FOUND()
    await audit(work.session, work.caller, reward, "read_hook_secret", {}, work.now)
    return secret_text(hook_key(work.session, reward.id))


async def _permit_all(work: Work, communities: Iterable[UUID]) -> None:
    for community_id in sorted(communities):
        await work.permit(community_id)
