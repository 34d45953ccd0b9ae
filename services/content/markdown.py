"""What people write, as Markdown: the HTML that is shown of it, and its first words as plain text. Pure, but for a budget of steps.

HTML that somebody typed is shown as they typed it. What the renderer makes is sanitised once more, so that no mistake of the one library
is enough to get a script into a page.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from chassis.budget import check, spend
from chassis.interpreting import interpreted

LONGEST_BODY: Final = 20_000
LONGEST_EXCERPT: Final = 200
MOST_OF_REFERENCES: Final = 50_000
"""Characters that links take from where their address and title are said once; a body that is longer itself may have as many as it has."""

TAGS: Final = frozenset(
    {
        "p",
        "br",
        "hr",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "strong",
        "em",
        "s",
        "blockquote",
        "ul",
        "ol",
        "li",
        "pre",
        "code",
        "a",
        "img",
        "span",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "input",
    }
)
SCHEMES: Final = frozenset({"http", "https", "mailto"})
_STEPS_A_CELL: Final = 9
"""Beside the one for its text."""
_BLANK_LINE: Final = re.compile(r"\n\s*\n")
_ATTRIBUTES: Final = {
    "a": {"href", "title", "data-attachment"},
    "img": {"alt", "data-attachment"},
    "ol": {"start"},
    "span": {"data-member"},
}
_MEMBER: Final = re.compile(r"member:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_FILE: Final = re.compile(r"attachment:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_ALIGNED: Final = {
    tag: {"style": {f"text-align:{side}" for side in ("left", "center", "right")}} for tag in ("th", "td")
}
_BOX: Final = {"input": {"type": {"checkbox"}, "disabled": {""}, "checked": {""}}}
_TASK: Final = re.compile(r"\[([ xX])\](?:[ \t]+|$)")
_SHOWN_AS_TEXT: Final = frozenset({"text", "code_inline", "fence", "code_block", "image"})
_SPACES: Final = frozenset(
    {"softbreak", "hardbreak", "inline", "paragraph_close", "heading_close", "td_close", "th_close"}
)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A body as it is shown."""

    html: str
    excerpt: str
    characters: int
    """Of the plain text, without white space."""
    plain: str = ""
    """What is read of it, white space as one space."""
    mentions: tuple[str, ...] = ()
    """The ids that it names as members, each once."""


def rendered(body: str) -> Rendered:
    """The body as it is shown. In a request, what is long or tangled is worked out in a thread; see `chassis.interpreting`."""
    return interpreted(render, body.encode())


def render(body: bytes) -> Rendered:
    """The body as it is shown, without looking whether that was worked out before."""
    source = body.decode()
    spend(_cells_at_most(source) * _STEPS_A_CELL)
    tokens = _markdown.parse(source)
    _mark_tasks(tokens)
    words = _words(tokens)
    mentions = _mark_mentions(tokens)
    _mark_files(tokens)
    html = nh3.clean(
        _markdown.renderer.render(tokens, _markdown.options, {}),
        tags=set(TAGS),
        attributes=_ATTRIBUTES,
        tag_attribute_values=_ALIGNED | _BOX,
        url_schemes=set(SCHEMES),
        link_rel="nofollow noopener",
    )
    plain = " ".join("".join(words).split())
    characters = len(plain.replace(" ", ""))
    return Rendered(html=html, excerpt=_cut(plain), characters=characters, plain=plain, mentions=mentions)


def _words(tokens: Sequence[Token]) -> list[str]:
    words: list[str] = []
    for token in tokens:
        check()
        for part in token.children or [token]:
            if part.type in _SHOWN_AS_TEXT:
                words.append(part.content)
            elif part.type in _SPACES:
                words.append(" ")
    return words


def _mark_mentions(tokens: Sequence[Token]) -> tuple[str, ...]:
    """Make of each link `[@name](member:<id>)` a mark with the id, which only this can make; returns the ids."""
    found: dict[str, None] = {}
    for token in tokens:
        check()
        if token.children is not None:
            token.children = list(_marked(token.children, found))
    return tuple(found)


def _mark_tasks(tokens: Sequence[Token]) -> None:
    """An item of a list that begins with `[ ]` or `[x]` has a box instead, which nobody can tick: the text is the author's."""
    for item, paragraph, inline in zip(tokens, tokens[1:], tokens[2:], strict=False):
        check()
        if item.type != "list_item_open" or paragraph.type != "paragraph_open" or not inline.children:
            continue
        first = inline.children[0]
        found = _TASK.match(first.content) if first.type == "text" else None
        if found is not None:
            box = Token("html_inline", "", 0)
            box.content = f'<input type="checkbox" disabled{" checked" * (found.group(1) != " ")}> '
            first.content = first.content[found.end() :]
            inline.children.insert(0, box)


