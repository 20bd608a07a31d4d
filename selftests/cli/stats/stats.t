#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# parsecctl stats: known numbers of calls give exactly these counts, to those who may see them.

. selftests/cli/lib.sh

forget_keys alice bob
mkfifo "$scratch/held" "$scratch/open"

# stats USER: what it is told, in $out
stats()
{
	expect 0 as "$1" parsecctl stats --json
}

# row NAME PROVIDER: Python for what an application did there, as alice is told
row()
{
	echo "next((r for p in d['providers'] if p['id'] == $2 for r in p['callers'] if" \
		"r.get('application') == '$1'), {'requests': 0, 'errors': 0, 'statuses': {}})"
}

# number EXPRESSION: of what is in $out
number()
{
	python3 -IS -c 'import json, sys; d = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' \
		"$out" "$1"
}

# Five signatures and three keys that are not there
exact_counts()
{
	bob=$(row 1001 1)
	as bob parsecctl create-ecc-key -k counted >/dev/null && stats alice || return
	before=$(number "($bob)['requests']")
	good=$(number "($bob)['statuses'].get('Success', 0)")
	bad=$(number "($bob)['statuses'].get('PsaErrorDoesNotExist', 0)")
	others=$(number "($(row 1000 1))['requests']")
	for _ in 1 2 3 4 5; do
		as bob parsecctl sign -k counted Makefile >/dev/null || return
	done
	for _ in 1 2 3; do
		refuses 1 '(1140)' as bob parsecctl delete-key -k nowhere || return
	done
	stats alice && json "($bob)['requests'] == $before + 8" \
		"($bob)['statuses']['Success'] == $good + 5" \
		"($bob)['statuses']['PsaErrorDoesNotExist'] == $bad + 3" \
		"($bob)['errors'] == sum(n for s, n in ($bob)['statuses'].items() if s != 'Success')" \
		"($(row 1000 1))['requests'] == $others" \
		"0 < ($bob)['p50_ns'] <= ($bob)['p90_ns'] <= ($bob)['p99_ns'] <= ($bob)['p99_9_ns']" \
		"($bob)['p99_9_ns'] <= ($bob)['max_ns'] <= ($bob)['total_ns']" \
		"[p['up'] for p in d['providers']] == [True] * 3" \
		'all(p["callers"][0]["callers"] == "all" for p in d["providers"])' \
		'all(p["callers"][0]["requests"] == sum(r["requests"] for r in p["callers"][1:])
			for p in d["providers"])' \
		'{p["id"]: p["name"] for p in d["providers"]} == {0: "core", 1: "software", 16: "second"}' \
		'd["device"]["opened"] > 10 and d["device"]["reply_forged"] == 0' \
		'all(p["queue"]["sent"] >= p["callers"][0]["requests"] for p in d["providers"])'
}

# While another user has a file open, whose account there is to tell about
only_itself()
{
	as alice sh -c 'exec 3<>/dev/parsec && echo open && read -r _' <"$scratch/held" >"$scratch/open" &
	exec 3>"$scratch/held"
	read -r _ <"$scratch/open"
	stats alice && json '1000 in {a["uid"] for a in d["accounts"]}' && told_itself
	status=$?
	exec 3>&-
	wait && return $status
}

told_itself()
{
	stats bob && json '{r.get("application") for p in d["providers"] for r in p["callers"]} == {"1001"}' \
		'"device" not in d and not any("queue" in p for p in d["providers"])' \
		'{a["uid"] for a in d["accounts"]} == {1001}' \
		"($(row 1001 1))['requests'] >= 9" &&
		expect 0 as carol parsecctl stats && ! grep -E '100[01]' "$out" &&
		expect 0 as bob parsecctl stats && says '  1001' && ! grep -E '1000|\(all\)|device' "$out"
}

as_text()
{
	expect 0 as alice parsecctl stats && says 'provider 1, software: 4 workers, since 2' &&
		says 'p99.9 us' && says '  (all)' && says '  1001' && says '3  PsaErrorDoesNotExist' &&
		says 'at workers' && says 'user 1000 in /' && says 'Opens that succeeded'
}

