"""Reads PowerShell statements from standard input with a real grammar and prints what they do to the environment.

Stands in for PowerShell where there is none: a list of [name, value] in JSON, value null for a removal. Anything but an
assignment of string constants to an environment variable, or a quiet `Remove-Item Env:NAME`, is an error. As
`Invoke-Expression` gets one line at a time, each line is parsed alone.
"""

import json
import sys

import tree_sitter
import tree_sitter_powershell

# What PowerShell itself takes for a single quote; the grammar knows the first only.
SINGLE_QUOTES = "'\u2018\u2019\u201a\u201b"


def text(node):
    return node.text.decode()


def named_below(node, kind):
    found = [node] if node.type == kind else []
    for child in node.children:
        found += named_below(child, kind)
    return found


def leaves(node):
    if node.type in ("verbatim_string_characters", "expandable_string_literal", "+"):
        return [node]
    if not node.children:
        raise ValueError(f"unexpected {node.type}: {text(node)!r}")
    return [leaf for child in node.children for leaf in leaves(child)]


def verbatim(literal):
    body, value = literal[1:-1], []
    characters = iter(body)
    for character in characters:
        if character in SINGLE_QUOTES:
            character = next(characters, None)
            if character is None or character not in SINGLE_QUOTES:
                raise ValueError(f"a lone quote ends {literal!r} early")
        value.append(character)
    return "".join(value)


def string(leaf):
    if leaf.type == "+":
        return ""
    if leaf.type == "verbatim_string_characters":
        return verbatim(text(leaf))
    return {'"`n"': "\n", '"`r"': "\r"}[text(leaf)]


def removal(command):
    words = [text(child) for child in named_below(command, "command_elements")[0].named_children]
    words = [word for word in words if word.strip()]
    if text(command.child(0)) != "Remove-Item" or words[1:] != ["-ErrorAction", "SilentlyContinue"]:
        raise ValueError(f"unexpected command: {text(command)!r}")
    drive, _, name = words[0].partition(":")
    if drive != "Env":
        raise ValueError(f"not an environment variable: {words[0]!r}")
    return [name, None]


def assignment(node):
    target, operator, value = node.children
    prefix, _, name = text(target).partition(":")
    if prefix != "$Env" or text(operator) != "=":
        raise ValueError(f"unexpected assignment: {text(node)!r}")
    return [name, "".join(string(leaf) for leaf in leaves(value))]


def statement(node):
    assignments = named_below(node, "assignment_expression")
    if assignments:
        return assignment(assignments[0])
    return removal(named_below(node, "command")[0])


def changes(parser, line):
    root = parser.parse(line).root_node
    if root.has_error:
        raise ValueError(f"no PowerShell: {line!r}")
    pipelines = [node for node in root.child(0).children if node.type == "pipeline"]
    return [statement(node) for node in pipelines]


def main():
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))
    lines = sys.stdin.buffer.read().split(b"\n")
    json.dump([change for line in lines if line.strip() for change in changes(parser, line)], sys.stdout)


main()
