"""Messages made up from their schemas."""

import re
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel

from chassis.messaging.asyncapi import example_of

Data = TypeVar("Data", bound=BaseModel)

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def with_one_id(message: type[Data], one_id: UUID) -> Data:
    """A message that has every field, and one and the same id wherever it has an id."""
    data = message.model_validate(example_of(message.model_json_schema(), whole=True))
    return message.model_validate_json(_UUID.sub(str(one_id), data.model_dump_json(by_alias=True)))
