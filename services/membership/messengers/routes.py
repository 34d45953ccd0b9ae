"""HTTP of messenger channels."""

from uuid import UUID

from fastapi import Response

from chassis.database.listing import of_community
from chassis.problems import ALREADY_EXISTS, ILLEGAL_TRANSITION
from chassis.web.dependencies import IfMatch, Read, Write
from chassis.web.etags import created, set_etag
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate
from services.membership.messengers import service
from services.membership.messengers.models import MessengerChannel
from services.membership.messengers.problems import TOO_MANY_CHANNELS
from services.membership.messengers.schemas import (
    MessengerChannelCreate,
    MessengerChannelPatch,
    MessengerChannelPublic,
)
from services.membership.permissions import MESSENGER_CHANNELS_READ, MESSENGER_CHANNELS_WRITE

ONE = "/v1/messenger-channels/{channel_id}"

router = api_router(tags=["Messenger channels"])


@router.post("/v1/messenger-channels", status_code=201)
@operation(permission=MESSENGER_CHANNELS_WRITE, problems=[ALREADY_EXISTS, TOO_MANY_CHANNELS], step_up=True)
async def create_messenger_channel(
    body: MessengerChannelCreate, work: Write, response: Response
) -> MessengerChannelPublic:
    """Have news of a community posted by a robot of a group.

    The robot's address is that of WeCom, DingTalk or Feishu, or of the company's own installation of one of them. It is kept encrypted
    and never shown again. An administrator who does not own the community may have `community` told alone.
    """
    channel = await service.add_channel(work, body)
    created(response, f"/v1/messenger-channels/{channel.id}", channel.version)
    return MessengerChannelPublic.model_validate(channel)


@router.get("/v1/messenger-channels")
@operation(permission=MESSENGER_CHANNELS_READ)
async def list_messenger_channels(community_id: UUID, work: Read, page: PageQuery) -> Page[MessengerChannelPublic]:
    """List the robots by which a community's news are posted."""
    await work.permit(community_id)
    return await paginate(
        work.session, of_community(MessengerChannel, community_id), page=page, to=MessengerChannelPublic.model_validate
    )


@router.get(ONE)
@operation(permission=MESSENGER_CHANNELS_READ)
async def read_messenger_channel(channel_id: UUID, work: Read, response: Response) -> MessengerChannelPublic:
    """Read what is posted by a robot, and what came of it."""
    return _shown(await work.permitted(MessengerChannel, channel_id), response)


@router.patch(ONE)
@operation(permission=MESSENGER_CHANNELS_WRITE, problems=[ALREADY_EXISTS], step_up=True)
async def update_messenger_channel(
    channel_id: UUID, body: MessengerChannelPatch, if_match: IfMatch, work: Write, response: Response
) -> MessengerChannelPublic:
    """Rename a channel, or change what is told there and by which robot."""
    return _shown(await service.change_channel(work, channel_id, body, if_match), response)


@router.delete(ONE, status_code=204)
@operation(permission=MESSENGER_CHANNELS_WRITE)
async def delete_messenger_channel(channel_id: UUID, work: Write) -> None:
    """Remove a channel. What waits to be posted goes with it."""
    await service.remove_channel(work, channel_id)


@router.post(f"{ONE}/pause")
@operation(permission=MESSENGER_CHANNELS_WRITE, problems=[ILLEGAL_TRANSITION])
async def pause_messenger_channel(channel_id: UUID, work: Write, response: Response) -> MessengerChannelPublic:
    """Post nothing for now. What happens meanwhile waits, for seven days at most."""
    return _shown(await service.pause_channel(work, channel_id), response)


@router.post(f"{ONE}/resume")
@operation(permission=MESSENGER_CHANNELS_WRITE)
async def resume_messenger_channel(channel_id: UUID, work: Write, response: Response) -> MessengerChannelPublic:
    """Post again where a channel was paused, or switched off because it took nothing."""
    return _shown(await service.resume_channel(work, channel_id), response)


@router.post(f"{ONE}/test")
@operation(permission=MESSENGER_CHANNELS_WRITE)
async def test_messenger_channel(channel_id: UUID, work: Write, response: Response) -> MessengerChannelPublic:
    """Post a test message, also where the channel is paused or off. `last_outcome` says soon what came of it."""
    return _shown(await service.test_channel(work, channel_id), response)


def _shown(channel: MessengerChannel, response: Response) -> MessengerChannelPublic:
    set_etag(response, channel.version)
    return MessengerChannelPublic.model_validate(channel)
