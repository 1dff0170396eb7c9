"""The one table of everything that can be done: menus, shortcuts, command palette and Help follow from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from designer.edits.align import LINES, SPREADS
from designer.edits.palette import PALETTE
from designer.edits.templates import TEMPLATES
from designer.model import CNI_BACKENDS, COLOURS
from designer.present.run_forms import RUN_FORMS
from designer.ui.bridge.player import SPEEDS


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One action.

    `slot` is ``group.method`` of the commands, called with `argument` when that is not None. `when` names the condition
    under which it can be done (see `conditions`), `checked` the one under which it has a check mark. `bare` is a key
    that does the same where nothing else on the screen wants it (Space, the arrows). `line` starts a new group.
    """

    id: str
    text: str
    menu: tuple[str, ...]
    slot: str
    shortcut: str = ""
    icon: str = ""
    tip: str = ""
    when: str = "always"
    checked: str = ""
    argument: Any = None
    bare: str = ""
    other: str = ""
    line: bool = False

    @property
    def words(self) -> str:
        """The text without mnemonic marks."""
        return self.text.replace("&", "")


MENUS: Final = ("&File", "&Edit", "&View", "&Insert", "&Simulate", "&Analyze", "&Help")
RECENT: Final = ("&File", "Open re&cent")
SCENARIOS: Final = ("&Simulate", "Saved re&quests")
# Submenus whose entries come from the project or the settings when they are opened.
DYNAMIC: Final = (RECENT, SCENARIOS)

SAMPLES: Final = (
    ("first-steps.cnd", "First steps"),
    ("shop.cnd", "A shop in three tiers"),
    ("two-controllers.cnd", "Two Ingress controllers"),
    ("gateway.cnd", "A Gateway and its routes"),
    ("exposure.cnd", "Ways into the cluster"),
    ("broken.cnd", "A cluster to repair"),
)
VIEWS: Final = (("nodes", "By &Node"), ("namespaces", "By Na&mespace"), ("traffic", "&Traffic"))
THEMES: Final = (
    ("system", "As the &system"),
    ("light", "&Light"),
    ("dark", "&Dark"),
    ("high-contrast", "&High contrast"),
)
TABS: Final = (
    ("trace", "Trace"),
    ("tables", "Tables"),
    ("matrix", "Matrix"),
    ("problems", "Problems"),
    ("addresses", "Addresses"),
    ("dns", "DNS"),
    ("routes", "Routes"),
    ("verify", "Verify"),
    ("requests", "Saved requests"),
)
# Side of the window, place where it can stand, words of the menu.
PLACES: Final = (
    ("palette", "left", "Palette on the &left"),
    ("palette", "right", "Palette on the &right"),
    ("inspector", "right", "Inspector on the ri&ght"),
    ("inspector", "left", "Inspector on the le&ft"),
    ("bottom", "below", "Panels &below the canvas"),
    ("bottom", "above", "Panels &above the canvas"),
    ("bottom", "right", "Panels be&side the canvas, in a wide window"),
)
CNI_NAMES: Final = {"calico": "Calico", "flannel": "Flannel", "weave": "Weave Net", "cilium": "Cilium"}

_F, _E, _V, _I, _S, _A, _H = ((menu,) for menu in MENUS)
_A_ = ActionSpec

