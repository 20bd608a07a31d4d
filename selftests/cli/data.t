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
done_testing
