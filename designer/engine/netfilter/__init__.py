"""Linux netfilter alone: typed iptables and nftables tables, their text, the walk of a packet, connection tracking."""

from designer.engine.netfilter.conntrack import ConntrackEntry, FlowTuple, entry_for, pass_through, translate, way_of
from designer.engine.netfilter.evaluate import WalkContext
from designer.engine.netfilter.ipset import IpSet
from designer.engine.netfilter.ipvs import IpvsProgram, RealServer, VirtualServer
from designer.engine.netfilter.ipvs_render import render_ipset, render_ipvs
from designer.engine.netfilter.nft_program import NftProgram, NftTable
from designer.engine.netfilter.nft_render import render_nft
from designer.engine.netfilter.nft_walk import walk_nft
from designer.engine.netfilter.packet import Packet
from designer.engine.netfilter.program import (
    Chain,
    ChainGroup,
    Hook,
    Program,
    Rule,
    Table,
    built_in_chains,
    combine,
)
from designer.engine.netfilter.render import render_iptables, render_rule
from designer.engine.netfilter.stack import RuleStack, walk_stack
from designer.engine.netfilter.walk import Outcome, RuleHit, walk

__all__ = [
    "Chain",
    "ChainGroup",
    "ConntrackEntry",
    "FlowTuple",
    "Hook",
    "IpSet",
    "IpvsProgram",
    "NftProgram",
    "NftTable",
    "Outcome",
    "Packet",
    "Program",
    "RealServer",
    "Rule",
    "RuleHit",
    "RuleStack",
    "Table",
    "VirtualServer",
    "WalkContext",
    "built_in_chains",
    "combine",
    "entry_for",
    "pass_through",
    "render_ipset",
    "render_iptables",
    "render_ipvs",
    "render_nft",
    "render_rule",
    "translate",
    "walk",
    "walk_nft",
    "walk_stack",
    "way_of",
]
