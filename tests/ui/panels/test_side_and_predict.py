"""Ways side by side in the Trace panel, and the question of predict before play."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from designer.edits.remove import remove
from designer.engine.trace import Request, TraceResult
from designer.engine.trace.ask import ask
from designer.ui.bridge.prediction import Prediction
from designer.ui.panels.trace_panel import ASKING, NO_TRACE, TracePanel
from tests.ui.panels.conftest import Desk

WEB, DATA = "Deployment:shop/frontend", "db:5432"
LOGIC = "3. The logic calls the data"


def answered(desk: Desk, source: str = WEB, destination: str = DATA) -> TraceResult:
    result, _ = ask(desk.session.state, Request(source, destination))
    assert result is not None
    return result


def test_a_failing_request_stands_beside_a_working_one(shop: Desk) -> None:
    panel = shop.panel(TracePanel)
    shop.ask(WEB, DATA)
    panel.show_beside(LOGIC)
    assert panel.beside.isChecked()
    words = panel.side.words.text()
    assert words.startswith(f"This request ends with “denied by policy”, “{LOGIC}” with “delivered”.")
    rows = list(panel.side.table.rows_model.shown())
    (deciding,) = [at for at, row in enumerate(rows) if "✕ decides" in row[3]]
    assert rows[deciding][1].endswith(": denied") and rows[deciding][2].endswith(": allowed")


def test_a_row_moves_the_player_and_the_player_the_row(shop: Desk) -> None:
    panel = shop.panel(TracePanel)
    shop.ask(WEB, DATA)
    panel.show_beside(LOGIC)
    panel.side.table.select_place(4)
    assert shop.player.index == 4
    shop.player.step(1)
    assert panel.side.table.first_selected()[-1] == 5


def test_all_ways_of_a_trace_stand_beside_each_other_with_their_shares(shop: Desk) -> None:
    panel = shop.panel(TracePanel)
    shop.ask(WEB, "http://api:8080")
    panel.beside.setChecked(True)
    assert panel.side.beside.currentData() == "all"
    titles = [column.title for column in panel.side.table.rows_model.columns]
    assert titles == ["Layer", *(f"Way {at} · 1/3 (33.3 %)" for at in (1, 2, 3))]
    rows = list(panel.side.table.rows_model.shown())
    assert all(any(cell for cell in row[1:4]) for row in rows)
    # Each way has every one of its own hops, in order.
    for at, path in enumerate(shop.player.paths, start=1):
        own = [int(row[at].split()[0]) for row in rows if row[at]]
        assert own == list(range(1, len(path.hops) + 1))


def test_leaving_side_by_side_shows_the_packets_again(shop: Desk) -> None:
    panel = shop.panel(TracePanel)
    shop.ask(WEB, DATA)
    QTest.mouseClick(panel.beside, Qt.MouseButton.LeftButton)
    assert not panel.hop_view.isVisible()
    QTest.mouseClick(panel.beside, Qt.MouseButton.LeftButton)
    assert panel.hop_view.isVisible()


def test_the_question_comes_before_the_answer(shop: Desk) -> None:
    panel = shop.panel(TracePanel)
    assert panel._stack.currentIndex() == NO_TRACE
    revealed: list[object] = []
    panel.prediction.revealed.connect(revealed.append)
    panel.prediction.arm(True)
    panel.prediction.hold(answered(shop))
    assert panel._stack.currentIndex() == ASKING
    assert "frontend · shop → db:5432" in panel.predict.question.text()
    assert not panel.predict.see.isEnabled()
    panel.predict.buttons["denied"].setChecked(True)
    shop.selection.select(("Node:node-1",))
    assert panel.predict.place.text() == "It ends at Node node-1"
    QTest.mouseClick(panel.predict.see, Qt.MouseButton.LeftButton)
    assert len(revealed) == 1
    shop.player.load(answered(shop))
    assert panel.judged.isVisible() and panel.judged.kind() == "success"
    assert panel.judged.message().startswith("✓ Right. It is denied by policy, as you said.")


def test_a_wrong_guess_is_told_with_the_deciding_rule(shop: Desk) -> None:
    panel = shop.panel(TracePanel)
    panel.prediction.hold(answered(shop))
    panel.predict.buttons["delivered"].setChecked(True)
    QTest.keyClick(panel.predict, Qt.Key.Key_Return)
    shop.player.load(answered(shop))
    assert panel.judged.kind() == "error"
    assert "You said delivered; it is denied by policy." in panel.judged.message()
    assert "shop/default-deny" in panel.judged.message()


def test_it_is_left_at_any_moment(shop: Desk) -> None:
    panel = shop.panel(TracePanel)
    revealed: list[object] = []
    panel.prediction.revealed.connect(revealed.append)
    panel.prediction.hold(answered(shop))
    QTest.keyClick(panel.predict, Qt.Key.Key_Escape)
    assert len(revealed) == 1 and panel.prediction.judgement is None
    panel.prediction.arm(True)
    panel.prediction.hold(answered(shop))
    panel.prediction.arm(False)
    assert len(revealed) == 2 and not panel.prediction.asking


def test_a_new_question_begins_without_marks(shop: Desk) -> None:
    panel = shop.panel(TracePanel)
    panel.prediction.hold(answered(shop))
    panel.predict.buttons["denied"].setChecked(True)
    panel.prediction.leave()
    panel.prediction.hold(answered(shop, "Deployment:shop/api"))
    assert not any(button.isChecked() for button in panel.predict.buttons.values())
    assert panel.prediction.guess.verdict == ""


def test_an_answer_that_is_only_renewed_keeps_the_marks(shop: Desk) -> None:
    prediction = Prediction()
    prediction.hold(answered(shop))
    from designer.present.prediction_text import Guess

    prediction.set_guess(Guess("denied"))
    prediction.hold(answered(shop))
    assert prediction.guess.verdict == "denied"


def test_what_stands_beside_follows_the_cluster(shop: Desk) -> None:
    panel = shop.panel(TracePanel)
    shop.ask("Deployment:shop/api", DATA)
    panel.show_beside("4. The web tier must not reach the data")
    assert "with “denied by policy”" in panel.side.words.text()
    gone = [f"NetworkPolicy:shop/{name}" for name in ("default-deny", "frontend", "db", "allow-dns")]
    shop.session.apply(remove(shop.project, gone))
    assert "Both end alike: delivered." in panel.side.words.text()
