"""How images and classes are called."""

import pytest

from gui.widgets.sample_names import LONGEST_NAME, image_name, image_title, one_of, short_name


@pytest.mark.parametrize(
    ("index", "label", "title"),
    [
        (1, "0", "Test image 2 · a 0"),
        (1226, "8", "Test image 1,227 · an 8"),
        (11, "T-shirt/top", "Test image 12 · T-shirt/top"),
        (0, None, "Test image 1"),
        (None, None, "Your drawing"),
    ],
)
def test_the_title_counts_from_one_and_names_the_class(
    index: int | None, label: str | None, title: str
) -> None:
    assert image_title(index, label) == title


def test_a_drawing_has_no_number() -> None:
    assert image_name(None) == "Your drawing"


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("1", "a 1"),
        ("8", "an 8"),
        ("11", "an 11"),
        ("18", "an 18"),
        ("81", "an 81"),
        ("110", "a 110"),
    ],
)
def test_the_article_follows_the_sound(label: str, words: str) -> None:
    assert one_of(label) == words


def test_a_short_name_keeps_both_ends() -> None:
    """Names that begin alike are told apart."""
    assert short_name("red circle") == "red circle"
    assert short_name("capital letter A") == "capit…er A"
    assert len(short_name("capital letter A")) == LONGEST_NAME
