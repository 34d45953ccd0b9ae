"""Logging in by a provider, over HTTP."""

from chassis.web.dependencies import RuntimeDep
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page
from services.membership.permissions import PROVIDERS_LOGIN
from services.membership.providers.kinds import providers
from services.membership.providers.schemas import ProviderNames, ProviderPublic

router = api_router(tags=["Providers"])


@router.get("/v1/providers")
@operation(permission=PROVIDERS_LOGIN)
async def list_providers(runtime: RuntimeDep) -> Page[ProviderPublic]:
    """List the ways to log in by company account, as a log-in page shows them. Needs no log-in."""
    return Page(
        items=[
            ProviderPublic(code=one.code, names=ProviderNames(zh=one.names["zh-CN"], en=one.names["en"]))
            for one in providers(runtime).values()
        ]
    )
