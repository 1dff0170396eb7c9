"""Ranges counted by arithmetic, addresses in their order."""

from functools import lru_cache

from designer.edits.settings import set_cluster
from designer.engine.compile import ClusterState, compile_project
from designer.present.address_rows import address_rows, range_rows
from designer.resources import resource_path
from designer.storage import open_file


@lru_cache
def shop() -> ClusterState:
    project = open_file(resource_path("samples", "shop.cnd")).project
    assert project is not None
    return compile_project(project)


def test_ranges_have_their_size_and_what_is_used() -> None:
    rows = {(row.range, row.owner): row for row in range_rows(shop())}
    pods = rows["10.244.0.0/16", "cluster"]
    # Nine Pods: two coredns, one prober, three api, one db, two frontend.
    assert (pods.size, pods.used, pods.free) == (2**16, 9, 2**16 - 9)
    assert sum(row.used for row in rows.values() if row.owner.startswith("node-")) == 9
    services = rows["10.96.0.0/12", "cluster"]
    assert (services.size, services.used) == (2**20, 4)


def test_a_pool_of_a_few_addresses_is_counted_with_both_ends() -> None:
    pools = [{"name": "p", "addresses": ["203.0.113.10-203.0.113.12", "203.0.113.32/30", "fd00::1-fd00::10"]}]
    edit = set_cluster(shop().project, "loadBalancer.pools", pools)
    assert edit.ok
    rows = [row for row in range_rows(compile_project(edit.project)) if row.role == "Load balancers"]
    assert [(row.size, row.used) for row in rows] == [(3, 0), (4, 0), (16, 0)]


def test_addresses_are_in_the_order_of_their_numbers() -> None:
    rows = [row.address for row in address_rows(shop()) if row.role == "ClusterIP"]
    assert rows[:2] == ["10.96.0.1", "10.96.0.10"]
    nodes = [(row.address, row.oid) for row in address_rows(shop()) if row.role == "Node"]
    assert nodes == [
        ("192.168.10.11", "Node:node-1"),
        ("192.168.10.12", "Node:node-2"),
        ("192.168.10.13", "Node:node-3"),
    ]
