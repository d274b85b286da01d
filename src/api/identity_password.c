/* Passwords and secrets: Argon2id, a fast hash for what is random already, what was verified a moment ago,
 * and who has failed too often. Between a login and the job that checks it. */
#include "api/identity_int.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#define PASSWORD_OPS 3 /* passes over the memory: about 50 ms with PASSWORD_MEMORY */

#define RECENT_SLOTS   256
#define RECENT_LIFE_US (60 * 1000000LL)
#define DIGEST_BYTES   32

struct recent {
	struct uuid user_id;
	uint8_t digest[DIGEST_BYTES];
	int64_t until_us; /* monotonic */
};

#define THROTTLE_SLOTS     2048 /* of each kind of counter; a power of two */
#define THROTTLE_FORGET_US (15 * 60 * 1000000LL)

/* What a counter counts: failures of the user from this address, of the address, of the user; hashes of the
 * user. Each kind has a table of its own, so that who tries from many addresses does not wipe out the user's
 * counter. */
enum { BY_BOTH, BY_PEER, BY_USER, BYS, HASHES = BYS, COUNTERS };

struct failures {
	uint64_t key; /* 0: empty */
	unsigned count;
	int64_t last_us;
};

struct passwords {
	char nobody[crypto_pwhash_STRBYTES]; /* what passwords of nobody are checked against */
	uint8_t key[crypto_generichash_KEYBYTES];
	uint8_t throttle_key[crypto_shorthash_KEYBYTES];
	pthread_mutex_t lock;
	struct recent recent[RECENT_SLOTS];
	struct failures failures[COUNTERS][THROTTLE_SLOTS];
};

int passwords_new(struct passwords **ret, struct err *err)
{
	struct passwords *p = xalloc(sizeof(*p));
	char random[SECRET_TEXT];

	crypto_generichash_keygen(p->key);
	crypto_shorthash_keygen(p->throttle_key);
	secret_make(random);
	if (crypto_pwhash_str(p->nobody, random, strlen(random), PASSWORD_OPS, PASSWORD_MEMORY) != 0) {
		free(p);
		return err_set(err, -ENOMEM, "no memory to hash passwords: %u MiB are needed",
			       PASSWORD_MEMORY / 1024 / 1024);
	}
	pthread_mutex_init(&p->lock, NULL);
	*ret = p;
	return 0;
}

void passwords_free(struct passwords *p)
{
	if (!p)
		return;
	pthread_mutex_destroy(&p->lock);
	sodium_memzero(p, sizeof(*p));
	free(p);
}

const char *password_hash(void *region, const char *password)
{
	char text[crypto_pwhash_STRBYTES];

	if (crypto_pwhash_str(text, password, strlen(password), PASSWORD_OPS, PASSWORD_MEMORY) != 0)
		return NULL;
	return talloc_strdup(region, text);
}

bool password_verify(const struct passwords *p, const char *hash, const char *password)
{
	bool good = crypto_pwhash_str_verify(hash ? hash : p->nobody, password, strlen(password)) == 0;

	return hash && good;
}

/* --- what was verified a moment ago --- */

static void digest(const struct passwords *p, const char *hash, const char *password,
		   uint8_t out[DIGEST_BYTES])
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, p->key, sizeof(p->key), DIGEST_BYTES);
	crypto_generichash_update(&state, (const uint8_t *)hash, strlen(hash) + 1);
	crypto_generichash_update(&state, (const uint8_t *)password, strlen(password));
	crypto_generichash_final(&state, out, DIGEST_BYTES);
}

static struct recent *recent_slot(struct passwords *p, const struct uuid *user_id)
{
	return &p->recent[(user_id->b[14] << 8 | user_id->b[15]) % RECENT_SLOTS];
}

bool password_recent(struct passwords *p, const struct uuid *user_id, const char *hash, const char *password)
{
	struct recent *slot = recent_slot(p, user_id);
	uint8_t d[DIGEST_BYTES];
	bool good;

	digest(p, hash, password, d);
	pthread_mutex_lock(&p->lock);
	good = slot->until_us > clock_mono_us() && uuid_eq(&slot->user_id, user_id) &&
	       sodium_memcmp(slot->digest, d, sizeof(d)) == 0;
	pthread_mutex_unlock(&p->lock);
	return good;
}

void password_remember(struct passwords *p, const struct uuid *user_id, const char *hash,
		       const char *password)
{
	struct recent new = {.user_id = *user_id, .until_us = clock_mono_us() + RECENT_LIFE_US};

	digest(p, hash, password, new.digest);
	pthread_mutex_lock(&p->lock);
	*recent_slot(p, user_id) = new;
	pthread_mutex_unlock(&p->lock);
}

/* --- secrets that we made --- */

#define FAST_PREFIX "$buoy-b2$"
#define SALT_BYTES  16
#define SALT_TEXT   23

