"""Alloy's configuration language, as far as this project writes it."""
import os
import re
from dataclasses import dataclass, field

TOKEN = re.compile(
    r'(?P<space>\s+|//[^\n]*|/\*.*?\*/)'
    r'|(?P<string>"(?:[^"\\\n]|\\.)*")'
    r'|(?P<raw>`[^`]*`)'
    r'|(?P<number>\d+(?:\.\d+)?)'
    r'|(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)'
    r'|(?P<mark>[{}\[\](),=+])',
    re.DOTALL,
)
WORDS = {'true': True, 'false': False, 'null': None}
ESCAPES = {'n': '\n', 't': '\t', 'r': '\r', '"': '"', '\\': '\\'}


class ConfigError(Exception):
    """The configuration is not one that this stand-in can follow."""


@dataclass(frozen=True)
class Reference:
    """The name of what another component exports."""

    path: str


@dataclass
class Block:
    """A block with its label, its attributes and the blocks inside it."""

    kind: str
    label: str
    line: int
    values: dict = field(default_factory=dict)
    blocks: list = field(default_factory=list)

    @property
    def name(self):
        return f'{self.kind}.{self.label}' if self.label else self.kind


def parse(text):
    """The file as one block without a name; raises ConfigError with a line number."""
    reader = Reader(text)
    whole = Block('', '', 1)
    reader.fill(whole, end=None)
    return whole


class Reader:
    def __init__(self, text):
        self.tokens = list(tokens(text))
        self.at = 0

    def fill(self, block, end):
        while self.peek() != end:
            kind, name, line = self.take('name')
            if self.peek() == '=':
                self.at += 1
                block.values[name] = self.expression()
            else:
                block.blocks.append(self.block(name, line))
        self.at += 1

    def block(self, kind, line):
        label = string(self.take('string')[1]) if self.kind() == 'string' else ''
        self.expect('{')
        block = Block(kind, label, line)
        self.fill(block, end='}')
        return block

    def expression(self):
        value = self.term()
        while self.peek() == '+':
            self.at += 1
            value = value + self.term()
        return value

    def term(self):
        kind, text, line = self.tokens[self.at]
        self.at += 1
        if kind == 'string':
            return string(text)
        if kind == 'raw':
            return text[1:-1]
        if kind == 'number':
            return float(text) if '.' in text else int(text)
        if text == '[':
            return self.list(']')
        if kind != 'name':
            raise unexpected(line, 'a value', text)
        if text in WORDS:
            return WORDS[text]
        if self.peek() != '(':
            return Reference(text)
        self.at += 1
        return call(text, self.list(')'), line)

    def list(self, end):
        values = []
        while self.peek() != end:
            values.append(self.expression())
            if self.peek() != end:
                self.expect(',')
        self.at += 1
        return values

    def peek(self):
        kind, text, _ = self.tokens[self.at]
        return text if kind == 'mark' else None if kind == 'end' else ''

    def kind(self):
        return self.tokens[self.at][0]

    def take(self, kind):
        token = self.tokens[self.at]
        if token[0] != kind:
            raise unexpected(token[2], f'a {kind}', token[1])
        self.at += 1
        return token

    def expect(self, mark):
        _, text, line = self.tokens[self.at]
        if self.peek() != mark:
            raise unexpected(line, mark, text)
        self.at += 1


def unexpected(line, want, text):
    return ConfigError(f'line {line}: {want} is expected, not {text or "the end of the file"}')


def tokens(text):
    at, line = 0, 1
    while at < len(text):
        match = TOKEN.match(text, at)
        if not match:
            raise ConfigError(f'line {line}: {text[at]} is not understood')
        if match.lastgroup != 'space':
            yield match.lastgroup, match.group(), line
        line += match.group().count('\n')
        at = match.end()
    yield 'end', '', line


def string(text):
    return re.sub(r'\\(.)', lambda match: ESCAPES.get(match.group(1), match.group(0)), text[1:-1])


def call(name, values, line):
    if name == 'sys.env' and len(values) == 1:
        return os.environ.get(values[0], '')
    raise ConfigError(f'line {line}: the function {name} is not known to this stand-in')
