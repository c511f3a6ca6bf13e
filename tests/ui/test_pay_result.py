"""How the page says what a comparison gave."""

import numpy as np

from cvlib.augmenting import paying
from cvlib.augmenting.paying import Interval, Outcome, Verdict
from cvlib.ui.augmentation import pay_result

HALF = Interval(0.5, 0.4, 0.6)


def verdict(middle: float, low: float, high: float) -> Verdict:
    return Verdict(HALF, HALF, Interval(middle, low, high), 3)


def test_a_verdict_is_one_sentence() -> None:
    said = pay_result.sentence(100, verdict(0.019, 0.008, 0.03))
    assert "With 100 pictures **it pays**: +1.9 points (0.8 to 3.0)." in said
    assert "**it harms**: −4.1 points (−5.0 to −3.2)." in pay_result.sentence(None, verdict(-0.041, -0.05, -0.032))
    unclear = pay_result.sentence(30, verdict(0.0, -0.01, 0.01))
    assert "no difference can be told apart from chance**: +0.0 points (−1.0 to 1.0)." in unclear


def test_the_table_has_numbers_for_a_spreadsheet() -> None:
    frame = pay_result.table({100: verdict(0.019, 0.008, 0.03), None: verdict(-0.1, -0.2, -0.05)})
    assert frame["Training pictures"].tolist() == ["100", "all"]
    assert frame["Difference (points) from"].tolist() == [0.8, -20.0]
    assert frame["Verdict"].tolist() == ["it pays", "it harms"]


def test_the_curves_are_means_over_the_seeds() -> None:
    histories = [
        {"accuracy": [0.2, 0.4], "val_accuracy": [0.1, 0.3]},
        {"accuracy": [0.4, 0.8], "val_accuracy": [0.3, 0.5]},
    ]
    pairs = [(Outcome(np.ones(3, bool), one, 1.0), Outcome(np.ones(3, bool), one, 1.0)) for one in histories]
    rows = pay_result.curve_rows(pairs)
    chosen = [row["value"] for row in rows if (row["kind"], row["pictures"]) == ("with", "training")]
    np.testing.assert_allclose(chosen, [30, 60])
    assert len(rows) == 8 and paying.judge(pairs).gain.middle == 0
