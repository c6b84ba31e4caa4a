"""What a finished cell is made of, in words, and where in a result most happens."""

from dataclasses import replace

import numpy as np

from engine.explain.convolution import Convolution
from engine.explain.sliding_window import Step
from gui.glass.sums import written_sum
from gui.glass.term_table import name_of
from gui.widgets.numbers import short


def without_signs(convolution: Convolution) -> Convolution:
    """Return the convolution of the sizes of all numbers: its results say where most happens."""
    return replace(
        convolution,
        inputs=np.abs(convolution.inputs),
        kernels=np.abs(convolution.kernels),
        bias=np.zeros_like(convolution.bias),
        gradient=np.abs(convolution.gradient),
    )


def sum_of(step: Step) -> str:
    """Write the sum with its numbers; of many terms, those in the middle as one partial sum."""
    bias = [] if step.bias is None else [step.bias]
    totals = [term.total for term in step.terms]
    left_out = len(totals) - 3 if len(totals) > 4 else 0
    if left_out:
        totals = [*totals[:2], sum(totals[2:-1]), totals[-1]]
    return written_sum(bias + totals, left_out)


def all_of(step: Step) -> str:
    """Write every term on a line of its own, with the sum up to it."""
    lines = [] if step.bias is None else [f"bias {short(step.bias, 6)}"]
    running = step.running if step.bias is None else step.running[1:]
    for term, so_far in zip(step.terms, running, strict=True):
        lines.append(f"{name_of(term)} = {short(term.total, 6)}, so far {short(so_far, 6)}")
    return "\n".join(lines)
