"""Cluster names: `domain/pitfalls.md`, "DNS"."""

from __future__ import annotations

from collections.abc import Iterator

from designer.engine.checks.survey import Survey, Template, short
from designer.engine.controlplane.resolvconf import (
    FORMING,
    MAX_NAMESERVERS,
    MAX_SEARCH_CHARACTERS,
    MAX_SEARCHES,
    resolv_conf,
)
from designer.model import PodSpec, Problem, StatefulSet, object_id

DNS_SERVICE = "Service:kube-system/kube-dns"
# Names that are also well-known top-level domains: with search lists, `host.com` may be looked up in namespace `com`.
TOP_LEVEL = frozenset(
    {
        "ai",
        "app",
        "biz",
        "cloud",
        "com",
        "de",
        "dev",
        "edu",
        "eu",
        "gov",
        "info",
        "int",
        "io",
        "mil",
        "net",
        "org",
        "uk",
        "us",
    }
)


def dns_policy(s: Survey) -> Iterator[Problem]:
    """DNS-03, DNS-04: a dnsPolicy that does not do what its name says."""
    for template in s.templates:
        spec, path = template.spec, template.path
        policy = spec.dnsPolicy or "ClusterFirst"
        if spec.hostNetwork and policy == "ClusterFirst" and not _is_system(template):
            title = f"{short(template.id)}: hostNetwork with dnsPolicy ClusterFirst cannot resolve cluster names"
            why = "For hostNetwork Pods ClusterFirst silently means the Node's own resolv.conf."
            fix = "Set dnsPolicy: ClusterFirstWithHostNet."
            yield s.problem("DNS-03", "error", template.id, f"{path}.dnsPolicy", title, why, fix)
        if policy == "Default" and template.labels.get("k8s-app") != "kube-dns":
            title = f"{short(template.id)}: dnsPolicy Default does not resolve cluster names"
            why = "Default is not the default: it means the Node's own resolv.conf."
            yield s.problem("DNS-04", "warning", template.id, f"{path}.dnsPolicy", title, why, "Remove dnsPolicy.")


def dns_config(s: Survey) -> Iterator[Problem]:
    """DNS-11: a dnsConfig that the API server refuses, or of which kubelet drops a part.

    pkg/apis/core/validation (validatePodDNSConfig) holds the lists of dnsConfig to the limits, kubelet what it makes of
    them and its own (formDNSConfigFitsLimits).
    """
    asking = [template for template in s.templates if template.spec.dnsConfig or template.spec.dnsPolicy == "None"]
    pods = {pod.owner or pod.id: pod for pod in reversed(s.pods)} if asking else {}
    for template in asking:
        path, fix = f"{template.path}.dnsConfig", "Shorten the lists."
        wrong = _refused(template.spec)
        pod = pods.get(template.id)
        if wrong:
            title = f"{short(template.id)}: the API server refuses its dnsConfig: {wrong}"
            fix = "Add a nameserver." if "at least" in wrong else fix
            yield s.problem("DNS-11", "error", template.id, path, title, "No Pod is made of it.", fix)
        elif pod is not None:
            for event in resolv_conf(pod, s.control, s.project.cluster).events:
                if event.startswith(FORMING):
                    title = f"{short(template.id)}: too many nameservers or search domains"
                    yield s.problem("DNS-11", "warning", template.id, path, title, f"kubelet says: {event}.", fix)


def _refused(spec: PodSpec) -> str:
    """What the API server says against a dnsConfig, "" for nothing."""
    config = spec.dnsConfig
    if spec.dnsPolicy == "None" and (config is None or not config.nameservers):
        return "dnsPolicy None needs at least one nameserver"
    if config is None:
        return ""
    if len(config.nameservers) > MAX_NAMESERVERS:
        return f"it must not have more than {MAX_NAMESERVERS} nameservers"
    if len(config.searches) > MAX_SEARCHES:
        return f"it must not have more than {MAX_SEARCHES} search paths"
    if len(" ".join(config.searches)) > MAX_SEARCH_CHARACTERS:
        return f"it must not have more than {MAX_SEARCH_CHARACTERS} characters in the search list"
    return ""


def _is_system(template: Template) -> bool:
    """Whether it is a part of Kubernetes itself (kube-proxy, network plugins), which needs no cluster names."""
    priority = str((template.spec.model_extra or {}).get("priorityClassName", ""))
    return template.namespace == "kube-system" or priority.startswith("system-")


