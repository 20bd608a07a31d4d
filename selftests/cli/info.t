#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# parsecctl about the service: status page, ping, the lists; as text and as JSON.

. selftests/cli/lib.sh
forget_keys root alice bob

status_page()
{
	expect 0 parsecctl && says 'module      loaded' &&
		says 'device      /dev/parsec, interface 1, requests up to 1048576 bytes' &&
		says 'service     connected' &&
		says 'you         root, uid 0; your keys are those of application 0' &&
		says 'providers   1, ' && says '            0, ' && says 'keys        0'
}

status_json()
{
	expect 0 parsecctl --json &&
		json 'd["works"] and d["module"] and d["opened"] and d["service"]' \
			'd["device"] == "/dev/parsec" and d["application"] == "0"' \
			'[p["id"] for p in d["providers"]] == [1, 0] and d["keys"] == 0'
}

status_of_user()
{
	expect 0 as alice parsecctl && says 'you         alice, uid 1000' &&
		says 'keys are those of application 1000'
}

# Path of this shell's cgroup
cgroup()
{
	sed -n 's/^0:://p' /proc/self/cgroup
}

status_in_container()
{
	expect 0 as alice unshare --user --pid --fork --map-root-user parsecctl &&
		says 'your keys are those of application 1000' || return
	# One in which root of the machine is root is not root
	expect 0 unshare --user --pid --fork --map-root-user parsecctl &&
		says "your keys are those of application $(cgroup):0" || return
	expect 0 unshare --pid --fork parsecctl &&
		says "your keys are those of application $(cgroup):0"
}

ping()
{
	expect 0 parsecctl ping && says 'wire protocol version 1.0' &&
		expect 0 parsecctl ping --json && json 'd["wire_protocol_version_maj"] == 1'
}

list_providers()
{
	expect 0 parsecctl list-providers &&
		says 'id 1, software' && says 'df93d95d-8086-43a7-a5dd-dc5ef3412819' &&
		says 'id 0, core' && says '47049873-2a43-4845-9d72-831eab668784'
}

list_providers_json()
{
	expect 0 parsecctl list-providers --json && json '[p["id"] for p in d] == [1, 0]' \
			'set(d[0]) == {"id", "uuid", "description", "vendor", "version"}'
}

list_opcodes()
{
	expect 0 parsecctl list-opcodes && says '0x02  PsaGenerateKey' &&
		expect 0 parsecctl list-opcodes --provider core && says ' 1  0x01  Ping'
}

list_opcodes_json()
{
	expect 0 parsecctl --provider 1 --json list-opcodes && json 'd["provider"] == 1' \
			'{"opcode": 4, "name": "PsaSignHash"} in d["opcodes"]'
}

# In each way a provider can be named
provider_names()
{
	for name in 1 software openssl SOFTWARE df93d95d-8086-43a7-a5dd-dc5ef3412819; do
		expect 0 parsecctl list-opcodes --provider "$name" && says PsaGenerateKey ||
			return 1
	done
}

list_authenticators()
{
	expect 0 parsecctl list-authenticators && says 'id 3' &&
		expect 0 parsecctl list-authenticators --json &&
		json '[a["id"] for a in d] == [3]'
}

help()
{
	expect 0 parsecctl --help && says 'create-ecc-key' || return 1
	sed -n 's/^  \([a-z][a-z-]*\)  .*/\1/p' "$out" >"$scratch/commands"
	lines 31 "$scratch/commands" || return 1
	while read -r command; do
		expect 0 parsecctl "$command" --help && says "usage: parsecctl $command" &&
			says '--json' && says '--timeout SECONDS' || return 1
	done <"$scratch/commands"
}

version()
{
	expect 0 parsecctl --version &&
		same "parsecctl $(sed -n 's/^VERSION.*= *//p' Makefile)" "$(cat "$out")"
}

check 'the status page' status_page
check 'the status page as JSON' status_json
check 'the status page of a user' status_of_user
check 'the status page in a container' status_in_container
check 'ping' ping
check 'list-providers' list_providers
check 'list-providers as JSON' list_providers_json
check 'list-opcodes' list_opcodes
check 'list-opcodes as JSON' list_opcodes_json
check 'a provider by id, name and UUID' provider_names
check 'list-authenticators' list_authenticators
check 'each command has a help' help
check 'the version' version
check 'a provider that is not configured is 5' \
	refuses 1 'ProviderNotRegistered (5)' parsecctl list-opcodes --provider tpm
check 'a provider that does not exist is 6' \
	refuses 1 'ProviderDoesNotExist (6)' parsecctl list-opcodes --provider 99
done_testing
