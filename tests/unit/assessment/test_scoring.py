"""What attempts come to, who stands where, and what a correction changes."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from assessment.attempts import Saved
from assessment.questions import Answer, Question
from assessment.scoring import Change, Result, ranking, regraded, result
from tests.support.questions import single

NINE = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)


def at(seconds):
    return NINE + timedelta(seconds=seconds)


def save(choice, seconds):
    return Saved(Answer((choice,)), 1, at(seconds))


def test_a_score_is_reached_with_the_last_answer_that_brings_marks():
    questions = {"1": single(), "2": single(), "3": single(deduction=25)}
    found = result(questions, {"1": save("A", 5), "2": save("A", 9), "3": save("B", 20)}, {})
    assert found == Result(175, 300, True, at(9))
    assert result(questions, {}, {}) == Result(0, 300, True, None)


def test_what_people_have_not_graded_leaves_a_result_open():
    questions = {"1": Question("short_text", "Warum?"), "2": single()}
    saves = {"1": Saved(Answer(texts=("weil",)), 1, at(1)), "2": save("A", 2)}
    assert result(questions, saves, {}).complete is False
    assert result(questions, saves, {"1": 40}) == Result(140, 200, True, at(2))


def test_an_answer_to_a_question_that_is_none_of_the_paper_brings_nothing():
    assert result({"1": single()}, {"9": save("A", 1)}, {"9": 500}).score == 0


def test_ties_go_to_who_reached_it_first_then_share_a_rank_and_nothing_ranks_last():
    lines = [("d", 0, None), ("a", 100, at(9)), ("b", 100, at(5)), ("c", 100, at(9)), ("e", 0, at(1)), ("f", 50, at(1))]
    found = [(one.rank, one.who) for one in ranking(lines)]
    assert found == [(1, "b"), (2, "a"), (2, "c"), (4, "f"), (5, "d"), (5, "e")]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=12))
def test_ranks_say_how_many_are_better(scores):
    lines = [(who, score, at(seconds)) for who, (score, seconds) in enumerate(scores)]

    def better(one, other):
        return (-one[1], one[2] if one[1] else NINE) < (-other[1], other[2] if other[1] else NINE)

    found = {one.who: one.rank for one in ranking(lines)}
    assert found == {line[0]: 1 + sum(better(one, line) for one in lines) for line in lines}


def test_a_dry_run_names_those_whose_result_changes():
    before = {"a": Result(100, 200, True, at(1)), "b": Result(50, 200, True, at(1)), "c": Result(10, 200, True, None)}
    after = {"a": Result(200, 200, True, at(2)), "b": Result(50, 200, True, at(3))}
    changed = regraded(before, after)
    assert changed == {"a": Change(100, 200)}
    assert changed["a"].difference == 100
