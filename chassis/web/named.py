"""Names for schemas that are no classes: closed values, objects of any form.

Without a name, each place of the document where one stands is a type of its own in a generated client.
"""

from collections.abc import Sequence
from typing import Any, get_args

from pydantic import GetJsonSchemaHandler

COMPONENT = "x-component"
"""Marks a schema with the name under which `chassis.web.describing` puts it among the components."""
KNOWN_VALUES = "x-known-values"


class Named:
    """For `Annotated`: the schema of this type has a name of its own."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """See pydantic."""
        return handler(schema) | {COMPONENT: self.name}


class Closed:
    """For `Annotated`: one of a closed list of values, given as a `Literal`, an enum or a list.

    In requests it is an enum. In answers it is a string with the values known today: they may grow, and a strict client must not
    break.
    """

    def __init__(self, name: str, values: Any) -> None:
        self.name = name
        self.values: Sequence[str] = [str(one) for one in get_args(values) or values]

    def __get_pydantic_json_schema__(self, _schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """See pydantic."""
        if handler.mode == "validation":
            return {"type": "string", "enum": list(self.values), COMPONENT: self.name}
        return {"type": "string", KNOWN_VALUES: list(self.values), COMPONENT: f"Known{self.name}"}
