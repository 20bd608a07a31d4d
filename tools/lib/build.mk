# SPDX-License-Identifier: Apache-2.0
#
# libparsec, the client library: shared and static.

LIBPARSEC_OBJS := $(patsubst %.c,$(B)/%.o,$(wildcard tools/lib/*.c))
LIBPARSEC_A := $(B)/tools/lib/libparsec.a
LIBPARSEC_SO := $(B)/tools/lib/libparsec.so
PROGRAMS += $(LIBPARSEC_A) $(LIBPARSEC_SO)

$(LIBPARSEC_SO): LDFLAGS += -shared -Wl,-soname,libparsec.so.1 -Wl,-z,defs \
	-Wl,--version-script=tools/lib/libparsec.map
$(LIBPARSEC_SO): LDLIBS = $(CONTRACT_LDLIBS)
$(LIBPARSEC_SO): $(LIBPARSEC_OBJS) $(B)/libcontract.a tools/lib/libparsec.map
	$(call say,LD)
	$(link)

# One object, so that names that are the library's own do not meet those of a program
$(LIBPARSEC_A:.a=.o): $(LIBPARSEC_OBJS) $(B)/libcontract.a
	$(call say,LD)
	$(Q)$(CC) -r -nostdlib -o $@ $^
	$(Q)objcopy --localize-hidden $@

$(LIBPARSEC_A): $(LIBPARSEC_A:.a=.o)
	$(call say,AR)
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $^
