"""The augmentation page's last step, as a visitor uses it."""

import io
import zipfile
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cvlib.augmentation.presets import PRESETS
from cvlib.augmenting import pictures
from cvlib.augmenting.exported import Wanted
from cvlib.augmenting.looking import Shot
from cvlib.ui.augmentation import state, take_away
from tests.pages.test_augmentation import built, fine, page, press, texts


def away(kept: dict | None = None, **query: str) -> AppTest:
    return fine(page(kept, step="Take away", **query))


def test_the_download_holds_what_was_promised() -> None:
    app = away(picture="scene-shapes-2", pipeline="rotation:angle=-20..20")
    assert len(app.get("download_button")) == 2
    found = app.session_state[state.PIPELINE]
    shot = pictures.scene_shots("shapes", [2])[0]
    content = take_away.made(Wanted(shot, found, 0), 30)
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        names = packed.namelist()
    assert sum(name.startswith("images/") for name in names) == 30
    assert {"annotations.json", "labels/0030.txt", "masks/0030.png", "augment.py"} <= set(names)


def test_steps_that_cannot_carry_boxes_are_left_out_of_the_download() -> None:
    app = away(picture="scene-shapes-2", pipeline="mixup;aug_mix")
    assert not app.get("download_button")
    assert "nothing to take away" in texts(app)


def test_the_code_is_the_pipelines() -> None:
    app = away(pipeline="rotation:angle=-20..20;!flip")
    script = next(each.value for each in app.code if each.language == "python")
    compile(script, "augment.py", "exec")
    assert "RandomRotation" in script and "tf.reverse" not in script


def test_a_pipeline_is_saved_under_a_name_and_used_again() -> None:
    app = away(pipeline="rotation:angle=-20..20")
    app.text_input(key="augmentation.away.name.0").input("  my *turns*  ")
    app = press(app, "augmentation.away.save")
    assert app.session_state[state.SAVED] == {"my *turns*": "rotation:angle=-20..20,fill=constant"}
    assert r"my \*turns\*" in texts(app)
    app.text_input(key="augmentation.away.name.1").input("my *turns*")
    app = press(app, "augmentation.away.save")
    assert list(app.session_state[state.SAVED]) == ["my *turns*", "my *turns* 2"]
    other = away({state.SAVED: app.session_state[state.SAVED]}, pipeline="gamma")
    other = press(other, "augmentation.away.use.0")
    assert built(other).to_text() == "rotation:angle=-20..20,fill=constant"
    other = press(other, "augmentation.away.remove.0")
    assert list(other.session_state[state.SAVED]) == ["my *turns* 2"]


@pytest.mark.parametrize("name", ["Gentle", "The one you built", "x" * 90, "two\nlines\u202e"])
def test_no_name_takes_another_ones_place(name: str) -> None:
    app = away(pipeline="gamma")
    app.text_input(key="augmentation.away.name.0").input(name)
    app = press(app, "augmentation.away.save")
    [saved] = app.session_state[state.SAVED]
    assert len(saved) <= 40 and "\n" not in saved and "\u202e" not in saved
    assert saved not in {each.title for each in PRESETS.values()} | {"The one you built"}


def test_a_pipeline_without_a_name_is_called_by_its_steps() -> None:
    app = press(away(pipeline="gamma;flip"), "augmentation.away.save")
    assert list(app.session_state[state.SAVED]) == ["Gamma (power law), Flip"]


def test_the_link_opens_the_same_pipeline() -> None:
    app = away(pipeline="rotation:angle=-20..20;flip:p=0.5", seed="7")
    link_shown = next(each.value for each in app.code if each.language != "python")
    words = dict(parse_qsl(urlsplit(link_shown).query))
    assert words["seed"] == "7" and "step" not in words
    assert built(page(**words)) == built(app)


def test_the_name_of_a_persons_file_stays_here() -> None:
    own, digit = Shot(np.zeros((4, 4, 3), np.uint8), "Anna_Mueller.jpg"), Shot(np.zeros((8, 8, 1), np.uint8), "7")
    assert take_away.unnamed(state.Subject(own)).name == "the picture"
    assert take_away.unnamed(state.Subject(digit, data="digits", label=7)).name == "7"
