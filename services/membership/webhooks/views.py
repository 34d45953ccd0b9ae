"""How endpoints are answered."""

from typing import Any

from services.membership.webhooks.schemas import WebhookDeliveryPublic, WebhookPublic


def public(hook: Any) -> WebhookPublic:
    """An endpoint as those who may keep it see it; never with its secret."""
    own = {"owner", "old_secret_until"}
    values = {name: getattr(hook, name) for name in WebhookPublic.model_fields if name not in own}
    values |= {"owner": f"person:{hook.owner_id}", "old_secret_until": hook.old_key_until}
    return WebhookPublic.model_validate(values)


def delivery_public(delivery: Any) -> WebhookDeliveryPublic:
    """A line of the log; `next_at` only while it waits."""
    values = {name: getattr(delivery, name) for name in WebhookDeliveryPublic.model_fields}
    if delivery.status != "waiting":
        values["next_at"] = None
    return WebhookDeliveryPublic.model_validate(values)