_FILE = (
    _A_("file.new", "&New project", _F, "files.new", "Ctrl+N", "new", "Begin with an empty cluster"),
    _A_("file.open", "&Open…", _F, "files.open", "Ctrl+O", "open", "Open a project or manifest files", line=True),
    _A_("file.open_folder", "Open &folder of manifests…", _F, "files.open_folder", "Ctrl+Shift+O", "open",
        "Open every manifest below a folder as a new project"),
    *(
        _A_(f"file.sample.{name}", title, (*_F, "Open sam&ple"), "files.open_sample", argument=name,
            tip=f"Open the sample “{title}”")
        for name, title in SAMPLES
    ),
    _A_("file.recover", "Recover &unsaved work…", _F, "recovery.dialog", "", "history",
        "Work that was not saved when the program ended", when="recoverable"),
    _A_("file.import", "&Import into project…", _F, "files.import_files", "Ctrl+I", "upload",
        "Add manifests to this project", line=True),
    _A_("file.report", "Import repo&rt", _F, "files.report", "", "info", "What the last import read and assumed",
        when="imported"),
    _A_("file.save", "&Save", _F, "files.save", "Ctrl+S", "save", "Save the project", line=True),
    _A_("file.save_as", "Save &as…", _F, "files.save_as", "Ctrl+Shift+S", "save", "Save under another name"),
    _A_("file.save_manifests", "Save to &manifests…", _F, "sources.save", "Ctrl+Alt+E", "save",
        "Write the changes back into the manifests that this project was opened from", when="source"),
    _A_("file.reload", "Re&load manifests…", _F, "sources.reload", "Ctrl+R", "refresh",
        "Take over what was changed in the manifests outside", when="source"),
    _A_("file.export", "&Export manifests…", _F, "export.manifests", "Ctrl+E", "download",
        "Write the manifests into a folder", when="objects"),
    _A_("file.picture", "Export pic&ture…", _F, "export.picture", "Ctrl+Shift+E", "image",
        "Write the canvas as PNG, SVG, PDF or draw.io diagram", when="objects"),
    _A_("file.picture.verified", "Export picture with marks of &Verify…", _F, "export.picture", "", "image",
        "The same, with what Linux said on the edges, while that holds", when="verified", argument=True),
    _A_("file.print", "Print pa&ge…", _F, "export.print", "Ctrl+P", "", "Print the canvas on one page", when="objects"),
    _A_("file.preview", "Print previe&w…", _F, "export.preview", "Ctrl+Shift+P", "", "The page before it is printed",
        when="objects"),
    _A_("file.quit", "&Quit", _F, "files.quit", "Ctrl+Q", "", "Close the program", line=True),
)  # fmt: skip

_EDIT = (
    _A_("edit.undo", "&Undo", _E, "edit.undo", "Ctrl+Z", "undo", "Take the last step back", when="undo"),
    _A_("edit.redo", "&Redo", _E, "edit.redo", "Ctrl+Shift+Z", "redo", "Do it again", when="redo", other="Ctrl+Y"),
    _A_("edit.cut", "Cu&t", _E, "edit.cut", "Ctrl+X", "cut", "Cut what is selected", when="selection", line=True),
    _A_("edit.copy", "&Copy", _E, "edit.copy", "Ctrl+C", "copy", "Copy what is selected", when="selection"),
    _A_("edit.paste", "&Paste", _E, "edit.paste", "Ctrl+V", "paste", "Add what was copied"),
    _A_("edit.duplicate", "Dup&licate", _E, "edit.duplicate", "Ctrl+D", "add", "A second one of what is selected",
        when="selection"),
    _A_("edit.delete", "&Delete", _E, "edit.delete", "Del", "delete", "Remove what is selected", when="selection"),
    _A_("edit.select_all", "Select &all", _E, "edit.select_all", "Ctrl+A", "", "Select every object", when="objects"),
    *(
        _A_(f"edit.align.{line}", known.words, (*_E, "Arra&nge"), "edit.align", argument=line, when="several",
            tip="Bring what is selected to one line")
        for line, known in LINES.items()
    ),
    *(
        _A_(f"edit.distribute.{way}", words, (*_E, "Arra&nge"), "edit.distribute", argument=way, when="several",
            line=way == "horizontally", tip="Put the same distance between three or more objects")
        for way, words in SPREADS.items()
    ),
    *(
        _A_(f"edit.colour.{name or 'none'}", name.capitalize() or "None", (*_E, "C&olour"), "edit.colour",
            argument=name, when="selection", tip="Mark what is selected with a colour")
        for name in ("", *COLOURS)
    ),
    _A_("edit.connect", "Conn&ect to…", _E, "edit.connect", "Ctrl+J", "arrow-right",
        "Lead what is selected to something, or let it select Pods: a list of what can be", when="connects", line=True),
    _A_("edit.find", "&Find…", _E, "edit.find", "Ctrl+F", "search", "Find an object by its name or address",
        when="objects", line=True),
    _A_("edit.commands", "Co&mmand palette…", _E, "edit.commands", "Ctrl+K", "keyboard",
        "Do anything, or go to anything, by its name"),
    _A_("edit.preferences", "Preference&s…", _E, "edit.preferences", "Ctrl+,", "settings", "Theme, motion and scale",
        line=True),
)  # fmt: skip

