"""The tokens by which documents are found: FTS5 on SQLite, a `tsvector` with a GIN index on PostgreSQL. Both have the same tokens.

FTS5 keeps what it was given, so that it deletes exactly that: deleting other tokens than those which were written spoils an index in silence.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Integer,
    String,
    Text,
    bindparam,
    column,
    delete,
    func,
    insert,
    literal,
    literal_column,
    select,
    table,
    update,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY, TSVECTOR
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, Spelling, is_postgres
from services.content.search.cutting import MOST_TOKENS, Term
from services.content.search.sounds import Sounds

FTS5 = table(
    "fts_tokens",
    column("rowid", Integer),
    column("scope", String),
    column("title", String),
    column("body", String),
)
TSVECTORS = table("fts_tokens", column("number", BigInteger), column("tokens", TSVECTOR))

TEXTS = ARRAY(String)

_BY_TOKENS: Final[Any] = literal_column("16")
"""How PostgreSQL's rank minds the length of a document: by the logarithm of how many different tokens it has."""
_GAP = 10
"""Places between a title and a text, so that nothing exact reaches from one into the other."""


def scope_of(generation: int, community_id: UUID) -> str:
    """The token of a community in a generation."""
    return f"g{generation}c{community_id.hex}"


def _insert(on: Spelling) -> Any:
    if on.is_postgres:
        return insert(TSVECTORS).values(number=bindparam("number"), tokens=_vector())
    return insert(FTS5).values(
        rowid=bindparam("number"), scope=bindparam("scope"), title=bindparam("title"), body=bindparam("body")
    )


def _update(on: Spelling) -> Any:
    if on.is_postgres:
        return update(TSVECTORS).where(TSVECTORS.c.number == bindparam("number_")).values(tokens=_vector())
    changed: dict[str, Any] = {name: bindparam(f"{name}_") for name in ("scope", "title", "body")}
    return update(FTS5).where(FTS5.c.rowid == bindparam("number_")).values(changed)


def _delete(on: Spelling) -> Any:
    if on.is_postgres:
        return delete(TSVECTORS).where(on.among(TSVECTORS.c.number, "numbers"))
    return delete(FTS5).where(on.among(FTS5.c.rowid, "numbers"))


def _vector() -> Any:
    return sql_cast(sql_cast(bindparam("tokens", type_=String()), Text), TSVECTOR)


_INSERT: Prepared[Any] = Prepared(_insert)
_UPDATE: Prepared[Any] = Prepared(_update)
_DELETE: Prepared[Any] = Prepared(_delete)


async def write(
    session: AsyncSession,
    number: int,
    *,
    scope: str,
    title: Sequence[str],
    body: Sequence[str],
    sounds: Sequence[str] = (),
    new: bool,
) -> None:
    """Let a document be found by these. `sounds` are for who does not know how it is written, and stand beside its scope."""
    statement, end = (_INSERT, "") if new else (_UPDATE, "_")
    body = body[:MOST_TOKENS]
    if is_postgres(session):
        values: dict[str, Any] = {"tokens": vector(scope, title, body, sounds)}
        await statement.run(session, **{f"number{end}": number}, **values)
        return
    texts = {"scope": " ".join([scope, *map(_heard, sounds)]), "title": " ".join(title), "body": " ".join(body)}
    await statement.run(session, **{f"number{end}": number}, **{f"{name}{end}": text for name, text in texts.items()})


async def forget(session: AsyncSession, numbers: Sequence[int]) -> None:
    """Let these documents be found no longer."""
    await _DELETE.run(session, numbers=numbers)


def vector(scope: str, title: Sequence[str], body: Iterable[str], sounds: Sequence[str] = ()) -> str:
    """A `tsvector` as PostgreSQL reads it. What no text has is written with an @."""
    places: dict[str, list[str]] = {}
    for place, sound in enumerate(sounds, 1):
        places.setdefault(f"@{sound}", []).append(f"{place}")
    for place, token in enumerate(title, 1):
        places.setdefault(token, []).append(f"{place}A")
    for place, token in enumerate(body, len(title) + _GAP):
        places.setdefault(token, []).append(f"{place}B")
    # Of one token it keeps 256 places.
    return " ".join([f"'@{scope}'", *(f"'{token}':{','.join(at[:256])}" for token, at in places.items())])


