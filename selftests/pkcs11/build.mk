# SPDX-License-Identifier: Apache-2.0
#
# A PKCS #11 library that is broken on demand: trap.c

TRAP_MODULE := $(B)/selftests/pkcs11/trap.so
PROGRAMS += $(TRAP_MODULE)

$(TRAP_MODULE:.so=.o): override CPPFLAGS += $(shell pkg-config --cflags p11-kit-1)
$(TRAP_MODULE): LDLIBS = -ldl
$(TRAP_MODULE): override LDFLAGS += -shared
$(TRAP_MODULE): $(TRAP_MODULE:.so=.o)
	$(call say,LINK)
	$(link)
