# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# For the tests of keys in a token: a token of SoftHSM, the service with a provider for it
# beside the software provider, and pkcs11-tool, which sees the same token. Begins with the
# module loaded and nothing that serves, as on a machine where Debian's package is installed
# and Documentation/token-provider.rst was followed.

. selftests/cli/lib.sh
. selftests/lib/hosts.sh

conf=/etc/parsec/parsecd.conf
pin=/etc/parsec/token.pin
log=$scratch/log
softhsm=/usr/lib/softhsm/libsofthsm2.so
tokens=/var/lib/softhsm/tokens
# Of the library that is broken on demand
rules=/etc/softhsm/trap
text=$scratch/text

echo text >"$text"
chmod 644 "$text"
trap '[ -z "$parsecd" ] || kill -9 "$parsecd" 2>/dev/null; rm -rf "$scratch"' EXIT
parsecd=
# An emulated machine with much to do may need more than 5 s to start a host
echo 60000 >/sys/module/parsec/parameters/grace_ms

# As the provider's user, who alone can open the files of the token
make_token()
{
	usermod -a -G softhsm parsec-pkcs11 && rm -rf "${tokens:?}"/* /var/lib/parsec/* &&
		: >"$rules" && chmod 644 "$rules" &&
		as parsec-pkcs11 softhsm2-util --init-token --free --label parsec --pin 1234 \
			--so-pin 5678 &&
		mkdir -p /etc/parsec && chmod 755 /etc/parsec && printf 1234 >"$pin" &&
		chown parsec-pkcs11: "$pin" && chmod 400 "$pin"
}

# configure MODULE [LINE...]: with these lines in the section of the token
configure()
{
	cat >"$conf" <<-end
	[core]
	user = parsec-core
	[provider software]
	library = openssl.so
	id = 1
	user = parsec-openssl
	[provider token]
	library = pkcs11.so
	id = 2
	user = parsec-pkcs11
	module = $1
	token_label = parsec
	user_pin = file:$pin
	paths = /etc/softhsm, $pin, ${1%/*}
	writable = $tokens
	end
	shift
	[ $# = 0 ] || printf '%s\n' "$@" >>"$conf"
	chown root: "$conf"
	chmod 600 "$conf"
}

# serve [HOSTS]: until so many of 3 run
serve()
{
	start_parsecd "${1-3}" 3
}

stop()
{
	stop_parsecd && parsecd=
}

# logged TEXT
logged()
{
	grep -qF -- "$1" "$log" || { cat "$log"; return 1; }
}

# token COMMAND...: of parsecctl, with the token
token()
{
	parsecctl -p 2 "$@"
}

# witness OPTION...: of pkcs11-tool, logged in
witness()
{
	as parsec-pkcs11 pkcs11-tool --module "$softhsm" --token-label parsec --login --pin 1234 \
		"$@" 2>"$scratch/witness"
}

# ids TYPE: of all objects of a type
ids()
{
	witness --list-objects --type "$1" | sed -n 's/^ *ID: *//p'
}

# id_of KEY: the token's public keys tell which of them it is
id_of()
{
	token export-public-key -k "$1" -o "$scratch/wanted.pem" || return
	openssl pkey -pubin -in "$scratch/wanted.pem" -outform DER -out "$scratch/wanted.der"
	for tap_id in $(ids pubkey); do
		witness --read-object --type pubkey --id "$tap_id" >"$scratch/read.der"
		! cmp -s "$scratch/read.der" "$scratch/wanted.der" || echo "$tap_id"
	done
}
