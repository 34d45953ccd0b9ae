"""What can be wrong with a row of an import beyond its cells, in both languages."""

from dataclasses import dataclass, field
from typing import Any

from chassis.locale import Locale
from chassis.tabular import Row

_TEXTS = {
    "invalid_employee_no": ("This is no employee number: {value}", "工号无效：{value}"),
    "invalid_email": ("This is no e-mail address: {value}", "邮箱无效：{value}"),
    "invalid_phone": ("This is no phone number: {value}", "手机号无效：{value}"),
    "invalid_display_name": ("This is no name: {value}", "姓名无效：{value}"),
    "invalid_department_code": ("This is no department code: {value}", "部门编码无效：{value}"),
    "invalid_title": ("This is no title: {value}", "职位无效：{value}"),
    "invalid_job_grade": ("This is no job grade: {value}", "职级无效：{value}"),
    "invalid_site": ("This is no site: {value}", "工作地点无效：{value}"),
    "invalid_locale": ("The language is zh-CN or en, not {value}", "语言只能是 zh-CN 或 en：{value}"),
    "invalid_time_zone": ("This is no time zone: {value}", "时区无效：{value}"),
    "invalid_avatar_url": ("This is no web address: {value}", "头像地址无效：{value}"),
    "invalid_code": ("This is no department code: {value}", "部门编码无效：{value}"),
    "invalid_name": ("This is no name: {value}", "名称无效：{value}"),
    "name_missing": ("A new one needs a name.", "新增时必须填写名称。"),
    "not_clearable": ("{field} cannot be empty.", "“{field}”不能为空。"),
    "duplicate_in_file": ("Row {first} has the same {field}.", "与第 {first} 行的 {field} 重复。"),
    "email_taken": ("The e-mail belongs to somebody else.", "邮箱已被他人使用。"),
    "phone_taken": ("The phone number belongs to somebody else.", "手机号已被他人使用。"),
    "unknown_department": ("There is no department {value}.", "部门 {value} 不存在。"),
    "unknown_parent": ("There is no department {value}.", "上级部门 {value} 不存在。"),
    "department_cycle": ("The department would be below itself.", "部门不能隶属于自身或其下级。"),
    "account_protected": (
        "An import does not change the log-in or status of this person.",
        "不能通过导入修改该人员的登录信息或状态。",
    ),
    "erased": ("The person was erased.", "该人员的数据已被清除。"),
    "left_on_in_future": ("The last day is later than tomorrow.", "离职日期晚于明天。"),
    "left_on_without_leaving": ("A last day needs the status left.", "填写离职日期时状态须为离职。"),
}


@dataclass(frozen=True)
class RowError:
    """Why a row was not imported."""

    row: int
    code: str
    values: dict[str, Any] = field(default_factory=dict)

    def text(self, locale: Locale) -> str:
        """One sentence for whoever uploaded the file."""
        english, chinese = _TEXTS[self.code]
        return (chinese if locale == "zh-CN" else english).format(**self.values)


@dataclass(frozen=True)
class Refusal:
    """An error of a row as it is written down: already in words."""

    row: int
    code: str
    text: str


def refusals_of(row: Row, locale: Locale) -> list[Refusal]:
    """What the table's reader found wrong with a row."""
    return [Refusal(row.number, problem.code, problem.text(locale)) for problem in row.problems]
