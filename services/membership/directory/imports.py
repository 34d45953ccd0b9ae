"""Importing people: hundreds of rows a transaction, each row whole or not at all."""

from collections.abc import Sequence

from chassis.imports import Batch, Import
from chassis.tabular import Column, Kind
from services.membership.directory.upserting import PeopleUpsert, Prepared, prepare
from services.membership.people import rules
from services.membership.permissions import PEOPLE_IMPORT
from services.membership.platform_roles.access import authorize_platform_now

_STATUSES = {
    "在职": "active",
    "active": "active",
    "停用": "suspended",
    "suspended": "suspended",
    "离职": "left",
    "left": "left",
}
_KINDS = {
    "员工": "employee",
    "employee": "employee",
    "外部": "external",
    "外部讲师": "external",
    "external": "external",
}
_COLUMNS = (
    Column(
        "employee_no", ("工号", "employee_no", "员工编号"), Kind.CODE, required=True, max_length=64, example="00123"
    ),
    Column("display_name", ("姓名", "display_name", "name"), max_length=100, example="张伟", empty="refused"),
    Column("email", ("邮箱", "email", "电子邮箱", "e-mail"), max_length=254, example="zhang.wei@example.com"),
    Column("phone", ("手机号", "phone", "手机", "电话"), max_length=40, example="13800138000"),
    Column("department_code", ("部门编码", "department_code", "部门"), Kind.CODE, max_length=64, example="D01"),
    Column("title", ("职位", "title", "岗位"), max_length=100, example="工程师"),
    Column("job_grade", ("职级", "job_grade"), max_length=50, example="P6"),
    Column("grade_since", ("现职级起始日期", "grade_since"), Kind.DATE, example="2025-04-01"),
    Column("site", ("工作地点", "site"), max_length=100, example="上海"),
    Column("hired_on", ("入职日期", "hired_on"), Kind.DATE, example="2024-01-31"),
    Column("left_on", ("离职日期", "left_on"), Kind.DATE, example="2026-06-30"),
    Column("kind", ("人员类型", "kind", "类型"), choices=_KINDS, example="员工", empty="ignored"),
    Column("status", ("状态", "status"), choices=_STATUSES, example="在职", empty="ignored"),
    Column("locale", ("语言", "locale"), max_length=16, example="zh-CN"),
    Column("time_zone", ("时区", "time_zone"), max_length=64, example="Asia/Shanghai"),
    Column("avatar_url", ("头像", "avatar_url"), max_length=500, example="https://example.com/a.png"),
)
_ERRORS = {
    "invalid_employee_no": ("Not an employee number: {value}", "工号无效：{value}"),
    "invalid_email": ("Not an e-mail address: {value}", "邮箱无效：{value}"),
    "invalid_phone": ("Not a phone number: {value}", "手机号无效：{value}"),
    "invalid_display_name": ("Not a name: {value}", "姓名无效：{value}"),
    "invalid_department_code": ("Not a department code: {value}", "部门编码无效：{value}"),
    "invalid_title": ("Not a title: {value}", "职位无效：{value}"),
    "invalid_job_grade": ("Not a job grade: {value}", "职级无效：{value}"),
    "invalid_site": ("Not a site: {value}", "工作地点无效：{value}"),
    "invalid_locale": ("The language must be zh-CN or en: {value}", "语言只能是 zh-CN 或 en：{value}"),
    "invalid_time_zone": ("Not a time zone: {value}", "时区无效：{value}"),
    "invalid_avatar_url": ("Not a web address: {value}", "头像地址无效：{value}"),
    "name_missing": ("A new person needs a name.", "新增人员时必须填写姓名。"),
    "email_taken": ("The e-mail belongs to somebody else.", "邮箱已被他人使用。"),
    "phone_taken": ("The phone number belongs to somebody else.", "手机号已被他人使用。"),
    "login_taken": (
        "The employee number is somebody else's phone or e-mail, or the reverse.",
        "工号与他人的手机号或邮箱相同，或手机号、邮箱与他人的工号相同。",
    ),
    "unknown_department": ("No department has the code {value}.", "部门 {value} 不存在。"),
    "account_protected": (
        "An import may not change the log-in or status of this person.",
        "不能通过导入修改该人员的登录信息或状态。",
    ),
    "erased": ("The person's data was erased.", "该人员的数据已被清除。"),
    "left_on_in_future": ("The last day is later than tomorrow.", "离职日期晚于明天。"),
    "left_on_without_leaving": ("A last day requires the status left.", "填写离职日期时，状态须为离职。"),
}


class PersonBatch(Batch[Prepared]):
    """Upserts people by employee number."""

    async def read(self, items: Sequence[Prepared]) -> None:
        self._upsert = PeopleUpsert(self.session, self.now, looks_only=self.dry_run)
        await self._upsert.read(items)

    def take(self, item: Prepared) -> str:
        return self._upsert.take(item)

    async def write(self) -> None:
        await self._upsert.write()


people_import = Import(
    name="people",
    tag="People",
    about="""Import people from CSV or XLSX, sent as the request body.

    People are matched by `employee_no`. A missing column changes nothing, an empty cell clears the value, and people who are
    not in the file stay as they are. The job shows the progress; its errors name the row. The log-in of people who have set
    a password or have a platform role is never changed.
    """,
    permission=PEOPLE_IMPORT,
    platform=authorize_platform_now,
    columns=_COLUMNS,
    normal=rules.NORMAL,
    unique={"employee_no": rules.identifier_key, "email": str, "phone": str},
    errors=_ERRORS,
    concerns={
        "name_missing": "display_name",
        "erased": "employee_no",
        "left_on_without_leaving": "left_on",
        "left_on_in_future": "left_on",
        "login_taken": "employee_no",
        "unknown_department": "department_code",
        "email_taken": "email",
        "phone_taken": "phone",
    },
    prepare=prepare,
    batch=PersonBatch,
    action="person.import",
)