Part = tuple[Sequence[str], Sequence[Term]]
"""Scopes, and the words of which there is one in each document that is found there; no scopes: anywhere."""


def matching(parts: Sequence[Part], exact: Sequence[Term], without: Sequence[Term]) -> str:
    """What FTS5 is asked for."""
    any_part = " OR ".join(
        f"({_any_scope5(scopes)}{{title body}} : ({' OR '.join(map(_phrase, words))}))" for scopes, words in parts
    )
    asked = " AND ".join([f"({any_part})", *(f"{{title body}} : {_phrase(term)}" for term in exact)])
    return f"({asked}) NOT {{title body}} : ({' OR '.join(map(_phrase, without))})" if without else asked


def _any_scope5(scopes: Sequence[str]) -> str:
    return f"scope : ({_any(scopes)}) AND " if scopes else ""


def _any(tokens: Iterable[str]) -> str:
    return " OR ".join(f'"{token}"' for token in tokens)


def _phrase(term: Term) -> str:
    return f'"{" ".join(term.tokens)}"{"*" if term.open else ""}'


def _heard(sound: str) -> str:
    """A sound as FTS5 has it, which counts how often a token stands in all columns: no word of a text begins like this."""
    return f"0{sound}"


def sounding(scopes: Sequence[str], readings: Sequence[Sounds]) -> str:
    """What FTS5 is asked for what sounds like one of these."""
    heard = [Term(tuple(map(_heard, one.tokens)), one.open) for one in readings]
    return f"scope : ({_any(scopes)}) AND scope : ({' OR '.join(map(_phrase, heard))})"


def sounding_condition(scopes: Sequence[str], readings: Sequence[Sounds]) -> str:
    """The same as a `tsquery`."""
    heard = [Term(tuple(f"@{sound}" for sound in one.tokens), one.open) for one in readings]
    return f"{_any_scope(scopes)}({any_of(heard)})"


def condition(parts: Sequence[Part], exact: Sequence[Term], without: Sequence[Term]) -> str:
    """What PostgreSQL is asked for, as a `tsquery`."""
    any_part = " | ".join(f"({_any_scope(scopes)}({any_of(words)}))" for scopes, words in parts)
    return " & ".join([f"({any_part})", *map(_following, exact), *(f"!({_following(term)})" for term in without)])


def _any_scope(scopes: Sequence[str]) -> str:
    any_ = " | ".join(f"'@{scope}'" for scope in scopes)
    return f"({any_}) & " if scopes else ""


def any_of(words: Sequence[Term]) -> str:
    """Any of these, as a `tsquery`."""
    return " | ".join(map(_following, words))


def _following(term: Term) -> str:
    quoted = [f"'{token}'" for token in term.tokens]
    if term.open:
        quoted[-1] += ":*"
    return f"({' <-> '.join(quoted)})"


def ranked(words: Any) -> Any:
    """How well the words fit on PostgreSQL; the less the better, as FTS5 has it.

    By how many tokens a document has its length is known at no cost.
    """
    weights: Any = literal_column("'{0,0,0.5,1}'::real[]")
    return -func.ts_rank(weights, TSVECTORS.c.tokens, read_once(as_query(words)), _BY_TOKENS)


def read_once(value: Any) -> Any:
    """What else PostgreSQL would make of a parameter for each row anew."""
    return select(value).scalar_subquery()


def as_query(text: Any) -> Any:
    """A parameter as PostgreSQL's `tsquery`."""
    return sql_cast(sql_cast(text, Text), TSQUERY)


def quoted(token: Any) -> Any:
    """A column of tokens as `tsquery`s of one each."""
    return sql_cast(literal("'") + token + literal("'"), TSQUERY)
