"""How cost and memory grow with the order of the group: bench_scaling, one process for each measurement, and the exponents
of a power of the order through the three largest groups of a family."""
import json
import math
import subprocess

SIZES = {
    "cyclic": [31, 61, 113, 251, 503, 1009],
    "dihedral": [31, 61, 113, 251, 503],
    "symmetric": [3, 4, 5, 6],
}
# Exponents of time and memory in the order, while sizes of the network stay as they are. An explanation of C_n and D_n has
# about order / 2 and order / 4 irreps, each with losses of its own over all pairs and classes.
EXPECTED = {
    "basis": (2, 2),
    "transform": (2, 2),
    "epoch": (3, 2),
    "explain": (3, 2),
    "explain cyclic": (4, 2),
    "explain dihedral": (4, 2),
}
LARGEST_EXPLAINED = 503  # order; beyond, time


def exponent(rows, key):
    """Least squares of log(key) by log(order) over the three largest groups."""
    points = [(math.log(row["order"]), math.log(max(row[key], 1e-9))) for row in rows[-3:]]
    mean_x, mean_y = (sum(values) / len(points) for values in zip(*points))
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, _ in points)


def measure(program, wanted):
    results = []
    for what in ("basis", "transform", "epoch", "explain"):
        for family, sizes in SIZES.items():
            if not wanted(f"{what} {family}"):
                continue
            rows = []
            for n in sizes:
                if what == "explain" and family != "symmetric" and n * (2 if family == "dihedral" else 1) > LARGEST_EXPLAINED:
                    continue
                output = subprocess.run([program, what, family, str(n)], check=True, stdout=subprocess.PIPE).stdout
                rows.append({"n": n, **json.loads(output)})
            expected = EXPECTED.get(f"{what} {family}", EXPECTED[what])
            result = {"what": what, "family": family, "rows": rows, "time_exponent": exponent(rows, "milliseconds"),
                      "memory_exponent": exponent(rows, "megabytes"), "expected": expected}
            results.append(result)
            print(line(result), flush=True)
    return results


def line(result):
    last = result["rows"][-1]
    return (f"{result['what']:10} {result['family']:10} order {last['order']:5}: {last['milliseconds']:10.3g} ms "
            f"{last['megabytes']:8.3g} MB; order ^ {result['time_exponent']:.2f} (expected {result['expected'][0]}), "
            f"memory order ^ {result['memory_exponent']:.2f} (expected {result['expected'][1]})")


def markdown(results):
    if not results:
        return []
    lines = ["", "## Growth with the order of the group", "",
             "| | orders | ms | MB | exponent of time | expected | of memory | expected |",
             "| --- | --- | --- | --- | --- | --- | --- | --- |"]
    for r in results:
        def column(key):
            return ", ".join(f"{row[key]:.3g}" if key != "order" else str(row[key]) for row in r["rows"])
        lines.append(f"| {r['what']}, {r['family']} | {column('order')} | {column('milliseconds')} | {column('megabytes')} "
                     f"| {r['time_exponent']:.2f} | {r['expected'][0]} | {r['memory_exponent']:.2f} | {r['expected'][1]} |")
    return lines
