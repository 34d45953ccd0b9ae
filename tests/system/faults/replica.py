"""Another API process of a service on a test's database: `python -m tests.system.faults.replica SERVICE URL PORT FOLDER KEY`.

It takes the tokens that were signed with the key whose public half it is given, and its clock stands where the test's does.
"""

import asyncio
import sys
from importlib import import_module
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import SecretStr

from chassis.security.tokens import TokenVerifier
from chassis.service import RunningService
from chassis.settings import Settings
from chassis.testing import SettableClock
from chassis.web.app import create_app
from tests.service.conftest import SECRET
from tests.service.stage import NOON
from tests.support.standins import listening
from tests.support.unhurried import unhurried


async def run(service: str, url: str, port: int, folder: Path, key: bytes) -> None:
    definition = import_module(f"services.{service}.definition").definition
    settings = Settings(data_dir=folder, secret_key=SecretStr(SECRET), mode="embedded")
    clock = SettableClock(NOON)
    runtime = RunningService(definition, settings, clock=clock, database_url=url)

    async def known(_key_id: str) -> Ed25519PublicKey:
        return Ed25519PublicKey.from_public_bytes(key)

    runtime.verifier = TokenVerifier(
        issuer=settings.token_issuer, audience=settings.token_audience, keys=known, clock=clock
    )
    async with listening(create_app(runtime), port=port):
        await asyncio.Event().wait()


if __name__ == "__main__":
    with unhurried():
        asyncio.run(run(sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]), bytes.fromhex(sys.argv[5])))
