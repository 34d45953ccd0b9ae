"""Speakers as requests and answers."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from chassis.identifiers import normal_email
from chassis.web.schemas import MemberEmbed, RequestModel, ResponseModel
from chassis.web.values import OneLine
from chassis.wrong import Wrong

Name = Annotated[str, StringConstraints(min_length=1, max_length=120), OneLine]
Email = Annotated[str, Field(max_length=254, examples=["li.na@example.com"]), AfterValidator(normal_email)]


class SpeakerInvite(RequestModel):
    """Who is to speak: a member, a person of the company, or somebody from outside with name and e-mail address."""

    member_id: UUID | None = None
    person_id: UUID | None = None
    name: Name | None = None
    email: Email | None = Field(default=None, description="Read by those who run the activity alone.")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        outside = self.name is not None or self.email is not None
        if (self.member_id is not None) + (self.person_id is not None) + outside != 1:
            raise Wrong(
                "one_speaker",
                "Name either member_id, or person_id, or name and email.",
                "请给出 member_id、person_id，或姓名与邮箱（三者取一）。",
                at="/name" if outside else "/person_id" if self.person_id is not None else "/member_id",
            )
        if outside and (self.name is None or self.email is None):
            raise Wrong(
                "name_and_email",
                "Somebody from outside has a name and an e-mail address.",
                "外部讲师须同时给出姓名与邮箱。",
                at="/name" if self.name is None else "/email",
            )
        return self


class SpeakerPublic(ResponseModel):
    """A speaker, as those who run the activity read them."""

    id: UUID = Field(description="Also the id of their invitation.")
    activity_id: UUID
    name: str | None = Field(description="Null for who was erased, or is from outside and was withdrawn.")
    member: MemberEmbed | None = Field(description="Null for who is no member.")
    person_id: UUID | None = Field(description="Null for somebody from outside.")
    email: str | None = Field(
        description="Of somebody from outside, for organisers, operators and owners; 90 days after the activity it is gone."
    )
    invited_at: datetime
    withdrawn_at: datetime | None


class SpeakersPublic(ResponseModel):
    """Who speaks at an activity, who was invited first first."""

    activity_id: UUID
    speakers: list[SpeakerPublic]
