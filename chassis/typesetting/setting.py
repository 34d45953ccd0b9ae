"""Starting the process that sets a document, and ending it."""

import asyncio
import json
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

from chassis.typesetting import typesetter
from chassis.typesetting.glyphs import drawn_by, visible

Form = Literal["pdf", "svg"]
SECONDS: Final = 60.0
_FACE: Final = 2
"""Of the collection the one for simplified Chinese."""


class TypesettingFailed(Exception):
    """No document came of it; the message says why."""


Seen = Callable[[str], str]
"""Given a text, the same with every character that the font has not as its number."""


async def set_in_type(
    template: Path,
    content: Callable[[Seen], Mapping[str, Any]],
    *,
    form: Form = "pdf",
    seconds: float = SECONDS,
    dated: datetime | None = None,
) -> bytes:
    """A document, with the font's used glyphs in it. `content` makes what the template reads, in a thread. Raises `TypesettingFailed`.

    One that is `dated` comes out byte by byte the same each time; otherwise it says when it was set.
    """
    given = await asyncio.to_thread(_given, template, content, form, dated)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        str(typesetter.__file__),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=typesetter.ENVIRONMENT,
    )
    try:
        made, said = await asyncio.wait_for(process.communicate(given), seconds)
    except TimeoutError:
        raise TypesettingFailed(f"it took longer than {seconds:g} s") from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode != 0:
        raise TypesettingFailed(said.decode(errors="replace").strip()[-500:] or f"it ended with {process.returncode}")
    return made


def font() -> Path:
    """The file of the font: Noto Sans CJK, all weights and 44,810 characters, as a package brings it."""
    import manimgx_fonts_cjk

    return Path(manimgx_fonts_cjk.__file__).with_name("NotoSansCJK-VF.otf.ttc")


def seen_by_font() -> Seen:
    """What makes of a text one that the font can draw."""
    drawn = drawn_by(font(), _FACE)
    return lambda words: visible(words, drawn)


def _given(template: Path, content: Callable[[Seen], Mapping[str, Any]], form: Form, dated: datetime | None) -> bytes:
    given = {
        "fonts": str(font().parent),
        "template": template.read_text(encoding="utf-8"),
        "form": form,
        "dated": int(dated.timestamp()) if dated else None,
        "content": content(seen_by_font()),
    }
    return json.dumps(given, ensure_ascii=False).encode(errors="replace")
