"""How images and classes are called."""

from gui.widgets.sample_names import LONGEST_NAME, image_name, image_title, one_of, short_name
from tests.approved import assert_approved


def test_images_and_classes_are_called_as_people_call_them() -> None:
    titles = [(1, "0"), (1226, "8"), (11, "T-shirt/top"), (0, None), (None, None)]
    said = [*(image_title(*each) for each in titles), image_name(None)]
    said += map(one_of, ("1", "8", "11", "18", "81", "110"))
    said += map(short_name, ("red circle", "capital letter A"))  # both ends are told apart
    assert_approved("names.txt", "\n".join(said) + "\n")
    assert len(short_name("capital letter A")) == LONGEST_NAME
