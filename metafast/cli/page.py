"""``metafast app``: the page in the browser."""

from __future__ import annotations

from typing import Annotated

import typer

from metafast.cli.shared import console


def page(
    port: Annotated[int, typer.Option(help="Port of this machine; 0 takes a free one.")] = 5100,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page in a browser.")
    ] = True,
) -> None:
    """Serve a page to design in, to look at cells and to walk through the latent space.

    Only this machine can reach it. Ctrl-C ends it.
    """
    from metafast.app.server import ADDRESS, serve

    def said(taken: int) -> None:
        console.print(f"http://{ADDRESS}:{taken} (Ctrl-C ends it)", highlight=False)

    serve(port, browser=browser, started=said)
