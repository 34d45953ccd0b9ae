"""Whom a platform role protects."""

from collections.abc import Collection


def imports_may_change_login(*, platform_roles: Collection[str], has_password: bool) -> bool:
    """Whether an import or a service account may change e-mail, phone or employee number: not of who can already log in.

    Otherwise whoever may import could point an administrator's account at an address of his own.
    """
    return not platform_roles and not has_password


def imports_may_change_status(*, platform_roles: Collection[str]) -> bool:
    """Whether an import or a service account may suspend a person or let him leave: not one with a platform role."""
    return not platform_roles
