"""Permissions and problems that only tests declare: unknown to whoever lists the product's."""

from collections.abc import Iterator
from contextlib import contextmanager

import chassis.problems
import chassis.security.permissions


@contextmanager
def of_tests_only() -> Iterator[None]:
    """What is declared inside works, and stands in no catalogue afterwards."""
    catalogues: list[dict[str, object]] = [chassis.problems.catalogue, chassis.security.permissions.catalogue]  # type: ignore[list-item]
    before = [set(catalogue) for catalogue in catalogues]
    try:
        yield
    finally:
        for catalogue, known in zip(catalogues, before, strict=True):
            for name in set(catalogue) - known:
                del catalogue[name]
