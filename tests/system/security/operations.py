"""What is tried, and what the contract says of it: the operations of the API documents and the permission table kept by hand."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from chassis.security.permissions import COLUMNS
from chassis.settings import SERVICES
from gateway.routing import GATEWAY
from qunxue.documents import service_openapi

PARTS = (*SERVICES, GATEWAY)

EXTRA_COLUMNS = {
    "external": "logged in, no employee, no member anywhere",
    "gone": "left this community",
    "hr": "logged in with the platform role hr",
    "auditor": "logged in with the platform role auditor",
    "suspended": "a suspended person, who was administrator and owner",
    "svc_scope": "a service account of this community with every other scope",
    "svc_elsewhere": "a service account with this scope in another community",
}
"""Columns beside the table's. Applicants and those who are assigned are callers whose own things exist."""

CALLERS = (*COLUMNS, *EXTRA_COLUMNS)
PROGRAMS = frozenset({"svc", "svc_scope", "svc_elsewhere"})

Rows = dict[str, dict[str, str]]


@lru_cache
def table() -> Rows:
    """The table, as somebody wrote it: permission → column → cell. A row that says nothing of guests refuses them."""
    with (Path(__file__).parent / "permissions.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["permission"]: {column: row[column] for column in COLUMNS} for row in csv.DictReader(file, restval="-")
        }


@dataclass(frozen=True)
class Operation:
    """One operation of an API document."""

    service: str
    id: str
    method: str
    path: str
    permission: str

    @property
    def is_open(self) -> bool:
        """Whether it needs no permission."""
        return self.permission in {"public", "logged_in"}


def operations(services: Iterable[str] = PARTS) -> list[Operation]:
    """Every operation that these services' documents list."""
    return [
        Operation(service, operation["operationId"], method.upper(), path, operation["x-permission"])
        for service in services
        for path, methods in service_openapi(service)["paths"].items()
        for method, operation in methods.items()
    ]


@lru_cache
def by_id() -> dict[str, Operation]:
    """Every operation of every document by its id."""
    return {one.id: one for one in operations()}
