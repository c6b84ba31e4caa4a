"""Export a network: encode it, write it beside its place, prove it, and only then put it there."""

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from engine.errors import ExportError
from engine.exports.export_format import ExportFormat, Files
from engine.exports.trained_network import TrainedNetwork
from engine.files.atomic import ProgressReport, no_report
from engine.files.staging import require_place, staged
from engine.proof.prove import images_to_prove, prove
from engine.proof.verdict import Verdict, WayName

_logger = logging.getLogger(__name__)


class DisprovedError(ExportError):
    """What was to be exported is not the network, as the verdicts show."""

    def __init__(self, text: str, verdicts: Sequence[Verdict]) -> None:
        super().__init__(text)
        self.verdicts = tuple(verdicts)


@dataclass(frozen=True)
class ExportOutcome:
    """What was written where, and what came of each way to prove it."""

    kind: ExportFormat
    path: Path
    verdicts: tuple[Verdict, ...] = ()

    @property
    def strongest(self) -> Verdict | None:
        """The last of the ways that ran; None if none did."""
        return next((each for each in reversed(self.verdicts) if each.holds), None)

    @property
    def verified(self) -> WayName | None:
        """The name of the strongest way that ran."""
        return None if self.strongest is None else self.strongest.way


def export(
    network: TrainedNetwork,
    path: Path,
    kind: ExportFormat,
    *,
    verify: bool = True,
    overwrite: bool = False,
    report: ProgressReport = no_report,
) -> ExportOutcome:
    """Write a network in a format, prove what was written, and say what came of it.

    A file is replaced; a folder that exists and is not empty only if `overwrite`, and then only its
    files of the same names. `report` is called with the fraction done; what it raises ends the
    work. Whatever ends it, nothing is left behind and what was there before stays.
    Raises ExportError if the file or folder cannot be written, and DisprovedError, which is one, if
    a way shows that it is wrong.
    """
    require_place(path, ExportError, is_folder=kind.is_folder, overwrite=overwrite)
    report(0.0)
    network = replace(network, name=path.stem)
    files = kind.files(network, lambda fraction: report(0.3 * fraction))
    _require_new(files, path, kind, overwrite=overwrite)
    with staged(path, ExportError, is_folder=kind.is_folder) as stage:
        stage.write(files, lambda fraction: report(0.3 + 0.2 * fraction))
        verdicts: tuple[Verdict, ...] = ()
        if verify:
            verdicts = _verdicts(network, kind, stage.path, lambda part: report(0.5 + 0.5 * part))
            _require_right(path, kind, verdicts)
        stage.write(kind.with_verdicts(files, verdicts))
        report(1.0)  # the last moment to cancel
        stage.put()
    _logger.info("Exported %s. %s", path, " ".join(verdict.text for verdict in verdicts))
    return ExportOutcome(kind, path, verdicts)


def _verdicts(
    network: TrainedNetwork, kind: ExportFormat, path: Path, report: ProgressReport
) -> tuple[Verdict, ...]:
    built, test = network.network(), network.test
    images = images_to_prove(built, None if test is None else test.images)
    return prove(kind.ways, path, built, network.scaling, images, report)


def _require_new(files: Files, path: Path, kind: ExportFormat, *, overwrite: bool) -> None:
    """Raise ExportError if a file that is there would be lost that nobody has spoken of.

    What stands beside an export that is replaced is replaced with it.
    """
    if overwrite or kind.is_folder or os.path.exists(path):
        return
    for name in files:
        if name and os.path.lexists(path.parent / name):
            raise ExportError(
                f"{path} was not written: {path.parent / name}, which goes with it, is there "
                "already. Choose another name, or have it overwritten."
            )


def _require_right(path: Path, kind: ExportFormat, verdicts: Sequence[Verdict]) -> None:
    """Raise DisprovedError for the first way that shows the export to be wrong.

    A way that needs other programs shows it by other outputs only: that it came to nothing may be
    their fault.
    """
    own = {way.name for way in kind.ways if not way.packages}
    for verdict in verdicts:
        if verdict.is_wrong or (verdict.failure and verdict.way in own):
            raise DisprovedError(
                f"{path} was not written, because what was to be written is not the network: "
                f"{verdict.text} Choose another format, and please report this.",
                verdicts,
            )
