"""The transfer-learning page as a visitor uses it, built upon a small network of the host's own."""

import io
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from cvlib.transfer import asking, curve
from cvlib.transfer import project as projects
from cvlib.transfer.project import Project
from cvlib.ui import picker, session
from cvlib.ui.pages import CARDS
from cvlib.ui.transfer import race, state
from tests.at_hand import LENET
from tests.conftest import ROOT


@pytest.fixture(scope="module", autouse=True)
def networks_at_hand(hand: Callable[..., None]) -> None:
    hand(LENET)


def bars(count: int = 8) -> Project:
    """Two classes that even a network of digits tells apart: upright and lying bars."""
    made = Project().with_class("upright").with_class("lying")
    rng = np.random.default_rng(0)
    for label in range(2):
        pairs = []
        for number in range(count):
            pixels = rng.integers(200, 256, (60, 60, 3), dtype=np.uint8)
            place = int(rng.integers(15, 40))
            pixels[10:50, place : place + 8] = rng.integers(0, 60, (40, 8, 3))
            pairs.append((pixels if label == 0 else pixels.transpose(1, 0, 2).copy(), f"{number}"))
        made, _ = made.with_pictures(label, pairs)
    return made


def page(made: Project | None = None, **query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "pages" / "transfer_learning.py"), default_timeout=120)
    app.session_state[CARDS] = ()
    app.session_state["transfer.base"] = LENET.digest
    if made is not None:
        app.session_state[state.PROJECT] = made
    for key, value in query.items():
        app.query_params[key] = value
    return app.run()


def trained(step: str = "Train") -> AppTest:
    """The page after a training; another step is opened by a link, with the result at hand."""
    app = page(bars(), step="Train")
    app = app.button(key="transfer.train").click().run()
    assert not app.exception and not app.error
    if step == "Train":
        return app
    again = AppTest.from_file(str(ROOT / "pages" / "transfer_learning.py"), default_timeout=120)
    for key in (CARDS, "transfer.base", state.PROJECT, state.RESULT, state.FEATURES):
        again.session_state[key] = app.session_state[key]
    again.query_params["step"] = step
    return again.run()


def test_it_opens_with_a_ready_set() -> None:
    app = page()
    assert not app.exception and not app.error
    assert len(app.session_state[state.PROJECT].class_names) == 2 == len(app.text_input)
    assert not app.button(key="transfer.train").disabled


def test_training_takes_a_press_and_the_second_one_knows_its_pictures() -> None:
    app = trained()
    result = app.session_state[state.RESULT]
    assert [metric.label for metric in app.metric] == ["Right on held-back pictures", "Learned from", "Took"]
    assert result.held.sum() == 4 and (result.probabilities.argmax(1) == result.project.labels).mean() > 0.9
    known = dict(app.session_state[state.FEATURES])
    more, _ = bars().with_pictures(0, [(np.full((40, 40, 3), 9, np.uint8), "one more")])
    app.session_state[state.PROJECT] = more
    app = app.run()
    assert any("changed since" in warning.value for warning in app.warning)
    app = app.button(key="transfer.train").click().run()
    now = app.session_state[state.FEATURES]
    assert len(now) == len(known) + 1 and all(now[key] is value for key, value in known.items())


@pytest.mark.parametrize("step", ["Pictures", "Try it", "Mistakes", "The race", "Take it home"])
def test_every_step_opens_after_training(step: str) -> None:
    app = trained(step=step)
    assert not app.exception and not app.error


@pytest.mark.parametrize("step", ["Try it", "Mistakes", "The race", "Take it home"])
def test_before_training_every_step_says_what_to_do(step: str) -> None:
    app = page(bars(), step=step)
    assert not app.exception and not app.error and "Press **Train** first" in app.info[0].value


def test_a_class_without_pictures_cannot_be_trained_and_the_page_says_so() -> None:
    app = page(bars().with_class("empty"))
    assert app.button(key="transfer.train").disabled
    assert any("“empty” has no pictures yet" in caption.value for caption in app.caption)


