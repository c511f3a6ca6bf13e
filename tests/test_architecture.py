"""The house's rules, read off the code."""

import ast
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted([ROOT / "app.py", *(ROOT / "pages").glob("*.py"), *(ROOT / "cvlib").rglob("*.py")])
HEAVY = ("tensorflow", "keras", "keras_cv", "tf_explain")
WORKERS_ONLY = ("cvlib.engine.child", "cvlib.models.detectors.decoding")
"""Modules that may load Keras when they are imported: only a worker does so. The first is what a training's process
consists of, the second defines layers."""
LAYERS = (
    {"errors", "lazy", "boxes"},
    {"ongoing"},
    {"spec", "images", "store", "device"},
    {"data", "models", "runs", "augmentation"},
    {"recipes", "tasks"},
    {"figures", "export"},
    {"networks", "explain"},
    {"transfer", "adversarial"},
    {"training"},
    {"detecting", "segmenting", "augmenting"},
    {"engine"},
    {"ui", "cli"},
)
"""From the ground up: a part imports only from the layers below its own."""


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def part_of(module: str) -> str | None:
    """The part of cvlib that a module belongs to: `cvlib.data.digits` -> `data`."""
    pieces = module.split(".")
    return pieces[1] if pieces[0] == "cvlib" and len(pieces) > 1 else None


def layer(part: str) -> int:
    found = [number for number, parts in enumerate(LAYERS) if part in parts]
    assert found, f"cvlib.{part} has no layer: give it one in LAYERS"
    return found[0]


def parts() -> set[str]:
    return {part for path in SOURCES if (part := part_of(name_of(path))) and part != "__main__"}


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_only_ui_and_pages_import_streamlit(path: Path) -> None:
    allowed = path.name == "app.py" or path.parent.name == "pages" or "ui" in path.relative_to(ROOT).parts
    assert allowed or not any(module.split(".")[0] == "streamlit" for module in imports(path))


@pytest.mark.parametrize("path", [path for path in SOURCES if "cvlib" in path.parts], ids=name_of)
def test_arrows_point_down(path: Path) -> None:
    own = part_of(name_of(path))
    if own in (None, "__main__"):
        return
    for module in imports(path):
        other = part_of(module)
        if other and other != own and other in parts():
            assert layer(other) < layer(own), f"{own} imports {other}"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_nothing_dangerous(path: Path) -> None:
    text = path.read_text()
    modules = {module.split(".")[0] for module in imports(path)}
    assert not modules & {"pickle", "cloudpickle", "dill", "joblib", "shelve", "diskcache"}
    for phrase in (
        "allow_pickle=True",
        "safe_mode=False",
        "unsafe_allow_html",
        "plotly.express",
        "st.line_chart",
    ):
        assert phrase not in text


def test_importing_the_library_loads_neither_tensorflow_nor_keras() -> None:
    names = [name_of(path) for path in SOURCES if "cvlib" in path.parts and not path.name.startswith("__main__")]
    code = "import importlib, sys\n"
    code += "".join(f"importlib.import_module({name!r})\n" for name in names if name not in WORKERS_ONLY)
    code += f"print([name for name in {HEAVY + ('sklearn', 'skimage', 'scipy')!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip().splitlines()[-1:] == ["[]"], done.stdout + done.stderr


def test_the_front_door_is_short() -> None:
    assert len((ROOT / "app.py").read_text().splitlines()) < 60


def functions() -> Iterator[int]:
    """Lines of every function, its docstring not counted."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                yield (body[-1].end_lineno - body[0].lineno + 1) if body else 0


def test_functions_and_files_stay_short() -> None:
    lengths, files = list(functions()), [len(path.read_text().splitlines()) for path in SOURCES]
    assert statistics.median(lengths) <= 10
    assert statistics.quantiles(lengths, n=10)[-1] <= 40
    assert statistics.median(files) <= 150
    assert statistics.quantiles(files, n=10)[-1] <= 300


@pytest.mark.parametrize("path", sorted((ROOT / "pages").glob("*.py")), ids=lambda path: path.stem)
def test_a_page_is_thin(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 120


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_public_things_are_documented(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree), "the module says nothing about itself"
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{node.name} has no docstring"
