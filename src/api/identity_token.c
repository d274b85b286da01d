/* Tokens as text: sealed with a key that only this database has.
 * Between a login and the client, and back with each request. */
#include "api/identity_int.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define TOKEN_VERSION 1
/* Tells people and scanners of leaked secrets what it is; and a token never begins with "-", which command
 * lines would take for an option. */
#define PREFIX       "buoy_"
#define PREFIX_BYTES (sizeof(PREFIX) - 1)
#define VARIANT      sodium_base64_VARIANT_URLSAFE_NO_PADDING

/* The plain token: version, methods, scope, four ids, three times. All tokens have one length, so that text
 * of another one is refused without looking further. */
#define PLAIN_BYTES  (3 + 4 * 16 + 3 * 8)
#define NONCE_BYTES  crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define SEALED_BYTES (PLAIN_BYTES + crypto_aead_xchacha20poly1305_ietf_ABYTES)

_Static_assert(TOKEN_TEXT == PREFIX_BYTES + sodium_base64_ENCODED_LEN(NONCE_BYTES + SEALED_BYTES, VARIANT),
	       "length of a token");

static const unsigned char purpose[] = "buoy token";

static uint8_t *put_int(uint8_t *p, int64_t v)
{
	for (int i = 7; i >= 0; i--)
		*p++ = (uint8_t)((uint64_t)v >> (8 * i));
	return p;
}

static const uint8_t *get_int(const uint8_t *p, int64_t *ret)
{
	uint64_t v = 0;

	for (int i = 0; i < 8; i++)
		v = v << 8 | *p++;
	*ret = (int64_t)v;
	return p;
}

static uint8_t *put_id(uint8_t *p, const struct uuid *id)
{
	memcpy(p, id->b, 16);
	return p + 16;
}

static const uint8_t *get_id(const uint8_t *p, struct uuid *ret)
{
	memcpy(ret->b, p, 16);
	return p + 16;
}

void token_seal(const uint8_t key[TOKEN_KEY_BYTES], const struct token *t, char out[TOKEN_TEXT])
{
	uint8_t plain[PLAIN_BYTES], sealed[NONCE_BYTES + SEALED_BYTES], *p = plain;

	*p++ = TOKEN_VERSION;
	*p++ = t->methods;
	*p++ = t->scope;
	p = put_id(put_id(p, &t->user_id), &t->scope_id);
	p = put_id(put_id(p, &t->appcred_id), &t->audit_id);
	put_int(put_int(put_int(p, t->issued_us), t->expires_us), t->generation);
	randombytes_buf(sealed, NONCE_BYTES);
	crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + NONCE_BYTES, NULL, plain, sizeof(plain), purpose,
						   sizeof(purpose), NULL, sealed, key);
	memcpy(out, PREFIX, PREFIX_BYTES);
	sodium_bin2base64(out + PREFIX_BYTES, TOKEN_TEXT - PREFIX_BYTES, sealed, sizeof(sealed), VARIANT);
}

/* One text for one token: libsodium also takes some bytes beyond ASCII for "_" and "-". */
static int decode(const char *text, uint8_t sealed[NONCE_BYTES + SEALED_BYTES])
{
	char again[TOKEN_TEXT - PREFIX_BYTES];
	size_t len;

	if (strnlen(text, TOKEN_TEXT) != TOKEN_TEXT - 1 || strncmp(text, PREFIX, PREFIX_BYTES) != 0)
		return -EACCES;
	text += PREFIX_BYTES;
	if (sodium_base642bin(sealed, NONCE_BYTES + SEALED_BYTES, text, sizeof(again) - 1, NULL, &len, NULL,
			      VARIANT) != 0 ||
	    len != NONCE_BYTES + SEALED_BYTES)
		return -EACCES;
	sodium_bin2base64(again, sizeof(again), sealed, len, VARIANT);
	return strcmp(text, again) == 0 ? 0 : -EACCES;
}

int token_open(const uint8_t key[TOKEN_KEY_BYTES], const char *text, struct token *ret)
{
	uint8_t sealed[NONCE_BYTES + SEALED_BYTES], plain[PLAIN_BYTES];
	const uint8_t *p = plain;
	struct token t;

	if (decode(text, sealed) < 0 ||
	    crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, sealed + NONCE_BYTES, SEALED_BYTES,
						       purpose, sizeof(purpose), sealed, key) != 0)
		return -EACCES;
	if (*p++ != TOKEN_VERSION)
		return -EACCES;
	t.methods = *p++;
	t.scope = *p++;
	p = get_id(get_id(p, &t.user_id), &t.scope_id);
	p = get_id(get_id(p, &t.appcred_id), &t.audit_id);
	get_int(get_int(get_int(p, &t.issued_us), &t.expires_us), &t.generation);
	*ret = t;
	return 0;
}

char *token_audit(const struct token *t, char out[AUDIT_TEXT])
{
	return sodium_bin2base64(out, AUDIT_TEXT, t->audit_id.b, sizeof(t->audit_id.b), VARIANT);
}

char *micros_print(int64_t us, char out[MICROS_TEXT])
{
	char seconds[TIME_TEXT];

	time_print(us / 1000000, seconds);
	snprintf(out, MICROS_TEXT, "%.19s.%06dZ", seconds, (int)(us % 1000000));
	return out;
}
