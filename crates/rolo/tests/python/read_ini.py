"""Reads a credentials file from standard input as botocore does and prints its sections as JSON."""

import configparser
import io
import json
import sys

parser = configparser.RawConfigParser(default_section=None)
parser.read_file(io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8"))
json.dump({name: dict(parser.items(name)) for name in parser.sections()}, sys.stdout)
