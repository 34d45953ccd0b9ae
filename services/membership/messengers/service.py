"""Use cases of messenger channels."""

from typing import Any, Final, Protocol
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import delete, func, select
from sqlmodel import col

from chassis.audit import audit
from chassis.database.context import context_of
from chassis.database.rows import existing
from chassis.problems import FORBIDDEN, ILLEGAL_TRANSITION, INVALID
from chassis.security.authority import authorize
from chassis.timers import cancel, schedule
from chassis.web.etags import require_match
from chassis.web.work import Work
from services.membership.communities.models import Community
from services.membership.messengers import keeping, posting
from services.membership.messengers.messenger import Provider, Robot
from services.membership.messengers.models import MessengerChannel, MessengerPost
from services.membership.messengers.problems import NO_ROBOT, NO_SECRET, TOO_MANY_CHANNELS
from services.membership.messengers.schemas import MessengerChannelCreate, MessengerChannelPatch
from services.membership.messengers.sending import messenger
from services.membership.permissions import MESSENGER_CHANNELS_WRITE

MOST_CHANNELS: Final = 20
_OF_ADMINS: Final = frozenset({"community"})
"""What an administrator who is not an owner there may have told: an activity's title they could not read themselves."""


class _Named(Protocol):
    address: SecretStr
    secret: SecretStr | None


async def add_channel(work: Work, body: MessengerChannelCreate) -> MessengerChannel:
    """Let news of a community go to a group. Raises `ALREADY_EXISTS` for a robot that is there, `TOO_MANY_CHANNELS`, `FORBIDDEN`."""
    await _permit(work, body.community_id, body.kinds)
    await existing(work.session, Community, body.community_id, lock=True)
    there = select(func.count()).where(col(MessengerChannel.community_id) == body.community_id)
    if (await work.session.execute(there)).scalar_one() >= MOST_CHANNELS:
        raise TOO_MANY_CHANNELS(most=MOST_CHANNELS)
    channel = MessengerChannel(
        community_id=body.community_id,
        provider=body.provider,
        name=body.name,
        kinds=sorted(body.kinds),
        locale=body.locale,
        robot_hash="",
        sealed=b"",
        signed=False,
        created_at=work.now,
    )
    channel.sqlmodel_update(_kept(work, channel, _robot(work, body.provider, body)))
    work.session.add(channel)
    await work.session.flush()
    made = {name: [None, getattr(channel, name)] for name in ("provider", "name", "kinds", "locale", "signed")}
    await audit(work.session, work.caller, channel, "create", made, work.now)
    return channel


async def change_channel(work: Work, key: UUID, body: MessengerChannelPatch, if_match: int) -> MessengerChannel:
    """Rename a channel, or change what is told there and by which robot. Raises `ALREADY_EXISTS`, `FORBIDDEN`."""
    channel = await work.permitted(MessengerChannel, key, lock=True)
    values = body.model_dump(exclude_unset=True, exclude={"address", "secret"})
    await _permit(work, channel.community_id, set(values.get("kinds", channel.kinds)))
    require_match(channel.version, if_match)
    given = body.model_fields_set
    if "secret" in given and "address" not in given:
        raise INVALID(errors=[NO_ROBOT])
    if "address" in given:
        provider: Provider = channel.provider  # type: ignore[assignment]  # checked in the database
        values |= _kept(work, channel, _robot(work, provider, body))
        # Another robot is not to blame for what the former did.
        values |= {"failures": 0, "failing_since": None, "rests_until": None}
    hidden = {"robot_hash", "sealed", "failures", "failing_since", "rests_until"}
    before = {name: getattr(channel, name) for name in values}
    changes = {name: [before[name], value] for name, value in values.items() if value != before[name]}
    if changes:
        channel.sqlmodel_update(values)
        channel.version += 1
        shown = {name: both for name, both in changes.items() if name not in hidden}
        if "robot_hash" in changes:
            shown["address"] = ["***", "***"]
        await audit(work.session, work.caller, channel, "update", shown, work.now)
        await work.session.flush()
    return channel


async def remove_channel(work: Work, key: UUID) -> None:
    """Have no more news go there; what waits goes with it."""
    channel = await work.permitted(MessengerChannel, key, lock=True)
    await cancel(work.session, posting.TIMER, channel.id)
    await audit(work.session, work.caller, channel, "remove", {"name": [channel.name, None]}, work.now)
    await work.session.execute(delete(MessengerPost).where(col(MessengerPost.channel_id) == channel.id))
    await work.session.delete(channel)
    await work.session.flush()


async def pause_channel(work: Work, key: UUID) -> MessengerChannel:
    """Post nothing for now. Raises `ILLEGAL_TRANSITION` where it is off."""
    channel = await work.permitted(MessengerChannel, key, lock=True)
    if channel.status == "switched_off":
        raise ILLEGAL_TRANSITION(state=channel.status)
    return await work.edit(channel, {"status": "paused"}, action="pause")


async def resume_channel(work: Work, key: UUID) -> MessengerChannel:
    """Post again, also what has waited for no more than seven days."""
    channel = await work.permitted(MessengerChannel, key, lock=True)
    afresh: dict[str, Any] = {"failures": 0, "failing_since": None, "rests_until": None}
    if channel.status != "active":
        channel.sqlmodel_update(afresh)
        await work.edit(channel, {"status": "active", "off_because": None}, action="resume")
        await schedule(work.session, posting.TIMER, channel.id, work.now)
    return channel


async def test_channel(work: Work, key: UUID) -> MessengerChannel:
    """Post a test message, also where the channel is paused or off."""
    channel = await work.permitted(MessengerChannel, key, lock=True)
    await posting.post_test(work.session, channel, work.now)
    await audit(work.session, work.caller, channel, "test", {}, work.now)
    return channel


async def _permit(work: Work, community_id: UUID, kinds: set[Any]) -> None:
    standing = await authorize(work.session, work.caller, MESSENGER_CHANNELS_WRITE, community_id, now=work.now)
    if "W" not in standing.columns and not kinds <= _OF_ADMINS:
        raise FORBIDDEN(fields=["kinds"])


def _robot(work: Work, provider: Provider, named: _Named) -> Robot:
    """Raises `INVALID` where the address is not that of a robot of this messenger."""
    there = messenger(context_of(work.session).runtime.settings, provider)
    secret = None if named.secret is None else named.secret.get_secret_value()
    if secret is not None and not there.signs:
        raise INVALID(errors=[NO_SECRET])
    robot = there.robot_of(named.address.get_secret_value(), secret)
    if robot is None:
        raise INVALID(errors=[NO_ROBOT])
    return robot


def _kept(work: Work, channel: MessengerChannel, robot: Robot) -> dict[str, Any]:
    secret = context_of(work.session).runtime.secret
    provider: Provider = channel.provider  # type: ignore[assignment]  # checked in the database
    return {
        "robot_hash": keeping.robot_hash(secret, provider, robot),
        "sealed": keeping.sealed(secret, channel.id, robot),
        "signed": robot.secret is not None,
    }
