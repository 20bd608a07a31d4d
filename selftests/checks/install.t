#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# make install puts all in its place, so that it can be used from there; make uninstall
# takes all of it away again.

. selftests/lib/tap.sh
: "${PARSEC_BUILD:?is the folder to build in}"

root=$scratch/root
lib=$root/usr/lib/$(gcc -print-multiarch)

quiet_make()
{
	make -s --no-print-directory "$@"
}

in_place()
{
	for file in usr/bin/parsecctl usr/libexec/parsec/parsecd usr/libexec/parsec/parsec-host \
		"usr/lib/$(gcc -print-multiarch)/parsec/openssl.so" \
		"usr/lib/$(gcc -print-multiarch)/parsec/pkcs11.so" usr/include/parsec/parsec.h \
		usr/include/parsec/provider.h usr/include/linux/parsec.h \
		usr/share/man/man8/parsecd.8 usr/share/man/man3/libparsec.3 \
		usr/lib/systemd/system/parsecd.service usr/lib/udev/rules.d/60-parsec.rules \
		usr/share/doc/parsec/examples/parsec-signer.service \
		usr/lib/sysusers.d/parsec.conf usr/lib/tmpfiles.d/parsec.conf \
		etc/parsec/parsecd.conf; do
		[ -s "$root/$file" ] || echo "no $file"
	done
	! grep -r '@[a-z]*@' "$root/usr/lib/systemd" "$lib/pkgconfig" "$root"/usr/src/*/dkms.conf
}

# An application is compiled with what pkg-config says and finds the installed library
application()
{
	cat >"$scratch/app.c" <<-EOF
	#include <parsec/parsec.h>
	#include <stdio.h>

	int main(void)
	{
		return puts(parsec_status_name(0)) < 0;
	}
	EOF
	flags=$(PKG_CONFIG_PATH=$lib/pkgconfig pkg-config --cflags --libs parsec) || return
	# shellcheck disable=SC2086 # options, each a word
	gcc -Wall -Werror -o "$scratch/app" "$scratch/app.c" -I"$root/usr/include" -L"$lib" \
		$flags && LD_LIBRARY_PATH=$lib "$scratch/app"
}

# A provider is written against the installed headers alone
provider()
{
	echo '#include <parsec/provider.h>' >"$scratch/provider.c"
	gcc -Wall -Werror -fsyntax-only -I"$root/usr/include" "$scratch/provider.c"
}

# DKMS compiles the module in the folder of its sources
dkms()
{
	set -- "$root"/usr/src/parsec-*
	quiet_make -C "/lib/modules/$(tools/vm/kernel --version)/build" M="$1" modules &&
		[ -s "$1/parsec.ko" ] &&
		quiet_make -C "/lib/modules/$(tools/vm/kernel --version)/build" M="$1" clean
}

autoload()
{
	modinfo -F alias "$root"/lib/modules/*/updates/parsec.ko | grep 'family-parsec$'
}

configuration()
{
	"$root/usr/libexec/parsec/parsecd" --config "$root/etc/parsec/parsecd.conf" \
		--provider-dir "$lib/parsec" --check-config
}

kept()
{
	echo '# changed' >>"$root/etc/parsec/parsecd.conf"
	quiet_make B="$PARSEC_BUILD" install DESTDIR="$root" >/dev/null &&
		grep -q '^# changed' "$root/etc/parsec/parsecd.conf" &&
		cp tools/dist/parsecd.conf "$root/etc/parsec/parsecd.conf"
}

left()
{
	mkdir -p "$root/lib/modules/6.1.0-1/updates"
	: >"$root/lib/modules/6.1.0-1/updates/parsec.ko"
	quiet_make B="$PARSEC_BUILD" uninstall DESTDIR="$root" && find "$root" ! -type d
}

PATH=$PATH:/usr/sbin:/sbin
check 'make install works' quiet_make B="$PARSEC_BUILD" install DESTDIR="$root"
silent 'every part is in its place' in_place
check 'an application is built with pkg-config' application
check 'a provider is built against the headers' provider
check 'the module is built the way DKMS does it' dkms
check 'the module is loaded by the name of its netlink family' autoload
check 'the configuration is one that parsecd accepts' configuration
check 'installing again keeps a changed configuration' kept
silent 'make uninstall leaves no file behind' left
done_testing
