# SPDX-License-Identifier: Apache-2.0
#
# One makefile for the whole tree: each folder says in its build.mk what it adds to
# the lists below; objects go to $(B)/<path of the source>.o.
#
#   make           user space and, where kernel headers are found, the module
#   make demo      see it work, end to end, in the test machine
#   make check     all tests; make unit: those that need no machine
#   make check-debug  those for which a kernel is built that looks for errors
#   make fuzz      T=60: look for inputs that do harm, for so many seconds a target
#   make fuzz-device  T=60 SEED=1: the same for the module, in the machine
#   make nightly   tests that take too long for make check
#   make bench     figures
#   make install   onto this machine, or below DESTDIR

B	?= build
prefix	?= /usr
VERSION	:= 0.1.0
V	?=

ifeq ($(V),)
Q	:= @
say	= @printf '  %-8s%s\n' '$(1)' '$(patsubst $(B)/%,%,$@)'
else
Q	:=
say	=
endif

# make's own default is cc, which "?=" would leave as it is
ifeq ($(origin CC),default)
CC	:= gcc
endif
CFLAGS	?= -O2 -g
override CFLAGS += -std=gnu17 -Wall -Wextra -Werror -Wshadow -Wmissing-prototypes \
	-Wwrite-strings -Wvla -Wcast-qual -Wimplicit-fallthrough -fPIC -fvisibility=hidden \
	-fstack-protector-strong -pthread
override CPPFLAGS += -D_GNU_SOURCE -I. -Iinclude -isystem include/uapi -I$(B) \
	-DPARSEC_VERSION='"$(VERSION)"'
override LDFLAGS += -Wl,-z,relro,-z,now -pthread
ifneq ($(SANITIZE),)
override CFLAGS += -fsanitize=$(SANITIZE) -fno-omit-frame-pointer -fno-sanitize-recover=all
override LDFLAGS += -fsanitize=$(SANITIZE)
else
override CPPFLAGS += -D_FORTIFY_SOURCE=2
endif

# The module is built outside the source tree: kbuild leaves its objects beside the
# sources, so each kernel version gets a folder of links to them. KVER is the kernel
# to install for; the test machine runs Debian's, VMKVER, if not told otherwise. What it
# takes to build for its other kernels is where tools/vm/kernel has put them.
newest = $(lastword $(shell printf '%s\n' $(patsubst /lib/modules/%/build,%,$(1)) | sort -V))
RUNNING	:= $(shell uname -r)
KVER	?= $(or $(if $(wildcard /lib/modules/$(RUNNING)/build/Makefile),$(RUNNING)),$(call \
	newest,$(wildcard /lib/modules/*/build)))
VMKVER	:= $(shell tools/vm/kernel --version 2>/dev/null)
MODULES	:= $(patsubst %,$(B)/module-%/parsec.ko,$(sort $(KVER) $(VMKVER)))
kbuild	= $(firstword $(wildcard $(KERNELS)/linux-$(1)/build /lib/modules/$(1)/build))
KERNELS	:= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/parsec
MODULE_SOURCES := $(wildcard kernel/*.[ch] include/uapi/linux/*.h)

# Where the kernel's test harness is unpacked
KSFT	:= $(B)/ksft

# What the folders add
PROGRAMS	:=	# linked programs and libraries that `make` builds
UNIT_TESTS	:=	# test programs without a kernel, TAP on standard output
CLEAN		:=

.DEFAULT_GOAL := all
.SECONDARY:
.DELETE_ON_ERROR:

# link: objects and archives given as prerequisites, then LDLIBS of the target
link = $(Q)$(CC) $(LDFLAGS) -o $@ $(filter %.o %.a,$^) $(LDLIBS)
# objs: $(call objs,dir,a b c) -> $(B)/dir/a.o ...
objs = $(patsubst %,$(B)/$(1)/%.o,$(2))

include $(sort $(wildcard */build.mk */*/build.mk))

$(B)/%.o: %.c
	$(call say,CC)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# The kernel's own test harness and style checker, from Debian's kernel source package
$(KSFT)/kselftest_harness.h: | /usr/src/linux-source-6.1.tar.xz
	$(call say,UNPACK)
	$(Q)rm -rf $(B)/linux $(KSFT)
	$(Q)mkdir -p $(B)/linux
	$(Q)tar -xf $| -C $(B)/linux --strip-components=1 --wildcards \
		'*/tools/testing/selftests/kselftest*.h' '*/tools/testing/selftests/lib.mk' \
		'*/tools/testing/selftests/kselftest/*' '*/scripts/checkpatch.pl' \
		'*/scripts/spelling.txt' '*/scripts/const_structs.checkpatch'
	$(Q)ln -s linux/tools/testing/selftests $(KSFT)
	$(Q)touch $@

# $(call build-module,KERNEL VERSION,ARGUMENTS): parsec.ko, in the folder of the target. kbuild
# leaves it alone when what changed is in a file that it is not made of
define build-module
	$(call say,MODULE)
	$(Q)mkdir -p $(@D)/kernel
	$(Q)find $(@D) -type l -delete
	$(Q)ln -s $(CURDIR)/Kbuild $(CURDIR)/include $(@D)
	$(Q)ln -s $(addprefix $(CURDIR)/,$(wildcard kernel/*.[ch])) $(@D)/kernel
	$(Q)+$(MAKE) $(if $(V),,-s) --no-print-directory -C $(call kbuild,$(1)) \
		M=$(abspath $(@D)) $(if $(V),V=1) CONFIG_DEBUG_INFO_BTF_MODULES= $(2) modules
	$(Q)touch $@
endef

$(B)/module-%/parsec.ko: Kbuild $(MODULE_SOURCES)
	$(call build-module,$*,$(KFLAGS))

modules: $(MODULES)
ifeq ($(MODULES),)
	@echo 'No kernel headers are installed below /lib/modules: run tools/setup' >&2; false
endif

all: $(PROGRAMS) $(MODULES)

unit-build: $(UNIT_TESTS)

clean:
	$(Q)rm -rf $(B) $(CLEAN)

.PHONY: all modules unit-build clean

# Not those of the build folders inside of this one
-include $(shell find $(B) \( -path $(B)/asan -o -path $(B)/fuzz -o -path $(B)/lint \
	-o -path $(B)/linux \) -prune -o -type f -name '*.d' -print 2>/dev/null)
