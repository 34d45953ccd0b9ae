"""Questions of every kind, and what people answer: made up, with the signs that files of questions trip over."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import strategies as st

from assessment.limits import wrongs
from assessment.questions import FALSE, TRUE, WHOLE, Accepted, Answer, Blank, Choice, Question, Stem, letter

_WORDS = st.sampled_from([
    *("a", "B", "x1", "火灾", "國家", "３", "７5", "yes", "对", "T", "TRUE", "é", "🎉", "___", "____", "（ ）", "( )"),
    *("{", "}", "=", "~", "#", "####", ":", "::", "\\", "\\n", "\\*", "->", "-&gt;", "*", "**", "%", "%50%", "[html]", "[plain]", "[", "]"),
    *("//", "$CATEGORY:", "A.", "A. ", "B)", "ANSWER: A", "答案：B", "|", "｜", "；", ";", "±", "1±2", ",", "，", "/", ">", "→", "=>"),
    *("<b>", "</b>", "<", "&", "&amp;", "&nbsp;", "]]>", '"', "'", "'=", "+", "-", "@", "![x](picture:x.png)", "](", "\n", "\n\n", " ", "  "),
])  # fmt: skip
TEXTS = st.lists(_WORDS, min_size=1, max_size=6).map("".join)
SAID = TEXTS.map(lambda text: text if text.strip() else "空")
_MAYBE = st.just("") | TEXTS
_NUMBERS = st.decimals(min_value=-(10**6), max_value=10**6, allow_nan=False, places=3)
_WEIGHTS = st.sampled_from([0, WHOLE, WHOLE // 2, WHOLE // 3, -WHOLE, -WHOLE // 4, 1, 12_345])


def single(text="Was?", choices=("a", "b", "c"), right=0, **more):
    parts = [Choice(letter(place), said, WHOLE if place == right else 0) for place, said in enumerate(choices)]
    return Question("single", text, choices=tuple(parts), **more)


def multiple(text="Welche?", choices=("a", "b", "c", "d"), right=(0, 1), **more):
    parts = [Choice(letter(place), said, WHOLE if place in right else 0) for place, said in enumerate(choices)]
    return Question("multiple", text, choices=tuple(parts), **more)


def ordering(text="Ordne.", choices=("a", "b", "c"), **more):
    parts = tuple(Choice(letter(place), said) for place, said in enumerate(choices))
    return Question("ordering", text, choices=parts, **more)


def true_false(right=True, text="Stimmt das?", **more):
    parts = (Choice(TRUE, "对", WHOLE * right), Choice(FALSE, "错", WHOLE * (not right)))
    return Question("true_false", text, choices=parts, **more)


def fill_in(*blanks, text="____", **more):
    """A blank is what fills it: a text, or several, or ready-made ways."""
    return Question("fill_in", text, blanks=tuple(map(_blank, blanks)), **more)


def _blank(ways):
    ways = (ways,) if isinstance(ways, str | Accepted) else ways
    return Blank(tuple(Accepted(one) if isinstance(one, str) else one for one in ways))


def matching(pairs=(("rot", "halt"), ("grün", "geh")), alone=(), text="Ordne zu.", **more):
    texts = list(dict.fromkeys([match for _, match in pairs] + list(alone)))
    keys = {said: letter(place) for place, said in enumerate(texts)}
    stems = tuple(Stem(str(place), said, keys[match]) for place, (said, match) in enumerate(pairs, start=1))
    return Question("matching", text, choices=tuple(Choice(keys[said], said) for said in texts), stems=stems, **more)


@st.composite
def _choices(draw, weights=_WEIGHTS, right=WHOLE):
    said = draw(st.lists(SAID, min_size=2, max_size=5))
    whole = draw(st.integers(0, len(said) - 1))
    return tuple(
        Choice(letter(place), text, right if place == whole else draw(weights), draw(_MAYBE))
        for place, text in enumerate(said)
    )


@st.composite
def _accepted(draw):
    weight, feedback = draw(st.sampled_from([WHOLE, WHOLE, WHOLE // 2, 0])), draw(_MAYBE)
    if draw(st.integers(0, 3)) == 0:
        tolerance = draw(st.sampled_from(["0", "0.5", "12"]))
        return Accepted(number=draw(_NUMBERS), tolerance=Decimal(tolerance), weight=weight, feedback=feedback)
    return Accepted(draw(SAID), wildcard=draw(st.booleans()), weight=weight, feedback=feedback)


@st.composite
def _stems(draw, choices):
    said = draw(st.lists(SAID, min_size=2, max_size=4))
    keys = st.sampled_from([one.key for one in choices])
    return tuple(Stem(str(place), text, draw(keys), draw(_MAYBE)) for place, text in enumerate(said, start=1))


@st.composite
def _parts(draw, kind):
    if kind in ("single", "multiple"):
        plain = st.sampled_from([0, WHOLE] if kind == "multiple" else [0])
        return {"choices": draw(_choices(draw(st.sampled_from([plain, _WEIGHTS]))))}
    if kind == "true_false":
        right, weights = draw(st.booleans()), (0, WHOLE)
        made = [
            Choice(key, text, weights[right == (key == TRUE)], draw(_MAYBE))
            for key, text in ((TRUE, "对"), (FALSE, "错"))
        ]
        return {"choices": tuple(made)}
    if kind == "ordering":
        return {"choices": draw(_choices(st.just(0), right=0))}
    if kind == "matching":
        choices = draw(_choices(st.just(0), right=0))
        return {"choices": choices, "stems": draw(_stems(choices))}
    if kind == "fill_in":
        ways = st.lists(_accepted(), min_size=1, max_size=3).map(
            lambda found: (replace(found[0], weight=WHOLE), *found[1:])
        )
        return {"blanks": tuple(map(Blank, draw(st.lists(ways, min_size=1, max_size=3))))}
    return {"rubric": draw(_MAYBE)}


@st.composite
def askable(draw, kinds=("single", "multiple", "true_false", "fill_in", "ordering", "matching", "short_text")):
    """Questions that can be asked and graded."""
    kind = draw(st.sampled_from(kinds))
    words = st.lists(SAID.map(str.split).map(" ".join), max_size=2).map(dict.fromkeys).map(tuple)
    made = Question(
        kind,
        draw(SAID),
        **draw(_parts(kind)),
        marks=draw(st.sampled_from([100, 0, 250, 57, 100_000])),
        deduction=draw(st.sampled_from([0, 25])),
        partial=draw(st.sampled_from(["usual", "none", "weights"])),
        fold_case=draw(st.booleans()),
        fold_traditional=draw(st.booleans()),
        shuffle=draw(st.booleans()),
        name=draw(_MAYBE),
        explanation=draw(_MAYBE),
        when_right=draw(_MAYBE),
        when_wrong=draw(_MAYBE),
        category=draw(words),
        tags=draw(words),
        difficulty=draw(st.integers(1, 5)),
    )
    assert not wrongs(made)
    return made


@st.composite
def answers(draw, question):
    """What somebody may answer: right, partly right or wrong."""
    keys = [one.key for one in question.choices]
    if question.kind in ("single", "true_false"):
        return Answer(choices=(draw(st.sampled_from(keys)),))
    if question.kind == "multiple":
        right = [one.key for one in question.choices if one.right]
        return Answer(choices=tuple(draw(st.just(right) | st.lists(st.sampled_from(keys), unique=True))))
    if question.kind == "ordering":
        return Answer(choices=tuple(draw(st.just(keys) | st.permutations(keys))))
    if question.kind == "matching":
        return Answer(
            pairs=tuple((one.key, draw(st.just(one.match) | st.sampled_from(keys))) for one in question.stems)
        )
    return Answer(texts=tuple(draw(_filling(blank)) for blank in question.blanks))


def _filling(blank):
    right = st.sampled_from(
        [one.text if one.number is None else str(one.number + one.tolerance) for one in blank.accepted]
    )
    return right | TEXTS | _NUMBERS.map(str)
