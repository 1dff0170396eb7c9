"""What a scene would work out of a cluster before it draws it: done in any thread, so that the scene finds it there."""

from __future__ import annotations

from dataclasses import dataclass

from designer.engine.compile import ClusterState
from designer.ui.canvas.describe import Describer, Memo
from designer.ui.canvas.pod_layer import PodLayer
from designer.ui.canvas.shields import Shields
from designer.ui.canvas.views import picture_of


@dataclass(frozen=True, slots=True)
class Beforehand:
    """A state with the describer's memory of it and a layer that has looked at all its Pods."""

    state: ClusterState
    memo: Memo
    pods: PodLayer


def beforehand(state: ClusterState) -> Beforehand:
    """What a scene needs of a state for the view that its project was left in."""
    describer = Describer(state)
    picture_of(state.project.canvas.view, describer)
    shields = Shields()
    shields.read(state)
    tints = describer.tints
    layer = PodLayer(lambda namespace: tints.get(namespace, 0), shields.has)
    layer.look_at(state.control.pods.values(), (shields.version, state.project.namespaces()))
    return Beforehand(state, describer.memo, layer)
