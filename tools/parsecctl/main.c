// SPDX-License-Identifier: Apache-2.0
/*
 * parsecctl: keys and cryptography through /dev/parsec from the command line. The
 * table below is what it can do.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "parsecctl.h"

/* Options that may stand in front of the sub-command */
#define GLOBAL_IDS	"pV"

#define KEY_DETAILS \
	"--algorithm is ecdsa, ecdsa-deterministic, ecdh; rsa-pkcs1, rsa-pss, rsa-oaep,\n" \
	"rsa-pkcs1-encryption; gcm, ccm, chacha20-poly1305; ctr, cfb, ofb, xts, ecb, cbc,\n" \
	"cbc-pkcs7, stream; hmac, cmac, cbc-mac; attesting; none. Without it: ecdsa,\n" \
	"rsa-pkcs1, gcm, chacha20-poly1305 or hmac, as suits the type."

static const struct command commands[] = {
	{ "ping", cmd_ping, "ask whether the service is there", "", NULL, NULL },
	{ "list-providers", cmd_list_providers, "which providers there are, preferred ones first",
	  "", NULL, NULL },
	{ "list-opcodes", cmd_list_opcodes, "which operations a provider serves", "p", NULL, NULL },
	{ "list-authenticators", cmd_list_authenticators, "how callers are identified", "", NULL,
	  NULL },
	{ "whoami", cmd_whoami, "who you are to the service, and why", "", NULL, NULL },
	{ "list-keys", cmd_list_keys, "your keys", "p", NULL,
	  "Without --provider it shows the keys of all providers." },
	{ "create-ecc-key", cmd_create_ecc_key, "make an elliptic curve key for signing",
	  "k!bHsp", NULL,
	  "--bits is 256 (the default), 384 or 521: the curves P-256, P-384 and P-521.\n"
	  "--hash is the one that the key signs with; without it, the one that suits the\n"
	  "size. \"any\" allows every hash." },
	{ "create-rsa-key", cmd_create_rsa_key, "make an RSA key for signing", "k!bHsPp", NULL,
	  "--bits is 2048 by default. --hash is the one that the key signs with, sha256 by\n"
	  "default; \"any\" allows every hash." },
	{ "create-key", cmd_create_key, "make a key of any type and for any algorithm",
	  "k!T!bFLHYp", NULL, KEY_DETAILS },
	{ "import-key", cmd_import_key, "make a key from a file", "k!TbFLHYRp", "FILE",
	  "The file is PEM or DER of PKCS#8, SubjectPublicKeyInfo, PKCS#1 or SEC 1. With --raw,\n"
	  "and for symmetric keys, it is the key as the service keeps it, and --type is needed.\n"
	  "\n" KEY_DETAILS },
	{ "export-key", cmd_export_key, "print a key that may leave the service",
	  "k!RBXop", NULL,
	  "Prints PEM of pairs and public keys, the bytes of others. --raw, --base64 and --hex\n"
	  "are for the key as the service keeps it." },
	{ "export-public-key", cmd_export_public_key, "print the public part of a key",
	  "k!RQop", NULL,
	  "Prints PEM that openssl and others read. --raw is the point 0x04, X, Y of an\n"
	  "elliptic curve key and the DER of RSAPublicKey of an RSA key." },
	{ "sign", cmd_sign, "sign a file", "k!HMEBop", "FILE",
	  "Without FILE, or with \"-\", it signs standard input. The file is hashed here, so it\n"
	  "may be of any size, and the hash is signed; with --message the file is sent.\n"
	  "The signature is binary; \"openssl dgst -verify\" takes it when made with --der." },
	{ "verify", cmd_verify, "check the signature of a file", "k!G!HMEBp", "FILE",
	  "Give the options that the signature was made with. Exits 0 when the signature is\n"
	  "valid, 1 when not." },
	{ "create-csr", cmd_create_csr, "a certificate signing request for a key",
	  "k!S!AHEop", NULL,
	  "Prints PEM of PKCS#10, or DER with --der. A backslash in --subject and --san takes\n"
	  "its meaning from \"/\", \"=\" and \",\"." },
	{ "encrypt", cmd_encrypt, "encrypt a file", "k!NI1BXop", "FILE",
	  "How is what the key is for. The result of an AEAD is nonce, ciphertext and tag, with\n"
	  "a fresh nonce of 12 bytes; with --nonce it is ciphertext and tag only. That of a\n"
	  "cipher has a fresh initialisation vector in front." },
	{ "decrypt", cmd_decrypt, "decrypt what encrypt printed", "k!NI1BXop", "FILE",
	  "The file is binary. Give --nonce, --aad and --label as they were given then." },
	{ "mac", cmd_mac, "authenticate a file", "k!ZBop", "FILE",
	  "Prints the MAC in hexadecimal. With --verify it prints nothing and exits 0 when the\n"
	  "MAC is right, 1 when not." },
	{ "agree", cmd_agree, "the secret shared with the owner of another key",
	  "k!K!RBXop", NULL,
	  "The public key of the other side is PEM or DER, or with --raw as the service keeps\n"
	  "it. Derive keys from the secret, and do not use it as it is." },
	{ "prepare-attestation", cmd_prepare_attestation,
	  "what a verifier needs to have a key attested", "k!89Uop", NULL,
	  "Prints the name that the backend has for the key, in hexadecimal. With it and the\n"
	  "attesting key's public part tpm2_makecredential makes a challenge." },
	{ "attest-key", cmd_attest_key, "answer a verifier's challenge", "k!8BXop", "FILE",
	  "The file is a challenge as tpm2_makecredential writes it. Prints the credential that\n"
	  "the verifier has hidden in it." },
	{ "hash", cmd_hash, "hash a file in the service", "HCBop", "FILE",
	  "Without FILE, or with \"-\", it hashes standard input. Prints the hash in\n"
	  "hexadecimal; --hash is sha256 by default. With --compare it prints nothing and\n"
	  "exits 0 when the hashes are equal, 1 when not." },
	{ "generate-random", cmd_generate_random, "random bytes", "n!BXop", NULL, NULL },
	{ "delete-key", cmd_delete_key, "remove a key for ever", "k!p", NULL, NULL },
	{ "can-do", cmd_can_do, "can a provider make or use such a key?", "T!bFLHWp", NULL,
	  "Exits 0 when it can, 1 when not. Without --bits: of any size.\n\n" KEY_DETAILS },
	{ "explain", cmd_explain, "who a process is to the service, and why, for administrators",
	  "4!", NULL, "Run it as root, who can see all processes and must be among the admins of\n"
	  "the configuration, parsecd.conf(5)." },
	{ "list-clients", cmd_list_clients, "who has keys, for administrators", "", NULL, NULL },
	{ "delete-client", cmd_delete_client, "remove all keys of a caller, for administrators",
	  "2!3", NULL, NULL },
	{ "stats", cmd_stats, "what the service has counted: requests, errors, times", "7", NULL,
	  "Administrators see all callers and what the kernel has counted, others what they\n"
	  "did themselves. Times are those from a provider's taking a request to its having\n"
	  "the answer: p99 is the time that 99 % of the requests did not exceed, within one\n"
	  "sixteenth, since the provider was started." },
	{ "doctor", cmd_doctor, "is this installation in order?", "56O", NULL,
	  "Looks at everything from the module to the files of the service, and says what to\n"
	  "do about each problem. Root sees more. Exits 0 without a problem, 1 with one." },
	{ "audit", cmd_audit, "check the audit log, for root", "", "verify [DIRECTORY]...",
	  "Checks that no line of the service's audit logs is changed, missing or not the\n"
	  "service's own. Without DIRECTORY: the logs of all providers below /var/lib/parsec.\n"
	  "Exits 0 when they are in order, 1 when not." },
	{ }
};

