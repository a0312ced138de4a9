"""Server of the page, for this machine alone."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from metafast._base.checks import require_count
from metafast._base.extras import need

ADDRESS = "127.0.0.1"
PORT = 5100
_LARGEST_MESSAGE = 20 << 20  # bytes that a browser may send at once


def make_server(port: int = PORT) -> Any:
    """A server of the page that has not started yet.

    Parameters
    ----------
    port : int
        0 takes a free one.

    Returns
    -------
    panel.io.server.Server
        Bound to the loopback address; only pages from there may connect.

    Raises
    ------
    ValueError
        If the port is out of range or taken, or the extra ``app`` is not installed.
    """
    if require_count("port", port, 0) > 65535:
        raise ValueError(f"port is {port}; 0 to 65535 are possible")
    panel: Any = need("panel", "metafast app", "metafast[app]")
    need("matplotlib", "metafast app", "matplotlib")
    from metafast.app.page import visit

    port = _bindable(port)
    return panel.serve(
        {"/": visit},
        port=port,
        address=ADDRESS,
        websocket_origin=[f"{ADDRESS}:{port}", f"localhost:{port}"],
        websocket_max_message_size=_LARGEST_MESSAGE,
        title="metafast",
        show=False,
        start=False,
        verbose=False,
    )


def serve(
    port: int = PORT, *, browser: bool = True, started: Callable[[int], Any] = lambda _: None
) -> None:
    """Serve the page until Ctrl-C.

    Parameters
    ----------
    port : int
    browser : bool
        Whether to open it in a browser.
    started : callable, optional
        Called with the port when the page can be opened.
    """
    server = make_server(port)
    from metafast.app.run import end_designs

    warming = threading.Thread(target=_warm, daemon=True)
    with suppress(KeyboardInterrupt):
        server.start()
        warming.start()
        started(server.port)
        if browser:
            server.show("/")
        server.io_loop.start()
    server.stop()
    # compiled code in a thread that outlives the interpreter would end the process by a signal
    with suppress(KeyboardInterrupt):
        end_designs()
        warming.join()


def _warm() -> None:
    """Load the database and the model, and compile the kernels, before somebody asks for a cell."""
    from metafast.app.cells import shared_database, shared_map

    shared_database()
    with suppress(ImportError):  # without torch there is no model
        shared_map()


def _bindable(port: int) -> int:
    """The port, or a free one for 0; refused where another program has it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except OSError as error:
            raise ValueError(
                f"port {port} cannot be used ({error.strerror or error}); give another --port"
            ) from None
        return int(probe.getsockname()[1])
