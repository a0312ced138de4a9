"""The page in Chromium: an arch is drawn with the mouse, designed, and its STL downloaded."""

import json
import shutil
import subprocess
import sys
import time

import numpy as np
import pytest
import trimesh

import metafast as mf

pytest.importorskip("panel", reason="pip install 'metafast[browser-test]'")
pytest.importorskip("selenium", reason="pip install 'metafast[browser-test]'")
pytest.importorskip("torch", reason="pip install torch")

from selenium import webdriver
from selenium.webdriver import ActionChains
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import Select

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
DRIVER = shutil.which("chromedriver")
WAIT = 120  # seconds

pytestmark = pytest.mark.skipif(
    None in (CHROMIUM, DRIVER), reason="apt-get install chromium chromium-driver"
)

# elements below shadow roots too, where bokeh has all of its own
ALL = """
const found = [];
const walk = node => {
  for (const each of node.querySelectorAll('*')) {
    if (each.matches(arguments[0]) && each.checkVisibility()) found.push(each);
    if (each.shadowRoot) walk(each.shadowRoot);
  }
};
walk(document);
return found;
"""
TEXT = """
const texts = [];
const walk = node => {
  for (const each of node.querySelectorAll('*')) {
    if (!each.shadowRoot) continue;
    for (const inner of each.shadowRoot.children) texts.push(inner.innerText || '');
    walk(each.shadowRoot);
  }
};
walk(document);
return texts.join('\\n');
"""
# where a point of the first plot is on the screen
PLACE = """
const model = [...Bokeh.documents[0]._all_models.values()].find(
  each => each.type == 'Figure' && Bokeh.index.find_one(each) != null);
const view = Bokeh.index.find_one(model);
const box = view.canvas_view.el.getBoundingClientRect();
return [box.x + view.frame.x_scale.compute(arguments[0]),
        box.y + view.frame.y_scale.compute(arguments[1])];
"""


class Visitor:
    """A browser on the page."""

    def __init__(self, driver):
        self.driver = driver

    def all(self, css):
        return self.driver.execute_script(ALL, css)

    def wait_for(self, what, seconds=WAIT):
        """The first true value of a function that may fail while the page changes."""
        deadline, failure = time.monotonic() + seconds, None
        while time.monotonic() < deadline:
            try:
                if value := what():
                    return value
            except Exception as error:
                failure = error
            time.sleep(0.2)
        raise AssertionError(f"not there after {seconds} s") from failure

    def named(self, css, text):
        return self.wait_for(lambda: next(e for e in self.all(css) if e.text.strip() == text))

    def click(self, css, text):
        element = self.named(css, text)
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        time.sleep(0.3)
        element.click()

    def field(self, label):
        group = next(e for e in self.all(".bk-input-group") if e.text.split("\n")[0] == label)
        return group.find_element("css selector", "input, select")

    def fill(self, label, value):
        self.wait_for(lambda: self.field(label)).clear()
        self.field(label).send_keys(f"{value}\n")

    def at(self, x, y):
        """Mouse actions that begin at a point of the plot."""
        pixels = [round(each) for each in self.driver.execute_script(PLACE, x, y)]
        actions = ActionChains(self.driver)
        actions.w3c_actions.pointer_action.move_to_location(*pixels)
        return actions

    def drag(self, start, end):
        actions = self.at(*start).click_and_hold()
        for share in (0.5, 1.0):
            x, y = np.array(start) + share * (np.array(end) - start)
            pixels = [round(each) for each in self.driver.execute_script(PLACE, x, y)]
            actions.w3c_actions.pointer_action.move_to_location(*pixels)
        actions.release().perform()

    def shown(self):
        """All text of the page."""
        return self.driver.execute_script(TEXT)

    def has_downloaded(self, path):
        return self.wait_for(lambda: path.is_file() and path.stat().st_size > 0)


@pytest.fixture
def visitor(tmp_path):
    command = [sys.executable, "-m", "metafast", "app", "--no-browser", "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for each in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage"):
        options.add_argument(each)
    options.add_argument("--window-size=1400,1300")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    options.add_experimental_option("prefs", {"download.default_directory": str(tmp_path)})
    driver = None
    try:
        address = server.stdout.readline().split(" ")[0]
        driver = webdriver.Chrome(options=options, service=Service(DRIVER))
        driver.get(address)
        yield Visitor(driver)
    finally:
        if driver is not None:
            driver.quit()
        server.terminate()
        server.communicate(timeout=60)


def test_an_arch_is_drawn_designed_and_downloaded(visitor, tmp_path):
    visitor.fill("rows", 2)
    visitor.fill("columns", 8)
    Select(visitor.field("kinematics")).select_by_visible_text("linear")
    visitor.fill("correction rounds", 0)
    visitor.fill("swap rounds", 1)
    time.sleep(2)
    visitor.drag((4.0, 2.75), (4.0, 3.0))  # the rise is drawn five times as high
    time.sleep(1)
    visitor.at(2.0, 2.6).click().perform()
    time.sleep(1)  # two taps, not one double tap
    visitor.at(6.0, 2.6).click().perform()
    time.sleep(2)

    visitor.click("a, button", "Problem file")
    visitor.click("a", "Save the problem file")
    saved = tmp_path / "problem.toml"
    assert visitor.has_downloaded(saved)
    drawn = mf.read_problem(saved)
    rise = drawn.problem.target[0, [2, 4, 6], 1]
    np.testing.assert_allclose(rise, [0.12, 0.2, 0.12], atol=0.01)
    assert drawn.options == {"kinematics": "linear", "correction_rounds": 0, "swap_rounds": 1}

    visitor.click("button", "Design")
    visitor.named("a", "STL")
    assert "open loop: RRMSE" in visitor.shown()
    assert "closed loop: RRMSE" in visitor.shown()
    visitor.click("a", "STL")
    assert visitor.has_downloaded(tmp_path / "drawing.stl")
    body = trimesh.load(tmp_path / "drawing.stl")
    assert body.is_watertight
    np.testing.assert_allclose(body.extents, [80.0, 20.0, 5.0], atol=0.5)

    visitor.click("button", "upload")
    visitor.wait_for(lambda: "no file came" in visitor.shown())
    visitor.all("input[type=file]")[0].send_keys(str(saved))
    visitor.wait_for(lambda: "no file came" not in visitor.shown())

    visitor.driver.refresh()  # the design outlives the page
    visitor.named("a", "STL")
    visitor.click(".bk-tab", "Latent space")
    visitor.wait_for(lambda: "homogenized in" in visitor.shown())
    visitor.click(".bk-tab", "Database")
    visitor.wait_for(lambda: "Cell 0" in visitor.shown())
    time.sleep(1)
    visitor.at(0.5, 0.5).click().perform()
    visitor.wait_for(lambda: "Cell 0" not in visitor.shown())

    errors = [each for each in visitor.driver.get_log("browser") if each["level"] == "SEVERE"]
    assert not errors
    assert not [each for each in requests(visitor.driver) if "127.0.0.1" not in each]


def requests(driver):
    """Addresses that the browser asked the network for."""
    for entry in driver.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        address = message["params"].get("request", {}).get("url", "")
        if message["method"] == "Network.requestWillBeSent" and address.startswith("http"):
            yield address
