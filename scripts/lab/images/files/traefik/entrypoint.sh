#!/bin/sh
# As in the official image: flags and Traefik's own commands are given to Traefik, anything else is run.
case $1 in -* | healthcheck | version) set -- traefik "$@" ;; esac
exec "$@"
