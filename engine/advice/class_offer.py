"""The offer to take all classes that some data has, with a network that tells them apart."""

from collections.abc import Collection
from dataclasses import replace

from engine.advice.repairs import Repair, repaired
from engine.array_types import Shape, format_shape
from engine.model.settings import Settings
from engine.model.stack import Stack


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
    return replace(fitted, label=_words(stack, settings, fitted))


def _words(stack: Stack, settings: Settings, fitted: Repair) -> str:
    """Say what the click does: `Take all 5 classes and images of 3×32×32, and end with 5 units`."""
    count, shape = len(fitted.settings.classes), fitted.stack.input_shape
    problem = stack.check(len(settings.classes), settings.loss).problem
    ends_else = count != len(settings.classes) or (problem is not None and problem.kind == "output")
    taken = []
    if fitted.settings.classes != settings.classes:
        taken.append(f"all {count:,} classes")
    if shape != stack.input_shape:
        taken.append(f"images of {format_shape(shape)}")
    change = f"end with {count:,} units" if ends_else else "make the network fit"
    if not taken:
        return change[0].upper() + change[1:]
    words = f"Take {' and '.join(taken)}"
    return words if fitted.stack.slots == stack.slots else f"{words}, and {change}"
