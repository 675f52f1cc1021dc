"""Several processes of cayley-lab: sweeps that share the runs of a study, and ranks that share one run."""
import json
import pathlib
import subprocess
import tempfile
import time

STUDY = {
    "group": "AlternatingGroup", "group_parameter": 4, "model": ["OneLayerMLP", "BilinearNet"], "frac_train": 0.6,
    "layers": {"embed_dim": [8, 16], "hidden_dim": 12}, "seed": list(range(1, 11)), "num_epochs": 40000, "log_every": 40000,
    "checkpoint_points": 0,
}
S6 = {
    "group": "SymmetricGroup", "group_parameter": 6, "model": "OneLayerMLP", "frac_train": 0.4, "seed": 1,
    "layers": {"embed_dim": 256, "hidden_dim": 128}, "num_epochs": 30, "log_every": 30, "checkpoint_points": 0,
}
MPIRUN = ["mpirun", "--allow-run-as-root", "--oversubscribe", "--bind-to", "none"]


def seconds_of(config, commands):
    """The seconds until all of them have ended; they get the names of the configuration and of a folder."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "cfg.json"
        file.write_text(json.dumps(config))
        start = time.perf_counter()
        children = [subprocess.Popen([*command, file, "--out", pathlib.Path(folder) / "out"], stdout=subprocess.DEVNULL,
                                     stderr=subprocess.PIPE) for command in commands]
        for child in children:
            _, said = child.communicate()
            if child.returncode != 0:
                raise SystemExit(f"{child.args}: {said.decode()}")
        return time.perf_counter() - start


def sweep(lab, processes):
    return lambda: seconds_of(STUDY, processes * [[lab, "sweep", "--jobs", "1"]])


def train(lab, ranks):
    return lambda: seconds_of(S6, [[*MPIRUN, "-n", str(ranks), lab, "train", "--threads", "1"]])
