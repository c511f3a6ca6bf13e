"""The step “When does it hurt?” as a visitor uses it, with a small network of their own."""

from collections.abc import Callable

import numpy as np
import pytest
from sklearn.metrics import accuracy_score
from streamlit.testing.v1 import AppTest

from cvlib import data, networks
from cvlib.augmentation.pipeline import Pipeline
from cvlib.augmenting.answers import Answers, ClassChange, Fall
from cvlib.augmenting.looking import Shot
from cvlib.engine import warm
from cvlib.ui import network_picker, session
from cvlib.ui.augmentation import hurt_classes, hurt_curve, hurt_words, state
from cvlib.ui.augmentation.state import Subject
from cvlib.ui.pages import CARDS
from tests.at_hand import LENET
from tests.conftest import ROOT

MIRROR, UPSIDE_DOWN = "flip:direction=horizontal", "flip:direction=both,p=0.5"


@pytest.fixture(scope="module", autouse=True)
def network_at_hand(hand: Callable[..., None]) -> None:
    hand(LENET)


def script() -> None:
    import streamlit as st

    from cvlib.ui.augmentation import hurt

    hurt.draw(st.session_state["test.subject"])


def step(subject: Subject, pipeline: str = UPSIDE_DOWN, **kept: object) -> AppTest:
    app = AppTest.from_function(script, default_timeout=90)
    app.session_state["test.subject"] = subject
    app.session_state[state.PIPELINE] = pipeline
    for key, value in kept.items():
        app.session_state[key] = value
    return fine(app.run())


def digit(label: int = 6) -> Subject:
    test = data.load("digits").test
    place = int(np.flatnonzero(test.labels == label)[0])
    pool = tuple(Shot(image, f"{place}") for place, image in enumerate(test.images[:3]))
    return Subject(Shot(test.images[place], "a digit"), pool, "digits", label)


def fine(app: AppTest) -> AppTest:
    assert not app.exception and not app.error
    return app


def texts(app: AppTest) -> str:
    return "\n".join(element.value for element in (*app.markdown, *app.caption, *app.info, *app.success))


def captions(app: AppTest) -> list[str]:
    return [image.proto.imgs[0].caption for image in app.get("image")]


def test_each_tile_has_the_network_s_verdict() -> None:
    app = step(digit())
    assert app.session_state[network_picker.KEY] == LENET.digest
    shown = captions(app)
    assert len(shown) == 10 and shown[0].startswith("Untouched: ")
    lost = sum(words.startswith("✗") for words in shown[1:])
    assert f"**{hurt_words.drawn(9, lost)}**" in texts(app) and 0 < lost < 9
    assert all(words[0] in "✓✗" and words.endswith("% sure") for words in shown[1:])
    app = fine(app.button_group(key="augmentation.hurt.count").set_value(24).run())
    before = captions(app)
    assert len(before) == 25
    app = fine(app.button(key="augmentation.hurt.again").click().run())
    assert captions(app)[0] == before[0] and captions(app) != before


def test_the_page_has_the_step_and_takes_a_network_that_knows_the_picture() -> None:
    app = AppTest.from_file(str(ROOT / "pages" / "augmentation.py"), default_timeout=90)
    app.session_state[CARDS] = ()
    for key, value in {"step": "When does it hurt?", "picture": "digits-4", "pipeline": MIRROR}.items():
        app.query_params[key] = value
    app = fine(app.run())
    assert app.session_state[network_picker.KEY] == LENET.digest
    assert len(captions(app)) == 10 and "Nine draws, " in texts(app)


def test_a_mixed_picture_has_no_single_truth() -> None:
    app = step(digit(), "mixup")
    assert "no single truth" in texts(app)


def test_an_empty_pipeline_leaves_the_curve() -> None:
    app = step(digit(), "")
    assert not captions(app) and any("no step that is on" in info.value for info in app.info)
    assert app.button(key="augmentation.hurt.measure")


def test_a_photo_is_judged_against_what_the_network_says_of_it() -> None:
    photo = Subject(Shot(np.random.default_rng(0).integers(0, 256, (60, 90, 3), dtype=np.uint8), "noise"))
    app = step(photo, **{network_picker.KEY: LENET.digest})
    assert captions(app)[0].startswith("Untouched: ✓") and "the same answer as to the untouched picture" in texts(app)


def test_a_network_that_knows_the_picture_is_offered() -> None:
    app = step(Subject(Shot(np.zeros((32, 32, 3), np.uint8), "shape"), (), "shapes", 0))
    assert any("has not learned from" in info.value for info in app.info)
    assert app.button(key="augmentation.hurt.train")


def test_the_curve_is_measured_marked_and_said() -> None:
    app = step(digit())
    app = fine(app.selectbox(key=hurt_curve.WHAT).set_value("rotation").run())
    assert "once you have measured it" in texts(app)
    app = fine(app.button(key="augmentation.hurt.measure").click().run())
    [(key, found)] = app.session_state[hurt_curve.MEASURED].items()
    assert key[0] == LENET.digest and len(found) == len(key[1]) == 18
    network = networks.find(session.engine().store, LENET.digest)
    pictures = session.run(warm.dataset, LENET).validation
    said = session.engine().run_with_model(network.name, _says, pictures.images)
    expected = accuracy_score(pictures.labels, said)
    assert found[0].accuracy == found[1].accuracy == pytest.approx(expected)
    assert f"Untouched it is right on {hurt_words.percent(expected)}" in texts(app)
    assert "**clearly worse**" in texts(app) and "Which class suffers most" in texts(app)
    assert not app.get("arrow_data_frame")
    app = fine(app.button(key="augmentation.hurt.skip").click().run())
    assert "suffers most: " in texts(app)


