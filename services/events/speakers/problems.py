"""What can be wrong with an invitation to speak."""

from chassis.problems import FieldError

TOO_MANY = FieldError("", "too_many", "An activity has at most 20 speakers.", "每个活动最多 20 位讲师。")
NO_PERSON = FieldError("/person_id", "unknown_person", "Nobody in the company has it.", "公司没有这位人员。")
NO_MEMBER = FieldError("/member_id", "unknown_member", "Nobody in this community has it.", "该社群没有这位成员。")
