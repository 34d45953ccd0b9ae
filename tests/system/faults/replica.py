"""Another API process of events on a test's database: `python -m tests.system.faults.replica URL PORT FOLDER KEY`.

It takes the tokens that were signed with the key whose public half it is given, and its clock stands where the test's does.
"""

import asyncio
import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import SecretStr

from chassis.security.tokens import TokenVerifier
from chassis.service import RunningService
from chassis.settings import Settings
from chassis.testing import SettableClock
from chassis.web.app import create_app
from services.events.definition import definition
from tests.service.conftest import SECRET
from tests.service.stage import NOON
from tests.support.standins import listening


async def run(url: str, port: int, folder: Path, key: bytes) -> None:
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
    asyncio.run(run(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), bytes.fromhex(sys.argv[4])))
