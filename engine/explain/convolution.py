"""Convolution: its four equations, cell by cell: what the window covers, and what comes of it.

All numbers are float64. Maps and kernels count from 0 in indices, from 1 in texts, as the
notebook's equations do.
"""

import math
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from engine.array_types import Array, Shape
from engine.blocks import Conv, Convolutional
from engine.compute.convolution import Axis
from engine.explain.explanation import frozen, subscript

Equation = Literal["Y", "∂E/∂K", "∂E/∂B", "∂E/∂X"]
# What an equation is asked for, with i an output and j an input map: Y and ∂E/∂B (i,),
# ∂E/∂K (i, j), ∂E/∂X (j,).
Index = tuple[int, ...]

EQUATIONS: dict[Equation, str] = {
    "Y": "Y_i = B_i + Σ_j X_j ⋆ K_ij",
    "∂E/∂K": "∂E/∂K_ij = X_j ⋆ ∂E/∂Y_i",
    "∂E/∂B": "∂E/∂B_i = ∂E/∂Y_i",
    "∂E/∂X": "∂E/∂X_j = Σ_i ∂E/∂Y_i ∗ K_ij (full)",
}


def notes_on(block: Convolutional, input_shape: Shape, equation: Equation) -> tuple[str, ...]:
    """Say in plain words what an equation does, and what padding and stride change in it."""
    k, stride = block.kernel_size, block.stride
    match equation:
        case "Y":
            mixes = input_shape[0] > 1 and block.mixes
            over = " over all input maps" if mixes else ""
            notes = [f"Lay the kernel on the input, multiply what overlaps, add it up{over}."]
            if stride > 1:
                notes.append(f"For the next cell it moves on by {stride} cells.")
        case "∂E/∂K":
            notes = [
                "Slide the output's gradient over the input like a kernel. Each weight's gradient "
                "is the sum of every input it touched times the gradient of the output it fed."
            ]
        case "∂E/∂B" if isinstance(block, Conv) and block.bias == "position":
            notes = ["Each bias is added to exactly one cell, so both have the same gradient."]
        case "∂E/∂B":
            notes = ["One bias was added to all cells of the map, so it sums all their gradients."]
        case _:
            pad = f"pad the output's gradient with {k - 1} zeros all round and " if k > 1 else ""
            notes = [
                "Each input cell feeds all outputs whose window covers it, so their gradients add "
                f"up: {pad}convolve it with the kernel rotated by 180°."
            ]
    if equation in ("∂E/∂K", "∂E/∂X") and stride > 1:
        notes.append(
            f"The stride of {stride} skipped places: zeros stand between the gradients there."
        )
    if equation in ("Y", "∂E/∂K") and block.padding == "same":
        notes.append("The padding “same” puts zeros around the map.")
    if equation == "∂E/∂X" and block.padding == "same":
        notes.append("What falls on the zeros of the padding is left out.")
    if isinstance(block, Conv) and k == 1 and input_shape[1:] == (1, 1):
        notes.append("1×1 kernels on 1×1 maps: this is the Dense layer, and the K_ij its weights.")
    return tuple(notes)


class Window(NamedTuple):
    """A rectangle of cells."""

    top: int
    left: int
    height: int
    width: int


@dataclass(frozen=True, eq=False)
class PaddedMap:
    """One map as the window meets it, with the zeros inserted around and between its values.

    Cell (r, c) of the map (height, width) lies at (top + r · spacing, left + c · spacing) of
    `values`; every other cell of `values` is a zero that padding, the full convolution or the
    stride put there.
    """

    name: str
    values: Array
    top: int
    left: int
    spacing: int
    map_shape: Shape

    @property
    def inserted(self) -> NDArray[np.bool_]:
        """Return of every cell whether it is a zero that was inserted."""
        mask = np.ones(self.values.shape, np.bool_)
        self._at_map(mask)[...] = False
        return mask

    @property
    def map(self) -> Array:
        """The map without the inserted zeros."""
        own: Array = self._at_map(self.values)
        return own

    def _at_map(self, cells: NDArray[Any]) -> NDArray[Any]:
        height, width = self.map_shape
        return cells[
            self.top : self.top + (height - 1) * self.spacing + 1 : self.spacing,
            self.left : self.left + (width - 1) * self.spacing + 1 : self.spacing,
        ]


