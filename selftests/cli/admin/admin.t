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
		refuses 1 '(21)' as bob parsecctl delete-client --yes --client 1000 &&
		expect 0 as alice parsecctl list-keys && says mine
}

deleted()
{
	expect 0 as alice parsecctl delete-client --yes --client 1001 &&
		expect 0 as bob parsecctl list-keys && lines 0 &&
		expect 0 as alice parsecctl list-keys && says mine &&
		expect 0 as alice parsecctl list-clients --json && json 'd == ["1000"]' &&
		expect 0 as alice parsecctl delete-client --yes --client nobody &&
		make bob 1 web
}

check 'keys of one name in two providers are two keys' independent
check 'an administrator sees who has keys, in any provider, once' clients
check 'others do not, and delete nobody' refused
check 'a client is deleted in all providers, and nobody else' deleted
done_testing
