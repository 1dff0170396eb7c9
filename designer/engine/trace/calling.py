"""What a client asks for by the connection that it opens: the part of a request that Gateways and controllers read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from designer.engine.l7.asked import WELL_KNOWN, Asked
from designer.engine.l7.gateway.responding import server_name
from designer.engine.l7.urls import Scheme
from designer.engine.trace.flight import Beyond
from designer.engine.trace.hops import Hop, Trace


@dataclass(frozen=True, slots=True)
class Call:
    """What a client asks for. `again` repeats the call by HTTPS after the hops so far, for a redirect to a path.

    `host` is the Host as sent, `path` has the query; `server` is the host of the URL as typed, which a TLS client
    names. `http` is False for plain connections, `transport` TCP, UDP or SCTP; `grpc` says that a gRPC call was typed.
    `address` and `port` are those that the client connects to.
    """

    host: str
    path: str
    tls: bool
    method: str
    beyond: Beyond
    headers: tuple[tuple[str, str], ...] = ()
    again: Callable[[tuple[Hop, ...], str], Trace] | None = None
    http: bool = True
    server: str = ""
    transport: str = "TCP"
    grpc: bool = False
    address: str = ""
    port: int = 0

    @property
    def scheme(self) -> Scheme:
        """How a URL of it begins."""
        if self.http:
            return "https" if self.tls else "http"
        return "udp" if self.transport == "UDP" else "tls" if self.tls else "tcp"

    @property
    def authority(self) -> str:
        """Host, and the port where it is not that of the scheme."""
        host = f"[{self.host}]" if ":" in self.host and not self.host.startswith("[") else self.host
        usual = not self.port or WELL_KNOWN.get(self.scheme) == self.port or host.rpartition("]")[2].count(":")
        return host if usual else f"{host}:{self.port}"

    @property
    def shown(self) -> str:
        """``GET http://shop.example.com/cart``, or the URL alone of a plain connection."""
        if self.http:
            return f"{self.method} {self.scheme}://{self.host}{self.path}"
        return f"{self.scheme}://{self.server or self.host}:{self.port}"

    def asked(self, port: int) -> Asked:
        """The request as it arrives at a listener of this port."""
        path, mark, query = self.path.partition("#")[0].partition("?")
        return Asked(
            self.scheme,
            self.authority,
            port,
            path,
            query if mark else None,
            self.method,
            dict(self.headers),
            server_name(self.server) if self.tls else "",
            "grpc" if self.grpc else "",
        )
