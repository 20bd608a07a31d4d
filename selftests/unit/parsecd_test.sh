#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# parsecd's command line, and the configuration that is installed with it.

. selftests/lib/tap.sh

parsecd=$(dirname "$0")/../../helper/parsecd
conf=$scratch/conf
out=$scratch/out
err=$scratch/err

# The search for leaks traces the process that ends, and the filter of system calls that
# parsecd has by then kills who does that: it would wait for ever
export ASAN_OPTIONS=detect_leaks=0

# run STATUS ARGUMENTS...: parsecd must end with that status
run()
{
	want=$1
	shift
	"$parsecd" "$@" >"$out" 2>"$err"
	status=$?
	[ "$status" = "$want" ] || { echo "exit status $status"; cat "$err"; return 1; }
}

# One line on standard error, with TEXT in it, and nothing on standard output
one_line()
{
	cat "$out" "$err"
	[ "$(wc -l <"$err")" = 1 ] && [ ! -s "$out" ] && grep -qF -- "$1" "$err"
}

refuses()
{
	text=$1
	shift
	run 2 "$@" && one_line "$text"
}

write_conf()
{
	printf '%s\n' "$@" >"$conf"
	chmod 600 "$conf"
}

help_is_complete()
{
	run 0 --help && [ ! -s "$err" ] || return
	for option in config check-config dump-config host provider-dir version help; do
		grep -q -- "^  --$option " "$out" || { echo "--$option is missing"; return 1; }
	done
}

version()
{
	run 0 --version && grep -qx 'parsecd [0-9.]*' "$out"
}

installed_is_good()
{
	cp tools/dist/parsecd.conf "$conf" && chmod 600 "$conf" &&
		run 0 --check-config --config "$conf" && [ ! -s "$out" ] && [ ! -s "$err" ]
}

# What it says are the defaults are those
installed_is_true()
{
	run 0 --dump-config --config "$conf" && grep -v '^provider_dir' "$out" >"$scratch/as-is" &&
		sed -n '/^#provider_dir/d; s/^#\([a-z_]* =\)/\1/; /^[[a-z]/p' tools/dist/parsecd.conf \
			>"$conf" && run 0 --dump-config --config "$conf" &&
		grep -v '^provider_dir' "$out" | diff "$scratch/as-is" - &&
		[ "$(grep -c = "$conf")" = "$(grep -c = "$scratch/as-is")" ]
}

# Two libraries that are one: the second section is to be told from the first. Root has them
# loaded by a user who may not be able to read the build folder
libraries_of_one_uuid()
{
	chmod 755 "$scratch" && install -m 755 "$1" "$scratch/one.so" &&
		install -m 755 "$1" "$scratch/two.so" &&
		write_conf '[core]' 'user = nobody' '[provider one]' 'library = one.so' 'id = 16' \
			'[provider two]' 'library = two.so' 'id = 17' &&
		run 1 --check-config --provider-dir "$scratch" --config "$conf" &&
		one_line "$conf:6: [provider two] has the UUID of [provider one] in line 3, " &&
		echo 'uuid = 4f0a1d5e-3a52-4c0b-9f0e-7f5b1f0c9a11' >>"$conf" &&
		run 0 --check-config --provider-dir "$scratch" --config "$conf" && [ ! -s "$err" ]
}

# A host says why it does not start, once it is to
library_that_is_none()
{
	cp "$parsecd" "$scratch/two.so" && sed -i '/^uuid/d' "$conf" &&
		run 0 --check-config --provider-dir "$scratch" --config "$conf" && [ ! -s "$err" ]
}

dump_loads()
{
	write_conf '[provider a]' 'library = x' 'id = 1' 'user_pin = 1234' &&
		run 0 --dump-config --config "$conf" && ! grep 1234 "$out" &&
		cp "$out" "$conf" && run 0 --check-config --config "$conf"
}

all_errors()
{
	write_conf '[core]' 'worker = 1' 'log_level = loud' &&
		run 1 --check-config --config "$conf" && [ ! -s "$out" ] &&
		grep -qF "$conf:2: unknown key worker" "$err" &&
		grep -qF "$conf:3: log_level must be" "$err"
}

# A start, refused for what the file is or says
no_start()
{
	run 1 --config "$conf" --host /bin/true && one_line "$1"
}

missing_file()
{
	run 1 --config "$scratch/none" && one_line "$scratch/none: No such file"
}

writable_file()
{
	chmod "$1" "$conf" && no_start 'writable by others'
}

foreign_file()
{
	chmod 600 "$conf" && chown 12345 "$conf" && no_start 'does not belong to root'
}

fifo()
{
	rm -f "$conf" && mkfifo "$conf" && no_start 'not a file'
}

missing_host()
{
	run 1 --config "$conf" --host "$scratch/none" && one_line "$scratch/none cannot be run"
}

full_disk()
{
	"$parsecd" --dump-config --config "$conf" >/dev/full 2>"$err"
	[ $? = 1 ] && grep -q 'No space left' "$err"
}

check 'an unknown option is misuse' refuses 'unknown option --nonsense' --nonsense
check 'an argument is misuse' refuses 'unexpected argument extra' extra
check 'an option without its value is misuse' refuses 'missing after --config' --config
check 'a relative provider folder is misuse' \
	refuses 'wants an absolute path' --provider-dir lib
check '--help names every option' help_is_complete
check '--version' version
check 'the installed configuration is good' installed_is_good
check 'it tells the defaults, all of them' installed_is_true
check 'a dump loads and hides secrets' dump_loads
check 'all errors are told, with file and line' all_errors
check 'two libraries of one UUID' libraries_of_one_uuid "$(dirname "$0")/plugin_fake0.so"
check 'a library that says no UUID is no mistake in the file' library_that_is_none
write_conf '[core]' 'log_level = loud' '[provider a]' 'library = x' 'id = 1'
check 'a bad configuration does not start' no_start "$conf:2: log_level must be"
check 'a missing configuration' missing_file
write_conf '[provider a]' 'library = x' 'id = 1'
check 'a missing parsec-host' missing_host
check 'a dump that cannot be written is an error' full_disk
if [ "$(id -u)" = 0 ]; then
	check 'a configuration that a group can write to' writable_file 620
	check 'a configuration that everybody can write to' writable_file 602
	check 'a configuration of somebody else' foreign_file
else
	skip 'configurations that others can write to' 'matters to root only'
fi
check 'a FIFO as configuration' fifo
done_testing
