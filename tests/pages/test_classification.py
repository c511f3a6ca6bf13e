"""The classification page as a visitor uses it: without touching anything, by link, and with strange addresses."""

from collections.abc import Iterator

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from cvlib import recipes, runs
from cvlib.engine import State
from cvlib.ui import picker, session
from cvlib.ui.pages import CARDS
from tests.conftest import ROOT
from tests.engine.helpers import ended, until
from tests.pages.conftest import end_engine

DEFAULT = recipes.recommended("digits", "lenet")
QUICK = {"model": "softmax_regression", "epochs": "2"}


@pytest.fixture(scope="module", autouse=True)
def a_host_that_has_never_trained_the_default(an_empty_store: None) -> None:
    """A page begins a training by itself only if the engine knows nothing of it, not even that it was cancelled."""
    if session.engine().job(DEFAULT.digest) is not None:
        end_engine()


@pytest.fixture(autouse=True)
def fresh_caches() -> Iterator[None]:
    """No session sees what another test has cached, but for the engine, which takes seconds to start."""
    yield
    st.cache_data.clear()


def page(**query: str) -> AppTest:
    """The page as a link opens it."""
    app = AppTest.from_file(str(ROOT / "pages" / "classification.py"), default_timeout=60)
    app.session_state[CARDS] = ()
    for key, value in query.items():
        app.query_params[key] = value
    return app.run()


def trained(**query: str) -> AppTest:
    """The page with its training done."""
    app = page(**query)
    if not any(button.label == "Trained" for button in app.button):
        app.get_by_key("train").click().run()
        job = until(lambda: next(iter(session.engine()._records.values()), None))
        until(lambda: not any(record.state.is_active for record in session.engine()._records.values()), seconds=60)
        assert job
        app.run()
    return app


def test_without_touching_anything_the_default_is_trained() -> None:
    page()
    assert ended(session.engine(), DEFAULT).state is State.DONE
    app = page()
    assert not app.exception
    assert app.metric[0].label == "Right on test pictures" and float(app.metric[0].value.split()[0]) >= 98.5
    assert runs.load(session.engine().store, DEFAULT.digest).metrics["accuracy"] >= 0.985


def test_the_address_holds_the_settings() -> None:
    app = page(data="faces", model="mlp", epochs="7", learning_rate="0.001", train_size="50", seed="3")
    assert not app.exception
    assert app.selectbox(key="data").value == "faces" and app.selectbox(key="model").value == "mlp"
    assert app.number_input(key="epochs").value == 7 and app.number_input(key="seed").value == 3
    assert app.select_slider(key="train_size").value == 50


def test_another_data_set_brings_its_own_settings() -> None:
    app = page(epochs="3")
    app.selectbox(key="data").set_value("shapes").run()
    app.selectbox(key="model").set_value("resnet").run()
    assert app.number_input(key="epochs").value == recipes.recommended("shapes", "resnet").epochs


HOSTILE = [
    {"data": "../../etc/passwd"},
    {"data": "x" * 10_000},
    {"epochs": "-5"},
    {"epochs": "NaN"},
    {"epochs": "1e999"},
    {"learning_rate": "nan"},
    {"dropout": "-1"},
    {"seed": "-1"},
    {"train_size": "7"},
    {"model": "<script>alert(1)</script>"},
    {"no_such_thing": "1"},
    {"step": "nowhere"},
]


@pytest.mark.parametrize("query", HOSTILE, ids=lambda query: next(iter(query)))
def test_fault_62_strange_addresses_give_the_defaults(query: dict[str, str]) -> None:
    app = page(**query)
    assert not app.exception and not app.error
    assert app.selectbox(key="data").value == "digits"
    assert app.number_input(key="epochs").value == DEFAULT.epochs


def test_the_evaluation_shows_the_table_and_the_mistakes() -> None:
    app = trained(**QUICK, step="Test")
    assert not app.exception and not app.error
    table = app.dataframe[0].value
    assert list(table["class"])[-3:] == ["accuracy", "macro avg", "weighted avg"]
    assert list(table["support"])[-1] == 450
    assert "of 450" in " ".join(element.value for element in app.markdown)


def test_a_sample_is_classified_and_follows_to_the_next_visit_of_the_step() -> None:
    app = trained(**QUICK, step="Try it")
    app.segmented_control[0].set_value("sample").run()
    name = next(name for name in picker.SAMPLES if name.startswith("digit"))
    app.button(key=f"try.sample.{name}").click().run()
    assert not app.exception and not app.error
    assert app.session_state[picker.CURRENT].source == "sample"
    assert any("As the network sees it" in element.value for element in app.markdown)


def test_take_it_home_shows_code_that_names_the_network() -> None:
    app = trained(**QUICK, step="Take it home")
    assert not app.exception and not app.error
    assert "keras.layers.Dense(units=10" in app.code[0].value and 'np.load("digits.npz")' in app.code[0].value
    assert len(app.get("download_button")) == 3


def test_a_data_set_that_is_not_here_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    if recipes.data.info("cifar10").available():
        pytest.skip("CIFAR-10 is on this machine")
    app = page(data="cifar10", model="resnet")
    assert not app.exception
    assert any("prepare" in warning.value for warning in app.warning)


def test_two_sessions_do_not_see_each_others_pictures() -> None:
    one, other = trained(**QUICK, step="Try it"), page(**QUICK, step="Try it")
    one.segmented_control[0].set_value("sample").run()
    one.button(key="try.sample.cat").click().run()
    other.run()
    assert picker.CURRENT in one.session_state and picker.CURRENT not in other.session_state
