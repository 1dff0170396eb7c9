"""What one Ingress brings to one controller, made of that Ingress alone and so kept while it stays the same object."""

from __future__ import annotations

from dataclasses import dataclass

from designer.engine.l7.classes import Service, Unserved
from designer.engine.l7.entries import Entry
from designer.engine.l7.nginx_notes import Notes
from designer.model import Ingress, Problem


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """An Ingress as a controller has it. Two parts are the same only when they are one object.

    `hosts` are those of its rules, "" for every host, each once; `tls` the hosts of its TLS sections, in lower case;
    `bare_tls`: one of these names no host.
    `notes` are its annotations as ingress-nginx reads them, `strict`: that controller takes an Ingress with its paths.
    """

    ingress: Ingress
    service: Service
    entries: tuple[Entry, ...]
    defaults: tuple[Entry, ...]
    hosts: tuple[str, ...]
    tls: tuple[str, ...]
    notes: Notes
    strict: bool
    name: str
    created: str
    bare_tls: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Share:
    """What becomes of one Ingress: its part at each controller that serves it, or why nobody does.

    `services` are the ids of the Services that it names: what they are is in its parts.
    """

    parts: tuple[Part, ...] = ()
    unserved: Unserved | None = None
    problems: tuple[Problem, ...] = ()
    services: tuple[str, ...] = ()
