# SPDX-License-Identifier: Apache-2.0
#
# make bench: figures, in two boots of the test machine. RECORD=1 makes them the ones
# that later runs are compared with, here and in Documentation/performance.rst.

BENCH := $(B)/selftests/bench/bench

$(BENCH): $(call objs,selftests/bench,bench client device echo instructions memory \
	openssl parsec time)
$(BENCH): $(B)/tools/lib/libparsec.a
$(BENCH): LDLIBS = $(CONTRACT_LDLIBS) -lcrypto
$(BENCH):
	$(call say,LD)
	$(link)

bench: setup
	$(Q)+$(MAKE) --no-print-directory all vm $(BENCH)
	$(Q)PARSEC_BUILD=$(abspath $(B)) selftests/bench/run $(if $(RECORD),--record)

.PHONY: bench