void secret_make(char out[SECRET_TEXT])
{
	uint8_t random[32];

	/* Not with "-" at its beginning: command lines would take it for an option. */
	do {
		randombytes_buf(random, sizeof(random));
		sodium_bin2base64(out, SECRET_TEXT, random, sizeof(random),
				  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	} while (out[0] == '-');
}

/* The salt as text goes in as the key: it need not be decoded. */
static const char *fast_hash(void *region, const char *salt, const char *secret)
{
	uint8_t d[DIGEST_BYTES];
	char text[SECRET_TEXT];

	crypto_generichash(d, sizeof(d), (const uint8_t *)secret, strlen(secret), (const uint8_t *)salt,
			   SALT_TEXT - 1);
	sodium_bin2base64(text, sizeof(text), d, sizeof(d), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	return talloc_asprintf(region, FAST_PREFIX "%.22s$%s", salt, text);
}

const char *secret_hash(void *region, const char *secret)
{
	uint8_t random[SALT_BYTES];
	char salt[SALT_TEXT];

	randombytes_buf(random, sizeof(random));
	sodium_bin2base64(salt, sizeof(salt), random, sizeof(random),
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	return fast_hash(region, salt, secret);
}

bool secret_is_fast(const char *hash)
{
	return strncmp(hash, FAST_PREFIX, strlen(FAST_PREFIX)) == 0;
}

bool secret_verify(const char *hash, const char *secret)
{
	size_t len = strlen(hash);
	const char *computed;
	bool good;

	if (!secret_is_fast(hash) || len < strlen(FAST_PREFIX) + SALT_TEXT)
		return false;
	computed = fast_hash(NULL, hash + strlen(FAST_PREFIX), secret);
	good = strlen(computed) == len && sodium_memcmp(computed, hash, len) == 0;
	talloc_free((void *)(uintptr_t)computed);
	return good;
}

/* --- failed attempts ---
 *
 * Three counters see each attempt: of the user from this address, of the address, of the user. The first is
 * the strict one; the user's own is lenient, because a stranger must not be able to lock somebody out. A
 * counter that shares its slot with another's of its kind is simply lost: the tables stay small whoever
 * tries. */

static const struct {
	unsigned free; /* failures in a row that cost nothing */
	int max_wait_s;
} limits[BYS] = {
	[BY_BOTH] = {10, 60},
	[BY_PEER] = {50, 60},
	[BY_USER] = {200, 2},
};

static uint64_t throttle_key(const struct passwords *p, int by, const char *who, const char *peer)
{
	char text[320];
	uint64_t key;
	int n = snprintf(text, sizeof(text), "%d %s %s", by, by == BY_USER ? "" : peer,
			 by == BY_PEER ? "" : who);

	crypto_shorthash((uint8_t *)&key, (const uint8_t *)text, (size_t)MIN(n, (int)sizeof(text) - 1),
			 p->throttle_key);
	return key ? key : 1;
}

static int wait_of(const struct failures *f, int by, int64_t now_us)
{
	unsigned over = f->count < limits[by].free ? 0 : f->count - limits[by].free + 1;
	int64_t wait_s, left_us;

	if (!over)
		return 0;
	wait_s = over > 6 ? limits[by].max_wait_s : MIN(1 << (over - 1), limits[by].max_wait_s);
	left_us = f->last_us + wait_s * 1000000 - now_us;
	return left_us <= 0 ? 0 : (int)((left_us + 999999) / 1000000);
}

int throttle_wait(struct passwords *p, const char *who, const char *peer, int64_t now_us)
{
	int wait_s = 0;

	pthread_mutex_lock(&p->lock);
	for (int by = 0; by < BYS; by++) {
		uint64_t key = throttle_key(p, by, who, peer);
		const struct failures *f = &p->failures[by][key % THROTTLE_SLOTS];

		if (f->key == key && now_us - f->last_us < THROTTLE_FORGET_US)
			wait_s = MAX(wait_s, wait_of(f, by, now_us));
	}
	pthread_mutex_unlock(&p->lock);
	return wait_s;
}

void throttle_note(struct passwords *p, const char *who, const char *peer, bool ok, int64_t now_us)
{
	pthread_mutex_lock(&p->lock);
	for (int by = 0; by < BYS; by++) {
		uint64_t key = throttle_key(p, by, who, peer);
		struct failures *f = &p->failures[by][key % THROTTLE_SLOTS];
		bool mine = f->key == key && now_us - f->last_us < THROTTLE_FORGET_US;

		/* The address's counter is not cleared: who has an account here could clear it at will. */
		if (ok && mine && by != BY_PEER)
			f->count = 0;
		else if (!ok)
			*f = (struct failures){key, mine ? f->count + 1 : 1, now_us};
	}
	pthread_mutex_unlock(&p->lock);
}

/* --- hashes that are asked for rightly ---
 *
 * Own secrets and new passwords cost a hash each, and so does a log-in whose password is not remembered:
 * without a limit any user could keep the queue full for all others. A bucket that drips, in the same table.
 */

#define HASHES_AT_ONCE 30
#define HASH_DRIP_US   1000000LL

static struct failures *bucket_of(struct passwords *p, const char *user, int64_t now_us)
{
	uint64_t key = throttle_key(p, HASHES, user, "");
	struct failures *f = &p->failures[HASHES][key % THROTTLE_SLOTS];
	int64_t drips;

	if (f->key != key)
		*f = (struct failures){key, 0, now_us};
	drips = (now_us - f->last_us) / HASH_DRIP_US;
	f->count -= (unsigned)MIN(drips, (int64_t)f->count);
	f->last_us += drips * HASH_DRIP_US;
	return f;
}

int hashes_wait(struct passwords *p, const char *user, int64_t now_us)
{
	unsigned count;

	pthread_mutex_lock(&p->lock);
	count = bucket_of(p, user, now_us)->count;
	pthread_mutex_unlock(&p->lock);
	return count < HASHES_AT_ONCE ? 0 : (int)(count - HASHES_AT_ONCE + 1);
}

void hashes_note(struct passwords *p, const char *user, int64_t now_us)
{
	pthread_mutex_lock(&p->lock);
	bucket_of(p, user, now_us)->count++;
	pthread_mutex_unlock(&p->lock);
}
