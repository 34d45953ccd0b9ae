"""Making, sealing and finding the keys that sign access tokens."""

import secrets
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.problems import UNAVAILABLE
from chassis.runtime import Runtime
from chassis.secrets import SealBroken, seal, unseal
from chassis.security.keys import FetchKeys
from chassis.security.tokens import LIFETIME, TokenIssuer, public_jwk
from chassis.settings import Settings
from services.membership.keys.models import SigningKey

_PURPOSE = "signing-keys"


async def add_key(session: AsyncSession, secret: bytes, now: datetime) -> SigningKey:
    """Make a key that signs from now on; older ones stay published for as long as their last tokens live."""
    private = Ed25519PrivateKey.generate()
    key = SigningKey(
        id=secrets.token_urlsafe(12),
        public_key=private.public_key().public_bytes_raw(),
        sealed_private_key=b"",
        created_at=now,
        signs_from=now,
    )
    key.sealed_private_key = _seal(secret, key.id, private)
    for older in await session.exec(select(SigningKey).where(col(SigningKey.expires_at).is_(None)).with_for_update()):
        older.expires_at = now + 2 * LIFETIME
    session.add(key)
    await session.flush()
    return key


async def current_key(session: AsyncSession) -> SigningKey | None:
    """The key that signs: the newest. It does so also where the clock was set back to before it was made."""
    found = await session.exec(
        select(SigningKey)
        .where(col(SigningKey.expires_at).is_(None))
        .order_by(col(SigningKey.signs_from).desc(), col(SigningKey.id))
        .limit(1)
    )
    return found.first()


async def published_keys(session: AsyncSession, now: datetime) -> list[dict[str, str]]:
    """The public keys that tokens still in use may be signed with, as JWKs."""
    rows = await session.exec(
        select(SigningKey)
        .where(or_(col(SigningKey.expires_at).is_(None), col(SigningKey.expires_at) > now))
        .order_by(col(SigningKey.created_at))
    )
    return [public_jwk(row.id, Ed25519PublicKey.from_public_bytes(row.public_key)) for row in rows]


def own_keys(runtime: Runtime) -> FetchKeys:
    """Membership keeps the keys itself and asks nobody."""

    async def fetch() -> dict[str, object]:
        async with runtime.database.reading() as session:
            return {"keys": await published_keys(session, runtime.clock())}

    return fetch


def can_be_opened(key: SigningKey, secret: bytes) -> bool:
    """Whether the installation's present secret is the one the key was sealed with."""
    try:
        _open(secret, key)
    except SealBroken:
        return False
    return True


class Issuers:
    """Token issuers by key, unsealed once per process."""

    def __init__(self) -> None:
        self._by_key: dict[tuple[bytes, str], TokenIssuer] = {}

    async def issuer(self, session: AsyncSession, runtime: Runtime) -> TokenIssuer:
        """The issuer for the key that signs now. Raises `UNAVAILABLE` before the migration step has made one."""
        key = await current_key(session)
        if key is None:
            raise UNAVAILABLE("There is no signing key yet: run the migration step.", "尚无签名密钥：请运行迁移步骤。")
        wanted = (runtime.secret, key.id)
        if wanted not in self._by_key:
            self._by_key[wanted] = _issuer(runtime.settings, key, runtime.secret)
        return self._by_key[wanted]


issuers = Issuers()


def _issuer(settings: Settings, key: SigningKey, secret: bytes) -> TokenIssuer:
    try:
        private = _open(secret, key)
    except SealBroken:
        raise UNAVAILABLE(
            "The signing key was made with another QUNXUE_SECRET_KEY: run the migration step.",
            "签名密钥由另一个 QUNXUE_SECRET_KEY 生成：请运行迁移步骤。",
        ) from None
    return TokenIssuer(settings.token_issuer, settings.token_audience, key.id, private)


def _seal(secret: bytes, key_id: str, private: Ed25519PrivateKey) -> bytes:
    return seal(secret, _PURPOSE, key_id, private.private_bytes_raw())


def _open(secret: bytes, key: SigningKey) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(unseal(secret, _PURPOSE, key.id, key.sealed_private_key))
