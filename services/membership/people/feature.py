"""What a person is, and what is told of them."""

from chassis.feature import Feature
from services.membership.base import links, texts
from services.membership.people import handlers, judging, naming
from services.membership.people.snapshots import person_snapshots

texts.follows(naming.KIND, lock=judging.lock)(judging.take_verdict)

feature = Feature(
    "people",
    handlers=[handlers.handlers],
    snapshots={"person": person_snapshots, "attachment": links.snapshots},
)
