# SPDX-License-Identifier: Apache-2.0
#
# make bench: figures, in three boots of the test machine, and those of make bench-scale.
# RECORD=1 makes the former the ones that later runs are compared with, here and in
# Documentation/performance.rst.

BENCH := $(B)/selftests/bench/bench

$(BENCH): $(call objs,selftests/bench,bench client device echo instructions memory \
	openssl parsec time)
$(BENCH): $(B)/tools/lib/libparsec.a
$(BENCH): LDLIBS = $(CONTRACT_LDLIBS) -lcrypto
$(BENCH):
	$(call say,LD)
	$(link)

# What needs no machine: the key store, with few keys and with many
SCALE := $(B)/selftests/bench/scale

$(SCALE): $(call objs,selftests/bench,scale) $(HOST_OBJS) $(OPENSSL_PROVIDER_OBJS) \
	$(B)/libcontract.a
$(SCALE): LDLIBS = $(HOST_LDLIBS)
$(SCALE):
	$(call say,LD)
	$(link)

bench-scale: $(SCALE)
	$(Q)$(SCALE)

bench: setup
	$(Q)+$(MAKE) --no-print-directory all vm $(BENCH) $(SCALE)
	$(Q)PARSEC_BUILD=$(abspath $(B)) selftests/bench/run $(if $(RECORD),--record); \
		status=$$?; $(SCALE) && exit $$status

.PHONY: bench bench-scale
