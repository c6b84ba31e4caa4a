"""The steps of the tour: from a kernel on an image to one whole training step, and to its run."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtWidgets import QWidget

from engine.blocks import Conv
from engine.explain.training_step import rule_equation
from gui.tour.window_parts import WindowParts

BATCH_DONE = frozenset({"Paused", "Finished"})


def _at_once() -> bool:
    return True


@dataclass(frozen=True)
class TourStep:
    """One thing to say of some widgets, which are framed.

    The card leaves `beside` free, if there is room beside it. `prepare` brings all into view, and
    is tried again until it says True. The tour goes on by itself when training comes to one of the
    states of `until`. At a step `at_leisure` training is slow. A step that is not `wanted` is left
    out.
    """

    title: str
    text: str | Callable[[], str]
    target: Callable[[], Sequence[QWidget]]
    beside: QWidget | None = None
    prepare: Callable[[], bool] = _at_once
    until: frozenset[str] = frozenset()
    at_leisure: bool = False
    wanted: Callable[[], bool] = _at_once

    def words(self) -> str:
        """Return the text as it is now."""
        return self.text if isinstance(self.text, str) else self.text()


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
        "Training has shaped them."
        if parts.document.trained
        else "They are random so far; training will shape them."
    )
    return [
        TourStep(
            "The network",
            f"An image, {shape} values, comes in at the top. Each block transforms its input and "
            "passes it on; the last one's output says what it shows. Under each name is the "
            "shape of its output, on the right the number of its parameters.",
            lambda: [parts.network.block_list],
            parts.network,
            partial(parts.show, "Network"),
        ),
        TourStep(
            "An image to look at",
            "The image with the blue frame is pinned: every panel shows what the network makes of "
            "this one. Click another if you like.",
            lambda: [predictions],
            predictions,
            parts.show_sample,
        ),
        TourStep(
            "Kernels",
            f"The first Conv block has {conv.depth} kernels for each input map: small "
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
            "This is the pinned image, under glass. The kernel lies on a small window of it, "
            "framed in orange.",
            lambda: [picture.sheet],
            panel,
            forward,
        ),
        TourStep(
            "Multiply and add up",
            "The window times the kernel, cell by cell, gives the products. Their sum, plus "
            "the bias, is one cell of the result: the number in bold below.",
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
            "Here is one training step as a row of frames. The image has gone forward through all "
            "blocks; the loss E says how far the outputs are from the right ones.",
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
            "The same image with the new weights: is its loss lower? That was one whole training "
            "step. Training is nothing else, many times.",
            lambda: [view],
            panel,
            partial(parts.show_frame, "again"),
        ),
    ]


def _learning(parts: WindowParts) -> list[TourStep]:
    session, menus, runs = parts.session, parts.menus, parts.panels.runs.panel

    def idle() -> bool:
        return session.state != "Training"

    def learning() -> str:
        begin = f"Click “{menus.train.iconText()}”: slowly, step by step," if idle() else "Slowly,"
        return (
            f"{begin} the loss falls and the feature maps change. Click “Pause” whenever you want "
            "to look closer."
        )

    return [
        TourStep(
            "For real",
            "All this was a copy; your network has not changed. Click Batch, and it takes one "
            "step itself. Or go on with Next.",
            lambda: [parts.button_of(menus.step_batch)],
            parts.run_bar,
            parts.show_training,
            until=BATCH_DONE,
            wanted=idle,
        ),
        TourStep(
            "Watch it learn",
            learning,
            lambda: [parts.button_of(menus.train)],
            parts.run_bar,
            parts.show_training,
            at_leisure=True,
        ),
        TourStep(
            "Nothing is forgotten",
            "Every training is kept here, epoch by epoch. Drag the slider below the list: all "
            "panels show the network as it was then. “Back to now” ends that; “Continue from "
            "here” trains on from there. Help > Tour shows all this again.",
            lambda: [runs],
            runs,
            partial(parts.show, "Runs"),
        ),
    ]
