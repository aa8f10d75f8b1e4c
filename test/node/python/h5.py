"""Describes an HDF5 file, or builds one as Keras does: python3 h5.py describe FILE | build FILE < description."""
import json
import sys

import h5py
import numpy


def plain(value):
    if isinstance(value, bytes):
        return {"bytes": value.decode()}
    if isinstance(value, numpy.ndarray):
        return {"list": [plain(item) for item in value], "dtype": value.dtype.kind}
    return value.item() if isinstance(value, numpy.generic) and not isinstance(value, numpy.bytes_) else value


def describe(path):
    found = {"/": {"attributes": {}}}
    with h5py.File(path, "r") as file:
        found["/"]["attributes"] = {key: plain(value) for key, value in file.attrs.items()}

        def visit(name, item):
            entry = {"attributes": {key: plain(value) for key, value in item.attrs.items()}}
            if isinstance(item, h5py.Dataset):
                entry.update(shape=list(item.shape), dtype=str(item.dtype), values=item[()].ravel().tolist())
            found[name] = entry

        file.visititems(visit)
    return found


def build(path, description):
    with h5py.File(path, "w") as file:
        for name, entry in description.items():
            if "link" in entry:
                kind, *target = entry["link"]
                links = {"soft": h5py.SoftLink, "external": h5py.ExternalLink, "hard": lambda at: file[at]}
                file[name] = links[kind](*target)
                continue
            if "claimed" in entry:
                file.create_dataset(name, entry["claimed"], dtype="float32", chunks=True, compression="gzip")
                continue
            if "shape" in entry:
                values = numpy.asarray(entry["values"], dtype=entry.get("dtype", "float32")).reshape(entry["shape"])
                item = file.create_dataset(name, data=values)
            else:
                item = file if name == "/" else file.require_group(name)
            for key, value in entry.get("attributes", {}).items():
                # As Keras passes them to h5py: bytes, and lists of bytes.
                if isinstance(value, list):
                    item.attrs[key] = numpy.asarray([text.encode() for text in value])
                elif entry.get("str"):
                    item.attrs[key] = value
                else:
                    item.attrs[key] = value.encode()


if __name__ == "__main__":
    if sys.argv[1] == "describe":
        json.dump(describe(sys.argv[2]), sys.stdout)
    else:
        build(sys.argv[2], json.load(sys.stdin))
