#!/usr/bin/python3
"""Stands where a component of the cluster should, and says so in its log and in every answer."""
import json
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

with open('/stand-in/stand-in.json') as file:
    SPEC = json.load(file)
NOTICE = f"STAND-IN for {SPEC['name']}: not the real component. It answers health checks and does nothing else."
PAGE = f'<!doctype html><meta charset="utf-8"><title>Stand-in</title><h1>Stand-in</h1><p>{NOTICE}</p>\n'


def named_files():
    """Files that the settings name: NAME__FILE in the environment, --name-file among the arguments."""
    for name, value in os.environ.items():
        if name.endswith('__FILE'):
            yield name, value
    words = [part for word in sys.argv[1:] for part in word.split('=', 1)]
    for flag, value in zip(words, words[1:]):
        if flag.startswith('-') and flag.endswith('-file'):
            yield flag, value


class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = self.path.split('?')[0]
        if path in SPEC['pages']:
            self.reply(200, 'text/html; charset=utf-8', PAGE)
        else:
            known = SPEC['health'].get(path)
            body = {**(known or {}), 'standIn': True, 'notice': NOTICE}
            self.reply(404 if known is None else 200, 'application/json', json.dumps(body) + '\n')

    do_HEAD = do_GET

    def reply(self, status, kind, body):
        data = body.encode()
        self.send_response(status)
        self.send_header('Content-Type', kind)
        self.send_header('Content-Length', str(len(data)))
        self.send_header('X-Stand-In', SPEC['name'])
        self.end_headers()
        if self.command != 'HEAD':
            self.wfile.write(data)

    def log_message(self, form, *values):
        print('stand-in:', form % values, flush=True)


print(NOTICE, flush=True)
# The real component refuses to start without its secrets, too.
for name, path in named_files():
    if not os.access(path, os.R_OK):
        sys.exit(f'stand-in: {name} names {path}, which cannot be read')
for port in SPEC['ports']:
    Thread(target=ThreadingHTTPServer(('', port), Answer).serve_forever, daemon=True).start()
# As the first process of a container it gets no default handling of signals.
signal.sigwait({signal.SIGTERM, signal.SIGINT})
