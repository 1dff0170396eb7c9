"""A Corefile taken apart: server blocks with the zones that they answer for, and their plugins (coredns.io/manual).

A block is chosen by the longest zone that a name falls under. Its plugins are asked in an order that is fixed when
CoreDNS is built (plugin.cfg), whatever the order of the lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from ipaddress import ip_address, ip_network

from designer.engine.controlplane.names import reverse_address

DNS_PORT = "53"
# plugin.cfg of CoreDNS: those that may change or give an answer, in their order; `import` stands for lines that are not
# in the input, so it comes first.
ORDER = (
    "import", "dns64", "acl", "tsig", "view", "rewrite", "autopath", "template", "hosts", "route53", "azure",
    "clouddns", "federation", "k8s_external", "kubernetes", "file", "auto", "secondary", "etcd", "forward", "proxy",
    "grpc", "erratic", "whoami", "fanout",
)  # fmt: skip
# Those that change no answer: they log, measure, limit, cache, or speak of signatures and transports.
NEUTRAL = frozenset((
    "any", "bind", "bufsize", "cache", "cancel", "chaos", "debug", "dnssec", "dnstap", "errors", "geoip", "header",
    "health", "local", "log", "loadbalance", "loop", "metadata", "minimal", "multisocket", "nsid", "on", "pprof",
    "prometheus", "proxyproto", "quic", "ready", "reload", "root", "sign", "timeouts", "tls", "trace", "transfer",
))  # fmt: skip
MAX_IMPORTS = 8


@dataclass(frozen=True, slots=True)
class Plugin:
    """One plugin of a block: the words behind its name, and the lines in its braces, each as words."""

    name: str
    args: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...] = ()

    def option(self, name: str) -> tuple[str, ...] | None:
        """The words behind an option in the braces, None where it is not set."""
        return next((line[1:] for line in self.lines if line[0] == name), None)


@dataclass(frozen=True, slots=True)
class ServerBlock:
    """The zones that a block answers for on port 53 (lower case, without final dot, "" for the root), its plugins."""

    zones: tuple[str, ...]
    plugins: tuple[Plugin, ...]

    @property
    def chain(self) -> tuple[Plugin, ...]:
        """The plugins that matter, in the order in which they are asked; unknown ones first."""
        found = [one for one in self.plugins if one.name not in NEUTRAL]
        return tuple(sorted(found, key=lambda one: ORDER.index(one.name) if one.name in ORDER else -1))


@dataclass(frozen=True, slots=True)
class Corefile:
    """A Corefile, and the ConfigMap that it stands in. `trouble` says why it cannot be read, "" where it can."""

    id: str
    blocks: tuple[ServerBlock, ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    trouble: str = ""

    def block_for(self, name: str) -> ServerBlock | None:
        """The block that answers for a name (lower case, without final dot): that of the longest zone."""
        best: tuple[int, ServerBlock] | None = None
        for block in self.blocks:
            zone = zone_of(name, block.zones)
            if zone is not None and (best is None or len(zone) > best[0]):
                best = (len(zone), block)
        return best[1] if best is not None else None

    def file(self, path: str) -> str | None:
        """The text of a file that the ConfigMap holds, by its path in the container; None where it is not in there."""
        return dict(self.files).get(path.rpartition("/")[2])


def zone_of(name: str, zones: tuple[str, ...]) -> str | None:
    """The longest zone that a name falls under, None for none."""
    fitting = [zone for zone in zones if falls_under(name, zone)]
    return max(fitting, key=len) if fitting else None


def falls_under(name: str, zone: str) -> bool:
    """Whether a name lies in a zone; a zone that is a range of addresses holds their reverse names."""
    if "/" in zone:
        address = reverse_address(name)
        try:
            return address is not None and ip_address(address) in ip_network(zone, strict=False)
        except ValueError:
            return False
    return not zone or name == zone or name.endswith(f".{zone}")


def zones_of(words: tuple[str, ...], default: tuple[str, ...]) -> tuple[str, ...]:
    """Zones as plugins name them; those of the block where they name none."""
    return tuple(word.lower().removesuffix(".") for word in words) or default


def read_corefile(oid: str, data: Mapping[str, str], custom: Mapping[str, str]) -> Corefile:
    """The Corefile of a ConfigMap's data; `custom` is that of ``coredns-custom``, which AKS and k3s import."""
    files = tuple(sorted(data.items()))
    try:
        lines = list(_words(data.get("Corefile", "")))
        blocks = tuple(_blocks(_Lines(lines, custom)))
    except _UnreadableError as problem:
        return Corefile(oid, (), files, str(problem))
    if not blocks:
        return Corefile(oid, (), files, "it has no server block for port 53")
    return Corefile(oid, blocks, files)


