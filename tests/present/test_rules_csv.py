"""Rules as CSV: every line once, with its table, chain and place."""

import csv
import io

from designer.present.rules_csv import rules_csv
from designer.present.table_rows import table_lines

TEXT = """\
#### IPv4
*nat
:PREROUTING ACCEPT [0:0]
-A PREROUTING -m comment --comment "kubernetes service portals, all" -j KUBE-SERVICES

-A PREROUTING -j ACCEPT
COMMIT
"""


def test_rules_have_their_chain_and_their_place_in_it() -> None:
    lines = list(csv.reader(io.StringIO(rules_csv(table_lines(TEXT)))))
    assert lines[0] == ["line", "family", "table", "chain", "number in chain", "text"]
    rule = '-A PREROUTING -m comment --comment "kubernetes service portals, all" -j KUBE-SERVICES'
    assert lines[4] == ["4", "IPv4", "nat", "PREROUTING", "1", rule]
    assert lines[5] == ["6", "IPv4", "nat", "PREROUTING", "2", "-A PREROUTING -j ACCEPT"]
    assert [line[5] for line in lines[1:]] == [line for line in TEXT.splitlines() if line]


def test_rules_of_nftables_have_their_chain_too() -> None:
    text = "#### IPv4\nadd rule ip kube-proxy services ip daddr 10.96.0.1 drop\n"
    lines = list(csv.reader(io.StringIO(rules_csv(table_lines(text)))))
    assert lines[2][3] == "services"
