"""Holds what tests are answered at the gateway against the merged API document."""

from functools import lru_cache

from chassis.testing.answers import Declared
from gateway.problems import OWN
from gateway.routing import GATEWAY
from qunxue.documents import merged_openapi, service_openapi


@lru_cache
def at_the_gateway() -> Declared:
    """With the services behind it."""
    return Declared(merged_openapi(), beside=OWN)


@lru_cache
def of_the_gateway() -> Declared:
    """Its own operations alone, where stand-ins are behind it."""
    return Declared(service_openapi(GATEWAY), beside=OWN)
