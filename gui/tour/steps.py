"""The steps of the tour: from a kernel on an image to one whole training step."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtWidgets import QWidget

from engine.blocks import Conv
from engine.explain.optimizer_step import rule_equation
from gui.tour.window_parts import WindowParts

BATCH_DONE = frozenset({"Paused", "Finished"})


def _at_once() -> bool:
    return True


@dataclass(frozen=True)
class TourStep:
    """One thing to say of some widgets, which are framed.

    The card leaves `beside` free, if there is room beside it. `prepare` brings all into view, and
    is tried again until it says True. The tour goes on by itself when training comes to one of the
    states of `until`. A step that is not `wanted` is left out.
    """

    title: str
    text: str
    target: Callable[[], Sequence[QWidget]]
    beside: QWidget | None = None
    prepare: Callable[[], bool] = _at_once
    until: frozenset[str] = frozenset()
    wanted: Callable[[], bool] = _at_once


def steps_of(parts: WindowParts) -> list[TourStep]:
    """List the steps for a network that has no obstacle."""
    return [
        *_network(parts),
        *_convolution(parts),
        *_training_step(parts),
        *_learning(parts),
    ]


def _network(parts: WindowParts) -> list[TourStep]:
    shape = "×".join(map(str, parts.document.stack.input_shape))
    predictions, kernels = parts.panels.predictions.panel, parts.panels.weights.kernels
    first = parts.first_conv()
    conv = parts.document.stack.slots[first].block if first is not None else None
    assert isinstance(conv, Conv)
    k = conv.kernel_size
    made = (
        "Training has made them."
        if parts.document.trained
        else "They are random so far: training will make something of them."
    )
    return [
        TourStep(
            "The network",
            f"A digit, {shape} values, comes in at the top. Every block changes what it gets and "
            "hands it to the next; what the last one gives says which digit it is. Under each "
            "name stands the shape of what it gives, on the right how many values it learns.",
            lambda: [parts.network.block_list],
            parts.network,
            partial(parts.show, "Network"),
        ),
        TourStep(
            "A digit to look at",
            "The digit with the blue frame is pinned: every panel shows what the network makes of "
            "this one. Click another if you like.",
            lambda: [predictions],
            predictions,
            partial(parts.show, "Predictions"),
        ),
        TourStep(
            "Kernels",
            f"The first Conv block has {conv.depth} kernels for each map that comes in: small "
            f"tables of {k}×{k} weights. Red is above zero, blue below. {made}",
            lambda: [kernels],
            kernels,
            partial(parts.show, "Kernels"),
        ),
    ]


def _convolution(parts: WindowParts) -> list[TourStep]:
    glass, feature_maps = parts.panels.glass, parts.panels.feature_maps
    panel, view, picture = glass.panel, glass.convolution, glass.convolution.picture
    forward = partial(parts.show_equation, "Y")

    def multiplication() -> list[QWidget]:
        return [picture.patch, picture.factors, picture.products]

    return [
        TourStep(
            "A kernel on the image",
            "This is the pinned digit, under glass. The kernel lies on a small window of it, "
            "framed in orange.",
            lambda: [picture.sheet],
            panel,
            forward,
        ),
        TourStep(
            "Multiply and add up",
            "The window times the kernel, cell by cell, gives the products. Added up, with the "
            "bias, they are one cell of the result: the number in bold below.",
            lambda: [*multiplication(), view.sum],
            panel,
            forward,
        ),
        TourStep(
            "Cell by cell",
            "Click Play, drag the slider, or point at the picture: the window slides on, and every "
            "place gives one cell. This is Y = B + X ⋆ K of the equation above.",
            lambda: [view.position, panel.transport],
            panel,
            forward,
        ),
        TourStep(
            "⋆ or ∗",
            "Networks use this cross-correlation ⋆. The convolution ∗ first turns the kernel by "
            "180°: X ∗ K = X ⋆ rot180(K). Click here to see both, and again to come back.",
            lambda: [view.turn],
            panel,
            forward,
        ),
        TourStep(
            "Feature maps",
            "Each kernel gives a map of its own: large where the image looks like the kernel. "
            "These maps go on to the next blocks.",
            lambda: [feature_maps],
            feature_maps,
            partial(parts.show, "Feature maps"),
        ),
    ]


def _training_step(parts: WindowParts) -> list[TourStep]:
    glass = parts.panels.glass
    panel, convolution, view = glass.panel, glass.convolution, glass.step
    rule = rule_equation(parts.document.settings)

    def has_update() -> bool:
        now = parts.step()
        return now is None or any(frame.phase == "update" for frame in now.frames)

    return [
        TourStep(
            "Forward, to the loss",
            "Here is one training step as a row of frames. The digit has gone forward through all "
            "blocks; the loss E says how far the outputs are from what is right.",
            lambda: [view],
            panel,
            partial(parts.show_frame, "loss"),
        ),
        TourStep(
            "Backward",
            "Now back. ∂E/∂Y says how the loss would change with every value of the result. The "
            "input with ∂E/∂Y as a kernel gives the gradient of the weights: ∂E/∂K = X ⋆ ∂E/∂Y. "
            "The list has the equations for the bias and the input, too.",
            lambda: [convolution.equation, convolution.picture],
            panel,
            partial(parts.show_equation, "∂E/∂K"),
        ),
        TourStep(
            "The update",
            f"Every weight takes a small step that makes the loss smaller: {rule}. Before, "
            "change and after stand side by side; click a cell for its numbers.",
            lambda: [view],
            panel,
            partial(parts.show_frame, "update"),
            wanted=has_update,
        ),
        TourStep(
            "The loss again",
            "The same digit with the new weights: is its loss lower? That was one whole training "
            "step. Training is nothing else, many times.",
            lambda: [view],
            panel,
            partial(parts.show_frame, "again"),
        ),
    ]


def _learning(parts: WindowParts) -> list[TourStep]:
    session, menus = parts.session, parts.menus

    def idle() -> bool:
        return session.state != "Training"

    return [
        TourStep(
            "For real",
            "All this was a copy; your network has not changed. Click Batch, and it takes one "
            "step itself. Or go on with Next.",
            lambda: [parts.button_of(menus.step_batch)],
            parts.run_bar,
            until=BATCH_DONE,
            wanted=idle,
        ),
        TourStep(
            "Watch it learn",
            "Click Train: the loss falls, and kernels and maps change under your eyes. Pause "
            "whenever you want to look closer. Help > Tour shows all this again.",
            lambda: [parts.button_of(menus.train)],
            parts.run_bar,
            partial(parts.show, "Loss"),
        ),
    ]
