"""Where files are kept: a directory of this machine, or a bucket that speaks S3. One library speaks both (decision 0026).

Objects are written whole or not at all, and never changed. Whoever keeps rows about them writes the object first and the row after it:
what a crash leaves behind is an object without a row, under the prefix of its owner, which goes when the owner's others do.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

from chassis.problems import ProblemType
from chassis.settings import Settings

FILES_UNAVAILABLE = ProblemType(
    "files_unavailable", 503, en="Files cannot be kept or read right now", zh="暂时无法保存或读取文件", retry_after=30
)

PIECE: Final = 256 * 1024
"""Bytes that are in memory at a time of a file on its way."""

_SCHEME: Final = "s3://"


class FileMissing(Exception):
    """There is no such object."""


class Files:
    """The store of this installation. Every failure of it is `FILES_UNAVAILABLE`: a full disk, no bucket, no way to it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._opened: Any = None
        self._directory: Path | None = None
        self._prefix = ""

    @property
    def directory(self) -> Path | None:
        """Where they are on this machine; None in a bucket."""
        return None if self._in_bucket else self._local()

    async def put(self, name: str, content: Any) -> None:
        """Keep an object: bytes, an open file, or an asynchronous iterator of bytes, of which a piece at a time is in memory."""
        from obstore.exceptions import BaseError

        try:
            await self._store().put_async(self._at(name), content)
            if self._directory is not None:
                await asyncio.to_thread(_write_through, self._directory / name)
        except (BaseError, OSError) as error:
            raise FILES_UNAVAILABLE() from error

    async def read(self, name: str, begin: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `begin` up to `end`, once it is known that they are there. Raises `FileMissing`."""
        from obstore.exceptions import BaseError

        options: dict[str, Any] = {"range": (begin, end)} if end is not None else {}
        try:
            found = await self._store().get_async(self._at(name), options=options)
        except FileNotFoundError:
            raise FileMissing(name) from None
        except (BaseError, OSError) as error:
            raise FILES_UNAVAILABLE() from error
        return _pieces(found.stream(min_chunk_size=PIECE))

    async def names(self, prefix: str) -> AsyncIterator[tuple[str, int]]:
        """Every object below a prefix with its size."""
        from obstore.exceptions import BaseError

        try:
            async for some in self._store().list(self._at(prefix)):
                for one in some:
                    yield one["path"].removeprefix(self._prefix), one["size"]
        except (BaseError, OSError) as error:
            raise FILES_UNAVAILABLE() from error

    async def delete_below(self, prefix: str) -> None:
        """Delete every object below a prefix."""
        for name in [name async for name, _ in self.names(prefix)]:
            await self.delete(name)

    async def delete(self, name: str) -> None:
        """Delete an object; what is not there is deleted already."""
        from obstore.exceptions import BaseError

        try:
            await self._store().delete_async(self._at(name))
        except FileNotFoundError:
            return
        except (BaseError, OSError) as error:
            raise FILES_UNAVAILABLE() from error

    @property
    def _in_bucket(self) -> bool:
        return (self._settings.files_url or "").startswith(_SCHEME)

    def _local(self) -> Path:
        url = self._settings.files_url
        return (Path(url) if url else self._settings.data_dir / "files").absolute()

    def _at(self, name: str) -> str:
        return self._prefix + name

    def _store(self) -> Any:
        if self._opened is None:
            self._opened = self._bucket() if self._in_bucket else self._open_directory()
        return self._opened

    def _open_directory(self) -> Any:
        from obstore.store import LocalStore

        self._directory = self._local()
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        return LocalStore(self._directory, automatic_cleanup=True)

    def _bucket(self) -> Any:
        from obstore.store import S3Store

        settings = self._settings
        bucket, _, prefix = (settings.files_url or "").removeprefix(_SCHEME).partition("/")
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        given = {
            "endpoint": settings.files_endpoint,
            "region": settings.files_region,
            "access_key_id": settings.files_access_key_id,
            "secret_access_key": settings.files_secret_access_key
            and settings.files_secret_access_key.get_secret_value(),
        }
        plain = (settings.files_endpoint or "").startswith("http://")
        options: Any = {"timeout": "30s", "connect_timeout": "5s", **({"allow_http": True} if plain else {})}
        chosen: Any = {name: value for name, value in given.items() if value is not None}
        return S3Store(bucket, client_options=options, retry_config=_RETRIES, **chosen)


_RETRIES: Any = {"max_retries": 2}


async def _pieces(stream: Any) -> AsyncIterator[bytes]:
    async for piece in stream:
        yield bytes(piece)


def _write_through(path: Path) -> None:
    """Have the disk keep it, and its name, before anybody is told that it is kept."""
    for one in (path, path.parent):
        descriptor = os.open(one, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