_VIEW = (
    *(
        _A_(f"view.{name}", text, _V, "view.show", f"Ctrl+{number}", "", f"Show the cluster {text.replace('&', '')}",
            checked=f"view:{name}", argument=name)
        for number, (name, text) in enumerate(VIEWS, 1)
    ),
    _A_("view.zoom_in", "Zoom &in", _V, "view.zoom_in", "Ctrl++", "zoom-in", "Nearer", other="Ctrl+=", line=True),
    _A_("view.zoom_out", "Zoom &out", _V, "view.zoom_out", "Ctrl+-", "zoom-out", "Further away"),
    _A_("view.fit", "Zoom to &fit", _V, "view.fit", "Ctrl+0", "fit", "Show everything"),
    _A_("view.selection", "Zoom to &selection", _V, "view.selection", "Ctrl+9", "fit", "Show what is selected",
        when="selection"),
    _A_("view.layout", "&Lay out again", _V, "view.layout", "Ctrl+L", "layout",
        "Arrange everything that you have not placed yourself", when="objects", line=True),
    _A_("view.collapse", "&Collapse or expand", _V, "view.collapse", "Ctrl+G", "collapse",
        "Show the Namespace, Node or zone of what is selected as one card, or open it again", when="group", line=True),
    _A_("view.collapse_all", "Collapse all &groups", _V, "view.collapse_all", "Ctrl+Shift+G", "collapse",
        "Show every Namespace, or every Node and zone, as one card", when="groups", argument=True),
    _A_("view.expand_all", "&Expand all groups", _V, "view.collapse_all", "Ctrl+Alt+G", "expand",
        "Open every collapsed group of this view", when="groups", argument=False),
    _A_("view.layers", "&List of layers", (*_V, "La&yers"), "view.layers", "Ctrl+Shift+Y", "layout",
        "Named layers of the drawing: hide, show, name them", checked="layers"),
    _A_("view.layer_new", "&New layer of the selection", (*_V, "La&yers"), "view.layer_new", "Ctrl+Alt+Y", "add",
        "A new layer with what is selected on it", when="selection"),
    _A_("view.layer_off", "&Take the selection off its layer", (*_V, "La&yers"), "view.layer_off", "", "",
        "What is selected is on no layer of its own any more", when="layered"),
    _A_("view.layers_show", "&Show all layers", (*_V, "La&yers"), "view.layers_show", "Ctrl+Alt+H", "",
        "Show everything that hidden layers hide", when="layer-hidden", argument=True, line=True),
    _A_("view.layers_hide", "&Hide all layers", (*_V, "La&yers"), "view.layers_show", "", "",
        "Hide everything that is on a layer", when="layer-shown", argument=False),
    _A_("view.minimap", "Minim&ap", _V, "view.minimap", "", "",
        "The small map, while a part is out of sight", checked="minimap", line=True),
    *(
        _A_(f"view.theme.{name}", text, (*_V, "T&heme"), "view.theme", checked=f"theme:{name}", argument=name,
            tip="Colours of the program")
        for name, text in THEMES
    ),
    _A_("view.palette", "&Palette", (*_V, "&Panels"), "view.panel", "Ctrl+Alt+P", checked="panel:palette",
        argument="palette", tip="Show or hide the palette"),
    _A_("view.inspector", "&Inspector", (*_V, "&Panels"), "view.panel", "Ctrl+Alt+I", checked="panel:inspector",
        argument="inspector", tip="Show or hide the inspector"),
    _A_("view.bottom", "&Bottom panels", (*_V, "&Panels"), "view.panel", "Ctrl+Alt+B", checked="panel:bottom",
        argument="bottom", tip="Show or hide the panels below"),
    *(
        _A_(f"view.place.{side}.{place}", words, (*_V, "&Where panels stand"), "view.place", argument=f"{side}.{place}",
            when=f"room-for:{side}.{place}", checked=f"placed:{side}.{place}", tip="Remembered for the next start",
            line=index > 0 and PLACES[index - 1][0] != side)
        for index, (side, place, words) in enumerate(PLACES)
    ),
    _A_("view.place.tabs", "Tabs in their first &order", (*_V, "&Where panels stand"), "view.first_order",
        when="tabs-moved", line=True, tip="Drag a tab to move it; this puts all of them back"),
    _A_("view.enlarge", "&Large bottom panels", (*_V, "&Panels"), "view.enlarge", "Ctrl+Alt+L",
        checked="enlarged", tip="Give the panels below most of the window, or the canvas its place back"),
    _A_("view.part_next", "Ne&xt part of the window", (*_V, "&Panels"), "view.part", "F6", argument=1, line=True,
        tip="Bring the keyboard to the next part: palette, canvas, inspector, panel below"),
    _A_("view.part_before", "P&revious part of the window", (*_V, "&Panels"), "view.part", "Shift+F6", argument=-1,
        tip="Bring the keyboard to the part before"),
    *(
        _A_(f"view.tab.{name}", text, (*_V, "&Panels"), "view.tab", f"Alt+{number}", argument=name, line=number == 1,
            tip=f"Show the panel {text}")
        for number, (name, text) in enumerate(TABS, 1)
    ),
)  # fmt: skip

