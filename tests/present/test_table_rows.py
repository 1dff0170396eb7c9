"""The text of a node's rules as rows: which lines are rules of which chain."""

from designer.present.rule_rows import chains_of
from designer.present.table_rows import table_lines

IPVS = """#### IPv6
## ipvs (ipvsadm -Sn syntax)
-A -t [fd00::1]:80 -s rr
## addresses on kube-ipvs0
::1:80
## iptables (iptables-restore syntax)
*nat
:KUBE-SERVICES - [0:0]
-A KUBE-SERVICES -s ::1/128 -j RETURN
-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODE-PORT
COMMIT
"""


def test_only_lines_of_iptables_tables_have_a_chain() -> None:
    lines = table_lines(IPVS)
    assert chains_of(lines) == ("KUBE-SERVICES",)
    assert [(line.number, line.table, line.index) for line in lines if line.index >= 0] == [
        (9, "nat", 0),
        (10, "nat", 1),
    ]
    assert {line.family for line in lines} == {"IPv6"}
