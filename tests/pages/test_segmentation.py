"""The segmentation page as a visitor uses it, with a small network of their own."""

from collections.abc import Iterator

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from cvlib import recipes, runs
from cvlib.data.scene_sets import scene_info, take_scenes
from cvlib.errors import DataUnavailable, ImageError
from cvlib.segmenting.classical import METHODS
from cvlib.tasks import mask_archive, mask_shortcuts, segmentation
from cvlib.tasks.segmentation import Scores
from cvlib.ui import picker, session
from cvlib.ui.pages import CARDS
from cvlib.ui.segmentation import (
    judge,
    known_picture,
    looking,
    mine,
    own_masks,
    own_picture,
    paint,
    scenes,
    see,
    shortcuts,
    sight,
    take_home,
    teaching,
)
from cvlib.ui.segmentation.own_masks import Mine, PaintedPicture
from tests.conftest import ROOT
from tests.engine.helpers import ended

QUICK = {"segmenter": "fcn", "segment_epochs": "1", "segment_train_size": "20"}
SPEC = recipes.recommended("street", "fcn", epochs=1, train_size=20)
STEPS = ("See", "Judge", "Paint", "Own picture", "Inside", "Take it home")


@pytest.fixture(scope="module", autouse=True)
def network_at_hand() -> Iterator[None]:
    session.engine().train(SPEC, owner="test")
    ended(session.engine(), SPEC, seconds=150)
    yield
    st.cache_data.clear()


def page(kept: dict | None = None, **query: str) -> AppTest:
    """The page as a link opens it, with what a session has kept."""
    app = AppTest.from_file(str(ROOT / "pages" / "segmentation.py"), default_timeout=90)
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
    app = fine(page(segment_step=step))
    assert not app.warning


def test_the_numbers_are_those_of_the_record() -> None:
    app = fine(page())
    assert app.metric[0].label == "Mean IoU on test pictures"
    assert float(app.metric[0].value.split()[0]) == pytest.approx(100 * the_run().metrics["miou"], abs=0.06)


def test_settings_are_the_address_and_strange_ones_are_told() -> None:
    app = fine(page(streets="moon", loss="dice", segment_epochs="-3"))
    assert any("no usable value for streets" in caption.value for caption in app.caption)
    assert app.selectbox(key="streets").value == "street" and app.selectbox(key="loss").value == "dice"


OWN = picker.PickedImage(np.random.default_rng(0).integers(0, 256, (90, 130, 3), np.uint8), "=mine.png", (), "upload")


def test_an_own_picture_is_segmented_and_taken_away() -> None:
    app = fine(page(segment_step="Own picture", kept={picker.CURRENT: OWN}))
    asked, found = app.session_state[own_picture.FOUND]
    assert asked[3] == OWN.digest and found.labels.shape == OWN.pixels.shape[:2]
    assert found.class_names == the_run().class_names
    assert any("no other words than pavement, road" in caption.value for caption in app.caption)
    labels = {button.proto.label for button in app.get("download_button")}
    assert labels >= {"Mask (PNG)", "Picture with mask (PNG)", "Areas (CSV)", "Regions (COCO JSON)", "Cut-out (PNG)"}
    app = fine(app.slider(key="segment.own.tiles").set_value(3).run())
    asked, tiled = app.session_state[own_picture.FOUND]
    assert asked[4] == 3 and tiled.labels.shape == found.labels.shape and (tiled.entropy != found.entropy).any()


def test_a_network_of_others_that_cannot_be_had_is_said_and_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise DataUnavailable("The weights are not on this host.")

    monkeypatch.setattr(own_picture, "call", refuse)
    app = page(segment_step="Own picture", kept={picker.CURRENT: OWN})
    app = app.selectbox(key="segment.own.network").set_value("deeplab_voc").run()
    assert [warning.value for warning in app.warning] == [r"The weights are not on this host."]
    app = fine(app.run())
    assert not app.warning and app.session_state[own_picture.FOUND][1] is None
    app = app.button(key="segment.own.again").click().run()
    assert app.warning


