"""A correction changes what is right, and nothing of who is asked what."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from assessment.corrections import Unfit, changes, corrected, unfit
from assessment.frozen import Asked, Paper, Pool, Section, document, drawn, paper_of
from assessment.grading import grade
from assessment.questions import WHOLE, Accepted, Answer, Blank, Choice, Question

IDS = [f"q{number}" for number in range(8)]


def single(right: str, *, keys: str = "ABC") -> Question:
    return Question("single", "选一个", tuple(Choice(key, key, WHOLE if key == right else 0) for key in keys))


@st.composite
def papers(draw):
    """A paper of pools, each of some questions, of which some are drawn."""
    ids = draw(st.permutations(IDS))
    sizes = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    pools = []
    for size in sizes:
        mine, ids = ids[:size], ids[size:]
        if mine:
            asked = tuple(Asked(one, 1, single("A")) for one in mine)
            pools.append(Pool(draw(st.integers(1, len(mine))), draw(st.integers(1, 500)), asked))
    return Paper(
        "p", 1, "试卷", (Section("一", tuple(pools)),), draw(st.sampled_from(["all", "each"])), draw(st.booleans())
    )


def later(paper: Paper, version: int, right: dict[str, str]) -> Paper:
    """A version of other draws and marks that has all questions of the paper, these with another answer."""
    pools = tuple(
        Pool(1, 1, (Asked(one.id, version if one.id in right else one.version, single(right.get(one.id, "A"))),))
        for one in reversed(list(paper.questions()))
    )
    return Paper("p", version, "新版", (Section("乱", pools),))


RIGHT = st.dictionaries(st.sampled_from(IDS), st.sampled_from("ABC"), max_size=8)


@given(papers(), RIGHT, RIGHT, st.binary(min_size=1, max_size=8))
def test_everybody_keeps_their_questions_their_order_and_their_marks_and_is_graded_by_the_last_version(
    paper, second, third, seed
):
    first = later(paper, 2, second)
    last = later(paper, 3, third)
    both = {one.id: one for one in first.questions()} | {one.id: one for one in last.questions() if one.id in third}
    last = replace(
        last,
        sections=(Section("乱", tuple(Pool(1, 1, (both[one.id],)) for one in last.questions())),),
    )
    assert unfit(paper, first) == unfit(corrected(paper, first), last) == []
    now = corrected(corrected(paper, first), last)
    # Step by step or at once, and whether it was kept as a document meanwhile, is the same.
    assert now == corrected(paper, last) == paper_of(document(now))
    before, after = drawn(paper, seed), drawn(now, seed)
    assert [[(one.id, one.question.marks) for one in asked] for _, asked in before] == [
        [(one.id, one.question.marks) for one in asked] for _, asked in after
    ]
    answers = second | third
    for _, asked in after:
        for one in asked:
            right = answers.get(one.id, "A")
            assert grade(one.question, Answer((right,))).right
    there = {one.id for one in paper.questions()}
    assert changes(paper, last) == {key: (1, 3 if key in third else 2) for key in answers if key in there}


def test_a_version_that_loses_something_says_which_question():
    def of(*asked: Asked, version: int = 1) -> Paper:
        return Paper("p", version, "卷", (Section("一", tuple(Pool(1, 100, (one,)) for one in asked)),))

    blank = Question("fill_in", "____ ____", blanks=(Blank((Accepted("a"),)), Blank((Accepted("b"),))))
    before = of(*(Asked(key, 2, single("A")) for key in ("gone", "kind", "parts", "older")), Asked("blanks", 2, blank))
    after = of(
        Asked("kind", 3, Question("multiple", "选", single("A").choices)),
        Asked("parts", 3, single("A", keys="AB")),
        Asked("older", 1, single("A")),
        Asked("blanks", 3, replace(blank, blanks=blank.blanks[:1])),
        version=2,
    )
    assert unfit(before, after) == [
        Unfit("gone", "not_in_paper"),
        Unfit("kind", "another_kind"),
        Unfit("parts", "parts_gone"),
        Unfit("older", "older_question"),
        Unfit("blanks", "parts_gone"),
    ]
    wider = of(
        *(Asked(key, 3, single("D", keys="ABCD")) for key in ("gone", "kind", "parts", "older")),
        Asked("blanks", 2, blank),
    )
    assert unfit(before, wider) == []
    assert "blanks" not in changes(before, wider)
