"""The interpretability page as a visitor uses it, with a small network of their own."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from cvlib import runs
from cvlib.explain import methods
from cvlib.ui import picker, session
from cvlib.ui.interpretability import explaining
from cvlib.ui.pages import CARDS
from tests.at_hand import LENET, SOFTMAX
from tests.conftest import ROOT


@pytest.fixture(scope="module", autouse=True)
def networks_at_hand(hand: Callable[..., None]) -> None:
    hand(SOFTMAX, LENET)  # the newest one is the usual choice


@pytest.fixture(autouse=True)
def fresh_caches() -> Iterator[None]:
    yield
    st.cache_data.clear()


def page(**query: str) -> AppTest:
    """The page as a link opens it."""
    app = AppTest.from_file(str(ROOT / "pages" / "interpretability.py"), default_timeout=90)
    app.session_state[CARDS] = ()
    for key, value in {"network": LENET.digest, **query}.items():
        app.query_params[key] = value
    return app.run()


def captions(app: AppTest) -> str:
    return " ".join(element.value for element in app.caption)


def test_it_works_without_touching_anything() -> None:
    app = page()
    assert not app.exception and not app.error
    assert "Half of all heat lies on" in captions(app)
    assert app.session_state[picker.CURRENT].source == "test"
    assert app.selectbox(key="method").value == "grad_cam"


@pytest.mark.parametrize("method", methods.CATALOG)
def test_every_method_answers(method: str) -> None:
    app = page(method=method)
    assert not app.exception and not app.error and not app.warning
    assert "heat" in captions(app)


def test_a_network_without_places_offers_what_works() -> None:
    app = page(network=SOFTMAX.digest)
    assert not app.exception and not app.error
    assert set(app.selectbox(key="method").options).isdisjoint({"Grad-CAM", "Layer-CAM"})
    assert "no layer to look at" in captions(app)
    inside = page(network=SOFTMAX.digest, step="Inside a unit")
    assert not inside.error and "no layer with maps" in inside.info[0].value


def test_a_link_opens_the_same_experiment() -> None:
    run = runs.of_spec(session.engine().store, LENET)
    unlikely = int(run.test["probabilities"][7].argmin())
    app = page(picture="test-7", **{"class": str(unlikely)}, layer="conv_1", method="layer_cam")
    assert not app.exception and not app.error and not app.warning
    picked = app.session_state[picker.CURRENT]
    assert (picked.source, picked.index) == ("test", 7)
    key = next(key for key in app.session_state["explain.kept"] if key[0] == "map")
    assert key[2] == "layer_cam" and key[3].index == unlikely and key[4] == "conv_1"
    assert app.query_params["picture"] == "test-7" and app.query_params["class"] == str(unlikely)


def test_a_link_names_a_sample() -> None:
    assert page(picture="sample-coffee").session_state[picker.CURRENT].name == "Cup of coffee"


def test_why_not_another_class_shows_the_difference() -> None:
    app = page()
    other = next(box for box in app.selectbox if box.label == "Why not …?")
    app = other.select_index(1).run()
    assert not app.exception and not app.error
    maps = [key for key in app.session_state["explain.kept"] if key[0] == "map"]
    assert len({key[3] for key in maps}) == 2


@pytest.mark.parametrize("step", ["Compare", "Can I trust it?", "Bias hunt", "Inside a unit", "Take away"])
def test_every_tab_opens(step: str) -> None:
    app = page(step=step)
    assert not app.exception and not app.error and not app.warning


def test_all_methods_side_by_side() -> None:
    app = page(step="Compare")
    app = app.button(key="explain.compare.run").click().run()
    assert not app.exception and not app.error
    kept = app.session_state["explain.kept"]
    assert {key[2] for key in kept if key[0] == "map"} == {*methods.CATALOG, *methods.BASELINES}


def test_the_network_forgets_on_request() -> None:
    app = page(step="Can I trust it?")
    app = app.button(key="explain.forget.run").click().run()
    assert not app.exception and not app.error
    stages = next(value for key, value in app.session_state["explain.kept"].items() if key[0] == "stages")
    assert stages[0].similarity == pytest.approx(1) and stages[-1].forgotten == stages[-1].layers == 5


def test_a_unit_is_drawn_and_silenced() -> None:
    app = page(step="Inside a unit")
    app = app.button(key="unit.dream.run").click().run()
    app = app.button(key="unit.silence").click().run()
    assert not app.exception and not app.error
    kept = app.session_state["explain.kept"]
    assert any(key[0] == "dream" for key in kept)
    without = next(value for key, value in kept.items() if key[0] == "without")
    run = runs.of_spec(session.engine().store, LENET)
    assert without.shape == run.test["probabilities"].shape and not np.allclose(without, run.test["probabilities"])


def test_a_stopped_explanation_does_not_begin_by_itself() -> None:
    app = page(method="rise")
    key = next(key for key in app.session_state["explain.kept"] if key[0] == "map")
    app.session_state["explain.kept"] = {}
    app.session_state[explaining.STOPPED] = key
    app = app.run()
    assert "Stopped." in app.info[0].value and not app.error
    assert not any(kept[0] == "map" for kept in app.session_state["explain.kept"])
    app = app.button(key="explain.again").click().run()
    assert any(kept[0] == "map" for kept in app.session_state["explain.kept"])


HOSTILE = [
    {"network": "../../etc/passwd"},
    {"network": "imagenet/nothing"},
    {"network": "x" * 10_000},
    {"method": "<script>alert(1)</script>"},
    {"method": "nan"},
    {"step": "nowhere"},
    {"class": "-1"},
    {"class": "9" * 5000},
    {"class": "²"},
    {"layer": "../x"},
    {"picture": "test-99999999"},
    {"picture": "test--1"},
    {"picture": "sample-../../etc"},
]


@pytest.mark.parametrize("query", HOSTILE, ids=lambda query: next(iter(query)))
def test_fault_62_strange_addresses_give_the_defaults(query: dict[str, str]) -> None:
    app = page(**query)
    assert not app.exception and not app.error
    assert app.selectbox(key="method").value == "grad_cam"


def test_nobodys_picture_is_kept_for_others() -> None:
    """Fault 60: two sessions, the same place of the same network, other pictures."""
    first, second = page(), page()
    mine = first.session_state["explain.kept"]
    pixels = np.full((40, 40, 3), 255, np.uint8)
    pixels[5:35, 18:22] = 0
    second.session_state[picker.CURRENT] = picker.PickedImage(pixels, "mine.png", (), "upload")
    second = second.run()
    theirs = {key: value for key, value in second.session_state["explain.kept"].items() if key not in mine}
    assert {key[0] for key in theirs} >= {"subject", "map"}
    assert all(key not in first.run().session_state["explain.kept"] for key in theirs)
