"""What the API server refuses in the addresses of a Service: one small function a rule.

domain/services.md, "API server validation", rows 12, 15, 16 and 21; upstream: pkg/apis/core/validation/validation.go
(ValidateServiceClusterIPsRelatedFields, validateService), pkg/registry/core/service/storage/alloc.go and KEP-4858.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from functools import lru_cache

from designer.edits.servicefamilies import BOTH, POLICIES, family_name, family_policy, is_headless
from designer.edits.serviceports import Finding, Version
from designer.model import Service

ZEROS = re.compile(r"(^|[./])0\d")
LINK_LOCAL_MULTICAST = (ipaddress.ip_network("224.0.0.0/24"), ipaddress.ip_network("ff02::/16"))
NO_ADDRESS = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
NO_CIDR = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"
RANGES_ANNOTATION = "service.beta.kubernetes.io/load-balancer-source-ranges"


def cluster_ips(service: Service, version: Version) -> Iterator[Finding]:
    """At most one address a family, ``None`` alone, the first equal to `clusterIP`."""
    spec, path = service.spec, "spec.clusterIPs"
    if spec.type == "ExternalName":
        return
    if spec.clusterIPs and not spec.clusterIP:
        yield path, "Invalid value: must be empty when `clusterIP` is not specified"
    elif spec.clusterIPs and spec.clusterIPs[0] != spec.clusterIP:
        yield path, "Invalid value: first value must match `clusterIP`"
    ips = spec.clusterIPs or ((spec.clusterIP,) if spec.clusterIP else ())
    wrong = [(i, ip) for i, ip in enumerate(ips) if not is_address(ip) and (i > 0 or ip != "None")]
    for index, ip in wrong:
        yield f"{path}[{index}]", f"Invalid value: {ip!r}: {NO_ADDRESS}"
    if len(ips) > 2:
        yield path, "Invalid value: may only hold up to 2 values"
    if ips[:1] == ("None",) and len(ips) > 1:
        yield path, "Invalid value: 'None' must be the first and only value"
    elif len(ips) > 1 and not wrong and len({family_name(ip) for ip in ips}) < 2:
        yield path, "Invalid value: may specify no more than one IP for each IP family"


def families(service: Service, version: Version) -> Iterator[Finding]:
    """IPv4 and IPv6, each once, and a policy that exists."""
    spec = service.spec
    if spec.type == "ExternalName":
        return
    for index, name in enumerate(spec.ipFamilies):
        path = f"spec.ipFamilies[{index}]"
        if name not in BOTH:
            yield path, f'Unsupported value: {name!r}: supported values: "IPv4", "IPv6"'
        if name in spec.ipFamilies[:index]:
            yield path, f"Duplicate value: {name!r}"
    if spec.ipFamilyPolicy is not None and spec.ipFamilyPolicy not in POLICIES:
        allowed = ", ".join(f'"{name}"' for name in sorted(POLICIES))
        yield "spec.ipFamilyPolicy", f"Unsupported value: {spec.ipFamilyPolicy!r}: supported values: {allowed}"


def families_of_ips(service: Service, version: Version) -> Iterator[Finding]:
    """Addresses are of the families in their order; two of either need a dual-stack policy, and none is SingleStack."""
    spec = service.spec
    if spec.type == "ExternalName":
        return
    given = () if is_headless(service) else spec.clusterIPs or (spec.clusterIP or "",)
    for index, (ip, name) in enumerate(zip(given, spec.ipFamilies, strict=False)):
        if is_address(ip) and name in BOTH and family_name(ip) != name:
            text = f"Invalid value: {ip!r}: expected an {name} value as indicated by `ipFamilies[{index}]`"
            yield f"spec.clusterIPs[{index}]", text
    if family_policy(service) == "SingleStack":
        for noun, values in (("cluster IPs", spec.clusterIPs), ("IP families", spec.ipFamilies)):
            if len(values) == 2:
                text = f"must be 'RequireDualStack' or 'PreferDualStack' when multiple {noun} are specified"
                yield "spec.ipFamilyPolicy", f"Invalid value: 'SingleStack': {text}"


def external_ips(service: Service, version: Version) -> Iterator[Finding]:
    """Addresses that a machine outside the Node may have."""
    for index, text in enumerate(service.spec.externalIPs):
        path = f"spec.externalIPs[{index}]"
        if not is_address(text):
            yield path, f"Invalid value: {text!r}: {NO_ADDRESS}"
            continue
        address = ipaddress.ip_address(without_zeros(text))
        if address.is_unspecified:
            yield path, f"Invalid value: {text!r}: may not be unspecified ({text})"
        elif address.is_loopback:
            yield path, f"Invalid value: {text!r}: may not be in the loopback range (127.0.0.0/8, ::1/128)"
        elif address.is_link_local:
            yield path, f"Invalid value: {text!r}: may not be in the link-local range (169.254.0.0/16, fe80::/10)"
        elif any(address in net for net in LINK_LOCAL_MULTICAST if net.version == address.version):
            words = "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"
            yield path, f"Invalid value: {text!r}: {words}"


def source_ranges(service: Service, version: Version) -> Iterator[Finding]:
    """Source ranges, in the field or in the annotation of old, are CIDRs of a Service of type LoadBalancer."""
    for path, text in _ranges(service):
        if not is_cidr(text):
            yield path, f"Invalid value: {text!r}: {NO_CIDR}"
    by_annotation = not service.spec.loadBalancerSourceRanges and RANGES_ANNOTATION in service.metadata.annotations
    if by_annotation and service.spec.type != "LoadBalancer":
        yield f"metadata.annotations[{RANGES_ANNOTATION}]", "Forbidden: may only be used when `type` is 'LoadBalancer'"


def strict(service: Service, version: Version) -> Iterator[Finding]:
    """From 1.36 new addresses are written without leading zeros, CIDRs without host bits (KEP-4858).

    What an API server holds already (it has a uid) was let in before.
    """
    if version < (1, 36) or service.metadata.uid:
        return
    spec = service.spec
    given = [(f"spec.clusterIPs[{i}]", ip) for i, ip in enumerate(spec.clusterIPs or (spec.clusterIP or "",))]
    given += [(f"spec.externalIPs[{i}]", ip) for i, ip in enumerate(spec.externalIPs)]
    for path, text in given:
        if is_address(text) and without_zeros(text) != text:
            yield path, f"Invalid value: {text!r}: must not have leading 0s"
        elif text.lower().startswith("::ffff:") and is_address(text):
            yield path, f"Invalid value: {text!r}: must not be an IPv4-mapped IPv6 address"
    for path, text in _ranges(service):
        if is_cidr(text) and without_zeros(text) != text:
            yield path, f"Invalid value: {text!r}: must not have leading 0s in IP or prefix length"
        elif is_cidr(text) and _host_bits(text):
            yield path, f"Invalid value: {text!r}: must not have bits set beyond the prefix length"


def _ranges(service: Service) -> Iterator[tuple[str, str]]:
    """Path and text of every source range; spaces around one are part of the API."""
    given = service.spec.loadBalancerSourceRanges
    for index, text in enumerate(given):
        yield f"spec.loadBalancerSourceRanges[{index}]", text.strip()
    annotation = "" if given else service.metadata.annotations.get(RANGES_ANNOTATION, "").strip()
    for text in annotation.split(",") if annotation else ():
        yield f"metadata.annotations[{RANGES_ANNOTATION}]", text.strip()


def without_zeros(text: str) -> str:
    """An IPv4 address or CIDR without the leading zeros of its numbers; anything else as it is."""
    if ZEROS.search(text) is None:
        return text
    address, slash, length = text.partition("/")
    parts = address.split(".")
    if len(parts) == 4 and all(part.isdecimal() for part in parts):
        address = ".".join(str(int(part)) for part in parts)
    return f"{address}/{int(length) if length.isdecimal() else length}" if slash else address


@lru_cache(maxsize=1 << 16)
def is_address(text: str) -> bool:
    """Whether `text` is an IP address; leading zeros do not matter (`strict` minds them)."""
    try:
        ipaddress.ip_address(without_zeros(text))
    except ValueError:
        return False
    return "/" not in text


def is_cidr(text: str) -> bool:
    """Whether `text` is a CIDR; leading zeros and host bits do not matter (`strict` minds them)."""
    try:
        ipaddress.ip_network(without_zeros(text), strict=False)
    except ValueError:
        return False
    return "/" in text


def _host_bits(text: str) -> bool:
    try:
        ipaddress.ip_network(without_zeros(text))
    except ValueError:
        return True
    return False
