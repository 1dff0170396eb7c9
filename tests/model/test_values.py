"""The model's building bricks: immutable maps, validation, dumps that keep what they do not know."""

import pytest
from pydantic import ValidationError

from designer.model import (
    KIND_BY_API,
    KINDS,
    Canvas,
    FrozenMap,
    Ledger,
    Placement,
    PodRecord,
    Service,
    object_id,
    split_id,
)


def test_a_map_changes_by_giving_a_new_one() -> None:
    one = FrozenMap({"a": 1})
    two = one.set("b", 2)
    assert dict(one) == {"a": 1} and dict(two) == {"a": 1, "b": 2}
    assert two.without("a") == {"b": 2}
    assert one.merged({"a": 3}) == {"a": 3}


def test_a_map_that_would_not_change_stays_the_same_object() -> None:
    value = object()
    found = FrozenMap({"a": value})
    assert found.set("a", value) is found
    assert found.without("b") is found
    assert found.merged({}) is found


def test_maps_are_equal_and_hashed_by_content_whatever_the_order() -> None:
    one, other = FrozenMap({"a": 1, "b": 2}), FrozenMap({"b": 2, "a": 1})
    assert one == other and hash(one) == hash(other) and one == {"a": 1, "b": 2}
    assert one != FrozenMap({"a": 1})


def test_a_map_cannot_be_changed_in_place() -> None:
    with pytest.raises(TypeError):
        FrozenMap({"a": 1})["a"] = 2  # type: ignore[index]


def test_a_source_that_changes_later_does_not_change_the_map() -> None:
    source = {"a": 1}
    found = FrozenMap(source)
    source["a"] = 2
    assert found["a"] == 1


def test_unknown_fields_at_every_depth_are_written_back() -> None:
    data = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web", "finalizers": ["x"]},
        "spec": {"ports": [{"port": 80, "future": {"deep": [1, None]}}], "selector": {"app": "web"}, "new": True},
        "extra": 1.5,
    }
    assert Service.model_validate(data).dump() == data


def test_maps_in_maps_are_dumped_as_plain_data() -> None:
    canvas = Canvas.model_validate({"placements": {"nodes": {"Node:a": {"x": 1, "y": 2}}}})
    assert canvas.dump() == {"placements": {"nodes": {"Node:a": {"x": 1.0, "y": 2.0}}}}
    ledger = Ledger(pods=FrozenMap({"Pod:default/a": PodRecord(name="a")}))
    assert ledger.dump() == {"pods": {"Pod:default/a": {"name": "a"}}}


def test_fields_that_were_never_set_are_not_written() -> None:
    assert "spec" not in Service.model_validate({"metadata": {"name": "web"}}).dump()


def test_models_refuse_to_be_changed_in_place() -> None:
    with pytest.raises(ValidationError):
        Placement(x=1, y=2).x = 3  # type: ignore[misc]


def test_replacing_validates() -> None:
    place = Placement(x=1, y=2)
    assert place.replace(x=5).x == 5
    with pytest.raises(ValidationError):
        place.replace(x="far")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_says_its_kind_and_version_by_itself(kind: type[Service]) -> None:
    dumped = kind.model_validate({"metadata": {"name": "a"}}).dump()
    assert dumped["kind"] == kind.KIND and dumped["apiVersion"] == kind.API_VERSION
    assert KIND_BY_API[kind.API_VERSION, kind.KIND] is kind


@pytest.mark.parametrize(
    ("oid", "parts"),
    [
        ("Service:default/web", ("Service", "default", "web")),
        ("Node:node-1", ("Node", "", "node-1")),
        ("Ingress:shop/a.b", ("Ingress", "shop", "a.b")),
    ],
)
def test_ids_are_read_back(oid: str, parts: tuple[str, str, str]) -> None:
    assert split_id(oid) == parts and object_id(*parts) == oid


def test_a_namespaced_object_without_namespace_lives_in_default() -> None:
    assert Service.model_validate({"metadata": {"name": "web"}}).id == "Service:default/web"


def test_a_copy_with_another_name_has_its_own_id() -> None:
    first = Service.model_validate({"metadata": {"name": "web", "namespace": "shop"}})
    assert first.id == "Service:shop/web"
    other = first.model_copy(update={"metadata": first.metadata.replace(name="api")})
    assert (other.id, first.id) == ("Service:shop/api", "Service:shop/web")
    same = Service.model_validate({"metadata": {"name": "web", "namespace": "shop"}})
    assert first == same and hash(first) == hash(same) and first.dump() == same.dump()
