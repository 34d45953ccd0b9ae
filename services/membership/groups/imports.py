"""The import of groups and of who belongs to them: a row for each member of each group."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from chassis import text
from chassis.imports import SPREADSHEETS_AND_LINES, Batch, Import, RowRefused
from chassis.messaging.outbox import emit_many
from chassis.problems import ProblemType
from chassis.tabular import Column, Kind
from chassis.tabular.writing import unguarded
from contracts.belonging import GroupFormed
from services.membership.enrolment.queries import locked_community
from services.membership.groups import naming, problems, queries
from services.membership.groups.belonging import lead, take_in, told_of_group, told_of_update
from services.membership.groups.models import Group, GroupMember
from services.membership.groups.rules import LARGEST, SMALLEST, joining_refusal
from services.membership.people.models import Person
from services.membership.people.rules import identifier_key
from services.membership.permissions import GROUPS_ARRANGE
from services.membership.roster.models import Member
from services.membership.roster.rules import ENDED

YES: Final = "是"
COLUMNS: Final = (
    Column("group", ("小组", "group", "Group"), required=True, max_length=100, example="读书互助组"),
    Column(
        "employee_no",
        ("工号", "employee_no", "Employee number"),
        Kind.CODE,
        required=True,
        max_length=64,
        example="00123",
    ),
    # Whoever reads the table wants to know who it is; an import goes by the number alone.
    Column("name", ("姓名", "name", "Name"), example="张伟", empty="ignored"),
    Column(
        "leads",
        ("组长", "leads", "Leader"),
        choices={YES: "yes", "yes": "yes", "y": "yes", "true": "yes", "否": "no", "no": "no", "n": "no", "false": "no"},
        example=YES,
        empty="ignored",
    ),
    Column("purpose", ("宗旨", "purpose", "Purpose"), max_length=1000, example="每周一起读一章", empty="ignored"),
    Column("capacity", ("人数上限", "capacity", "Capacity"), max_length=8, example="12", empty="ignored"),
)


def _said(problem: ProblemType) -> tuple[str, str]:
    return f"{problem.en}.", f"{problem.zh}。"


_ERRORS: Final = {
    "invalid_group": ("Not a name: {value}", "名称无效：{value}"),
    "invalid_purpose": ("Nothing in it can be seen: {value}", "没有可见的内容：{value}"),
    "invalid_capacity": (
        f"A group holds {SMALLEST} to {LARGEST} members: {{value}}",
        f"小组人数上限须为 {SMALLEST} 至 {LARGEST} 之间的整数：{{value}}",
    ),
    "unknown_member": ("The community has no member with this employee number.", "该社群没有该工号的成员。"),
    "ambiguous_group": (
        "Several groups have this name; rename all but one of them.",
        "有多个小组使用该名称，请先改名，仅保留一个。",
    ),
    "led_by_another": ("Somebody else leads the group already.", "该小组已有其他组长。"),
    "group_full": _said(problems.GROUP_FULL),
    "already_grouped": _said(problems.ALREADY_GROUPED),
    "too_many_groups": _said(problems.TOO_MANY_GROUPS),
}


def normal_group(name: str) -> str:
    """A group's name as it is kept."""
    return text.one_line(unguarded(name))


def normal_purpose(purpose: str) -> str:
    """What a group is for, as it is kept."""
    return text.said(unguarded(purpose))


def normal_capacity(capacity: str) -> str:
    """How many a group holds. Raises ValueError where that is no such number."""
    if not capacity.isascii() or not capacity.isdecimal() or not SMALLEST <= int(capacity) <= LARGEST:
        raise ValueError(capacity)
    return str(int(capacity))


