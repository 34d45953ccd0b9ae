"""The installation's secret, and what is derived from it."""

import contextlib
import hashlib
import hmac
import os
import secrets
import tempfile
from pathlib import Path
from uuid import NAMESPACE_URL, UUID, uuid5

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis.settings import SECRET_LENGTH, Settings

FILE_NAME = "secret-key"


_NONCE_BYTES = 12


class SealBroken(ValueError):
    """What was sealed is somebody else's, was changed, or was sealed with another `QUNXUE_SECRET_KEY`."""


class SecretMissing(RuntimeError):
    """A distributed installation was started without `QUNXUE_SECRET_KEY`."""


def installation_secret(settings: Settings) -> bytes:
    """`QUNXUE_SECRET_KEY`; embedded without it, a random one kept in the data directory (readable by the owner only).

    Raises `SecretMissing` where it must be set and is not.
    """
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value().encode()
    if settings.mode == "distributed":
        raise SecretMissing(
            "QUNXUE_SECRET_KEY (or QUNXUE_SECRET_KEY_FILE) must be set: every process needs the same one"
        )
    return _own_secret(settings.data_dir / FILE_NAME)


def derived(secret: bytes, purpose: str) -> bytes:
    """A key for one purpose (HMAC-SHA256 of the purpose): knowing one derived key tells nothing of another."""
    return hmac.digest(secret, purpose.encode(), "sha256")


def seal(secret: bytes, purpose: str, owner: str, plain: bytes) -> bytes:
    """Something secret as a database may keep it (AES-256-GCM): it opens for the same purpose and owner alone.

    `owner` is the key of its row: whoever writes to the database cannot move it to another.
    """
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(derived(secret, purpose)).encrypt(nonce, plain, owner.encode())


def unseal(secret: bytes, purpose: str, owner: str, sealed: bytes) -> bytes:
    """What `seal` was given. Raises `SealBroken`."""
    try:
        return AESGCM(derived(secret, purpose)).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], owner.encode())
    except (InvalidTag, ValueError) as error:
        raise SealBroken(f"{purpose} cannot be opened") from error


def account_id(service: str) -> UUID:
    """The id of a service's own service account: the same in every installation."""
    return uuid5(NAMESPACE_URL, f"urn:qunxue:service-account:{service}")


def account_secret(secret: bytes, service: str) -> str:
    """The secret of a service's own service account."""
    return derived(secret, f"service-account:{service}").hex()


def hash_of(secret: str) -> str:
    """How secrets of ours are kept: they are long and random, so a plain SHA-256 is as good as a slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _own_secret(path: Path) -> bytes:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        # Written whole under another name first: a process that starts at the same time must not read half of it.
        descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=FILE_NAME)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_hex(32).encode())
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(draft, path)
        finally:
            Path(draft).unlink()
    value = path.read_bytes().strip()
    if len(value) < SECRET_LENGTH:
        raise SecretMissing(f"{path} does not hold a secret")
    return value
