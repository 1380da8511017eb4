"""A web site of somebody else's, on the same machine: another site than ``localhost``, as browsers see it."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

PAGE = b"""<!doctype html><html lang="en"><head><title>Another site</title><link rel="icon" href="data:,"></head>
<body><h1>Another site</h1></body></html>"""


class _Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (its name there)
        pass


@contextmanager
def running() -> Iterator[str]:
    """Its origin."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Pages) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://evil.localhost:{server.server_port}"
        server.shutdown()
        thread.join()
