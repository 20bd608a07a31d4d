// SPDX-License-Identifier: Apache-2.0
/*
 * Documentation/coverage.rst: operation, algorithm and provider, as the providers'
 * tables of capabilities and the host's table of operations have it.
 *
 *   coverage PROVIDER.so[,FILE]...
 *
 * FILE is as parsecd.conf: the options of its first provider are those of this one.
 */
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helper/config.h"
#include "helper/dispatch.h"
#include "helper/log.h"
#include "providers/core.h"
#include "tools/coverage/names.h"

#define PROVIDERS_MAX	16
#define SETS_MAX	26	/* a letter each */
#define ROWS_MAX	1024
#define TEXT_WIDTH	76

struct provider {
	char name[64];
	struct plugin plugin;
	struct config *config;	/* NULL: there are no options */
};

/* A capability and whose it is */
struct row {
	const struct parsec_capability *cap;
	const struct provider *provider;
};

struct coverage {
	struct provider providers[PROVIDERS_MAX];
	size_t provider_count;
	struct row rows[ROWS_MAX];
	size_t row_count;
	uint32_t sets[SETS_MAX];	/* of hashes, each once */
	size_t set_count;
};

struct column {
	const char *head;
	uint32_t can;
};

static const struct column columns[] = {
	{ "generate", PARSEC_CAN_GENERATE },
	{ "import", PARSEC_CAN_IMPORT },
	{ "export", PARSEC_CAN_EXPORT },
	{ "public", PARSEC_CAN_EXPORT_PUBLIC },
	{ "sign", PARSEC_CAN_SIGN },
	{ "verify", PARSEC_CAN_VERIFY },
	{ "encrypt", PARSEC_CAN_ENCRYPT },
	{ "decrypt", PARSEC_CAN_DECRYPT },
	{ "agree", PARSEC_CAN_DERIVE },
	{ "attest", PARSEC_CAN_ATTEST },
};

#define ELEMENTS(array)	(sizeof(array) / sizeof(*(array)))

static const char preamble[] =
	".. SPDX-License-Identifier: Apache-2.0\n"
	".. Made by make coverage from the tables of the code: do not edit\n"
	"\n"
	"========\n"
	"Coverage\n"
	"========\n"
	"\n"
	"What the providers of this tree can do.  ``make coverage`` writes this page from\n"
	"what each provider says about itself when it has been opened, the same tables that\n"
	"the service checks requests with and answers CanDoCrypto and ListOpcodes from.\n"
	"What is not here is answered with PsaErrorNotSupported (1134).\n"
	"\n"
	"Operations\n"
	"==========\n"
	"\n";

static const char keys_intro[] =
	"Keys and algorithms\n"
	"===================\n"
	"\n"
	"One row for each algorithm that a key's policy may name.  A letter stands for a set\n"
	"of hashes, listed at the end.  The last columns are operations:\n"
	"\n"
	"generate, import, export, public\n"
	"  PsaGenerateKey, PsaImportKey, PsaExportKey, PsaExportPublicKey\n"
	"sign, verify\n"
	"  PsaSignHash and PsaSignMessage, PsaVerifyHash and PsaVerifyMessage; of a MAC,\n"
	"  PsaMacCompute and PsaMacVerify.  An algorithm without a hash signs no messages\n"
	"encrypt, decrypt\n"
	"  PsaAsymmetricEncrypt, PsaCipherEncrypt or PsaAeadEncrypt, as the algorithm is, and\n"
	"  likewise for decrypt\n"
	"agree\n"
	"  PsaRawKeyAgreement\n"
	"attest\n"
	"  PrepareKeyAttestation, AttestKey\n";

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "coverage: %s\n", what);
	exit(EXIT_FAILURE);
}

static void repeat(char c, size_t count)
{
	while (count--)
		putchar(c);
}

static void heading(const char *text)
{
	printf("\n%s\n", text);
	repeat('-', strlen(text));
	puts("\n");
}

/* Letter of a set of hashes; "-" for none */
static char set_letter(struct coverage *coverage, uint32_t hashes)
{
	size_t i;

	if (!hashes)
		return '-';
	for (i = 0; i < coverage->set_count; i++)
		if (coverage->sets[i] == hashes)
			return (char)('A' + i);
	if (i == SETS_MAX)
		fail("more sets of hashes than letters");
	coverage->sets[coverage->set_count++] = hashes;
	return (char)('A' + i);
}

static uint32_t smallest(const struct parsec_capability *cap)
{
	uint32_t bits = cap->bits[0];

	for (size_t i = 0; i < ELEMENTS(cap->bits) && cap->bits[i]; i++)
		if (cap->bits[i] < bits)
			bits = cap->bits[i];
	return bits;
}

