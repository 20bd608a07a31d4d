# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# A provider that somebody has broken into, in the running service: configure it, have it try
# something, and see how that ended.

. selftests/cli/lib.sh
. selftests/lib/hosts.sh

conf=/etc/parsec/parsecd.conf
log=$PARSECD_LOG
evil=$PARSEC_BUILD/selftests/sandbox/evil.so
store=/var/lib/parsec/evil
parsecd=$(pgrep -x parsecd)
cp "$conf" "$scratch/conf"

# Has the log this line, after those of earlier attempts?
says_now()
{
	tail -n "+$((before + 1))" "$log" | grep -qF -- "$1" ||
		{ tail -n "+$((before + 1))" "$log"; return 1; }
}

serves()
{
	parsecctl generate-random --provider "$1" -n 8
}

# configure SANDBOX USER [LINE...]: and wait until a host of this kind serves, with these lines
# in its section. It is another user's at first, so its directories change hands
configure()
{
	before=$(wc -l <"$log")
	cp "$scratch/conf" "$conf"
	kill -HUP "$parsecd"
	eventually no_evil || return
	rm -rf /run/parsec/evil
	[ ! -e "$store" ] || chown -R "$2:" "$store"
	sed "s/^#sandbox = .*/sandbox = $1/" "$scratch/conf" >"$conf"
	printf '[provider evil]\nlibrary = %s\nid = 200\nworkers = 1\nuser = %s\n' \
		"$evil" "$2" >>"$conf"
	shift 2
	[ $# = 0 ] || printf '%s\n' "$@" >>"$conf"
	kill -HUP "$parsecd"
	eventually says_now '3 of 3 hosts are running' && eventually serves 200
}

no_evil()
{
	[ -z "$(host evil)" ]
}

# attempt OUTCOME ATTEMPT TARGET: it must end so, and both providers go on
attempt()
{
	before=$(wc -l <"$log")
	printf '%s\n%s\n' "$2" "$3" >"$store/attempt"
	chmod 644 "$store/attempt"
	parsecctl create-ecc-key --provider 200 -k escape && return 1
	case $1 in
	killed) eventually says_now 'host evil was killed by signal 31' ;;
	*) eventually says_now "$2: $1" ;;
	esac && eventually serves 200 && serves 1
}

# escape OUTCOME ATTEMPT TARGET NAME
escape()
{
	check "$4: $1" attempt "$1" "$2" "$3"
}

# The end of every test
as_it_was()
{
	cp "$scratch/conf" "$conf"
	kill -HUP "$parsecd"
	eventually serves 1
}
