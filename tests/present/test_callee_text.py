"""What an arrow of a policy asks for: workloads by their names with the container's port, never by an address."""

from designer.engine.repair import repair_request
from designer.present.destination_text import callee_text
from tests.engine.repair.worlds import pod, service, world


def test_a_pod_is_asked_for_by_its_name_and_its_own_port() -> None:
    state = world([pod("shop/front", {"app": "front"}), pod("shop/cart", {"app": "cart"})])
    text = callee_text(state, "Pod:shop/cart")
    assert text == "Pod:shop/cart:80"
    assert repair_request(state, "Pod:shop/front", text, "possible").destination == "shop/cart[Pod] on TCP 80"


def test_a_service_is_asked_for_by_its_name() -> None:
    state = world([pod("shop/cart", {"app": "cart"}), service("shop/cart", {"app": "cart"}, 8000, 80)])
    assert "cart.shop" in callee_text(state, "Service:shop/cart")
