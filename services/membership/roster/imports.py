"""The import of a roster: members with their own dates of joining."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from chassis.imports import SPREADSHEETS_AND_LINES, Import, RowRefused
from chassis.tabular import Column, Kind
from contracts.membership import MemberBefore, MemberCohortChanged
from services.membership.cohorts.service import cohorts_by_code
from services.membership.people.models import Person
from services.membership.people.rules import identifier_key
from services.membership.permissions import MEMBERS_IMPORT
from services.membership.roster.joining import still_a_member
from services.membership.roster.joining_batch import JoiningBatch
from services.membership.roster.models import Member

_COLUMNS: Final = (
    Column(
        "employee_no",
        ("工号", "employee_no", "Employee number"),
        Kind.CODE,
        required=True,
        max_length=64,
        example="00123",
    ),
    Column("joined_at", ("加入时间", "joined_at", "Joined at"), Kind.DATETIME, example="2024-03-01T09:00:00+08:00"),
    Column("channel", ("渠道", "channel"), Kind.TEXT, max_length=40, example="poster"),
    Column("cohort", ("期", "cohort"), Kind.CODE, max_length=40, example="2024-1"),
)
_ERRORS: Final = {
    "unknown_person": ("No person has this employee number.", "没有该工号的人员。"),
    "person_left": ("The person has left the company.", "该人员已离职。"),
    "member_left": (
        "The member has left the community; an import does not bring members back.",
        "该成员已退出社群，导入不会使其重新加入。",
    ),
    "expelled": (
        "The person was expelled; an import does not bring them back.",
        "该人员已被除名，导入不会使其重新加入。",
    ),
    "unknown_cohort": ("The community has no such cohort.", "该社群没有该期次。"),
    "in_the_future": ("The date of joining is in the future.", "加入时间晚于现在。"),
}

Values = dict[str, Any]


class RosterBatch(JoiningBatch[Values]):
    """Makes members, takes up memberships that had ended before, moves members between cohorts."""

    async def read(self, items: Sequence[Values]) -> None:
        await self.read_people({identifier_key(item["employee_no"]) for item in items})
        self._cohorts = await cohorts_by_code(self.session, self.community_id)

    def take(self, item: Values) -> str:
        person = self.people.get(identifier_key(item["employee_no"]))
        if person is None:
            raise RowRefused("unknown_person")
        code, joined_at = item.get("cohort"), item.get("joined_at")
        if code is not None and code not in self._cohorts:
            raise RowRefused("unknown_cohort")
        cohort_id = None if code is None else self._cohorts[code]
        if joined_at is not None and joined_at > self.now:
            raise RowRefused("in_the_future")
        member = self.members.get(person.id)
        if member is not None and still_a_member(member):
            return self._move(member, person, cohort_id) if "cohort" in item else "unchanged"
        if member is not None and member.status == "expelled":
            raise RowRefused("expelled")
        if member is not None and (joined_at is None or (member.ended_at and joined_at <= member.ended_at)):
            raise RowRefused("member_left")
        if person.status in ("left", "erased"):
            raise RowRefused("person_left")
        self.join(
            person, via="import", joined_at=joined_at or self.now, channel=item.get("channel"), cohort_id=cohort_id
        )
        return "created"

    def _move(self, member: Member, person: Person, cohort_id: UUID | None) -> str:
        if member.cohort_id == cohort_id:
            return "unchanged"
        before = MemberBefore(cohort_id=member.cohort_id)
        member.cohort_id = cohort_id
        self.tell(MemberCohortChanged, member, person, self.now, before)
        return "changed"

    async def write(self) -> None:
        await self.write_members()
        await self.tell_all()


member_import = Import(
    name="members",
    tag="Roster",
    about="""Import a roster from CSV, XLSX or NDJSON: employee_no, joined_at, channel, cohort.

    Each row adds a plain member with their own date of joining. Times without an offset are in the community's time zone. For
    people who are already members, only the cohort changes. Importing the same file again changes nothing.
    """,
    permission=MEMBERS_IMPORT,
    accepts=SPREADSHEETS_AND_LINES,
    columns=_COLUMNS,
    errors=_ERRORS,
    concerns={
        "unknown_person": "employee_no",
        "person_left": "employee_no",
        "member_left": "employee_no",
        "expelled": "employee_no",
        "unknown_cohort": "cohort",
        "in_the_future": "joined_at",
    },
    batch=RosterBatch,
    history=True,
    template="read_members_template",
)
