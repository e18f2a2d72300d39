"""The shop over HTTP, on a port that the system chooses."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from shop.orders import Orders, UnknownOrderError
from shop.pricing import Basket, Line, quote
from shop.search import Index

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from shop.catalogue import Product

__all__ = ["serve"]


class _Shop:
    """What the requests share; a lock keeps the database to one of them at a time."""

    def __init__(self, file: Path, catalogue: dict[str, Product]) -> None:
        self.orders = Orders(file)
        self.catalogue = catalogue
        self.index = Index(catalogue.values())
        self.lock = threading.Lock()

    def place(self, wanted: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        try:
            lines = tuple(
                Line(self.catalogue[sku], int(pieces)) for sku, pieces in wanted["lines"].items()
            )
            basket = Basket(lines, wanted.get("country", "DE"))
            asked = quote(basket)
        except (KeyError, ValueError) as error:
            return 400, {"error": str(error)}
        with self.lock:
            number = self.orders.place(wanted["customer"], basket, asked.total)
        return 201, {"order": number, "total": asked.total}

    def look(self, number: str) -> tuple[int, dict[str, Any]]:
        try:
            with self.lock:
                state, total = self.orders.state(int(number)), self.orders.total(int(number))
        except (UnknownOrderError, ValueError) as error:
            return 404, {"error": str(error)}
        return 200, {"order": int(number), "state": state, "total": total}

    def find(self, query: str) -> tuple[int, dict[str, Any]]:
        return 200, {"found": self.index.find(query)}


class _Handler(BaseHTTPRequestHandler):
    shop: _Shop
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # an answer of two parts would wait for the first's receipt

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        if address.path == "/products":
            self._answer(*self.shop.find(parse_qs(address.query).get("q", [""])[0]))
        elif address.path.startswith("/orders/"):
            self._answer(*self.shop.look(address.path.removeprefix("/orders/")))
        else:
            self._answer(404, {"error": "nothing here"})

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if self.path != "/orders":
            self._answer(404, {"error": "nothing here"})
            return
        try:
            wanted = json.loads(sent)
        except ValueError:
            self._answer(400, {"error": "not JSON"})
            return
        self._answer(*self.shop.place(wanted))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its name there)
        """Log nothing."""

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


@contextmanager
def serve(file: Path, catalogue: dict[str, Product]) -> Iterator[int]:
    """Serve the shop on the loopback meanwhile; gives the port."""
    shop = _Shop(file, catalogue)
    handler = type("Handler", (_Handler,), {"shop": shop})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        shop.orders.close()
