# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Completion of parsecctl's commands, options and key names for bash.

_parsecctl_words()
{
	case $1 in
	commands)
		parsecctl --help | sed -n 's/^  \([a-z][a-z-]*\)  .*/\1/p' ;;
	options)
		# shellcheck disable=SC2086 # no word when there is no command yet
		parsecctl $2 --help | sed -n 's/^  .*\(--[a-z0-9-]*\).*/\1/p' ;;
	keys)
		# Names that are no plain words are in quotes there, and left out here
		parsecctl list-keys 2>/dev/null | sed -n '1d; s/.*  \([^" ]*\)$/\1/p' ;;
	esac
}

_parsecctl()
{
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
	local command='' word skip=''

	for word in "${COMP_WORDS[@]:1:COMP_CWORD - 1}"; do
		case $skip$word in
		--provider | --device | --timeout | -p | -t) skip=skip ;;
		-* | skip*) skip='' ;;
		*) command=$word; break ;;
		esac
	done
	case $previous in
	-k | --key-name | --attesting-key)
		mapfile -t COMPREPLY < <(compgen -W "$(_parsecctl_words keys)" -- "$current")
		return ;;
	--hash)
		mapfile -t COMPREPLY < <(compgen -W 'sha224 sha256 sha384 sha512 sha3-224
			sha3-256 sha3-384 sha3-512' -- "$current")
		return ;;
	-p | --provider)
		mapfile -t COMPREPLY < <(compgen -W 'core software pkcs11 tpm' -- "$current")
		return ;;
	--type)
		mapfile -t COMPREPLY < <(compgen -W 'rsa rsa-public ecc ecc-public aes camellia
			chacha20 hmac raw' -- "$current")
		return ;;
	--family)
		mapfile -t COMPREPLY < <(compgen -W 'secp-r1 secp-k1 brainpool-p-r1 montgomery' \
			-- "$current")
		return ;;
	--algorithm)
		mapfile -t COMPREPLY < <(compgen -W 'ecdsa ecdsa-deterministic ecdh rsa-pkcs1 rsa-pss
			rsa-oaep rsa-pkcs1-encryption gcm ccm chacha20-poly1305 ctr cfb ofb xts ecb
			cbc cbc-pkcs7 stream hmac cmac cbc-mac attesting none' -- "$current")
		return ;;
	--check)
		mapfile -t COMPREPLY < <(compgen -W 'generate import use derive' -- "$current")
		return ;;
	audit)
		mapfile -t COMPREPLY < <(compgen -W verify -- "$current")
		return ;;
	-o | --output | --signature | --device | --peer | --config | --public-area | \
		--attesting-public)
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
		return ;;
	esac
	case $current in
	-*)
		mapfile -t COMPREPLY < <(compgen -W "$(_parsecctl_words options "$command")" \
			-- "$current") ;;
	*)
		if [ -n "$command" ]; then
			mapfile -t COMPREPLY < <(compgen -f -- "$current")
		else
			mapfile -t COMPREPLY < <(compgen -W "$(_parsecctl_words commands)" \
				-- "$current")
		fi ;;
	esac
}

complete -o filenames -F _parsecctl parsecctl