_INSERT = (
    *(
        _A_(f"insert.{item.kind}", item.label, _I, "edit.insert", argument=item.kind, tip=item.description,
            icon=f"kind:{item.kind}", line=index > 0 and PALETTE[index - 1].group != item.group)
        for index, item in enumerate(PALETTE)
    ),
    *(
        _A_(f"insert.template.{name}", found.label, (*_I, "Te&mplates"), "edit.template", argument=name,
            tip=found.description)
        for name, found in TEMPLATES.items()
    ),
    _A_("insert.note", "Note", _I, "edit.insert", "Ctrl+Alt+N", line=True, argument="Note",
        tip="Words of your own, in the middle of what is seen"),
    _A_("insert.dns", "Cluster DNS", _I, "edit.insert_dns", when="no-dns",
        tip="kube-dns with CoreDNS behind it, as kubeadm sets them up"),
)  # fmt: skip

_SIMULATE = (
    _A_("sim.trace", "&Trace", _S, "simulate.trace", "Ctrl+T", "route", "Follow the request hop by hop"),
    _A_("sim.clicks", "Trace by t&wo clicks", _S, "simulate.clicks", "Ctrl+Shift+T", "route",
        "Click who sends, then who is asked", when="objects"),
    _A_("sim.clear", "&Clear the trace", _S, "simulate.clear", "", "close", "Show no trace", when="trace"),
    _A_("sim.play", "&Play or pause", _S, "simulate.play", "F5", "play", "Run the packet (also Space)", when="trace",
        bare="Space", line=True),
    _A_("sim.forward", "Step &forward", _S, "simulate.step", "Alt+Right", "step-forward", "To the next hop (also →)",
        when="trace", argument=1, bare="Right"),
    _A_("sim.back", "Step &back", _S, "simulate.step", "Alt+Left", "step-back", "To the hop before (also ←)",
        when="trace", argument=-1, bare="Left"),
    _A_("sim.start", "To the &start", _S, "simulate.to_start", "Alt+Home", "skip-previous", "To the first hop",
        when="trace", bare="Home"),
    _A_("sim.end", "To the &end", _S, "simulate.to_end", "Alt+End", "skip-next", "To the last hop", when="trace",
        bare="End"),
    *(
        _A_(f"sim.speed.{speed:g}", f"{speed:g}×", (*_S, "Spee&d"), "simulate.speed", checked=f"speed:{speed:g}",
            argument=speed, tip="Speed of the animation")
        for speed in SPEEDS
    ),
    _A_("sim.loop", "Play again and a&gain", _S, "simulate.loop", checked="loop", tip="Begin again at the end"),
    _A_("sim.stream", "Let packets strea&m", _S, "simulate.stream", "Shift+F5", checked="streaming", when="ways",
        tip="Many packets at once on every way that is drawn, on each as many as its share says"),
    _A_("sim.save", "Sa&ve this request…", _S, "simulate.save", "Ctrl+Alt+S", "save",
        "Keep the request with the verdict that you expect", when="trace", line=True),
    _A_("sim.requests", "&Run all saved requests", _S, "simulate.run_all", "Ctrl+Alt+R", "refresh",
        "Ask every saved request and hold it against what you expect"),
    _A_("sim.off", "Take requests &off the canvas", _S, "simulate.take_off", "", "close",
        "Draw none of the saved requests any more", when="overlays"),
    _A_("sim.beside", "Side b&y side", _S, "simulate.beside", "Ctrl+Shift+B", "tables",
        "Lay the way that is shown beside another way or a saved request", when="trace", line=True),
    _A_("sim.predict", "Predict before play (&learn)", _S, "simulate.predict", "Ctrl+Alt+T", checked="predict",
        tip="Say how a request will end before you see it"),
    *(
        _A_(f"sim.export.{form}", words, (*_S, "E&xport this run"), "simulate.export_run", when="trace", argument=form,
            tip=tip)
        for form, words, tip in RUN_FORMS
    ),
)  # fmt: skip

