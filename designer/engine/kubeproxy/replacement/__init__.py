"""Services without kube-proxy: the lookup tables that Cilium and Calico's eBPF data plane hold, and their text."""

from designer.engine.kubeproxy.replacement.frontends import Frontend, FrontendKind, frontends_of, host_port_of
from designer.engine.kubeproxy.replacement.listing import service_table, table_text
from designer.engine.kubeproxy.replacement.selection import Choice

__all__ = ["Choice", "Frontend", "FrontendKind", "frontends_of", "host_port_of", "service_table", "table_text"]
