"""Why a file is refused. Each kind of refusal brings the advice that goes with it, so that no message lacks it."""

from __future__ import annotations

from engine.errors import ModelFileError, UnsafeFileError


class DamagedFileError(ModelFileError):
    """What was read makes no sense."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what}. The file is damaged or incomplete: copy or download it again")


class OversizedFileError(ModelFileError):
    """What was read claims more than a model could need, or more than the file holds."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what}. The file is damaged, or made to exhaust memory or time: get the model from its author again"
        )


class HostileFileError(UnsafeFileError):
    """The file asks for what only a program would need."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what}, which no StyleGAN model does. Nothing was executed. Do not open this file with other programs; "
            "get the model from its author again, or as .safetensors"
        )


class WholeModuleError(UnsafeFileError):
    """A PyTorch module with its class, which only its author's program has."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"it asks for {name!r}: it is a PyTorch module that was pickled whole, so that opening it runs its "
            "author's program. Nothing was executed. Get the weights from its author (torch.save of the network's "
            "state_dict), or a network snapshot (.pkl), or .safetensors"
        )


class UnsupportedModelError(ModelFileError):
    """A model of a kind, or with an option, that is not known here."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what}, which cannot be opened yet. Choose a StyleGAN2 network of stylegan2-ada-pytorch, stylegan2-ada, "
            "stylegan2, a network of stylegan3, of rosinality's stylegan2-pytorch, or of this program"
        )
