"""What happens to passwords and concerns more than the password."""

from chassis.occasions import Occasion
from services.membership.people.occasions import PeopleConcerned

passwords_changed: Occasion[PeopleConcerned, None] = Occasion("passwords changed")
"""They set a password, the first or another."""
