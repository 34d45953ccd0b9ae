"""Every problem code of the product, as a page for people who write clients."""

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from types import ModuleType
from typing import Any

import chassis
import gateway
import services
from chassis.problems import ProblemType, catalogue
from chassis.settings import SERVICES
from chassis.web.describing import PROBLEM_CODES
from gateway.routing import GATEWAY
from qunxue.documents import service_openapi

HEAD = """# Problems

<!-- Written by `qunxue problems -o docs/problems.md`; a test fails when it is not what the code says. -->

Every refusal is an RFC 9457 problem (`application/problem+json`): `code` is stable and never changes its meaning, `type` is
`urn:qunxue:problem:<code>`, and `title` is in the language of `Accept-Language` (zh-CN is the default). `detail` and `errors[]` may add
details. Decide by `code`; new codes may be added. The OpenAPI document lists the codes of each operation. *where* names the services
that use the code; – means any request, or an item of a batch or import.

| code | status | zh-CN | en | where |
| --- | --- | --- | --- | --- |
"""


def problem_types() -> list[ProblemType]:
    """Every declared problem type, by status and code."""
    for package in (chassis, services, gateway):
        _import_all(package)
    return sorted(catalogue.values(), key=lambda declared: (declared.status, declared.code))


def page() -> str:
    """The whole page as Markdown."""
    where = _where({name: service_openapi(name) for name in (*SERVICES, GATEWAY)})
    rows = [
        f"| `{declared.code}` | {declared.status} | {declared.zh} | {declared.en} | {_named(where.get(declared.code, set()))} |"
        for declared in problem_types()
    ]
    return HEAD + "\n".join(rows) + "\n"


def _named(found: set[str]) -> str:
    if set(SERVICES) <= found:
        return "everywhere"
    return ", ".join(name for name in (*SERVICES, GATEWAY) if name in found) or "–"


def _where(documents: Mapping[str, dict[str, Any]]) -> dict[str, set[str]]:
    """The services by problem code."""
    found: dict[str, set[str]] = {}
    for name, document in documents.items():
        for code in _codes(document):
            found.setdefault(code, set()).add(name)
    return found


def _codes(document: dict[str, Any]) -> Iterator[str]:
    for path in document["paths"].values():
        for operation in path.values():
            for response in operation.get("responses", {}).values():
                yield from response.get(PROBLEM_CODES, ())


def _import_all(package: ModuleType) -> None:
    for name in _modules(package):
        importlib.import_module(name)


def _modules(package: ModuleType) -> Iterable[str]:
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        # Migrations and Alembic's environment run when they are imported.
        if ".migrations" not in found.name and ".alembic" not in found.name and ".testing" not in found.name:
            yield found.name
