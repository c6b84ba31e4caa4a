"""A second count of what the doctor reports, with loops and dictionaries alone."""

from collections import defaultdict

from engine.data.dataset import Dataset

Place = tuple[str, int]
Found = dict[Place, tuple[str, int]]


def samples(training: Dataset, test: Dataset) -> Found:
    """The pixels, written out, and the class number of every sample by its part and place."""
    return {
        (name, place): (str(image), part.classes[label])
        for name, part in (("training", training), ("test", test))
        for place, (image, label) in enumerate(
            zip(part.images[:].tolist(), part.labels.tolist(), strict=True)
        )
    }


def _by_pixels(found: Found) -> dict[str, list[Place]]:
    places = defaultdict(list)
    for place, (pixels, _) in found.items():
        places[pixels].append(place)
    return places


def duplicates(found: Found, *, as_one_part: bool) -> int:
    """How many images come after an equal one of their part."""
    seen, count = set(), 0
    for (part, _), (pixels, _) in found.items():
        key = pixels if as_one_part else (part, pixels)
        count += key in seen
        seen.add(key)
    return count


def repeated(found: Found, *, as_one_part: bool) -> set[Place]:
    """Every image that has an equal one in its part."""
    return {
        place
        for places in _by_pixels(found).values()
        for place in places
        if any(other != place and (as_one_part or other[0] == place[0]) for other in places)
    }


def leaks(found: Found) -> int:
    """How many test images are equal to some training image."""
    training = [pixels for (part, _), (pixels, _) in found.items() if part == "training"]
    return sum(part == "test" and pixels in training for (part, _), (pixels, _) in found.items())


def in_both_parts(found: Found) -> set[Place]:
    """Every image that has an equal one in the other part."""
    return {
        place
        for places in _by_pixels(found).values()
        for place in places
        if any(other[0] != place[0] for other in places)
    }


def conflicts(found: Found) -> set[Place]:
    """Every image that has an equal one, or one equal to that, of another class."""
    return {
        place
        for places in _by_pixels(found).values()
        for place in places
        if len({found[each][1] for each in places}) > 1
    }


def different(places: set[Place], found: Found) -> int:
    """How many different images there are at some places."""
    return len({found[place][0] for place in places})


def constants(training: Dataset, test: Dataset) -> set[Place]:
    """Every image whose pixels are all of one colour."""
    return {
        (name, place)
        for name, part in (("training", training), ("test", test))
        for place, image in enumerate(part.images[:].tolist())
        if all(_is_flat(channel) for channel in image)
    }


def _is_flat(channel: list[list[int]]) -> bool:
    return all(value == channel[0][0] for row in channel for value in row)


def class_counts(training: Dataset, test: Dataset) -> list[tuple[int, int, int]]:
    """The number, training and test samples of each class of the training part."""
    found = samples(training, test)
    numbers = [(part, number) for (part, _), (_, number) in found.items()]
    return [
        (number, numbers.count(("training", number)), numbers.count(("test", number)))
        for number in sorted({number for part, number in numbers if part == "training"})
    ]