static int compare(const void *left, const void *right)
{
	const struct row *a = left, *b = right;
	const int differences[] = {
		a->cap->type - b->cap->type,
		a->cap->alg_kind - b->cap->alg_kind,
		a->cap->scheme - b->cap->scheme,
		a->cap->family - b->cap->family,
		(a->provider > b->provider) - (a->provider < b->provider),
		(smallest(a->cap) > smallest(b->cap)) - (smallest(a->cap) < smallest(b->cap)),
		(a->cap->hashes > b->cap->hashes) - (a->cap->hashes < b->cap->hashes),
	};

	for (size_t i = 0; i < ELEMENTS(differences); i++)
		if (differences[i])
			return differences[i];
	return 0;
}

static struct config *read_config(const char *path)
{
	FILE *file = fopen(path, "re");
	struct config *config = file ? config_load(file, path, stderr) : NULL;

	if (!config)
		fail("a configuration cannot be read");
	fclose(file);
	return config;
}

static void add_provider(struct coverage *coverage, char *path)
{
	static const struct provider_config no_options;
	const struct provider_config *section = &no_options;
	char *file = strchr(path, ',');
	struct provider *provider = &coverage->providers[coverage->provider_count++];
	const struct parsec_provider *ops;
	const struct parsec_capabilities *caps;
	char *name;
	void *handle;

	if (coverage->provider_count > PROVIDERS_MAX)
		fail("too many providers");
	if (file) {
		*file++ = '\0';
		provider->config = read_config(file);
		section = &provider->config->providers[0];
	}
	name = basename(path);
	ops = plugin_load(path, &handle);
	if (!ops || plugin_open(&provider->plugin, ops, handle, section->options,
				section->option_count, "/"))
		fail("a provider cannot be opened");
	snprintf(provider->name, sizeof(provider->name), "%.*s", (int)strcspn(name, "."), name);
	caps = &provider->plugin.caps;
	for (size_t i = 0; i < caps->count; i++) {
		if (coverage->row_count == ROWS_MAX)
			fail("too many rows");
		coverage->rows[coverage->row_count++] = (struct row){ &caps->rows[i], provider };
	}
}

static void print_hashes(uint32_t hashes)
{
	size_t column = 0;

	for (unsigned int hash = 1; hash <= PARSEC_HASH_LAST; hash++) {
		if (!(hashes & PARSEC_HASH_BIT(hash)))
			continue;
		if (column + strlen(name_hash(hash)) > TEXT_WIDTH) {
			puts(",");
			column = 0;
		}
		column += (size_t)printf("%s%s", column ? ", " : "  ", name_hash(hash));
	}
	puts("");
}

/* Hashing is the host's, whatever the provider */
static void print_hashing(void)
{
	struct hash_context *context = NULL;
	uint8_t digest[PARSEC_HASH_SIZE_MAX];
	uint32_t hashes = 0;

	for (unsigned int hash = 1; hash <= PARSEC_HASH_LAST; hash++)
		if (!hash_compute(&context, (uint8_t)hash, (struct parsec_span){ NULL, 0 },
				  digest))
			hashes |= PARSEC_HASH_BIT(hash);
	hash_context_free(context);
	puts("PsaHashCompute, PsaHashCompare");
	print_hashes(hashes);
	puts("");
}

static void operations_rule(const struct coverage *coverage)
{
	repeat('=', 22);
	printf("  ====");
	for (size_t i = 0; i < coverage->provider_count; i++) {
		printf("  ");
		repeat('=', strlen(coverage->providers[i].name));
	}
	puts("");
}

/* Every operation of the contract, and who performs it */
static void print_operations(struct coverage *coverage)
{
	static const char *const names[OPCODE_COUNT] = {
#define NAME(number, constant, text) [number] = #text,
		PARSEC_OPCODE_LIST(NAME)
#undef NAME
	};
	static const struct core_link nobody;
	const struct host core = { .core = core_new(NULL, 0, &nobody, NULL) };

	if (!core.core)
		fail("out of memory");
	operations_rule(coverage);
	printf("%-22s  core", "operation");
	for (size_t i = 0; i < coverage->provider_count; i++)
		printf("  %s", coverage->providers[i].name);
	puts("");
	operations_rule(coverage);
	for (unsigned int opcode = 0; opcode < OPCODE_COUNT; opcode++) {
		if (!names[opcode])
			continue;
		printf("%-22s  %-4s", names[opcode], dispatch_serves(&core, (uint8_t)opcode) ? "yes" : "-");
		for (size_t i = 0; i < coverage->provider_count; i++) {
			struct provider *provider = &coverage->providers[i];
			const struct host host = { .plugin = &provider->plugin };
			bool last = i + 1 == coverage->provider_count;

			printf("  %-*s", last ? 0 : (int)strlen(provider->name),
			       dispatch_serves(&host, (uint8_t)opcode) ? "yes" : "-");
		}
		puts("");
	}
	operations_rule(coverage);
	puts("");
	core_free(core.core);
}

