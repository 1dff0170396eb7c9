"""The command line's grammar: one function a command, all of them in `COMMANDS`."""

from __future__ import annotations

import argparse
from typing import TypeAlias

from designer import __version__
from designer.model import VERDICTS

PATH_HELP = "a project (.cnd), a manifest file, a folder, or - for standard input"
FORCE_HELP = "write files that hold objects of others, too, which are then gone"
MODES = ("iptables", "nftables", "ipvs")
DNS_TYPES = ("A", "AAAA", "SRV", "PTR", "CNAME", "TXT")
TRACE_FORMS = ("text", "json", "csv", "html", "mermaid", "pcapng")
SCOPES = ("scenarios", "services", "matrix")
# When a command ends with status 1; those that are not here never do.
STATUS_1 = {
    "trace": "the verdict is not the one of --expect",
    "scenarios": "a request ends otherwise than expected",
    "repair": "policies cannot do it",
    "compare": "a request ends otherwise (with --expect)",
    "migrate": "a request is answered otherwise",
    "check": "there is an error",
    "lab": "the kernel did something else than predicted",
    "doctor": "something is missing that is needed",
}
COMMANDS = (
    "gui", "import", "export", "trace", "scenarios", "dns", "tables", "connectivity", "repair", "compare", "route",
    "migrate", "addresses", "check", "explain", "lab", "doctor", "render",
)  # fmt: skip


