"""The outcome of a URL in words where a rule answers by itself."""

import pytest

from designer.present.url_rows import asked_url, url_rows
from tests.engine.l7.gateway.gate import gateway, http, route
from tests.engine.trace.gates import shop

OTHER = gateway("other", http())
DIRECT = "- {filters: [{type: DirectResponse, directResponse: {statusCode: 404}}]}"


@pytest.mark.parametrize(("host", "told"), [("shop.example.com", ["web"]), ("a.example.com", ["web", "other"])])
def test_a_404_of_a_rule_is_what_is_done(host: str, told: list[str]) -> None:
    """A Gateway whose rule says 404 (GEP-2826) takes the request; the others, where no rule matches, do not."""
    asked, wrong = asked_url(f"http://{host}/", "GET", "")
    assert asked is not None and not wrong
    _, said = url_rows(shop(gateway("web", http()), OTHER, route("r", DIRECT, "shop.example.com")), asked)
    assert [name for name in ("web", "other") if f"infra/{name}: 404" in said] == told, said
