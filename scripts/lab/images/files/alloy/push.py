"""Sending entries to Loki in the form of its push API: each at least once, and as far as it can be seen only once."""
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
        """True when Loki has the batch, or never will; it is sent again and again as long as that may help."""
        body = json.dumps({'streams': streams(batch)}, ensure_ascii=False).encode()
        pause, failed = SHORTEST, False
        while True:
            why = self.send(body)
            if why is None:
                break
            if why.startswith(('400 ', '413 ')):
                self.say(f'{len(batch)} lines are lost, for they are refused: {why}')
                break
            if not failed:
                self.say(f'{self.endpoint.url} takes nothing ({why}); it is tried again until it does')
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
        url = urlsplit(self.endpoint.url)
        try:
            if url.scheme == 'https':
                connection = http.client.HTTPSConnection(url.netloc, timeout=TIMEOUT, context=self.endpoint.context())
            else:
                connection = http.client.HTTPConnection(url.netloc, timeout=TIMEOUT)
            try:
                connection.request('POST', f'{url.path}?{url.query}' if url.query else url.path, body, self.headers())
                answer = connection.getresponse()
                said = answer.read(1000).decode(errors='replace').strip()
            finally:
                connection.close()
        except (OSError, http.client.HTTPException) as error:
            return str(error) or type(error).__name__
        return None if answer.status in (200, 204) else f'{answer.status} {said}'

    def headers(self):
        headers = {'Content-Type': 'application/json', 'User-Agent': 'brd-lab stand-in for Alloy'}
        if user := self.endpoint.user():
            headers['Authorization'] = f'Basic {base64.b64encode(":".join(user).encode()).decode()}'
        return headers


def streams(batch):
    """The batch in the form of Loki's push API: a stream for each set of labels, its lines in their order."""
    found = {}
    for entry in batch:
        found.setdefault(entry.labels, []).append([str(entry.moment), entry.text])
    return [{'stream': dict(labels), 'values': values} for labels, values in found.items()]
