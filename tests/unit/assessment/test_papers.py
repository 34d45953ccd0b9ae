"""Who gets which questions, in which order and by which letters."""

from collections import Counter
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from assessment.documents import answer_document, answer_of, document_of, question_of
from assessment.frozen import Asked, Paper, Pool, Section, document, drawn, fingerprint, paper_of
from assessment.papers import Criteria, Draw, Short, draw, letters
from assessment.questions import letter
from tests.support.questions import answers, askable, matching, ordering, single, true_false

SEEDS = st.binary(min_size=1, max_size=16)


def pool(*difficulties):
    return {str(number): single(difficulty=one) for number, one in enumerate(difficulties)}


def drawn_of(questions, draws, seed):
    return draw(questions, draws, seed, str.encode)


@given(
    questions=st.lists(st.integers(1, 5), max_size=20),
    wanted=st.lists(st.tuples(st.integers(0, 4), st.frozensets(st.integers(1, 5), max_size=3)), max_size=4),
    seed=SEEDS,
    data=st.data(),
)
def test_what_is_drawn_does_not_depend_on_the_order_of_the_pool_and_none_comes_twice(questions, wanted, seed, data):
    there = pool(*questions)
    draws = [Draw(count, Criteria(difficulties=levels)) for count, levels in wanted]
    found = drawn_of(there, draws, seed)
    other = {key: there[key] for key in data.draw(st.permutations(list(there)))}
    assert drawn_of(other, draws, seed) == found
    if isinstance(found, Short):
        assert found.found < found.wanted
        return
    assert len(found) == len(set(found)) == sum(one.count for one in draws)
    place = iter(found)
    for one in draws:
        assert all(one.criteria.meets(there[next(place)]) for _ in range(one.count))


def test_a_wide_draw_takes_nothing_that_a_narrow_one_needs():
    draws = [Draw(2), Draw(1, Criteria(difficulties=frozenset([5])))]
    for seed in range(20):
        found = drawn_of(pool(1, 2, 5), draws, bytes([seed]))
        assert found[2:] == ["2"]
    assert drawn_of(pool(1, 2), draws, b"x") == Short(1, 1, 0)


def test_a_category_has_all_below_it():
    question = single(category=("安全", "消防"), tags=("必考",))
    assert Criteria(category=("安全",), tags=frozenset(["必考"])).meets(question)
    assert not Criteria(category=("安全", "消防", "楼宇")).meets(question)


def test_every_question_of_a_pool_is_drawn_about_as_often():
    often = Counter(one for seed in range(400) for one in drawn_of(pool(*[1] * 8), [Draw(2)], str(seed).encode()))
    assert all(60 <= often[str(number)] <= 140 for number in range(8))


@given(data=st.data(), seed=SEEDS, shuffled=st.booleans())
def test_an_answer_by_letters_is_the_same_by_keys_and_back(data, seed, shuffled):
    question = data.draw(askable())
    shown = letters(question, seed, shuffled=shuffled)
    kept = data.draw(answers(question))
    assert shown.kept(shown.shown(kept)) == kept
    sheet = shown.sheet(question)
    assert Counter(text for _, text in sheet.choices) == Counter(one.text for one in question.choices)
    assert Counter(text for _, text in sheet.stems) == Counter(one.text for one in question.stems)


def test_a_letter_that_is_not_on_the_sheet_names_nothing():
    shown = letters(single(), b"x")
    assert shown.kept(answer_of({"choices": ["D"]})) is None
    assert letters(matching(), b"x").kept(answer_of({"pairs": [["1", "Z"]]})) is None


def test_an_order_tells_nothing_of_what_is_right_and_true_stands_before_false():
    question = ordering(choices=("a", "b", "c", "d"), shuffle=False)
    assert len({letters(question, bytes([seed]), shuffled=False).choices for seed in range(50)}) > 10
    assert {letters(true_false(), bytes([seed])).choices for seed in range(20)} == {("true", "false")}
    assert letters(single(shuffle=False), b"x").choices == ("A", "B", "C")


def test_letters_go_on_after_the_alphabet():
    assert [letter(place) for place in (0, 25, 26, 51, 52, 701, 702)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]


@settings(max_examples=settings().max_examples // 2)
@given(data=st.data())
def test_a_question_and_an_answer_are_what_their_documents_say(data):
    question = data.draw(askable())
    assert question_of(document_of(question)) == question
    answer = data.draw(answers(question))
    assert answer_of(answer_document(answer)) == answer


def paper(questions, **more):
    asked = tuple(Asked(str(number), 1, one) for number, one in enumerate(questions))
    return Paper("p", 3, "Paper", (Section("A", (Pool(2, 300, asked),)),), **more)


@settings(max_examples=settings().max_examples // 4)
@given(data=st.data())
def test_a_paper_is_what_its_document_says_and_another_paper_has_another_fingerprint(data):
    made = paper(data.draw(st.lists(askable(), min_size=2, max_size=3)))
    kept = document(made)
    assert paper_of(kept) == made
    assert fingerprint(document(paper_of(kept))) == fingerprint(kept)
    assert fingerprint(document(replace(made, version=4))) != fingerprint(kept)


@given(one=SEEDS, other=SEEDS)
def test_everybody_gets_the_same_questions_or_each_their_own_and_all_bring_what_the_pool_says(one, other):
    made = paper([single(f"{number}?", marks=7) for number in range(9)])

    def ids(of, seed):
        return sorted(asked.id for _, section in drawn(of, seed) for asked in section)

    assert ids(made, one) == ids(made, other)
    assert len(set(ids(replace(made, drawn_for="each"), one))) == 2
    assert {asked.question.marks for _, section in drawn(made, one) for asked in section} == {300}
    assert (made.full, made.count) == (600, 2)
    apart = {tuple(ids(replace(made, drawn_for="each"), bytes([seed]))) for seed in range(30)}
    assert len(apart) > 5
