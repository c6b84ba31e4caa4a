"""Class folders: for training or test and of which class files are, by their names alone."""

import pytest

from engine.data.image_files.image_folder import Arrangement, arrange
from engine.errors import DataError


def labels(found: Arrangement) -> tuple[dict[int, str], dict[int, str]]:
    return dict(found.training), dict(found.test)


@pytest.mark.parametrize("around", ["", "pets/", "a/b/"])
def test_a_folder_is_a_class_and_so_are_deeper_ones(around: str) -> None:
    found = arrange([f"{around}{name}" for name in ("cat/1.png", "cat/old/2.png", "dog/3.png")], "")
    assert labels(found) == ({0: "cat", 1: "cat", 2: "dog"}, {})
    assert found.loose == []
    assert found.notes == ()


@pytest.mark.parametrize("around", ["", "pets/"])
@pytest.mark.parametrize(
    ("training", "test"),
    [("train", "test"), ("Training", "testing"), ("TRAIN", "val"), ("train", "validation")],
)
def test_train_and_test_hold_classes(around: str, training: str, test: str) -> None:
    names = [f"{around}{training}/cat/1.png", f"{around}{training}/dog/2.png"]
    names += [f"{around}{test}/dog/deep/1.png"]
    assert labels(arrange(names, "")) == ({0: "cat", 1: "dog"}, {2: "dog"})


def test_parts_may_have_folders_around_their_classes() -> None:
    names = ["train/train/cat/1.png", "train/train/dog/1.png", "test/test/cat/1.png"]
    assert labels(arrange([*names, "test/test/dog/1.png"], "")) == (
        {0: "cat", 1: "dog"},
        {2: "cat", 3: "dog"},
    )


def test_training_alone_is_no_class() -> None:
    found = arrange(["train/cat/1.png", "train/dog/2.png"], "")
    assert labels(found) == ({0: "cat", 1: "dog"}, {})


def test_beside_a_test_part_validation_images_are_left_out_and_it_is_said() -> None:
    names = ["train/cat/1.png", "val/cat/2.png", "val/dog/3.png", "test/cat/4.png"]
    found = arrange(names, "")
    assert labels(found) == ({0: "cat"}, {3: "cat"})
    assert found.loose == []
    assert found.notes == ("val: 2 images not used, for training and test have folders of theirs.",)


def test_test_images_without_classes_are_left_out_and_it_is_said() -> None:
    found = arrange(["train/cat/1.png", "train/dog/2.png", "test/3.png"], "")
    assert labels(found) == ({0: "cat", 1: "dog"}, {})
    assert found.loose == []
    assert found.notes == ("test: 1 image not used, being in no class folder.",)


def test_validation_images_take_the_place_of_test_images_without_classes() -> None:
    found = arrange(["train/cat/1.png", "val/cat/2.png", "test/3.png"], "")
    assert labels(found) == ({0: "cat"}, {1: "cat"})
    assert found.notes == ("test: 1 image not used, being in no class folder.",)


def test_a_folder_beside_the_parts_is_left_out_where_these_share_classes() -> None:
    names = ["train/cat/1.png", "train/dog/2.png", "test/cat/3.png", "more/4.png"]
    assert labels(arrange(names, "")) == ({0: "cat", 1: "dog"}, {2: "cat"})


def test_a_train_beside_a_bus_is_a_class() -> None:
    names = ["bus/1.png", "train/2.png", "train/fast/3.png", "plane/4.png"]
    assert labels(arrange(names, "")) == ({0: "bus", 1: "train", 2: "train", 3: "plane"}, {})


def test_images_beside_class_folders_are_loose() -> None:
    found = arrange(["cat/1.png", "overview.png", "dog/2.png"], "")
    assert labels(found) == ({0: "cat", 2: "dog"}, {})
    assert found.loose == [1]
    found = arrange(["train/cat/1.png", "train/2.png", "test/cat/3.png", "4.png"], "")
    assert found.loose == [1, 3]


@pytest.mark.parametrize(
    "names", [["1.png", "2.png"], ["train/1.png"], ["train/1.png", "test/2.png"]]
)
def test_images_without_class_folders_are_refused_with_what_to_do(names: list[str]) -> None:
    with pytest.raises(DataError) as caught:
        arrange(names, "pets")
    said = f"pets holds images but no class folders: {names[0]} is in none."
    assert str(caught.value).startswith(said)
    assert "Put the images of each class into a folder named after it" in str(caught.value)
