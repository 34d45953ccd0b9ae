"""Files in request bodies. They are read after the permission is checked, and kept on disk until they are processed."""

from collections.abc import Collection
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import Any

from starlette.requests import Request

from chassis.problems import BODY_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, ProblemType
from chassis.web.media import check_coding, essence

UPLOAD_LIMIT = 50 * 1024 * 1024
_IN_MEMORY = 256 * 1024
_PIECE = 1024 * 1024

EMPTY_UPLOAD = ProblemType("empty_upload", 422, en="The file is empty", zh="文件为空")


@dataclass
class Upload:
    """A file that has arrived, and its content type as it was sent, parameters included."""

    content_type: str
    size: int
    _file: Any

    def content(self) -> bytes:
        """All of it, in memory."""
        self._file.seek(0)
        return bytes(self._file.read())

    def hash_into(self, digest: Any) -> None:
        """Add it to a hash, piece by piece."""
        self._file.seek(0)
        while piece := self._file.read(_PIECE):
            digest.update(piece)

    def close(self) -> None:
        """Let go of it."""
        self._file.close()


async def receive_upload(request: Request, *, accepted: Collection[str], limit: int = UPLOAD_LIMIT) -> Upload:
    """Take in a request's body. It is let go when the request ends; asked for again, it is the same.

    The operation's `max_body` limits it while it is received. Raises `UNSUPPORTED_MEDIA_TYPE`, `BODY_TOO_LARGE`, `EMPTY_UPLOAD`.
    """
    content_type = request.headers.get("content-type", "")
    check_coding(request)
    if essence(content_type) not in accepted:
        raise UNSUPPORTED_MEDIA_TYPE(accepted=sorted(accepted))
    if (received := received_upload(request)) is not None:
        return received
    upload = Upload(content_type, 0, SpooledTemporaryFile(max_size=_IN_MEMORY))  # noqa: SIM115 - closed with the request
    try:
        async for piece in request.stream():
            upload.size += len(piece)
            if upload.size > limit:
                raise BODY_TOO_LARGE(limit=limit)
            upload._file.write(piece)  # noqa: SLF001 - being made here
        if not upload.size:
            raise EMPTY_UPLOAD()
    except BaseException:
        upload.close()
        raise
    request.state.upload = upload
    return upload


def received_upload(request: Request) -> Upload | None:
    """The file that came with the request, if one was taken in."""
    upload: Upload | None = getattr(request.state, "upload", None)
    return upload
