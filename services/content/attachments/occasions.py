"""What others are asked about attachments."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from chassis.occasions import Occasion
from chassis.security.caller import Caller

DRAFT: Final = "draft"
"""The kind of what nobody but its writer ever sees."""


@dataclass(frozen=True, slots=True)
class Named:
    """A piece of content that names a file, and whether readers see that. `mask`: in whose name its author sends files, where they have none."""

    kind: str
    object_id: UUID
    community_id: UUID
    shown: bool
    mask: UUID | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody wants what these pieces of content name: the files themselves, or what is made of pictures to be looked at."""

    named: Sequence[Named]
    caller: Caller | None
    now: datetime
    original: bool = True


who_reads: Occasion[Asked, Collection[Named]] = Occasion("attachments asked for")
"""Somebody wants files: each feature answers which of its pieces that name them the caller reads."""
