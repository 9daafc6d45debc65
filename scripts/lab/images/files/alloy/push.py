"""Sends entries by Loki's push API: at least once; twice only if an acknowledgement is lost."""
import base64
import http.client
import json
import queue
import time
from threading import Event
from urllib.parse import urlsplit

# As Alloy's own default: a batch of this many characters does not wait for more.
SIZE = 1_000_000
TIMEOUT = 30
SHORTEST, LONGEST = 0.5, 30


class Pusher:
    def __init__(self, endpoint, entries, positions, say):
        self.endpoint, self.entries, self.positions, self.say = endpoint, entries, positions, say
        self.stopped = Event()

    def run(self):
        """Sends until it is stopped; then what is left, in one try."""
        while not self.stopped.is_set() or not self.entries.empty():
            batch = self.collect()
            if batch and not self.deliver(batch):
                return

    def collect(self):
        batch, size, end = [], 0, time.monotonic() + self.endpoint.wait
        while size < SIZE and (left := end - time.monotonic()) > 0:
            try:
                batch.append(self.entries.get(timeout=left))
            except queue.Empty:
                break
            size += len(batch[-1].text)
        return batch

    def deliver(self, batch):
        """True when Loki has the batch, or refuses it for good; until then it is sent again."""
        body = json.dumps({'streams': streams(batch)}, ensure_ascii=False).encode()
        pause, failed = SHORTEST, False
        while True:
            why = self.send(body)
            if why is None:
                break
            if why.startswith(('400 ', '413 ')):
                self.say(f'{len(batch)} lines are lost: they are refused: {why}')
                break
            if not failed:
                self.say(f'{self.endpoint.url} takes nothing ({why}); tried again until it does')
            failed = True
            if self.stopped.wait(pause):
                return False
            pause = min(pause * 2, LONGEST)
        if failed:
            self.say(f'{self.endpoint.url} takes lines again')
        self.positions.acknowledge(batch)
        return True

    def send(self, body):
        """None when it is acknowledged, else why not."""
        try:
            connection = self.connect()
            try:
                connection.request('POST', self.path(), body, self.headers())
                answer = connection.getresponse()
                said = answer.read(1000).decode(errors='replace').strip()
            finally:
                connection.close()
        except (OSError, http.client.HTTPException) as error:
            return str(error) or type(error).__name__
        return None if answer.status in (200, 204) else f'{answer.status} {said}'

    def connect(self):
        url = urlsplit(self.endpoint.url)
        if url.scheme == 'http':
            return http.client.HTTPConnection(url.netloc, timeout=TIMEOUT)
        context = self.endpoint.context()
        return http.client.HTTPSConnection(url.netloc, timeout=TIMEOUT, context=context)

    def path(self):
        url = urlsplit(self.endpoint.url)
        return f'{url.path}?{url.query}' if url.query else url.path

    def headers(self):
        headers = {'Content-Type': 'application/json', 'User-Agent': 'brd-lab stand-in for Alloy'}
        if user := self.endpoint.user():
            headers['Authorization'] = f'Basic {base64.b64encode(":".join(user).encode()).decode()}'
        return headers


def streams(batch):
    """The batch in the form of Loki's push API: a stream for each set of labels."""
    found = {}
    for entry in batch:
        found.setdefault(entry.labels, []).append([str(entry.moment), entry.text])
    return [{'stream': dict(labels), 'values': values} for labels, values in found.items()]
