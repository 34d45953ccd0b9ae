"""Pictures that come and go inside files of questions: content keeps them, and is asked outside of any transaction."""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final
from uuid import UUID

import httpx
from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from assessment.questions import Picture
from chassis.database.bulk import among
from chassis.jobs import JobRun
from chassis.locale import Locale
from chassis.problems import UNAVAILABLE
from services.events.question_banks.files import Item, Note
from services.events.question_banks.models import Question

PATH: Final = "/internal/question-pictures/{attachment_id}"
SECONDS: Final = 30.0
"""What a large picture takes to be looked at, and more."""
MOST_BYTES: Final = 32 * 1024 * 1024
"""Of the pictures of one export: as text they are a third longer, and the file may still be imported."""
_ENDINGS: Final = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}
_REFUSED: Final = ("A picture in it cannot be taken ({reason}).", "其中的图片未被接受（{reason}）。")


async def brought(session: AsyncSession, bank_id: UUID, items: Iterable[Item]) -> dict[UUID, Picture]:
    """The pictures that some things of a file bring, but for those of which the bank has all in just this way."""
    bring = [one for one in items if one.pictures]
    if not bring:
        return {}
    said = col(Question.file_digest)
    known = select(said).where(
        col(Question.bank_id) == bank_id, among(session, said, [one.file_digest for one in bring])
    )
    there = set((await session.execute(known)).scalars())
    return {key: it for one in bring if one.file_digest not in there for key, it in one.pictures.items()}


async def send(job: JobRun, wanted: Mapping[UUID, Picture]) -> dict[UUID, str]:
    """Have pictures kept; returns those that are refused, and why. Raises `UNAVAILABLE`, after which the job goes on later."""
    found = {key: await _send(job, key, picture) for key, picture in wanted.items()}
    return {key: reason for key, reason in found.items() if reason is not None}


async def _send(job: JobRun, key: UUID, picture: Picture) -> str | None:
    body = {
        "community_id": str(job.community_id),
        "name": picture.name,
        "content": b64encode(picture.content).decode("ascii"),
    }
    answer = await _call(job, "PUT", key, body)
    if answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY and answer.json().get("code") == "picture_refused":
        return str(answer.json()["reason"])
    _expect(answer)
    return None


def without(items: Iterable[Item], refused: Mapping[UUID, str], locale: Locale) -> list[Item]:
    """The things of a file, those refused of which a picture was."""
    chinese = locale == "zh-CN"
    found = []
    for one in items:
        reason = next((refused[key] for key in one.pictures if key in refused), None)
        if reason is not None:
            said = _REFUSED[chinese].format(reason=reason)
            note = Note(one.row, "picture_refused", f"{one.said}：{said}" if chinese else f"{one.said}: {said}")
            one = replace(one, question=None, refused=True, notes=(note,), pictures={})  # noqa: PLW2901
        found.append(one)
    return found


async def fetch(job: JobRun, wanted: Iterable[UUID]) -> dict[UUID, Picture]:
    """Pictures that questions name, as they came, as far as they go into one file; others are left out."""
    found: dict[UUID, Picture] = {}
    room = MOST_BYTES
    for key in dict.fromkeys(wanted):
        answer = await _call(job, "GET", key)
        if answer.status_code == httpx.codes.NOT_FOUND:
            continue
        _expect(answer)
        kind = answer.headers.get("content-type", "")
        room -= len(answer.content)
        if room < 0:
            break
        if kind in _ENDINGS:
            found[key] = Picture(f"{key}.{_ENDINGS[kind]}", kind, answer.content)
    return found


async def _call(job: JobRun, method: str, key: UUID, body: object = None) -> httpx.Response:
    try:
        path = PATH.format(attachment_id=key)
        return await job.runtime.peers.call("content", method, path, json=body, seconds=SECONDS)
    except (httpx.HTTPError, OSError, LookupError) as error:
        raise _unavailable() from error


def _expect(answer: httpx.Response) -> None:
    if not answer.is_success:
        raise _unavailable()


def _unavailable() -> Exception:
    return UNAVAILABLE("Pictures cannot be kept or read right now.", "暂时无法保存或读取图片。", retry_after=2)