static void print_help(void)
{
	const struct command *command;

	printf("usage: parsecctl [OPTION...] [COMMAND [OPTION...]]\n"
	       "\n"
	       "Keys and cryptography through /dev/parsec. Without a command: what is there\n"
	       "and whether it works.\n"
	       "\n");
	for (command = commands; command->name; command++)
		printf("  %-20s  %s\n", command->name, command->summary);
	printf("\n");
	options_help(GLOBAL_IDS);
	printf("\n\"parsecctl COMMAND --help\" describes a command; parsecctl(1) all of them.\n");
}

static bool takes_words(const struct command *command)
{
	size_t len = command->operand ? strlen(command->operand) : 0;

	return len > 3 && !strcmp(command->operand + len - 3, "...");
}

static void print_command_help(const struct command *command)
{
	bool optional = command->operand && !takes_words(command);

	printf("usage: parsecctl %s [OPTION...]%s%s%s\n\n%s\n", command->name,
	       optional ? " [" : command->operand ? " " : "",
	       command->operand ? command->operand : "", optional ? "]" : "",
	       command->summary);
	if (command->details)
		printf("\n%s\n", command->details);
	printf("\n");
	options_help(command->options);
}

/* Number of characters to insert, remove or change to get from one to the other */
static size_t distance(const char *a, const char *b)
{
	size_t row[32];
	size_t n = strlen(b), i, diagonal, above;

	if (n >= 32)
		return n;
	for (i = 0; i <= n; i++)
		row[i] = i;
	for (; *a; a++) {
		diagonal = row[0]++;
		for (i = 1; i <= n; i++) {
			above = row[i];
			row[i] = diagonal + (*a != b[i - 1]);
			if (row[i] > above + 1)
				row[i] = above + 1;
			if (row[i] > row[i - 1] + 1)
				row[i] = row[i - 1] + 1;
			diagonal = above;
		}
	}
	return row[n];
}

