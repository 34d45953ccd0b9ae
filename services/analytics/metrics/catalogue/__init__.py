"""The metrics that are computed, each with its definition: a module for each matter."""

from collections.abc import Iterable

from services.analytics.metrics.catalogue import (
    activity,
    activity_funnel,
    members,
    questions,
    recruitment_funnel,
    satisfaction,
)
from services.analytics.metrics.frame import Metric

_MODULES: Iterable[list[Metric]] = (
    members.METRICS,
    activity.METRICS,
    questions.METRICS,
    satisfaction.METRICS,
    activity_funnel.METRICS,
    recruitment_funnel.METRICS,
from services.analytics.metrics.catalogue.activity import METRICS as ACTIVITY
from services.analytics.metrics.catalogue.gains import METRICS as GAINS
from services.analytics.metrics.catalogue.members import METRICS as MEMBERS
from services.analytics.metrics.catalogue.questions import METRICS as QUESTIONS
from services.analytics.metrics.catalogue.rhythm import METRICS as RHYTHM
from services.analytics.metrics.catalogue.satisfaction import METRICS as SATISFACTION
from services.analytics.metrics.catalogue.writing import METRICS as WRITING
from services.analytics.metrics.frame import Metric

_MATTERS: Iterable[list[Metric]] = (
    MEMBERS,
    ACTIVITY,
    RHYTHM,
    WRITING,
    QUESTIONS,
    SATISFACTION,
    GAINS,
)

METRICS: dict[str, Metric] = {metric.code: metric for metrics in _MATTERS for metric in metrics}
"""By code."""
