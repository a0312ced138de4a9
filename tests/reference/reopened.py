"""A design written to its file and read back, without the pictures and the report of `save`.

Those take some two seconds of a processor, a hundred times as long as the file.
"""

from pathlib import Path

import metafast as mf
from metafast.pipeline.design_file import FILE_NAME, write_parts


def reopened(made, folder):
    """The design as its file ``design.h5`` in a folder has it."""
    write_parts(made, Path(folder) / FILE_NAME)
    return mf.Design.load(folder)
