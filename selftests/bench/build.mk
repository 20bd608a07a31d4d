# SPDX-License-Identifier: Apache-2.0
#
# make bench: figures, in three boots of the test machine, and those of make bench-scale and
# make bench-start. make bench-token: those of a token.
# RECORD=1 makes the former the ones that later runs are compared with, here and in
# Documentation/performance.rst.

BENCH := $(B)/selftests/bench/bench

$(BENCH): $(call objs,selftests/bench,bench client device echo instructions memory \
	openssl parsec process time)
$(BENCH): $(B)/tools/lib/libparsec.a
$(BENCH): LDLIBS = $(CONTRACT_LDLIBS) -lcrypto
$(BENCH):
	$(call say,LD)
	$(link)

# What needs no machine: the key store, with few keys and with many
SCALE := $(B)/selftests/bench/scale

$(SCALE): $(call objs,selftests/bench,process scale) $(HOST_OBJS) $(OPENSSL_PROVIDER_OBJS) \
	$(B)/libcontract.a
$(SCALE): LDLIBS = $(HOST_LDLIBS)
$(SCALE):
	$(call say,LD)
	$(link)

bench-scale: $(SCALE)
	$(Q)$(SCALE)

# The service with many keys. They are made here and in memory, where it is quick, and used in
# the machine
START := $(B)/selftests/bench/start
STORE := $(B)/selftests/bench/store

$(START): $(call objs,selftests/bench,process start) $(B)/tools/lib/libparsec.a
$(START): LDLIBS = $(CONTRACT_LDLIBS) -lcrypto
$(START):
	$(call say,LD)
	$(link)

$(STORE)/keys.sqlite: $(SCALE)
	$(call say,KEYS)
	$(Q)rm -rf $(@D)
	$(Q)dir=$$(mktemp -d /dev/shm/parsec-store.XXXXXX) && \
		{ $(SCALE) --keep $$dir/store && cp -r $$dir/store $(@D); status=$$?; \
		rm -rf $$dir; exit $$status; }

bench-start: setup
	$(Q)+$(MAKE) --no-print-directory all vm $(START) $(STORE)/keys.sqlite
	$(Q)PARSEC_BUILD=$(abspath $(B)) tools/vm/run --no-helper -- selftests/bench/many-keys $(STORE)

# The PKCS#11 provider beside SoftHSM alone; needs no machine
TOKEN := $(B)/selftests/bench/token

$(TOKEN:=.o): override CPPFLAGS += $(shell pkg-config --cflags p11-kit-1)
$(TOKEN): $(TOKEN:=.o) $(PKCS11_PROVIDER_OBJS) $(B)/providers/pkcs11/software.o \
	$(PROVIDER_LIB_OBJS)
$(TOKEN): LDLIBS = -lcrypto -ldl $(shell pkg-config --libs p11-kit-1)
$(TOKEN):
	$(call say,LD)
	$(link)

# Here, and where the processor is emulated
bench-token: setup
	$(Q)+$(MAKE) --no-print-directory $(TOKEN) vm
	$(Q)PARSEC_BUILD=$(abspath $(B)) selftests/bench/token-run
	$(Q)PARSEC_BUILD=$(abspath $(B)) tools/vm/run --no-module --timeout 900 -- \
		selftests/bench/token-run

# The TPM provider beside the TPM alone
BENCH_TPM := $(B)/selftests/bench/tpm

$(BENCH_TPM): $(call objs,selftests/bench,tpm) $(B)/tools/lib/libparsec.a
$(BENCH_TPM): LDLIBS = $(CONTRACT_LDLIBS) -ltss2-esys -ltss2-tctildr
$(BENCH_TPM):
	$(call say,LD)
	$(link)

bench-tpm: setup
	$(Q)+$(MAKE) --no-print-directory all vm $(BENCH_TPM)
	$(Q)PARSEC_BUILD=$(abspath $(B)) selftests/bench/tpm-run

bench: setup
	$(Q)+$(MAKE) --no-print-directory all vm $(BENCH) $(SCALE) $(START) $(STORE)/keys.sqlite
	$(Q)PARSEC_BUILD=$(abspath $(B)) selftests/bench/run $(if $(RECORD),--record); \
		status=$$?; $(SCALE) && PARSEC_BUILD=$(abspath $(B)) tools/vm/run --no-helper -- \
		selftests/bench/many-keys $(STORE) && exit $$status

.PHONY: bench bench-scale bench-start bench-token bench-tpm
