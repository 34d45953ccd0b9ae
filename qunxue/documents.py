"""The API documents, made without a server, a database or a data directory."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from pydantic import SecretStr

from chassis.service import RunningService
from chassis.settings import SERVICES, Settings
from chassis.web.app import create_app
from gateway.app import create_gateway
from gateway.documents import TITLE
from gateway.merging import merge
from gateway.routing import GATEWAY
from qunxue.contract_documents import whole_document
from qunxue.installed import service
from qunxue.version import version

Document = dict[str, Any]

_NO_DATABASE = "sqlite:///:memory:"


@lru_cache(maxsize=8)
def service_openapi(name: str) -> Document:
    """One service's OpenAPI document, or the gateway's own part; shared, so copy it to change it.

    Raises `LookupError` for a name that is none.
    """
    settings = Settings(mode="embedded", secret_key=SecretStr("a document holds no secret"), telemetry=False)
    if name == GATEWAY:
        document: Document = create_gateway(settings, apps={}).own.openapi()
        return document
    return create_app(RunningService(service(name), settings, database_url=_NO_DATABASE)).openapi()


def merged_openapi(names: Sequence[str] = (*SERVICES, GATEWAY)) -> Document:
    """All of them as one, as the gateway answers it at `/openapi.json`."""
    return merge({name: service_openapi(name) for name in names}, title=TITLE, version=version(), missing=[])


def asyncapi_document() -> Document:
    """Every integration event, the topics they travel on, and who may read and write which."""
    return whole_document()
