"""Holds what tests are answered at the gateway against the merged API document."""

from functools import lru_cache

import gateway.problems
from chassis.problems import BAD_REQUEST, BODY_TOO_LARGE, SESSION_REVOKED, ProblemType
from chassis.testing.answers import Declared
from gateway.routing import GATEWAY
from qunxue.documents import merged_openapi, service_openapi

OF_THE_FRONT = [one for one in vars(gateway.problems).values() if isinstance(one, ProblemType)]
OF_THE_FRONT += [BAD_REQUEST, BODY_TOO_LARGE, SESSION_REVOKED]
"""What the gateway answers in the place of any operation, before or after it has passed the request on."""


@lru_cache
def at_the_gateway() -> Declared:
    """With the services behind it."""
    return Declared(merged_openapi(), beside=OF_THE_FRONT)


@lru_cache
def of_the_gateway() -> Declared:
    """Its own operations alone, where stand-ins are behind it."""
    return Declared(service_openapi(GATEWAY), beside=OF_THE_FRONT)
