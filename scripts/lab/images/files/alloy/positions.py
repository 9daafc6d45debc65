"""How far each log was read: by stream the last line's time, and the count of lines of that time."""
import json
import os
from threading import Lock

# Docker stamps stdout and stderr separately: a file may have their lines in another order.
APART = 10**9
START = (0, 0)


class Place:
    """A place in one container's log."""

    def __init__(self, streams=None):
        self.streams = {name: tuple(mark) for name, mark in (streams or {}).items()}

    def copy(self):
        return Place(self.streams)

    def pass_line(self, stream, moment):
        last, count = self.streams.get(stream, START)
        self.streams[stream] = (moment, count + 1 if moment == last else 1)

    def since(self):
        """The time to read on from; some lines before the place come again."""
        marks = [moment for moment, _ in self.streams.values()]
        if not marks:
            return 0
        return max(max(marks) - APART, 0)

    def unread(self, lines):
        """Those of the lines that come after this place."""
        left = dict(self.streams)
        for stream, moment, text in lines:
            last, count = left.get(stream, START)
            if moment < last and count > 0:
                continue
            if moment == last and count > 0:
                left[stream] = (last, count - 1)
                continue
            left.pop(stream, None)
            yield stream, moment, text


class Positions:
    """The places that Loki has acknowledged, in a file that is never half written."""

    def __init__(self, folder):
        os.makedirs(folder, exist_ok=True)
        self.path = os.path.join(folder, 'stand-in-positions.json')
        self.lock = Lock()
        self.places = {}
        if os.path.exists(self.path):
            with open(self.path) as file:
                self.places = {name: Place(streams) for name, streams in json.load(file).items()}

    def of(self, container):
        with self.lock:
            return self.places.get(container, Place()).copy()

    def acknowledge(self, entries):
        with self.lock:
            for entry in entries:
                place = self.places.setdefault(entry.container, Place())
                place.pass_line(entry.stream, entry.moment)
            self.write()

    def forget_others(self, containers):
        """Of containers that are gone nothing is kept."""
        with self.lock:
            gone = set(self.places) - set(containers)
            for container in gone:
                del self.places[container]
            if gone:
                self.write()

    def write(self):
        partial = f'{self.path}.partial'
        with open(partial, 'w') as file:
            json.dump({container: place.streams for container, place in self.places.items()}, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, self.path)
