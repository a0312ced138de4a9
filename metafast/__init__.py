"""metafast: data-driven design of mechanical metamaterials, with proof.

>>> import metafast as mf
>>> result = mf.design(mf.problems.bridge())
>>> result.save("runs/bridge")
"""

from importlib.metadata import version

try:
    from metafast import _core as _core
except ImportError as error:
    raise ImportError(
        "metafast's compiled core is missing: install the package (pip install .) instead of "
        "importing its source folder"
    ) from error

from metafast._base.lazy import lazy_attributes

__version__ = version("metafast")

# the names, and the modules that they come from, are in __init__.pyi
__getattr__, __dir__, __all__ = lazy_attributes(__name__, __file__)
