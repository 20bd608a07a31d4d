# SPDX-License-Identifier: Apache-2.0
#
# Tests of the device, run as root in the test machine without the helper. What
# programs of the other word size see is tested with the same sources built for it.

device_names	:= layout ioctl body identity session register reply caller host queue limits \
	fairness stats takeover retire memory module overload stress
device_names32	:= layout32 ioctl32
device_lib	:= device fakehost hostprocess hoststats
device_dir	:= $(B)/selftests/device

DEVICE_TESTS	:= $(patsubst %,$(device_dir)/%_test,$(device_names) $(device_names32))

device_objects	:= $(patsubst %,$(device_dir)/%.o,$(device_lib) $(device_names:=_test))
device_objects32 := $(patsubst %,$(device_dir)/%32.o,$(device_lib) \
	$(device_names32:32=_test))

# The harness's macros define functions that nobody declared
$(device_objects) $(device_objects32): override CFLAGS += -Wno-missing-prototypes
$(device_objects) $(device_objects32): override CPPFLAGS += -isystem $(B)/ksft \
	-DMODULE_DIR='"$(abspath $(B))"' -DHOST='"$(abspath $(device_dir))/host"' \
	-DUSE_FD='"$(abspath $(device_dir))/use_fd"'
$(device_objects) $(device_objects32): | $(B)/ksft/kselftest_harness.h

$(device_dir)/%32.o: selftests/device/%.c
	$(call say,CC)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -m32 -MMD -MP -c -o $@ $<

$(device_dir)/%32_test: $(device_dir)/%_test32.o $(device_lib:%=$(device_dir)/%32.o)
	$(call say,LINK)
	$(Q)$(CC) $(LDFLAGS) -m32 -o $@ $^

$(device_dir)/%_test: $(device_dir)/%_test.o $(device_lib:%=$(device_dir)/%.o)
	$(call say,LINK)
	$(link)

$(device_dir)/use_fd: $(device_dir)/use_fd.o
	$(call say,LINK)
	$(link)

$(device_dir)/host: $(device_dir)/host.o $(device_lib:%=$(device_dir)/%.o)
	$(call say,LINK)
	$(link)

$(DEVICE_TESTS): | $(device_dir)/use_fd $(device_dir)/host
