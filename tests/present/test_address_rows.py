"""Addresses in their order, and as CSV."""

import csv
import io
from functools import lru_cache

from designer.engine.compile import ClusterState, compile_project
from designer.present.address_rows import address_rows, addresses_csv
from designer.resources import resource_path
from designer.storage import open_file


@lru_cache
def shop() -> ClusterState:
    project = open_file(resource_path("samples", "shop.cnd")).project
    assert project is not None
    return compile_project(project)


def test_addresses_are_in_the_order_of_their_numbers() -> None:
    rows = [row.address for row in address_rows(shop()) if row.role == "ClusterIP"]
    assert rows[:2] == ["10.96.0.1", "10.96.0.10"]
    nodes = [(row.address, row.oid) for row in address_rows(shop()) if row.role == "Node"]
    assert nodes == [
        ("192.168.10.11", "Node:node-1"),
        ("192.168.10.12", "Node:node-2"),
        ("192.168.10.13", "Node:node-3"),
    ]


def test_csv_has_every_address_once_with_its_owner() -> None:
    lines = list(csv.reader(io.StringIO(addresses_csv(shop()))))
    assert lines[0] == ["address", "object", "id", "node", "role", "remark"]
    assert len(lines) == 1 + len(address_rows(shop()))
    assert ["10.96.0.10", "Service kube-system/kube-dns", "Service:kube-system/kube-dns", "", "ClusterIP", ""] in lines
