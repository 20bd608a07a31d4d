# SPDX-License-Identifier: Apache-2.0
#
# Programs for the tests of what happens when somebody dies or is replaced.

deaths_dir := $(B)/selftests/deaths
DEATHS_PROGRAMS := $(deaths_dir)/load

$(deaths_dir)/load: $(deaths_dir)/load.o $(B)/tools/lib/libparsec.a
	$(call say,LINK)
	$(link)
$(deaths_dir)/load: LDLIBS = $(CONTRACT_LDLIBS)

# The matrix, and the provider that it stops: the software provider under another name
DEATHS_PROGRAMS += $(deaths_dir)/matrix $(deaths_dir)/stops.so

matrix_objects := $(call objs,selftests/deaths,call cell ledger matrix service trace)
$(matrix_objects): override CPPFLAGS += -DBUILD_DIR='"$(abspath $(B))"'
$(deaths_dir)/matrix: $(matrix_objects) $(call objs,selftests/device,device fakehost hoststats) \
		$(B)/libcontract.a
	$(call say,LINK)
	$(link)
$(deaths_dir)/matrix: LDLIBS = $(CONTRACT_LDLIBS)

$(deaths_dir)/openssl.o: providers/openssl/provider.c
	$(call say,CC)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -Dparsec_provider=openssl_provider -MMD -MP -c -o $@ $<

$(deaths_dir)/stops.so: LDLIBS = -lcrypto
$(deaths_dir)/stops.so: override LDFLAGS += -shared -Wl,-z,defs
$(deaths_dir)/stops.so: $(deaths_dir)/stops.o $(deaths_dir)/openssl.o \
		$(filter-out $(B)/providers/openssl/provider.o,$(OPENSSL_PROVIDER_OBJS))
	$(call say,LINK)
	$(link)

# The table of Documentation/deaths.rst
deaths: setup
	$(Q)+$(MAKE) --no-print-directory all vm $(DEATHS_PROGRAMS)
	$(Q)PARSEC_BUILD=$(abspath $(B)) selftests/lib/write-tables matrix Documentation/deaths.rst \
		--no-module --timeout 560 -- $(abspath $(deaths_dir))/matrix

.PHONY: deaths