# A word in double quotes, or up to the next space; a comment from a # at the start of a word.
_WORD = re.compile(r'"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<comment>#.*)|(?P<plain>[^\s]+)')


def _words(text: str) -> Iterator[list[str]]:
    """The words of each line that has some; a line ends behind an opening brace and around a closing one."""
    for line in text.splitlines():
        words: list[str] = []
        for match in _WORD.finditer(line):
            if match["comment"] is not None:
                break
            word = match["plain"] if match["quoted"] is None else match["quoted"]
            if word == "}" and words:
                yield words
                words = []
            words.append(word)
            if word in ("{", "}"):
                yield words
                words = []
        if words:
            yield words


class _UnreadableError(Exception):
    """What is wrong with the text, as the end of a sentence."""


class _Lines:
    """The lines of a Corefile as words, with imports of snippets and of the custom ConfigMap put in their place."""

    def __init__(self, lines: list[list[str]], custom: Mapping[str, str]) -> None:
        self.custom = custom
        self.snippets: dict[str, list[list[str]]] = {}
        self.rest = list(reversed(lines))
        self.imports = 0

    def next(self) -> list[str] | None:
        while self.rest:
            words = self.rest.pop()
            if any("{$" in word for word in words):
                raise _UnreadableError("it has variables of the environment")
            if words[0] != "import" or not self._put_in(words[1:]):
                return words
        return None

    def _put_in(self, args: list[str]) -> bool:
        """Whether the import is known, its lines then being the next ones."""
        self.imports += 1
        if self.imports > MAX_IMPORTS or len(args) != 1:
            return False
        if args[0] in self.snippets:
            self.rest += reversed(self.snippets[args[0]])
            return True
        folder, _, pattern = args[0].rpartition("/")
        if folder.rpartition("/")[2] != "custom":
            return False
        for key in sorted((key for key in self.custom if fnmatch(key, pattern)), reverse=True):
            self.rest += reversed(list(_words(self.custom[key])))
        return True


def _blocks(lines: _Lines) -> Iterator[ServerBlock]:
    while (words := lines.next()) is not None:
        if words[0] == "import":
            yield ServerBlock(("",), (Plugin("import", tuple(words[1:])),))
            continue
        if words[-1] != "{":
            raise _UnreadableError(f"a server block begins with its zones and a brace, not with {' '.join(words)}")
        heads = [head for word in words[:-1] for head in word.split(",") if head]
        if len(heads) == 1 and heads[0].startswith("(") and heads[0].endswith(")"):
            lines.snippets[heads[0][1:-1]] = list(_raw(lines))
            continue
        plugins = tuple(_plugins(lines))
        zones = tuple(zone for head in heads if (zone := _zone(head)) is not None)
        if zones:
            yield ServerBlock(zones, plugins)


def _raw(lines: _Lines) -> Iterator[list[str]]:
    """The lines up to the brace that closes what was opened before."""
    depth = 1
    while lines.rest:
        words = lines.rest.pop()
        depth += (words[-1] == "{") - (words == ["}"])
        if not depth:
            return
        yield words
    raise _UnreadableError("a brace is never closed")


def _plugins(lines: _Lines) -> Iterator[Plugin]:
    while (words := lines.next()) is not None:
        if words == ["}"]:
            return
        if words[-1] == "{":
            yield Plugin(words[0], tuple(words[1:-1]), tuple(tuple(line) for line in _raw(lines)))
        else:
            yield Plugin(words[0], tuple(words[1:]))
    raise _UnreadableError("a brace is never closed")


def _zone(head: str) -> str | None:
    """The zone of a server block's key, None for one that is not for plain DNS on port 53."""
    scheme, found, rest = head.rpartition("://")
    if found and scheme != "dns":
        return None
    zone, colon, port = rest.rpartition(":")
    if not colon or not port.isdigit():
        zone, port = rest, DNS_PORT
    return zone.lower().removesuffix(".") if port == DNS_PORT else None
