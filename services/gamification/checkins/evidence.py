"""Files that a member hands in as evidence: taken by the receipts that they were given for them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import context_of
from chassis.problems import INVALID, FieldError
from chassis.receipts import Receipt, receipt_in

PURPOSE: Final = "evidence"
MOST_FILES: Final = 4
"""Of one day for one plan."""

Refusal = Callable[[int], FieldError]
"""What is refused, by its place among the files."""


def _refusal(code: str, en: str, zh: str) -> Refusal:
    return lambda place: FieldError(f"/files/{place}", code, en, zh)


UNKNOWN = _refusal(
    "unknown_receipt",
    "This is no receipt of a file. A file has its `receipt` once it is ready.",
    "这不是文件的 receipt，文件处理完成后才有 receipt。",
)
EXPIRED = _refusal(
    "receipt_expired", "The receipt has expired: read the file again for a new one.", "receipt 已过期，请重新读取文件。"
)
NOT_YOURS = _refusal("not_your_file", "Somebody else sent this file.", "该文件由他人上传。")
ELSEWHERE = _refusal("other_community", "The file was sent for another community.", "该文件属于其他社群。")
OTHER_PURPOSE = _refusal(
    "other_purpose", "The file was not sent with the purpose `evidence`.", "该文件上传时的用途不是 evidence。"
)
USED = _refusal(
    "file_used", "The file is evidence of another day, or used for something else.", "该文件已用于其他日期或其他用途。"
)
TWICE = _refusal("named_twice", "The file is named twice.", "重复的文件。")
FOR_NO_PLANS: Final = FieldError(
    "/files",
    "no_plans",
    "Files are evidence for plans: name some in `plan_ids`.",
    "文件用于打卡营，请在 plan_ids 中指明。",
)


def files_of(
    session: AsyncSession, receipts: Sequence[str], *, person_id: UUID, community_id: UUID, now: datetime
) -> tuple[Receipt, ...]:
    """The files of these receipts, in their order. Raises `INVALID` with each that this person cannot hand in here."""
    key = context_of(session).runtime.address_secret
    found: dict[UUID, Receipt] = {}
    wrong: list[FieldError] = []
    for place, text in enumerate(receipts):
        told = receipt_in(key, text)
        refused = UNKNOWN if told is None else _why_not(*told, person_id, community_id, now)
        if told is not None and told[0].attachment_id in found:
            refused = TWICE
        if refused is not None:
            wrong.append(refused(place))
        elif told is not None:
            found[told[0].attachment_id] = told[0]
    if wrong:
        raise INVALID(errors=wrong)
    return tuple(found.values())


def _why_not(receipt: Receipt, until: datetime, person_id: UUID, community_id: UUID, now: datetime) -> Refusal | None:
    if receipt.person_id != person_id:
        return NOT_YOURS
    if receipt.purpose != PURPOSE:
        return OTHER_PURPOSE
    if receipt.community_id != community_id:
        return ELSEWHERE
    return EXPIRED if until <= now else None
