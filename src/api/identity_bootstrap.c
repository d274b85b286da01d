/* The first administrator, in one transaction.
 * Called by `buoyd bootstrap` with a ledger and nothing else running. */
#include "api/identity_int.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

struct bootstrapping {
	const struct bootstrap *b;
	const char *hash;
};

static int put_role(struct txn *t, const char *name, const struct role **ret, struct err *err)
{
	const struct role *have = role_by_name(t->work, name);
	struct role *draft;

	if (have) {
		*ret = have;
		return 0;
	}
	draft = txn_new(t, KIND_ROLE);
	draft->name = name;
	draft->description = "";
	*ret = draft;
	return txn_put(t, draft, err);
}

static int put_domain(struct txn *t, struct err *err)
{
	struct domain *draft;

	if (txn_get(t, KIND_DOMAIN, &hexid_default))
		return 0;
	draft = txn_new(t, KIND_DOMAIN);
	draft->row.id = hexid_default;
	draft->name = "Default";
	draft->description = "The default domain";
	draft->enabled = true;
	return txn_put(t, draft, err);
}

static int put_project(struct txn *t, const char *name, struct uuid *ret, struct err *err)
{
	const struct project *have = project_by_name(t->work, &hexid_default, name);
	struct project *draft;

	if (have) {
		*ret = have->row.id;
		return 0;
	}
	draft = txn_new(t, KIND_PROJECT);
	draft->name = name;
	draft->description = "";
	draft->enabled = true;
	draft->domain_id = hexid_default;
	*ret = draft->row.id;
	return txn_put(t, draft, err);
}

static int put_user(struct txn *t, const struct bootstrapping *bs, const struct uuid *project_id,
		    struct uuid *ret, struct err *err)
{
	struct user *draft = txn_new(t, KIND_USER);

	draft->name = bs->b->user;
	draft->description = "";
	draft->enabled = true;
	draft->domain_id = hexid_default;
	draft->default_project_id = *project_id;
	draft->password_hash = bs->hash;
	*ret = draft->row.id;
	return txn_put(t, draft, err);
}

static int write_bootstrap(struct txn *t, void *arg, struct err *err)
{
	const struct bootstrapping *bs = arg;
	const struct role *admin, *other;
	struct assignment *draft;
	struct uuid project_id, user_id, role_id;
	int r;

	if (snap_count(t->work, KIND_USER))
		return err_set(err, -EEXIST, "there are users already: nothing to bootstrap");
	if ((r = put_domain(t, err)) < 0 || (r = put_role(t, "admin", &admin, err)) < 0)
		return r;
	role_id = admin->row.id;
	if ((r = put_role(t, "member", &other, err)) < 0 || (r = put_role(t, "reader", &other, err)) < 0 ||
	    (r = put_project(t, bs->b->project, &project_id, err)) < 0 ||
	    (r = put_user(t, bs, &project_id, &user_id, err)) < 0)
		return r;
	draft = txn_new(t, KIND_ASSIGNMENT);
	draft->user_id = user_id;
	draft->project_id = project_id;
	draft->role_id = role_id;
	return txn_put(t, draft, err);
}

int identity_bootstrap(struct ledger *ledger, void *region, const struct bootstrap *b,
		       const char **ret_password, struct err *err)
{
	const struct actor actor = {.user_name = "bootstrap", .request_id = "bootstrap", .admin = true};
	struct bootstrapping bs = {.b = b};
	const char *password = b->password;
	char made[SECRET_TEXT];
	int r;

	if (sodium_init() < 0)
		return err_set(err, -EIO, "libsodium does not start");
	if (password && (!*password || strlen(password) > PASSWORD_MAX))
		return err_set(err, -EINVAL, "a password has 1 to %d bytes", PASSWORD_MAX);
	if (!password) {
		secret_make(made);
		password = talloc_strndup(region, made, 24); /* 144 bits, and still to be typed */
	}
	bs.hash = password_hash(region, password);
	if (!bs.hash)
		return err_set(err, -ENOMEM, "no memory to hash the password");
	r = ledger_write_sync(ledger, region, &actor, "bootstrap", write_bootstrap, &bs, err);
	if (r == 0)
		*ret_password = password;
	return r;
}
