"""Profiles against `domain/cni.md`: MTU and encapsulation (section 2), enforcement (sections 1 and 4), veth names."""

import pytest

from designer.engine.cni import CniProfile, profile_for, veth_name
from designer.model import CNI_BACKENDS, ClusterSettings, CniSettings


def settings(plugin: str, backend: str, link: int = 1500, **more: object) -> ClusterSettings:
    cni = CniSettings.model_validate({"plugin": plugin, "backend": backend, "linkMTU": link})
    return ClusterSettings.model_validate({"cni": cni, **more})


def profile(plugin: str, backend: str, link: int = 1500, **more: object) -> CniProfile:
    return profile_for(settings(plugin, backend, link, **more))


# Section 2, "Encapsulation overhead and pod MTU": plugin, backend, MTU at 1500, MTU at 9001.
MTU = (
    ("flannel", "host-gw", 1500, 9001),
    ("calico", "bgp", 1500, 9001),
    ("calico", "ipip", 1480, 8981),
    ("calico", "ipip-crosssubnet", 1480, 8981),
    ("calico", "vxlan", 1450, 8951),
    ("calico", "vxlan-crosssubnet", 1450, 8951),
    # With eBPF the pool's encapsulation alone counts (projectcalico/calico felix, determinePodMTU).
    ("calico", "ebpf", 1450, 8951),
    ("calico", "ebpf-vxlan-crosssubnet", 1450, 8951),
    ("calico", "ebpf-ipip", 1480, 8981),
    ("calico", "ebpf-ipip-crosssubnet", 1480, 8981),
    ("calico", "ebpf-bgp", 1500, 9001),
    ("flannel", "vxlan", 1450, 8951),
    ("cilium", "vxlan", 1450, 8951),
    ("cilium", "geneve", 1450, 8951),
    ("cilium", "native", 1500, 9001),
    ("weave", "fastdp", 1376, 1376),
)


@pytest.mark.parametrize(("plugin", "backend", "usual", "jumbo"), MTU)
def test_mtu_of_pods(plugin: str, backend: str, usual: int, jumbo: int) -> None:
    assert profile(plugin, backend).mtu == usual
    assert profile(plugin, backend, 9001).mtu == jumbo


def test_every_backend_of_the_settings_has_a_row() -> None:
    assert {(plugin, backend) for plugin, backend, *_ in MTU} == {
        (plugin, backend) for plugin, backends in CNI_BACKENDS.items() for backend in backends
    }


def test_ipv6_underlay_costs_twenty_bytes_more() -> None:
    dual = profile("flannel", "vxlan", podCIDRs=("10.244.0.0/16", "fd00:10:244::/56"))
    assert dual.mtu == 1430
    assert dual.encapsulation_v6 is not None
    assert dual.encapsulation_v6.overhead == 70


# Section 2, "Ports to open between nodes".
ENCAPSULATION = (
    ("flannel", "vxlan", "flannel.1", "UDP", 8472, 1),
    ("calico", "vxlan", "vxlan.calico", "UDP", 4789, 4096),
    ("calico", "ipip", "tunl0", "IP protocol 4", 0, None),
    ("calico", "ebpf", "vxlan.calico", "UDP", 4789, 4096),
    ("calico", "ebpf-ipip", "tunl0", "IP protocol 4", 0, None),
    ("weave", "fastdp", "vxlan-6784", "UDP", 6784, None),
    ("cilium", "vxlan", "cilium_vxlan", "UDP", 8472, None),
    ("cilium", "geneve", "cilium_geneve", "UDP", 6081, None),
)


@pytest.mark.parametrize(("plugin", "backend", "device", "transport", "port", "vni"), ENCAPSULATION)
def test_encapsulation(plugin: str, backend: str, device: str, transport: str, port: int, vni: int | None) -> None:
    wrap = profile(plugin, backend).encapsulation(4)
    assert wrap is not None
    assert (wrap.device, wrap.transport, wrap.port, wrap.vni) == (device, transport, port, vni)


@pytest.mark.parametrize(("plugin", "backend"), [("flannel", "host-gw"), ("calico", "bgp"), ("cilium", "native")])
def test_plain_backends_do_not_wrap(plugin: str, backend: str) -> None:
    assert profile(plugin, backend).encapsulation(4) is None


def test_ipip_carries_no_ipv6() -> None:
    assert profile("calico", "ipip").encapsulation(6) is None


def test_calico_names_a_veth_after_the_pod() -> None:
    # The name that Calico's own conversion test expects for Pod podA of namespace default.
    assert veth_name(profile("calico", "vxlan"), "default", "podA") == "cali7f94ce7c295"


@pytest.mark.parametrize(
    ("plugin", "prefix", "digits"), [("flannel", "veth", 8), ("weave", "vethwepl", 7), ("cilium", "lxc", 12)]
)
def test_other_veth_names_have_the_plugin_s_form(plugin: str, prefix: str, digits: int) -> None:
    name = veth_name(profile(plugin, CNI_BACKENDS[plugin][0]), "shop", "cart-0")
    assert name.startswith(prefix)
    assert len(name) == len(prefix) + digits <= 15, "the kernel takes 15 characters"
    assert int(name.removeprefix(prefix), 16) >= 0


# Section 1, "Feature table": who enforces policies, and who understands which field.
def test_enforcement() -> None:
    flannel, calico, weave, cilium = (
        profile(plugin, CNI_BACKENDS[plugin][0]).enforcement for plugin in ("flannel", "calico", "weave", "cilium")
    )
    assert not flannel.ingress
    assert not flannel.egress
    assert "Flannel" in flannel.reason
    assert calico.ingress and calico.egress and calico.end_port and calico.named_ports and calico.sctp
    assert weave.ingress and weave.egress and not weave.end_port and not weave.named_ports and not weave.sctp
    assert cilium.ip_block_matches_pods is False
    assert (calico.hook, weave.hook, cilium.hook) == ("forward", "forward", "device")


def test_weave_is_ipv4_only() -> None:
    assert profile("weave", "fastdp").families == (4,)
