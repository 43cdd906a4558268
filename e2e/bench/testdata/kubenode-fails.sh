#!/bin/sh
# Plays a cluster in which the second run has failed: it leaves the result of the first.
while [ "$1" != -result ]; do shift; done
echo '[{"system": "k8sorch", "round": 1}]' >"$2"
exit 1
