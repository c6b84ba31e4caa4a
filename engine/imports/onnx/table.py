"""What became of each node of a file, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from engine.errors import NetworkFileError
from engine.files.onnx_file import Node
from engine.text.letters import printable

# "taken": it is a block; "folded": it went into one; "dropped": it changes nothing; "added": the
# file has no such node; "refused": it is nothing that blocks do; "not looked at": the file
# was refused before.
Outcome = Literal["taken", "folded", "dropped", "added", "refused", "not looked at"]


@dataclass(frozen=True)
class NodeRow:
    """One node: its number in the file, from 1, its name and operator, its fate, and why.

    What was added has the number 0. `block` is the number of the block, from 1, that it became or
    went into; 0 for none.
    """

    number: int
    name: str
    op: str
    outcome: Outcome
    text: str
    block: int = 0


class RefusedNodeError(Exception):
    """A node does nothing that blocks do. The text continues "<node> cannot be taken: "."""


class RefusedNetworkError(NetworkFileError):
    """A network holds what no block does. `rows` tells what became of each of its nodes."""

    def __init__(self, text: str, rows: Sequence[NodeRow]) -> None:
        super().__init__(text)
        self.rows = tuple(rows)


def node_name(node: Node) -> str:
    """Return what a node is called, or else what it gives, as it can be shown."""
    return printable(node.name or (node.outputs[0] if node.outputs else ""))


def node_label(node: Node, number: int) -> str:
    """Name a node for people."""
    op, name = printable(node.op)[:40], node_name(node)[:60]
    return f"node {number} ({op} {name!r})" if name else f"node {number} ({op})"
