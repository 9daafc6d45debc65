"""Labels made of labels, by Prometheus' rules."""
import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    source_labels: tuple = ()
    separator: str = ';'
    regex: str = '(.*)'
    target_label: str = ''
    replacement: str = '$1'
    action: str = 'replace'


ACTIONS = ('replace', 'keep', 'drop')


def relabel(rules, labels):
    """The labels after all rules, without `__` names; None if a rule drops the target."""
    labels = dict(labels)
    for rule in rules:
        source = rule.separator.join(labels.get(name, '') for name in rule.source_labels)
        match = re.fullmatch(rule.regex, source, re.DOTALL)
        if rule.action == ('drop' if match else 'keep'):
            return None
        if rule.action == 'replace' and match:
            labels[rule.target_label] = expand(rule.replacement, match)
    return {name: value for name, value in labels.items() if value and not name.startswith('__')}


def expand(replacement, match):
    """$1, ${1} and $$, as Prometheus writes them; a group that is not there is empty."""

    def group(found):
        if found.group() == '$$':
            return '$'
        number = int(found.group(1) or found.group(2))
        return (match.group(number) or '') if number <= match.re.groups else ''

    return re.sub(r'\$\$|\$(\d+)|\$\{(\d+)\}', group, replacement)
