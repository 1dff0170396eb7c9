"""What differs between Ingress controllers, as data, from these sections of `domain/ingress-gateway.md`:

"Ingress matching rules" (API semantics), "IngressClass selection", "Conflicts between Ingress objects".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from designer.model import FrozenMap

# How a Prefix path is compared: element by element, or as a plain string.
PrefixRule = Literal["element", "character"]
# What an ImplementationSpecific path means: a Prefix of one kind, or nothing that anybody can say.
ImplementationRule = Literal["element", "character", "unknown"]
# Who wins when two Ingresses hold the same host and path.
DuplicateRule = Literal["oldest", "undefined"]
# How candidates are ranked: host, then path; or the length of the rule's text (Traefik).
Ranking = Literal["host-then-path", "rule-length"]
# What a default backend beside rules is good for: the hosts of the Ingress; those, and perhaps others ("text": the API
# says "requests that don't match any rule", and controllers differ in how far that goes); nothing; or not known.
RuleDefaults = Literal["hosts", "text", "ignored", "unknown"]
# How a request's path is seen: as it was sent, as Traefik cleans it (`seen_paths`), or in a way that nobody says.
PathRule = Literal["raw", "traefik", "unknown"]
# What takes HTTPS requests: every rule (with a certificate of the controller's own where there is no other); those
# whose entry point or annotation says so (Traefik, `entry_points`); all once there is some certificate; hosts with TLS.
TlsRule = Literal["every", "entry-point", "certificate", "host"]
# Whether a request that finds its host but no path there is tried against less specific hosts.
FallThrough = Literal["never", "always", "unknown"]


@dataclass(frozen=True, slots=True)
class ControllerProfile:
    """One controller. `annotation` is the value of ``kubernetes.io/ingress.class`` that it answers to, None: not known.

    `missing_backend` is the status for a Service, port or endpoint that is not there, None where it is not known.
    `redirect` is the status with which a plain HTTP request to a host with TLS is answered, 0 for no redirect, None
    where that depends on the controller's own configuration. `rule_defaults` is what ``spec.defaultBackend`` beside
    rules does, `paths` how a request's path is seen. `servers`: it decides as nginx does, by servers and locations
    (`nginx`). `uses_serving`: endpoints count by their `serving` condition instead of `ready`.
    `external_names` is the option without which ExternalName Services are refused, "" for none. `doubtful` are
    annotations (whole, or a prefix ending in a dot) that change routing in ways that are not computed; `values_off`
    are values with which such an annotation changes nothing. `retired` says since when, "" where not.
    `over_tls` says what takes HTTPS requests. `exact_first`: an Exact path goes before a Prefix of the same length.
    `skips_missing`: a rule whose Service or port does not exist is left out, as if it were not written.
    """

    name: str
    title: str
    prefix: PrefixRule
    implementation_specific: ImplementationRule
    duplicates: DuplicateRule
    ranking: Ranking
    fall_through: FallThrough
    annotation: str | None
    missing_backend: int | None
    redirect: int | None
    rule_defaults: RuleDefaults
    paths: PathRule = "raw"
    servers: bool = False
    doubtful: tuple[str, ...] = ()
    retired: str = ""
    uses_serving: bool = False
    external_names: str = ""
    values_off: tuple[str, ...] = ("false", "")
    over_tls: TlsRule = "every"
    exact_first: bool = True
    skips_missing: bool = False


INGRESS_NGINX = ControllerProfile(
    name="ingress-nginx",
    title="ingress-nginx",
    prefix="element",  # Conflicts, "ingress-nginx facts": `= /foo` plus prefix `/foo/`
    implementation_specific="element",  # the controller makes Prefix of it (k8s.SetDefaultNGINXPathType)
    duplicates="oldest",
    ranking="host-then-path",
    fall_through="never",  # one server per host; an nginx server never borrows another server's locations
    annotation="nginx",
    missing_backend=503,
    redirect=308,
    rule_defaults="hosts",
    servers=True,
    retired="March 2026",
)

TRAEFIK = ControllerProfile(
    name="traefik",
    title="Traefik",
    prefix="character",  # Conflicts, "Traefik facts": unless strictPrefixMatching is on
    implementation_specific="character",
    duplicates="undefined",
    ranking="rule-length",
    fall_through="always",
    annotation="traefik",
    missing_backend=None,
    redirect=0,
    # pkg/provider/kubernetes/ingress: a default backend is read of an Ingress without rules only
    rule_defaults="ignored",
    paths="traefik",
    external_names="allowExternalNameServices",  # pkg/provider/kubernetes/ingress, loadService: refused without
    uses_serving=True,  # "Traefik facts": endpoints with `serving` true, others with `ready`
    doubtful=("traefik.ingress.kubernetes.io/router.",),
    over_tls="entry-point",
    skips_missing=True,  # pkg/provider/kubernetes/ingress, loadConfigurationFromIngresses: "Cannot create service"
)

# haproxytech/kubernetes-ingress (HAProxy Technologies), not jcmoraisjr's haproxy-ingress, which is another program:
# hosts and paths are rows of map files (pkg/route/route.go), asked in the order of its backend switching rules.
HAPROXY = ControllerProfile(
    name="haproxy",
    title="HAProxy Technologies' controller",
    prefix="element",  # rows for the path itself and for the path with a final slash
    implementation_specific="character",  # a row for the path as it is, compared from the beginning
    duplicates="undefined",
    ranking="host-then-path",
    fall_through="never",  # a path is looked up with the one host that was found in the map of hosts
    annotation=None,
    missing_backend=None,
    redirect=None,
    rule_defaults="unknown",
    doubtful=tuple(
        f"{prefix}/{name}"
        for prefix in ("haproxy.org", "haproxy.com", "ingress.kubernetes.io")  # documentation/annotations.md
        for name in (
            "allow-list", "auth-type", "backend-config-snippet", "blacklist", "deny-list",
            "path-rewrite", "request-redirect", "route-acl", "set-host", "ssl-passthrough", "ssl-redirect", "whitelist",
        )
    ),
    exact_first=False,  # both are rows of the map of whole paths, which is sorted by row and so by backend
    over_tls="certificate",  # pkg/handler/https.go: TLS at the HTTPS port while some certificate is in use
)  # fmt: skip

SPEC = ControllerProfile(
    name="spec",
    title="a controller that follows the API text",
    prefix="element",
    implementation_specific="unknown",
    duplicates="undefined",
    ranking="host-then-path",
    fall_through="unknown",
    annotation=None,
    missing_backend=None,
    redirect=0,
    rule_defaults="text",
    paths="unknown",
    over_tls="host",
)

PROFILES: FrozenMap[str, ControllerProfile] = FrozenMap({p.name: p for p in (INGRESS_NGINX, TRAEFIK, HAPROXY, SPEC)})