_ANALYZE = (
    _A_("ana.check", "&Check the cluster", _A, "view.tab", "F7", "warning", "List what is wrong", argument="problems"),
    _A_("ana.matrix", "Connectivity &matrix", _A, "view.tab", "F8", "matrix", "Who reaches whom", argument="matrix"),
    _A_("ana.repair", "Change who can &reach whom…", _A, "policies.repair", "Ctrl+Shift+R", "kind:NetworkPolicy",
        "The smallest change of policies that makes a connection possible or impossible", when="objects", line=True),
    _A_("ana.arrow", "&Draw a policy: who may call whom", _A, "policies.draw", "Ctrl+Shift+W", "arrow-right",
        "Click who calls and who is called; read and apply the change", when="objects"),
    _A_("ana.isolate", "Deny &by default…", _A, "policies.isolate", "", "kind:NetworkPolicy",
        "Isolate all Pods of a namespace; see first what closes", when="objects"),
    _A_("ana.stage", "Stag&e the policy, or enforce it", _A, "policies.stage", "", "",
        "A staged policy is kept and has no say until it is enforced", when="policy"),
    _A_("ana.without", "What deleting the polic&y changes…", _A, "policies.without", "", "delete",
        "Which connections open without the policy; read first, then delete it or leave it", when="policy"),
    _A_("ana.staged", "W&hen staged policies are enforced…", _A, "policies.staged", "", "",
        "Which connections open and close then", when="staged"),
    _A_("ana.compare", "C&ompare with another plugin or mode…", _A, "analyze.compare", "Ctrl+Shift+M", "contrast",
        "Which requests, addresses and policies would change", line=True),
    _A_("ana.diff", "Compare connect&ivity…", _A, "analyze.connectivity", "Ctrl+Shift+K", "matrix",
        "Which flows are opened and closed, against the last save, an earlier step, or another project"),
    _A_("ana.diff_leave", "&No longer show the differences", _A, "analyze.leave_connectivity", "", "close",
        "Take the opened and closed flows off the canvas", when="diffing"),
    _A_("ana.swapped", "What the last s&wap changed…", _A, "analyze.swapped", "", "history",
        "What the last change of plugin or mode has changed", when="swapped"),
    _A_("ana.local", "Nodes where &Local drops…", _A, "analyze.local_drops", "", "warning",
        "Nodes on which a Service with externalTrafficPolicy or internalTrafficPolicy Local answers nobody", line=True),
    _A_("ana.migrate", "Mi&grate Ingresses to Gateway API…", _A, "analyze.migrate", "", "route",
        "Turn Ingresses into Gateway API manifests, see what is lost and what stays the same"),
    _A_("ana.routing", "Compare rou&ting of two sets…", _A, "analyze.routing", "", "route",
        "Ask two sets of manifests for every request that their rules tell apart, with a URL for each difference"),
    _A_("ana.verify", "&Verify on Linux…", _A, "verify.dialog", "F9", "check",
        "Build the cluster of network namespaces on this machine and send real packets", when="objects", line=True),
    _A_("ana.forget", "&Forget the results of Verify", _A, "verify.forget", "", "delete",
        "Take the kept results and their marks away; undo brings them back", when="kept-result"),
    _A_("ana.proxy", "&kube-proxy…", _A, "analyze.proxy", "", "tables", "How kube-proxy works in this cluster",
        line=True),
    _A_("ana.cluster", "Cluster &settings…", _A, "analyze.cluster", "Ctrl+Shift+L", "settings",
        "Address ranges, network plugin, load balancer addresses, DNS domain"),
    *(
        _A_(f"ana.cni.{plugin}.{backend}", f"{CNI_NAMES[plugin]} · {backend}", (*_A, "Network &plugin"), "analyze.cni",
            checked=f"cni:{plugin}.{backend}", argument=f"{plugin}.{backend}", line=index == 0 and plugin != "calico",
            tip="Swap the network plugin; undo brings the old one back")
        for plugin, backends in CNI_BACKENDS.items()
        for index, backend in enumerate(backends)
    ),
)  # fmt: skip

