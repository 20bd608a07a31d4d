#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What cppcheck has to say about the programs and libraries: nothing.

. selftests/lib/tap.sh

for folder in helper providers tools/lib tools/parsecctl tools/vm; do
	silent "$folder" cppcheck -q --std=c11 --platform=unix64 --inline-suppr \
		--enable=warning,performance,portability --error-exitcode=1 \
		--suppress=missingIncludeSystem --suppress=getpwnamCalled --suppress=getpwuidCalled --library=posix --library=gnu \
		-D_GNU_SOURCE -D__x86_64__ -I. -Iinclude -Iinclude/uapi -Itools/lib "$folder"
done
done_testing
