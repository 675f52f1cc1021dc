"""Every figure that `cayley-lab report --figures-dir` writes opens in Plotly for Python, with data.

Usage: read_figures_test.py CAYLEY_LAB"""

import json
import pathlib
import subprocess
import sys
import tempfile

try:
    import plotly.io
except ImportError:
    print("skipped: no plotly for this Python (Debian: python3-plotly)")
    sys.exit(77)

CONFIG = {
    "group": "CyclicGroup",
    "group_parameter": 7,
    "model": "OneLayerMLP",
    "layers": {"embed_dim": 8, "hidden_dim": 12},
    "frac_train": 0.8,
    "num_epochs": 200,
    "seed": 1,
    "checkpoint_points": 5,
}

with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    (folder / "cfg.json").write_text(json.dumps(CONFIG))
    lab, run, figures = sys.argv[1], folder / "run", folder / "figures"
    subprocess.run([lab, "train", folder / "cfg.json", "--out", run], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([lab, "report", run, "--cdn", "--no-pictures", "--figures-dir", figures], check=True)
    files = sorted(figures.iterdir())
    assert len(files) > 20, files
    animated = 0
    for file in files:
        assert file.suffix == ".json", file
        figure = plotly.io.read_json(file)
        assert len(figure.data) > 0 and figure.layout.title.text, file
        for trace in figure.data:
            values = trace.z if trace.type == "heatmap" else trace.y
            assert values is not None and len(values) > 0, (file, trace.type)
        for frame in figure.frames:
            assert len(frame.data) == len(frame.traces) > 0, file
        animated += bool(figure.frames)
    assert animated >= 4, animated