def test_classes_are_added_renamed_and_removed() -> None:
    app = page(bars())
    app = app.button(key="transfer.add").click().run()
    assert app.session_state[state.PROJECT].class_names == ("upright", "lying", "Class 3")
    app = app.text_input[2].set_value("Grey <b>").run()
    assert app.session_state[state.PROJECT].class_names[2] == "Grey b"
    app = app.text_input[2].set_value("UPRIGHT").run()
    assert "already" in " ".join(caption.value for caption in app.caption)
    edited = app.session_state["transfer.edited"]
    app = app.button(key=f"transfer.drop.2.{edited}").click().run()
    assert app.session_state[state.PROJECT].class_names == ("upright", "lying")


def test_pictures_are_moved_and_removed() -> None:
    app = page(bars())
    edited = 0
    app = app.multiselect(key=f"transfer.chosen.0.{edited}").set_value([0, 1]).run()
    app = app.button(key=f"transfer.move.0.1.{edited}").click().run()
    assert app.session_state[state.PROJECT].counts() == [6, 10]


def test_files_and_a_zip_are_taken_in() -> None:
    out = io.BytesIO()
    Image.fromarray(bars().pictures[0].pixels[:100, :90]).save(out, "PNG")
    app = page(bars())
    upload = next(one for one in app.get("file_uploader") if "Files" in one.label)
    app = upload.set_value([("new.png", out.getvalue(), "image/png"), ("bad.png", b"none", "image/png")]).run()
    assert app.session_state[state.PROJECT].counts()[0] == 9
    assert "bad.png" in " ".join(caption.value for caption in app.caption)
    saved = projects.to_archive(bars(3))
    upload = next(one for one in app.get("file_uploader") if "ZIP" in one.label)
    app = upload.set_value([("mine.zip", saved, "application/zip")]).run()
    assert app.session_state[state.PROJECT].counts() == [3, 3]


def _few_laps(least: int, most: int) -> tuple[int, int]:
    """In the worker: how often the learning curve passes over its pictures. Returns what it was."""
    before = curve.LEAST_EPOCHS, curve.MOST_EPOCHS
    curve.LEAST_EPOCHS, curve.MOST_EPOCHS = least, most
    return before


