"""The command explain: one topic, several as a list, the contents, and what Help does not have."""

from __future__ import annotations

import pytest

from designer.__main__ import main


def test_a_code_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "np-08"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("NP-08  Two entries where one may be meant\n")
    assert "What Kubernetes does\n" in out
    assert "Kubernetes documentation, Network Policies" in out


def test_a_verdict_is_explained_by_its_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "no", "route"]) == 0
    assert capsys.readouterr().out.startswith("No route\n")


def test_words_that_several_topics_hold_give_a_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "targetPort", "names"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()[:2]] == ["ING-07", "GW-06"]


def test_words_that_one_topic_holds_give_that_topic(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "strictARP"]) == 0
    assert capsys.readouterr().out.startswith("NODE-20  ipvs mode answers ARP on every Node\n")


def test_without_words_it_lists_everything(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain"]) == 0
    out = capsys.readouterr().out
    assert "SVC-01" in out and "Network policies" in out and "first-steps" in out


def test_what_help_does_not_have_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "frobnicate"]) == 2
    assert "Help has nothing about frobnicate" in capsys.readouterr().err
