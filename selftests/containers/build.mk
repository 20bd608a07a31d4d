# SPDX-License-Identifier: Apache-2.0
#
# What runs inside of containers in the test machine.

containers_dir := $(B)/selftests/containers

CONTAINER_PROGRAMS := $(addprefix $(containers_dir)/,probe signer)

$(containers_dir)/probe: $(containers_dir)/probe.o
	$(call say,LINK)
	$(Q)$(CC) -static -o $@ $^

$(containers_dir)/signer: LDLIBS = $(CONTRACT_LDLIBS)
$(containers_dir)/signer: $(containers_dir)/signer.o $(B)/tools/lib/libparsec.a
	$(call say,LINK)
	$(link)