@pytest.fixture
def short_race(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Few laps, and small pictures for the network that starts from nothing."""
    monkeypatch.setattr(race, "EPOCHS", 3)
    monkeypatch.setattr(asking, "SCRATCH_SIDE", 16)
    usual = session.run(_few_laps, 1, 2)
    yield
    session.run(_few_laps, *usual)


def test_the_race_is_run_and_judged(short_race: None) -> None:
    app = trained(step="The race")
    app = app.button(key="transfer.race.start").click().run()
    assert not app.exception and not app.error
    lanes = app.session_state[state.RACE]
    assert {len(lane.history["val_accuracy"]) for lane in lanes.values()} == {race.EPOCHS}
    # Then the same with fewer pictures.
    app = app.button(key="transfer.curve.start").click().run()
    assert not app.exception and not app.error
    steps = app.session_state[state.CURVE]
    assert {step.size for step in steps} == {1, 2, 5, 6} and {step.lane for step in steps} == set(curve.LANES)
    assert [metric.label for metric in app.metric] == ["Frozen backbone", "Fine-tuned", "From scratch"]


def test_fine_tuning_by_choice_and_going_back() -> None:
    app = trained()
    frozen = app.session_state[state.RESULT]
    app = app.slider(key="transfer.tune.epochs").set_value(2).run()
    app = app.button(key="transfer.tune").click().run()
    assert not app.exception and not app.error
    tuned = app.session_state[state.TUNED]
    assert tuned.is_tuned and not frozen.is_tuned and set(tuned.learned.changes) == {"conv_2", "dense_1", "dense_2"}
    assert len(tuned.history["loss"]) == 2
    assert any("Fine-tuning took" in text.value for text in app.markdown)
    assert state.USE in app.session_state and app.session_state[state.USE] is True
    # A new training of the head begins from the frozen backbone again.
    app = app.button(key="transfer.train").click().run()
    assert state.TUNED not in app.session_state


def test_the_files_for_phones_are_made_and_checked() -> None:
    app = trained(step="Take it home")
    app = app.button(key="transfer.lite.make").click().run()
    assert not app.exception and not app.error
    table = app.dataframe[0].value
    assert table["Right"].tolist() == ["4 of 4", "4 of 4"] and table["Largest difference (points)"][0] < 0.1
    assert table["Size (MB)"][1] < table["Size (MB)"][0]
    labels = [button.label for button in app.get("download_button")]
    assert {"TFLite, float", "TFLite, int8", "Notebook", "Network for Keras", "Model card"} <= set(labels)


def test_the_picture_to_try_is_explained() -> None:
    app = trained()
    again = AppTest.from_file(str(ROOT / "pages" / "transfer_learning.py"), default_timeout=120)
    for key in (CARDS, "transfer.base", state.PROJECT, state.RESULT, state.FEATURES):
        again.session_state[key] = app.session_state[key]
    picture = bars().pictures[0]
    again.session_state[picker.CURRENT] = picker.PickedImage(picture.pixels, "a bar", (), "upload")
    again.query_params["step"] = "Try it"
    again = again.run()
    assert not again.exception and not again.error
    assert any(text.value.startswith(("### upright · ", "### I don't know")) for text in again.markdown)
    pills = next(one for one in again.pills if "Where does it see" in one.label)
    assert pills.value == 0


def test_an_address_names_the_pictures_and_the_network() -> None:
    app = page(data="digits")
    assert app.session_state[state.PROJECT].class_names == tuple("56789")
    fresh = AppTest.from_file(str(ROOT / "pages" / "transfer_learning.py"), default_timeout=120)
    fresh.session_state[CARDS] = ()
    fresh.session_state[state.PROJECT] = bars()
    fresh.query_params["base"] = LENET.digest
    fresh = fresh.run()
    assert fresh.selectbox(key="transfer.base").value == LENET.digest


def test_an_opened_project_brings_what_it_was_built_upon() -> None:
    saved = projects.to_archive(replace(bars(3), base="backbone/mobilenet_v2"))
    app = page(bars())
    upload = next(one for one in app.get("file_uploader") if "ZIP" in one.label)
    app = upload.set_value([("mine.zip", saved, "application/zip")]).run()
    assert not app.exception and app.selectbox(key="transfer.base").value == "backbone/mobilenet_v2"
    assert app.selectbox(key=state.START).value == "own"


def test_nobody_else_sees_the_pictures() -> None:
    mine = trained()
    other = page(step="Train")
    assert state.RESULT not in other.session_state
    keys = set(mine.session_state[state.FEATURES])
    assert keys and state.FEATURES not in other.session_state


TURNS = "rotation:angle=-5..5,fill=nearest;brightness:change=-20..20"


def test_it_learns_from_augmented_copies_and_is_tested_on_untouched_pictures() -> None:
    app = page(bars(), step="Train", augmentation=TURNS)
    assert app.selectbox(key="transfer.augmentation").value == TURNS
    app = app.button(key="transfer.train").click().run()
    assert not app.exception and not app.error
    result = app.session_state[state.RESULT]
    assert result.augmentation == TURNS
    assert len(result.features) == len(result.held) == len(result.project.pictures)
    assert any("4 changed copies of each" in caption.value for caption in app.caption)
    first = result.features.copy()
    assert any("one of its 4 changed copies" in text.value for text in app.markdown)
    app = app.slider(key="transfer.tune.epochs").set_value(1).run()
    app = app.button(key="transfer.tune").click().run()
    assert not app.exception and not app.error
    tuned = app.session_state[state.TUNED]
    assert tuned.is_tuned and tuned.augmentation == TURNS and tuned.probabilities.shape == result.probabilities.shape
    app = app.selectbox(key="transfer.augmentation").set_value("").run()
    app = app.button(key="transfer.train").click().run()
    plain = app.session_state[state.RESULT]
    assert plain.augmentation == "" and np.array_equal(plain.features, first)
    assert not np.array_equal(plain.learned.head.kernel, result.learned.head.kernel)


def test_pipelines_that_mix_classes_are_not_offered() -> None:
    app = page(bars(), step="Train", augmentation="mixup:alpha=0.4")
    assert app.selectbox(key="transfer.augmentation").value == ""
    assert all("mix" not in text for text in app.selectbox(key="transfer.augmentation").options)
