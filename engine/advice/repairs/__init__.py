"""Repairs: edits that fix the first problem of a stack.

Edits are suggested generously and then checked: an offer must bring the stack nearer to one that
fits. `distance_of` counts how far away that is: the blocks from the first that does not fit its
input to the last, and three more for what is asked of the whole: not too many parameters, one
output per class, values that the loss takes. Every offer makes that smaller, so following offers,
whichever they are, ends after at most three steps more than there are blocks.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from engine.advice.repairs import suggestions
from engine.advice.repairs.faulty_stack import Faulty, Repair, check, distance
from engine.model.settings import Settings
from engine.model.stack import ProblemKind, Stack

MOST = 4  # offers at a time

_SUGGESTIONS: dict[ProblemKind, Callable[[Faulty], Iterator[Repair]]] = {
    "empty": suggestions.for_empty,
    "shape": suggestions.for_shape,
    "size": suggestions.for_size,
    "output": suggestions.for_output,
    "loss": suggestions.for_loss,
}


def repairs_for(stack: Stack, settings: Settings) -> tuple[Repair, ...]:
    """Offer edits that fix the first problem, best first; nothing if the stack fits.

    After each of them the block fits, or the problem is gone, and no block before it fails. Edits
    that leave a stack that fits as a whole come first, removing a block comes last. If the first
    leaves something to fix, the last offer goes on and fixes everything in one edit. There is
    always an offer, unless a Dense with a unit per class is already too large for the input.
    """
    offers = _offers(stack, settings, stack.next_id())
    if not offers or distance(offers[0]) == 0:
        return offers[:MOST]
    return (*offers[: MOST - 1], _everything(offers[0], stack.next_id()))


def repaired(stack: Stack, settings: Settings, next_id: int) -> Repair:
    """Follow the best offers to the end, as one edit; what fits already stays as it is.

    New slots get ids from `next_id` on.
    """
    nothing = Repair("", stack, settings)
    offers = _offers(stack, settings, max(next_id, stack.next_id()))
    return _everything(offers[0], next_id) if offers else nothing


def _everything(first: Repair, next_id: int) -> Repair:
    """Follow the best offers to the end, as one edit."""
    repair, steps, next_id = first, [first.label], max(next_id, first.stack.next_id())
    while offers := _offers(repair.stack, repair.settings, next_id):
        repair = offers[0]
        steps.append(repair.label)
        next_id = max(next_id, repair.stack.next_id())
    return replace(repair, label=f"Repair everything in {len(steps)} steps", steps=tuple(steps))


def _offers(stack: Stack, settings: Settings, next_id: int) -> tuple[Repair, ...]:
    report = check(stack, settings)
    if report.problem is None:
        return ()
    faulty = Faulty(stack, settings, report, report.problem, next_id)
    offers = list(faulty.improving(_SUGGESTIONS[report.problem.kind](faulty)))
    offers.sort(key=lambda offer: (offer.removes, distance(offer) > 0))
    return tuple(offers) or tuple(faulty.first_improving(suggestions.new_endings(faulty)))


__all__ = ["MOST", "Repair", "repaired", "repairs_for"]
