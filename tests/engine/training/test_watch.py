"""What statistics mean for a run: each trouble is told once, healthy runs are left alone."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.metrics.diversity import diversity
from engine.metrics.plain_features import outlines, thumbnails
from engine.training import watch as watch_module
from engine.training.loop import Observers
from engine.training.report import Commands, write_report
from engine.training.run_files import read_lines
from engine.training.start import LoadObservers
from engine.training.watch import QUIET, RULES, Watch

HEALTHY = {
    "loss_G": 3.8, "loss_D": 0.28, "logits_real": 3.1, "logits_fake": -3.6, "ada_p": 0.3, "data_wait": 0.004,
    "diversity_outlines": 0.8, "diversity_squeezenet": 0.85,
}  # fmt: skip
TROUBLES = {
    "almost without error": {"loss_D": 0.01, "logits_real": 6.0, "logits_fake": -6.0},
    "G's loss has grown": {"loss_G": 9.0},
    "in shape they differ 20%": {"diversity_outlines": 0.2},
    "features of squeezenet they differ 30%": {"diversity_squeezenet": 0.3},
    "p has reached 0.95": {"ada_p": 0.95},
    "20% of the time goes into waiting": {"data_wait": 0.2},
}


def lines(count, first=0, **changed):
    """Reports 4 kimg apart, the first one at `first`."""
    return [{"cur_nimg": 4000 * (first + index), **HEALTHY, **changed} for index in range(count)]


def told(watch, given_lines):
    return [sentence for line in given_lines for sentence in watch.look(line)]


@pytest.mark.parametrize("part", TROUBLES)
def test_a_trouble_is_told_once_and_again_when_it_comes_back(part):
    watch = Watch()
    assert told(watch, lines(10)) == []
    assert told(watch, lines(2, 10, **TROUBLES[part])) == []  # it may be nothing
    during = told(watch, lines(30, 12, **TROUBLES[part]))
    assert len(during) == 1
    assert part in during[0]
    assert told(watch, lines(30, 42)) == []
    again = told(watch, lines(5, 72, **TROUBLES[part]))
    assert len(again) == 1


@pytest.mark.parametrize("part", TROUBLES)
def test_a_trouble_that_flickers_is_one(part):
    watch = Watch()
    told(watch, lines(10))
    assert len(told(watch, lines(5, 10, **TROUBLES[part]))) == 1
    for start in range(15, 60, QUIET):
        assert told(watch, lines(1, start)) == []
        assert told(watch, lines(QUIET - 1, start + 1, **TROUBLES[part])) == []


def test_samples_that_are_alike_at_the_beginning_are_no_collapse():
    watch = Watch()
    assert told(watch, lines(5, diversity_outlines=0.05, diversity_squeezenet=0.1)) == []
    assert told(watch, lines(1, 5, diversity_outlines=0.05, diversity_squeezenet=0.1)) == []
    assert told(watch, lines(40, 6)) == []


def test_snapshots_that_get_worse():
    values = [0.5, 0.3, 0.2, 0.21, 0.3, 0.32, 0.35, 0.4, 0.42, 0.45]
    watch, said = Watch(), {}
    for index in range(100):  # a snapshot every ten reports
        line = lines(1, index)[0]
        if index % 10 == 0:
            line["kid_squeezenet"] = values[index // 10]
        for sentence in watch.look(line):
            said[index] = sentence
    assert list(said) == [70]  # the fifth snapshot after the best one, and once only
    assert said[70].startswith("The 5 snapshots since 80 kimg are worse by kid_squeezenet (0.4 against 0.2)")


def test_about_as_good_as_the_best_is_no_trouble():
    watch = Watch()
    noisy = [0.2, 0.21, 0.23, 0.22, 0.24, 0.21, 0.25, 0.23]
    assert told(watch, [{**line, "kid_lite0": kid} for line, kid in zip(lines(8), noisy, strict=True)]) == []


@pytest.mark.parametrize("measured", [
    # loss_G, loss_D, logits_real, logits_fake of runs that were getting better all the time
    [(2.2, 0.78, 1.1, -1.9), (2.4, 0.63, 2.2, -2.4), (3.3, 0.49, 3.1, -3.2), (3.9, 0.27, 3.4, -3.7),
     (4.2, 0.48, 3.3, -4.1), (4.1, 0.36, 3.6, -4.0), (3.9, 0.46, 3.7, -3.8), (3.3, 0.41, 4.9, -3.2)],
    [(4.3, 0.13, 3.4, -4.3), (4.8, 0.10, 4.3, -4.8), (4.1, 0.17, 4.3, -4.0), (4.1, 0.08, 5.0, -4.0),
     (4.4, 0.06, 5.3, -4.3), (4.3, 0.09, 5.3, -4.3), (4.7, 0.06, 5.7, -4.7), (4.3, 0.10, 5.2, -4.3)],
])  # fmt: skip
def test_measured_runs_are_left_alone(measured):
    names = ("loss_G", "loss_D", "logits_real", "logits_fake")
    assert told(Watch(), [
        {"cur_nimg": 1000 * index, **dict(zip(names, values, strict=True))} for index, values in enumerate(measured)
    ]) == []  # fmt: skip


def test_a_measured_run_that_failed_is_told_of():
    measured = [(3.1, 0.52, 5.4), (3.3, 0.33, 6.8), (4.0, 0.27, 7.9), (4.3, 0.30, 7.9), (6.9, 0.112, 11.4),
                (6.1, 0.010, 11.5), (6.5, 0.008, 12.3), (6.0, 0.242, 11.2), (5.9, 0.04, 10.9)]  # fmt: skip
    said = told(Watch(), [
        {"cur_nimg": 1000 * index, "loss_G": g, "loss_D": d, "logits_real": apart, "logits_fake": 0.0}
        for index, (g, d, apart) in enumerate(measured)
    ])  # fmt: skip
    assert [sentence.split(" (")[0] for sentence in said] == [
        "D tells real pictures from generated ones almost without error"
    ]


numbers = st.floats(-20, 20) | st.floats(0, 1)
some_lines = st.lists(
    st.fixed_dictionaries({}, optional=dict.fromkeys((*HEALTHY, "kid_lite0", "loss_D_features"), numbers)), max_size=60
)


@settings(deadline=None)
@given(some_lines, st.integers(0, 60))
def test_going_on_from_any_line_says_what_an_unbroken_run_says(drawn, cut):
    history = [{"cur_nimg": 4000 * index, **line} for index, line in enumerate(drawn)]
    whole = Watch()
    unbroken = [whole.look(line) for line in history]
    resumed = Watch.after(history[:cut])
    assert [resumed.look(line) for line in history[cut:]] == unbroken[cut:]


@settings(deadline=None)
@given(some_lines)
def test_no_trouble_is_told_of_twice_in_a_row_of_reports(drawn):
    """Between two warnings of one kind there are QUIET reports in which the rule does not hold."""
    history = [{"cur_nimg": 4000 * index, **line} for index, line in enumerate(drawn)]
    watch, quiet = Watch(), dict.fromkeys(RULES, QUIET)
    for line in history:
        before = dict(quiet)
        said = watch.look(line)
        for rule in RULES:
            sentence = rule(watch.series)
            quiet[rule] = 0 if sentence else quiet[rule] + 1
            assert (sentence in said) == (sentence is not None and before[rule] >= QUIET)


def test_a_real_run_writes_its_warnings_down_and_the_report_shows_them(begin, monkeypatch):
    """A generator that gives one picture whatever the latent; 20 kimg would take too long here."""
    monkeypatch.setattr(watch_module, "GROWN_NIMG", 0)
    messages = []
    observers = LoadObservers(training=Observers(on_message=messages.append))
    run, state = begin(observers, kimg=0.024, tick_kimg=0.004, snapshot_kimg=0.012)
    with torch.no_grad():
        for G in (state.G, state.G_ema):
            G.mapping.fc1.weight.zero_()
    run.train(state)
    warnings = [message for message in messages if "become alike" in message]
    assert len(warnings) == 1
    written = read_lines(run.folder.path / "warnings.jsonl")
    assert [(line["cur_nimg"], line["sentence"]) for line in written] == [(12, warnings[0])]
    page = write_report(run.folder.path, Commands(explore="a", go_on="b")).read_text(encoding="utf-8")
    assert "<li>0.0 kimg: Warning: The samples have become alike" in page
    before = len(messages)
    resumed_run, resumed = begin(observers, resume=run.folder.path, kimg=0.028)
    resumed_run.train(resumed)
    assert not any("become alike" in message for message in messages[before:])  # it goes on, and was told
    assert len(read_lines(run.folder.path / "warnings.jsonl")) == 1


def test_outlines_see_shapes_and_not_colours():
    """One disc in many colours is one shape; discs of many kinds are many."""
    y, x = torch.meshgrid(torch.arange(32.0), torch.arange(32.0), indexing="ij")
    random = torch.Generator().manual_seed(0)

    def discs(same_shape):
        pictures = []
        for _ in range(30):
            cx, cy, r = (16, 16, 8) if same_shape else (torch.rand(3, generator=random) * 12 + 6).tolist()
            inside = ((x - cx) ** 2 + (y - cy) ** 2 < r**2).float()
            colours = torch.rand(2, 3, 1, 1, generator=random)
            pictures.append(inside * colours[0] + (1 - inside) * colours[1])
        return (torch.stack(pictures) * 255).to(torch.uint8)

    real = discs(same_shape=False)
    assert diversity(outlines(real), outlines(discs(same_shape=False))) == pytest.approx(1, abs=0.1)
    assert diversity(outlines(real), outlines(discs(same_shape=True))) < 0.3
    assert diversity(thumbnails(real), thumbnails(discs(same_shape=True))) > 0.5
    assert outlines(torch.full((2, 3, 8, 8), 7, dtype=torch.uint8)).abs().max() == 0
