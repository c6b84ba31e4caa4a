"""What a finished cell is made of, in words, and where in a result most happens."""

from dataclasses import replace

import numpy as np

from engine.explain.convolution import Convolution, Step
from gui.glass.term_table import name_of
from gui.glass.written_sums import decimals_of, written_sum
from gui.widgets.number_words import short


def without_signs(convolution: Convolution) -> Convolution:
    """Return the convolution of the sizes of all numbers: its results say where most happens."""
    return replace(
        convolution,
        inputs=np.abs(convolution.inputs),
        kernels=np.abs(convolution.kernels),
        bias=np.zeros_like(convolution.bias),
        gradient=np.abs(convolution.gradient),
    )


def sums_of(step: Step, result: str) -> list[str]:
    """Write the sum with its numbers in several ways, the longest first.

    First it has the decimals of the result as that is written. Of many terms, those in the middle
    are one partial sum, then all but the first and the last number; the shortest way counts them.
    The partial sums of an image in colour have the names of their channels where there is room.
    """
    values = [] if step.bias is None else [step.bias]
    values += [term.total for term in step.terms]
    ends = (2 + (step.bias is not None), 1)
    some, left_out = _shortened(values, *ends)
    decimals = decimals_of(result)
    names = [term.channel for term in step.terms]
    ways = [] if decimals is None else [written_sum(some, left_out, decimals)]
    if any(names) and len(some) == len(values):
        named = ["bias", *names] if step.bias is not None else names
        ways = [written_sum(some, 0, each, named) for each in (decimals, None)] + ways
    ways += [written_sum(some, left_out), written_sum(*_shortened(values, 1, 1))]
    return ways if len(values) == 1 else [*ways, f"the sum of {len(values)} numbers"]


def _shortened(values: list[float], first: int, last: int) -> tuple[list[float], int]:
    """Add up what lies between the first and the last numbers, if that is more than one."""
    middle = values[first:-last]
    if len(middle) < 2:
        return values, 0
    return [*values[:first], sum(middle), *values[-last:]], len(middle)


def all_of(step: Step) -> str:
    """Write every term on a line of its own, with the sum up to it."""
    lines = [] if step.bias is None else [f"bias {short(step.bias, 6)}"]
    running = step.running if step.bias is None else step.running[1:]
    for term, so_far in zip(step.terms, running, strict=True):
        lines.append(f"{name_of(term)} = {short(term.total, 6)}, so far {short(so_far, 6)}")
    return "\n".join(lines)
