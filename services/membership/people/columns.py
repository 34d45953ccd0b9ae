"""The columns of an import of people."""

from chassis.tabular import Column, Kind

STATUSES = {
    "在职": "active",
    "active": "active",
    "停用": "suspended",
    "suspended": "suspended",
    "离职": "left",
    "left": "left",
}
KINDS = {"员工": "employee", "employee": "employee", "外部": "external", "外部讲师": "external", "external": "external"}

PEOPLE_COLUMNS = (
    Column(
        "employee_no", ("工号", "employee_no", "员工编号"), Kind.CODE, required=True, max_length=64, example="00123"
    ),
    Column("display_name", ("姓名", "display_name", "name"), max_length=100, example="张伟"),
    Column("email", ("邮箱", "email", "电子邮箱", "e-mail"), max_length=254, example="zhang.wei@example.com"),
    Column("phone", ("手机号", "phone", "手机", "电话"), max_length=40, example="13800138000"),
    Column("department_code", ("部门编码", "department_code", "部门"), Kind.CODE, max_length=64, example="D01"),
    Column("title", ("职位", "title", "岗位"), max_length=100, example="工程师"),
    Column("job_grade", ("职级", "job_grade"), max_length=50, example="P6"),
    Column("site", ("工作地点", "site"), max_length=100, example="上海"),
    Column("hired_on", ("入职日期", "hired_on"), Kind.DATE, example="2024-01-31"),
    Column("left_on", ("离职日期", "left_on"), Kind.DATE, example="2026-06-30"),
    Column("kind", ("人员类型", "kind", "类型"), choices=KINDS, example="员工"),
    Column("status", ("状态", "status"), choices=STATUSES, example="在职"),
    Column("locale", ("语言", "locale"), max_length=16, example="zh-CN"),
    Column("time_zone", ("时区", "time_zone"), max_length=64, example="Asia/Shanghai"),
    Column("avatar_url", ("头像", "avatar_url"), max_length=500, example="https://example.com/a.png"),
)
