"""What is said of a format before anything is written."""

from engine.exports.export_format import ExportFormat
from engine.proof.prove import SAMPLES, missing_packages, program_of
from gui.exchange.export_dialog import FormatWords
from gui.exchange.proof_words import joined, more_checks


def words_of(kind: ExportFormat) -> FormatWords:
    """Say who wants a format, what it writes, and which programs check it, or could."""
    missing = {way: missing_packages(way) for way in kind.ways}
    programs = [program_of(way) for way, packages in missing.items() if not packages]
    more = [more_checks(way.name, packages) for way, packages in missing.items() if packages]
    checks = (
        f"Up to {SAMPLES} test images are predicted from what was written, by {joined(programs)}, "
        "and the answers compared with the network's."
        if programs
        else "There is none for this format."
    )
    return FormatWords(kind.audience, kind.contents, checks, " ".join(more))