def _mark_files(tokens: Sequence[Token]) -> None:
    """A link or picture of `attachment:<id>` becomes a mark with the id, for the client to put the address in; other pictures are not shown."""
    for part in (one for token in tokens for one in token.children or ()):
        check()
        if part.type == "link_open":
            file = _FILE.fullmatch(str(part.attrs.get("href", "")))
            if file is not None:
                part.attrs = {"data-attachment": file.group(1)}
        elif part.type == "image":
            file = _FILE.fullmatch(str(part.attrs.get("src", "")))
            mark = f'<img data-attachment="{file.group(1)}" alt="{escape(part.content)}">' if file is not None else ""
            part.type, part.content, part.children = "html_inline", mark, None


def _marked(parts: Sequence[Token], found: dict[str, None]) -> Iterator[Token]:
    named, said = "", ""
    for part in parts:
        link = _MEMBER.fullmatch(str(part.attrs.get("href", ""))) if part.type == "link_open" else None
        if link is not None:
            named, said = link.group(1), ""
        elif not named:
            yield part
        elif part.type == "link_close":
            mark = Token("html_inline", "", 0)
            mark.content = f'<span data-member="{named}">{escape(said)}</span>'
            yield mark
            found[named], named = None, ""
        elif part.type in _SHOWN_AS_TEXT:
            said += part.content


def _cells_at_most(source: str) -> int:
    """The library fills short rows of a table up to the width of its head, and counts no steps meanwhile."""
    blocks = (block.split("\n") for block in _BLANK_LINE.split(source))
    return sum(len(lines) * max(line.count("|") for line in lines) for lines in blocks)


def _cut(plain: str) -> str:
    return plain if len(plain) <= LONGEST_EXCERPT else plain[: LONGEST_EXCERPT - 1].rstrip() + "…"


def _counts_inline(state: StateInline, silent: bool) -> bool:
    """Spends a step wherever the library looks for what begins here: hostile bodies are those in which it looks often."""
    spend()
    return False


def _counts_blocks(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Looks each time: between two rows of a wide table nothing else is asked."""
    spend()
    check()
    return False


def _counts_text(state: StateInline) -> None:
    """Also a text in which nothing is looked for takes a step: a cell of a table is one."""
    spend()


def _looks(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    check()
    return renderer.renderToken(tokens, index, options, env)


def _keeps_maths(state: StateInline, silent: bool) -> bool:
    """What stands in `$…$` or `$$…$$` is text as it was typed: for the client to set, and no escape or emphasis. A price is none."""
    if state.src[state.pos] != "$":
        return False
    mark = "$$" if state.src.startswith("$$", state.pos) else "$"
    begin = state.pos + len(mark)
    end = state.src.find(mark, begin, state.posMax)
    said = state.src[begin:end] if end > begin else ""
    after = state.src[end + len(mark) : end + len(mark) + 1]
    if not said or (mark == "$" and (said != said.strip() or "\n" in said or after.isdecimal())):
        return False
    if not silent:
        state.push("text", "", 0).content = f"{mark}{said}{mark}"
    state.pos = end + len(mark)
    return True


class _References(dict[str, Any]):
    """Addresses and titles that are said once and named often. Beyond the bound of all that was taken, what names them is text, as with CommonMark's own library."""

    def __init__(self, said: dict[str, Any], left: int) -> None:
        super().__init__(said)
        self._left = left

    def get(self, label: str, default: Any = None) -> Any:
        found = super().get(label)
        if found is None:
            return default
        self._left -= len(found["href"]) + len(found["title"])
        return found if self._left >= 0 else default


def _bounds_references(state: StateCore) -> None:
    said = state.env.get("references")
    if said:
        state.env["references"] = _References(said, max(MOST_OF_REFERENCES, len(state.src)))


def _made() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False, "maxNesting": 20}).enable(["table", "strikethrough"])
    made.inline.ruler.before("text", "budget", _counts_inline)
    made.inline.ruler.after("text", "maths", _keeps_maths)
    made.inline.ruler2.before("balance_pairs", "budget", _counts_text)
    made.add_render_rule("td_open", _looks)
    made.core.ruler.after("block", "references", _bounds_references)
    made.block.ruler.before("table", "budget", _counts_blocks, {"alt": ["paragraph", "blockquote", "list"]})
    return made


_markdown = _made()
