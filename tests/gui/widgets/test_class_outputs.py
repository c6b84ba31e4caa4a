"""What is said of the outputs of a network: numbers, marks, sentences."""

import numpy as np
import pytest

from gui.widgets.sample_names import outputs_of


def test_the_largest_is_predicted_and_the_true_one_is_marked() -> None:
    rows = outputs_of(np.array([0.25, 0.9876, -1234.5]), ("3", "5", "8"), "3")
    assert [row.caption() for row in rows] == ["✓ 3", "▸ 5", "8"]
    assert [row.number() for row in rows] == ["0.250", "0.988", "−1,234"]
    assert rows[1].sentence() == "class 5: output 0.9876, the predicted class"


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_is_said_and_predicts_no_class(value: float) -> None:
    rows = outputs_of(np.array([value, 0.5]), ("0", "1"), "1")
    assert [row.marks() for row in rows] == ["", "✓ "]
    assert rows[0].number() == "not finite"


def test_without_outputs_there_are_no_rows() -> None:
    assert outputs_of(None, (), None) == outputs_of(np.empty(0), (), None) == []
