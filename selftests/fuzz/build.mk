# SPDX-License-Identifier: Apache-2.0
#
# make fuzz T=60: libFuzzer, T seconds for each target. Without clang, in make check, the
# same targets go through their seeds once.

FUZZ_TARGETS := config contract dispatch netlink
FUZZ	:= $(B)/selftests/fuzz
FUZZ_B	:= $(B)/fuzz
T	?= 60

FUZZ_REPLAYS := $(FUZZ_TARGETS:%=$(FUZZ)/%_replay)
FUZZ_FUZZERS := $(FUZZ_TARGETS:%=$(FUZZ)/%_fuzz)
FUZZ_SEEDS := $(FUZZ_TARGETS:%=$(FUZZ)/seeds/%/.made)

UNIT_TESTS += $(FUZZ_REPLAYS)

fuzz_programs = $(FUZZ)/$(1)_replay $(FUZZ)/$(1)_fuzz

$(call fuzz_programs,config): $(call objs,helper,config config_keys config_rule config_words \
	uuid_text)
$(call fuzz_programs,config): LDLIBS = $(SUPERVISOR_LDLIBS)
$(call fuzz_programs,contract): $(B)/libcontract.a
$(call fuzz_programs,contract): LDLIBS = $(CONTRACT_LDLIBS)
$(call fuzz_programs,dispatch): $(OPENSSL_PROVIDER_OBJS) $(call objs,selftests/unit,signer)
$(call fuzz_programs,netlink): $(call objs,selftests/unit,fake_kernel)
$(call fuzz_programs,dispatch) $(call fuzz_programs,netlink): $(HOST_OBJS) $(B)/libcontract.a
$(call fuzz_programs,dispatch) $(call fuzz_programs,netlink): LDLIBS = $(HOST_LDLIBS)

$(FUZZ)/%_replay.o: selftests/fuzz/replay.c
	$(call say,CC)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -DSEEDS='"$(abspath $(FUZZ)/seeds/$*)"' -MMD -MP -c -o $@ $<

$(FUZZ)/%_replay: $(FUZZ)/%_replay.o $(FUZZ)/%.o | $(FUZZ)/seeds/%/.made
	$(call say,LD)
	$(link)

$(FUZZ)/%_fuzz: override LDFLAGS += -fsanitize=fuzzer
$(FUZZ)/%_fuzz: $(FUZZ)/%.o
	$(call say,LD)
	$(link)

# A seed more or one changed makes them all anew
$(FUZZ)/seeds/%/.made: selftests/fuzz/seeds $(wildcard selftests/fuzz/corpus/* \
	selftests/fuzz/corpus/*/*)
	$(Q)rm -rf $(@D)
	$(Q)mkdir -p $(@D)
	$(Q)selftests/fuzz/seeds $* $(@D)
	$(Q)touch $@

# clang looks into the macros of system headers
fuzz-build: override CFLAGS += -Wno-cast-qual
fuzz-build: $(FUZZ_FUZZERS) $(FUZZ_SEEDS)

fuzz:
	$(Q)+$(MAKE) --no-print-directory B=$(FUZZ_B) CC=clang CFLAGS='-O1 -g' \
		SANITIZE=fuzzer-no-link,address,undefined fuzz-build
	$(Q)selftests/fuzz/run $(T) $(abspath $(FUZZ_B)) $(FUZZ_TARGETS)

.PHONY: fuzz fuzz-build
