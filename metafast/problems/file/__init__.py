"""Problem files: body, supports, targets, material and options of a design as TOML.

What reads them, `metafast.problems.file.reading`, is imported where it is needed: its models take a
third of a second.
"""

from metafast.problems.file.contents import ProblemFile, ProblemSource
from metafast.problems.file.shipped import shipped_folder, shipped_problems, shipped_text

__all__ = [
    "ProblemFile",
    "ProblemSource",
    "shipped_folder",
    "shipped_problems",
    "shipped_text",
]
