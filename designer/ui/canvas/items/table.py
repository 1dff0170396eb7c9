"""Which item draws which facts."""

from __future__ import annotations

from typing import Any

from designer.ui.canvas import facts
from designer.ui.canvas.items.aside import AsideItem
from designer.ui.canvas.items.balancer import BalancerItem
from designer.ui.canvas.items.caller import CallerItem
from designer.ui.canvas.items.controller import ControllerItem
from designer.ui.canvas.items.frame import FrameItem
from designer.ui.canvas.items.gateway import GatewayItem
from designer.ui.canvas.items.group import GroupItem
from designer.ui.canvas.items.item import CanvasItem
from designer.ui.canvas.items.note import NoteItem
from designer.ui.canvas.items.outside import OutsideItem
from designer.ui.canvas.items.podbox import PodBoxItem
from designer.ui.canvas.items.policy import PolicyItem
from designer.ui.canvas.items.service import ServiceItem
from designer.ui.canvas.items.unserved import UnservedItem

AnyItem = CanvasItem[Any]

ITEMS: dict[type, type[AnyItem]] = {
    facts.PodBoxFacts: PodBoxItem,
    facts.ServiceFacts: ServiceItem,
    facts.ControllerFacts: ControllerItem,
    facts.GatewayFacts: GatewayItem,
    facts.UnservedFacts: UnservedItem,
    facts.PolicyFacts: PolicyItem,
    facts.AsideFacts: AsideItem,
    facts.OutsideFacts: OutsideItem,
    facts.BalancerFacts: BalancerItem,
    facts.NoteFacts: NoteItem,
    facts.CallerFacts: CallerItem,
    facts.FrameFacts: FrameItem,
    facts.GroupFacts: GroupItem,
}


def item_for(thing: facts.Facts) -> AnyItem:
    """A new item that draws these facts."""
    return ITEMS[type(thing)](thing)
