"""The picture of a reward: a file that whoever runs the catalogue sent, kept as long as the reward names it."""

from typing import Final
from uuid import UUID

from chassis.web.work import Work
from services.gamification.base import links
from services.gamification.rewards.models import Reward
from services.gamification.rewards.schemas import RewardPicture

KIND: Final = "reward"


async def keep_picture(work: Work, reward: Reward, before: UUID | None) -> None:
    """Have the file kept that a reward, which is locked or new, names, and that let go that it named before."""
    if reward.picture_id == before or work.caller is None:
        return
    await links.keep(
        work.session,
        kind=KIND,
        object_id=reward.id,
        person_id=work.caller.id,
        files=[] if reward.picture_id is None else [reward.picture_id],
        now=work.now,
        community_id=reward.community_id,
    )


def shown_picture(work: Work, reward: Reward) -> RewardPicture | None:
    """A reward's picture, with addresses for whoever sees the reward."""
    if reward.picture_id is None:
        return None
    small, large = (links.address(work.session, reward.picture_id, size, now=work.now) for size in ("small", "large"))
    return RewardPicture(attachment_id=reward.picture_id, small=small, large=large)
