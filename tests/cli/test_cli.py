"""`python -m cvlib` as a shell sees it: some commands in a process of their own, most of them called here."""

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cvlib import cli, data
from cvlib.data.scene_sets import SCENES
from cvlib.engine import warm
from cvlib.transfer import backbones
from tests.conftest import ROOT

QUICK = ("--data", "digits", "--model", "softmax_regression", "--epochs", "2")


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A store of this file's own, and no network in memory from another one."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CVLIB_HOME", str(home))
        for kept in ("_models", "_datasets"):
            patch.setattr(warm, kept, warm.Kept(4))
        yield home


def process(*arguments: str) -> subprocess.CompletedProcess:
    """A command as a shell starts it."""
    return subprocess.run(
        [sys.executable, "-m", "cvlib", *arguments], cwd=ROOT, env=os.environ, capture_output=True, text=True,
        timeout=120,
    )  # fmt: skip


def cvlib(*arguments: str) -> subprocess.CompletedProcess:
    """A command called in this process."""
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
        try:
            code = cli.main(arguments)
        except SystemExit as left:  # as argparse leaves
            code = left.code
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


def as_json(done: subprocess.CompletedProcess) -> dict:
    """The one object on standard output."""
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def trained(home: Path) -> dict:
    return as_json(process("train", "--task", "classification", *QUICK, "--set", "learning_rate=0.01", "--json"))


@pytest.fixture(scope="module")
def lenet(home: Path) -> str:
    """A run of a network with spatial layers."""
    return as_json(cvlib("train", "--data", "digits", "--model", "lenet", "--epochs", "1", "--json"))["run"]


def test_train_says_all_that_was_promised(trained: dict) -> None:
    assert {"run", "cached", "seconds", "parameters", "spec", "history", "metrics"} <= set(trained)
    assert {"accuracy", "macro_f1", "weighted_f1", "loss"} <= set(trained["metrics"])
    assert trained["cached"] is False
    assert trained["spec"]["learning_rate"] == 0.01 and trained["spec"]["epochs"] == 2
    assert len(trained["history"]["loss"]) == 2
    assert trained["parameters"] == 8 * 8 * 10 + 10


def test_train_again_comes_from_the_store(trained: dict) -> None:
    again = as_json(process("train", *QUICK, "--set", "learning_rate=0.01", "--json"))
    assert again["cached"] is True and again["run"] == trained["run"] and again["metrics"] == trained["metrics"]


def test_evaluate_finds_the_same_numbers(trained: dict) -> None:
    judged = as_json(process("evaluate", trained["run"][:10], "--json"))
    assert judged["metrics"]["accuracy"] == pytest.approx(trained["metrics"]["accuracy"], abs=0.005)
    assert sum(map(sum, judged["confusion"])) == 450


def test_predict_names_classes_by_probability(trained: dict, tmp_path: Path) -> None:
    digit = data.load("digits").test.images[0, :, :, 0]
    Image.fromarray(digit).resize((64, 64), Image.Resampling.NEAREST).save(tmp_path / "digit.png")
    top = as_json(process("predict", trained["run"], str(tmp_path / "digit.png"), "--json"))["top"]
    shares = [entry["probability"] for entry in top]
    assert len(top) == 5 and shares == sorted(shares, reverse=True) and sum(shares) <= 1.0001


def test_runs_lists_it(trained: dict) -> None:
    assert [run["run"] for run in as_json(cvlib("runs", "--json"))["runs"]] == [trained["run"]]


def test_doctor_finds_this_installation_well() -> None:
    report = as_json(process("doctor", "--json"))
    assert report["ok"] and report["device"] and report["data"]["digits"] is True


BAD = [
    (),
    ("fly",),
    ("train", "--data", "nothing"),
    ("train", "--model", "nothing"),
    ("train", "--task", "nothing"),
    ("train", "--epochs", "many"),
    ("train", "--epochs", "0"),
    ("train", "--set", "epochs"),
    ("train", "--set", "no_such_setting=1"),
    ("train", "--set", "learning_rate=NaN"),
    ("evaluate", "0000"),
    ("evaluate", "../../x"),
    ("predict", "0000", "x.png"),
]


def is_refused_in_one_sentence(done: subprocess.CompletedProcess) -> None:
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1 and "Traceback" not in done.stderr


@pytest.mark.parametrize("arguments", BAD, ids=" ".join)
def test_bad_arguments_are_one_sentence_and_exit_2(arguments: tuple[str, ...]) -> None:
    is_refused_in_one_sentence(cvlib(*arguments, *(("--json",) if arguments else ())))


@pytest.mark.parametrize("arguments", [(), ("evaluate", "0000", "--json")], ids=" ".join)
def test_a_process_ends_with_that_sentence_and_code(arguments: tuple[str, ...]) -> None:
    is_refused_in_one_sentence(process(*arguments))


