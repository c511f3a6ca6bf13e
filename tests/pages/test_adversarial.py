"""The adversarial page as a visitor uses it, with small networks of their own."""

from collections.abc import Callable

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cvlib.adversarial import defence
from cvlib.adversarial.base import Frame
from cvlib.adversarial.catalogue import CATALOG
from cvlib.ui import picker, session
from cvlib.ui.adversarial import fool, little, take_away
from cvlib.ui.pages import CARDS
from tests.at_hand import LENET, SOFTMAX
from tests.conftest import ROOT
from tests.engine.helpers import ended


@pytest.fixture(scope="module", autouse=True)
def networks_at_hand(hand: Callable[..., None]) -> None:
    hand(SOFTMAX, LENET)


def page(kept: dict | None = None, **query: str) -> AppTest:
    """The page as a link opens it, with what a session has kept."""
    app = AppTest.from_file(str(ROOT / "pages" / "adversarial.py"), default_timeout=90)
    app.session_state[CARDS] = ()
    for key, value in (kept or {}).items():
        app.session_state[key] = value
    for key, value in {"network": LENET.digest, **query}.items():
        app.query_params[key] = value
    return app.run()


def fine(app: AppTest) -> AppTest:
    assert not app.exception and not app.error
    return app


@pytest.mark.parametrize("attack", CATALOG)
def test_every_attack_is_run_and_judged(attack: str) -> None:
    app = fine(page(attack=attack))
    assert app.session_state[picker.CURRENT].source == "test"
    if attack == "carlini_wagner":
        app.slider(key="adversarial.carlini_wagner.count").set_value(10)
    if attack == "patch":
        app.slider(key="adversarial.patch.count").set_value(20)
    app = fine(app.button(key="adversarial.run").click().run())
    made = app.session_state[fool.MADE]
    end, words = fool.verdict(int(made.result.before[0].argmax()), int(made.result.after[0].argmax()), made.wanted, str)
    shown = {"wanted": app.success, "other": app.warning, "not": app.info}[end]
    assert any(words.removesuffix(".").split("“")[0] in element.value for element in shown)
    labels = [metric.label for metric in app.metric]
    assert labels[:4] == ["Largest change (L∞)", "All changes (L2)", "Changed pixels (L0)", "PSNR"]


def test_strength_and_goal_reach_the_attack_and_a_change_is_said() -> None:
    app = fine(page(attack="pgd"))
    app = app.select_slider(key="adversarial.epsilon.True").set_value(76).run()
    app = app.button_group(key="adversarial.goal.False").set_value(True).run()
    app = fine(app.button(key="adversarial.run").click().run())
    made = app.session_state[fool.MADE]
    assert made.request.epsilon == 76 and made.request.targeted and made.wanted is not None
    assert np.abs(made.result.perturbation).max() <= 76
    app = fine(app.select_slider(key="adversarial.epsilon.True").set_value(8).run())
    assert any("settings have changed" in caption.value for caption in app.caption)


def test_the_least_is_found_for_one_and_for_many_and_the_curve_measured() -> None:
    app = fine(page(step="How little?"))
    app = fine(app.button(key="adversarial.one").click().run())
    metric = next(metric for metric in app.metric if metric.label == "Smallest epsilon")
    assert 1 <= int(metric.value.split()[0]) <= 128
    app = fine(app.button(key="adversarial.all").click().run())
    assert any("Half of 50 pictures are fooled" in text.value for text in app.markdown)
    app = fine(app.button(key="adversarial.curve").click().run())
    points = app.session_state[little.POINTS][1]
    assert {point.attack for point in points} == {"fgsm", "pgd", "noise"}
    assert {point.epsilon for point in points} == set(little.TINY_EPSILONS)


def test_what_carries_over_stands_in_a_matrix() -> None:
    app = fine(page(step="Does it carry over?"))
    app = fine(app.button(key="adversarial.carry.run").click().run())
    table = app.dataframe[0].value
    assert table.shape == (2, 3) and all(value.endswith("%") for value in table.iloc[:, 1])