def test_a_work_that_was_stopped_is_not_begun_again_by_itself() -> None:
    run = the_run()
    asked = (run.name, run.record["created"], own_picture.OURS, OWN.digest, 1)
    app = fine(page(segment_step="Own picture", kept={picker.CURRENT: OWN, own_picture.FOUND: (asked, None)}))
    assert app.session_state[own_picture.FOUND] == (asked, None)
    app = fine(app.button(key="segment.own.again").click().run())
    assert app.session_state[own_picture.FOUND][1] is not None


def test_methods_without_a_network_stand_beside_it_with_their_numbers() -> None:
    app = fine(page(way="classical"))
    assert not app.warning and sum("2 regions" in caption.value for caption in app.caption) == 2  # Otsu and GrabCut
    table = app.dataframe[0].value
    assert list(table["regions named by"]) == ["the network itself"] + ["the truth"] * len(METHODS)
    assert table.iloc[:, 2:].max().max() <= 100
    [seen] = scenes.looked(the_run(), [0])
    scores = Scores(segmentation.confusion(seen.truth, seen.prediction.labels, len(the_run().class_names)))
    assert table["mean IoU (%)"][0] == pytest.approx(100 * scores.miou)
    kept = len(app.session_state[known_picture.KEPT])
    app = fine(app.slider(key="segment.classical.watershed.fineness").set_value(200).run())
    assert len(app.session_state[known_picture.KEPT]) == kept + 1  # only this method looked again
    assert app.dataframe[0].value["mean IoU (%)"][3] != table["mean IoU (%)"][3]
    app = fine(app.button_group(key="segment.classical.view").set_value("named").run())
    fine(app.button(key="segment.classical.next").click().run())
    assert app.session_state[known_picture.PLACE] == 1


def test_without_a_network_for_these_pictures_one_is_invited() -> None:
    app = page(way="classical")
    app = fine(app.selectbox(key="segment.classical.data").set_value("shapes").run())
    assert any("No network has been trained" in info.value for info in app.info)
    assert list(app.dataframe[0].value["regions named by"]) == ["the truth"] * len(METHODS)
    app = app.button(key="segment.classical.train").click()
    app = fine(app.run())
    assert app.selectbox(key="streets").value == "shapes"


def test_an_own_picture_without_a_network_is_compared_with_the_newest_one() -> None:
    app = page(way="classical", kept={picker.CURRENT: OWN})
    app = fine(app.button_group(key="segment.classical.source").set_value("own").run())
    assert list(app.dataframe[0].value["regions named by"]) == ["the network"] * len(METHODS)
    assert any("not who is right" in info.value for info in app.info)


def test_every_view_of_a_test_picture_has_its_reading() -> None:
    app = fine(page(segment_step="See"))
    readings = {"truth": "really is", "errors": "pixels are wrong", "entropy": "bits unsure", "mask": "most probable"}
    for view, words in readings.items():
        app = fine(app.button_group(key="segment.see.view").set_value(view).run())
        assert any(words in caption.value for caption in app.caption)
        assert app.toggle(key="segment.see.outlines").disabled == (view in ("errors", "entropy"))
    scores = scenes.answers(the_run()).by_picture()[0]
    shown = {metric.label: float(metric.value.split()[0]) for metric in app.metric}
    assert shown["Its mean IoU"] == pytest.approx(100 * scores.miou, abs=0.06)
    assert shown["Its pixel accuracy"] == pytest.approx(100 * scores.pixel_accuracy, abs=0.06)
    assert app.dataframe[0].value["pixels"].tolist() == scores.confusion.sum(axis=0).tolist()
    assert app.dataframe[0].value["true pixels"].tolist() == scores.truth.astype(int).tolist()


def test_test_pictures_are_turned_round_and_round() -> None:
    app = fine(page(segment_step="See"))
    app = fine(app.button(key="segment.back").click().run())
    assert app.session_state[see.PLACE] == len(scenes.answers(the_run())) - 1
    app = fine(app.button(key="segment.next").click().run())
    assert app.session_state[see.PLACE] == 0


