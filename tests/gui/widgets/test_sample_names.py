"""How images and classes are called."""

from gui.widgets.sample_names import LONGEST_NAME, image_name, image_title, one_of, short_name


def test_the_title_counts_from_one_and_names_the_class() -> None:
    assert image_title(1, "0") == "Test image 2 · a 0"
    assert image_title(1226, "8") == "Test image 1,227 · an 8"
    assert image_title(11, "T-shirt/top") == "Test image 12 · T-shirt/top"
    assert image_title(0, None) == "Test image 1"
    assert image_title(None, None) == image_name(None) == "Your drawing"


def test_the_article_follows_the_sound() -> None:
    words = [one_of(label) for label in ("1", "8", "11", "18", "81", "110")]
    assert words == ["a 1", "an 8", "an 11", "an 18", "an 81", "a 110"]


def test_a_short_name_keeps_both_ends() -> None:
    """Names that begin alike are told apart."""
    assert short_name("red circle") == "red circle"
    assert short_name("capital letter A") == "capit…er A"
    assert len(short_name("capital letter A")) == LONGEST_NAME
