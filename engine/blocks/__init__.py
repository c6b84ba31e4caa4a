"""The kinds of blocks. A new kind is one file beside this one, its import and a line in KINDS."""

from typing import Any

import msgspec

from engine.blocks.activation import Pointwise as Pointwise
from engine.blocks.add import Add as Add
from engine.blocks.avg_pool import AvgPool as AvgPool
from engine.blocks.batch_norm import BatchNorm as BatchNorm
from engine.blocks.conv import Conv as Conv
from engine.blocks.conv import Convolutional as Convolutional
from engine.blocks.dense import Dense as Dense
from engine.blocks.depthwise_conv import DepthwiseConv as DepthwiseConv
from engine.blocks.dropout import Dropout as Dropout
from engine.blocks.elu import ELU as ELU
from engine.blocks.gelu import GELU as GELU
from engine.blocks.global_avg_pool import GlobalAvgPool as GlobalAvgPool
from engine.blocks.group_norm import GroupNorm as GroupNorm
from engine.blocks.leaky_relu import LeakyReLU as LeakyReLU
from engine.blocks.max_pool import MaxPool as MaxPool
from engine.blocks.relu import ReLU as ReLU
from engine.blocks.reshape import Reshape as Reshape
from engine.blocks.rules import KnownBlock as KnownBlock
from engine.blocks.rules import SkipBlock as SkipBlock
from engine.blocks.sigmoid import Sigmoid as Sigmoid
from engine.blocks.silu import SiLU as SiLU
from engine.blocks.softmax import Softmax as Softmax
from engine.blocks.tanh import Tanh as Tanh
from engine.blocks.unknown import UnknownBlock as UnknownBlock
from engine.struct_fields import convert

Block = KnownBlock | UnknownBlock

# In the order of the palette.
KINDS: dict[str, type[KnownBlock]] = {
    block.kind: block
    for block in (
        Conv,
        DepthwiseConv,
        MaxPool,
        AvgPool,
        GlobalAvgPool,
        Dense,
        Reshape,
        Sigmoid,
        Tanh,
        ReLU,
        LeakyReLU,
        ELU,
        SiLU,
        GELU,
        Softmax,
        Dropout,
        BatchNorm,
        GroupNorm,
        Add,
    )
}
# The kinds that apply one function to every value.
POINTWISE = [kind for kind, block in KINDS.items() if issubclass(block, Pointwise)]


def decode_block(raw: dict[str, Any]) -> KnownBlock | UnknownBlock:
    """Make a block of its JSON form; what is not understood is kept as an UnknownBlock.

    Raises SettingsError if the kind and its options are known but an option's value is refused.
    """
    kind = raw.get("kind")
    declaration = KINDS.get(kind) if isinstance(kind, str) else None
    if declaration is None:
        return UnknownBlock(raw, f"its kind, {str(kind)[:40]!r}, is not known to this version")
    strange = raw.keys() - set(declaration.__struct_fields__) - {"kind"}
    if strange:
        names = ", ".join(sorted(strange))[:80]
        return UnknownBlock(raw, f"this version does not know its option {names}")
    return convert(declaration, raw, declaration.name)


def encode_block(block: KnownBlock | UnknownBlock) -> dict[str, Any]:
    """Return the JSON form of a block; an unknown one comes back as it was read."""
    raw: dict[str, Any] = (
        block.raw if isinstance(block, UnknownBlock) else msgspec.to_builtins(block)
    )
    return raw
