"""What an Alloy configuration asks for: which logs, with which labels, to which address."""
import re
import ssl
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from relabel import ACTIONS, Rule
from syntax import Block, ConfigError, Reference, parse

# Blocks by their path from the root, each with its attributes and their types.
KNOWN = {
    'logging': {'level': str, 'format': str},
    'discovery.docker': {'host': str, 'refresh_interval': str},
    'discovery.relabel': {'targets': Reference},
    'discovery.relabel/rule': {
        'source_labels': list,
        'separator': str,
        'regex': str,
        'target_label': str,
        'replacement': str,
        'action': str,
    },
    'loki.source.docker': {
        'host': str,
        'targets': Reference,
        'refresh_interval': str,
        'forward_to': list,
    },
    'loki.write': {},
    'loki.write/endpoint': {'url': str, 'batch_wait': str},
    'loki.write/endpoint/basic_auth': {'username': str, 'password': str, 'password_file': str},
    'loki.write/endpoint/tls_config': {'ca_file': str, 'ca_pem': str, 'insecure_skip_verify': bool},
}
SOURCES = re.compile(r'__meta_docker_container_(id|name|network_mode|label_\w+)')
UNITS = {'ms': 0.001, 's': 1, 'm': 60, 'h': 3600}


@dataclass
class Endpoint:
    url: str
    """Seconds that a line waits for others at most."""
    wait: float
    basic_auth: dict = field(default_factory=dict)
    tls: dict = field(default_factory=dict)

    def user(self):
        """The name and password of a push, or None; a file is read each time, as it may change."""
        if not self.basic_auth:
            return None
        password = self.basic_auth.get('password', '')
        if 'password_file' in self.basic_auth:
            with open(self.basic_auth['password_file']) as file:
                password = file.read().strip()
        return self.basic_auth.get('username', ''), password

    def context(self):
        files = {'cafile': self.tls.get('ca_file'), 'cadata': self.tls.get('ca_pem')}
        context = ssl.create_default_context(**files)
        if self.tls.get('insecure_skip_verify'):
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


@dataclass
class Config:
    socket: str
    """Seconds between two looks for containers."""
    interval: float
    rules: list
    endpoint: Endpoint


def read(text):
    """What the file asks for; raises ConfigError with the line and the unknown word."""
    whole = parse(text)
    for block in whole.blocks:
        check(block, block.kind)
    if whole.values:
        raise ConfigError(f'{", ".join(whole.values)}: the top of the file has blocks only')
    source = only(whole, 'loki.source.docker')
    rules, docker = chain(whole, needed(source, 'targets'))
    write = receiver(whole, source)
    host = needed(source, 'host')
    if host != docker.values.get('host') or not host.startswith('unix://'):
        raise ConfigError(f'{source.name}: host must be the unix socket of {docker.name}')
    interval = min(seconds(block, 'refresh_interval') for block in (docker, source))
    return Config(host.removeprefix('unix://'), interval, rules, endpoint(write))


def check(block, path):
    if path not in KNOWN:
        raise unknown(block, path)
    for name, value in block.values.items():
        want = KNOWN[path].get(name)
        if want is None:
            raise unknown(block, f'{path}: the attribute {name}')
        if not isinstance(value, want):
            raise ConfigError(f'line {block.line}: {path}: {name} has the wrong type')
    for inner in block.blocks:
        check(inner, f'{path}/{inner.kind}')


def unknown(block, what):
    return ConfigError(f'line {block.line}: {what} is not known to this stand-in')


def only(whole, kind):
    found = [block for block in whole.blocks if block.kind == kind]
    if len(found) != 1:
        raise ConfigError(f'the file needs exactly one {kind}; it has {len(found)}')
    return found[0]


def needed(block, name):
    if name not in block.values:
        raise ConfigError(f'line {block.line}: {block.name} lacks {name}')
    return block.values[name]


def named(whole, reference, export):
    """The block whose export a reference names."""
    for block in whole.blocks:
        if isinstance(reference, Reference) and reference.path == f'{block.name}.{export}':
            return block
    return None


def chain(whole, targets):
    """The rules for these targets, in order, and the block that finds the containers."""
    docker = named(whole, targets, 'targets')
    if docker and docker.kind == 'discovery.docker':
        return [], docker
    rules = named(whole, targets, 'output')
    if not rules or rules.kind != 'discovery.relabel':
        raise ConfigError(f'{targets.path}: not targets of discovery.docker or .relabel')
    before, docker = chain(whole, needed(rules, 'targets'))
    return before + [rule(block) for block in rules.blocks], docker


def rule(block):
    values = {**block.values, 'source_labels': tuple(block.values.get('source_labels', ()))}
    found = Rule(**values)
    if found.action not in ACTIONS:
        raise unknown(block, f'the action {found.action}')
    if found.action == 'replace' and not found.target_label:
        raise ConfigError(f'line {block.line}: a rule that replaces lacks target_label')
    for name in found.source_labels:
        if name.startswith('__') and not SOURCES.fullmatch(name):
            raise unknown(block, f'the label {name}')
    try:
        re.compile(found.regex)
    except re.error as error:
        raise ConfigError(f'line {block.line}: {found.regex}: {error}') from error
    return found


def receiver(whole, source):
    targets = needed(source, 'forward_to')
    found = [named(whole, target, 'receiver') for target in targets]
    if len(found) != 1 or not found[0] or found[0].kind != 'loki.write':
        raise ConfigError(f'line {source.line}: {source.name} must forward to one loki.write')
    return found[0]


def endpoint(write):
    if len(write.blocks) != 1:
        raise ConfigError(f'line {write.line}: {write.name} must have one endpoint')
    block = write.blocks[0]
    url = needed(block, 'url')
    if urlsplit(url).scheme not in ('http', 'https'):
        raise ConfigError(f'line {block.line}: {url} is not an http or https address')
    inner = {each.kind: each.values for each in block.blocks}
    wait = seconds(block, 'batch_wait', '1s')
    return Endpoint(url, wait, inner.get('basic_auth', {}), inner.get('tls_config', {}))


def seconds(block, name, default='1m'):
    text = block.values.get(name, default)
    match = re.fullmatch(r'(\d+)(ms|s|m|h)', text)
    if not match:
        raise ConfigError(f'line {block.line}: {name}: {text} is not a duration such as 5s')
    return int(match.group(1)) * UNITS[match.group(2)]
