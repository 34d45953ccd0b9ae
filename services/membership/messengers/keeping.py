"""What a robot's owner handed in, kept so that the database alone posts nothing."""

import hmac
from uuid import UUID

import orjson

from chassis.secrets import derived, seal, unseal
from services.membership.messengers.messenger import Provider, Robot

_PURPOSE = "messenger-robots"


def robot_hash(secret: bytes, provider: Provider, robot: Robot) -> str:
    """By which the same robot is known again; nobody finds the key by it."""
    return hmac.digest(derived(secret, f"{_PURPOSE}-known"), f"{provider} {robot.key}".encode(), "sha256").hex()


def sealed(secret: bytes, channel_id: UUID, robot: Robot) -> bytes:
    """For the row of this channel alone."""
    return seal(secret, _PURPOSE, str(channel_id), orjson.dumps([robot.key, robot.secret]))


def opened(secret: bytes, channel_id: UUID, kept: bytes) -> Robot:
    """The robot. Raises `SealBroken`."""
    return Robot(*orjson.loads(unseal(secret, _PURPOSE, str(channel_id), kept)))