@dataclass(frozen=True, eq=False)
class Term:
    """One map under the window: patch times factors, cell by cell, and their sum.

    `map` is the number of the map that the sheet shows; `text` writes the term as its equation
    does. `turned` says that the factors are the kernel turned by 180°, `channel` which colour of
    the image the map is.
    """

    map: int
    text: str
    sheet: PaddedMap
    patch: Array
    factors_name: str
    factors: Array
    turned: bool
    products: Array
    total: float
    channel: str = ""


@dataclass(frozen=True, eq=False)
class Step:
    """One finished cell (row, column) of a result, and all that made it.

    The window lies at the same place of every term's sheet. `bias` is None where the equation has
    none. `running` are the sums so far: of the bias, if there is one, and term by term.
    """

    equation: Equation
    index: Index
    row: int
    column: int
    window: Window
    terms: tuple[Term, ...]
    bias: float | None
    running: tuple[float, ...]
    value: float


COLOURS = ("red", "green", "blue")  # of the channels of an image in colour


@dataclass(frozen=True, eq=False)
class Convolution:
    """What the four equations of a Conv or a DepthwiseConv need, for one sample.

    inputs (channels, H, W); kernels (depth, channels, k, k); bias (depth, H', W') or (depth,);
    gradient ∂E/∂Y (depth, H', W'), with stride and padding as the block says. Kept as float64.
    `channel_names` are those of the inputs, if they have any.
    """

    block: Convolutional
    inputs: Array
    kernels: Array
    bias: Array
    gradient: Array
    channel_names: tuple[str, ...] = ()
    _results: dict[tuple[Equation, Index], Array] = field(
        default_factory=dict, init=False, repr=False
    )

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for name in ("inputs", "kernels", "bias", "gradient"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    @property
    def channels(self) -> int:
        """Count the input maps."""
        return len(self.inputs)

    @property
    def depth(self) -> int:
        """Count the output maps."""
        return len(self.kernels)

    def indices(self, equation: Equation) -> tuple[Index, ...]:
        """List what the equation can be asked for, in order."""
        match equation:
            case "∂E/∂K":
                return tuple(np.ndindex(self.kernels.shape[:2]))
            case "∂E/∂X":
                return tuple((j,) for j in range(self.channels))
            case _:
                return tuple((i,) for i in range(self.depth))

    def shape(self, equation: Equation) -> tuple[int, int]:
        """Return the rows and columns of a result of the equation."""
        match equation:
            case "∂E/∂K":
                return (self.block.kernel_size, self.block.kernel_size)
            case "∂E/∂X":
                return (self._rows.inputs, self._columns.inputs)
            case "∂E/∂B" if self.bias.ndim == 1:
                return (1, 1)
            case _:
                return (self._rows.outputs, self._columns.outputs)

    def name(self, equation: str, index: Index) -> str:
        """Name a result: `Y_2`, `∂E/∂K_21`."""
        return f"{equation}_{subscript(*(index if self.block.mixes else index[:1]))}"

    def kernel(self, i: int, j: int) -> Array:
        """Return the kernel (k, k) from input map j to output map i."""
        found: Array = self.kernels[i, j if self.block.mixes else 0]
        return found

    def text(self, equation: Equation, index: Index) -> str:
        """Write the equation with its numbers: `Y_2 = B_2 + X_1 ⋆ K_21 + X_2 ⋆ K_22`.

        Of more than four terms, those in the middle are left out.
        """
        terms = [self._term_text(equation, i, j) for i, j in self._pairs(equation, index)]
        if len(terms) > 4:
            terms = [*terms[:2], "…", terms[-1]]
        if equation == "Y":
            terms.insert(0, f"B_{subscript(*index)}")
        return f"{self.name(equation, index)} = {' + '.join(terms)}"

    def notes(self, equation: Equation) -> tuple[str, ...]:
        """Say in plain words what the equation does, and what padding and stride change."""
        return notes_on(self.block, self.inputs.shape, equation)

    def result(self, equation: Equation, index: Index) -> Array:
        """Compute a whole result of the equation: (rows, columns), read-only."""
        key = (equation, index)
        if key not in self._results:
            self._results[key] = frozen(self._compute(equation, index))
        return self._results[key]

    def window(self, equation: Equation, row: int, column: int) -> Window:
        """Say where the window lies in the sheets for a cell of the result."""
        (top, left), move, (height, width) = self._course(equation)
        return Window(top + row * move, left + column * move, height, width)

    def cell_near(self, equation: Equation, row: int, column: int) -> tuple[int, int]:
        """Find the cell of the result whose window has its middle nearest to a cell of a sheet."""
        starts, move, sizes = self._course(equation)
        found = [
            math.floor((place - start - (size - 1) / 2) / move + 0.5)
            for place, start, size in zip((row, column), starts, sizes, strict=True)
        ]
        rows, columns = self.shape(equation)
        return (min(max(found[0], 0), rows - 1), min(max(found[1], 0), columns - 1))

    def step(self, equation: Equation, index: Index, row: int, column: int) -> Step:
        """Work out one cell of a result."""
        window = self.window(equation, row, column)
        terms = tuple(self._term(equation, i, j, window) for i, j in self._pairs(equation, index))
        bias = None
        if equation == "Y":
            own = self.bias[index]
            bias = float(own[row, column] if own.ndim else own)
        running, total = [] if bias is None else [bias], bias or 0.0
        for term in terms:
            total += term.total
            running.append(total)
        return Step(equation, index, row, column, window, terms, bias, tuple(running), total)

    # --- the parts --------------------------------------------------------------------------

    @property
    def _rows(self) -> Axis:
        return self.block.geometry(self.inputs.shape).rows

    @property
    def _columns(self) -> Axis:
        return self.block.geometry(self.inputs.shape).columns

    def _pairs(self, equation: Equation, index: Index) -> list[tuple[int, int]]:
        """List output and input map of every term."""
        if not self.block.mixes:
            return [(index[0], index[0])]
        match equation:
            case "Y":
                return [(index[0], j) for j in range(self.channels)]
            case "∂E/∂X":
                return [(i, index[0]) for i in range(self.depth)]
            case "∂E/∂K":
                return [(index[0], index[1])]
            case _:
                return [(index[0], 0)]

    def _term_text(self, equation: Equation, i: int, j: int) -> str:
        kernel, output = self.name("K", (i, j)), f"∂E/∂Y_{subscript(i)}"
        match equation:
            case "Y":
                return f"X_{subscript(j)} ⋆ {kernel}"
            case "∂E/∂K":
                return f"X_{subscript(j)} ⋆ {output}"
            case "∂E/∂X":
                return f"{output} ∗ {kernel} (full)"
            case _:
                return f"Σ {output}" if self.bias.ndim == 1 else output

    def _course(self, equation: Equation) -> tuple[tuple[int, int], int, tuple[int, int]]:
        """Say where the window starts, how far it moves for each cell, and how large it is."""
        k = self.block.kernel_size
        match equation:
            case "Y":
                return (0, 0), self.block.stride, (k, k)
            case "∂E/∂K":
                return (0, 0), 1, (_spread(self._rows), _spread(self._columns))
            case "∂E/∂X":
                return (self._rows.padding[0], self._columns.padding[0]), 1, (k, k)
            case _:
                whole = self.bias.ndim == 1
                outputs = (self._rows.outputs, self._columns.outputs)
                return (0, 0), 1, outputs if whole else (1, 1)

    def _term(self, equation: Equation, i: int, j: int, window: Window) -> Term:
        sheet = self._sheet(equation, i, j)
        top, left, height, width = window
        patch = frozen(sheet.values[top : top + height, left : left + width])
        name, factors = self._factors(equation, i, j)
        products = frozen(patch * factors)
        names_it = self.channel_names and equation in ("Y", "∂E/∂K")
        return Term(
            map=i if equation in ("∂E/∂X", "∂E/∂B") else j,
            text=self._term_text(equation, i, j),
            sheet=sheet,
            patch=patch,
            factors_name=name,
            factors=frozen(factors),
            turned=equation == "∂E/∂X",
            products=products,
            total=float(products.sum()),
            channel=self.channel_names[j] if names_it else "",
        )

    def _factors(self, equation: Equation, i: int, j: int) -> tuple[str, Array]:
        kernel = self.name("K", (i, j))
        match equation:
            case "Y":
                return kernel, self.kernel(i, j)
            case "∂E/∂K":
                return f"∂E/∂Y_{subscript(i)}", self._spread_gradient(i)
            case "∂E/∂X":
                return f"rot180({kernel})", np.rot90(self.kernel(i, j), 2)
            case _:
                return "1", np.ones(self._course(equation)[2])

    def _sheet(self, equation: Equation, i: int, j: int) -> PaddedMap:
        rows, columns = self._rows, self._columns
        if equation in ("Y", "∂E/∂K"):
            (top, _), (left, _) = rows.padding, columns.padding
            shape, spacing, values = (rows.padded, columns.padded), 1, self.inputs[j]
            name = f"X_{subscript(j)}"
        else:
            name, values = f"∂E/∂Y_{subscript(i)}", self.gradient[i]
            top, left, spacing, shape = 0, 0, 1, values.shape
            if equation == "∂E/∂X":
                top = left = self.block.kernel_size - 1
                spacing = self.block.stride
                shape = (rows.padded + top, columns.padded + left)
        sheet = PaddedMap(name, np.zeros(shape), top, left, spacing, values.shape)
        sheet.map[...] = values
        sheet.values.setflags(write=False)
        return sheet

    def _spread_gradient(self, i: int) -> Array:
        """Return ∂E/∂Y_i with zeros where the stride left places out."""
        spread: Array = np.zeros((_spread(self._rows), _spread(self._columns)))
        spread[:: self.block.stride, :: self.block.stride] = self.gradient[i]
        return spread

    def _compute(self, equation: Equation, index: Index) -> Array:
        stride, pairs = self.block.stride, self._pairs(equation, index)
        total = np.zeros(self.shape(equation))
        for i, j in pairs:
            match equation:
                case "Y":
                    maps = self._sheet("Y", i, j).values
                    total += _correlation(maps, self.kernel(i, j))[::stride, ::stride]
                case "∂E/∂K":
                    rows, columns = total.shape
                    maps = self._sheet("Y", i, j).values
                    found = _correlation(maps, self._spread_gradient(i))
                    total += found[:rows, :columns]  # beyond, no stride has led the kernel
                case "∂E/∂X":
                    spread = self._spread_gradient(i)
                    found = np.zeros((self._rows.padded, self._columns.padded))
                    around = np.pad(spread, self.block.kernel_size - 1)
                    full = _correlation(around, np.rot90(self.kernel(i, j), 2))
                    found[: full.shape[0], : full.shape[1]] = full
                    top, left = self._rows.padding[0], self._columns.padding[0]
                    total += found[top : top + total.shape[0], left : left + total.shape[1]]
                case _:
                    gradient = self.gradient[i]
                    total += gradient.sum() if self.bias.ndim == 1 else gradient
        if equation == "Y":
            total += self.bias[index]
        return total


def _correlation(map_: Array, kernel: Array) -> Array:
    """Return the valid cross-correlation X ⋆ K of a map (H, W) with a kernel (h, w)."""
    windows = sliding_window_view(map_, kernel.shape)
    found: Array = np.einsum("yxij,ij->yx", windows, kernel)
    return found


def _spread(axis: Axis) -> int:
    """Return the size of the gradient with a stride's zeros between its values."""
    return (axis.outputs - 1) * axis.stride + 1


@dataclass(frozen=True, eq=False)
class KernelTurn:
    """Cross-correlation and convolution of one map with one kernel, valid.

    X ⋆ K leaves the kernel as it is, X ∗ K turns it by 180°; so X ∗ K = X ⋆ rot180(K), which is
    `turned_correlation`, computed for itself. `turned_kernel` is rot180(K).
    """

    kernel: Array
    turned_kernel: Array
    correlation: Array
    convolution: Array
    turned_correlation: Array

    @property
    def difference(self) -> Array:
        """What the turn changes: zero where that is nothing but the rounding."""
        difference = self.turned_correlation - self.correlation
        rounding = 1e-12 * np.abs(self.correlation).max()
        return frozen(np.where(np.abs(difference) > rounding, difference, 0.0))

    @property
    def is_symmetric(self) -> bool:
        """Whether the kernel turned by 180° is the kernel, so that both operations are one."""
        return bool(np.array_equal(self.kernel, self.turned_kernel))


def turn_kernel(map_: Array, kernel: Array) -> KernelTurn:
    """Correlate and convolve a map (H, W) with a kernel (k, k)."""
    map_, kernel = frozen(map_), frozen(kernel)
    turned = frozen(np.rot90(kernel, 2))
    return KernelTurn(
        kernel,
        turned,
        frozen(_correlation(map_, kernel)),
        frozen(np.rot90(_correlation(np.rot90(map_, 2), kernel), 2)),  # Σ X[y − i, x − j] K[i, j]
        frozen(_correlation(map_, turned)),
    )
