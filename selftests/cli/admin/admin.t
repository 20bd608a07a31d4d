#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What an administrator may do, and keys of one name in two providers.

. selftests/cli/lib.sh

forget_keys alice bob

# make USER PROVIDER NAME: a key of this user
make()
{
	expect 0 as "$1" parsecctl --provider "$2" create-ecc-key -k "$3"
}

independent()
{
	make bob 1 web && make bob 16 web &&
		refuses 1 '(1139)' as bob parsecctl --provider 16 create-ecc-key -k web &&
		expect 0 as bob parsecctl list-keys --json &&
		json '[(k["provider"], k["name"]) for k in d] == [(1, "web"), (16, "web")]' &&
		as bob parsecctl --provider 1 export-public-key -k web >"$scratch/one" &&
		as bob parsecctl --provider 16 export-public-key -k web >"$scratch/two" &&
		! cmp -s "$scratch/one" "$scratch/two" &&
		expect 0 as bob parsecctl --provider 16 delete-key -k web &&
		expect 0 as bob parsecctl list-keys --json &&
		json '[(k["provider"], k["name"]) for k in d] == [(1, "web")]'
}

clients()
{
	make bob 16 other && make alice 1 mine &&
		expect 0 as alice parsecctl list-clients --json &&
		json 'd == ["1000", "1001"]' || return
	expect 0 as alice parsecctl list-clients && lines 2
}

refused()
{
	refuses 1 '(21)' as bob parsecctl list-clients &&
		says 'into admins in parsecd.conf(5)' "$err" &&
		refuses 1 '(21)' as bob parsecctl delete-client --yes --client 1000 &&
		expect 0 as alice parsecctl list-keys && says mine
}

deleted()
{
	expect 0 as alice parsecctl delete-client --yes --client 1001 &&
		expect 0 as bob parsecctl list-keys && lines 0 &&
		expect 0 as alice parsecctl list-keys && says mine &&
		expect 0 as alice parsecctl list-clients --json && json 'd == ["1000"]' &&
		refuses 1 '"nobody" has no keys' as alice parsecctl delete-client --yes \
			--client nobody &&
		refuses 1 '"1001" has no keys' as alice parsecctl delete-client --yes --client 1001 &&
		make bob 1 web
}

# The list of all keys is too long for an answer: a key is imported all the same
too_many()
{
	name=$(printf '%4000s' '' | tr ' ' x)
	status=0
	for i in 1 2 3 4 5; do
		make bob 1 "$name$i" || status=1
	done
	head -c 32 /dev/urandom >"$scratch/key"
	chmod 644 "$scratch/key"
	refuses 1 'ResponseTooLarge' as bob parsecctl list-keys &&
		says 'remove keys' "$err" &&
		expect 0 as bob parsecctl import-key -k one --type aes "$scratch/key" &&
		says 'imported one: AES, 256 bits; GCM; provider 1' &&
		says 'not all about it is known: ResponseTooLarge' "$err" && lines 1 "$err" &&
		expect 0 as bob parsecctl import-key -k two --json --type aes "$scratch/key" &&
		json 'd["name"] == "two" and d["bits"] == 256' || status=1
	for i in "${name}1" "${name}2" "${name}3" "${name}4" "${name}5" one two; do
		expect 0 as bob parsecctl delete-key -k "$i" || status=1
	done
	return $status
}

check 'keys of one name in two providers are two keys' independent
check 'an administrator sees who has keys, in any provider, once' clients
check 'others do not, and delete nobody' refused
check 'a client is deleted in all providers, and nobody else' deleted
check 'more keys than one answer can list' too_many
done_testing
