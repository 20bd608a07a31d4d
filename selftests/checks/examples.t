#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The examples of the documentation fit to what they are examples for. Whether they do what
# they promise is tried in the machine, by selftests/containers.

. selftests/lib/tap.sh

examples=Documentation/examples
PATH=$PATH:/usr/sbin:/sbin

# The number of an operation, as the kernel's header makes it
number()
{
	printf '#include <stdio.h>\n#include <linux/parsec.h>\n%s\n' \
		'int main(void) { return printf("%u\n", (unsigned int)PARSEC_IOC_OP('"$1"')) < 0; }' \
		>"$scratch/number.c" &&
		gcc -isystem include/uapi -o "$scratch/number" "$scratch/number.c" && "$scratch/number"
}

# One rule is about ioctl, which otherwise is refused, and allows one number
allows_signing_only()
{
	python3 -IS -c '
import json, sys
profile = json.load(open(sys.argv[1]))
rules = [r for r in profile["syscalls"] if "ioctl" in r["names"]]
assert profile["defaultAction"] == "SCMP_ACT_ERRNO", profile["defaultAction"]
assert [r["names"] for r in rules] == [["ioctl"]], rules
assert rules[0]["args"] == [{"index": 1, "value": int(sys.argv[2]), "op": "SCMP_CMP_EQ"}], rules
everything = sum((r["names"] for r in profile["syscalls"]), [])
assert len(everything) == len(set(everything)), "names stand twice"
forbidden = {"io_uring_setup", "ptrace", "bpf", "mount", "setns", "unshare"} & set(everything)
assert not forbidden, forbidden' "$examples/seccomp-sign-hash.json" "$(number 4)"
}

# Each example is told about, and each that is told about is there
told_about()
{
	for file in "$examples"/*; do
		grep -qF "examples/${file##*/}" Documentation/containers.rst || echo "$file"
	done
	grep -o 'examples/[a-z.-]*[a-z]' Documentation/containers.rst | sort -u | while read -r file; do
		[ -f "Documentation/$file" ] || echo "$file"
	done
}

check 'the seccomp profile allows PsaSignHash and no other ioctl' allows_signing_only
check 'the AppArmor profile has no mistakes' \
	apparmor_parser --skip-kernel-load --skip-cache "$examples/apparmor-parsec-signer"
silent 'containers.rst tells about each example' told_about
done_testing
