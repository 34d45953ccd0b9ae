"""What a person is, and what is told of them."""

from chassis.feature import Feature
from services.membership.base import links
from services.membership.people.snapshots import person_snapshots

feature = Feature("people", snapshots={"person": person_snapshots, "attachment": links.snapshots})
