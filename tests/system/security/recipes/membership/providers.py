from collections.abc import Mapping

from services.membership.providers import kinds
from services.membership.providers.interface import Asked, Identified
from services.membership.providers.problems import PROVIDER_REFUSED
from tests.system.security.recipe import OWN, recipe
from tests.system.security.world import World

NOT_BEGUN = "no browser here has begun a log-in"
LOGGED_OUT = {"logout_token": "x"}
LOG_IN = "who logs in has no token, and none is looked at"
NO_TOKEN = ("suspended",)
"""Columns that differ by their token alone."""

RECIPES = [
    recipe("list_providers", but=NO_TOKEN, why=LOG_IN),
    recipe("begin_provider_login", "corp", body={"return_to": "/home"}, but=NO_TOKEN, why=LOG_IN),
    recipe("begin_provider_link", "corp", body={"return_to": "/settings"}, whose=OWN),
    recipe("begin_provider_step_up", "corp", body={"return_to": "/settings"}, whose=OWN),
    recipe(
        "return_from_provider",
        "corp",
        query={"state": "x", "code": "x"},
        also={"everyone": 400},
        but=NO_TOKEN,
        why=NOT_BEGUN,
    ),
    recipe(
        "create_provider_session",
        "corp",
        body={"login_code": "x", "verifier": "x"},
        also={"everyone": 401},
        but=NO_TOKEN,
        why="the code is what is shown",
    ),
    recipe(
        "end_provider_sessions",
        "corp",
        body=LOGGED_OUT,
        also={"everyone": 404},
        but=NO_TOKEN,
        why="this one never says that something is over",
    ),
]


class Anybody:
    """A provider that never says who somebody is."""

    code = "corp"
    proves_again = True
    names: Mapping[str, str] = {"zh-CN": "公司账号", "en": "Company account"}

    async def authorization_url(self, asked: Asked) -> str:
        return f"https://login.example.com/authorize?state={asked.state}"

    async def identify(self, code: str, asked: Asked, *, issuer: str | None = None) -> Identified:
        raise PROVIDER_REFUSED()


async def prepare(world: World) -> None:
    runtime = world.harness.runtime
    kinds._made[runtime] = (runtime.settings, {"corp": Anybody()})
