"""Numbers of a reshaped vector and their places, by counting."""

import itertools

import pytest

from engine.explain.indices import all_indices, index_of, index_words, number_of


@pytest.mark.parametrize("shape", [(5,), (4, 1), (3, 4, 2), (5, 26, 26)], ids=str)
def test_there_and_back(shape: tuple[int, ...]) -> None:
    places = list(itertools.product(*(range(size) for size in shape)))
    assert [tuple(place) for place in all_indices(shape).tolist()] == places
    for number, place in enumerate(places):
        assert index_of(shape, number) == place
        assert number_of(shape, place) == number


def test_places_are_named_from_one() -> None:
    assert index_words((1, 4, 6)) == "map 2, row 5, column 7"
    assert index_words((11,)) == "value 12"
    assert index_words((2, 0)) == "row 3, column 1"
    assert index_words((2, 0, 4, 3)) == "kernel 3, channel 1, row 5, column 4"
