"""The cases of `domain/ingress-gateway.md`, "IngressClass selection"."""

from designer.engine.l7 import RouteTable
from tests.engine.l7.web import controller, ingress, ingress_class, routes

NGINX_CLASS = ingress_class("nginx", "k8s.io/ingress-nginx")
NGINX, TRAEFIK = "IngressController:default/ingress-nginx", "IngressController:default/traefik"
ROW = ("shop.example.com", "/", "Prefix", "a")


def reason(table: RouteTable) -> str:
    assert len(table.unserved) == 1
    return table.unserved[0].reason


def test_a_class_leads_to_the_controller_that_it_names() -> None:
    """ingress-gateway.md 3, row 'Class exists'."""
    table = routes(controller("ingress-nginx"), controller("traefik"), NGINX_CLASS, ingress("i", ROW, cls="nginx"))
    assert table.serving("Ingress:default/i") == (NGINX,)
    assert not table.unserved


def test_nobody_acts_for_a_class_that_does_not_exist() -> None:
    """ingress-gateway.md 3, row 'Class missing', and ingress-gateway.md 8, row 'Ignored'."""
    table = routes(controller("ingress-nginx"), NGINX_CLASS, ingress("i", ROW, cls="foo"))
    assert table.serving("Ingress:default/i") == ()
    assert reason(table) == "ingressClassName 'foo' does not exist"


def test_nobody_acts_for_a_class_whose_controller_does_not_run() -> None:
    table = routes(controller("traefik"), NGINX_CLASS, ingress("i", ROW, cls="nginx"))
    assert "no controller in this cluster acts for class nginx" in reason(table)


def test_no_class_and_no_default_is_served_by_nobody() -> None:
    """ingress-gateway.md 3, row 'No class'."""
    table = routes(controller("ingress-nginx"), NGINX_CLASS, ingress("i", ROW))
    assert reason(table) == "no class and no default class"


def test_a_controller_may_watch_ingresses_without_class() -> None:
    """ingress-gateway.md 3, row 'Watched without class'."""
    table = routes(controller("ingress-nginx", watchWithoutClass=True), NGINX_CLASS, ingress("i", ROW))
    assert table.serving("Ingress:default/i") == (NGINX,)


def test_a_controller_takes_only_ingresses_of_the_namespaces_that_it_watches() -> None:
    """ingress-nginx, "Command line arguments": --watch-namespace, all namespaces where it is not given."""
    row = ingress("i", ROW, cls="nginx")
    elsewhere = routes(controller("ingress-nginx", watchNamespaces=["other"]), NGINX_CLASS, row)
    assert elsewhere.serving("Ingress:default/i") == ()
    assert reason(elsewhere) == "controller default/ingress-nginx takes Ingresses of namespace other only"
    for watched in ([], ["default"], ["other", "default"]):
        table = routes(controller("ingress-nginx", watchNamespaces=watched), NGINX_CLASS, row)
        assert table.serving("Ingress:default/i") == (NGINX,) and not table.unserved


def test_admission_writes_the_default_class_into_new_objects_only() -> None:
    """ingress-gateway.md 3, row 'One default'."""
    default = ingress_class("nginx", "k8s.io/ingress-nginx", default=True)
    assert routes(controller("ingress-nginx"), default, ingress("i", ROW)).serving("Ingress:default/i") == (NGINX,)
    old = routes(controller("ingress-nginx"), default, ingress("i", ROW, uid="1"))
    assert reason(old) == "no class and no default class"


def test_of_several_default_classes_the_newest_counts() -> None:
    """ingress-gateway.md 3, row 'Several defaults'."""
    older = ingress_class("nginx", "k8s.io/ingress-nginx", True, "2026-01-01T00:00:00Z")
    newer = ingress_class("traefik", "traefik.io/ingress-controller", True, "2026-02-01T00:00:00Z")
    both = (controller("ingress-nginx"), controller("traefik"))
    assert routes(*both, older, newer, ingress("i", ROW)).serving("Ingress:default/i") == (TRAEFIK,)


def test_several_default_classes_without_dates_leave_the_answer_open() -> None:
    classes = (
        ingress_class("nginx", "k8s.io/ingress-nginx", True),
        ingress_class("t", "traefik.io/ingress-controller", True),
    )
    table = routes(controller("ingress-nginx"), controller("traefik"), *classes, ingress("i", ROW))
    assert table.route(NGINX, "shop.example.com", "/").kind == "cannot-tell"
    assert table.route(TRAEFIK, "shop.example.com", "/").kind == "cannot-tell"


def test_the_legacy_annotation_is_read_and_suppresses_the_default() -> None:
    """ingress-gateway.md 3, row 'Annotation'."""
    default = ingress_class("nginx", "k8s.io/ingress-nginx", default=True)
    legacy = ingress("i", ROW, annotations={"kubernetes.io/ingress.class": "traefik"})
    table = routes(controller("ingress-nginx"), controller("traefik"), default, legacy)
    assert table.serving("Ingress:default/i") == (TRAEFIK,)


def test_annotation_and_field_must_agree() -> None:
    """ingress-gateway.md 3, row 'Annotation'."""
    both = ingress("i", ROW, cls="nginx", annotations={"kubernetes.io/ingress.class": "traefik"})
    table = routes(controller("ingress-nginx"), controller("traefik"), NGINX_CLASS, both)
    assert table.problems[0].code == "ING-90"
    assert "must match `ingressClassName`" in table.problems[0].title
    assert table.serving("Ingress:default/i") == ()


def test_two_controllers_of_one_string_both_serve() -> None:
    """ingress-gateway.md 3, row 'Two controllers'."""
    two = controller("ingress-nginx", "one"), controller("ingress-nginx", "two")
    table = routes(*two, NGINX_CLASS, ingress("i", ROW, cls="nginx"))
    assert table.serving("Ingress:default/i") == ("IngressController:default/one", "IngressController:default/two")


def test_a_controller_may_have_a_string_of_its_own() -> None:
    own = controller("ingress-nginx", controller="example.com/mine")
    table = routes(own, ingress_class("mine", "example.com/mine"), ingress("i", ROW, cls="mine"))
    assert table.serving("Ingress:default/i") == (NGINX,)
