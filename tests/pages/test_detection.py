"""The detection page as a visitor uses it, with a small detector of their own."""

from collections.abc import Iterator

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from cvlib import recipes, runs
from cvlib.cli.running import spec_of
from cvlib.data.samples import load_sample
from cvlib.data.scene_sets import load_scenes, scene_info
from cvlib.tasks import detection
from cvlib.tasks.box_archive import LabelledPicture
from cvlib.ui import picker, session
from cvlib.ui.detection import judge, label, looking, mine, own_picture, scenes, see
from cvlib.ui.detection.looking import Choice
from cvlib.ui.pages import CARDS
from tests.conftest import ROOT
from tests.engine.helpers import ended

QUICK = {"detector": "sliding_window", "detector_epochs": "2", "detector_train_size": "50"}
SPEC = recipes.recommended("shapes", "sliding_window", epochs=2, train_size=50)
STEPS = ("See", "Judge", "Own picture", "Inside", "Take it home")


@pytest.fixture(scope="module", autouse=True)
def network_at_hand() -> Iterator[None]:
    session.engine().train(SPEC, owner="test")
    ended(session.engine(), SPEC)
    yield
    st.cache_data.clear()


def page(kept: dict | None = None, **query: str) -> AppTest:
    """The page as a link opens it, with what a session has kept."""
    app = AppTest.from_file(str(ROOT / "pages" / "detection.py"), default_timeout=90)
    app.session_state[CARDS] = ()
    for key, value in (kept or {}).items():
        app.session_state[key] = value
    for key, value in {**QUICK, **query}.items():
        app.query_params[key] = value
    return app.run()


def fine(app: AppTest) -> AppTest:
    assert not app.exception and not app.error
    return app


def the_run() -> runs.Run:
    return runs.of_spec(session.engine().store, SPEC)


@pytest.mark.parametrize("step", STEPS)
def test_every_step_opens_by_its_link(step: str) -> None:
    app = fine(page(step=step))
    assert not app.warning


def test_the_numbers_are_those_of_the_record() -> None:
    app = fine(page())
    assert app.metric[0].label == "mAP on test pictures"
    assert float(app.metric[0].value.split()[0]) == pytest.approx(100 * the_run().metrics["map50"], abs=0.06)
    app = fine(page(step="Judge"))
    assert float(app.metric[2].value.split()[0]) == pytest.approx(100 * the_run().metrics["map"], abs=0.06)


def test_settings_are_the_address_and_strange_ones_are_told() -> None:
    app = page(detector="sliding_window", scenes="moon", detector_epochs="-3")
    fine(app)
    assert any("no usable value for scenes" in caption.value for caption in app.caption)
    assert app.selectbox(key="scenes").value == "shapes"


def test_sliders_answer_without_the_network() -> None:
    app = fine(page(step="See"))
    many = next(caption.value for caption in app.caption if "objects found" in caption.value)
    app = fine(app.slider(key="detect.see.confidence").set_value(0.97).run())
    few = next(caption.value for caption in app.caption if "objects found" in caption.value)
    assert int(few.split()[0]) <= int(many.split()[0])
    app = fine(app.button(key="detect.next").click().run())
    assert app.session_state[see.PLACE] == 1


def test_a_view_says_who_beat_whom() -> None:
    boxes = np.array([[0, 0, 10, 10], [0, 0, 10, 9], [20, 20, 30, 30], [0, 0, 9, 10]], np.float32)
    scores = np.array([[0.9, 0.1], [0.8, 0.1], [0.2, 0.7], [0.1, 0.6]], np.float32)
    found = detection.Candidates(boxes, scores, ("a", "b"))
    seen = looking.view(found, Choice(0.3, 0.5, (0, 1), False, True))
    assert seen.kept.labels.tolist() == [0, 1, 1] and seen.beaters.tolist() == [0] and seen.places.tolist() == [0, 2, 3]
    assert len(looking.view(found, Choice(0.3, 0.5, (1,), False, True)).kept) == 2
    table = looking.counts(seen.kept)
    assert table["found"].tolist() == [1, 2]


def test_the_pictures_behind_a_kind_of_mistake_are_offered() -> None:
    app = fine(page(step="Judge"))
    kinds = [option.split(":")[0] for option in app.selectbox(key="detect.judge.kind").options]
    assert kinds == ["class", "localisation", "both", "duplicate", "background", "missed"]
    app = fine(app.selectbox(key="detect.judge.kind").set_value("missed").run())
    opened = [button for button in app.button if (button.key or "").startswith("detect.open.")]
    assert opened
    index = int(opened[0].key.rpartition(".")[2])
    app = fine(opened[0].click().run())
    assert app.session_state[see.PLACE] == index and app.session_state["step"] == "See"
    answers = scenes.answers(the_run())
    assert len(judge.table(answers.judged())) == 5 + 4


def test_an_own_picture_is_looked_at_and_taken_away() -> None:
    picked = picker.PickedImage(load_sample("shapes"), "mine.png", (), "upload")
    app = fine(page(step="Own picture", kept={picker.CURRENT: picked}))
    asked, found = app.session_state[own_picture.FOUND]
    assert asked[2] == picked.digest and len(found) > 0
    assert found.boxes_xyxy.max() <= max(picked.pixels.shape)
    kept = found.chosen(confidence=0.1)
    table = own_picture.as_table("=cmd.png", kept)
    assert len(table) == len(kept) and list(table.columns)[:3] == ["picture", "class", "confidence"]


def test_one_thing_and_faces_open() -> None:
    app = fine(page(part="one"))
    assert any("has not been trained yet" in info.value for info in app.info)
    fine(page(part="faces"))


def test_own_labels_are_trained_on() -> None:
    split = load_scenes("shapes", image_size=64, train_size=5, splits=("train",)).train
    names = scene_info("shapes").class_names
    truth = detection.truths(split, names)
    pictures = tuple(
        LabelledPicture(f"p {place}", pixels, boxes)
        for place, (pixels, boxes) in enumerate(zip(split.images, truth, strict=True))
    )
    app = fine(page(part="label", kept={mine.KEY: mine.Mine(pictures, names)}))
    app = app.slider(key="detect.mine.epochs").set_value(5).run()
    app = fine(app.button(key="detect.mine.train").click().run())
    assert app.success and "mAP" in app.success[0].value
    assert app.session_state[label.TOKEN][1].share == 1


def test_classes_are_renamed_and_removed_with_their_boxes() -> None:
    split = load_scenes("shapes", image_size=64, train_size=2, splits=("train",)).train
    names = scene_info("shapes").class_names
    pictures = tuple(
        LabelledPicture(str(place), pixels, boxes)
        for place, (pixels, boxes) in enumerate(zip(split.images, detection.truths(split, names), strict=True))
    )
    made = mine.Mine(pictures, names).with_classes(["round", "four", ""])
    assert made.class_names == ("round", "four")
    for one, before in zip(made.pictures, pictures, strict=True):
        assert len(one.boxes) == (before.boxes.labels < 2).sum() and one.boxes.class_names == made.class_names
    assert len(made.without(0).pictures) == 1


def test_the_command_line_names_the_same_training() -> None:
    import argparse

    options = argparse.Namespace(
        task="detection",
        data="shapes",
        model="sliding_window",
        epochs=2,
        seed=None,
        augmentation=None,
        set=["train_size=50"],
    )
    assert spec_of(options) == SPEC
