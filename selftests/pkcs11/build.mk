# SPDX-License-Identifier: Apache-2.0
#
# A PKCS #11 library that is broken on demand: trap.c; ccm.c and montgomery.c give
# it what SoftHSM does not have.

TRAP_MODULE := $(B)/selftests/pkcs11/trap.so
PROGRAMS += $(TRAP_MODULE)

$(call objs,selftests/pkcs11,trap ccm montgomery): override CPPFLAGS += $(shell pkg-config --cflags p11-kit-1)
$(TRAP_MODULE): LDLIBS = -ldl
$(TRAP_MODULE): override LDFLAGS += -shared
$(TRAP_MODULE): $(call objs,selftests/pkcs11,trap ccm montgomery)
	$(call say,LINK)
	$(link)
