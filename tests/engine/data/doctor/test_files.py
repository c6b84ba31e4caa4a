"""What is said of files, and of images by the files that they are from."""

from pathlib import Path

import numpy as np

from engine.data.doctor import examine
from engine.data.doctor.examination import Finding
from engine.data.image_form import ImageForm
from engine.data.parts import Parts, Refused, Samples
from engine.data.sources import choose, read
from engine.inputs.drawings import Drawing
from tests.engine.data.ill_pictures import SIDE, write_ill_pictures

DICE = np.random.default_rng(5)


def part(name: str, count: int) -> Samples:
    """Images of two classes, each in a file of its own."""
    files = tuple(f"{name}/{'no' if place % 2 else 'yes'}/{place}.png" for place in range(count))
    images = DICE.integers(0, 256, (count, 3, 4, 4), dtype=np.uint8)
    return Samples(images, np.arange(count) % 2, files)


def findings(parts: Parts) -> dict[str, Finding]:
    return {each.kind: each for each in examine(parts, *choose(parts, "some data")).findings}


def test_refused_files_are_named_with_the_reason() -> None:
    refused = (Refused("yes/a.png", "It is cut off."), Refused("no/b.png", "It is empty."))
    found = findings(Parts(part("train", 40), part("test", 100), refused=refused))
    assert found.keys() == {"refused"}
    assert found["refused"].files == ("yes/a.png", "no/b.png")
    assert found["refused"].found == (
        "2 files could not be read and are left out, such as yes/a.png. It is cut off."
    )


def test_turned_and_transparent_files_are_listed() -> None:
    many = tuple(f"yes/{place}.png" for place in range(9))
    found = findings(Parts(part("train", 40), part("test", 100), turned=many[:1], transparent=many))
    assert found.keys() == {"turned", "transparent"}
    assert "1 photo is stored turned or mirrored and was put upright" in found["turned"].found
    assert found["turned"].files == many[:1]
    assert found["transparent"].found.startswith("9 images have transparent pixels")
    assert found["transparent"].found.endswith("yes/3.png, yes/4.png and 4 more.")
    assert found["transparent"].files == many


def test_equal_and_constant_images_are_named_by_their_files() -> None:
    training, test = part("train", 40), part("test", 100)
    training.images[:][5] = 77
    test.images[:][7] = training.images[3]
    training.images[:][9] = training.images[1]
    found = findings(Parts(training, test))
    assert found.keys() == {"leaks", "duplicates", "constant"}
    assert "such as train/no/3.png and test/no/7.png" in found["leaks"].found
    assert found["leaks"].files == ("train/no/3.png", "test/no/7.png")
    assert "1 test image (1 %) is also in the training part" in found["leaks"].found
    assert "such as train/no/1.png and train/no/9.png" in found["duplicates"].found
    assert found["constant"].files == ("train/no/5.png",)


def test_one_image_with_two_labels_is_said_with_both() -> None:
    training, test = part("train", 40), part("test", 100)
    training.images[:][4] = training.images[1]
    found = findings(Parts(training, test, ("good", "bad")))
    assert found["conflicts"].found == (
        "1 image occurs with different labels: train/no/1.png is labelled bad, train/yes/4.png, "
        "which is equal, good."
    )


def test_images_without_files_are_named_by_part_and_number() -> None:
    training, test = part("train", 40), part("test", 100)
    test.images[:][7] = training.images[3]
    without = [Samples(each.images, each.numbers) for each in (training, test)]
    found = findings(Parts(without[0], without[1]))
    assert "such as training image 4 and test image 8" in found["leaks"].found
    assert found["leaks"].files == ()


def test_images_of_another_size_than_the_rest_are_listed() -> None:
    training, test = part("train", 40), part("test", 100)
    odd = training.files[:3]
    found = findings(Parts(training, test, resized=odd))
    assert found.keys() == {"resized"}
    assert found["resized"].files == odd
    assert "3 images have another size than the rest and were brought to 4×4: train/yes/0.png" in (
        found["resized"].found
    )
    assert findings(Parts(training, test, resized=training.files + test.files)) == {}


def test_what_the_reader_decided_is_told() -> None:
    found = findings(Parts(part("train", 40), part("test", 100), notes=("So it is read.",)))
    assert (found["reading"].found, found["reading"].advice) == ("So it is read.", "")


def test_a_really_ill_folder_is_found_out(tmp_path: Path) -> None:
    ill = write_ill_pictures(tmp_path / "ill")
    read_parts = read(str(ill.folder), ImageForm(size=SIDE))
    report = examine(read_parts, *choose(read_parts, "it"))
    found = {each.kind: each for each in report.findings}
    assert len(found) == len(report.findings)
    assert {each.file for each in report.refused} == ill.refused == set(found["refused"].files)
    assert set(found["turned"].files) == ill.turned
    assert set(found["transparent"].files) == ill.transparent
    assert set(found["resized"].files) == ill.resized
    assert set(found["constant"].files) == {"train/apple/blank.png"}
    assert set(found["conflicts"].files) == {"train/quince/07.png", "train/pear/doubtful.png"}
    assert (report.duplicates, report.leaks) == (ill.duplicates, ill.leaks)
    assert "plum (2)" in found["few_samples"].found
    assert "quince" in found["not_tested"].found
    assert found.keys() >= {"imbalance", "small_test", "duplicates", "leaks"}


def test_an_own_drawing_is_named_by_its_number() -> None:
    training, test = part("train", 40), part("test", 100)
    read_parts = Parts(training, test, ("yes", "no"))
    drawing = Drawing.of(training.images[:][1], "no")
    both = choose(read_parts, "some data", drawings=[drawing])
    (found,) = examine(read_parts, *both).findings
    assert found.training.tolist() == [1, 40]
    assert "such as train/no/1.png and training image 41" in found.found
    assert found.files == ("train/no/1.png",)
