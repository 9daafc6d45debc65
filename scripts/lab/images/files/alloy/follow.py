"""Follows the logs of all containers: a thread for each reads on while the container runs."""
import http.client
from collections import deque
from dataclasses import dataclass
from threading import Thread

import docker as api
from relabel import relabel

# Lines of a container that are remembered, to know those that come again.
RECENT = 64


@dataclass(frozen=True)
class Entry:
    """A line of a log on its way to Loki."""

    container: str
    stream: str
    moment: int
    text: str
    labels: tuple


class Followers:
    """`say` takes a line for people, `queue` the entries; while it is full, reading waits."""

    def __init__(self, config, positions, queue, say):
        self.docker = api.Docker(config.socket)
        self.rules, self.positions, self.queue, self.say = config.rules, positions, queue, say
        self.followed = {}
        self.silent = False

    def look(self):
        """Every container that there is now is followed, or was read to its end."""
        try:
            found = self.docker.containers()
        except api.DockerError as error:
            if not self.silent:
                self.say(f'Docker does not answer ({error}); it is asked again')
            self.silent = True
            return
        self.silent = False
        there = {container['Id']: container for container in found}
        for gone in set(self.followed) - set(there):
            if not self.followed[gone].is_reading():
                del self.followed[gone]
        self.positions.forget_others({*there, *self.followed})
        for identity, container in there.items():
            labels = relabel(self.rules, api.meta_labels(container))
            # Loki refuses a stream without labels.
            if labels and identity not in self.followed:
                self.followed[identity] = Follower(self, identity, tuple(sorted(labels.items())))
            if identity in self.followed:
                self.followed[identity].see(container['State'])


class Follower:
    def __init__(self, owner, container, labels):
        self.owner, self.container, self.labels = owner, container, labels
        # Where reading is; what Loki has acknowledged may be behind it.
        self.place = owner.positions.of(container)
        # After a rotation Docker sends the last lines again. Two lines never share a nanosecond.
        self.recent = deque(maxlen=RECENT)
        self.thread = None
        self.is_done = False
        self.told = ''

    def see(self, state):
        """Reads on, unless that happens already, or there is nothing more to come."""
        if state in ('running', 'paused', 'restarting', 'removing'):
            self.is_done = False
        if self.is_reading() or self.is_done or state == 'created':
            return
        self.thread = Thread(target=self.read, args=(state in ('exited', 'dead'),), daemon=True)
        self.thread.start()

    def is_reading(self):
        return self.thread is not None and self.thread.is_alive()

    def read(self, has_ended):
        try:
            terminal = self.owner.docker.has_terminal(self.container)
            connection, answer = self.owner.docker.log(self.container, self.place.since())
            with api.connection_of(connection):
                for line in self.place.unread(api.lines(answer, terminal)):
                    if line not in self.recent:
                        self.pass_on(line)
            self.is_done = has_ended
        except (api.DockerError, OSError, http.client.HTTPException) as error:
            # Docker refuses: the container was removed (404), or its logging driver cannot be read.
            status = getattr(error, 'status', None)
            self.is_done = status is not None
            is_cut_off = isinstance(error.__cause__ or error, (OSError, http.client.HTTPException))
            if status != 404 and not is_cut_off:
                self.tell(f'the log of {self.container[:12]} cannot be read: {error}')

    def pass_on(self, line):
        stream, moment, text = line
        self.owner.queue.put(Entry(self.container, stream, moment, text, self.labels))
        self.place.pass_line(stream, moment)
        self.recent.append(line)

    def tell(self, line):
        if line != self.told:
            self.owner.say(line)
        self.told = line
