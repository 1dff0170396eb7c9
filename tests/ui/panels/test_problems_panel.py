"""The Problems panel: what the checker finds, what to do, and the way to the object."""

from PySide6.QtWidgets import QLabel, QStackedWidget, QWidget

from designer.edits.combine import combine
from designer.edits.fields import set_field
from designer.engine.checks import check
from designer.manifests import read_texts
from designer.ui.panels.problems_panel import ProblemsPanel
from tests.ui.panels.conftest import Desk


def test_every_problem_has_a_row_errors_first(broken: Desk) -> None:
    panel = broken.panel(ProblemsPanel)
    found = check(broken.session.state)
    assert [row[-1] for row in panel.table.rows_model.shown()] == sorted(found, key=lambda p: p.sort_key)
    assert panel.table.rows_model.row(0)[0] == "✕  error"
    errors = sum(problem.severity == "error" for problem in found)
    assert panel.summary.text().startswith(f"{errors} errors")


def test_it_counts_in_the_background_without_being_seen(broken: Desk) -> None:
    counts: list[int] = []
    panel = ProblemsPanel(broken.session, broken.selection, broken.player)
    broken.qtbot.addWidget(panel)
    panel.countChanged.connect(counts.append)
    broken.settle(panel)
    assert counts == [len(check(broken.session.state))]
    # The selector of the broken sample's frontend is misspelt: mending it takes at least that problem away.
    assert broken.session.apply(
        set_field(broken.project, "Service:shop/frontend", "spec.selector", {"app": "frontend"})
    )
    broken.settle(panel)
    assert counts[-1] < counts[0]
    assert not any(p.code == "SVC-01" for p in panel.problems)


def test_a_row_tells_why_and_what_to_do_and_shows_its_object(broken: Desk) -> None:
    panel = broken.panel(ProblemsPanel)
    place = next(n for n, row in enumerate(panel.table.rows_model.shown()) if row[1] == "SVC-01")
    panel.table.select_place(place)
    problem = panel.table.first_selected()[-1]
    words = panel.detail.text()
    assert problem.title in words and problem.why in words and problem.fix in words
    assert broken.selection.single == "Service:shop/frontend"
    assert broken.revealed == ["Service:shop/frontend"]
    broken.revealed.clear()
    panel.detail.show_button.click()
    assert broken.revealed == ["Service:shop/frontend"]


def test_selecting_an_object_finds_its_row(broken: Desk) -> None:
    panel = broken.panel(ProblemsPanel)
    broken.selection.select(("Ingress:shop/shop",))
    assert panel.table.first_selected()[-1].object == "Ingress:shop/shop"
    broken.selection.select(("Node:node-1",))
    assert panel.table.first_selected() is None
    assert broken.revealed == []


def test_filter_and_csv(broken: Desk) -> None:
    panel = broken.panel(ProblemsPanel)
    panel.table.set_filter("SVC-01")
    assert panel.table.rows_model.rowCount() == 1
    assert panel.table.csv_text().splitlines()[1].startswith("✕  error,SVC-01,")


def test_kept_policies_that_are_not_evaluated_are_listed(shop: Desk) -> None:
    """READ-12 of the import stays where a person looks for problems, also after the project was opened again."""
    text = "apiVersion: crd.antrea.io/v1beta1\nkind: ClusterNetworkPolicy\nmetadata: {name: own}\nspec: {}\n"
    merged = combine(shop.project, read_texts([("own.yaml", text)], assuming=False).project)
    assert shop.session.apply(merged)
    panel = shop.panel(ProblemsPanel)
    shop.settle(panel)
    assert [problem.code for problem in panel.problems if "ClusterNetworkPolicy" in problem.title] == ["READ-12"]


def test_words_beside_the_list_are_wrapped_when_the_panel_comes_into_sight(broken: Desk) -> None:
    """What was found while the panel was hidden: the hint was laid out for another width and cut off."""
    pages = QStackedWidget()
    broken.qtbot.addWidget(pages)
    pages.resize(780, 230)
    panel = ProblemsPanel(broken.session, broken.selection, broken.player)
    for page in (QWidget(), panel):
        pages.addWidget(page)
    pages.show()
    broken.settle(panel)
    pages.setCurrentIndex(1)
    broken.qtbot.wait(10)
    label = next(found for found in panel.detail.findChildren(QLabel) if found.text().startswith("Select a problem"))
    assert label.isVisible() and label.geometry().right() <= panel.detail.viewport().width()
    assert label.height() >= label.heightForWidth(label.width()) > label.fontMetrics().height()
