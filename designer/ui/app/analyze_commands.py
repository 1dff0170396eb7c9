"""The Analyze menu: the cluster's settings and its network plugin."""

from __future__ import annotations

from dataclasses import replace

from designer.edits.settings import use_cni
from designer.engine.l7.asked import Asked
from designer.ui.app.shell import Shell


class AnalyzeCommands:
    """What changes the whole cluster to see what comes of it."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell

    def cni(self, choice: str) -> None:
        """Nothing; swaps the network plugin: ``plugin.backend``."""
        plugin, _, backend = choice.partition(".")
        edit = use_cni(self._shell.bridge.project, plugin, backend)
        # Each choice is a step of its own: undo brings back the plugin that was there before it.
        self._shell.bridge.apply(replace(edit, merge_key=None))

    def compare(self) -> None:
        """Nothing; shows what another plugin or another mode of kube-proxy would change."""
        from designer.ui.app.dialogs.compare import CompareDialog

        CompareDialog(self._shell, self._shell.window).open()

    def connectivity(self) -> None:
        """Nothing; shows which flows are opened and closed against another state or another project."""
        self._shell.window.diff.dialog()

    def leave_connectivity(self) -> None:
        """Nothing; takes these flows off the canvas."""
        self._shell.window.diff.diffing.leave()

    def swapped(self) -> None:
        """Nothing; shows what the last swap of plugin or mode has changed."""
        self._shell.window.swaps.show_last()

    def local_drops(self) -> None:
        """Nothing; shows the Nodes on which a Service with traffic policy Local answers nobody."""
        from designer.ui.app.dialogs.local_drops import LocalDropsDialog

        LocalDropsDialog(self._shell, self._shell.window).open()

    def migrate(self) -> None:
        """Nothing; shows the Ingresses as Gateway API manifests, what is lost and what stays the same."""
        from designer.ui.app.dialogs.migration import MigrationDialog

        MigrationDialog(self._shell, self._shell.window).open()

    def routing(self) -> None:
        """Nothing; asks two sets of manifests for every request that their rules can tell apart."""
        from designer.ui.app.dialogs.routing import RoutingDialog

        RoutingDialog(self._shell, self._shell.window).open()

    def ask_routes(self, asked: Asked) -> None:
        """Nothing; asks every Gateway and Ingress controller of the cluster for a request, in the panel Routes."""
        from designer.ui.panels.routes_panel import RoutesPanel

        panel = self._shell.window.bottom.show_panel("routes")
        assert isinstance(panel, RoutesPanel)
        panel.show_request(asked)

    def proxy(self) -> None:
        """Nothing; shows the settings of kube-proxy."""
        from designer.ui.app.dialogs.cluster_fields import PROXY_FIELDS
        from designer.ui.app.dialogs.cluster_settings import ClusterDialog

        ClusterDialog("kube-proxy", PROXY_FIELDS, self._shell.bridge, self._shell.window).open()

    def cluster(self, path: str = "") -> None:
        """Nothing; shows the settings of the cluster, at the field of a `path` where one is given."""
        from designer.ui.app.dialogs.cluster_fields import CLUSTER_FIELDS
        from designer.ui.app.dialogs.cluster_settings import ClusterDialog

        dialog = ClusterDialog("Cluster settings", CLUSTER_FIELDS, self._shell.bridge, self._shell.window)
        dialog.open()
        dialog.show_field(path)
