#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# parsecctl hash and generate-random, and how results are written.

. selftests/cli/lib.sh

file=$scratch/file
printf 'a\0b\r\n\377' >"$file"

hash()
{
	for name in sha256 sha384 sha512; do
		expect 0 parsecctl hash --hash "$name" "$file" &&
			same "$("${name}sum" <"$file" | cut -d' ' -f1)" "$(cat "$out")" || return 1
	done
}

hash_input()
{
	expect 0 parsecctl hash <"$file" &&
		same "$(sha256sum <"$file" | cut -d' ' -f1)" "$(cat "$out")" &&
		expect 0 parsecctl hash - </dev/null &&
		same "$(sha256sum </dev/null | cut -d' ' -f1)" "$(cat "$out")"
}

hash_json()
{
	expect 0 parsecctl hash --json "$file" &&
		json "d['hash_hex'] == '$(sha256sum <"$file" | cut -d' ' -f1)'" \
			'd["algorithm"] == "SHA-256" and d["provider"] == 1' &&
		expect 0 parsecctl hash --base64 "$file" &&
		same "$(openssl dgst -sha256 -binary "$file" | base64 -w0)" "$(cat "$out")"
}

compare()
{
	expect 0 parsecctl hash --compare "$(sha256sum <"$file" | cut -d' ' -f1)" "$file" &&
		lines 0 &&
		refuses 1 'PsaErrorInvalidSignature (1149)' parsecctl hash \
			--compare "$(sha256sum </dev/null | cut -d' ' -f1)" "$file"
}

too_large()
{
	head -c 1048577 /dev/zero >"$scratch/large"
	refuses 1 'BodySizeExceedsLimit (20)' parsecctl hash "$scratch/large" &&
		head -c 1048000 /dev/zero >"$scratch/large" && expect 0 parsecctl hash "$scratch/large"
}

random()
{
	for n in 1 32 65536 65537 1500000; do
		expect 0 parsecctl generate-random --nbytes "$n" && same "$n" "$(wc -c <"$out")" ||
			return 1
	done
	expect 0 parsecctl generate-random -n 16 --hex && cp "$out" "$scratch/first" &&
		same 33 "$(wc -c <"$out")" && expect 0 parsecctl generate-random -n 16 --hex &&
		! cmp -s "$out" "$scratch/first"
}

random_json()
{
	expect 0 parsecctl generate-random -n 20 --json &&
		json 'len(__import__("base64").b64decode(d["bytes_base64"])) == 20' &&
		expect 0 parsecctl generate-random -n 20 --json --hex &&
		json 'len(bytes.fromhex(d["bytes_hex"])) == 20' &&
		expect 0 parsecctl generate-random -n 20 --base64 &&
		same 20 "$(base64 -d <"$out" | wc -c)"
}

# A reader that goes away ends it, quietly
closed_pipe()
{
	parsecctl generate-random -n 2000000 2>"$err" | head -c 1 >/dev/null
	lines 0 "$err" && parsecctl list-opcodes 2>"$err" | head -n 1 >"$out" &&
		lines 1 && lines 0 "$err"
}

full_disk()
{
	parsecctl list-providers >/dev/full 2>"$err"
	same 4 $? && says 'No space left on device' "$err" && lines 1 "$err" &&
		refuses 4 'No space left on device' parsecctl hash -o /dev/full "$file"
}

# Nothing that is opened later may take the place of a stream that the caller closed
closed_streams()
{
	parsecctl list-providers 2>"$err" >&-
	same 4 $? && says 'Bad file descriptor' "$err" || return 1
	parsecctl hash 2>"$err" <&-
	same 4 $? && says 'standard input: Bad file descriptor' "$err" || return 1
	parsecctl no-such-command 2>&-
	same 2 $?
}

terminal()
{
	script -q -e -c 'parsecctl generate-random -n 16' /dev/null >"$out"
	same 2 $? && says 'binary data is not for a terminal' || return 1
	script -q -e -c 'parsecctl generate-random -n 16 --hex' /dev/null >"$out"
	same 0 $?
}

output_file()
{
	expect 0 parsecctl generate-random -n 7 -o "$scratch/random" &&
		same 7 "$(wc -c <"$scratch/random")" && same 0 "$(wc -c <"$out")" &&
		refuses 4 'No such file' parsecctl generate-random -n 7 -o "$scratch/no/file" &&
		expect 0 parsecctl generate-random -n 7 -o - && same 7 "$(wc -c <"$out")"
}

