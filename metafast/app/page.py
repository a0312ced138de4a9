"""The page of one visitor: a tab for designs, one for the latent space, one for the database."""

from __future__ import annotations

import asyncio
from typing import Any

import panel as pn

from metafast.app.cells import shared_database, shared_map
from metafast.app.database_page import DatabasePage
from metafast.app.design_page import DesignPage
from metafast.app.latent_page import LatentPage

_LATENT, _DATABASE = 1, 2  # tabs


class Page:
    """Three tabs; the latter two load when they are first opened."""

    def __init__(self) -> None:
        self.design = DesignPage()
        self.latent = LatentPage()
        self.database = DatabasePage(self._walk)
        self._loaded: set[int] = set()
        self.tabs = pn.Tabs(
            ("Design", self.design.view),
            ("Latent space", self.latent.view),
            ("Database", self.database.view),
            dynamic=True,
            sizing_mode="stretch_width",
        )
        self.tabs.param.watch(self._opened, "active")

    def load(self, tab: int) -> None:
        """Load what a tab shows, the first time."""
        if tab not in self._loaded:
            self._loaded.add(tab)
            if tab == _LATENT:
                self.latent.load()
            elif tab == _DATABASE:
                self.database.load()

    async def _opened(self, event: Any) -> None:
        """Load a tab that was opened; what takes seconds does not hold up the server."""
        tab, document = int(event.new), pn.state.curdoc
        if tab == _LATENT:
            await asyncio.to_thread(_try_to_load)
        elif tab == _DATABASE:
            await asyncio.to_thread(shared_database)
        if document is None:
            self.load(tab)
        else:  # plots change under the lock of the document
            document.add_next_tick_callback(lambda: self.load(tab))

    def _walk(self, end: str, row: int) -> None:
        """Take a cell of the database to the latent page."""
        self.latent.choose(end, row)
        self.tabs.active = _LATENT


def _try_to_load() -> None:
    """The latent map, if there is torch; the page says so where there is none."""
    try:
        shared_map()
    except ImportError:
        return


def visit() -> Any:
    """What a visitor sees."""
    return Page().tabs
