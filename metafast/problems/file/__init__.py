"""Problem files: supports, targets, material and options of a design as TOML."""

from metafast.problems.file.models import problem_schema
from metafast.problems.file.reading import ProblemFile, ProblemSource, parse_problem
from metafast.problems.file.shipped import shipped_problems, shipped_text

__all__ = [
    "ProblemFile",
    "ProblemSource",
    "parse_problem",
    "problem_schema",
    "shipped_problems",
    "shipped_text",
]