# A file is replaced by a whole one, or stays as it is; and its mode is never wider than before
replaced()
{
	mkdir "$scratch/small" && mount -t tmpfs -o size=64k small "$scratch/small" || return
	echo before >"$scratch/small/f"
	chmod 640 "$scratch/small/f"
	refuses 4 'No space left' parsecctl generate-random -n 100000 -o "$scratch/small/f" &&
		same before "$(cat "$scratch/small/f")" &&
		same f "$(ls -A "$scratch/small")" &&
		refuses 4 'No space left' parsecctl generate-random -n 100000 \
			-o "$scratch/small/new" &&
		same f "$(ls -A "$scratch/small")" &&
		expect 0 parsecctl generate-random -n 7 -o "$scratch/small/f" &&
		same '7 -rw-r-----' "$(stat -c '%s %A' "$scratch/small/f")" &&
		same f "$(ls -A "$scratch/small")"
	status=$?
	umount "$scratch/small"
	return $status
}

# What is not replaced: a link, a pipe, a descriptor, a mount; and a name without a slash is a file
not_replaced()
{
	echo before >"$scratch/target"
	ln -s target "$scratch/link"
	ln -s nowhere "$scratch/dangling"
	mkfifo "$scratch/pipe"
	expect 0 parsecctl generate-random -n 7 -o "$scratch/link" &&
		test -L "$scratch/link" && same 7 "$(wc -c <"$scratch/target")" &&
		expect 0 parsecctl generate-random -n 8 -o "$scratch/dangling" &&
		test -L "$scratch/dangling" && same 8 "$(wc -c <"$scratch/nowhere")" || return
	cat "$scratch/pipe" >"$scratch/piped" &
	expect 0 parsecctl generate-random -n 9 -o "$scratch/pipe" && wait $! &&
		test -p "$scratch/pipe" && same 9 "$(wc -c <"$scratch/piped")" &&
		expect 0 parsecctl generate-random -n 10 -o /dev/stdout &&
		same 10 "$(wc -c <"$out")" &&
		same 11 "$(parsecctl generate-random -n 11 -o /dev/stdout | wc -c)" &&
		(cd "$scratch" && parsecctl generate-random -n 12 -o plain) &&
		same '12 -rw-r--r--' "$(stat -c '%s %A' "$scratch/plain")" || return
	mount --bind "$scratch/plain" "$scratch/target" &&
		expect 0 parsecctl generate-random -n 3 -o "$scratch/target" &&
		umount "$scratch/target" && same 3 "$(wc -c <"$scratch/plain")" &&
		same 7 "$(wc -c <"$scratch/target")"
}

# to_file COMMAND...: with --json and --output it prints nothing and makes a file of JSON
to_file()
{
	rm -f "$scratch/json"
	expect 0 parsecctl "$@" --json -o "$scratch/json" && lines 0 &&
		cp "$scratch/json" "$out" && json 'd["provider"] == 1' || echo "$1"
}

json_file()
{
	: >"$scratch/said"
	parsecctl create-ecc-key -k j >/dev/null
	parsecctl create-key -k aead --type aes >/dev/null
	parsecctl create-key -k mac --type hmac >/dev/null
	parsecctl create-key -k ecdh --type ecc --algorithm ecdh >/dev/null
	parsecctl export-public-key -k ecdh -o "$scratch/peer"
	parsecctl encrypt -k aead -o "$scratch/encrypted" "$file"
	{
		to_file hash "$file"
		to_file hash --compare "$(sha256sum <"$file" | cut -d' ' -f1)" "$file"
		to_file generate-random -n 70000
		to_file sign -k j "$file"
		to_file export-public-key -k j
		to_file create-csr -k j --subject /CN=j
		to_file encrypt -k aead "$file"
		to_file decrypt -k aead "$scratch/encrypted"
		to_file mac -k mac "$file"
		to_file agree -k ecdh --peer "$scratch/peer"
	} >"$scratch/said"
	for name in j aead mac ecdh; do
		parsecctl delete-key -k "$name" >/dev/null
	done
	lines 0 "$scratch/said"
}

# What failed is said on standard output, and the file stays as it was
json_failure()
{
	echo before >"$scratch/json"
	expect 1 parsecctl export-public-key -k none --json -o "$scratch/json" &&
		json 'd["error"]["status"] == 1140' && same before "$(cat "$scratch/json")" &&
		expect 4 parsecctl hash "$file" --json -o "$scratch/no/file" &&
		json '"No such file" in d["error"]["meaning"]'
}

check 'hash does as sha256sum and its sisters do' hash
check 'hash of standard input' hash_input
check 'hash as JSON and base64' hash_json
check 'hash --compare' compare
check 'hash of a file that is too large is 20' too_large
check 'a hash that the service lacks' refuses 1 '(1134)' parsecctl hash --hash md2 "$file"
check 'a hash of the wrong length' refuses 1 'too long or too short' parsecctl hash --compare ab "$file"
check 'generate-random of any size' random
check 'generate-random as JSON, hex and base64' random_json
check 'a pipe that is closed early' closed_pipe
check 'a full disk is 4' full_disk
check 'closed standard streams are 4' closed_streams
check 'no binary data on a terminal' terminal
check '--output' output_file
check '--output replaces a file by a whole one' replaced
check '--output to what is no file of its own' not_replaced
check '--output with --json' json_file
check '--output with --json, and a failure' json_failure
done_testing
