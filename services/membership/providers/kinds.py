"""The ways to log in that this host has set up, by code: one adapter for each kind of provider."""

from collections.abc import Callable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from chassis.problems import NOT_FOUND
from chassis.provider_settings import ProviderSettings
from chassis.runtime import Runtime
from chassis.settings import Settings
from services.membership.providers.by_messenger import DingTalkLogin, FeishuLogin, WeComLogin
from services.membership.providers.interface import Provider
from services.membership.providers.oidc import OidcProvider

Make = Callable[[Runtime, Any], Provider]

KINDS: Mapping[str, Make] = {
    "oidc": OidcProvider,
    "wecom": WeComLogin,
    "dingtalk": DingTalkLogin,
    "feishu": FeishuLogin,
}
"""What makes an adapter of a provider's settings, by their `kind`."""

_made: WeakKeyDictionary[Runtime, tuple[Settings, dict[str, Provider]]] = WeakKeyDictionary()


def providers(runtime: Runtime) -> Mapping[str, Provider]:
    """All that are set up, in the host's order. Each is made once for each process: it remembers what it asked."""
    made = _made.get(runtime)
    if made is None or made[0] is not runtime.settings:
        made = _made[runtime] = (
            runtime.settings,
            {one.code: _make(runtime, one) for one in runtime.settings.providers},
        )
    return made[1]


def provider_of(runtime: Runtime, code: str) -> Provider:
    """One of them. Raises `NOT_FOUND`."""
    found = providers(runtime).get(code)
    if found is None:
        raise NOT_FOUND()
    return found


def settings_of(runtime: Runtime, code: str) -> ProviderSettings:
    """As the host set it up. Raises `NOT_FOUND`."""
    for one in runtime.settings.providers:
        if one.code == code:
            return one
    raise NOT_FOUND()


def _make(runtime: Runtime, one: ProviderSettings) -> Provider:
    return KINDS[one.kind](runtime, one)