def test_a_file_that_is_no_picture_is_one_sentence(trained: dict, tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("hello")
    done = cvlib("predict", trained["run"], str(tmp_path / "text.png"), "--json")
    assert done.returncode == 2 and done.stdout == "" and "text.png" in done.stderr


def test_explain_writes_the_map(lenet: str, tmp_path: Path) -> None:
    Image.new("RGB", (60, 80), "white").save(tmp_path / "white.png")
    out = tmp_path / "maps"
    done = process(
        "explain", str(tmp_path / "white.png"), "--network", lenet[:10], "--method", "layer_cam", "--class", "3",
        "--out", str(out), "--json",
    )  # fmt: skip
    said = as_json(done)
    assert said["class"] == "3" and said["method"] == "layer_cam" and said["layer"] and 0 <= said["probability"] <= 1
    assert np.load(out / "map.npy", allow_pickle=False).shape == (8, 8)
    assert Image.open(out / "map.png").size == (672, 672)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--network", "imagenet/nothing"), "pre-trained"),
        (("--network", "0000000"), "run"),
        (("--network", "imagenet/mobilenet_v2", "--method", "crystal_ball"), "choice"),
    ],
)
def test_explain_refuses_what_is_not_there(arguments: tuple[str, ...], word: str) -> None:
    done = cvlib("explain", "nowhere.png", *arguments)
    assert done.returncode == 2 and word in done.stderr and "Traceback" not in done.stderr


def test_the_methods_are_timed_beside_tf_explain(lenet: str) -> None:
    timed = as_json(cvlib("bench-explain", "--network", lenet, "--json"))
    assert timed["methods"]["grad_cam"]["forward_passes"] > 0
    assert timed["methods"]["vanilla_gradients"]["tf_explain_seconds"] > 0
    assert timed["occlusion_196"]["of_196_passes"] > 0


def test_transfer_is_timed_beside_plain_keras() -> None:
    base = backbones.CATALOG["backbone/mobilenet_v2_035"]
    if not base.available():
        refused = cvlib("bench-transfer", "--data", "faces", "--classes", "2", "--per-class", "4")
        assert refused.returncode == 1 and "prepare" in refused.stderr
        return
    timed = as_json(cvlib("bench-transfer", "--data", "faces", "--classes", "2", "--per-class", "8", "--json"))
    assert timed["pictures"] == {"learned": 12, "held_back": 4} and timed["ratio"] > 0


def test_accuracy_under_attack_is_measured(trained: dict) -> None:
    timed = as_json(cvlib("bench-attack", "--network", trained["run"][:8], "--pictures", "40", "--json"))
    under = timed["under_attack"]
    assert timed["clean"] >= under["pgd_40"]["0.1"] >= under["pgd_40"]["0.3"] and timed["of_bare_passes"] > 0
    refused = cvlib("bench-attack", "--network", "imagenet/mobilenet_v2")
    assert refused.returncode in (1, 2) and "Traceback" not in refused.stderr


def test_augmentations_are_timed_beside_other_libraries() -> None:
    quick = ("--transforms", "solarise", "gamma", "--size", "64", "--times", "2")
    timed = as_json(cvlib("bench-augment", *quick, "--json"))
    assert timed["width"] == 64 and timed["pictures"] == 9
    assert timed["milliseconds"]["solarise"].keys() >= {"ours", "keras", "keras_cv"}
    assert all(value > 0 for value in timed["milliseconds"]["solarise"].values())
    assert "keras" not in timed["milliseconds"]["gamma"]
    refused = cvlib("bench-augment", "--transforms", "magic")
    assert refused.returncode == 2 and "magic" in refused.stderr and "Traceback" not in refused.stderr


def test_segmentation_is_trained_and_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for split in ("validation", "test"):
        monkeypatch.setitem(SCENES["shapes"].counts, split, 40)
    quick = ("--data", "shapes", "--model", "fcn", "--epochs", "1", "--set", "train_size=20", "--set", "image_size=64")
    run = as_json(cvlib("train", "--task", "segmentation", *quick, "--json"))
    assert {"miou", "pixel_accuracy", "mean_accuracy", "boundary_f1"} <= run["metrics"].keys()
    assert run["class_names"][0] == "background" and run["spec"]["loss"] == "dice_cross_entropy"
    Image.fromarray(np.full((50, 70, 3), 90, np.uint8)).save(tmp_path / "flat.png")
    found = as_json(cvlib("predict", run["run"][:12], str(tmp_path / "flat.png"), "--json"))
    assert sum(area["pixels"] for area in found["areas"]) == 50 * 70


def test_train_takes_an_augmentation_by_name_or_text() -> None:
    by_name = as_json(cvlib("train", *QUICK, "--augmentation", "gentle", "--json"))
    assert by_name["spec"]["augmentation"] and by_name["title"].endswith("augmented (Gentle)")
    again = as_json(cvlib("train", *QUICK, "--augmentation", by_name["spec"]["augmentation"], "--json"))
    assert again["cached"] and again["run"] == by_name["run"]
    refused = cvlib("train", *QUICK, "--augmentation", "hocus")
    assert refused.returncode == 2 and "no transform 'hocus'" in refused.stderr and "Traceback" not in refused.stderr
