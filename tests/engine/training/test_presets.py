"""The named configurations have the field's numbers."""

import pytest

from engine.cli.train import CONFIGURATIONS
from engine.errors import ConfigError
from engine.training.config import DataConfig, ScheduleConfig, TrainConfig
from engine.training.presets import PRESETS, Overrides, train_config, usual_configuration


def config_of(name, resolution, device="cuda", **overrides) -> TrainConfig:
    return train_config(
        name,
        DataConfig(folder="pictures", resolution=resolution),
        Overrides(**overrides),
        device=device,
        schedule=ScheduleConfig(kimg=1.0),
        seed=0,
        precision="auto",
    )


@pytest.mark.parametrize(
    ("resolution", "batch", "gamma", "ema_kimg"),
    [
        (64, 32, 0.0256, 10),
        (128, 32, 0.1024, 10),
        (256, 16, 0.8192, 5),
        (512, 8, 6.5536, 2.5),
        (1024, 4, 52.4288, 1.25),
    ],
)
def test_auto_on_one_device(resolution, batch, gamma, ema_kimg):
    config = config_of("auto", resolution)
    assert config.batch == batch
    assert config.loss.gamma == pytest.approx(gamma)
    assert config.ema.ema_kimg == pytest.approx(ema_kimg)
    assert config.ema.rampup == 0.05
    assert config.generator.channel_base == (32768 if resolution >= 512 else 16384)
    assert config.loss.learning_rate == (0.002 if resolution >= 1024 else 0.0025)
    assert config.generator.mapping_layers == 2


def test_the_published_ones():
    paper256 = config_of("paper256", 256)
    assert (paper256.batch, paper256.discriminator.mbstd_group_size, paper256.loss.gamma) == (64, 8, 1)
    assert (paper256.generator.channel_base, paper256.generator.mapping_layers) == (16384, 8)
    assert (paper256.ema.ema_kimg, paper256.ema.rampup) == (20, None)
    stylegan2 = config_of("stylegan2", 1024)
    assert (stylegan2.batch, stylegan2.loss.learning_rate, stylegan2.loss.gamma) == (32, 0.002, 10)
    cifar = config_of("cifar", 32)
    assert cifar.discriminator.architecture == "orig"
    assert cifar.loss.path_length_weight == cifar.loss.style_mixing_probability == 0
    assert cifar.discriminator.mbstd_group_size == 32


def test_a_cpu_gets_a_narrow_auto_and_what_was_asked_for_wins():
    assert config_of("auto", 64, device="cpu").generator.channel_max == 128
    assert config_of("paper256", 256, device="cpu").generator.channel_max == 512
    config = config_of("auto", 64, device="cpu", channel_max=256, batch=8, gamma=3.0, learning_rate=0.001)
    assert config.generator.channel_max == config.discriminator.channel_max == 256
    assert (config.batch, config.loss.gamma, config.loss.learning_rate) == (8, 3.0, 0.001)


def test_the_command_line_knows_them_all():
    assert set(CONFIGURATIONS) == set(PRESETS)
    with pytest.raises(ConfigError, match="paper2048"):
        config_of("paper2048", 64)


@pytest.mark.parametrize("name", PRESETS)
def test_they_survive_json(name):
    config = config_of(name, 64)
    assert TrainConfig.from_dict(config.to_dict()) == config


def test_a_few_pictures_get_features_and_augmentation_from_the_first_step():
    config, auto = config_of("fewshot", 128), config_of("auto", 128)
    assert config.features is not None
    assert not config.features.alone
    assert 0 < config.augmentation.controller.p_initial < config.augmentation.controller.p_max < 1
    assert config.augmentation.controller.kimg < auto.augmentation.controller.kimg
    assert config.loss == auto.loss
    assert config.generator == auto.generator
    assert config.judge.network == "squeezenet"
    assert auto.judge is None
    assert config_of("fewshot", 128, judge="none").judge is None
    assert config_of("fewshot", 128, features="none").features is None
    assert config_of("fewshot", 128, lecam_weight=0.3).loss.lecam_weight == 0.3
    assert (usual_configuration(4999), usual_configuration(5000)) == ("fewshot", "auto")
