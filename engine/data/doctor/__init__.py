"""The doctor: says what is in some data, what is wrong with it, and what can be done."""

from collections.abc import Callable

import numpy as np

from engine.data.dataset import Dataset
from engine.data.doctor.class_checks import class_counts, class_findings
from engine.data.doctor.content_checks import content_findings
from engine.data.doctor.examination import SEVERITIES, Examination
from engine.data.doctor.file_checks import file_findings
from engine.data.equal_images import EqualImages, look
from engine.data.parts import Parts

__all__ = ["examine", "file_findings"]


def examine(
    parts: Parts,
    training: Dataset,
    test: Dataset,
    limit: int = 0,
    report: Callable[[float], None] = lambda _fraction: None,
) -> Examination:
    """Examine what was read, and the training and test samples that were chosen of it.

    `limit` is how many training samples of each class were taken at most (0: all). `report` is told
    the share that is done; what it raises ends the examination.
    """
    whole = len(training) + len(test)
    ours = look(training.images, lambda done: report(done * len(training) / whole))
    theirs = look(test.images, lambda done: report((len(training) + done * len(test)) / whole))
    equal = EqualImages.of(ours, theirs, (training.labels, test.labels))
    constant = np.flatnonzero(np.concatenate([ours.constant, theirs.constant]))
    classes = class_counts(training, test)
    as_one_part = parts.test is None
    findings = (
        *file_findings(parts),
        *class_findings(parts, training, classes, limit),
        *content_findings(training, test, equal, constant, as_one_part=as_one_part),
    )
    return Examination(
        training.input_shape,
        classes,
        parts.refused,
        equal.copies(as_one_part=as_one_part),
        len(equal.leaks),
        tuple(sorted(findings, key=lambda each: SEVERITIES.index(each.severity))),
    )
