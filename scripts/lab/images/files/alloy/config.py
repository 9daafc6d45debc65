"""What an Alloy configuration asks for: whose logs, with which labels, to which address. Whatever else it asks for is refused."""
import re
import ssl
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from relabel import ACTIONS, Rule
from syntax import Block, ConfigError, Reference, parse

# Blocks by the path from the root, each with its attributes; a list marks an attribute that may be there several times.
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
    'loki.source.docker': {'host': str, 'targets': Reference, 'refresh_interval': str, 'forward_to': list},
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
        """The name and password that a push carries, or None; a file is read each time, for it may change."""
        if not self.basic_auth:
            return None
        password = self.basic_auth.get('password', '')
        if 'password_file' in self.basic_auth:
            with open(self.basic_auth['password_file']) as file:
                password = file.read().strip()
        return self.basic_auth.get('username', ''), password

    def context(self):
        context = ssl.create_default_context(cafile=self.tls.get('ca_file'), cadata=self.tls.get('ca_pem'))
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
    """The configuration's meaning; raises ConfigError with the line and the word that this stand-in does not know."""
    whole = parse(text)
    for block in whole.blocks:
        check(block, block.kind)
    if whole.values:
        raise ConfigError(f'{", ".join(whole.values)}: nothing but blocks is known at the top of the file')
    source = only(whole, 'loki.source.docker')
    rules, docker = chain(whole, needed(source, 'targets'))
    write = receiver(whole, source)
    host = needed(source, 'host')
    if host != docker.values.get('host') or not host.startswith('unix://'):
        raise ConfigError(f'{source.name}: host is to be the unix:// socket of {docker.name}; {host} is not')
    interval = min(seconds(block, 'refresh_interval') for block in (docker, source))
    return Config(host.removeprefix('unix://'), interval, rules, endpoint(write))


def check(block, path):
    if path not in KNOWN:
        raise ConfigError(f'line {block.line}: {path} is not known to this stand-in')
    for name, value in block.values.items():
        want = KNOWN[path].get(name)
        if want is None:
            raise ConfigError(f'line {block.line}: {path}: the attribute {name} is not known to this stand-in')
        if not isinstance(value, want):
            raise ConfigError(f'line {block.line}: {path}: {name} has the wrong type')
    for inner in block.blocks:
        check(inner, f'{path}/{inner.kind}')


def only(whole, kind):
    found = [block for block in whole.blocks if block.kind == kind]
    if len(found) != 1:
        raise ConfigError(f'this stand-in wants exactly one {kind}; the file has {len(found)}')
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
    """The rules between Docker's containers and these targets, first to last, and the block that finds the containers."""
    docker = named(whole, targets, 'targets')
    if docker and docker.kind == 'discovery.docker':
        return [], docker
    rules = named(whole, targets, 'output')
    if not rules or rules.kind != 'discovery.relabel':
        raise ConfigError(f'{targets.path}: targets come from discovery.docker, perhaps by discovery.relabel')
    before, docker = chain(whole, needed(rules, 'targets'))
    return before + [rule(block) for block in rules.blocks], docker


def rule(block):
    found = Rule(**{name: tuple(value) if isinstance(value, list) else value for name, value in block.values.items()})
    if found.action not in ACTIONS:
        raise ConfigError(f'line {block.line}: the action {found.action} is not known to this stand-in')
    if found.action == 'replace' and not found.target_label:
        raise ConfigError(f'line {block.line}: a rule that replaces lacks target_label')
    for name in found.source_labels:
        if name.startswith('__') and not SOURCES.fullmatch(name):
            raise ConfigError(f'line {block.line}: the label {name} is not known to this stand-in')
    try:
        re.compile(found.regex)
    except re.error as error:
        raise ConfigError(f'line {block.line}: {found.regex}: {error}') from error
    return found


def receiver(whole, source):
    targets = needed(source, 'forward_to')
    found = [named(whole, target, 'receiver') for target in targets]
    if len(found) != 1 or not found[0] or found[0].kind != 'loki.write':
        raise ConfigError(f'line {source.line}: {source.name} is to forward to one loki.write')
    return found[0]


def endpoint(write):
    if len(write.blocks) != 1:
        raise ConfigError(f'line {write.line}: {write.name} is to have one endpoint')
    block = write.blocks[0]
    url = needed(block, 'url')
    if urlsplit(url).scheme not in ('http', 'https'):
        raise ConfigError(f'line {block.line}: {url} is no address of http or https')
    inner = {each.kind: each.values for each in block.blocks}
    return Endpoint(url, seconds(block, 'batch_wait', '1s'), inner.get('basic_auth', {}), inner.get('tls_config', {}))


def seconds(block, name, default='1m'):
    text = block.values.get(name, default)
    match = re.fullmatch(r'(\d+)(ms|s|m|h)', text)
    if not match:
        raise ConfigError(f'line {block.line}: {name}: {text} is no duration such as 5s')
    return int(match.group(1)) * UNITS[match.group(2)]
