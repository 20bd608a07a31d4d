# SPDX-License-Identifier: Apache-2.0
#
# What runs inside of containers in the test machine.

containers_dir := $(B)/selftests/containers

CONTAINER_PROGRAMS := $(addprefix $(containers_dir)/,probe signer tenant)

$(containers_dir)/probe: $(containers_dir)/probe.o
	$(call say,LINK)
	$(Q)$(CC) -static -o $@ $^

$(containers_dir)/tenant: LDLIBS = $(CONTRACT_LDLIBS)
$(containers_dir)/tenant: override LDFLAGS += -static
$(containers_dir)/tenant: $(containers_dir)/tenant.o $(B)/tools/lib/libparsec.a
	$(call say,LINK)
	$(link)

$(containers_dir)/signer: LDLIBS = $(CONTRACT_LDLIBS)
$(containers_dir)/signer: $(containers_dir)/signer.o $(B)/tools/lib/libparsec.a
	$(call say,LINK)
	$(link)

# The tables of Documentation/containers.rst
containers: setup
	$(Q)+$(MAKE) --no-print-directory all vm $(CONTAINER_PROGRAMS)
	$(Q)+$(MAKE) -s --no-print-directory install DESTDIR=$(abspath $(B))/containers/root
	$(Q)PARSEC_BUILD=$(abspath $(B)) selftests/lib/write-tables matrix \
		Documentation/containers.rst --systemd --no-helper --timeout 860 -- \
		selftests/containers/b-matrix.t

.PHONY: containers
