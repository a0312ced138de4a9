"""Pictures as cells: polarity, thresholds, colours, transparency, folders, and what is refused."""

import numpy as np
import pytest
from PIL import Image
from reference.asymmetric_cells import asymmetric_cells

import metafast as mf
from metafast.database import read_cells

CELLS = asymmetric_cells(12)
BLACK = np.where(CELLS, 0, 255).astype(np.uint8)  # greys of black solid


def folder_of(path, greys, name="cell_{}.png"):
    path.mkdir()
    for k, grey in enumerate(greys):
        Image.fromarray(grey).save(path / name.format(k))
    return path


def test_a_folder_is_read_in_the_order_of_its_numbers(tmp_path):
    folder = folder_of(tmp_path / "png", BLACK)
    (folder / "notes.csv").write_text("ignored")
    (folder / ".hidden.png").write_text("ignored")
    read = read_cells(folder)
    np.testing.assert_array_equal(read.cells, CELLS)
    assert read.names == tuple(f"cell_{k}.png" for k in range(12)), "cell_10 after cell_9"
    np.testing.assert_array_equal(read_cells(folder, solid="white").cells, 1 - CELLS)
    for k, name in enumerate(("b_2", "a_10", "a_9", "B_1")):
        Image.fromarray(BLACK[k]).save(tmp_path / f"{name}.png")
    mixed = tmp_path / "mixed"
    mixed.mkdir()
    for path in tmp_path.glob("*.png"):
        path.rename(mixed / path.name)
    assert read_cells(mixed).names == ("a_9.png", "a_10.png", "B_1.png", "b_2.png")


@pytest.mark.parametrize("kind", ["png", "bmp", "gif", "tif", "jpg", "webp", "pgm", "pbm"])
def test_bitmaps_of_every_kind(tmp_path, kind):
    path = tmp_path / f"cell.{kind}"
    lossless = {"lossless": True} if kind == "webp" else {"quality": 100} if kind == "jpg" else {}
    picture = Image.fromarray(BLACK[0])
    (picture.convert("1") if kind == "pbm" else picture).save(path, **lossless)
    threshold = 128 if kind == "jpg" else None  # its edges are blurred
    np.testing.assert_array_equal(read_cells(path, threshold=threshold).cells, CELLS[:1])


def test_colours_transparency_depth_and_frames(tmp_path):
    path, dark = tmp_path / "cell.png", CELLS[0] == 1
    colours = np.where(dark[:, :, None], (20, 40, 90), (250, 240, 200)).astype(np.uint8)
    Image.fromarray(colours).save(path)
    np.testing.assert_array_equal(read_cells(path).cells, CELLS[:1])
    clear = np.zeros((10, 10, 4), np.uint8)
    clear[:, :, 3] = np.where(dark, 255, 0)  # black ink on nothing
    Image.fromarray(clear).save(path)
    np.testing.assert_array_equal(read_cells(path).cells, CELLS[:1])
    Image.fromarray(np.where(dark, 5, 65000).astype(np.uint16)).save(path)
    np.testing.assert_array_equal(read_cells(path).cells, CELLS[:1])
    Image.fromarray(BLACK[0]).convert("P").save(path)
    np.testing.assert_array_equal(read_cells(path).cells, CELLS[:1])
    frames = [Image.fromarray(grey) for grey in BLACK[:3]]
    frames[0].save(tmp_path / "stack.tif", save_all=True, append_images=frames[1:])
    np.testing.assert_array_equal(read_cells(tmp_path / "stack.tif").cells, CELLS[:3])


def test_greys_between_dark_and_light_need_a_threshold(tmp_path):
    path = tmp_path / "cell.png"
    for dark, light, clear in ((85, 170, True), (86, 255, False), (0, 169, False)):
        Image.fromarray(np.where(CELLS[0], dark, light).astype(np.uint8)).save(path)
        if clear:
            np.testing.assert_array_equal(read_cells(path).cells, CELLS[:1])
            continue
        with pytest.raises(ValueError, match=r"has grey \d+ of 255 at .*\(--threshold 128\)"):
            read_cells(path)
        np.testing.assert_array_equal(read_cells(path, threshold=128).cells, CELLS[:1])
    Image.fromarray(1 - CELLS[0]).save(path)
    with pytest.raises(ValueError, match="greys 0 and 1 of 255, which are both black"):
        read_cells(path)
    np.testing.assert_array_equal(read_cells(path, threshold=0).cells, CELLS[:1])


@pytest.mark.parametrize("colours", [((0, 0, 0), (255, 0, 0)), ((255, 255, 0), (255, 255, 255))])
def test_two_colours_of_one_brightness_are_no_block(tmp_path, colours):
    path = tmp_path / "cell.png"
    picture = np.where(CELLS[0][:, :, None] == 1, *colours).astype(np.uint8)
    Image.fromarray(picture).save(path)
    with pytest.raises(ValueError, match="one block: give threshold=") as refused:
        read_cells(path)
    threshold = int(str(refused.value).split("--threshold ")[1].split(")")[0])
    np.testing.assert_array_equal(read_cells(path, threshold=threshold).cells, CELLS[:1])


def test_folders_that_are_no_cells_are_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match=r"holds no \.txt files, pictures or outlines"):
        read_cells(tmp_path / "empty")
    folder = folder_of(tmp_path / "png", BLACK[:3])
    Image.fromarray(BLACK[0][:, :9]).save(folder / "cell_1.png")
    with pytest.raises(ValueError, match=r"cell_1.png' holds a picture of shape \(10, 9\), but "):
        read_cells(folder)
    (folder / "cell_1.png").write_bytes(b"\x89PNG no")
    with pytest.raises(ValueError, match=r"cell_1.png' cannot be read as a picture .*save it"):
        read_cells(folder)
    (folder / "cell_1.png").unlink()
    (folder / "cell_1.txt").write_text("1 0\n0 1\n")
    with pytest.raises(
        ValueError, match=r"2 pictures and 1 \.txt files; keep the cells in a folder"
    ):
        read_cells(folder)
    with pytest.raises(ValueError, match="which has no variables"):
        read_cells(folder, variable="cells")
    whole = (tmp_path / "png" / "cell_0.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match="cannot be read as a picture"):
        read_cells(tmp_path / "cut.png")


def test_one_text_file(tmp_path):
    (tmp_path / "cell.txt").write_text("\n".join("".join(map(str, row)) for row in CELLS[0]))
    np.testing.assert_array_equal(read_cells(tmp_path / "cell.txt").cells, CELLS[:1])
    (tmp_path / "cell.txt").write_text("")
    with pytest.raises(ValueError, match="it is empty"):
        read_cells(tmp_path / "cell.txt")


@pytest.mark.parametrize("kind", ["npy", "h5", ""])
def test_cells_that_are_saved_come_back(tmp_path, kind):
    from metafast.database.cell_files import save_cells

    path = tmp_path / (f"cells.{kind}" if kind else "cells")
    properties = np.tile([0.5, 0.1, 0.4, 0.1], (12, 1))
    save_cells(path, CELLS, properties, mf.Phases(), "a test")
    read = read_cells(path)
    np.testing.assert_array_equal(read.cells, CELLS)
    if kind == "h5":
        np.testing.assert_array_equal(read.labels, properties)
    if not kind:
        with pytest.raises(ValueError, match="is not an empty folder"):
            save_cells(path, CELLS, properties, mf.Phases(), "a test")
    with pytest.raises(ValueError, match=r"ends in '\.xyz'"):
        save_cells(tmp_path / "a.xyz", CELLS, properties, mf.Phases(), "a test")
