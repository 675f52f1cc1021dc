"""Opens the reports of a small run of each study, and the live page of a run in training, in headless Chromium.

Usage: browser_test.py CAYLEY_LAB

Exits with 77 where Chromium, its driver, Selenium or plotly.js is missing."""

import json
import pathlib
import re
import signal
import struct
import subprocess
import sys
import tempfile
import time

DRIVER = pathlib.Path("/usr/bin/chromedriver")
PLOTLY = pathlib.Path("/usr/share/python3-plotly/plotly.js")
try:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service
except ImportError:
    print("skipped: no selenium for this Python (Debian: python3-selenium)")
    sys.exit(77)
for file, package in ((DRIVER, "chromium-driver"), (PLOTLY, "python3-plotly")):
    if not file.exists():
        print(f"skipped: no {file} (Debian: {package})")
        sys.exit(77)

LAB = sys.argv[1]
WIDTHS = {1280: 900, 390: 844}  # and heights, in pixels
TRANSFORMER = {"model": "Transformer", "seed": 1, "lr": 1e-3, "weight_decay": 0.1, "checkpoint_points": 6}
STUDIES = {
    "group": {
        "group": "AlternatingGroup", "group_parameter": 4, "model": "OneLayerMLP", "seed": 1, "frac_train": 0.7,
        "layers": {"embed_dim": 16, "hidden_dim": 24}, "num_epochs": 2000, "checkpoint_points": 6,
    },
    "modular_addition": TRANSFORMER | {
        "task": "add", "group": "CyclicGroup", "group_parameter": 11, "frac_train": 0.7, "num_epochs": 600,
        "transformer": {"d_model": 32, "n_heads": 2, "d_head": 16, "d_mlp": 64, "equals_logit": True,
                        "init": "modular_addition"},
    },
    "max_of_n": TRANSFORMER | {
        "task": "max_of_n", "sequences": {"n": 2, "vocabulary": 12}, "num_epochs": 200, "batch_size": 64,
        "transformer": {"d_model": 16, "n_heads": 1, "d_head": 16, "attn_only": True},
    },
    "digit_addition": TRANSFORMER | {
        "task": "digit_addition", "sequences": {"digits": 2}, "num_epochs": 200, "batch_size": 64,
        "transformer": {"d_model": 32, "n_heads": 2, "d_head": 16, "d_mlp": 64, "init": "sequences"},
    },
    "skip_trigram": TRANSFORMER | {
        "task": "skip_trigram", "sequences": {"keys": 5, "noise_length": 8}, "num_epochs": 200, "batch_size": 64,
        "transformer": {"d_model": 16, "n_heads": 1, "d_head": 8, "attn_only": True, "init": "sequences"},
    },
    "induction": TRANSFORMER | {
        "task": "induction", "sequences": {"length": 21, "copied": 5, "copies": 3, "vocabulary": 12},
        "num_epochs": 200, "batch_size": 64,
        "transformer": {"n_layers": 2, "d_model": 16, "n_heads": 2, "d_head": 8, "attn_only": True,
                        "init": "sequences"},
    },
}

# What is wrong with the figures of a page: each must be drawn, with numbers in every trace.
WRONG_FIGURES = """
const wrong = [];
for (const element of document.querySelectorAll('.figure')) {
  if (element.hidden) continue;
  const name = element.getAttribute('aria-label');
  if (!element.querySelector('.main-svg')) { wrong.push(name + ': not drawn'); continue; }
  if (!element.data || element.data.length === 0) { wrong.push(name + ': no traces'); continue; }
  for (const trace of element.data) {
    const values = trace.type === 'heatmap' ? trace.z : trace.type === 'histogram' ? trace.x : trace.y;
    const rows = Array.from(values || []).flatMap(v => v !== null && v.length !== undefined ? Array.from(v) : [v]);
    if (!rows.some(v => Number.isFinite(v))) wrong.push(name + ': trace ' + (trace.name || trace.type) + ' is empty');
  }
}
return wrong;"""

# What cannot be read at this width: a page wider than the window, text that is small or leaves the window.
UNREADABLE = """
const wrong = [];
if (document.documentElement.scrollWidth > innerWidth) {
  wrong.push('the page is ' + document.documentElement.scrollWidth + ' wide in a window of ' + innerWidth);
}
for (const element of document.querySelectorAll('h1, h2, p, td, th')) {
  if (!element.textContent.trim()) continue;
  const size = parseFloat(getComputedStyle(element).fontSize);
  if (size < 12) wrong.push(element.textContent + ': ' + size + ' px');
  const box = element.getBoundingClientRect();
  if (!element.closest('.table') && box.right > innerWidth + 1) wrong.push(element.textContent + ': cut off');
}
for (const text of document.querySelectorAll('.figure .xtitle, .figure .ytitle, .figure .legendtext')) {
  const box = text.getBoundingClientRect();
  if (parseFloat(getComputedStyle(text).fontSize) < 9) wrong.push(text.textContent + ': small');
  if (box.left < -1 || box.right > innerWidth + 1) wrong.push(text.textContent + ': leaves the window');
}
return wrong;"""

# Moves every slider to its last stop, and tells which figures do not change.
MOVE_SLIDERS = """
const done = arguments[0];
(async () => {
  const stuck = [];
  let moved = 0;
  for (const element of document.querySelectorAll('.figure')) {
    const slider = ((element.layout || {}).sliders || [])[0];
    if (!slider) continue;
    const shown = () => JSON.stringify(element.data.map(t => [t.x, t.y, t.z].map(a => a && Array.from(a, v =>
      v !== null && v.length !== undefined ? Array.from(v) : v))));
    const before = shown(), step = slider.steps[slider.steps.length - 1];
    if (slider.steps.length < 2) continue;
    await Plotly.animate(element, ...step.args);
    moved += 1;
    if (shown() === before) stuck.push(element.getAttribute('aria-label'));
  }
  done([moved, stuck]);
})().catch(error => done([0, [String(error)]]));"""


