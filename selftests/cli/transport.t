#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What parsecctl says when it cannot reach the service; exit status 3.

. selftests/cli/lib.sh

no_device()
{
	refuses 3 'ENOENT (2)' parsecctl --device "$scratch/none" ping &&
		says 'modprobe parsec' "$err"
}


forbidden()
{
	cp -a /dev/parsec "$scratch/parsec" && chmod 600 "$scratch/parsec" &&
		refuses 3 'EACCES (13)' as alice parsecctl --device "$scratch/parsec" ping &&
		says 'mode of the device node' "$err"
}

other_node()
{
	cp -a /dev/parsec "$scratch/other" && expect 0 parsecctl --device "$scratch/other" ping
}

json_error()
{
	expect 3 parsecctl --json --device "$scratch/none" list-keys &&
		json 'd["error"]["errno"] == 2 and d["error"]["name"] == "ENOENT"'
}

status_page()
{
	expect 3 parsecctl --device "$scratch/none" && says 'cannot be opened' &&
		says 'ENOENT (2)' "$err" && lines 1 "$err" &&
		expect 3 parsecctl --device "$scratch/none" --json &&
		json 'd["opened"] is False and d["works"] is False and d["advice"]'
}

check 'no device' no_device
check 'a device that the user may not open' forbidden
check 'a device node of another name' other_node
check 'a file that is no device of ours' refuses 3 'ENOTTY (25)' parsecctl --device /dev/null ping
check 'the error as JSON' json_error
check 'the status page without a device' status_page
done_testing
