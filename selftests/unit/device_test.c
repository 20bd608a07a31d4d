// SPDX-License-Identifier: Apache-2.0
/*
 * Numbers of devices.
 */
#include "kselftest_harness.h"

#include "common/device.h"

TEST(numbers_are_packed_as_the_kernel_does)
{
	uint64_t device = device_pack(0x123, 0xabcde);

	EXPECT_EQ(0xabc123de, device);
	EXPECT_EQ(0x123, device_major(device));
	EXPECT_EQ(0xabcde, device_minor(device));
	EXPECT_EQ(device, device_pack(DEVICE_MAJOR_MAX & 0x123, DEVICE_MINOR_MAX & 0xabcde));
}

TEST_HARNESS_MAIN