def test_a_pixel_is_told_in_a_sentence() -> None:
    shares = np.array([[[0.5, 0.5], [0.1, 0.9]]], np.float32)
    found = segmentation.Prediction.of(shares, ("a*b", "c"))
    truth = np.array([[1, 255]], np.uint8)
    assert looking.pixel_words(found, (0, 0), truth).endswith(
        r"it says **a\*b**, 50 % sure (1.00 bits unsure); ✗ in truth it is **c**."
    )
    assert "not known" in looking.pixel_words(found, (0, 1), truth)
    assert looking.pixel_words(found, (0, 1)).endswith("90 % sure (0.47 bits unsure).")
    assert looking.reading(found, "errors", truth).startswith("1 of 1 pixels are wrong (100 %).")


def test_the_judgement_is_that_of_the_record() -> None:
    app = fine(page(segment_step="Judge"))
    shown = {metric.label: float(metric.value.split()[0]) for metric in app.metric}
    for name, (label, _) in judge.MEASURES.items():
        assert shown[label] == pytest.approx(100 * the_run().metrics[name], abs=0.06)
    table, judged = app.dataframe[0].value, scenes.answers(the_run())
    assert table["IoU (%)"].to_numpy() == pytest.approx(100 * judged.scores.iou, nan_ok=True)
    assert table["border F1 (%)"].to_numpy() == pytest.approx(100 * judged.boundary_by_class, nan_ok=True)
    assert table["pixels (%)"].sum() == pytest.approx(100)


def test_the_worst_test_picture_is_opened() -> None:
    app = fine(page(segment_step="Judge"))
    worst = [button for button in app.button if (button.key or "").startswith("segment.worst.")]
    values = [scores.miou for scores in scenes.answers(the_run()).by_picture()]
    index = int(worst[0].key.rpartition(".")[2])
    assert len(worst) == judge.SHOWN and values[index] == min(values)
    app = fine(worst[0].click().run())
    assert app.session_state[see.PLACE] == index and app.session_state["segment_step"] == "See"


def test_the_trap_is_this_networks_own() -> None:
    app = fine(page(segment_step="Judge"))
    scores = scenes.answers(the_run()).scores
    known = app.slider(key="segment.trap.known")
    lazy = mask_shortcuts.lazy(scores, known.value)
    assert lazy.pixel_accuracy >= 0.9 and np.nanmin(lazy.iou) == 0
    assert any(f"**{100 * lazy.pixel_accuracy:.3g} %**" in words.value for words in app.markdown)
    assert not any(metric.label.startswith("IoU of") for metric in app.metric)  # first the prediction
    app = fine(app.button_group(key=f"lesson.trap.{the_run().name}").set_value("By more than 10 points").run())
    assert any("Not this time" in info.value for info in app.info)  # the rarest class has so few pixels
    label = mask_shortcuts.by_frequency(scores)[0]
    app = fine(app.selectbox(key="segment.trap.class").set_value(label).run())
    after = mask_shortcuts.without(scores, label, mask_shortcuts.mistaken_for(scores, label))
    shown = {metric.label: metric.value for metric in app.metric[-3:]}
    assert shown[f"IoU of {the_run().class_names[label]}"] == "0 %"
    assert float(shown["Pixel accuracy"].split()[0]) == pytest.approx(100 * after.pixel_accuracy, abs=0.06)


def test_the_pixels_behind_a_cell_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    answers, names = scenes.answers(the_run()), the_run().class_names
    off = answers.scores.confusion - np.diag(np.diag(answers.scores.confusion))
    row, column = (int(place) for place in np.unravel_index(off.argmax(), off.shape))
    monkeypatch.setattr(judge, "choose_cell", lambda *_, **__: (row, column))
    app = fine(page(segment_step="Judge"))
    words = f"% of the pixels of {names[row]} were called {names[column]}"
    assert any(words in markdown.value for markdown in app.markdown)
    opened = [button for button in app.button if (button.key or "").startswith("segment.cell.")]
    counts = answers.confusions[:, row, column]
    assert counts[int(opened[0].key.rpartition(".")[2])] == counts.max()


