"""The input transform in the document: only for models that have one."""

from dataclasses import replace

from engine.inference.input_transform import InputTransform
from explorer.session.document import Document, looks_of, new_document
from explorer.session.edits import fitted_to, with_transform
from tests.explorer.session.test_document import info

TURNED = InputTransform(x=0.25, rotate=30)


def test_all_tiles_turn_together() -> None:
    document = with_transform(new_document(), TURNED)
    assert {look.transform for look in looks_of(document)} == {TURNED}
    assert Document.from_dict(document.to_dict()) == document


def test_another_model_keeps_it_only_if_it_can_turn() -> None:
    document = with_transform(new_document(), TURNED)
    assert fitted_to(document, info()).transform.at_rest
    assert fitted_to(document, replace(info(), has_input_transform=True)).transform == TURNED


def test_a_session_of_before_there_were_transforms_is_at_rest() -> None:
    values = new_document().to_dict()
    assert "transform" not in values["controls"]
    assert Document.from_dict(values).transform.at_rest
