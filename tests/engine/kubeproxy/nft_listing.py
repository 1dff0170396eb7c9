"""`nft list table` turned back into the commands that make the table, so that both can be compared."""

import re

PRIORITIES = {"filter": 0, "dstnat": -100, "srcnat": 100}
UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}

# How nft prints what was written otherwise: (printed, written).
SPELLINGS = (
    (r"meta mark set meta mark \| (\S+)", r"mark set mark or \1"),
    (r"meta mark set meta mark \^ (\S+)", r"mark set mark xor \1"),
    (r"meta mark & (\S+) != 0x00000000", r"mark and \1 != 0"),
    (r"meta mark != 0x00000000/1\b", r"mark and 0x80000000 != 0"),  # a mask of leading ones is printed as a length
    (r"dnat (ip6?) to numgen", r"dnat \1 addr . port to numgen"),
    (r'iifname (!= )?"(\S+)"', r"iifname \1\2"),
)


def commands(listing: str) -> str:
    """The table of a listing as ``add …`` lines."""
    family = listing.split()[1]
    head, *blocks = re.split(r"\n\t(?=(?:set|map|chain) )", listing)
    comment = re.search(r'comment "([^"]*)"', head)
    lines = [f'add table {family} kube-proxy {{ comment "{comment.group(1)}" ; }}' if comment else ""]
    for block in blocks:
        kind, name, body = re.match(r"(\w+) (\S+) \{\n(.*?)\n\t\}", block, re.DOTALL).groups()  # type: ignore[union-attr]
        where = f"{family} kube-proxy {name}"
        lines += chain_lines(where, body) if kind == "chain" else set_lines(kind, where, body)
    return "\n".join(lines) + "\n"


def chain_lines(where: str, body: str) -> list[str]:
    facts, rules = [], []
    for line in [text.strip() for text in body.split("\n") if text.strip()]:
        if line.startswith("type "):
            facts.append(f"{with_priority(line.split(';')[0])} ;")
            assert line.endswith("policy accept;")
        elif line.startswith("comment "):
            facts.append(f"{line} ;")
        else:
            rules.append(f"add rule {where} {as_written(line)}")
    return [f"add chain {where}" + (f" {{ {' '.join(facts)} }}" if facts else ""), *rules]


def set_lines(kind: str, where: str, body: str) -> list[str]:
    body, _, elements = body.partition("elements = {")
    facts = [line.strip() for line in body.split("\n") if line.strip() and not line.strip().startswith("size ")]
    made = f"add {kind} {where} {{ {' '.join(f'{in_seconds(fact)} ;' for fact in facts)} }}"
    found = [" ".join(text.split()) for text in elements.rsplit("}", 1)[0].split(",") if text.strip()]
    return [made, *(f"add element {where} {{ {text} }}" for text in found)]


def with_priority(line: str) -> str:
    """``priority dstnat - 10`` as a number."""
    words, _, priority = line.partition(" priority ")
    base, _, less = priority.partition(" - ")
    return f"{words} priority {int(PRIORITIES.get(base, base)) - int(less or 0)}"


def in_seconds(fact: str) -> str:
    """``timeout 1m30s`` in seconds."""
    if not fact.startswith("timeout "):
        return fact
    parts = re.findall(r"(\d+)([dhms])", fact)
    return f"timeout {sum(int(number) * UNITS[unit] for number, unit in parts)}s"


def as_written(rule: str) -> str:
    for printed, written in SPELLINGS:
        rule = re.sub(printed, written, rule)
    return rule


def same_lists(text: str) -> str:
    """The text with lists of addresses in rules sorted, and without braces around a single one, as nft prints it."""

    def ordered(found: re.Match[str]) -> str:
        addresses = sorted(re.split(r"\s*,\s*", found.group(2)))
        return found.group(1) + (addresses[0] if len(addresses) == 1 else f"{{ {', '.join(addresses)} }}")

    text = re.sub(r"((?:saddr|daddr) (?:!= )?)\{ ([^}]*) \}", ordered, text)
    return re.sub(r"\s*,\s*(?=\d+ :)", " , ", text)
