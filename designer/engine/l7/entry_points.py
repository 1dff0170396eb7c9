"""Traefik's entry points: where it listens, and where its routers have TLS (doc.traefik.io, "EntryPoints", "Ingress").

A router takes HTTPS requests where it has TLS and plain ones where it has none, never both. It gets TLS from the
annotation ``router.tls`` (or one below it) and from its entry point (``--entrypoints.<name>.http.tls``), never from
``spec.tls``, which only brings certificates (pkg/provider/kubernetes/ingress, loadRouter; pkg/server/aggregator.go).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from designer.model import WORKLOAD_KINDS, IngressController, Project, Service, template_of
from designer.model.core import Container

ANNOTATION = "traefik.ingress.kubernetes.io/router."
# The annotations of a router that are computed here; each other one changes routing in a way that is not.
COMPUTED = re.compile(r"tls|tls\.certresolver|tls\.domains\..*|entrypoints")
_FLAG = re.compile(r"--entrypoints\.(?P<name>[^.=]+)\.(?P<option>[^=]+)(?:=(?P<value>.*))?", re.IGNORECASE | re.DOTALL)
INTERNAL = "traefik"  # the entry point of the dashboard, which is no default one
REDIRECT = "http.redirections.entrypoint."


@dataclass(frozen=True, slots=True)
class RouterNote:
    """What annotations of an Ingress say of its routers: TLS of their own, and entry points (none: default ones)."""

    tls: bool = False
    points: tuple[str, ...] = ()


PLAIN_ROUTER = RouterNote()


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """One entry point; `name` is "" for one that the input does not show. `port` is the one that it listens on.

    `default` says that routers without entry points are there. `redirect` is the scheme and port (0 for the scheme's
    own) that every plain request is sent to, None for no redirection. `middlewares` come before every router's own.
    """

    name: str = ""
    port: int = 0
    tls: bool = False
    default: bool = True
    redirect: tuple[str, int] | None = None
    permanent: bool = True
    middlewares: str = ""

    def takes(self, router: RouterNote, tls: bool) -> bool:
        """Whether a router is asked about a request here."""
        here = self.name in router.points if router.points and self.name else self.default
        return here and (router.tls or self.tls) == tls


def note_of(annotations: Mapping[str, str]) -> RouterNote:
    """What the annotations of an Ingress say of its routers."""
    found = {
        key.lower().removeprefix(ANNOTATION): value
        for key, value in annotations.items()
        if key.lower().startswith(ANNOTATION)
    }
    tls = found.get("tls", "").lower() == "true" or any(key.startswith("tls.") for key in found)
    points = tuple(word.strip() for word in found.get("entrypoints", "").split(",") if word.strip())
    return RouterNote(tls, points) if tls or points else PLAIN_ROUTER


@dataclass(frozen=True, slots=True)
class EntryPoints:
    """The entry points that plain and HTTPS requests may come to; several where the input does not say which."""

    plain: tuple[EntryPoint, ...]
    secure: tuple[EntryPoint, ...]

    def for_request(self, tls: bool) -> tuple[EntryPoint, ...]:
        """Those of one scheme."""
        return self.secure if tls else self.plain


# Nothing known: an entry point for plain requests without TLS, and one of which TLS is the question.
UNSEEN = EntryPoints((EntryPoint(),), (EntryPoint(tls=True), EntryPoint()))


def entry_points(project: Project, controller: IngressController) -> EntryPoints:
    """The entry points of a Traefik, from the arguments of its workload; `UNSEEN` where they are not given there."""
    workload = project.get(controller.spec.workload or "")
    if not isinstance(workload, WORKLOAD_KINDS):
        return UNSEEN
    spec = template_of(workload).spec  # type: ignore[arg-type]
    for container in spec.containers:
        points = _read((*container.command, *container.args))
        if points:
            service = project.find(Service, controller.spec.service or "")
            return EntryPoints(_reached(points, 80, container, service), _reached(points, 443, container, service))
    return UNSEEN


def _read(words: tuple[str, ...]) -> tuple[EntryPoint, ...]:
    """The entry points of arguments, in their order; none where a file or the environment has them."""
    if any(word.lower().startswith("--configfile") for word in words):
        return ()
    options: dict[str, dict[str, str]] = {}
    for word, follows in zip(words, (*words, "")[1:], strict=False):
        match = _FLAG.fullmatch(word)
        if match is not None:
            value = match["value"]
            if value is None:
                value = follows if follows and not follows.startswith("-") else "true"
            options.setdefault(match["name"].lower(), {})[match["option"].lower()] = value
    return tuple(_with_targets([_point(name, given) for name, given in options.items()], options))


def _point(name: str, given: Mapping[str, str]) -> EntryPoint:
    return EntryPoint(
        name,
        _port(given.get("address", "")),
        given.get("http.tls", "").lower() == "true" or any(key.startswith("http.tls.") for key in given),
        given.get("asdefault", "").lower() == "true",
        permanent=given.get(f"{REDIRECT}permanent", "true").lower() != "false",
        middlewares=given.get("http.middlewares", ""),
    )


def _with_targets(points: list[EntryPoint], options: Mapping[str, Mapping[str, str]]) -> Iterator[EntryPoint]:
    """The points with what refers to others: the default ones where none says that it is, where redirections lead."""
    ports = {point.name: point.port for point in points}
    said = any(point.default for point in points)
    for point in points:
        given = options[point.name]
        to = given.get(f"{REDIRECT}to", "")
        redirect = None
        if to:
            port = int(to[1:]) if re.fullmatch(r":\d+", to) else ports.get(to.lower(), 0)
            scheme = given.get(f"{REDIRECT}scheme", "https")
            redirect = (scheme, 0 if port == {"http": 80, "https": 443}.get(scheme) else port)
        yield replace(point, default=point.default if said else point.name != INTERNAL, redirect=redirect)


def _port(address: str) -> int:
    """The port of ``:8443/tcp``, 0 where there is none (and for UDP, which has no routers of Ingresses)."""
    match = re.fullmatch(r".*:(\d+)(?:/tcp)?", address.lower())
    return int(match[1]) if match else 0


def _reached(
    points: tuple[EntryPoint, ...], port: int, container: Container, service: Service | None
) -> tuple[EntryPoint, ...]:
    """The entry points behind port 80 or 443 of the controller; all that listen where that is not to be seen."""
    named = {one.name: one.containerPort for one in container.ports if one.name}
    numbers = [one.containerPort for one in container.ports if one.hostPort == port]
    for one in service.spec.ports if service is not None else ():
        if one.port == port:
            target = one.targetPort if one.targetPort is not None else one.port
            numbers.append(named.get(target, 0) if isinstance(target, str) else target)
    found = _listening(points, numbers or [port])
    return found or _listening(points, (point.port for point in points if point.name != INTERNAL)) or (EntryPoint(),)


def _listening(points: tuple[EntryPoint, ...], numbers: Iterable[int]) -> tuple[EntryPoint, ...]:
    wanted = [number for number in numbers if number]
    return tuple(point for point in points if point.port in wanted)
