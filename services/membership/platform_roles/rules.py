"""Whom a platform role protects."""

from collections.abc import Collection


def imports_may_change_status(*, platform_roles: Collection[str]) -> bool:
    """Whether an import or a service account may suspend a person or let them leave: not if they have a platform role."""
    return not platform_roles
