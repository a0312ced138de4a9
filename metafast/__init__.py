"""metafast: data-driven design of mechanical metamaterials, with proof."""

from metafast import problems
from metafast.homogenization import boundary_tractions, homogenize
from metafast.material import Material

__all__ = ["Material", "boundary_tractions", "homogenize", "problems"]
__version__ = "0.1.0"
