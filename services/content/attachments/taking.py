"""Pictures of questions that came inside a file: events sends them, looked at like any other, and takes them back for a file that goes out.

Nobody sent them: they are the service's own, and stay when who imported them is erased.
"""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Response
from pydantic import Base64Bytes, Field
from sqlmodel import col, select

from chassis.budget import OverBudget, in_thread
from chassis.database.statements import insert_or_ignore
from chassis.files import FILES_UNAVAILABLE, FileMissing
from chassis.problems import NOT_FOUND
from chassis.secrets import account_id
from chassis.web.dependencies import CallerDep, LaterTransaction, Now, RuntimeDep
from chassis.web.operations import api_router, operation
from chassis.web.said import said
from chassis.web.schemas import RequestModel
from services.content.attachments.models import Attachment, AttachmentLimit
from services.content.attachments.pictures import SECONDS, PictureRefused, made_from
from services.content.attachments.problems import PICTURE_REFUSED
from services.content.attachments.refusing import TEXTS
from services.content.attachments.rules import MIB
from services.content.attachments.service import folder_of
from services.content.attachments.sniffing import HEAD, PICTURES, type_of
from services.content.attachments.using import EVENTS, is_used

LARGEST: Final = 2 * MIB
_PURPOSE: Final = "question"
_ONE: Final = "/internal/question-pictures/{attachment_id}"

router = api_router(tags=["Internal"])


class PictureTaken(RequestModel):
    """A picture of a question."""

    community_id: UUID
    name: Annotated[str, Field(min_length=1, max_length=255)]
    content: Annotated[Base64Bytes, Field(max_length=LARGEST)]


@router.put(_ONE, status_code=204)
@operation(internal=True, max_body=2 * LARGEST, problems=[PICTURE_REFUSED, FILES_UNAVAILABLE])
async def take_question_picture(
    attachment_id: UUID, body: PictureTaken, runtime: RuntimeDep, caller: CallerDep, begin: LaterTransaction, now: Now
) -> None:
    """Keep a picture under this id; what nothing names is forgotten after a day. Again, it stays a day longer."""
    async with runtime.database.reading() as session:
        row = await session.get(Attachment, attachment_id)
        largest = (await said(session, AttachmentLimit, body.community_id)).largest
    if row is None or row.removed_at is not None:
        if len(body.content) > largest:
            raise _refused("picture_too_large")
        async with runtime.interpreting.turn(caller.actor):
            found = await _looked_at(runtime, attachment_id, body)
    else:
        found = {}
    session = await begin()
    if row is None:
        kept = Attachment(
            id=attachment_id,
            community_id=body.community_id,
            person_id=account_id(EVENTS),
            purpose=_PURPOSE,
            name=body.name,
            declared_type=found["media_type"],
            size=len(body.content),
            received=len(body.content),
            status="ready",
            created_at=now,
            unlinked_at=now,
        )
        table: Any = Attachment.__table__  # type: ignore[attr-defined]
        await session.execute(insert_or_ignore(session, table).values(**kept.model_dump() | found))
    locked = await session.get_one(Attachment, attachment_id, with_for_update=True, populate_existing=True)
    locked.sqlmodel_update(found | {"removed_at": None, "purge_at": None})
    if locked.unlinked_at is not None:
        locked.unlinked_at = now


async def _looked_at(runtime: Any, attachment_id: UUID, body: PictureTaken) -> dict[str, Any]:
    """What is found of a picture, once its sizes are kept. Raises `PICTURE_REFUSED`."""
    kind = type_of(body.content[:HEAD], body.name)
    if kind not in PICTURES:
        raise _refused("not_what_it_says")
    try:
        made, width, height = await in_thread(lambda: made_from(body.content), seconds=SECONDS)
    except PictureRefused as refused:
        raise _refused(refused.code) from None
    except OverBudget:
        raise _refused("takes_too_long") from None
    folder = folder_of(attachment_id)
    sizes: dict[str, dict[str, int]] = {}
    for name, picture in made.items():
        await runtime.files.put(f"{folder}/{name}", picture.content)
        sizes[name] = {"width": picture.width, "height": picture.height, "size": len(picture.content)}
    await runtime.files.put(f"{folder}/original", body.content)
    return {"media_type": kind, "width": width, "height": height, "sizes": sizes}


def _refused(code: str) -> Exception:
    return PICTURE_REFUSED(*TEXTS[code], reason=code)


@router.get(_ONE)
@operation(internal=True, media_types=sorted(PICTURES), problems=[FILES_UNAVAILABLE, NOT_FOUND])
async def read_question_picture(attachment_id: UUID, runtime: RuntimeDep) -> Response:
    """Read a picture that a question names, as it came; 404 also for one that is larger than those which files of questions carry."""
    async with runtime.database.reading() as session:
        found = select(Attachment).where(
            col(Attachment.id) == attachment_id,
            col(Attachment.purpose) == _PURPOSE,
            col(Attachment.status) == "ready",
            col(Attachment.removed_at).is_(None),
            col(Attachment.size) <= LARGEST,
        )
        row = (await session.exec(found)).first()
        if row is None or row.media_type not in PICTURES or not await is_used(session, attachment_id, EVENTS):
            raise NOT_FOUND()
    try:
        pieces = await runtime.files.read(f"{folder_of(attachment_id)}/original")
        content = b"".join([piece async for piece in pieces])
    except FileMissing:
        raise NOT_FOUND() from None
    return Response(content, media_type=row.media_type)
