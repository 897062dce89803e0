"""A result is remembered for the same objects and equal values, never for others."""

from concurrent.futures import ThreadPoolExecutor

from ldnsim.memo import Memo


class Thing:
    pass


def test_the_same_question_is_answered_once():
    made, memo, thing = [], Memo(4), Thing()
    ask = lambda *equal: memo((thing,), equal, lambda: made.append(equal) or len(made))  # noqa: E731
    assert (ask(1), ask(1), ask(2), ask(1)) == (1, 1, 2, 1)
    assert made == [(1,), (2,)]


def test_an_equal_object_is_another_one():
    memo = Memo(4)
    first, second = [1], [1]
    assert memo((first,), (), lambda: "first") == "first"
    assert memo((second,), (), lambda: "second") == "second"


def test_an_object_that_is_gone_leaves_its_answer_to_nobody():
    memo, answers = Memo(1000), set()
    for k in range(500):  # without being kept, many of these would get the id of one before
        answers.add(memo((Thing(),), (), lambda k=k: k))
    assert answers == set(range(500))


def test_what_was_not_asked_for_longest_is_forgotten():
    made, memo = [], Memo(2)
    for k in (1, 2, 1, 3, 1, 2):
        memo((), (k,), lambda k=k: made.append(k) or k)
    assert made == [1, 2, 3, 2]


def test_threads_get_their_own_answers():
    memo = Memo(3)
    with ThreadPoolExecutor(8) as pool:
        asked = [k % 7 for k in range(2000)]
        assert list(pool.map(lambda k: memo((), (k,), lambda: k), asked)) == asked
