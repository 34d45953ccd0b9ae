"""Refusals of insights."""

from chassis.problems import FieldError

NO_OWNER = FieldError(
    "/owner_id",
    "not_running_community",
    "Only an operator or owner of this community can own it.",
    "负责人须为该社群的运营或群主。",
)
NOT_YET = FieldError("/changed_on", "not_yet", "The change must have been made by today.", "变更日期不得晚于今天。")
NO_CHANGE = FieldError(
    "/change", "missing", "Say what was changed, too: they come together.", "请一并说明做了什么变更，二者须同时提供。"
)
NO_DAY = FieldError(
    "/changed_on", "missing", "Say on which day it was changed, too.", "请一并说明变更的日期，二者须同时提供。"
)
NO_COHORT = FieldError(
    "/cohort_id", "unknown_cohort", "Nobody in this community is in it.", "该社群没有属于此期次的成员。"
)
NO_METRIC = FieldError("/metric", "unknown_metric", "There is no metric of this code.", "没有该编码的指标。")
WHOLE_PERIODS = FieldError(
    "/metric",
    "whole_periods_only",
    "This metric has values of whole weeks or months alone, and not of four weeks before and after a day.",
    "该指标仅按完整的周或月取值，无法比较某日前后各四周。",
)
NO_COHORTS = FieldError("/metric", "no_cohorts", "This metric is not known by cohort.", "该指标不支持按期次统计。")
A_LIST = FieldError(
    "/metric",
    "no_one_value",
    "The metric lists what it finds; no effect is measured by that.",
    "该指标给出的是列表，不能用于衡量效果。",
)
OF_METRICS = {one.code: one for one in (NO_METRIC, WHOLE_PERIODS, NO_COHORTS, A_LIST)}
