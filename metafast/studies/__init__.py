"""Studies: many designs of one problem, over a grid of its parameters and of the options."""

from metafast.studies.many import FailedDesign, design_many
from metafast.studies.result import StudyResult
from metafast.studies.row import StudyRow
from metafast.studies.run import run_study
from metafast.studies.runs import StudyRun
from metafast.studies.study import Study

__all__ = [
    "FailedDesign",
    "Study",
    "StudyResult",
    "StudyRow",
    "StudyRun",
    "design_many",
    "run_study",
]