def build_parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog="cluster-designer",
        description="Draw or open a Kubernetes cluster's network and see what every packet will do.",
        epilog="Without a command the window opens. Exit status: 0 answered, 1 an expectation or check failed, "
        "2 usage or unreadable input.",
    )
    parser.add_argument("--version", action="version", version=f"cluster-designer {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    _add_gui(commands)
    _add_import_export(commands)
    _add_trace(commands)
    _add_scenarios(commands)
    _add_dns(commands)
    _add_tables(commands)
    _add_connectivity(commands)
    _add_repair(commands)
    _add_compare(commands)
    _add_route(commands)
    _add_migrate(commands)
    _add_addresses(commands)
    _add_check(commands)
    _add_explain(commands)
    _add_lab(commands)
    _add_render(commands)
    _command(commands, "doctor", "say what this machine has and lacks to run the program")
    return parser


Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def _command(commands: Commands, name: str, words: str) -> argparse.ArgumentParser:
    """The parser of one command; `words` stand in the list of commands and over the command's own help."""
    one = STATUS_1.get(name)
    status = f"Exit status: 0 answered{f', 1 {one}' if one else ''}, 2 usage or unreadable input."
    return commands.add_parser(name, help=words, description=f"{words[:1].upper()}{words[1:]}.", epilog=status)


def _add_gui(commands: Commands) -> None:
    gui = _command(commands, "gui", "open the window")
    gui.add_argument("path", nargs="?", metavar="PATH", help=PATH_HELP)
    gui.add_argument("--out", metavar="FILE.png", help="where the picture goes when there is no display")


def _add_import_export(commands: Commands) -> None:
    imp = _command(commands, "import", "make a project file of manifests")
    imp.add_argument("paths", nargs="+", metavar="PATH", help="manifest files, folders, or - for standard input")
    imp.add_argument("-o", "--out", required=True, metavar="FILE.cnd")
    imp.add_argument("--quiet", action="store_true", help="only count what was read")
    exp = _command(commands, "export", "write a project's manifests")
    exp.add_argument("path", metavar="FILE.cnd")
    exp.add_argument("-o", "--out", required=True, metavar="DIR")
    exp.add_argument("--force", action="store_true", help=FORCE_HELP)


def _add_trace(commands: Commands) -> None:
    trace = _command(commands, "trace", "follow one request hop by hop")
    trace.add_argument("path", metavar="PATH", help=PATH_HELP)
    trace.add_argument(
        "--from", dest="source", required=True, metavar="SRC", help="Pod, workload, Node, client or address"
    )
    trace.add_argument("--to", dest="destination", required=True, metavar="DST", help="for example http://cart:7070")
    trace.add_argument("--protocol", choices=("tcp", "udp", "sctp"), default="tcp")
    trace.add_argument("--method", default="GET", help="HTTP method (default GET)")
    trace.add_argument("--header", action="append", default=[], metavar="NAME:VALUE", help="HTTP header, repeatable")
    trace.add_argument(
        "--output", choices=TRACE_FORMS, default="text", help="html: one page with every step; pcapng: for Wireshark"
    )
    trace.add_argument("-o", "--out", metavar="FILE", help="where the answer goes; default: standard output")
    trace.add_argument("--expect", choices=tuple(VERDICTS), metavar="VERDICT", help=f"one of {', '.join(VERDICTS)}")


def _add_scenarios(commands: Commands) -> None:
    scenarios = _command(
        commands, "scenarios", "ask every saved request; status 1 when one ends otherwise than expected"
    )
    scenarios.add_argument("path", metavar="PATH", help=PATH_HELP)
    scenarios.add_argument("--output", choices=("text", "json"), default="text")


def _add_dns(commands: Commands) -> None:
    dns = _command(commands, "dns", "look a name up as a Pod does, query by query")
    dns.add_argument("path", metavar="PATH", help=PATH_HELP)
    dns.add_argument("name", metavar="NAME", help="a name as an application uses it; for PTR an address will do")
    dns.add_argument("--from", dest="source", required=True, metavar="POD", help="who asks: Pod, workload or Node")
    dns.add_argument("--type", choices=DNS_TYPES, default="", help="record type (default: A and AAAA, as programs ask)")
    dns.add_argument("--output", choices=("text", "json"), default="text")


def _add_tables(commands: Commands) -> None:
    tables = _command(commands, "tables", "print the kube-proxy tables of a Node")
    tables.add_argument("path", metavar="PATH", help=PATH_HELP)
    tables.add_argument("--node", required=True)
    tables.add_argument("--mode", choices=MODES, help="default: the cluster's own mode")


def _add_connectivity(commands: Commands) -> None:
    connectivity = _command(commands, "connectivity", "who can reach whom under the policies")
    connectivity.add_argument("path", nargs="?", metavar="PATH", help=PATH_HELP)
    connectivity.add_argument(
        "--diff", nargs=2, metavar=("OLD", "NEW"), help="what is opened, closed and changed from one input to the other"
    )
    connectivity.add_argument("--output", choices=("text", "json", "csv", "md", "dot", "svg"), default="text")
    connectivity.add_argument("--explain", action="store_true", help="which policies allow or deny, at both ends")
    connectivity.add_argument("--focus", metavar="WORKLOAD", help="lines of one workload, for example shop/cart")
    connectivity.add_argument(
        "--exposure", action="store_true", help="what is open between workloads and those that are not in the input"
    )
    connectivity.add_argument(
        "--staged",
        action="store_true",
        help="with the staged policies enforced; with --diff, in NEW (give one input twice to see what they change)",
    )
    connectivity.add_argument(
        "--ipblock",
        choices=("pods", "outside"),
        help="whether an ipBlock matches Pods' addresses; default: as the cluster's network plugin does",
    )


def _add_repair(commands: Commands) -> None:
    words = "the smallest change of policies that makes a connection possible or impossible"
    repair = _command(commands, "repair", words)
    repair.add_argument("path", metavar="PATH", help=PATH_HELP)
    repair.add_argument(
        "--from", dest="source", required=True, metavar="SRC", help="workload, Pod, or an address outside the cluster"
    )
    repair.add_argument(
        "--to", dest="destination", required=True, metavar="DST", help="for example redis-cart:6379 or 10.0.0.1:53/udp"
    )
    repair.add_argument("--make", choices=("possible", "impossible"), required=True)
    repair.add_argument("--protocol", choices=("tcp", "udp", "sctp"), default="tcp")
    repair.add_argument(
        "--output", choices=("text", "json", "yaml"), default="text", help="yaml: the policies of the best option alone"
    )


def _add_compare(commands: Commands) -> None:
    compare = _command(commands, "compare", "what another input, network plugin or mode of kube-proxy would change")
    compare.add_argument("path", metavar="PATH", help=PATH_HELP)
    compare.add_argument("other", nargs="?", metavar="OTHER", help="what PATH is to become; default: PATH itself")
    compare.add_argument("--cni", metavar="PLUGIN[.BACKEND]", default="", help="for example flannel or calico.ipip")
    compare.add_argument("--mode", choices=MODES, default="", help="mode of kube-proxy")
    compare.add_argument("--expect", choices=("same-verdicts",), help="status 1 when a request ends otherwise")
    compare.add_argument("--output", choices=("text", "json"), default="text")


def _add_route(commands: Commands) -> None:
    route = _command(commands, "route", "what Gateways and Ingress controllers do with requests")
    route.add_argument("path", metavar="PATH", help=PATH_HELP)
    route.add_argument(
        "--requests", required=True, metavar="FILE", help="a JSON list of requests, or - for standard input"
    )
    route.add_argument("--output", choices=("text", "json"), default="text")


def _add_migrate(commands: Commands) -> None:
    migrate = _command(commands, "migrate", "turn Ingresses into Gateway API manifests, and prove what stays the same")
    migrate.add_argument("path", nargs="?", metavar="PATH", help=PATH_HELP)
    migrate.add_argument(
        "--to", choices=("gateway",), default="gateway", help="what to turn them into (default gateway)"
    )
    migrate.add_argument(
        "--check", nargs=2, metavar=("OLD", "NEW"), help="hold two inputs against each other; status 1 when they differ"
    )
    migrate.add_argument(
        "--output",
        default="text",
        metavar="text|json|yaml|DIR",
        help="form of the answer, or the folder where the manifests go (a new one as ./NAME)",
    )
    migrate.add_argument("--force", action="store_true", help=FORCE_HELP)


def _add_addresses(commands: Commands) -> None:
    addresses = _command(commands, "addresses", "what is used and free of every range, and what runs out first")
    addresses.add_argument("path", metavar="PATH", help=PATH_HELP)
    addresses.add_argument(
        "--output", choices=("text", "json", "csv"), default="text", help="csv: every address with its owner"
    )


def _add_check(commands: Commands) -> None:
    check = _command(commands, "check", "list the problems; status 1 when there is an error")
    check.add_argument("path", metavar="PATH", help=PATH_HELP)
    check.add_argument("--output", choices=("text", "json"), default="text")


def _add_explain(commands: Commands) -> None:
    explain = _command(commands, "explain", "the rule of Kubernetes behind a problem, a verdict or a kind of hop")
    explain.add_argument(
        "words",
        nargs="*",
        metavar="WORD",
        help="a code such as SVC-01, a verdict, or words to search for; none: contents",
    )


def _add_lab(commands: Commands) -> None:
    lab = _command(commands, "lab", "send real packets through the cluster, built on this Linux machine")
    lab.add_argument("path", metavar="PATH", help=PATH_HELP)
    lab.add_argument(
        "--scope", choices=SCOPES, default="scenarios", help="saved requests (default), Service ports, or all Pods"
    )
    lab.add_argument(
        "--sample", type=int, metavar="N", help="try at most N Service ports or Pods; saved requests are all tried"
    )
    lab.add_argument("--mode", choices=MODES, default="", help="mode of kube-proxy; default: the cluster's own")
    lab.add_argument("--output", choices=("text", "json"), default="text")


def _add_render(commands: Commands) -> None:
    render = _command(commands, "render", "paint the canvas into a file")
    render.add_argument("path", metavar="PATH", help=PATH_HELP)
    render.add_argument("-o", "--out", required=True, metavar="OUT.png|.svg|.pdf|.drawio")
    render.add_argument("--trace", nargs=2, metavar=("SRC", "DST"), help="draw this request's path on it")
    render.add_argument(
        "--verified", action="store_true", help="mark the edges with what the kept result of Verify on Linux says"
    )
    render.add_argument("--view", choices=("nodes", "namespaces", "traffic"), default="nodes")
    render.add_argument("--theme", choices=("light", "dark", "high-contrast"), default="light")
    render.add_argument("--size", default="1600x1000", metavar="WxH", help="pixels (default 1600x1000)")
