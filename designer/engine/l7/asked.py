"""One request as it arrives at a Gateway or an Ingress controller: connection, TLS server name, HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from designer.engine.l7.urls import Scheme, host_of, parameters_of

WELL_KNOWN = {"http": 80, "https": 443}
GRPC_CONTENT = "application/grpc"


@dataclass(frozen=True)
class Asked:
    """A request. `authority` is the Host as sent, `path` keeps its percent-encoding, `query` has no question mark.

    `port` is where the connection goes; `port_given` is False where it only follows from the scheme. `sni` is the TLS
    server name ("" for none). `protocol` is "" (HTTP), "grpc" or "h2c". `backend_headers` are those of the response
    that the backend would give.
    """

    scheme: Scheme
    authority: str
    port: int
    path: str = "/"
    query: str | None = None
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    sni: str = ""
    protocol: str = ""
    backend_headers: Mapping[str, str] = field(default_factory=dict)
    port_given: bool = True

    @cached_property
    def host(self) -> str:
        """The name in the authority as it is compared: lower case, without port and final dot."""
        return host_of(self.authority)

    @property
    def is_http(self) -> bool:
        """Whether HTTP is spoken on the connection."""
        return self.scheme in ("http", "https")

    @cached_property
    def is_grpc(self) -> bool:
        """Whether it is a gRPC call: said so, or known by its content type (gRPC over HTTP/2, "Requests")."""
        return self.protocol == "grpc" or self.header("content-type", "").lower().startswith(GRPC_CONTENT)

    @cached_property
    def _headers(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, value in self.headers.items():
            key = name.lower()
            # Equal names in different case are one header with several values (RFC 9110 section 5.2).
            found[key] = f"{found[key]}, {value}" if key in found else value
        found.setdefault("host", self.authority)
        return found

    def header(self, name: str, default: str) -> str:
        """The value of a header; names do not tell upper from lower case."""
        return self._headers.get(name.lower(), default)

    def has_header(self, name: str) -> bool:
        """Whether it has a header of this name."""
        return name.lower() in self._headers

    @cached_property
    def parameters(self) -> dict[str, str]:
        """Query parameters, decoded; of a repeated one the first, as Gateway API recommends."""
        found: dict[str, str] = {}
        for name, value in parameters_of(self.query or ""):
            found.setdefault(name, value)
        return found

    def url(self, authority: str | None = None, path: str | None = None) -> str:
        """The URL as the next server gets it, with another authority or path where they are given."""
        query = f"?{self.query}" if self.query is not None else ""
        return f"{self.scheme}://{authority or self.authority}{self.path if path is None else path}{query}"
