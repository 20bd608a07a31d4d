// SPDX-License-Identifier: Apache-2.0
/*
 * Numbers of devices, and the mounts that tell them.
 */
#include "kselftest_harness.h"

#include <stdlib.h>
#include <string.h>

#include "common/device.h"

TEST(numbers_are_packed_as_the_kernel_does)
{
	uint64_t device = device_pack(0x123, 0xabcde);

	EXPECT_EQ(0xabc123de, device);
	EXPECT_EQ(0x123, device_major(device));
	EXPECT_EQ(0xabcde, device_minor(device));
	EXPECT_EQ(device, device_pack(DEVICE_MAJOR_MAX & 0x123, DEVICE_MINOR_MAX & 0xabcde));
}

/* Device of a mount, 0: there is no such mount */
static uint64_t look_up(const char *text, uint64_t mount)
{
	FILE *mounts = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
	uint64_t device = 0;

	if (!device_of_mount(mounts, mount, &device))
		device = 0;
	fclose(mounts);
	return device;
}

TEST(mounts_tell_the_device)
{
	static const char mounts[] =
		"36 1 8:300 / / rw - ext4 /dev/sda1 rw\n"
		"361 36 0:23 / /run rw shared:2 - tmpfs tmpfs rw\n"
		"7 36 0:24 nonsense\n"
		"9 36 0;25 / /x rw\n"
		"10 36 0:26\n"
		"11x 36 0:27 / /y rw\n";

	EXPECT_EQ(device_pack(8, 300), look_up(mounts, 36));
	EXPECT_EQ(device_pack(0, 23), look_up(mounts, 361));
	EXPECT_EQ(device_pack(0, 24), look_up(mounts, 7));
	EXPECT_EQ(0, look_up(mounts, 3));
	EXPECT_EQ(0, look_up(mounts, 9));
	EXPECT_EQ(0, look_up(mounts, 10));
	EXPECT_EQ(0, look_up(mounts, 11));
	EXPECT_EQ(0, look_up(" ", 0));
}

TEST(there_may_be_any_number_of_mounts)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	for (int i = 1; i <= 10000; i++)
		fprintf(out, "%d 1 0:%d / /mnt/%d rw - tmpfs tmpfs rw\n", i, i, i);
	fclose(out);
	EXPECT_EQ(device_pack(0, 10000), look_up(text, 10000));
	free(text);
}

TEST(no_mounts_are_no_device)
{
	uint64_t device;

	EXPECT_FALSE(device_of_mount(NULL, 1, &device));
}

TEST_HARNESS_MAIN