/* A section's first and last row, what its columns are as wide as, which there are */
struct section {
	const struct row *rows;
	size_t count;
	size_t alg;
	size_t sizes;
	size_t provider;
	uint32_t can;
};

static size_t max(size_t a, size_t b)
{
	return a > b ? a : b;
}

static struct section make_section(const struct row *rows, size_t limit)
{
	struct section section = {
		.rows = rows,
		.alg = strlen("algorithm"),
		.sizes = strlen("bits"),
		.provider = strlen("provider"),
	};
	char sizes[NAME_SIZES_MAX];

	for (; section.count < limit; section.count++) {
		const struct row *row = &rows[section.count];

		if (row->cap->type != rows->cap->type)
			break;
		name_sizes(row->cap, sizes);
		section.alg = max(section.alg, strlen(name_alg(row->cap)));
		section.sizes = max(section.sizes, strlen(sizes));
		section.provider = max(section.provider, strlen(row->provider->name));
		section.can |= row->cap->can;
	}
	return section;
}

static void rule_cell(size_t width)
{
	printf("  ");
	repeat('=', width);
}

static void keys_rule(const struct section *section)
{
	repeat('=', section->alg);
	rule_cell(section->sizes);
	rule_cell(strlen("hashes"));
	rule_cell(section->provider);
	for (size_t i = 0; i < ELEMENTS(columns); i++)
		if (section->can & columns[i].can)
			rule_cell(strlen(columns[i].head));
	puts("");
}

static void print_head(const struct section *section)
{
	heading(name_type(section->rows->cap->type));
	keys_rule(section);
	printf("%-*s  %-*s  hashes  %-*s", (int)section->alg, "algorithm",
	       (int)section->sizes, "bits", (int)section->provider, "provider");
	for (size_t i = 0; i < ELEMENTS(columns); i++)
		if (section->can & columns[i].can)
			printf("  %s", columns[i].head);
	puts("");
	keys_rule(section);
}

static void print_row(struct coverage *coverage, const struct section *section,
		      const struct row *row)
{
	const struct parsec_capability *cap = row->cap;
	char sizes[NAME_SIZES_MAX];
	size_t blanks = 0;

	name_sizes(cap, sizes);
	printf("%-*s  %-*s  %-6c  %-*s", (int)section->alg, name_alg(cap), (int)section->sizes,
	       sizes, set_letter(coverage, cap->hashes), (int)section->provider,
	       row->provider->name);
	for (size_t i = 0; i < ELEMENTS(columns); i++) {
		const char *cell = cap->can & columns[i].can ? "yes" : "-";

		if (!(section->can & columns[i].can))
			continue;
		repeat(' ', blanks);
		printf("  %s", cell);
		blanks = strlen(columns[i].head) - strlen(cell);
	}
	puts("");
}

static void print_keys(struct coverage *coverage)
{
	struct section section;

	qsort(coverage->rows, coverage->row_count, sizeof(*coverage->rows), compare);
	for (size_t i = 0; i < coverage->row_count; i += section.count) {
		section = make_section(&coverage->rows[i], coverage->row_count - i);
		print_head(&section);
		for (size_t j = 0; j < section.count; j++)
			print_row(coverage, &section, &section.rows[j]);
		keys_rule(&section);
	}
}

static void print_sets(const struct coverage *coverage)
{
	heading("Sets of hashes");
	for (size_t i = 0; i < coverage->set_count; i++) {
		printf("%c\n", (char)('A' + i));
		print_hashes(coverage->sets[i]);
	}
}

int main(int argc, char **argv)
{
	static struct coverage coverage;

	log_init("coverage", PARSEC_LOG_ERROR, false);
	for (int i = 1; i < argc; i++)
		add_provider(&coverage, argv[i]);
	fputs(preamble, stdout);
	print_operations(&coverage);
	print_hashing();
	fputs(keys_intro, stdout);
	print_keys(&coverage);
	print_sets(&coverage);
	for (size_t i = 0; i < coverage.provider_count; i++) {
		plugin_close(&coverage.providers[i].plugin);
		config_free(coverage.providers[i].config);
	}
	return fflush(stdout) || ferror(stdout);
}