def governing_service(s: Survey) -> Iterator[Problem]:
    """DNS-05: a StatefulSet whose Service is missing or not headless."""
    for workload in s.project.of(StatefulSet):
        name = workload.spec.serviceName
        if not name:
            continue
        service = s.control.services.get(object_id("Service", workload.namespace, name))
        if service is not None and service.headless:
            continue
        what = "does not exist" if service is None else "is not headless"
        title = f"{short(workload.id)}: its Service {workload.namespace}/{name} {what}"
        why = "Names like pod-0.service exist only through a headless Service of that name."
        fix = f"Create Service {name} with clusterIP: None." if service is None else f"Set clusterIP: None in {name}."
        yield s.problem("DNS-05", "error", workload.id, "spec.serviceName", title, why, fix)


def dns_servers(s: Survey) -> Iterator[Problem]:
    """DNS-07 and DNS-08: cluster DNS without ready Pods, or with too few."""
    service = s.control.services.get(DNS_SERVICE)
    if service is None or not s.pods:
        return
    endpoints = [e for part in s.control.slices.get(DNS_SERVICE, ()) for e in part.endpoints]
    ready = {e.pod or e.addresses: e for e in endpoints if e.ready}
    if not ready:
        title = f"{short(DNS_SERVICE)}: no DNS server is ready"
        why = "Every lookup of every Pod fails."
        if any(e.serving and e.terminating for e in endpoints):
            why = (
                "Only servers that are being deleted still answer; when they are gone, every lookup of every Pod fails."
            )
        yield s.problem("DNS-07", "error", DNS_SERVICE, "spec.selector", title, why, "Make the CoreDNS Pods ready.")
    elif len(ready) < 2 or (len({e.node for e in ready.values()}) == 1 and len(s.control.nodes) > 1):
        how = "one Pod" if len(ready) < 2 else "Pods of one Node"
        title = f"{short(DNS_SERVICE)}: names depend on {how}"
        why = "When it is gone, no name resolves."
        yield s.problem("DNS-08", "warning", DNS_SERVICE, "spec.selector", title, why, "Run CoreDNS on two Nodes.")


def forward_loop(s: Survey) -> Iterator[Problem]:
    """DNS-09: CoreDNS forwards to itself: to its own Pod by localhost, or to the cluster's DNS Service."""
    corefile, service = s.control.corefile, s.control.services.get(DNS_SERVICE)
    own = service.cluster_ips if service is not None else ()
    for block in corefile.blocks if corefile is not None else ():
        for plugin in block.plugins:
            if plugin.name != "forward" or corefile is None:
                continue
            to = next((word for word in plugin.args[1:] if _leads_back(word, own)), "")
            if to:
                loop = any(one.name == "loop" for one in block.plugins)
                title = f"CoreDNS forwards to itself: forward {plugin.args[0]} {to}"
                why = "The plugin loop sees that and stops CoreDNS: CrashLoopBackOff." if loop else (
                    "Each such query goes round until it fails, and nothing stops it without the plugin loop."
                )  # fmt: skip
                fix = "Name a resolver outside the cluster; kubelet's resolvConf must not lead to 127.0.0.53 either."
                yield s.problem("DNS-09", "error", corefile.id, "data.Corefile", title, why, fix)
                break


def _leads_back(word: str, own: tuple[str, ...]) -> bool:
    """Whether a target of `forward` on port 53 is CoreDNS itself; its Pod has a localhost of its own."""
    host = word.removeprefix("dns://")
    if host.startswith("["):
        host, _, port = host[1:].partition("]")
        port = port.removeprefix(":")
    else:
        host, _, port = host.partition(":") if host.count(":") == 1 else (host, "", "")
    return port in ("", "53") and (host.startswith("127.") or host == "::1" or host in own)


def namespace_like_domain(s: Survey) -> Iterator[Problem]:
    """DNS-10: a namespace with the name of a top-level domain."""
    for name in s.project.namespaces():
        if name in TOP_LEVEL:
            title = f"Namespace {name} is also a top-level domain"
            why = f"The search list turns host.{name} into host.{name}.svc first: a Service may answer for a real host."
            yield s.problem(
                "DNS-10", "warning", f"Namespace:{name}", "metadata.name", title, why, "Choose another name."
            )
