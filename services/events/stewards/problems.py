"""Refusals of stewards and scans."""

from chassis.problems import FieldError, ProblemType

NO_PASS = ProblemType("not_a_pass", 422, en="This is no pass of ours", zh="入场凭证无效")
TOO_MANY = FieldError("/member_id", "too_many", "An activity has at most 50 stewards.", "每个活动最多 50 位签到员。")
