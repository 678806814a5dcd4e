"""Trees, gains and areas under the ROC curve by XGBoost 1.7.4 (Debian's python3-xgboost) on public bins: what boosting by sealed histograms is compared with.

/usr/bin/python3 vectors/trees/compute.py, from the repository's root. Inputs are numbers of bins, so that XGBoost's exact splits, halfway between two of them, are splits between bins; codes without an order are a column of 0 and 1 each;
missing values are missing. XGBoost adds up in double precision what it derives in single, and tells gains in single, about seven digits.
"""
import csv
import json
import numpy as np
import xgboost as xgb

TREES, DEPTH, RATE, LAMBDA, WEIGHT = 10, 3, 0.3, 1.0, 2.0


def bins(text, edges):
    return np.nan if text == "" else float(np.searchsorted(edges, float(text), side="left"))


def one_of(text, codes):
    return [np.nan if text == "" else float(text == code) for code in codes]


def heart():
    """Every patient of the four hospitals; cholesterol 0 is as it stands."""
    numbers = {"age": [40, 45, 50, 55, 60, 65], "trestbps": [110, 120, 130, 140, 150], "chol": [100, 200, 230, 260, 300], "thalach": [110, 125, 140, 155, 170], "oldpeak": [0, 0.5, 1, 1.5, 2, 3]}
    names, columns = [], []
    with open("vectors/describe/heart.csv") as file:
        rows = list(csv.DictReader(file))
    for name in ["age", "sex", "cp", "trestbps", "chol", "fbs", "restecg", "thalach", "exang", "oldpeak"]:
        if name in numbers:
            names.append((name, None)), columns.append([bins(r[name], numbers[name]) for r in rows])
        elif name in ("sex", "fbs", "exang"):
            names.append((name, None)), columns.append([np.nan if r[name] == "" else float(r[name]) for r in rows])
        else:
            codes = ["1", "2", "3", "4"] if name == "cp" else ["0", "1", "2"]
            for i, code in enumerate(codes):
                names.append((name, i)), columns.append([one_of(r[name], codes)[i] for r in rows])
    return names, np.array(columns).T, np.array([float(r["num"] != "0") for r in rows])


def nwtco():
    """Relapse of Wilms tumour."""
    names = [("age", None), ("stage", None), ("histol", None)]
    with open("samples/wilms/nwtco.csv") as file:
        rows = list(csv.DictReader(file))
    columns = [[bins(r["age"], [12, 24, 36, 48, 60, 96]) for r in rows], [float(r["stage"]) - 1 for r in rows], [float(r["histol"]) - 1 for r in rows]]
    return names, np.array(columns).T, np.array([float(r["rel"]) for r in rows])


def area(outcome, score):
    """Mann-Whitney, ties half."""
    order = np.argsort(score)
    ranks = np.empty(len(score))
    for value in np.unique(score):
        same = score[order] == value
        ranks[order[same]] = np.mean(np.nonzero(same)[0]) + 1
    events = outcome == 1
    n1, n0 = events.sum(), (~events).sum()
    return (ranks[events].sum() - n1 * (n1 + 1) / 2) / (n1 * n0)


with open("vectors/trees/nodes.csv", "w", newline="") as file, open("vectors/trees/areas.csv", "w", newline="") as summary:
    nodes, areas = csv.writer(file), csv.writer(summary)
    nodes.writerow(["data", "tree", "node", "input", "bin", "missing", "gain", "weight", "hessian"])
    areas.writerow(["data", "trees", "auc", "log.loss"])
    for data, (names, x, y) in {"heart": heart(), "nwtco": nwtco()}.items():
        matrix = xgb.DMatrix(x, y)
        model = xgb.train(dict(objective="binary:logistic", tree_method="exact", max_depth=DEPTH, eta=RATE, reg_lambda=LAMBDA, gamma=0, min_child_weight=WEIGHT, base_score=0.5, nthread=1), matrix, TREES)
        some_missing = np.isnan(x).any(axis=0)

        def write(tree, node, number):
            """Each node before those on its left, and those before those on its right."""
            if "leaf" in node:
                nodes.writerow([data, tree, number, "", "", "", "", node["leaf"], node["cover"]])
                return number + 1
            column = int(node["split"][1:])
            name, code = names[column]
            children = {child["nodeid"]: child for child in node["children"]}
            split = int(np.ceil(node["split_condition"])) - 1 if code is None else code
            side = "" if not some_missing[column] else "left" if node["missing"] == node["yes"] else "right"
            nodes.writerow([data, tree, number, name, split, side, node["gain"], "", node["cover"]])
            return write(tree, children[node["no"]], write(tree, children[node["yes"]], number + 1))

        for tree, dumped in enumerate(model.get_dump(with_stats=True, dump_format="json")):
            write(tree, json.loads(dumped), 0)
        p = model.predict(matrix).astype(float)
        areas.writerow([data, TREES, repr(float(area(y, p))), repr(float(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))))])