def test_a_pressed_pixel_is_told_in_every_view(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "show_mask", lambda *_, **__: (3, 4))
    app = fine(page(segment_step="See"))
    [seen] = scenes.looked(the_run(), [0])
    words = looking.pixel_words(seen.prediction, (3, 4), seen.truth)
    for view in looking.VIEWS:
        app = fine(app.button_group(key="segment.see.view").set_value(view).run())
        assert words in [markdown.value for markdown in app.markdown]


def test_a_painting_is_judged_beside_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    app = fine(page(segment_step="Paint"))
    assert app.button(key="segment.paint.compare").disabled
    place = paint._first_place(the_run())
    [seen] = scenes.looked(the_run(), [place])
    classes = tuple(sorted(paint.suggested(seen.truth, paint._objects(the_run()))))
    truth = paint.collapsed(seen.truth, classes)
    monkeypatch.setattr(paint, "paint_mask", lambda *_, **__: np.where(truth == segmentation.IGNORE, 0, truth))
    app = fine(app.run())
    app = fine(app.button(key="segment.paint.compare").click().run())
    table = app.dataframe[0].value
    chosen = [the_run().class_names[label] for label in classes]
    assert table["IoU (%)"].tolist() == [*chosen, "mean of the classes", paint.ELSE]
    assert table["you"].tolist() == [100.0] * len(table)
    network = paint.collapsed(seen.prediction.labels, classes)
    ious = segmentation.Scores(segmentation.confusion(truth, network, len(classes) + 1)).iou
    assert table["network"].tolist() == pytest.approx([*(100 * ious[1:]), 100 * ious[1:].mean(), 100 * ious[0]])
    assert table["network"].tolist() == pytest.approx(table["you two"].tolist())  # the painting is the truth
    assert any(words.value.startswith("#### You 100 %, the network") for words in app.markdown)
    app = fine(app.button_group(key=f"segment.paint.classes.{paint._name(the_run(), place)}").set_value([]).run())
    assert any("Choose at least one class" in info.value for info in app.info)


def test_a_painting_outlives_the_tab_and_begins_where_the_network_ends() -> None:
    app = fine(page(segment_step="Paint"))
    app = fine(app.button(key="segment.paint.start").click().run())
    place = paint._first_place(the_run())
    [seen] = scenes.looked(the_run(), [place])
    name = paint._name(the_run(), place)
    assert (app.session_state[paint.DRAWINGS][name].mask == seen.prediction.labels).all()
    app = fine(app.button(key="segment.paint.next").click().run())
    app = fine(app.button(key="segment.paint.back").click().run())
    kept = app.session_state[f"segment.paint.kept.{name}"].mask
    shown = app.session_state[f"segment.paint.classes.{name}"]
    assert (kept == paint.collapsed(seen.prediction.labels, tuple(sorted(shown)))).all()


def test_a_duel_is_fair() -> None:
    truth = np.array([[1, 1, 2, 2, 3, 255]], np.uint8)
    yours, network = np.array([[1, 0, 2, 0, 2, 2]], np.uint8), np.array([[1, 1, 3, 3, 1, 1]], np.uint8)
    assert paint.collapsed(truth, (2,)).tolist() == [[0, 0, 1, 1, 0, 255]]
    back = paint.spread(np.array([[1, 0, 0, 0, 0, 0]], np.uint8), (2,), yours)
    assert back.tolist() == [[2, 0, 0, 0, 0, 0]]  # what was painted of a class that is chosen, and is no more, is gone
    assert paint.spread(np.zeros((1, 6), np.uint8), (3,), yours).tolist() == yours.tolist()
    masks = [paint.collapsed(mask, (2,)) for mask in (yours, network, truth)]
    duel = paint.Duel((paint.ELSE, "two"), ("#000000", "#FFFFFF"), *masks, seconds=0.0)
    assert duel.mean("you") == pytest.approx(1 / 3) and duel.mean("network") == 0
    assert duel.verdict.tolist() == [[0, 0, 1, 3, 2, 255]]
    assert paint.winner(duel) == "You 33.3 %, the network 0 %: you win."
    assert paint.suggested(truth, (1, 2, 3)) == [1, 2] and paint.suggested(truth, (9,)) == []


