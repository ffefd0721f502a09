#!/usr/bin/env python3
"""Makes odd config and credentials files at random and records what botocore makes of them.

    record_botocore.py [--count N] [--seed N] > ../data/ini_random.json

Needs botocore, which is why the answers are kept as data; ../profiles/recorded.rs compares rolo with them.
To try many more than are kept, write a larger file and run that test.

Each case holds `config`, `credentials`, and what botocore reads: `read`, or null where it refuses a file. Where it
refuses only because something stands there twice, `read` is what it would have read had its parser been lenient,
and `duplicates` is true.
"""
import argparse
import configparser
import functools
import json
import os
import random
import tempfile

import botocore
from botocore import configloader
from botocore.exceptions import ConfigNotFound, ConfigParseError

BLANKS = [" ", "  ", "\t", "\x0c", "\x0b", "\x1c", "\x1f", "\x85", "\xa0", "\u2003", "\u2028", "\u3000", "\u200b"]
KEYS = ["region", "Region", "role_arn", "s3", "S3", "a b", "k#", "x;y", "\u00c4", "\u0130", "\u03a3\u03a3", "[k", "k]"]
VALUES = [
    "", "r", "us-east-1 # home", "a = b", "a:b", "'q'", '"q"', "100%", "%(x)s", "$HOME", "[p]", "x]", ";", "v ; w",
    "\u00e4\u00f6", "a\x0cb=c", "a=b\x85c", "a=b\u2028c = d", "=", ":", "= x", "\x00", "\ufeff", "a\\", "~", "a=b=c",
]
WORDS = ["profile", "profiles", "profile-x", "sso-session", "services", "services2", "Profile", "", "pro", "plugins"]
NAMES = [
    "p", "q", "default", "'p'", '"p"', '"p q"', "p\\ q", "p q", "p]q", "'p", '"', "''", "p#q", "#p", "\u00e4", "p\\",
    '"a\\"b"', '"a\\b"', "'a\\'", 'p"q"r', "\u2003p", "p\x0c", "a/b.c@d:e+f%g-h_i", "$HOME", "p=q",
]
HEADERS = ["default", "DEFAULT", "Default", " default ", "p", "q", " p ", '"p"', "preview", "plugins", "default]", "["]
ENDS = ["\n"] * 12 + ["\r\n", "\r", "\n\n", "\n \n", "\r\r\n"]


def blank(rng, often=0.1):
    if rng.random() > often:
        return rng.choice(["", " "])
    return "".join(rng.choice(BLANKS) for _ in range(rng.randint(1, 3)))


def indent(rng):
    return rng.choice(["", "", "", "", " ", "  ", "\t", "    "]) if rng.random() < 0.95 else blank(rng, 1)


def header(rng):
    name = rng.choice(HEADERS) if rng.random() < 0.5 else (
        rng.choice(WORDS) + rng.choice([" ", "  ", "\t", ""] + [" "] * 9) + rng.choice(NAMES) + blank(rng, 0.03))
    tail = rng.choice([""] * 12 + [" ", " # c", "x", " ]", "=", " [p]"])
    return "[" + name + rng.choice(["]"] * 60 + [""]) + tail


def setting(rng):
    separator = blank(rng) + rng.choice(["=", "=", "=", ":"] * 30 + [""]) + blank(rng)
    return rng.choice(KEYS if rng.random() < 0.3 else ["region", "role_arn", "output", "s3"]) + separator + (
        rng.choice(VALUES) if rng.random() < 0.5 else rng.choice(["r", "x y", "json", ""]))


def nested(rng):
    lines = [rng.choice(["s3", "sts", "cli"]) + " =" + blank(rng)]
    for _ in range(rng.randint(1, 4)):
        inner = rng.choice(["a = b", "A=b", "a = b = c", "= x", "a=", "# c", "; c", "", "x y = z # w", "[p] = q", "a:b=c"])
        if rng.random() < 0.03:
            inner = rng.choice(["oops", "a : b", "a\x0c=b", "a=b\x0boops", "a=\x1cb=\x1dc=d"])
        lines.append(rng.choice(["  ", "\t", " ", "    "]) + inner + blank(rng))
    return lines


def comment(rng):
    return rng.choice(["#", ";"]) + rng.choice(["", " c", "x = y", "[p]"])


def text(rng):
    lines = []
    if rng.random() < 0.97:
        lines.append(indent(rng) + header(rng))
    elif rng.random() < 0.5:
        lines.append("\ufeff" + header(rng))
    for _ in range(rng.randint(0, 12)):
        kind = rng.random()
        if kind < 0.25:
            lines.append(indent(rng) + header(rng))
        elif kind < 0.65:
            lines.append(indent(rng) + setting(rng))
        elif kind < 0.8:
            lines.extend(nested(rng))
        elif kind < 0.9:
            lines.append(indent(rng) + comment(rng))
        else:
            lines.append(blank(rng, 0.5))
    out = "".join(line + rng.choice(ENDS) for line in lines)
    return out if rng.random() < 0.8 else out.rstrip("\r\n")


def full_config(config, credentials):
    """What `Session.full_config` holds, without the rest of a session."""
    try:
        merged = configloader.load_config(config)
    except ConfigNotFound:
        merged = {"profiles": {}}
    try:
        for name, values in configloader.raw_config_parse(credentials).items():
            merged["profiles"].setdefault(name, {}).update(values)
    except ConfigNotFound:
        pass
    return {
        "profiles": merged.pop("profiles"),
        "sso_sessions": merged.pop("sso_sessions", {}),
        "services": merged.pop("services", {}),
        "others": merged,
    }


def read(config, credentials, strict):
    configloader.configparser.RawConfigParser = functools.partial(PARSER, strict=strict)
    try:
        return full_config(config, credentials)
    except ConfigParseError:
        return None
    finally:
        configloader.configparser.RawConfigParser = PARSER


PARSER = configparser.RawConfigParser


def record(rng, folder):
    case, paths = {}, {}
    for name, share in (("config", 0.9), ("credentials", 0.3)):
        case[name] = text(rng) if rng.random() < share else None
        paths[name] = os.path.join(folder, name)
        if case[name] is None:
            if os.path.exists(paths[name]):
                os.unlink(paths[name])
        else:
            with open(paths[name], "wb") as file:
                file.write(case[name].encode())
    case["read"] = read(**paths, strict=True)
    if case["read"] is None:
        case["read"] = read(**paths, strict=False)
        if case["read"] is not None:
            case["duplicates"] = True
    return case


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--count", type=int, default=300)
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        cases = [record(rng, folder) for _ in range(options.count)]
    about = f"record_botocore.py --count {options.count} --seed {options.seed}, with botocore {botocore.__version__}"
    lines = ",\n".join(json.dumps(case) for case in cases)
    print('{"about": ' + json.dumps(about) + ', "cases": [\n' + lines + "\n]}")


if __name__ == "__main__":
    main()
