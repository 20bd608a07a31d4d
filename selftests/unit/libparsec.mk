# SPDX-License-Identifier: Apache-2.0

LIBPARSEC_TESTS := $(UNIT)/libparsec_test
UNIT_TESTS += $(LIBPARSEC_TESTS) selftests/unit/libparsec_symbols_test.sh

$(LIBPARSEC_TESTS): $(B)/tools/lib/libparsec.a
$(LIBPARSEC_TESTS): LDLIBS := $(CONTRACT_LDLIBS) \
	-Wl,--wrap=open,--wrap=close,--wrap=ioctl,--wrap=malloc,--wrap=free
selftests/unit/libparsec_symbols_test.sh: $(B)/tools/lib/libparsec.so
