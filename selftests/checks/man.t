#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Man pages that mandoc has no complaint about, for every program and interface.

. selftests/lib/tap.sh

# That a page is not installed on this machine is no fault of the page that names it
lint()
{
	! mandoc -T lint -W style "$1" | grep -v 'referenced manual not found'
}

for file in Documentation/man/*.[1-9]; do
	check "$file" lint "$file"
done
for page in parsecctl.1 libparsec.3 parsec.4 parsecd.conf.5 parsecd.8; do
	check "$page is there" test -s "Documentation/man/$page"
done
done_testing
