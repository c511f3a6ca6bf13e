"""The augmentation page as a visitor uses it."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cvlib import recipes
from cvlib.augmentation import CATALOG, Pipeline, words
from cvlib.augmentation.pipeline import MOST_STEPS
from cvlib.augmentation.presets import PRESETS
from cvlib.augmenting import paying
from cvlib.augmenting.looking import Shot, Tiles
from cvlib.engine import Engine
from cvlib.errors import SpecError
from cvlib.spec import TrainingSpec
from cvlib.tasks.detections import Detections
from cvlib.ui import picker
from cvlib.ui.augmentation import (
    adding,
    link,
    look,
    own_boxes,
    painting,
    pay_training,
    spoken,
    state,
    subject,
)
from cvlib.ui.pages import CARDS
from cvlib.ui.picture_url import digest
from tests.conftest import ROOT


def page(kept: dict | None = None, **query: str) -> AppTest:
    """The page as a link opens it, with what a session has kept."""
    app = AppTest.from_file(str(ROOT / "pages" / "augmentation.py"), default_timeout=120)
    app.session_state[CARDS] = ()
    for key, value in (kept or {}).items():
        app.session_state[key] = value
    for key, value in query.items():
        app.query_params[key] = value
    return app.run()


def fine(app: AppTest) -> AppTest:
    assert not app.exception and not app.error
    return app


def press(app: AppTest, key: str) -> AppTest:
    return fine(app.button(key=key).click().run())


def built(app: AppTest) -> Pipeline:
    return Pipeline.from_text(app.session_state[state.PIPELINE])


def drawn(app: AppTest) -> Tiles:
    return app.session_state[look.DRAWN][1]


def texts(app: AppTest) -> str:
    return "\n".join(element.value for element in (*app.markdown, *app.caption, *app.warning, *app.info))


def word(app: AppTest, name: str) -> str:
    """A word of the address."""
    value = app.query_params[name]
    return value[0] if isinstance(value, list) else value


# -- build ---------------------------------------------------------------------------------------------------------


def test_the_first_visit_shows_draws_of_a_photo() -> None:
    app = fine(page())
    assert app.session_state[picker.CURRENT].sample == "cat"
    made = drawn(app)
    assert made.images.shape[0] == 9 and max(made.images.shape[1:3]) == 224
    assert not all(np.array_equal(made.images[0], other) for other in made.images[1:])
    assert app.selectbox(key="augmentation.preset").value == state.FIRST
    assert "random draws" in texts(app)


def test_steps_are_added_set_moved_switched_off_and_removed() -> None:
    app = fine(page(pipeline="rotation"))
    app = press(app, "augmentation.add")
    app = press(app, "augmentation.add.flip")
    assert [step.name for step in built(app).steps] == ["rotation", "flip"]
    direction = app.button_group(key="augmentation.step.1.direction")  # the new one is open, the first is folded
    app = fine(direction.set_value("vertical").run())
    app = fine(app.slider(key="augmentation.probability.1").set_value(0.25).run())
    assert built(app).steps[1].to_text() == "flip:direction=vertical,p=0.25"
    app = press(app, "augmentation.up.1")
    assert [step.name for step in built(app).steps] == ["flip", "rotation"]
    assert app.slider(key="augmentation.probability.1").value == 0.25, "a card keeps its controls where it moves"
    app = press(app, "augmentation.open.0")
    app = fine(app.slider(key="augmentation.step.0.angle").set_range(40.0, 50.0).run())
    assert built(app).steps[1].settings["angle"] == (40.0, 50.0)
    assert all(40 <= angle <= 50 for angle in drawn(app).drawn[1]["angle"])
    app = fine(app.toggle(key="augmentation.on.1").set_value(False).run())
    assert [step.on for step in built(app).steps] == [False, True] and len(drawn(app).drawn) == 1
    app = press(app, "augmentation.remove.1")
    assert [step.name for step in built(app).steps] == ["rotation"]
    app = press(app, "augmentation.remove.0")
    assert not built(app).steps and "does nothing yet" in texts(app)
    assert word(app, "pipeline") == link.EMPTY


def test_a_full_pipeline_takes_no_more() -> None:
    app = fine(page(pipeline=";".join(["flip"] * MOST_STEPS)))
    assert app.button(key="augmentation.add").disabled


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_opened_and_drawn(name: str) -> None:
    app = fine(page(pipeline="lens"))
    app = fine(app.selectbox(key="augmentation.preset").set_value(name).run())
    assert built(app) == PRESETS[name].pipeline
    assert PRESETS[name].words in texts(app) and len(drawn(app).images) == 9


@pytest.mark.parametrize("name", CATALOG)
def test_every_transform_has_its_controls_and_is_drawn_and_swept(name: str) -> None:
    app = fine(page({"augmentation.sweep": True}, pipeline=name, picture="digits-3"))
    keys = {widget.key for kind in ("slider", "button_group", "selectbox") for widget in app.get(kind)}
    card = CATALOG[name]
    assert {f"augmentation.step.0.{parameter.name}" for parameter in card.parameters} <= keys
    assert card.caveat[:20] in texts(app).replace("\\", "")
    assert drawn(app).images.shape == (9, 8, 8, 1)


def test_a_saved_pipeline_is_offered_to_start_from() -> None:
    app = fine(page({state.SAVED: {"gentle": "hue", "*odd*": "flip"}}))
    app = fine(app.selectbox(key="augmentation.preset").set_value("own.gentle").run())
    assert [step.name for step in built(app).steps] == ["hue"]


# -- the address ---------------------------------------------------------------------------------------------------


def test_a_link_opens_the_same_draws() -> None:
    app = fine(page())
    app = fine(app.selectbox(key="augmentation.preset").set_value("upside_down").run())
    app = fine(app.button_group(key=link.GRID).set_value("4x6").run())
    app = press(app, "augmentation.other")
    assert app.number_input(key=link.SEED).value == 1
    words = {name: word(app, name) for name in ("pipeline", "seed", "grid", "picture")}
    again = fine(page(**words))
    assert np.array_equal(drawn(again).images, drawn(app).images) and len(drawn(again).images) == 24


def test_other_draws_differ_and_a_seed_brings_them_back() -> None:
    app = fine(page())
    first = drawn(app).images
    app = press(app, "augmentation.other")
    assert not np.array_equal(drawn(app).images, first)
    app = fine(app.number_input(key=link.SEED).set_value(0).run())
    assert np.array_equal(drawn(app).images, first)


@pytest.mark.parametrize("name", ["pipeline", "seed", "grid", "picture"])
@pytest.mark.parametrize("value", ["z" * 10_000, "rotation:angle=nan..nan", "-1", "scene-moon-3", "digits-99999999"])
def test_nonsense_gives_what_is_usual_and_a_notice(name: str, value: str) -> None:
    app = fine(page(**{name: value}))
    assert any("no usable value for " + name in caption.value for caption in app.caption)
    assert len(drawn(app).images) == 9 and app.session_state[picker.CURRENT].sample == "cat"
    assert state.PIPELINE not in app.session_state


# -- pictures, boxes and masks ---------------------------------------------------------------------------------------


def test_a_scene_brings_boxes_and_mask_and_they_are_counted() -> None:
    app = fine(page(picture="scene-street-3", pipeline="translation:x=70..80,y=70..80"))
    made = drawn(app)
    assert made.masks is not None and made.lost.sum() > 0
    assert "left the picture**" in texts(app) and "Stripes" in texts(app)
    app = fine(page(picture="scene-street-3", pipeline="flip"))
    assert "are still in their pictures" in texts(app) and drawn(app).lost.sum() == 0


def test_what_cannot_carry_a_mask_is_left_out_with_a_sentence() -> None:
    app = fine(page(picture="scene-shapes-0", pipeline="mixup;flip"))
    assert "MixUp is left out: this picture has boxes and masks" in texts(app)
    assert "**Left out:** it cannot move this picture's boxes and masks along" in texts(app)
    assert len(drawn(app).drawn) == 1
    app = fine(page(picture="sample-cat", pipeline="mixup;flip"))
    assert "left out" not in texts(app) and len(drawn(app).drawn) == 2


def test_pictures_are_chosen_from_scenes_and_data_sets() -> None:
    app = fine(page({"augmentation.picture": True}))
    app = fine(app.button_group(key="augmentation.kind").set_value("scene").run())
    assert word(app, "picture") == "scene-street-0"
    app = press(app, "augmentation.scene.next")
    assert word(app, "picture") == "scene-street-1"
    app = fine(app.button_group(key="augmentation.kind").set_value("data").run())
    app = fine(app.selectbox(key="augmentation.class.digits").set_value(6).run())
    picked = app.session_state[picker.CURRENT]
    assert (picked.data, picked.label) == ("digits", 6) and drawn(app).images.shape[1:] == (8, 8, 1)
    app = press(app, "augmentation.data.next")
    assert app.session_state[picker.CURRENT].label == 6 and app.session_state[picker.CURRENT].index > picked.index
    app = fine(app.button_group(key="augmentation.kind").set_value("photo").run())
    app = press(app, "augmentation.sample.coffee")
    assert word(app, "picture") == "sample-coffee"


def test_a_picture_that_was_picked_elsewhere_comes_along_and_passes_a_scene() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (300, 500, 3)).astype(np.uint8)
    mine = picker.PickedImage(pixels, "mine <b>*x*</b>", (), "upload")
    app = fine(page({picker.CURRENT: mine}, pipeline="flip:p=1"))
    assert drawn(app).images.shape == (9, 134, 224, 3) and "picture" not in app.query_params
    app = fine(page({picker.CURRENT: mine, subject.SCENE: ("street", 1, None)}))
    assert drawn(app).names == ("mine <b>*x*</b>",)


def test_own_boxes_move_along() -> None:
    app = fine(page(pipeline="flip", picture="digits-3"))
    image = app.session_state[picker.CURRENT].pixels[..., :1]
    boxes = Detections(np.array([[1, 2, 4, 6]], np.float32), np.zeros(1, np.int64), np.ones(1, np.float32), ("loop",))
    kept = {own_boxes.DRAWN: {digest(image): boxes}, "augmentation.own": True}
    app = fine(page(kept, pipeline="flip", picture="digits-3"))
    assert all(np.array_equal(each, [[4, 2, 7, 6]]) for each in drawn(app).boxes_xyxy)
    assert "All 9 boxes" in texts(app)


def test_mixes_say_their_shares_in_words() -> None:
    app = fine(page(picture="digits-3", pipeline="cutmix", grid="4x6"))
    words = spoken.captions(built(app), drawn(app))
    assert len(words) == 24 and any("," in each and "%" in each for each in words)
    for place, said in enumerate(words):
        if said != spoken.UNCHANGED:
            total = sum(float(part.split(" %")[0]) for part in said.split(", "))
            assert total == pytest.approx(100, abs=2), (place, said)


@pytest.mark.parametrize(
    ("pipeline", "right"),
    [("translation:x=-80..80,y=-80..80", "Less"), ("brightness", "About the same"), ("zoom:factor=120..120", "More")],
)
def test_the_lesson_is_answered_by_the_draws(pipeline: str, right: str) -> None:
    app = fine(page(picture="scene-street-3", pipeline=pipeline))
    key = next(group.key for group in app.get("button_group") if str(group.key).startswith("lesson.augmentation"))
    app = fine(app.button_group(key=key).set_value(right).run())
    assert any(success.value.startswith("Right. ") for success in app.success)


def test_the_room_of_boxes_is_counted_by_their_own() -> None:
    shot = Shot(np.zeros((10, 10, 3), np.uint8), "", None, np.float32([[0, 0, 4, 4], [5, 5, 7, 7]]), np.array([0, 1]))
    boxes = (np.float32([[0, 0, 2, 4], [5, 5, 7, 7], [0, 0, 9, 9]]), np.float32([[0, 0, 4, 4], [0, 0, 9, 9]]))
    labels = (np.array([0, 1, 0]), np.array([0, 0]))
    images, shares = np.zeros((2, 10, 10, 3), np.uint8), np.ones((2, 1), np.float32)
    made = Tiles(images, None, boxes, labels, np.array([0, 1]), shares, ("",), (), 0.0)
    assert look.own_area(shot, made) == pytest.approx(((8 + 4) + 16) / 2 / 20)


# -- words and paint -------------------------------------------------------------------------------------------------


def test_words_are_of_parameters_that_exist() -> None:
    for name, parameter in spoken.WORDS:
        assert CATALOG[name].parameter(parameter)
    assert {card.kind for card in CATALOG.values()} <= set(adding.KINDS)


def test_draws_are_said_in_plain_words() -> None:
    shares = np.array([[1.0, 0.0], [0.68, 0.32], [1.0, 0.0]], np.float32)
    steps = Pipeline.from_text("rotation;brightness;flip:p=0.5;mixup")
    yes, no = np.array([True] * 3), np.array([False, False, True])
    values = ({"applied": yes, "angle": np.array([12.2, -7, 0.1])}, {"applied": yes, "change": np.array([30, -5, 0.0])},
              {"applied": no}, {"applied": yes})  # fmt: skip
    images = np.zeros((3, 2, 2, 3), np.uint8)
    tiles = Tiles(images, None, None, None, None, shares, ("cat", "coffee"), values, 0.1)
    assert spoken.captions(steps, tiles) == [
        "turned 12° left, brighter by 30",
        "turned 7° right, darker by 5, 68 % cat, 32 % coffee",
        "flipped left and right",
    ]


def test_settings_are_said_in_one_line() -> None:
    step = Pipeline.from_text("rotation:angle=-30..30,p=0.5").steps[0]
    assert words.summary(step) == "angle −30 to 30°, in 50 % of the draws"


def test_what_is_ignored_is_striped_and_a_class_has_its_colour() -> None:
    rgb = np.full((8, 8, 3), 100, np.uint8)
    mask = np.zeros((8, 8), np.uint8)
    mask[:, 2:4], mask[:, 4:] = 1, 255
    shown = painting.over(rgb, mask, ("#FF0000",))
    assert (shown[:, :2] == 100).all() and (shown[:, 2:4, 0] > shown[:, 2:4, 1]).all()
    assert set(np.unique(shown[:, 4:])) == set(painting.STRIPES)


def test_boxes_that_left_are_said_in_numbers() -> None:
    assert "**3 of 18 boxes have left the picture**, in 2 of 9 draws" in spoken.left(np.array([2, 1] + [0] * 7), 2)
    assert "**1 of 2 boxes has left" in spoken.left(np.array([1, 0]), 1)


# -- does it pay? --------------------------------------------------------------------------------------------------

PAYS = {"step": "Does it pay?", "picture": "digits-3", "pay_model": "softmax_regression", "pay_seeds": "1"}
SHIFT = "translation:x=-12..12,y=-12..12"


def paid(app: AppTest) -> AppTest:
    """The page once all that it waits for has been trained."""
    fine(app.run())  # while it trains
    app.session_state[pay_training.SERIES].join(120)
    app.run()
    return fine(app)


def test_what_pays_is_trained_with_one_click_and_comes_from_the_store_afterwards(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(paying, "STEPS", 60)
    app = fine(page(pipeline=SHIFT, **PAYS))
    button = app.button(key="augmentation.pay.train")
    assert button.label == "Train 4 networks" and not app.get("vega_lite_chart")
    guess = next(group for group in app.get("button_group") if str(group.key).startswith("augmentation.pay.lesson"))
    app = fine(guess.set_value("With 30 pictures").run())
    assert "Noted." in texts(app)
    app = paid(fine(app.button(key="augmentation.pay.train").click().run()))
    assert app.button(key="augmentation.pay.train").label == "Trained"
    assert texts(app).count(" points (") == 2 and "With 30 pictures **" in texts(app)
    assert [*app.success, *[info for info in app.info if "Not this time" in info.value]], "the guess was not scored"
    assert len(app.get("vega_lite_chart")) == 2
    frame = app.dataframe[0].value
    assert frame["Training pictures"].tolist() == ["30", "100"]
    assert all(40 < float(cell.split(" (")[0]) < 100 for cell in frame["Without"])
    again = fine(page(pipeline=SHIFT, **PAYS))
    assert again.dataframe[0].value.equals(frame), "a second session finds the result without a click"


def test_without_a_step_there_is_nothing_to_train() -> None:
    app = page(pipeline=link.EMPTY, **PAYS)
    assert not app.exception and any("no step that is on" in warning.value for warning in app.warning)


def test_what_goes_wrong_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    app = fine(page(pipeline=SHIFT, **(PAYS | {"pay_seeds": "3", "pay_longer": "2"})))
    asked = []

    def refuse(self: object, spec: TrainingSpec, *, owner: str) -> None:
        asked.append(spec)
        raise SpecError("It cannot be done.")

    monkeypatch.setattr(Engine, "train", refuse)
    app = app.button(key="augmentation.pay.train").click().run()
    app.session_state[pay_training.SERIES].join(60)
    app.run()
    assert not app.exception and len(asked) == 1
    assert any("It cannot be done" in error.value.replace("\\", "") for error in app.error)


@pytest.mark.parametrize("name", ["pay_data", "pay_model", "pay_sizes", "pay_seeds", "pay_longer"])
def test_odd_words_for_trainings_give_the_usual(name: str) -> None:
    app = fine(page(pipeline=SHIFT, step="Does it pay?", **{name: "x-7"}))
    assert any("no usable value for " + name in caption.value for caption in app.caption)
    assert app.button(key="augmentation.pay.train").label == "Train 12 networks"


# -- chosen by name on the pages that train ------------------------------------------------------------------------


@pytest.mark.parametrize(("file", "key"), [("classification", "augmentation"), ("detection", "detector_augmentation"),
                                           ("segmentation", "segment_augmentation")])  # fmt: skip
@pytest.mark.usefixtures("no_training_left")
def test_a_page_that_trains_offers_what_it_can_carry(file: str, key: str) -> None:
    app = AppTest.from_file(str(ROOT / "pages" / f"{file}.py"), default_timeout=120)
    app.session_state[CARDS] = ()
    app.session_state[state.SAVED] = {"My *own*": "flip:direction=horizontal", "Mixed": "mixup"}
    app.query_params[key] = "rotation:angle=-3..3"
    app = fine(app.run())
    control = app.selectbox(key=key)
    assert control.value == recipes.augmentation("rotation:angle=-3..3")
    usual = "None" if file == "classification" else "Only mirrored"
    assert {usual, "My *own*", "Gentle", "Rotation"} <= set(control.options)
    assert ("Mixed" in control.options) == (file != "segmentation")  # a mixed mask would name classes between two
    app = fine(control.set_value("flip:direction=horizontal").run())
    assert word(app, key) == "flip:direction=horizontal"
    app = fine(app.selectbox(key=key).set_value("").run())
    assert key not in app.query_params