_HELP = (
    _A_("help.here", "&Explain what is selected", _H, "help.here", "F1", "help",
        "The rule of Kubernetes behind the problem, hop or verdict that is chosen"),
    _A_("help.contents", "&Contents", _H, "help.contents", "Shift+F1", "tables",
        "Everything that Help has, with a search"),
    _A_("help.tour", "&First steps", _H, "help.tour", "", "play", "The first steps, in words", line=True),
    _A_("help.guide", "&Guided tour", _H, "help.guide", "", "route",
        "Four steps that point at the parts of the window"),
    _A_("help.shortcuts", "&Keyboard shortcuts", _H, "help.shortcuts", "Ctrl+F1", "keyboard", "All keys in one list"),
    _A_("help.verdicts", "&Verdicts explained", _H, "help.verdicts", "", "info", "What each end of a trace means"),
    _A_("help.doctor", "&Doctor", _H, "help.doctor", "", "check", "What this machine has and lacks", line=True),
    _A_("help.about", "&About", _H, "help.about", "", "info", "Version and licences"),
)  # fmt: skip

ACTIONS: Final[tuple[ActionSpec, ...]] = (*_FILE, *_EDIT, *_VIEW, *_INSERT, *_SIMULATE, *_ANALYZE, *_HELP)
# After which action a dynamic submenu stands in its menu.
DYNAMIC_AFTER: Final = {"file.open_folder": RECENT, "sim.save": SCENARIOS}


def action_table() -> tuple[tuple[str, str, str], ...]:
    """Every action as a person reads it: where it is in the menus, its name, its keys."""
    return tuple(
        (
            " ▸ ".join(part.replace("&", "") for part in spec.menu),
            spec.words,
            " or ".join(key for key in (spec.shortcut, spec.other, spec.bare) if key),
        )
        for spec in ACTIONS
    )
