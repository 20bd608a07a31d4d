#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What the tree has agreed on about the size and shape of its files.

. selftests/lib/tap.sh

sources()
{
	tracked '*.c' '*.h'
}

# each AWK-PROGRAM: over all sources, with what it prints as the complaint
each()
{
	sources | xargs awk "$1"
}

long_files()
{
	sources | while read -r file; do
		lines=$(wc -l <"$file")
		[ "$lines" -le 600 ] || echo "$file: $lines lines"
	done
}

unfinished()
{
	tracked | grep -v -e '^selftests/checks/style.t$' -e '^LICENSES/' |
		xargs grep -n -w -E 'TODO|FIXME|XXX|HACK'
	return 0
}

# A tab is eight columns; what is printed is not broken, so that it can be searched for
long_lines()
{
	sources | while read -r file; do
		expand "$file" | awk -v file="$file" 'length($0) > 100 && !/"/ { print file ":" FNR }'
	done
}

trailing_space()
{
	tracked | grep -v '^LICENSES/' | xargs grep -n -I -E '[[:blank:]]+$'
	return 0
}

silent 'the README has at most 80 lines' sh -c 'test "$(wc -l <README.md)" -le 80'
silent 'no source has more than 600 lines' long_files
silent 'no line has more than 100 columns' long_lines
silent 'no function has more than 80 lines' each '
	/^\{$/ { start = FNR }
	/^\}/ && start {
		if (FNR - start > 80)
			print FILENAME ":" start ": " FNR - start " lines"
		start = 0
	}'
silent 'nothing is marked as unfinished' unfinished
silent 'no blanks at the end of a line' trailing_space
done_testing
