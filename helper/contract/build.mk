# SPDX-License-Identifier: Apache-2.0
#
# libcontract.a: the codec of operation bodies and the policy, without a system call.
# The helper and libparsec are linked with it.

CONTRACT_PROTOS	:= $(wildcard helper/contract/*.proto)
CONTRACT_PB	:= $(CONTRACT_PROTOS:%.proto=$(B)/%.pb-c.o)
CONTRACT_OBJS	:= $(patsubst %.c,$(B)/%.o,$(wildcard helper/contract/*.c)) \
	$(B)/helper/policy.o
CONTRACT_LDLIBS	:= $(shell pkg-config --libs libprotobuf-c)

# The generated headers: before anything that includes one is compiled
$(CONTRACT_OBJS): | $(CONTRACT_PB:.o=.h)

$(B)/%.pb-c.c $(B)/%.pb-c.h: %.proto
	$(call say,PROTOC)
	$(Q)mkdir -p $(@D)
	$(Q)protoc-c --proto_path=helper/contract --c_out=$(@D) $<

$(B)/%.pb-c.o: $(B)/%.pb-c.c | $(CONTRACT_PB:.o=.h)
	$(call say,CC)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/libcontract.a: $(CONTRACT_OBJS) $(CONTRACT_PB)
	$(call say,AR)
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $^
