"""Verdict: how far the predictions of an export agree with those of the network."""

from dataclasses import dataclass

from engine.proof.way import WayName


@dataclass(frozen=True)
class BlockDifference:
    """How far the outputs of a block differ, relative to the range of the outputs it should have.

    `number` counts the blocks from 1, `title` is what its row is called.
    """

    number: int
    title: str
    largest: float
    mean: float


@dataclass(frozen=True)
class Verdict:
    """What came of one way to run an export.

    `program` is what ran it, with its version, such as `onnxruntime 1.23`. Of `samples`
    predictions, `agree` name the class that the network names; `largest` and `mean` are the
    differences of the outputs. `blocks` has an entry for each block whose outputs could be
    compared. `failure` says in a sentence why it came to nothing; empty if all went well.
    """

    way: WayName
    program: str
    samples: int = 0
    agree: int = 0
    largest: float = 0.0
    mean: float = 0.0
    blocks: tuple[BlockDifference, ...] = ()
    failure: str = ""
