import numpy as np
import pytest

from engine.data.contact_sheet import contact_sheet


@pytest.mark.parametrize(("channels", "mode", "empty"), [(1, "L", 255), (3, "RGB", 255), (4, "RGBA", 0)])
def test_pictures_lie_row_by_row(channels: int, mode: str, empty: int) -> None:
    pixels = np.random.RandomState(0).randint(1, 255, (5, channels, 4, 6)).astype(np.uint8)
    sheet = contact_sheet(pixels, columns=3)
    assert sheet.mode == mode
    assert sheet.size == (18, 8)
    levels = np.asarray(sheet).reshape(8, 18, channels)
    for index in range(5):
        row, column = divmod(index, 3)
        place = levels[4 * row : 4 * row + 4, 6 * column : 6 * column + 6]
        assert np.array_equal(place.transpose(2, 0, 1), pixels[index])
    assert (levels[4:, 12:] == empty).all()


def test_one_picture_is_its_own_sheet() -> None:
    pixels = np.random.RandomState(0).randint(0, 256, (1, 3, 5, 5)).astype(np.uint8)
    assert np.array_equal(np.asarray(contact_sheet(pixels, columns=1)), pixels[0].transpose(1, 2, 0))


@pytest.mark.parametrize(("count", "columns"), [(0, 3), (3, 0)])
def test_a_sheet_of_nothing(count: int, columns: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        contact_sheet(np.zeros((count, 3, 4, 4), dtype=np.uint8), columns)
