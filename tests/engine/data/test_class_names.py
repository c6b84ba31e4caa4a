"""Classes by name: what they are called in each kind of data, and who is found by a name."""

from pathlib import Path

import numpy as np
import pytest

from engine.data.sources import class_names, class_numbers, numbers_of_learned, read
from engine.errors import DataError
from tests.engine.cli.console import write_data
from tests.engine.data.pictures import shades, write_archive, write_files

FILES = ("zebra/1.png", "ant/1.png", "ant/2.png", "Cow/1.png", "zebra/2.png", "Cow/2.png")


@pytest.fixture(params=["folder", "archive", "npz", "idx"])
def data(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "folder":
        return str(write_files(tmp_path / "animals", shades(FILES)))
    if request.param == "archive":
        return str(write_archive(tmp_path / "animals.zip", shades(FILES)))
    if request.param == "idx":
        return str(write_data(tmp_path / "idx"))
    labels = np.array([name.split("/")[0] for name in FILES])
    np.savez(tmp_path / "animals.npz", x=np.zeros((6, 4, 4), np.uint8), y=labels)
    return str(tmp_path / "animals.npz")


def test_the_names_are_those_that_reading_finds(data: str) -> None:
    assert class_names(data) == read(data).class_names


def test_known_sets_tell_the_names_without_their_files() -> None:
    assert class_names("cifar-10")[3] == "cat"
    assert class_names("mnist") == ()
    assert class_numbers("fashion-mnist", ("Bag", "t-shirt/top", "9")) == (8, 0, 9)


@pytest.mark.parametrize(
    ("labels", "wanted", "expected"),
    [
        (["ant", "Cow", "zebra"], ["zebra", "cow", "ant"], ["zebra", "Cow", "ant"]),
        (["ant", "bee", "cat"], ["cat", "0"], ["cat", "ant"]),
        (["A", "a", "b"], ["a", "A", "B"], ["a", "A", "b"]),
        (["10", "2", "x"], ["x", "2"], ["x", "2"]),  # a name comes before a number
        (["1", "2", "x"], ["1", "0"], ["1", "1"]),
        ([" a", "b "], ["b", "A"], ["b ", " a"]),
    ],
)
def test_classes_are_found_by_name_and_number(
    tmp_path: Path, labels: list[str], wanted: list[str], expected: list[str]
) -> None:
    path = str(tmp_path / "x.npz")
    np.savez(path, x=np.zeros((len(labels), 4, 4), np.uint8), y=np.array(labels))
    names = class_names(path)
    assert [names[number] for number in class_numbers(path, wanted)] == expected


def test_numbers_of_any_length_need_no_look_at_the_data() -> None:
    assert class_numbers("no such data", ("7", "12")) == (7, 12)
    assert class_numbers("mnist", ("9" * 5000, "0" * 5000 + "7", "0" * 5000)) == (999_999_999, 7, 0)


def test_learned_classes_keep_their_numbers_where_names_say_nothing(tmp_path: Path) -> None:
    """In data without names, in data that is gone, and of a label beyond all names."""
    folder = str(write_files(tmp_path / "x", shades(["ant/1.png", "bee/1.png"])))
    assert numbers_of_learned("mnist", ("ant", "bee"), (3, 8)) == (3, 8)
    assert numbers_of_learned("no such data", ("ant", "bee"), (3, 8)) == (3, 8)
    assert numbers_of_learned(folder, (), (3, 8)) == (3, 8)
    assert numbers_of_learned(folder, ("bee", "12"), (0, 12)) == (1, 12)


def test_what_no_class_is_called_is_refused_with_the_names(tmp_path: Path) -> None:
    folder = str(write_files(tmp_path / "animals", shades(FILES)))
    with pytest.raises(DataError, match=r"no class called 'dog'; its classes are .*ant.*zebra"):
        class_numbers(folder, ("ant", "dog"))
    with pytest.raises(DataError, match="classes of mnist have no names, so 'one' is none"):
        class_numbers("mnist", ("0", "one"))
    with pytest.raises(DataError, match="There is no data set, folder or file"):
        class_numbers("no such data", ("ant", "dog"))
