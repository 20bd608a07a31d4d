#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# A stranger adds a provider: the commands of Documentation/adding-a-provider.rst, outside
# the tree with what make install has put below a folder, and inside a copy of the tree.

. selftests/lib/tap.sh
: "${PARSEC_BUILD:?is the folder to build in}"

page=Documentation/adding-a-provider.rst
root=$scratch/root
lib=$root/usr/lib/$(gcc -print-multiarch)
mine=$scratch/home/mine

# commands HEADING: the blocks marked as sh of this part of the page
commands()
{
	awk -v heading="$1" '
	function indent(line) { match(line, /^ */); return RLENGTH }
	/^=+$/ { part = last }
	{ last = $0 }
	/^ *\.\. code-block:: sh$/ { outer = indent($0); inner = 0; inside = part == heading; next }
	!inside || /^$/ { next }
	indent($0) <= outer { inside = 0; next }
	{ if (!inner) inner = indent($0); print substr($0, inner + 1) }' "$page"
}

# Where the guide says sudo, /etc and /usr it is all below $root
stand_in()
{
	mkdir -p "$scratch/bin" "$scratch/home"
	printf '#!/bin/sh\nDESTDIR=%s exec "$@"\n' "$root" >"$scratch/bin/sudo"
	printf '#!/bin/sh\nexec %s/usr/libexec/parsec/parsecd --config %s --provider-dir %s "$@"\n' \
		"$root" "$root/etc/parsec/parsecd.conf" "$lib/parsec" >"$scratch/bin/parsecd"
	chmod 755 "$scratch/bin/sudo" "$scratch/bin/parsecd"
}

# run HEADING FOLDER: those commands there, each of which must succeed
run()
{
	commands "$1" | sed -e "s|/usr/libexec/parsec/parsecd|parsecd|" \
		-e "s|/etc/parsec/|$root&|" >"$scratch/commands"
	(
		cd "$2" && env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS -u B -u PARSEC_BUILD \
			HOME="$scratch/home" PATH="$scratch/bin:$root/usr/bin:$PATH" \
			PKG_CONFIG_PATH="$lib/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$root" \
			CFLAGS='-O1 -Werror' sh -exu "$scratch/commands"
	)
}

# As many commands as there are, so that none is lost in a block that is marked otherwise
marked()
{
	[ "$(commands 'Outside this tree' | grep -cE '^(cp|cd|make|sed|cat|parsec|sudo|/usr)')" = 11 ] &&
		[ "$(commands 'Inside this tree' | wc -l)" = 3 ] && ! grep '::$' "$page" | grep -v '^\.\.'
}

outside()
{
	run 'Outside this tree' .
}

# The kit ran twice, on all facts
green()
{
	outside >"$scratch/outside" 2>&1 || { cat "$scratch/outside"; return 1; }
	! grep '^not ok' "$scratch/outside" && [ "$(grep -c '^1\.\.' "$scratch/outside")" = 2 ] &&
		grep '^ok .* 1000 keys are made' "$scratch/outside" &&
		grep '^ok .* 100 keys are made' "$scratch/outside"
}

uuid_of()
{
	sed -n 's/.*\.uuid.*"\(.*\)".*/\1/p' "$1"
}

its_own()
{
	[ "$(uuid_of "$mine/template.c")" != "$(uuid_of providers/template/template.c)" ] &&
		cmp "$mine/mine.so" "$lib/parsec/mine.so" && grep -a "$(uuid_of "$mine/template.c")" \
		"$lib/parsec/mine.so" && grep -F '[provider mine]' "$root/etc/parsec/parsecd.conf"
}

# Every header is a system's or an installed one, and of ours no more than these
headers()
{
	gcc -M -I"$root/usr/include" "$mine/template.c" | sed 's/[ \\]\{1,\}/\n/g' |
		grep '^/' >"$scratch/headers"
	[ -s "$scratch/headers" ] && ! grep -v -e "^$root/usr/include/parsec/" -e '^/usr/' \
		-e "^$mine/" "$scratch/headers" && ! grep '^/usr/.*/parsec/' "$scratch/headers" &&
		grep '/parsec/provider.h$' "$scratch/headers"
}

# It gives one symbol, and takes those of the C library and of OpenSSL
symbols()
{
	nm -D --defined-only "$mine/mine.so" | awk '{ print $3 }' >"$scratch/given"
	echo parsec_provider | diff "$scratch/given" - &&
		! readelf -d "$mine/mine.so" | grep NEEDED | grep -v -e 'libcrypto\.so' -e 'libc\.so' &&
		! nm -D --undefined-only "$mine/mine.so" | grep -i parsec
}

inside()
{
	mkdir "$scratch/tree" && tracked | tar -cf - -T - | tar -xf - -C "$scratch/tree" &&
		run 'Inside this tree' "$scratch/tree" >"$scratch/inside" 2>&1 ||
		{ cat "$scratch/inside"; return 1; }
	! grep '^not ok' "$scratch/inside" && grep '^1\.\.' "$scratch/inside" &&
		(cd "$scratch/tree" && make -s -n unit 2>&1 | grep 'prove.*/provider_check_mine_test')
}

PATH=$PATH:/usr/sbin:/sbin
check 'make install works' make -s --no-print-directory B="$PARSEC_BUILD" install DESTDIR="$root"
stand_in
check 'every command of the guide is marked as one' marked
check 'outside the tree they build a provider that the installed kit accepts' green
check 'it has a UUID of its own, is installed and configured' its_own
check 'it includes no header of ours but installed ones' headers
check 'it exports its table alone and needs no library of ours' symbols
check 'inside the tree a copy of the folder is built and tried' inside
done_testing
