"""What members get."""

from services.analytics.facts.verbs import Verb
from services.analytics.metrics.catalogue.counting import worth_of
from services.analytics.metrics.frame import PEOPLE, Metric, Said

METRICS = [
    Metric(
        code="points_issued",
        version=1,
        unit="points",
        kind="flow",
        title=Said("Points issued", "积分发放量"),
        definition=Said(
            "Points that members were given in the period, less what was taken back in it. `n` is how many different members that were.",
            "周期内发放给成员的积分，减去周期内收回的积分。`n` 为涉及的不重复成员数。",
        ),
        compute=worth_of(Verb.EARNED_POINTS),
        groups=PEOPLE,
        kept=True,
    ),
]
