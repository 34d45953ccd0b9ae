"""What the steps, percentiles and dimensions of metrics are called, and what their values are in."""

from dataclasses import dataclass

from services.analytics.metrics.culture_rules import DIMENSIONS
from services.analytics.metrics.frame import Metric, Said, Unit

_DIMENSIONS = dict(
    zip(
        DIMENSIONS,
        (
            Said("Goals", "目标"),
            Said("Trust", "信任"),
            Said("Collaboration", "协作"),
            Said("Innovation", "创新"),
            Said("Atmosphere", "氛围"),
            Said("Learning", "学习"),
        ),
        strict=True,
    )
)


@dataclass(frozen=True, slots=True)
class Part:
    """What a part is called in both languages; without a unit of its own it has its metric's."""

    title: Said
    unit: Unit | None = None


PARTS: dict[str, Part] = {
    "median": Part(Said("median", "中位数")),
    "p90": Part(Said("90% within", "90% 在此之内")),
    "new": Part(Said("new", "新成员")),
    "returning": Part(Said("returning", "持续活跃")),
    "resurrected": Part(Said("resurrected", "回流")),
    "dormant": Part(Said("dormant", "沉默")),
    "announced": Part(Said("announced", "已发布")),
    "registered": Part(Said("registered", "报名")),
    "attended": Part(Said("attended", "到场")),
    "satisfied": Part(Said("satisfied", "满意")),
    "visited": Part(Said("visited", "访问"), "deeds"),
    "applied": Part(Said("applied", "申请")),
    "accepted": Part(Said("accepted", "录取")),
    "contributed": Part(Said("first contribution", "首次贡献")),
    "active_day_30": Part(Said("active on day 30", "第 30 天仍活跃")),
    "reads": Part(Said("reads", "阅读")),
    "finishing": Part(Said("read to the end", "读完率"), "share"),
    "rating": Part(Said("rating", "评分"), "rating"),
    "reactions": Part(Said("reactions", "表态")),
    "learnt": Part(Said("learnt", "参加所得")),
    "taught": Part(Said("taught", "授课")),
    "all": Part(Said("all", "全部")),
    "query": Part(Said("by query", "按搜索词")),
    "index": Part(Said("Index", "指数")),
    **{name: Part(title) for name, title in _DIMENSIONS.items()},
    **{f"{name}_pulse": Part(Said(f"{title.en}: pulse", f"{title.zh}（脉搏）")) for name, title in _DIMENSIONS.items()},
    **{
        f"{name}_behaviour": Part(Said(f"{title.en}: behaviour", f"{title.zh}（行为）"))
        for name, title in _DIMENSIONS.items()
    },
}
"""By their codes; every part of every metric is here."""


def unit_of(metric: Metric, part: str | None) -> Unit | str:
    """What the values of a metric's part are in."""
    named = PARTS.get(part) if part is not None else None
    return metric.unit if named is None or named.unit is None else named.unit
