"""The server: this machine alone, and clear words where it cannot start."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

from metafast.app.server import ADDRESS, make_server


def free_port():
    with socket.socket() as probe:
        probe.bind((ADDRESS, 0))
        return probe.getsockname()[1]


def test_without_panel_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "panel", None)
    with pytest.raises(ValueError, match=r"pip install 'metafast\[app\]'"):
        make_server()


def test_a_port_out_of_range_is_refused():
    for port in (-1, 65536, "80"):
        with pytest.raises(ValueError, match="port is"):
            make_server(port)


def test_it_listens_on_the_loopback_address_alone():
    pytest.importorskip("panel", reason="pip install 'metafast[app]'")
    port = free_port()
    command = [sys.executable, "-W", "error", "-m", "metafast", "app", "--no-browser"]
    process = subprocess.Popen(
        [*command, "--port", str(port)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "NO_COLOR": "1"},
    )  # fmt: skip
    try:
        assert f"http://{ADDRESS}:{port}" in process.stdout.readline()
        with urllib.request.urlopen(f"http://{ADDRESS}:{port}/", timeout=60) as answer:
            assert b"<title>metafast</title>" in answer.read()
        others = {each[4][0] for each in socket.getaddrinfo(socket.gethostname(), None)}
        for other in others - {ADDRESS, "::1"}:
            if not other.startswith("127."):
                with pytest.raises(OSError):
                    socket.create_connection((other, port), timeout=5).close()
        assert refused(port, "http://evil.example")
        again = subprocess.run([*command, "--port", str(port)], capture_output=True, text=True)
        assert again.returncode == 2
        assert again.stderr.startswith(f"error: port {port} cannot be used")
        assert again.stderr.count("\n") == 1
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=120)
    assert process.returncode == 0


def refused(port, origin):
    """Whether the websocket of the page refuses a page of another origin."""
    request = (
        f"GET /ws HTTP/1.1\r\nHost: {ADDRESS}:{port}\r\nOrigin: {origin}\r\n"
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    with socket.create_connection((ADDRESS, port), timeout=30) as link:
        link.sendall(request.encode())
        return b" 403 " in link.recv(200).split(b"\r\n")[0]