def painted_pictures(count: int) -> tuple[PaintedPicture, ...]:
    split = take_scenes("shapes", "train", range(count), image_size=64)
    pairs = zip(split.images, split.masks, strict=True)
    return tuple(PaintedPicture(f"p {place}", *pair) for place, pair in enumerate(pairs))


def test_own_masks_are_trained_on() -> None:
    made = Mine(painted_pictures(5), scene_info("shapes").area_names)
    app = fine(page(way="mine", kept={own_masks.KEY: made}))
    app.slider(key="segment.mine.epochs").set_value(5)
    app.button_group(key="segment.mine.side").set_value(64)
    app = app.selectbox(key="segment.mine.model").set_value("fcn").run()
    app = fine(app.button(key="segment.mine.train").click().run())
    assert app.success and "mean IoU" in app.success[0].value and "right class" in app.success[0].value
    token, last, names = app.session_state[teaching.TOKEN]
    assert last.share == 1 and names == made.class_names
    asked, found = app.session_state[teaching.FOUND]
    assert asked[0] == token and found.labels.shape == (64, 64) and found.class_names == names
    app = fine(app.button(key="segment.mine.next").click().run())
    assert app.session_state[teaching.FOUND][0] != asked


def test_too_few_painted_pictures_are_told() -> None:
    app = page(way="mine", kept={own_masks.KEY: Mine(painted_pictures(3), scene_info("shapes").area_names)})
    app = fine(app.button(key="segment.mine.train").click().run())
    assert any("At least 4 pictures need painted areas; 3 have some" in words.value for words in app.warning)


def test_the_example_of_own_masks_opens_and_goes() -> None:
    app = fine(page(way="mine"))
    assert any("start with the example" in info.value for info in app.info)
    app = fine(app.button(key="segment.mine.example").click().run())
    made = app.session_state[own_masks.KEY]
    assert len(made.pictures) == made.painted == mine.EXAMPLE and made.pictures[0].pixels.shape == (128, 128, 3)
    app = fine(app.button(key="segment.mine.remove").click().run())
    assert len(app.session_state[own_masks.KEY].pictures) == mine.EXAMPLE - 1
    read = mask_archive.read(mine._zipped(made), name="my.zip")
    assert read.class_names == made.class_names and len(read.masks) == mine.EXAMPLE
    assert all((mask == one.mask).all() for mask, one in zip(read.masks, made.pictures, strict=True))


def test_own_classes_are_renamed_and_removed_with_their_areas() -> None:
    mask = np.array([[0, 1, 2, 255]], np.uint8)
    made = Mine((PaintedPicture("a", np.zeros((1, 4, 3), np.uint8), mask),), ("background", "cup", "spoon"))

    def after(*names: str) -> list[int]:
        return made.with_classes(names).pictures[0].mask[0].tolist()

    assert after("mug", "spoon") == [0, 1, 2, 255]  # a new name in the place of an old one
    assert after("spoon", "cup") == [0, 2, 1, 255]
    assert after("spoon") == [0, 0, 1, 255]
    assert after("cup", "fork", "spoon", "") == [0, 1, 3, 255]
    assert made.with_classes(["a", "a"]).class_names[0] == "background"
    with pytest.raises(ImageError, match="0 are named"):
        made.with_classes(["", " "])


