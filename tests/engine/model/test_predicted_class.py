"""What a network answers, with outputs that are numbers and that are not."""

import math

import numpy as np

from engine.model.network import NO_ANSWER, answers


def test_the_largest_is_the_answer_and_without_a_finite_one_there_is_none() -> None:
    nan, inf = math.nan, math.inf
    outputs = [[0.1, 0.9], [3.0, 2.0], [nan, nan], [0.5, nan], [inf, 0.0], [-inf, -inf], [-inf, 1]]
    said = [1, 0, NO_ANSWER, NO_ANSWER, NO_ANSWER, NO_ANSWER, 1]
    assert answers(np.array(outputs)).tolist() == said
    assert answers(np.array([outputs, outputs[::-1]])).tolist() == [said, said[::-1]]
    assert [int(answers(np.array(row))) for row in outputs] == said
