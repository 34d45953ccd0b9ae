"""The keys that access tokens are signed with."""

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlmodel import Field

from services.membership.base import Base


class SigningKey(Base, table=True):
    """An Ed25519 key. The private half is encrypted under the installation's secret: the database alone signs nothing.

    Published in the JWKS from `created_at` to `expires_at`; signs from `signs_from` until a newer one does.
    """

    __tablename__ = "signing_keys"

    id: str = Field(primary_key=True, max_length=64)
    public_key: bytes = Field(sa_type=LargeBinary)
    sealed_private_key: bytes = Field(sa_type=LargeBinary)
    created_at: datetime
    signs_from: datetime
    expires_at: datetime | None = None
