# SPDX-License-Identifier: Apache-2.0
#
# The provider as a part of this tree: a copy of the folder needs no change here.

THIS	:= $(notdir $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST)))))
THIS_OBJS := $(patsubst %.c,$(B)/%.o,$(wildcard providers/$(THIS)/*.c))

$(THIS_OBJS): | $(B)/parsec/provider.h

PROGRAMS += $(B)/providers/$(THIS).so
$(B)/providers/$(THIS).so: LDLIBS = -lcrypto
$(B)/providers/$(THIS).so: override LDFLAGS += -shared -Wl,-z,defs
$(B)/providers/$(THIS).so: $(THIS_OBJS)
	$(call say,LINK)
	$(link)