class GroupBatch(Batch[dict[str, Any]]):
    """Forms groups that are not there yet, and puts members in."""

    async def read(self, items: Sequence[dict[str, Any]]) -> None:
        if not self.dry_run:
            # Names are not unique: who forms one that is missing waits for who is forming it. Then come members, then groups.
            await locked_community(self.session, self.community_id)
        keys = {identifier_key(item["employee_no"]) for item in items}
        theirs = select(col(Person.employee_key), Member).join(Member, col(Member.person_id) == col(Person.id))
        members = theirs.where(
            col(Person.employee_key).in_(keys),
            col(Member.community_id) == self.community_id,
            col(Member.status).not_in(sorted(ENDED)),
        ).order_by(col(Member.id))
        # Members are locked before groups everywhere.
        if not self.dry_run:
            members = members.with_for_update(of=Member)
        self._members = {row[0]: row[1] for row in await self.session.execute(members)}
        named = select(Group).where(
            col(Group.community_id) == self.community_id,
            col(Group.dissolved_at).is_(None),
            col(Group.name).in_({item["group"] for item in items}),
        )
        self._groups: dict[str, list[Group]] = {}
        for group in (await self.session.execute(self.locked(named.order_by(col(Group.id))))).scalars():
            self._groups.setdefault(group.name, []).append(group)
        groups = [group.id for found in self._groups.values() for group in found]
        ids = [member.id for member in self._members.values()]
        self._pairs = await queries.pairs_of(self.session, groups, ids)
        belongings = await queries.belongings(self.session, ids)
        self._belong = {key: [(row.group_id, row.grouping_id) for row in rows] for key, rows in belongings.items()}
        self._sizes = {group.id: group.members for found in self._groups.values() for group in found}
        self._formed: list[Group] = []
        self._coming: list[tuple[Group, GroupMember]] = []
        self._led: list[Group] = []
        self._author_id = await self._importer()

    async def _importer(self) -> UUID:
        _, _, person_id = str(self.job.started_by).partition(":")
        found = select(col(Member.id)).where(
            col(Member.community_id) == self.community_id, col(Member.person_id) == UUID(person_id)
        )
        importer: UUID = (await self.session.execute(found)).scalar_one()
        return importer

    def take(self, item: dict[str, Any]) -> str:
        member = self._members.get(identifier_key(item["employee_no"]))
        if member is None:
            raise RowRefused("unknown_member")
        found = self._groups.get(item["group"], [])
        if len(found) > 1:
            raise RowRefused("ambiguous_group")
        group = found[0] if found else self._new(item)
        leads = item.get("leads") == "yes"
        if leads and group.leader_id not in (None, member.id):
            raise RowRefused("led_by_another")
        belongs = any(group_id == group.id for group_id, _ in self._belong[member.id])
        if not belongs:
            self._come(group, member)
        if not found:
            self._formed.append(group)
            self._groups[group.name] = [group]
        if leads and group.leader_id is None:
            lead(group, member.id, self.now)
            self._led.append(group)
            return "changed" if belongs else "created"
        return "unchanged" if belongs else "created"

    def _new(self, item: dict[str, Any]) -> Group:
        group = Group(
            community_id=self.community_id,
            name=item["group"],
            purpose=item.get("purpose"),
            capacity=int(item.get("capacity") or LARGEST),
            leaderless_since=self.now,
            created_at=self.now,
        )
        self._sizes[group.id] = 0
        return group

    def _come(self, group: Group, member: Member) -> None:
        belong = self._belong[member.id]
        code = joining_refusal(
            dissolved=False,
            members=self._sizes[group.id],
            capacity=group.capacity,
            of_cohort=True,
            belongs_to=len(belong),
            in_other_of_grouping=group.grouping_id is not None
            and any(grouping_id == group.grouping_id for _, grouping_id in belong),
        )
        if code is not None:
            raise RowRefused(code)
        self._sizes[group.id] += 1
        belong.append((group.id, group.grouping_id))
        pair = self._pairs.get((group.id, member.id)) or GroupMember(
            group_id=group.id,
            member_id=member.id,
            community_id=group.community_id,
            grouping_id=group.grouping_id,
            since=self.now,
        )
        self._coming.append((group, pair))

    async def write(self) -> None:
        self.session.add_all(self._formed)
        await self.session.flush()
        self.session.add_all([pair for _, pair in self._coming])
        new = {group.id for group in self._formed}
        updated = [group for group in self._led if group.id not in new]
        for group in updated:
            group.version += 1
        await emit_many(
            self.session,
            [told_of_group(GroupFormed, group, self.now) for group in self._formed]
            + [told_of_update(group, self.now, new_leader=True) for group in updated],
        )
        await take_in(self.session, self._coming, self.now)
        await naming.written_together(self.session, self._formed, self._author_id, self.now)


group_import = Import(
    name="groups",
    tag="Groups",
    about="""Import groups and who belongs to them from CSV, XLSX or NDJSON: group, employee_no, name, leads, purpose, capacity.

    Each row puts a member into the group of that name; a group that is not there is formed, with the purpose and capacity of its first
    row, and for 200 without one. What a group is for and how many it holds is not changed where it is there. Nobody is taken out of a
    group, and whoever leads one already stays. `name` is for readers alone. Importing the same file again changes nothing.
    """,
    permission=GROUPS_ARRANGE,
    accepts=SPREADSHEETS_AND_LINES,
    columns=COLUMNS,
    errors=_ERRORS,
    normal={"group": normal_group, "purpose": normal_purpose, "capacity": normal_capacity},
    concerns={
        "unknown_member": "employee_no",
        "ambiguous_group": "group",
        "led_by_another": "leads",
        "group_full": "group",
        "already_grouped": "employee_no",
        "too_many_groups": "employee_no",
    },
    batch=GroupBatch,
    template="read_groups_template",
)
