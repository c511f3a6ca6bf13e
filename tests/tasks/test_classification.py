"""The report against scikit-learn's, and the pictures behind its numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import classification_report, confusion_matrix, log_loss

from cvlib.tasks import classification


def random_answers(count: int, classes: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet(np.ones(classes), count).astype(np.float32)
    return rng.integers(0, classes, count), shares


@given(st.integers(1, 60), st.integers(2, 6), st.integers(0, 10**6))
def test_the_numbers_are_scikit_learns(count: int, classes: int, seed: int) -> None:
    labels, shares = random_answers(count, classes, seed)
    names = tuple(f"class {k}" for k in range(classes))
    ours = classification.report(labels, shares, names).to_dict()
    theirs = classification_report(
        labels, shares.argmax(1), labels=range(classes), target_names=names, output_dict=True, zero_division=0
    )
    theirs.setdefault("accuracy", float((labels == shares.argmax(1)).mean()))
    theirs.pop("micro avg", None)
    assert ours.keys() == theirs.keys()
    for name, row in theirs.items():
        assert ours[name] == (pytest.approx(row, abs=1e-12))


@given(st.integers(1, 60), st.integers(2, 6), st.integers(0, 10**6))
def test_every_cell_holds_exactly_its_pictures(count: int, classes: int, seed: int) -> None:
    labels, shares = random_answers(count, classes, seed)
    report = classification.report(labels, shares, tuple(map(str, range(classes))))
    assert (report.confusion == confusion_matrix(labels, shares.argmax(1), labels=range(classes))).all()
    seen = []
    for truth in range(classes):
        for said in range(classes):
            cell = report.cell(truth, said)
            assert len(cell) == report.confusion[truth, said]
            assert (labels[cell] == truth).all() and (shares[cell].argmax(1) == said).all()
            assert (np.diff(shares[cell].max(axis=1)) <= 0).all()
            seen.extend(cell)
    assert sorted(seen) == list(range(count))
    assert set(report.mistakes) == set(np.flatnonzero(labels != shares.argmax(1)))


def test_metrics_of_a_known_case() -> None:
    labels, shares = random_answers(50, 4, 7)
    report = classification.report(labels, shares, tuple("abcd"))
    found = classification.metrics(report, shares)
    assert found["loss"] == pytest.approx(log_loss(labels, shares, labels=range(4)), rel=1e-4)
    assert found["accuracy"] == report.accuracy


def test_no_pictures_at_all() -> None:
    report = classification.report(np.zeros(0, np.int64), np.zeros((0, 3), np.float32), tuple("abc"))
    assert report.accuracy == 0 and not len(report.mistakes)
    assert classification.metrics(report, np.zeros((0, 3)))["loss"] == 0


def test_shapes_must_fit() -> None:
    with pytest.raises(ValueError, match="must be"):
        classification.report(np.zeros(3, np.int64), np.zeros((3, 2)), tuple("abc"))
