"""The page that a run ends with."""

import base64
import io
import json
import re

from PIL import Image

from engine.training.report import Commands, write_report
from engine.training.run_files import read_lines


def test_a_report_of_a_real_run(begin):
    run, state = begin(kimg=0.024, tick_kimg=0.004, snapshot_kimg=0.008)
    run.train(state)
    path = write_report(run.folder.path, Commands(explore="look <here>", go_on="go on & on"))
    page = path.read_text(encoding="utf-8")
    assert "look &lt;here&gt;" in page
    assert "go on &amp; on" in page
    assert "0.0 kimg in" in page
    pictures = re.findall(r"data:image/jpeg;base64,([^']+)'", page)
    assert len(pictures) == 3  # reals, the fakes of kimg 0, and the nearest training pictures
    sizes = [Image.open(io.BytesIO(base64.b64decode(data))).size for data in pictures[:2]]
    assert sizes == [(192, 16), (192, 192)]  # there are twelve real pictures, each shown once
    lines = re.findall(r"<polyline points='([^']+)'", page)
    assert len(lines) >= 10
    for title in ("Augmentation", "Diversity of the samples", "Waiting for pictures", "Nearest training pictures"):
        assert title in page
    assert len(lines[0].split()) == len(read_lines(run.folder.path / "stats.jsonl")) == 6
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")  # self-contained
    assert "<script" not in page


def test_curves_are_where_the_numbers_are(tmp_path):
    rows = [{"cur_nimg": n * 1000, "seconds": 1.0, "loss_G": v} for n, v in ((1, 0.0), (2, 4.0), (4, 2.0))]
    (tmp_path / "stats.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows) + '{"cur_ni')
    page = write_report(tmp_path, Commands(explore="a", go_on="b")).read_text(encoding="utf-8")
    points = [tuple(map(float, p.split(","))) for p in re.search(r"points='([^']+)'", page)[1].split()]
    bottom, top = 226.0, 34.0
    assert [y for _, y in points] == [bottom, top, (bottom + top) / 2]
    assert points[1][0] - 56 == (points[2][0] - 56) / 2


def test_an_empty_folder_has_a_report_too(tmp_path):
    page = write_report(tmp_path, Commands(explore="a", go_on="b")).read_text(encoding="utf-8")
    assert "No statistics yet" in page


def test_the_best_snapshot_is_named(tmp_path):
    rows = [
        {"cur_nimg": n * 1000, "seconds": 1.0, "loss_G": 1.0, "kid_squeezenet": v}
        for n, v in ((1, 0.5), (2, 0.25), (3, 0.3))
    ]
    (tmp_path / "stats.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    page = write_report(tmp_path, Commands(explore="a", go_on="b")).read_text(encoding="utf-8")
    assert "Best snapshot: kid_squeezenet 0.25 at 2.0 kimg, in network-best.safetensors." in page
    assert "KID: 0 is like real" in page