static int unknown_command(const struct ctl *ctl, const char *name)
{
	const struct command *command, *nearest = NULL;
	size_t best = 4;

	for (command = commands; command->name; command++) {
		size_t d = distance(name, command->name);

		if (d < best) {
			best = d;
			nearest = command;
		}
	}
	if (nearest)
		return usage_error(ctl, "there is no command \"%s\", but \"%s\"", name,
				   nearest->name);
	return usage_error(ctl, "there is no command \"%s\"", name);
}

/* @argv[0] is the name of the sub-command */
static int run_command(struct ctl *ctl, int argc, char **argv)
{
	bool early_provider = ctl->args.provider;
	const struct command *command = commands;
	struct bytes document = {};
	int used, code;

	while (command->name && strcmp(command->name, argv[0]))
		command++;
	if (!command->name)
		return unknown_command(ctl, argv[0]);
	ctl->command = command;
	code = options_parse(ctl, argc, argv, command->options, &used);
	if (code)
		return code;
	if (ctl->args.help) {
		print_command_help(command);
		return EXIT_OK;
	}
	if (early_provider && !strchr(command->options, 'p'))
		return usage_error(ctl, "--provider makes no sense here");
	if (takes_words(command)) {
		ctl->args.words = argv + used;
		ctl->args.word_count = (size_t)(argc - used);
		used = argc;
	}
	if (used < argc && command->operand)
		ctl->args.file = argv[used++];
	if (used < argc)
		return usage_error(ctl, "\"%s\" is one word too many", argv[used]);
	if (!result_begin(ctl, &document))
		return local_error(ctl, "out of memory");
	return result_end(ctl, command->run(ctl), &document);
}

static int run(struct ctl *ctl, int argc, char **argv)
{
	int used, code;

	code = options_parse(ctl, argc, argv, GLOBAL_IDS, &used);
	if (code)
		return code;
	if (ctl->args.version)
		printf("parsecctl %s\n", PARSEC_VERSION);
	else if (ctl->args.help)
		print_help();
	else if (used < argc)
		return run_command(ctl, argc - used, argv + used);
	else if (ctl->args.provider)
		return usage_error(ctl, "--provider makes no sense without a command");
	else
		return cmd_status(ctl);
	return EXIT_OK;
}

/*
 * A standard descriptor that the caller closed must not become the device or a file.
 * What takes its place is open for the wrong direction, so that using it fails as before.
 */
static void fill_standard_descriptors(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
		if (fd == STDIN_FILENO) {
			close(fd);
			fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
		} else if (fd == STDOUT_FILENO || fd == STDERR_FILENO) {
			close(fd);
			fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
		}
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int main(int argc, char **argv)
{
	struct ctl ctl = {};
	int code, end;

	fill_standard_descriptors();
	setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
	code = run(&ctl, argc, argv);
	end = output_end(&ctl);
	parsec_close(ctl.parsec);
	return code ? code : end;
}