def test_many_large_pictures_are_made_smaller_with_their_masks() -> None:
    mask = np.zeros((1024, 768), np.uint8)
    mask[:512] = 1
    one = PaintedPicture("a", np.zeros((1024, 768, 3), np.uint8), mask)
    fitted, notes = Mine((one,) * 2, ("background", "b")).fitting()
    assert fitted.pictures == (one, one) and notes == []
    fitted, notes = Mine((one,) * 20, ("background", "b")).fitting()
    assert fitted.nbytes <= own_masks.MOST_BYTES and "So many pictures were made smaller" in notes[0]
    small = fitted.pictures[0].mask
    assert small.shape == fitted.pictures[0].pixels.shape[:2] and set(np.unique(small)) == {0, 1}
    assert (small == 1).mean() == pytest.approx(0.5, abs=0.01)


def test_what_is_taken_home_opens_again() -> None:
    run = the_run()
    table = take_home.table(run, scenes.answers(run))
    values = table[table["class"] == ""].set_index("measure")["value"]
    assert values["mean IoU"] == run.metrics["miou"] and values["test pictures"] == len(scenes.answers(run))
    assert (table["measure"] == "IoU").sum() == len(run.class_names)
    truth = take_home.true_masks(run.spec, run.class_names, scenes.colors_of(run))
    read = mask_archive.read(truth, name="truth.zip")
    assert len(read.masks) == take_home.MOST and read.class_names[1:] == run.class_names[1:]
    [seen] = scenes.looked(run, [0])
    assert (read.masks[0] == seen.truth).all() and (read.pictures[0][1] == seen.image).all()
    found = mask_archive.read(take_home._found(run, scenes.colors_of(run)), name="found.zip")
    assert (found.masks[0] == seen.prediction.labels).all()


def test_the_stages_of_the_network_are_looked_into() -> None:
    app = fine(page(segment_step="Inside"))
    stages = app.selectbox[-1]
    assert stages.label == "Stage" and stages.options[0].startswith("Encoder 1:")
    app = fine(stages.set_value(len(stages.options) - 1).run())
    assert any("One map for each class" in words.value for words in app.markdown)
    assert any("All maps of this stage" in caption.value for caption in app.caption)
    app = fine(app.button(key="segment.inside.next").click().run())
    assert app.session_state[see.PLACE] == 1
    assert any("Test picture **2** of" in words.value for words in app.markdown)


def test_a_pixel_says_how_far_it_sees() -> None:
    app = fine(page(kept={sight.PIXEL: (2, 3)}, segment_step="Inside"))
    [said] = [words.value for words in app.markdown if words.value.startswith("Row 2, column 3")]
    assert "around it can change that" in said and "of all influence comes from" in said
    heat = np.zeros((10, 10), np.float32)
    heat[4, 4] = 1
    assert "3 x 2 pixels around it can change that (6 % of the picture)" in sight.words((1, 1, 4, 3), heat)
    whole = sight.words((0, 0, 10, 10), heat)
    assert "Every pixel" in whole and "only **1 pixel**" in whole
    assert "changes nothing" in sight.words((0, 0, 10, 10), 0 * heat)


def test_what_skip_connections_add_is_trained_and_compared() -> None:
    app = fine(page(segment_step="Inside"))
    button = app.button(key="segment.inside.train")
    assert button.label == "Train it without skip connections"
    button.click().run()
    other = SPEC.replace(skips=False)
    ended(session.engine(), other)
    app = fine(page(segment_step="Inside"))
    lacks = runs.of_spec(session.engine().store, other)
    change = 100 * (the_run().metrics["miou"] - lacks.metrics["miou"])
    assert app.metric[0].label == "Mean IoU" and app.metric[0].delta == f"{change:+.1f} points"
    assert not any(button.key == "segment.inside.train" for button in app.button)
    table = shortcuts.by_class(the_run(), lacks)
    assert table["class"].tolist() == list(the_run().class_names)
    there = table["with (%)"].mean()
    assert there == pytest.approx(100 * the_run().metrics["miou"], abs=1e-3)
    assert "gains" in shortcuts.reading(table, "skip connections")
    fine(page(segment_step="Inside", skips="off"))
