"""What an ingress-nginx controller is told for all of its Ingresses: flags of its container, keys of its ConfigMap.

Source: kubernetes/ingress-nginx v1.15, docs/user-guide/cli-arguments.md and nginx-configuration/configmap.md (with
internal/ingress/controller/config/config.go for the defaults). A ConfigMap that the input lacks has the defaults.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from designer.engine.l7.nginx_notes import DEFAULTS, Defaults, codes, ranges
from designer.engine.l7.nginx_values import FALSE, TRUE
from designer.model import WORKLOAD_KINDS, IngressController, Project, template_of
from designer.model.core import Container

OWN_NAMESPACE = "$(POD_NAMESPACE)"
# Keys that may answer requests, or send them elsewhere, which is not computed.
DOUBTFUL_KEYS = ("server-snippet", "location-snippet", "http-snippet", "main-snippet", "global-auth-url", "block-cidrs",
                 "block-user-agents", "block-referers", "enable-modsecurity")  # fmt: skip


@dataclass(frozen=True, slots=True)
class NginxOptions:
    """`defaults` hold where annotations say nothing. `fallback` is the Service (id) of requests that no rule takes.

    `doubt` names what the ConfigMap has that is not computed, "" without any. `forwarded`: headers X-Forwarded-* of
    requests are believed, `proxied`: who calls is what a PROXY header says.
    `no_catch_all`: an Ingress with a default backend is left out (flag --disable-catch-all).
    `underscores`: nginx keeps headers with an underscore in their name.
    `strict`: an Ingress with an expression in an Exact or Prefix path is left out.
    """

    defaults: Defaults = DEFAULTS
    fallback: str = ""
    doubt: str = ""
    forwarded: bool = False
    strict: bool = True
    proxied: bool = False
    underscores: bool = False
    no_catch_all: bool = False


USUAL = NginxOptions()


def nginx_options(project: Project, controller: IngressController) -> NginxOptions:
    """The options of a controller: those of its workload's container and of the ConfigMap that it names."""
    workload = project.get(controller.spec.workload or "")
    if not isinstance(workload, WORKLOAD_KINDS):
        return USUAL
    containers = template_of(workload).spec.containers  # type: ignore[arg-type]
    for container in containers:
        flags = _flags(container)
        if "configmap" in flags or "controller-class" in flags or "ingress-class" in flags or len(containers) == 1:
            named = flags.get("configmap", "").replace(OWN_NAMESPACE, workload.namespace)
            kept = project.foreign.get(f"v1/ConfigMap:{named}")
            data = kept.data.get("data") if kept is not None else None
            texts = {str(k): str(v).strip() for k, v in data.items()} if isinstance(data, Mapping) else {}
            return _options(texts, flags, workload.namespace, _recent(container.image or ""))
    return USUAL


def _recent(image: str) -> bool | None:
    """Whether an image is of v1.12 or later, whose defaults are stricter; None where its tag does not say."""
    found = re.search(r":v?(\d+)\.(\d+)\.\d", image)
    return (int(found[1]), int(found[2])) >= (1, 12) if found else None


def _options(data: Mapping[str, str], flags: Mapping[str, str], namespace: str, recent: bool | None) -> NginxOptions:
    code = data.get("http-redirect-code", "")
    exempt = data.get("no-tls-redirect-locations")
    fallback = flags.get("default-backend-service", "").replace(OWN_NAMESPACE, namespace)
    passed = flags.get("enable-ssl-passthrough", "") in TRUE if flags else None
    checked = flags.get("enable-annotation-validation", "")
    defaults = Defaults(
        _boolean(data, "ssl-redirect", DEFAULTS.ssl_redirect),
        _boolean(data, "force-ssl-redirect", DEFAULTS.force_ssl),
        int(code) if code in ("301", "302", "307", "308") else DEFAULTS.https_code,
        DEFAULTS.no_tls if exempt is None else tuple(word.strip() for word in exempt.split(",") if word.strip()),
        ranges(data.get("whitelist-source-range", "")) or (),
        ranges(data.get("denylist-source-range", "")) or (),
        passed,
        True if checked in TRUE else False if checked in FALSE else recent,
        _boolean(data, "preserve-trailing-slash", DEFAULTS.trailing),
        codes(data.get("custom-http-errors", "")) or (),
        _boolean(data, "service-upstream", DEFAULTS.by_address),
        _boolean(data, "relative-redirects", DEFAULTS.relative),
    )
    key = next((key for key in DOUBTFUL_KEYS if data.get(key, "") not in ("", *FALSE)), "")
    doubt = f"{key} of the controller's ConfigMap may answer the request, which is not computed" if key else ""
    return NginxOptions(
        defaults,
        f"Service:{fallback}" if "/" in fallback else "",
        doubt,
        _boolean(data, "use-forwarded-headers", False),
        _boolean(data, "strict-validate-path-type", recent is not False),
        _boolean(data, "use-proxy-protocol", False),
        _boolean(data, "enable-underscores-in-headers", False),
        flags.get("disable-catch-all", "") in TRUE,
    )


def _boolean(data: Mapping[str, str], key: str, default: bool) -> bool:
    text = data.get(key, "")
    return True if text in TRUE else False if text in FALSE else default


def _flags(container: Container) -> dict[str, str]:
    """``--name=value`` and ``--name`` of a container by name."""
    found: dict[str, str] = {}
    for word in (*container.command, *container.args):
        name, mark, value = word.partition("=")
        if name.startswith("--"):
            found[name[2:]] = value if mark else "true"
    return found
