"""Proofs in this process, for tests of what comes of them."""

import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.array_types import Array
from engine.errors import ExportError
from engine.proof.verdict import BlockOutputs


def prove_in_this_process(patch: pytest.MonkeyPatch) -> None:
    """Run here what else has a process of its own, which takes a second or two to start."""

    def here(
        outputs: Callable[[Path, Array], BlockOutputs], path: Path, images: Array, *_: object
    ) -> BlockOutputs:
        try:
            return outputs(path, images)
        except Exception as fault:
            said = traceback.format_exception_only(fault)[-1].strip()[:200]
            raise ExportError(f"it failed ({said}).") from fault

    for module in ("engine.proof.prove", "engine.imports.onnx.imported_network"):
        patch.setattr(f"{module}.outputs_in_own_process", here)
