"""Text and tables on the page."""

from __future__ import annotations

import html
from typing import Any

import panel as pn

_STYLE = """
table { border-collapse: collapse; }
th { text-align: left; font-weight: normal; color: #55606e; padding: 2px 14px 2px 0; }
td { padding: 2px 10px 2px 0; }
.fault { color: #a4262c; border-left: 4px solid #a4262c; padding: 4px 10px; }
"""


def pane(contents: str = "", **options: Any) -> Any:
    """A pane of HTML in the style of the page."""
    return pn.pane.HTML(contents, stylesheets=[_STYLE], **options)


def fault(text: str) -> str:
    """A message of what is wrong, nothing where nothing is."""
    return f'<div class="fault">{html.escape(text)}</div>' if text else ""