# How long a key takes to make is luck: again when it was too short to be seen
in_flight()
{
	seen=0
	for try in 1 2 3 4 5 6 7 8 9; do
		[ "$seen" = 0 ] || break
		as bob parsecctl create-rsa-key -k "slow-$try" -b 2048 >/dev/null &
		slow=$!
		while [ "$seen" = 0 ] && kill -0 "$slow" 2>/dev/null; do
			stats alice || return
			seen=$(number "($(row 1001 1)).get('in_flight', 0)")
		done
		wait "$slow" || return
	done
	same 1 "$seen" && stats alice && json "($(row 1001 1))['in_flight'] == 0"
}

# The strict parser of the Prometheus client library; values as the JSON has them
openmetrics()
{
	expect 0 as alice parsecctl stats --openmetrics && cp "$out" "$scratch/metrics" &&
		expect 0 as alice parsecctl stats --json &&
		python3 -I - "$scratch/metrics" "$out" <<'PYTHON'
import json
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families

with open(sys.argv[1], encoding="utf-8", newline="") as file:
    families = {f.name: f for f in text_string_to_metric_families(file.read())}
told = json.load(open(sys.argv[2], encoding="utf-8"))


def samples(family, name, **labels):
    return [s.value for s in families["parsec_" + family].samples if
            s.name == "parsec_" + name and labels.items() <= s.labels.items()]


assert families["parsec_requests"].type == "counter"
assert families["parsec_request_duration_seconds"].unit == "seconds"
row = next(r for p in told["providers"] if p["id"] == 1 for r in p["callers"]
           if r.get("application") == "1001")
bob = {"provider": "1", "application": "1001", "callers": "application"}
for status, count in row["statuses"].items():
    assert samples("requests", "requests_total", status=status, **bob) == [count]
assert samples("request_duration_seconds", "request_duration_seconds_count",
               **bob) == [row["requests"]]
assert samples("request_duration_seconds", "request_duration_seconds", quantile="0.99",
               **bob) == [row["p99_ns"] / 1e9]
assert samples("host_up", "host_up") == [1, 1, 1]
assert samples("queue_sent", "queue_sent_total", provider="1")
assert samples("account_refused", "account_refused_total", uid="1000") == [0]
assert samples("device_edquot", "device_edquot_total") == [0]
PYTHON
}

# A container without a user namespace is called as its cgroup, which may be anything; what is
# not UTF-8 has escapes in the name itself
hostile_names()
{
	group=$(printf '/sys/fs/cgroup/a"b\\c\377\033[2J')
	mkdir "$group" || return
	sh -c 'echo $$ >"$1/cgroup.procs" && exec unshare --pid --fork parsecctl list-keys' - "$group"
	status=$?
	expect 0 as alice parsecctl stats --openmetrics && says '"//a\"b\\x5cc\\xff\x1b[2J:0"' &&
		python3 -I - "$out" <<'PYTHON' && expect 0 as alice parsecctl stats && ! grep -q "$(printf '\033')" "$out" && [ "$status" = 0 ]
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families

with open(sys.argv[1], encoding="utf-8", newline="") as file:
    names = {s.labels.get("application") for f in text_string_to_metric_families(file.read())
             for s in f.samples}
assert '//a"b\\x5cc\\xff\\x1b[2J:0' in names, names
PYTHON
	status=$?
	rmdir "$group"
	return $status
}

two_formats()
{
	refuses 2 'two formats' parsecctl stats --json --openmetrics
}

silent_provider()
{
	for pid in $(pgrep -x parsec-host); do
		case $(tr '\0' ' ' <"/proc/$pid/cmdline") in
		*'--provider second '*) break ;;
		esac
	done
	kill -STOP "$pid"
	stats alice && json '[p["up"] for p in d["providers"] if p["id"] == 16] == [False]' \
		'[p["status"] for p in d["providers"] if p["id"] == 16] == [1145]' \
		'[p["up"] for p in d["providers"] if p["id"] != 16] == [True, True]' &&
		expect 0 as alice parsecctl stats && says 'provider 16, second: cannot be asked'
	status=$?
	kill -CONT "$pid"
	return $status
}

check 'known numbers of calls are counted, by status' exact_counts
check 'who is no administrator sees itself only' only_itself
check 'the same as tables' as_text
check 'a call that takes long is in flight' in_flight
check 'OpenMetrics text, with the same numbers' openmetrics
check 'names that would steer a terminal or break the text' hostile_names
check 'one format at a time' two_formats
check 'a provider that does not answer is shown so' silent_provider
done_testing
