"""Who may give and take which role (the rows roles.grant and roles.revoke of the permission table)."""

from dataclasses import dataclass
from typing import Final

from services.membership.roster.rules import ROLES

_BY_OPERATOR: Final = frozenset({"lecturer", "mentor", "moderator"})
_BY_ADMIN: Final = frozenset({"owner"})


@dataclass(frozen=True)
class Giver:
    """Who gives or takes: the roles held in this community, and whether they are an administrator of the platform."""

    roles: frozenset[str]
    is_admin: bool = False

    def grantable(self) -> frozenset[str]:
        """The roles that they may give and take: owners all, operators the three of daily work, administrators `owner`."""
        if "owner" in self.roles:
            return frozenset(ROLES)
        by_operator = _BY_OPERATOR if "operator" in self.roles else frozenset()
        return by_operator | (_BY_ADMIN if self.is_admin else frozenset())


def grant_refusal(giver: Giver, *, role: str, to_himself: bool) -> str | None:
    """The problem code with which giving a role would be refused. People may not give a role to themselves."""
    if role not in giver.grantable():
        return "forbidden"
    return "conflict_of_interest" if to_himself else None


def revoke_refusal(giver: Giver, *, role: str, ended: bool, owners_left: int) -> str | None:
    """The problem code with which taking a role away would be refused.

    `owners_left` counts the owners who would remain; a community never loses its last one.
    """
    if role not in giver.grantable():
        return "forbidden"
    if ended:
        return "illegal_transition"
    return "last_owner" if role == "owner" and owners_left < 1 else None
