"""How images and classes are called, wherever the window speaks of one."""

from collections.abc import Sequence

from engine.inspection.snapshot import SamplePart
from engine.model.network import NO_ANSWER

LONGEST_NAME = 10  # letters of a class where there is little room


def image_name(index: int | None, part: SamplePart = "test") -> str:
    """Return how an image is called: `Test image 1,227`, counted from 1; None: a drawing."""
    return "Your drawing" if index is None else f"{part.capitalize()} image {index + 1:,}"


def image_title(index: int | None, class_name: str | None, part: SamplePart = "test") -> str:
    """Return its name and its class, if that is known: `Test image 2 · a 0`."""
    name = image_name(index, part)
    return name if class_name is None else f"{name} · {one_of(class_name)}"


def short_name(class_name: str, most: int = LONGEST_NAME) -> str:
    """Return the name of a class in `most` letters, where there is little room: `T-shi…/top`."""
    if len(class_name) <= most:
        return class_name
    end = (most - 1) // 2  # which tells names apart that begin alike
    return f"{class_name[: most - 1 - end]}…{class_name[-end:]}"


def short_names(class_names: Sequence[str], letters: int = LONGEST_NAME) -> list[str]:
    """Return the names of classes with so many letters at most."""
    return [short_name(name, letters) for name in class_names]


def one_of(class_name: str) -> str:
    """Return how one image of a class is called: `a 0`, `an 8`, `T-shirt/top`."""
    if not class_name.isdecimal():
        return class_name
    sounds_open = class_name in ("11", "18") or class_name.startswith("8")
    return f"{'an' if sounds_open else 'a'} {class_name}"


def said_name(names: Sequence[str], said: int) -> str:
    """Return the name of the class that a network said, `?` where it gave no answer."""
    return "?" if said == NO_ANSWER else names[said]
