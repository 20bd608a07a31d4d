/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Response statuses of the Parsec contract: one list for applications,
 * providers and the helper.
 */
#ifndef PARSEC_STATUS_H
#define PARSEC_STATUS_H

/*
 * X(number, CONSTANT, ContractName, "what it means")
 *
 * 1 to 999 are the service's own; 1000 + n is PSA Crypto's -n.
 */
#define PARSEC_STATUS_LIST(X) \
	X(0, SUCCESS, Success, "done") \
	X(1, WRONG_PROVIDER_ID, WrongProviderId, \
	  "the request is for another provider") \
	X(2, CONTENT_TYPE_NOT_SUPPORTED, ContentTypeNotSupported, \
	  "the encoding of the request is not supported") \
	X(3, ACCEPT_TYPE_NOT_SUPPORTED, AcceptTypeNotSupported, \
	  "the encoding asked for the response is not supported") \
	X(4, WIRE_PROTOCOL_VERSION_NOT_SUPPORTED, WireProtocolVersionNotSupported, \
	  "the version of the wire protocol is not supported") \
	X(5, PROVIDER_NOT_REGISTERED, ProviderNotRegistered, \
	  "the provider is not configured here") \
	X(6, PROVIDER_DOES_NOT_EXIST, ProviderDoesNotExist, \
	  "no provider has this id") \
	X(7, DESERIALIZING_BODY_FAILED, DeserializingBodyFailed, \
	  "the request body is not a valid message") \
	X(8, SERIALIZING_BODY_FAILED, SerializingBodyFailed, \
	  "the response body could not be encoded") \
	X(9, OPCODE_DOES_NOT_EXIST, OpcodeDoesNotExist, \
	  "no operation has this opcode") \
	X(10, RESPONSE_TOO_LARGE, ResponseTooLarge, \
	  "the response would be larger than allowed") \
	X(11, AUTHENTICATION_ERROR, AuthenticationError, \
	  "authentication failed") \
	X(12, AUTHENTICATOR_DOES_NOT_EXIST, AuthenticatorDoesNotExist, \
	  "no authenticator has this id") \
	X(13, AUTHENTICATOR_NOT_REGISTERED, AuthenticatorNotRegistered, \
	  "the authenticator is not in use here") \
	X(14, KEY_INFO_MANAGER_ERROR, KeyInfoManagerError, \
	  "the store of key names failed") \
	X(15, CONNECTION_ERROR, ConnectionError, \
	  "the connection to the service failed") \
	X(16, INVALID_ENCODING, InvalidEncoding, \
	  "a value is missing or not valid for its type") \
	X(17, INVALID_HEADER, InvalidHeader, \
	  "the request header is not valid") \
	X(18, WRONG_PROVIDER_UUID, WrongProviderUuid, \
	  "the UUID of a provider is not valid") \
	X(19, NOT_AUTHENTICATED, NotAuthenticated, \
	  "the operation needs an identity") \
	X(20, BODY_SIZE_EXCEEDS_LIMIT, BodySizeExceedsLimit, \
	  "the request body is larger than allowed") \
	X(21, ADMIN_OPERATION, AdminOperation, \
	  "only an administrator may do this") \
	X(22, DEPRECATED_PRIMITIVE, DeprecatedPrimitive, \
	  "the key type or algorithm is deprecated and not allowed here") \
	X(1132, PSA_ERROR_GENERIC_ERROR, PsaErrorGenericError, \
	  "unspecified failure") \
	X(1133, PSA_ERROR_NOT_PERMITTED, PsaErrorNotPermitted, \
	  "the policy of the key forbids it") \
	X(1134, PSA_ERROR_NOT_SUPPORTED, PsaErrorNotSupported, \
	  "the provider does not support the operation or its parameters") \
	X(1135, PSA_ERROR_INVALID_ARGUMENT, PsaErrorInvalidArgument, \
	  "a parameter is not valid") \
	X(1136, PSA_ERROR_INVALID_HANDLE, PsaErrorInvalidHandle, \
	  "the key handle is not valid") \
	X(1137, PSA_ERROR_BAD_STATE, PsaErrorBadState, \
	  "not possible in this state") \
	X(1138, PSA_ERROR_BUFFER_TOO_SMALL, PsaErrorBufferTooSmall, \
	  "a buffer is too small") \
	X(1139, PSA_ERROR_ALREADY_EXISTS, PsaErrorAlreadyExists, \
	  "a key of this name exists") \
	X(1140, PSA_ERROR_DOES_NOT_EXIST, PsaErrorDoesNotExist, \
	  "no key of this name exists") \
	X(1141, PSA_ERROR_INSUFFICIENT_MEMORY, PsaErrorInsufficientMemory, \
	  "out of memory") \
	X(1142, PSA_ERROR_INSUFFICIENT_STORAGE, PsaErrorInsufficientStorage, \
	  "out of storage space") \
	X(1143, PSA_ERROR_INSUFFICIENT_DATA, PsaErrorInsufficientData, \
	  "not enough data") \
	X(1145, PSA_ERROR_COMMUNICATION_FAILURE, PsaErrorCommunicationFailure, \
	  "the provider cannot reach its backend") \
	X(1146, PSA_ERROR_STORAGE_FAILURE, PsaErrorStorageFailure, \
	  "the storage failed") \
	X(1147, PSA_ERROR_HARDWARE_FAILURE, PsaErrorHardwareFailure, \
	  "the hardware failed or is gone") \
	X(1148, PSA_ERROR_INSUFFICIENT_ENTROPY, PsaErrorInsufficientEntropy, \
	  "not enough entropy") \
	X(1149, PSA_ERROR_INVALID_SIGNATURE, PsaErrorInvalidSignature, \
	  "the signature, tag or hash does not match") \
	X(1150, PSA_ERROR_INVALID_PADDING, PsaErrorInvalidPadding, \
	  "the padding of the decrypted data is wrong") \
	X(1151, PSA_ERROR_CORRUPTION_DETECTED, PsaErrorCorruptionDetected, \
	  "tampering was detected") \
	X(1152, PSA_ERROR_DATA_CORRUPT, PsaErrorDataCorrupt, \
	  "stored data is corrupt") \
	X(1153, PSA_ERROR_DATA_INVALID, PsaErrorDataInvalid, \
	  "stored data is not valid for this version")

/**
 * enum parsec_status - result of an operation (contract, section 6)
 */
enum parsec_status {
#define PARSEC_STATUS_ENUM(number, constant, name, text) PARSEC_##constant = number,
	PARSEC_STATUS_LIST(PARSEC_STATUS_ENUM)
#undef PARSEC_STATUS_ENUM
};

#endif /* PARSEC_STATUS_H */
