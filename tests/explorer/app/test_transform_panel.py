"""The panel that turns and moves: there for StyleGAN3, and for no other model."""

from pathlib import Path

from engine.formats.model_file import save_model
from engine.inference.input_transform import InputTransform
from tests.engine.networks.stylegan3_models import R, make_stylegan3
from tests.explorer.app.driver import Driver
from tests.explorer.app.test_gestures import changed


def test_a_model_with_an_input_transform_has_a_panel_for_it(launch, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    save_model(path, G_ema=make_stylegan3(**R))
    driver = launch(path)
    driver.settle()
    panel = driver.app.window.sidebar.transform
    assert panel.applies
    pictures = driver.pictures()
    driver.type_into(panel.x.entry, "0.5")
    driver.type_into(panel.rotate.entry, "-90")
    driver.settle()
    session = driver.app.session
    assert session.document.transform == InputTransform(x=0.5, rotate=-90)
    assert all(changed(pictures, driver.pictures()))
    driver.click(panel.reset_button)
    driver.settle()
    assert session.document.transform.at_rest
    assert not any(changed(pictures, driver.pictures()))
    session.undo()
    assert session.document.transform.rotate == -90


def test_another_model_has_none(driver: Driver) -> None:
    assert not driver.app.window.sidebar.transform.applies
    assert driver.app.window.sidebar.transform.container is None
