"""The metrics that are computed, each with its definition: a module for each matter."""

from collections.abc import Iterable

from services.analytics.metrics.catalogue import (
    activity,
    activity_funnel,
    culture,
    gains,
    interest,
    learning,
    members,
    questions,
    recruitment_funnel,
    rhythm,
    satisfaction,
    searches,
    terms,
    writing,
)
from services.analytics.metrics.frame import Metric

_MODULES: Iterable[list[Metric]] = (
    members.METRICS,
    activity.METRICS,
    rhythm.METRICS,
    writing.METRICS,
    gains.METRICS,
    questions.METRICS,
    satisfaction.METRICS,
    activity_funnel.METRICS,
    recruitment_funnel.METRICS,
    interest.METRICS,
    learning.METRICS,
    terms.METRICS,
    searches.METRICS,
    culture.METRICS,
)

METRICS: dict[str, Metric] = {metric.code: metric for metrics in _MODULES for metric in metrics}
"""By code."""
