"""Reading service accounts."""

from sqlmodel import col, select

from chassis.database.listing import Listing
from services.membership.service_accounts.models import ServiceAccount


def service_accounts() -> Listing:
    """All of them by name, revoked ones too."""
    return Listing(select(ServiceAccount), [col(ServiceAccount.name).asc(), col(ServiceAccount.id).asc()])
