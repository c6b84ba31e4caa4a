"""Data fit: whether a network fits the classes and images of its data, and what would make it."""

from collections.abc import Collection
from dataclasses import replace

from engine.advice.repairs import Repair, repaired
from engine.array_types import Shape
from engine.data.names import listed_classes
from engine.data.parts import Parts
from engine.data.sources import FILES, NAMES
from engine.model.settings import Settings
from engine.model.stack import Stack

_IN_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def classes_question(data: str, parts: Parts) -> str:
    """Say which classes some data has, of which others are chosen, and ask what to do."""
    what, count = "file" if data.lower().endswith(FILES) else "folder", len(parts.classes)
    what = "data set" if data in NAMES else what
    number = _IN_WORDS[count] if count < len(_IN_WORDS) else f"{count:,}"
    names = listed_classes([parts.name_of(each) for each in parts.classes])
    return f"This {what} has {number} classes: {names}. Fit the network to them?"


def offers_to_fit(stack: Stack, settings: Settings, parts: Parts) -> list[Repair]:
    """Offer to fit a network to the chosen classes of its data, and to all; nothing if it does."""
    offers: list[Repair] = []
    for classes in (settings.classes, parts.classes):
        if len(classes) > 1 and set(classes) <= set(parts.classes):
            offer = offer_classes(stack, settings, classes, parts.training.images.shape[1:])
            if offer is not None and offer not in offers:
                offers.append(offer)
    return offers


def offer_classes(
    stack: Stack, settings: Settings, classes: Collection[int], shape: Shape
) -> Repair | None:
    """Offer to take other classes, and a network that fits these and images of a shape.

    There is no offer if nothing would change by it, or no network of these blocks can be made
    to fit.
    """
    wanted = settings.with_changes(classes=tuple(sorted(classes)))
    fitted = repaired(replace(stack, input_shape=shape), wanted, stack.next_id())
    if (fitted.stack, fitted.settings) == (stack, settings):
        return None
    if fitted.stack.check(len(wanted.classes), fitted.settings.loss).problem is not None:
        return None
    label = f"Fit the network: {len(wanted.classes):,} classes"
    if shape != stack.input_shape:
        channels, height, width = shape
        label += f", {height}×{width} in {'grey' if channels == 1 else 'colour'}"
    return replace(fitted, label=label)
