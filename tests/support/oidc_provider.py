"""A provider of OpenID Connect that others wrote (npm's `oidc-provider`, MIT), on 127.0.0.1, and somebody's browser at its forms."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin

import httpx

from tests.support.children import Child
from tests.support.client_tools import npm_programs
from tests.support.needs import NotInstalled
from tests.support.ports import free_port
from tests.support.waiting import eventually_sync

_PROGRAM = Path(__file__).with_suffix(".mjs")
CLIENT, SECRET = "qunxue", "a canary of a client"
_MOST_PAGES = 12


@contextmanager
def provider(redirect_uri: str, folder: Path) -> Iterator[str]:
    """Its issuer, while it runs. Raises `NotInstalled`."""
    modules, node = npm_programs().parents[1], shutil.which("node")
    if node is None:
        raise NotInstalled("Node is not installed")
    port = free_port()
    command: list[str | Path] = [node, _PROGRAM, modules, str(port), redirect_uri]
    child = Child("oidc-provider", command, log=folder / "oidc-provider.log")
    child.start()
    issuer = f"http://127.0.0.1:{port}"
    try:
        with httpx.Client(trust_env=False) as client:

            def answers() -> bool:
                try:
                    return client.get(f"{issuer}/.well-known/openid-configuration").status_code == 200
                except httpx.TransportError:
                    return False

            eventually_sync(answers, what="the provider answers")
        yield issuer
    finally:
        child.kill()


async def logged_in(address: str, who: str, *, redirect_uri: str) -> str:
    """Where the provider sends a browser back to in which `who` logs in and consents."""
    return await BrowserThere(redirect_uri).comes_back(address, who)


@dataclass
class BrowserThere:
    """Somebody's browser at the provider, which keeps their session there; `asked` is what they had to do."""

    redirect_uri: str
    asked: list[str] = field(default_factory=list)
    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)

    async def comes_back(self, address: str, who: str) -> str:
        """Where the provider sends it back to."""
        async with httpx.AsyncClient(trust_env=False, cookies=self.cookies) as client:
            answer = await client.get(address)
            for _ in range(_MOST_PAGES):
                if answer.is_redirect:
                    address = urljoin(str(answer.url), answer.headers["Location"])
                    if address.startswith(self.redirect_uri):
                        self.cookies = client.cookies
                        return address
                    answer = await client.get(address)
                    continue
                assert answer.status_code == 200, answer.text
                asks = "login" if 'name="login"' in answer.text else "consent"
                self.asked.append(asks)
                said = {"prompt": asks} | ({"login": who, "password": "x"} if asks == "login" else {})
                answer = await client.post(answer.url, data=said)
        raise AssertionError("the provider sends nobody back")
