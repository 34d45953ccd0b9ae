from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.service.membership.providers.company import APP, PUBLIC, Browser, Company, corp
from tests.support.standins import listening


def set_up(runtime: Any, *providers: Any, **other: Any) -> None:
    """Have the host's settings say this."""
    said = {"providers": providers, "provider_networks": ("127.0.0.0/8",), "public_url": PUBLIC, "app_url": APP}
    runtime.settings = runtime.settings.model_copy(update=said | other)


@pytest.fixture
async def company(membership) -> AsyncIterator[Company]:
    """A company's log-in, which the service is set up for and trusts for numbers."""
    made = Company(membership.harness.clock)
    async with listening(made.shop) as port:
        made.opens(port)
        set_up(membership.harness.runtime, corp(made))
        yield made


@pytest.fixture
def browser(membership, company) -> Browser:
    return Browser(membership.harness, company)


@pytest.fixture
async def zhang(membership):
    """Somebody who was imported and has no password."""
    return await membership.person("张伟", employee_no="A7")
