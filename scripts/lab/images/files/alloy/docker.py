"""Docker's API on its socket: which containers there are, and what they say."""
import calendar
import http.client
import json
import re
import socket
import time


class DockerError(Exception):
    """Docker does not answer, or refuses."""

    def __init__(self, message, status=None):
        super().__init__(message)
        self.status = status


class Connection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__('docker', timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Docker:
    def __init__(self, path):
        self.path = path

    def containers(self):
        """All containers as Docker's API has them; ended ones may have lines left."""
        connection, answer = self.get('/containers/json?all=1', timeout=30)
        with connection_of(connection):
            return json.loads(answer.read())

    def has_terminal(self, container):
        connection, answer = self.get(f'/containers/{container}/json', timeout=30)
        with connection_of(connection):
            return bool(json.loads(answer.read())['Config']['Tty'])

    def log(self, container, since):
        """The connection, and the log from that time (nanoseconds) on, while the container runs."""
        moment = f'{since // 10**9}.{since % 10**9:09d}'
        query = f'follow=1&stdout=1&stderr=1&timestamps=1&since={moment}'
        return self.get(f'/containers/{container}/logs?{query}', timeout=None)

    def get(self, path, timeout):
        connection = Connection(self.path, timeout)
        try:
            connection.request('GET', path)
            answer = connection.getresponse()
            if answer.status == 200:
                return connection, answer
            said = answer.read().decode(errors='replace').strip()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise DockerError(f'{path}: {error}') from error
        connection.close()
        raise DockerError(f'{path}: {answer.status} {said}', answer.status)


class connection_of:
    """Closes the connection at the end of a with block, and turns its errors into DockerError."""

    def __init__(self, connection):
        self.connection = connection

    def __enter__(self):
        return self.connection

    def __exit__(self, kind, error, trace):
        self.connection.close()
        if isinstance(error, (OSError, ValueError, http.client.HTTPException)):
            raise DockerError(str(error)) from error


def meta_labels(container):
    """What discovery.docker knows of a container, by the names that relabelling rules use."""
    mode = container.get('HostConfig', {}).get('NetworkMode', '')
    labels = {
        '__meta_docker_container_id': container['Id'],
        '__meta_docker_container_name': container['Names'][0] if container['Names'] else '',
        '__meta_docker_container_network_mode': mode,
    }
    for name, value in (container.get('Labels') or {}).items():
        labels[f'__meta_docker_container_label_{re.sub(r"[^a-zA-Z0-9_]", "_", name)}'] = value
    return labels


def lines(answer, terminal):
    """Each complete line of a log as (stream, nanoseconds, text)."""
    open_lines = {}
    for stream, message in messages(answer, terminal):
        stamp, _, text = message.partition(b' ')
        moment, before = open_lines.pop(stream, (None, b''))
        if moment is None:
            moment = nanoseconds(stamp.decode('ascii', 'replace'))
        # Docker cuts a line of more than 16 KiB into messages: only the last has the line's end.
        if not text.endswith(b'\n'):
            open_lines[stream] = (moment, before + text)
            continue
        yield stream, moment, (before + text).rstrip(b'\r\n').decode(errors='replace')


def messages(answer, terminal):
    """(stream, bytes with a time in front) of each frame, or of each line of a terminal."""
    buffer = bytearray()
    while chunk := answer.read1(65536):
        buffer += chunk
        while message := (cut_line if terminal else cut_frame)(buffer):
            yield message


def cut_frame(buffer):
    if len(buffer) < 8:
        return None
    size = int.from_bytes(buffer[4:8], 'big')
    if len(buffer) < 8 + size:
        return None
    message = ('stderr' if buffer[0] == 2 else 'stdout', bytes(buffer[8 : 8 + size]))
    del buffer[: 8 + size]
    return message


def cut_line(buffer):
    end = buffer.find(b'\n')
    if end < 0:
        return None
    message = ('stdout', bytes(buffer[: end + 1]))
    del buffer[: end + 1]
    return message


def nanoseconds(stamp):
    """2026-11-27T19:42:19.176337113Z in nanoseconds since 1970."""
    match = re.fullmatch(r'(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z', stamp)
    if not match:
        raise DockerError(f'{stamp} is not the time of a line')
    whole = calendar.timegm(time.strptime(match.group(1), '%Y-%m-%dT%H:%M:%S'))
    return whole * 10**9 + int((match.group(2) or '').ljust(9, '0'))
