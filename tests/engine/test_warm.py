"""What the warm process keeps in memory."""

import pytest

from cvlib import recipes
from cvlib.engine import warm


def test_one_name_is_other_data_for_another_task(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm, "_datasets", warm.Kept(10))
    monkeypatch.setattr(warm.training, "load_data", lambda spec: [spec.task, spec.model])
    kept = [warm.dataset(recipes.recommended("shapes", model)) for model in ("lenet", "fcn", "centernet", "one_box")]
    assert [task for task, _ in kept] == ["classification", "segmentation", "detection", "detection"]
    assert kept[3][1] == "one_box"  # its pictures have one object each
    assert warm.dataset(recipes.recommended("shapes", "unet")) is kept[1]
