"""Column types that mean the same on SQLite and PostgreSQL."""

from sqlalchemy import JSON, BigInteger, Integer, LargeBinary
from sqlalchemy.dialects.postgresql import JSONB

JsonDocument = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
"""A JSON value; `jsonb` on PostgreSQL, text on SQLite. Python's None is SQL NULL."""

Sequence64 = BigInteger().with_variant(Integer, "sqlite")
"""A growing 64-bit number; SQLite gives row ids only to a column declared INTEGER."""

Bytes = LargeBinary()
