#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Every file says under which licence it is, and it is the one of its folder.

. selftests/lib/tap.sh

licence()
{
	case $1 in
	kernel/* | Kbuild | selftests/debug/planted/*) echo 'GPL-2.0-only' ;;
	include/uapi/*) echo 'GPL-2.0-only WITH Linux-syscall-note' ;;
	Documentation/netlink/specs/*) echo '.*' ;;
	*) echo 'Apache-2.0' ;;
	esac
}

missing()
{
	# JSON has no comments; the last is a table that make bench writes
	tracked | grep -v -e '^LICENSES/' -e '\.md$' -e '^\.gitignore$' \
		-e '\.json$' -e '^selftests/bench/baseline$' |
		while read -r file; do
			grep -Iq . "$file" || continue
			head -n 2 "$file" |
				grep -q "SPDX-License-Identifier: $(licence "$file")\( \*/\)\?$" ||
				echo "$file: want $(licence "$file")"
		done
}

silent 'every file has the SPDX line of its folder' missing
for file in GPL-2.0 Apache-2.0 Linux-syscall-note; do
	check "LICENSES/$file is there" test -s "LICENSES/$file"
done
done_testing