def test_a_hardened_twin_is_trained_and_compared() -> None:
    app = fine(page(step="Defend it"))
    epsilon = app.select_slider(key="adversarial.defend.True").value
    spec = LENET.replace(adversarial="pgd", epsilon=float(epsilon))
    session.engine().train(spec, owner="test")
    ended(session.engine(), spec, seconds=150)
    app = fine(page(step="Defend it"))
    table = app.dataframe[0].value
    assert table["Network"].tolist() == ["As it was", "Hardened"]
    before, after = (float(value.split()[0]) for value in table["PGD, 40 steps"])
    assert after > before
    hardened = fine(page(step="Defend it", network=spec.digest))
    assert any("hardened already" in info.value for info in hardened.info)


def test_input_defences_and_a_proof() -> None:
    app = fine(page(step="Defend it"))
    app = fine(app.button(key="adversarial.inputs").click().run())
    table = next(frame.value for frame in app.dataframe if "Verdict" in frame.value)
    assert len(table) == 3
    app = app.select_slider(key="adversarial.sigma").set_value(8).run()
    app = fine(app.button(key="adversarial.certify").click().run())
    assert any("of 500 votes" in text.value for text in app.markdown)


def test_a_defence_is_switched_on_for_the_attacked_picture() -> None:
    app = fine(page(attack="pgd"))
    app = fine(app.button(key="adversarial.run").click().run())
    kept = {name: app.session_state[name] for name in (fool.MADE, picker.CURRENT)}
    app = fine(page(kept, step="Defend it"))
    for name in ("bit_depth", "blur", "jpeg"):
        app = fine(app.button_group(key="adversarial.defence").set_value(name).run())
        assert any(defence.info(name).how in caption.value for caption in app.caption)


def test_what_is_taken_away_was_read_again_first() -> None:
    app = fine(page(step="Take away"))
    assert any("Attack the picture first" in info.value for info in app.info)
    app = fine(page(attack="pgd"))
    app = fine(app.button(key="adversarial.run").click().run())
    made = app.session_state[fool.MADE]
    kept = {fool.MADE: made, picker.CURRENT: app.session_state[picker.CURRENT]}
    app = fine(page(kept, step="Take away"))
    said = [element.value for element in (*app.success, *app.warning)]
    assert any("read again as if you had uploaded it" in text for text in said)
    offered = [button.label for button in app.get("download_button")]
    assert ("The adversarial picture (PNG)" in offered) == bool(app.success)


def test_a_picture_as_png_is_lossless() -> None:
    from cvlib import images

    pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    np.testing.assert_array_equal(images.decode(take_away.as_png(pixels), name="x.png").pixels, pixels)


def test_frames_are_thinned_evenly() -> None:
    frames = [Frame(step, np.zeros((1, 1, 1), np.uint8), np.zeros(2)) for step in range(301)]
    kept = [frame.step for frame in fool.thinned(frames)]
    assert len(kept) == fool.FRAMES and kept[0] == 0 and kept[-1] == 300
    assert len(fool.thinned(frames[:3])) == 3


@pytest.mark.parametrize(
    ("now", "wanted", "end"), [(1, None, "not"), (2, None, "wanted"), (2, 2, "wanted"), (3, 2, "other"), (1, 2, "not")]
)
def test_the_verdict_has_three_states(now: int, wanted: int | None, end: str) -> None:
    assert fool.verdict(1, now, wanted, str)[0] == end


def test_the_page_offers_another_picture_for_another_network_until_one_is_picked() -> None:
    app = fine(page())
    first = app.session_state[picker.CURRENT]
    app = fine(app.selectbox(key="network").set_value(SOFTMAX.digest).run())
    assert app.session_state[picker.CURRENT] is not first
    own = picker.PickedImage(np.zeros((20, 20, 3), np.uint8), "mine", (), "upload")
    app = fine(page({picker.CURRENT: own}))
    assert app.session_state[picker.CURRENT] is own
