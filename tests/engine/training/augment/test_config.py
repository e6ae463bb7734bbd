"""Which augmentations there are, and that a wrong description is a sentence."""

import dataclasses
import json

import pytest

from engine.errors import ConfigError
from engine.training.augment.config import AdaConfig, AugmentConfig, DiffAugmentConfig, operations_of


def test_bgc_is_the_default_and_has_the_operations_of_the_paper():
    blit = ("xflip", "rotate90", "xint")
    geom = ("scale", "rotate", "aniso", "xfrac")
    color = ("brightness", "contrast", "lumaflip", "hue", "saturation")
    assert AugmentConfig() == AugmentConfig.named("bgc")
    assert operations_of("bg") == blit + geom
    assert operations_of("bgc") == blit + geom + color
    assert operations_of("bgcfnc") == blit + geom + color + ("imgfilter", "noise", "cutout")


@pytest.mark.parametrize("config", [AugmentConfig.named("bgcfn"), DiffAugmentConfig(operations=("cutout",))])
def test_a_description_survives_json(config):
    assert type(config).from_dict(json.loads(json.dumps(dataclasses.asdict(config)))) == config


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: AugmentConfig.named("bgx"), "bgcfnc"),
        (lambda: AugmentConfig(operations=("xflip", "yflip")), "yflip"),
        (lambda: AugmentConfig(scale_std=-1.0), "scale_std"),
        (lambda: AugmentConfig(noise_std=float("nan")), "noise_std"),
        (lambda: AugmentConfig.from_dict({"operations": ["xflip"], "shear": 1}), "shear"),
        (lambda: AugmentConfig.from_dict({}), "operations"),
        (lambda: DiffAugmentConfig(operations=("colour",)), "colour"),
        (lambda: DiffAugmentConfig(cutout_size=2.0), "cutout_size"),
        (lambda: AdaConfig(p_max=1.5), "maximum"),
        (lambda: AdaConfig(p_initial=0.5, p_max=0.4), "0.4"),
        (lambda: AdaConfig(kimg=0.0), "kimg"),
        (lambda: AdaConfig(target=2.0), "target"),
        (lambda: AdaConfig(interval=0), "step"),
    ],
)
def test_what_cannot_work_is_refused_in_words(make, words):
    with pytest.raises(ConfigError, match=words):
        make()
