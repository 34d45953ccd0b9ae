"""With what calls are signed: keys follow from the installation's secret, and are kept nowhere."""

from datetime import datetime
from uuid import UUID

from chassis.secrets import derived
from chassis.webhooks import secret_text
from services.membership.webhooks.models import Webhook
from services.membership.webhooks.rules import old_key_is_good


def shown_secret(installation: bytes, hook: Webhook) -> str:
    """The present secret as the other side sets it."""
    return secret_text(_key(installation, hook.key_id))


def signing_keys(installation: bytes, hook: Webhook, now: datetime) -> list[bytes]:
    """What a call is signed with, the present key first; for 24 h after a change, the one before too."""
    ids = [hook.key_id]
    if hook.old_key_id is not None and old_key_is_good(hook.old_key_until, now):
        ids.append(hook.old_key_id)
    return [_key(installation, one) for one in ids]


def _key(installation: bytes, key_id: UUID) -> bytes:
    return derived(installation, f"webhook:{key_id}")
