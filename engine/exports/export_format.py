"""ExportFormat: what a format must say of itself to be offered, written and proved."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.errors import ExportError
from engine.exports.trained_network import TrainedNetwork
from engine.files.atomic import ProgressReport
from engine.model.stack import BlockSlot
from engine.proof.verdict import Verdict, Way

Files = Mapping[str, bytes]


@dataclass(frozen=True)
class ExportFormat:
    """A format: for people, and what writes and proves it.

    `name` is that of the command line. `audience` says in a sentence who wants it, `contents` what
    will be written. `ending` is that of its file, such as `.onnx`; empty for a folder. `files`
    encodes a network: the contents of each file by its name, with `/` between folders; a format of
    one file has the name "" for it, and may have further files that are written beside it, with the
    `name` of the network in theirs. `ways` are those in which an export can be read and run again,
    the weakest first. `with_verdicts` gives those of the files anew that tell what came of the
    proof, such as a README.
    """

    name: str
    title: str
    audience: str
    contents: str
    ending: str
    files: Callable[[TrainedNetwork, ProgressReport], Files]
    ways: tuple[Way, ...] = ()
    with_verdicts: Callable[[Files, Sequence[Verdict]], Files] = lambda _files, _verdicts: {}

    @property
    def is_folder(self) -> bool:
        """Whether it is written as a folder."""
        return not self.ending


def no_form(slot: BlockSlot, format_name: str) -> ExportError:
    """Say that a format cannot hold the kind of a block."""
    return ExportError(
        f"The network was not exported, because the format {format_name} has no form for "
        f"{slot.block.summary()}. Choose npz or safetensors, which hold all blocks, or take it out."
    )


UNPROVED = "It was not checked when it was written."


def with_proof(files: Files, verdicts: Sequence[Verdict]) -> Files:
    """Return the README of a folder anew, with what each way to run it came to."""
    text = files["README.md"].decode()
    if verdicts:
        text = text.replace(UNPROVED, "\n".join(f"- {verdict.text}" for verdict in verdicts))
    return {"README.md": text.encode()}


def resource(name: str) -> str:
    """Return a text that exports are made of."""
    return (Path(__file__).parents[2] / "resources" / "exports" / name).read_text("utf-8")


def resource_parts(name: str) -> dict[str, str]:
    """Return the parts of such a text by their names, which stand above each: `=== name`."""
    _, *found = re.split(r"(?m)^=== (\w+)\n", resource(name))
    return dict(zip(found[::2], found[1::2], strict=True))