def _says(model, images: np.ndarray) -> np.ndarray:
    return model.predict_on_batch(images).argmax(axis=1)


def test_a_mirror_has_no_curve_and_a_guess_is_scored_by_the_own_result() -> None:
    app = step(digit(), MIRROR)
    app = fine(app.button(key="augmentation.hurt.measure").click().run())
    [found] = app.session_state[hurt_curve.MEASURED].values()
    before = found[0].is_right
    loss = [(before[found[0].truth == label].mean() - found[1].is_right[found[1].truth == label].mean())
            for label in range(10)]  # fmt: skip
    assert not any("Curve as CSV" in button.label for button in app.get("download_button"))
    [card] = [group for group in app.get("button_group") if group.key.startswith("lesson.augmentation.hurt")]
    worst = int(np.argmax(loss))
    app = fine(app.button_group(key=card.key).set_value(str(worst)).run())
    assert any(element.value.startswith("Right.") for element in app.success)
    spared = int(np.argmin(loss))
    app = fine(app.button_group(key=card.key).set_value(str(spared)).run())
    assert any(element.value.startswith("Not this time") for element in app.info)
    assert app.session_state[hurt_classes.SEEN] is True


def test_the_whole_pipeline_can_be_measured_and_settings_chosen() -> None:
    app = step(digit(), "flip:p=0.5;translation")
    app = fine(app.selectbox(key=hurt_curve.WHAT).set_value(hurt_curve.ALL).run())
    app = fine(app.button(key="augmentation.hurt.measure").click().run())
    assert "Your pipeline: " in texts(app)
    app = fine(app.selectbox(key=hurt_curve.WHAT).set_value("step-1").run())
    app = fine(app.selectbox(key=f"{hurt_curve.PARAMETER}.translation").set_value("y").run())
    app = fine(app.selectbox(key=hurt_curve.WHAT).set_value("flip").run())
    app = fine(app.selectbox(key="augmentation.hurt.flip.direction").set_value("vertical").run())
    app = fine(app.button(key="augmentation.hurt.measure").click().run())
    assert r"Flip \(top and bottom\): " in texts(app)


# -- words ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("total", "lost", "words"),
    [
        (9, 0, "Nine draws, none lost."),
        (9, 2, "Nine draws, two lost."),
        (24, 24, "24 draws, all lost."),
        (1, 0, "One draw, none lost."),
    ],
)
def test_draws_are_counted_in_words(total: int, lost: int, words: str) -> None:
    assert hurt_words.drawn(total, lost) == words


def test_a_confusion_is_a_change_of_meaning_only_if_one_other_class_gets_most() -> None:
    six, nine = ClassChange(6, 20, 1.0, 0.05, 9, 0.9, 0.0), ClassChange(9, 20, 1.0, 0.1, 6, 0.8, 0.0)
    names = [str(number) for number in range(10)]
    words = hurt_words.class_reading([six, nine], names, "Rotation at 180°")
    assert "“6” suffers most: 100 % were right, 5 % still are" in words
    assert "change of meaning**: of “6” 90 % are taken for “9”, of “9” 80 % are taken for “6”." in words
    scattered = ClassChange(6, 20, 1.0, 0.1, 9, 0.3, 0.0)
    assert "no class means another" in hurt_words.class_reading([scattered], names, "Blur")
    blurred = [ClassChange(label, 20, 1.0, 0.1, 8, 0.8, 0.0) for label in range(4)]
    words = hurt_words.class_reading(blurred, names, "Blur")
    assert "cannot read the pictures any more" in words and "change of meaning" not in words
    unhurt = [ClassChange(label, 20, 1.0, 1.0, None, 0.0, 0.0) for label in range(4, 10)]
    assert "cannot read" not in hurt_words.class_reading([*blurred, *unhurt], names, "Blur")
    photo = ClassChange(3, 1, 1.0, 0.0, 2, 1.0, 0.0)
    assert "too few pictures" in hurt_words.class_reading([photo], names, "Blur")
    spared = ClassChange(0, 20, 1.0, 1.0, None, 0.0, 0.0)
    assert hurt_words.class_reading([spared], names, "Blur") == "Blur costs no class anything."
    assert "“0” loses nothing." in hurt_words.class_reading([six, spared], names, "Blur")


def test_the_curve_is_read_side_by_side() -> None:
    from cvlib.augmentation import CATALOG

    def answers(right: int) -> Answers:
        return Answers(np.zeros(100, np.int64), (np.arange(100) >= right).astype(np.int64))

    measured = {0.0: answers(98), 40.0: answers(97), 90.0: answers(70), 180.0: answers(41), -180.0: answers(97)}
    falls = (Fall(180.0, 40.0, 90.0, 180.0), Fall(-180.0, -180.0, None, None))
    words = hurt_words.curve_reading(CATALOG["rotation"].parameter("angle"), answers(98), measured, falls)
    assert words == (
        "Untouched it is right on 98 %. Up to 40° (97 %) it hardly minds; at 90° (70 %) it is **clearly worse**; at "
        "180° (41 %) **half is lost**. As far as −180° (97 %) it loses nothing that could not be chance."
    )


def test_a_step_that_is_off_is_not_offered() -> None:
    app = step(digit(), "!rotation;flip")
    offered = app.selectbox(key=hurt_curve.WHAT).options
    assert "Flip, with your settings, on every picture" in offered
    assert "Rotation, with your settings, on every picture" not in offered
    assert Pipeline.from_text("!rotation;flip").active[0].name == "flip"
