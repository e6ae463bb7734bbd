"""What the statistics of a run say of its health, in sentences. Pure: lines of statistics in, warnings out.

A warning is given when its trouble begins, and again only if it was over in between. Knows nothing of files; what has
been said follows from the lines alone, so a run that goes on from a checkpoint does not repeat itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median

Line = Mapping[str, float]
"""One line of stats.jsonl"""
Series = Mapping[str, Sequence[tuple[float, float]]]
"""(cur_nimg, value) by name, oldest first"""

RECENT = 3
"""reports that a trouble must last, so that one odd report is no alarm"""
BEFORE = 30
"""reports before those that tell what was usual"""
QUIET = 5
"""reports without a trouble, after which it would be a new one"""
GROWN_NIMG = 20_000
"""before so many pictures a generator makes the same blurs from every latent, and that is no collapse"""
LOW_DIVERSITY = {"diversity_outlines": 0.35}
LOW_DIVERSITY_OF_FEATURES = 0.45
SNAPSHOTS_WITHOUT_BEST = 5


def d_wins(series: Series) -> str | None:
    """D's logits far apart and its loss near 0: the gradient that reaches G says little."""
    loss, real, fake = (_recent(series, name) for name in ("loss_D", "logits_real", "logits_fake"))
    if not (loss and real and fake) or fmean(loss) >= 0.06 or fmean(real) - fmean(fake) <= 8:
        return None
    return (
        f"D tells real pictures from generated ones almost without error (loss {fmean(loss):.2g}, logits "
        f"{fmean(real) - fmean(fake):.0f} apart), so G learns little from it. Try a higher --gamma or a lower "
        "--learning-rate, --augment ada if it is off, or more pictures"
    )


def g_loses(series: Series) -> str | None:
    """G's loss large, and much larger than it was."""
    recent = _recent(series, "loss_G")
    before = [value for _, value in series.get("loss_G", ())[-BEFORE - RECENT : -RECENT]]
    if not recent or len(before) < QUIET or min(recent) < max(7.0, 1.5 * median(before)):
        return None
    return (
        f"G's loss has grown from {median(before):.2g} to {fmean(recent):.2g}: the training may be about to diverge. "
        "Begin again from the last good snapshot with --transfer, and a lower --learning-rate or a higher --gamma"
    )


def collapse(series: Series) -> str | None:
    """Samples much more alike than training pictures are."""
    for name in _names(series, "diversity_"):
        values = _recent(series, name)
        limit = LOW_DIVERSITY.get(name, LOW_DIVERSITY_OF_FEATURES)
        if values and max(values) < limit and series[name][-RECENT][0] >= GROWN_NIMG:
            seen = "shape" if name == "diversity_outlines" else f"the features of {name.removeprefix('diversity_')}"
            return (
                f"The samples have become alike: in {seen} they differ {values[-1]:.0%} as much as the training "
                "pictures do, which points to a collapse. Begin again from an earlier snapshot with --transfer, and a "
                "higher --gamma, --augment ada or --features beside"
            )
    return None


def too_much_augmentation(series: Series) -> str | None:
    """So much of it that it shows in the samples."""
    p = _recent(series, "ada_p")
    if not p or min(p) <= 0.85:
        return None
    return (
        f"The augmentation's p has reached {p[-1]:.2f}: D knows the training pictures by heart, and augmentations may "
        "show in the samples. More pictures would help, or a model to begin from with --transfer"
    )


def waiting(series: Series) -> str | None:
    """The device waits for pictures."""
    shares = _recent(series, "data_wait")
    if not shares or min(shares) <= 0.05:
        return None
    return (
        f"{fmean(shares):.0%} of the time goes into waiting for pictures, which are decoded more slowly than they are "
        "needed. Make them small once, with: stylegan dataset FOLDER SET.zip --resolution N, and train on that"
    )


def no_longer_better(series: Series) -> str | None:
    """The best snapshot lies far back, and those since are worse."""
    for name in _names(series, "kid_"):
        best_nimg, best = min(series[name], key=lambda point: point[1])
        since = [value for nimg, value in series[name] if nimg > best_nimg]
        if len(since) < SNAPSHOTS_WITHOUT_BEST or median(since[-RECENT:]) <= best + max(0.3 * abs(best), 1e-3):
            continue
        return (
            f"The {len(since)} snapshots since {best_nimg / 1000:.0f} kimg are worse by {name} ({since[-1]:.3g} "
            f"against {best:.3g}). network-best.safetensors holds the best one: this may be the time to stop"
        )
    return None


Rule = Callable[[Series], str | None]
RULES: tuple[Rule, ...] = (d_wins, g_loses, collapse, too_much_augmentation, waiting, no_longer_better)


@dataclass(slots=True)
class Watch:
    """Turns lines of statistics, in their order, into warnings: each once an episode."""

    series: defaultdict[str, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))
    quiet_for: dict[Rule, int] = field(default_factory=dict)
    """for each trouble that was told of and is not over: reports since it was last there"""

    @staticmethod
    def after(lines: Iterable[Line]) -> Watch:
        """As it is when these lines have been seen, and their warnings given."""
        watch = Watch()
        for line in lines:
            watch.look(line)
        return watch

    def look(self, line: Line) -> list[str]:
        """The sentences to say now."""
        for name, value in line.items():
            self.series[name].append((line["cur_nimg"], value))
        found = {rule: rule(self.series) for rule in RULES}
        new = [sentence for rule, sentence in found.items() if sentence is not None and rule not in self.quiet_for]
        for rule, sentence in found.items():
            if sentence is not None:
                self.quiet_for[rule] = 0
            elif rule in self.quiet_for:
                self.quiet_for[rule] += 1
        self.quiet_for = {rule: count for rule, count in self.quiet_for.items() if count < QUIET}
        return new


def _recent(series: Series, name: str) -> list[float]:
    """The last values, if there are enough; else none."""
    values = [value for _, value in series.get(name, ())[-RECENT:]]
    return values if len(values) == RECENT else []


def _names(series: Series, prefix: str) -> list[str]:
    return sorted(name for name in series if name.startswith(prefix))
