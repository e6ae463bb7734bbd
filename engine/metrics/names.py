"""The names of metrics, such as kid_lite0: what is measured, and the network that looks. Imports no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from engine.errors import ConfigError

NETWORK_NAMES: Final = ("lite0", "squeezenet", "alexnet", "vgg16")
KINDS: Final = {
    "fd": "Fréchet distance: lower is better",
    "kid": "kernel distance: 0 is like real",
    "precision": "samples that look like the data, share",
    "recall": "data that the samples cover, share",
    "nearest": "gap to training data: 0 copy, 1 usual",
    "ppl": "path length in W: lower is smoother",
}
"""what is measured, and how to read it"""
PERCEPTUAL: Final = {"lpips_alexnet": "alexnet", "lpips_vgg16": "vgg16"}
"""distances for ppl beside those in the features of the networks"""
INCEPTION: Final = "inception"
FID: Final = "fid"
DEFAULT_METRICS: Final = "fd_lite0,kid_lite0,kid_squeezenet,precision_lite0,recall_lite0,nearest_lite0"


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricName:
    """One metric."""

    kind: str
    """a key of KINDS"""
    network: str
    """one of NETWORK_NAMES; with ppl also a key of PERCEPTUAL; "inception" only for the real FID"""

    def __str__(self) -> str:
        return FID if self.network == INCEPTION else f"{self.kind}_{self.network}"


def parse_metrics(text: str) -> tuple[MetricName, ...]:
    """Names separated by commas, each once. Raises ConfigError for an unknown one."""
    names = [_parse(part.strip()) for part in text.split(",") if part.strip()]
    if not names:
        raise ConfigError(f"no metric is named: try {DEFAULT_METRICS}")
    return tuple(dict.fromkeys(names))


def _parse(text: str) -> MetricName:
    if text == FID:
        return MetricName(kind="fd", network=INCEPTION)
    kind, _, network = text.partition("_")
    known = network in NETWORK_NAMES or (kind == "ppl" and network in PERCEPTUAL)
    if kind not in KINDS or not known:
        raise ConfigError(
            f"there is no metric {text!r}: a name is one of {', '.join(KINDS)}, an underscore, and one of "
            f"{', '.join(NETWORK_NAMES)}, such as kid_lite0; also ppl_lpips_vgg16, ppl_lpips_alexnet, and fid with "
            "--inception"
        )
    return MetricName(kind=kind, network=network)
