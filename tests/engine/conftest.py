"""A real engine with real workers, shared by the tests of this folder."""

from collections.abc import Iterator

import pytest

from cvlib.engine import Engine
from cvlib.store import Store
from tests.engine.helpers import until


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CVLIB_HOME", str(tmp_path_factory.mktemp("home")))
        made = Engine(Store())
        made.start()
        yield made
        made.close()


@pytest.fixture(autouse=True)
def quiet_engine(request: pytest.FixtureRequest) -> Iterator[None]:
    """Leave no training behind for the next test, where a test has used the engine at all."""
    if "engine" not in request.fixturenames:
        yield
        return
    engine: Engine = request.getfixturevalue("engine")
    yield
    for record in list(engine._records.values()):
        if record.state.is_active:
            record.owners.clear()
            engine.cancel(record.digest, owner="")
    until(lambda: not any(record.state.is_active for record in engine._records.values()))
