"""How endpoints are answered."""

from typing import Any

from services.membership.webhooks.schemas import WebhookPublic


def public(hook: Any) -> WebhookPublic:
    """An endpoint as those who may keep it see it; never with its secret."""
    own = {"owner", "old_secret_until"}
    values = {name: getattr(hook, name) for name in WebhookPublic.model_fields if name not in own}
    values |= {"owner": f"person:{hook.owner_id}", "old_secret_until": hook.old_key_until}
    return WebhookPublic.model_validate(values)
