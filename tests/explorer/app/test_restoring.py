"""What was there when the explorer ended is there when it starts again, however it ended."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pygame
import pytest

from engine.formats.model_file import load_model
from explorer.app.errands import Errand, Errands
from explorer.session.document import new_document
from explorer.session.edits import with_psi
from explorer.session.session_file import SavedModel, SavedSession, read_session, write_session
from tests.explorer.app.conftest import Launch
from tests.explorer.app.driver import FIXTURES, MODEL, Driver

ROOT = Path(__file__).parents[3]


def message(driver: Driver) -> str:
    notice = driver.app.window.notices.current
    return notice.text if notice else ""


def saved(driver: Driver, path: Path) -> None:
    """Until the file holds what the window shows."""
    driver.pump(lambda: path.exists() and not driver.app.errands.busy and read_session(path) == driver.app.snapshot())


def test_everything_is_back_after_a_restart(launch: Launch, data_folder: Path) -> None:
    driver = launch()
    driver.settle()
    sidebar = driver.app.window.sidebar
    driver.key(pygame.K_n, "n")
    driver.type_into(sidebar.truncation.psi.entry, "0.6")
    driver.type_into(sidebar.export.seconds.entry, "1.5")
    driver.click(sidebar.truncation.layers_button)
    sidebar.reveal(sidebar.noise.header)
    driver.frames()
    driver.click(sidebar.noise.header)
    driver.frames()
    sidebar.reveal(sidebar.noise.mode.buttons["none"])
    driver.frames()
    driver.click(sidebar.noise.mode.buttons["none"])
    sidebar.reveal(sidebar.mixing.layers.fold_buttons["Coarse"])
    driver.frames()
    driver.click(sidebar.mixing.layers.fold_buttons["Coarse"])
    sidebar.reveal(sidebar.model.header)
    driver.frames()
    driver.click(sidebar.model.header)
    driver.click(driver.tile(2), pygame.BUTTON_RIGHT)
    driver.post(pygame.VIDEORESIZE, size=(1100, 950), w=1100, h=950)
    driver.settle()
    present, pictures = driver.app.snapshot(), driver.pictures()
    driver.app.close()

    driver = launch(None, size=None, grid=None)
    driver.settle()
    assert driver.app.happenings.model.name == MODEL.name
    assert driver.app.snapshot() == present
    assert driver.app.window.surface.get_size() == (1100, 950)
    assert driver.app.window.sidebar.export.seconds.entry.text == "1.5"
    assert all(np.array_equal(a, b) for a, b in zip(pictures, driver.pictures(), strict=True))
    assert not driver.app.session.can_undo


@pytest.mark.parametrize("model", [MODEL, FIXTURES / "ada_grey_32.pkl"], ids=["same", "other"])
def test_a_model_asked_for_by_name_gets_its_own_controls_back(launch: Launch, data_folder: Path, model: Path) -> None:
    """Those of the last session if that had the same model, also under another path; else they begin at rest."""
    mine = SavedModel(path=Path("elsewhere.pkl"), content_id=load_model(MODEL).info.content_id)
    before = with_psi(new_document(), 0.6)
    write_session(data_folder / "session.json", SavedSession(document=before, model=mine, size=(1100, 950)))
    driver = launch(model, size=None, grid=None)
    driver.pump(lambda: driver.app.session.model, "the model")
    assert driver.app.session.document == (before if model == MODEL else new_document())
    assert driver.app.window.surface.get_size() == (1100, 950)


def test_new_starts_afresh_and_keeps_what_was(launch: Launch, data_folder: Path) -> None:
    write_session(data_folder / "session.json", SavedSession(document=with_psi(new_document(), 0.3)))
    driver = launch(MODEL, new=True)
    driver.settle()
    assert driver.app.session.document.truncation.psi == 1.0
    assert read_session(data_folder / "session-before-new.json").document.truncation.psi == 0.3


def test_a_named_session_is_opened_and_saved_to(launch: Launch, tmp_path: Path, data_folder: Path) -> None:
    path = tmp_path / "mine.json"
    driver = launch(session=path)
    driver.settle()
    driver.type_into(driver.app.window.sidebar.truncation.psi.entry, "0.35")
    saved(driver, path)
    driver.app.close()
    assert read_session(path).document.truncation.psi == 0.35
    assert not (data_folder / "session.json").exists()
    driver = launch(None, session=path)
    driver.settle()
    assert driver.app.session.document.truncation.psi == 0.35


@pytest.mark.parametrize("damage", [{"version": 99}, {"document": {}}], ids=["newer", "damaged"])
def test_a_session_that_cannot_be_restored_is_set_aside_and_told(
    launch: Launch, data_folder: Path, damage: dict[str, object]
) -> None:
    data_folder.mkdir()
    content = json.dumps(SavedSession(document=new_document()).to_dict() | damage)
    (data_folder / "session.json").write_text(content)
    driver = launch()
    assert "not restored" in message(driver)
    assert "session-set-aside.json" in message(driver)
    assert (data_folder / "session-set-aside.json").read_text() == content
    driver.settle()
    driver.key(pygame.K_n, "n")
    saved(driver, data_folder / "session.json")


def test_a_named_session_that_cannot_be_understood_is_an_error(tmp_path: Path, data_folder: Path) -> None:
    from click.testing import CliRunner

    from explorer.cli import main

    path = tmp_path / "mine.json"
    path.write_text("{}")
    outcome = CliRunner().invoke(main, ["--session", str(path)])
    assert outcome.exit_code == 1
    assert "mine.json" in outcome.output
    assert path.read_text() == "{}"
    outcome = CliRunner().invoke(main, ["--session", str(path), "--new"])
    assert outcome.exit_code == 2
    assert "--new would replace" in outcome.output


def test_a_remembered_model_that_is_gone_is_told(
    launch: Launch, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("explorer.app.opening.bundled_model", lambda: MODEL)
    values = SavedSession(document=with_psi(new_document(), 0.5)).to_dict()
    values["model"] = {"path": "gone.pkl", "content_id": "abc"}
    data_folder.mkdir()
    (data_folder / "session.json").write_text(json.dumps(values))
    driver = launch(None, grid=None)
    assert "gone.pkl is not there any more" in message(driver)
    driver.settle()
    assert driver.app.happenings.model.name == MODEL.name
    assert driver.app.session.document.truncation.psi == 0.5


def test_an_unwritable_place_is_told_once(launch: Launch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    driver = launch(session=tmp_path / "file" / "mine.json")
    driver.pump(lambda: "could not be saved" in message(driver), "the message")
    driver.key(pygame.K_ESCAPE)
    driver.key(pygame.K_n, "n")
    end = time.monotonic() + 1.0
    driver.pump(lambda: time.monotonic() > end)
    assert message(driver) == ""


def test_a_screenshot_neither_restores_nor_saves(tmp_path: Path, data_folder: Path) -> None:
    from explorer.app.keeping import SessionKeeper
    from explorer.app.options import AppOptions

    before = SavedSession(document=with_psi(new_document(), 0.5))
    write_session(data_folder / "session.json", before)
    errands = Errands()
    for session, restored in ((None, None), (data_folder / "session.json", before)):
        options = AppOptions(screenshot=tmp_path / "window.png", session=session)
        keeper = SessionKeeper(options, errands, pytest.fail)
        assert keeper.saved == restored
        for psi in (0.1, 0.2):
            keeper.observe(SavedSession(document=with_psi(new_document(), psi)))
        keeper.close(before)
    errands.close()
    assert read_session(data_folder / "session.json") == before


def test_a_kill_loses_nothing_older_than_a_second(data_folder: Path) -> None:
    program = (
        "import time\n"
        "from tests.explorer.app.driver import *\n"
        "App.start = lambda self: None  # the session does not wait for a model\n"
        f"driver = Driver(AppOptions(model=Path({str(MODEL)!r}), device='cpu'))\n"
        "driver.frames()\n"
        "driver.type_into(driver.app.window.sidebar.seeds.first, '77')\n"
        "while True:\n"
        "    driver.key(pygame.K_RIGHT)\n"
        "    print(driver.app.session.document.pad[0], time.time(), flush=True)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    made: list[tuple[float, float]] = []
    turn = 0.0  # a slow machine's longest turn
    while not made or made[-1][1] - made[0][1] < 2.0 + 3 * turn:
        line = process.stdout.readline()
        assert line, "the application ended by itself"
        if line[0].isdigit():
            step, at = line.split()
            turn = max(turn, float(at) - made[-1][1]) if made else 0.0
            made.append((float(step), float(at)))
    process.kill()
    killed_at = time.time()
    process.wait()
    document = read_session(data_folder / "session.json").document
    assert document.seed_of(0) >= 77
    old = [step for step, at in made if killed_at - at > 1.0 + 2 * turn]
    assert old
    assert document.pad[0] >= old[-1]
    assert list(data_folder.glob("*.partial")) in ([], list(data_folder.glob(".session.json.*.partial")))


def test_errands_tell_of_success_of_failure_and_of_bugs(data_folder: Path) -> None:
    errands, told = Errands(), []
    for work in (lambda: 7, lambda: int("x")):
        errands.run(Errand(task="count", work=work, then=told.append, failed=told.append))
    while errands.busy:
        errands.collect()
    errands.close()
    assert told[0] == 7
    assert "not possible to count" in told[1]
    assert (data_folder / "errors.log").exists()


def test_recent_sessions_are_offered_and_opened(launch: Launch, tmp_path: Path, data_folder: Path) -> None:
    mine = SavedModel(path=MODEL, content_id=load_model(MODEL).info.content_id)
    for name, psi in (("first.json", 0.3), ("second.json", 0.6)):
        write_session(tmp_path / name, SavedSession(document=with_psi(new_document(), psi), model=mine))
    driver = launch()
    driver.settle()
    for name in ("first.json", "second.json"):
        driver.post(pygame.DROPFILE, file=str(tmp_path / name))
        driver.pump(lambda: not driver.app.errands.busy, "the session")
        driver.frames()
    driver.pump(lambda: (data_folder / "settings.json").exists() and not driver.app.errands.running, "the list")
    driver.app.close()
    driver = launch(size=(1000, 1400))
    driver.settle()
    panel = driver.app.window.sidebar.share
    driver.click(panel.header)
    driver.frames()
    driver.click(panel.recent_button)
    driver.frames()
    assert [path.name for path in panel.recent_buttons] == ["second.json", "first.json"]
    driver.click(panel.recent_buttons[tmp_path / "first.json"])
    driver.pump(lambda: driver.app.session.document.truncation.psi == 0.3, "the session")
    driver.frames()
    assert [path.name for path in panel.recent_buttons] == ["first.json", "second.json"]


def test_a_new_session_shows_every_class_and_one_that_is_restored_keeps_its_class(
    launch: Launch, data_folder: Path
) -> None:
    driver = launch(FIXTURES / "ada_cond_64.pkl", grid=(1, 3))
    driver.settle()
    session = driver.app.session
    assert len({session.look_of(tile).class_weights for tile in range(3)}) == 3
    assert not session.can_undo
    driver.click(driver.app.window.sidebar.classes.header)
    driver.frames()
    driver.type_into(driver.app.window.sidebar.classes.index, "1")
    saved(driver, data_folder / "session.json")
    driver.app.close()
    again = launch(FIXTURES / "ada_cond_64.pkl")
    again.settle()
    assert again.app.session.document.class_weights == (0.0, 1.0, 0.0)
    assert again.app.session.document.class_by_seed == 0
