#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Replacing the service and parts of it while 64 threads sign and others make and remove
# keys: no call fails. Begins with no module loaded.
#
# The grace period is longer than by default: an emulated machine with all that load may need
# more than 5 s to start two programs.

. selftests/cli/lib.sh
. selftests/lib/hosts.sh

module=$PARSEC_BUILD/module-$(uname -r)/parsec.ko
conf=/etc/parsec/parsecd.conf
log=$scratch/log
installed=$scratch/installed

mkdir -p /etc/parsec "$installed"
cp tools/dist/parsecd.conf "$conf"
chown root: "$conf"
chmod 600 "$conf"
trap 'kill -9 "$parsecd" "$load" 2>/dev/null; rm -rf "$scratch"' EXIT

# Put the programs where they run from, as a package manager does: over those that run
install_programs()
{
	for file in helper/parsecd helper/parsec-host providers/openssl.so; do
		cp "$PARSEC_BUILD/$file" "$installed/new" &&
			mv -f "$installed/new" "$installed/${file##*/}" || return
	done
}

start()
{
	"$installed/parsecd" --provider-dir "$installed" 2>>"$log" &
	parsecd=$!
}

# As the service manager stops it: parsecd is told, and waited for
stop()
{
	begin=$(date +%s%3N)
	kill "$parsecd"
	wait "$parsecd"
	same 0 $? && echo "stopped in $(($(date +%s%3N) - begin)) ms"
}

restart()
{
	stop && start
}

upgrade()
{
	install_programs && restart
}

# A host that is told to end, by whomever
restart_host()
{
	old=$(host "$1")
	kill "$old" && eventually is_new "$1" "$old"
}

# A host that parsecd replaces, because its part of the configuration is another
change_host()
{
	old=$(host software)
	if grep -q '^workers = 3' "$conf"; then
		sed -i '/^workers = 3/d' "$conf"
	else
		sed -i '/^id = 1/a workers = 3' "$conf"
	fi
	kill -HUP "$parsecd" && eventually is_new software "$old"
}

# A second parsecd that is not allowed to replace the first
second_is_refused()
{
	expect 1 timeout 30 "$installed/parsecd" --provider-dir "$installed" || return
	says "parsecd runs already, with process id $parsecd;" "$err"
}

# One that is, by its configuration
second_takes_over()
{
	first=$parsecd
	sed 's/^#takeover = .*/takeover = true/' "$conf" >"$scratch/takeover.conf"
	chmod 600 "$scratch/takeover.conf"
	"$installed/parsecd" --config "$scratch/takeover.conf" --provider-dir "$installed" \
		2>>"$log" &
	parsecd=$!
	wait "$first"
	same 0 $?
}

# start_load SIGNERS OTHERS
start_load()
{
	# Not as(): it has to be the process that can be told to stop
	setpriv --reuid=alice --regid=alice --init-groups \
		"$PARSEC_BUILD/selftests/deaths/load" "$1" "$2" >"$scratch/report" 2>&1 &
	load=$!
	eventually grep -q running "$scratch/report"
}

# under_load COMMAND...: nobody has to be killed for it, nor does a call fail
under_load()
{
	: >"$log"
	"$@" && eventually expect 0 parsecctl ping || return
	sleep 1
	grep -v audit "$log"
	cat "$scratch/report"
	same '' "$(grep 'killed' "$log")" && same '' "$(grep failed "$scratch/report")"
}

# All kinds of calls were made, and none failed
end_load()
{
	kill "$load" || { cat "$scratch/report"; return 1; }
	wait "$load"
	status=$?
	cat "$scratch/report"
	same 0 "$status"
}

# What they said is part of the result
report()
{
	sed 's/^/# /' "$scratch/report"
}

insmod "$module" grace_ms=30000
install_programs
start
check 'it serves' eventually expect 0 parsecctl list-keys
check '64 threads sign, others do other things' start_load 64 12
check 'no call fails when the service is stopped and started' under_load restart
check 'nor when its programs are replaced before that' under_load upgrade
check 'nor when the host of a provider is told to end' under_load restart_host software
check 'nor when that happens to core' under_load restart_host core
check 'nor when the configuration of a provider changes' under_load change_host
check 'nor when a second parsecd is refused' under_load second_is_refused
check 'nor when it takes over' under_load second_takes_over
check 'in the end all have been answered' end_load
report
check '60 threads make and remove keys, some sign' start_load 4 60
check 'no call fails when the host of the provider is told to end' under_load restart_host software
check 'in the end all of them, too, have been answered' end_load
report
check 'it stops' stop
check 'the module is not in use' rmmod parsec
done_testing
