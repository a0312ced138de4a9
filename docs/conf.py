"""Configuration of the documentation site: ``make docs`` builds it into docs/_build/html.

The source folder is the root of the repository, so that links between the pages, the README and the
measured results are the same on the site and in the repository.
"""

from importlib.metadata import version as version_of

project = "metafast"
author = "The metafast developers"
copyright = author
version = release = version_of("metafast")

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.mathjax",
    "sphinx.ext.viewcode",
]
root_doc = "docs/index"
include_patterns = [
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "CODE_OF_CONDUCT.md",
    "benchmarks/RESULTS.md",
    "metafast/assets/README.md",
    "docs/**",
]
exclude_patterns = ["docs/_build"]

myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4
# TOML of problem files has expressions that the highlighter does not know
suppress_warnings = ["misc.highlighting_failure"]

autodoc_member_order = "bysource"
autodoc_typehints = "none"  # docstrings have shapes and units, which types cannot say
autodoc_preserve_defaults = True
default_role = "py:obj"  # a link where there is something of that name
numpydoc_show_class_members = False  # autodoc lists them
numpydoc_xref_param_type = True
# numpydoc's own targets are pages of Python's documentation, which a build offline does not know
numpydoc_xref_aliases = {
    name: name for name in ("bool", "iterable", "iterator", "mapping", "sequence", "generator")
}

templates_path = ["_templates"]
html_additional_pages = {"index": "to_docs.html"}  # the root of the site leads to its first page
html_theme = "furo"
html_title = f"metafast {release}"
html_copy_source = False
