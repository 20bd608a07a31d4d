# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# For the scripts beside this one that make a kernel's folder below the cache folder,
# $PARSEC_CACHE: all is done in $tmp and appears under its name when it is whole.

die()
{
	echo "$0: $*" >&2
	exit 1
}

# Two runs that want the same kernel do not both make it; tmp is a folder of our own
begin()
{
	exec 9>"$PARSEC_CACHE/lock-$1"
	flock 9
	tmp=$(mktemp -d "$PARSEC_CACHE/make.XXXXXX")
	trap 'rm -rf "$tmp"' EXIT
	trap 'exit 1' INT TERM HUP
}

# finish FOLDER RELEASE: this folder, below $tmp or $tmp itself, is the kernel's
finish()
{
	chmod 755 "$1"
	mv -T "$1" "$PARSEC_CACHE/linux-$2"
}

# apt as it is set up here, but for what is put in $apt_options. Its sandbox user cannot
# write below a home folder: say that it need not.
download()
{
	# shellcheck disable=SC2086 # options, each a word
	(cd "$tmp" && apt-get -qq -o APT::Sandbox::User="$(id -un)" ${apt_options:-} \
		download "$@") >&2
}

# little_endian FILE OFFSET BYTES: a number of the boot header
little_endian()
{
	od -An -v -j "$2" -N "$3" -t "u$3" "$1" | tr -d ' \n'
}

# extract BZIMAGE VMLINUX: a bzImage carries the ELF kernel compressed. Booting that directly
# spares the guest from unpacking it, which in emulation takes longer than the whole boot.
extract()
{
	sects=$(little_endian "$1" 497 1)
	offset=$(((sects + 1) * 512 + $(little_endian "$1" 584 4)))
	length=$(little_endian "$1" 588 4)

	# The payload ends in its unpacked size, which xz takes for trailing garbage
	tail -c "+$((offset + 1))" "$1" | head -c "$((length - 4))" >"$2.payload"
	case $(od -An -N 4 -t x1 "$2.payload" | tr -d ' ') in
	fd377a58) xz -dc <"$2.payload" >"$2" ;;
	28b52ffd) zstd -qdc <"$2.payload" >"$2" ;;
	02214c18) lz4 -dc <"$2.payload" >"$2" ;;
	1f8b*) gzip -dc <"$2.payload" >"$2" ;;
	*) die "$1: unknown compression" ;;
	esac
	rm "$2.payload"
}

# unpack_image RELEASE: Debian's package in $tmp, to what boots and what can be loaded
unpack_image()
{
	dpkg-deb -x "$tmp"/linux-image-*.deb "$tmp/image"
	extract "$tmp/image/boot/vmlinuz-$1" "$tmp/image/vmlinux"
	rm -rf "$tmp/image/boot" "$tmp/image/usr" "$tmp"/linux-image-*.deb
}
