"""The rules of Ingresses as entries: one path of one rule, or a default backend, with the Service port behind it."""

from __future__ import annotations

from dataclasses import dataclass

from designer.engine.l7.entry_points import PLAIN_ROUTER, RouterNote


@dataclass(frozen=True, slots=True)
class Backend:
    """Where a rule leads: a Service and its port; `port` is None where one of them does not exist (`missing` why)."""

    service: str
    port_text: str
    port: int | None = None
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One path of one rule, or a default backend (`rule` None; its `host` is "" or the host that it stands in for).

    Indices are 0-based. `created` is the Ingress' creationTimestamp, "" where it has none. `doubt` says why it is not
    sure that this entry works as written, "" where it is. `router` is what Traefik's annotations say of it. `bare`: the
    Ingress names no path, for which `path` is ``/``.
    """

    ingress: str
    host: str
    path: str
    path_type: str
    backend: Backend
    rule: int | None
    path_index: int | None
    created: str = ""
    doubt: str = ""
    file: str = ""
    line: int = 0
    router: RouterNote = PLAIN_ROUTER
    bare: bool = False

    @property
    def field(self) -> str:
        """Path of the entry in its Ingress."""
        return "spec.defaultBackend" if self.rule is None else f"spec.rules[{self.rule}].http.paths[{self.path_index}]"

    @property
    def text(self) -> str:
        """``shop/web: shop.example.com/api (Prefix)``."""
        where = f"{self.host or '*'}{self.path}"
        kind = "default backend" if self.rule is None else self.path_type
        return f"{self.ingress.partition(':')[2]}: {where} ({kind})"