def lab(*arguments):
    result = subprocess.run([LAB, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert result.returncode == 0, result.stdout
    return result.stdout


def within(seconds, holds):
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


def browser():
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--no-proxy-server"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(service=Service(str(DRIVER)), options=options)
    driver.set_script_timeout(120)
    return driver


def check_console(driver, what):
    entries = [entry for entry in driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]
    assert not entries, (what, entries)


def check_page(driver, what):
    assert driver.execute_script(UNREADABLE) == [], (what, driver.execute_script(UNREADABLE))
    assert driver.execute_script(WRONG_FIGURES) == [], (what, driver.execute_script(WRONG_FIGURES))


def check_report(driver, folder, name):
    (folder / f"{name}.json").write_text(json.dumps(STUDIES[name]))
    lab("train", folder / f"{name}.json", "--out", folder / name)
    lab("report", folder / name)
    driver.execute_cdp_cmd("Network.enable", {})
    offline = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
    driver.execute_cdp_cmd("Network.emulateNetworkConditions", offline)
    for width, height in WIDTHS.items():
        what = f"{name}, {width} pixels"
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                               {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})
        driver.get((folder / name / "report.html").as_uri())
        driver.execute_async_script("cayley.drawAll().then(arguments[0], arguments[0])")
        check_page(driver, what)
        figures = driver.execute_script("return document.querySelectorAll('.figure').length")
        assert figures >= 3, (what, figures)
        moved, stuck = driver.execute_async_script(MOVE_SLIDERS)
        assert not stuck, (what, stuck)
        check_console(driver, what)
        print(f"{what}: {figures} figures, {moved} sliders")
    driver.execute_cdp_cmd("Network.emulateNetworkConditions", offline | {"offline": False, "downloadThroughput": -1,
                                                                        "uploadThroughput": -1})


def check_pictures(folder, name):
    lab("report", folder / name, "--figures-dir", folder / "pictures")
    stems = {file.stem for file in (folder / "pictures").glob("*.json")}
    assert len(stems) >= 3, stems
    for stem in stems:
        png = (folder / "pictures" / f"{stem}.png").read_bytes()
        pdf = (folder / "pictures" / f"{stem}.pdf").read_bytes()
        figure = json.loads((folder / "pictures" / f"{stem}.json").read_text())
        height = figure["layout"]["height"] - (90 if "frames" in figure else 0)
        assert png[:4] == b"\x89PNG" and struct.unpack(">2I", png[16:24]) == (960, height), (stem, png[:32], height)
        # In print 96 pixels are 72 points.
        boxes = [[float(n) for n in box.split()] for box in re.findall(rb"/MediaBox\s*\[([^\]]*)\]", pdf)]
        assert len(boxes) == 1 and abs(boxes[0][2] - 720) < 1 and abs(boxes[0][3] - 0.75 * height) < 1, (stem, boxes)
    print(f"{name}: {len(stems)} figures as JSON, PNG and PDF")


def last_epoch(driver, section):
    return driver.execute_script("""
      const element = document.querySelector('#' + arguments[0] + ' .figure');
      return element && element.dataset.drawn ? Math.max(...element.data.map(t => t.x[t.x.length - 1])) : -1;""",
                                 section)


def check_live(driver, folder):
    config = STUDIES["group"] | {"num_epochs": 10**8, "log_every": 500, "checkpoint_every": 5000}
    (folder / "live.json").write_text(json.dumps(config))
    run = folder / "live"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    trainer = subprocess.Popen([LAB, "train", folder / "live.json", "--out", run, "--threads", "1", "--state-seconds",
                                "0.5"], **quiet)
    watch = None
    try:
        assert within(20, lambda: (run / "cfg.json").exists())
        watch = subprocess.Popen([LAB, "watch", run, "--port", "0"], stdout=subprocess.PIPE, text=True)
        address = re.search(r"http://127\.0\.0\.1:\d+/", watch.stdout.readline()).group()
        for width, height in reversed(WIDTHS.items()):
            driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                   {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})
            driver.get(address)
            for section in ("losses", "accuracies", "similarities", "spectrum"):
                assert within(10, lambda: last_epoch(driver, section) >= 0), (width, section)
            check_page(driver, f"live, {width} pixels")
        for section in ("losses", "similarities"):
            seen = last_epoch(driver, section)
            assert within(5 if section == "losses" else 20, lambda: last_epoch(driver, section) > seen), section
        trainer.send_signal(signal.SIGKILL)
        trainer.wait()
        time.sleep(2)
        killed = last_epoch(driver, "losses")
        trainer = subprocess.Popen([LAB, "resume", run, "--threads", "1"], **quiet)
        assert within(20, lambda: last_epoch(driver, "losses") > killed), "after a resume"
        check_page(driver, "live, after a resume")
        check_console(driver, "live")
        watch.send_signal(signal.SIGINT)
        assert watch.wait(10) == 0
        told = "return document.querySelector('.summary').textContent"
        assert within(5, lambda: "does not answer" in driver.execute_script(told)), "without a server"
        print(f"live: followed to epoch {last_epoch(driver, 'losses'):.0f}")
    finally:
        for process in (trainer, watch):
            if process and process.poll() is None:
                process.kill()


with tempfile.TemporaryDirectory() as name:
    folder, driver = pathlib.Path(name), browser()
    try:
        for study in STUDIES:
            check_report(driver, folder, study)
        check_pictures(folder, "induction")
        check_live(driver, folder)
    finally:
        driver.quit()
