/* One HTTP exchange with libcurl.
 * Under session.c. */
#include "cli/http.h"

#include "base/buf.h"
#include "cli/settings.h"
#include "cli/table.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

enum { REPLY_MAX = 256 << 20, CONNECT_TIMEOUT_S = 15 };

struct http {
	CURL *curl;
	bool debug;
	long timeout_s;
	char error[CURL_ERROR_SIZE];
};

/* What the callbacks of one exchange fill. */
struct receive {
	struct buf body;
	struct http_reply *reply;
	void *mem;
	bool too_large;
	/* http_listen's. */
	CURL *curl;
	http_line_fn *fn;
	void *arg;
	bool enough;
};

static int http_destroy(struct http *h)
{
	curl_easy_cleanup(h->curl);
	curl_global_cleanup();
	return 0;
}

static void set_tls(CURL *curl, const struct settings *s)
{
	if (settings_get(s, "cacert"))
		curl_easy_setopt(curl, CURLOPT_CAINFO, settings_get(s, "cacert"));
	if (settings_get(s, "cert"))
		curl_easy_setopt(curl, CURLOPT_SSLCERT, settings_get(s, "cert"));
	if (settings_get(s, "key"))
		curl_easy_setopt(curl, CURLOPT_SSLKEY, settings_get(s, "key"));
	if (settings_get_bool(s, "insecure")) {
		curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
	}
}

int http_new(void *mem, const struct settings *s, bool debug, long timeout_s, struct http **ret,
	     struct err *err)
{
	struct http *h;

	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		return err_set(err, -EIO, "libcurl cannot start");
	h = talloc_zero(mem, struct http);
	h->curl = curl_easy_init();
	h->debug = debug;
	h->timeout_s = timeout_s;
	talloc_set_destructor(h, http_destroy);
	if (!h->curl)
		return err_set(err, -ENOMEM, "libcurl cannot start");
	curl_easy_setopt(h->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(h->curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(h->curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_TIMEOUT_S);
	curl_easy_setopt(h->curl, CURLOPT_TIMEOUT, timeout_s);
	curl_easy_setopt(h->curl, CURLOPT_USERAGENT, "buoy/" BUOY_VERSION);
	curl_easy_setopt(h->curl, CURLOPT_ERRORBUFFER, h->error);
	set_tls(h->curl, s);
	*ret = h;
	return 0;
}

static size_t take_body(char *data, size_t size, size_t n, void *arg)
{
	struct receive *in = arg;

	if (in->body.len + size * n > REPLY_MAX) {
		in->too_large = true;
		return 0;
	}
	buf_add(&in->body, data, size * n);
	return size * n;
}

/* Takes whole lines off the front of what has come. */
static void take_lines(struct receive *in)
{
	char *at = in->body.data, *end;

	while (!in->enough && (end = memchr(at, '\n', in->body.len - (size_t)(at - in->body.data)))) {
		*end = 0;
		in->enough = in->fn(in->arg, at) != 0;
		at = end + 1;
	}
	in->body.len -= (size_t)(at - in->body.data);
	memmove(in->body.data, at, in->body.len);
}

static size_t take_stream(char *data, size_t size, size_t n, void *arg)
{
	struct receive *in = arg;
	long status = 0;

	if (take_body(data, size, n, arg) != size * n)
		return 0;
	curl_easy_getinfo(in->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status / 100 == 2)
		take_lines(in);
	return in->enough ? 0 : size * n;
}

/* The value of a header line when it is that header, talloc'd; else NULL. */
static char *header_value(void *mem, const char *line, size_t len, const char *name)
{
	size_t n = strlen(name);

	if (len <= n || strncasecmp(line, name, n) || line[n] != ':')
		return NULL;
	line += n + 1;
	len -= n + 1;
	while (len > 0 && (*line == ' ' || *line == '\t')) {
		line++;
		len--;
	}
	while (len > 0 && strchr(" \t\r\n", line[len - 1]))
		len--;
	return talloc_strndup(mem, line, len);
}

static size_t take_header(char *data, size_t size, size_t n, void *arg)
{
	struct receive *in = arg;
	size_t len = size * n;
	char *v;

	if ((v = header_value(in->mem, data, len, "X-Subject-Token")))
		in->reply->subject_token = v;
	if ((v = header_value(in->mem, data, len, "Location")))
		in->reply->location = v;
	if ((v = header_value(in->mem, data, len, "X-Openstack-Request-Id")))
		snprintf(in->reply->request_id, sizeof(in->reply->request_id), "%s", v);
	return len;
}

static struct curl_slist *add_header(struct curl_slist *list, const char *name, const char *value)
{
	AUTO_FREE char *line = xasprintf("%s: %s", name, value);
	struct curl_slist *longer = curl_slist_append(list, line);

	if (!longer)
		abort();
	return longer;
}

static struct curl_slist *make_headers(const struct http_request *req)
{
	struct curl_slist *list = add_header(NULL, "Accept", "application/json");

	if (req->body)
		list = add_header(list, "Content-Type", "application/json");
	if (req->token)
		list = add_header(list, "X-Auth-Token", req->token);
	if (req->subject_token)
		list = add_header(list, "X-Subject-Token", req->subject_token);
	return add_header(list, "Expect", ""); /* no round trip to ask whether a body is welcome */
}

static void show_line(const char *prefix, const char *text)
{
	AUTO_BUF struct buf b = {0};

	buf_puts(&b, prefix);
	text_add_visible(&b, text, false);
	fprintf(stderr, "%s\n", buf_text(&b));
}

static void show_request(const struct http_request *req, const char *body)
{
	AUTO_FREE char *line =
		xasprintf("%s %s%s", req->method, req->url, req->token ? " (X-Auth-Token: ***)" : "");

	show_line("> ", line);
	if (body) {
		AUTO_FREE char *text = redact_json(body, strlen(body));

		show_line("> ", text);
	}
}

static void show_reply(const struct http_reply *reply, double seconds)
{
	AUTO_FREE char *line = xasprintf("HTTP %d, %.0f ms, %zu bytes%s%s", reply->status, seconds * 1000,
					 reply->len, reply->request_id[0] ? ", " : "", reply->request_id);

	show_line("< ", line);
	if (reply->len > 0) {
		AUTO_FREE char *text = redact_json(reply->body, reply->len);

		show_line("< ", text);
	}
}

static void set_request(struct http *h, const struct http_request *req, struct curl_slist *headers,
			const char *body, struct receive *in)
{
	curl_easy_setopt(h->curl, CURLOPT_URL, req->url);
	curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(h->curl, CURLOPT_POSTFIELDS, NULL);
	curl_easy_setopt(h->curl, CURLOPT_HTTPGET, 1L); /* resets what the last request left */
	if (body) {
		curl_easy_setopt(h->curl, CURLOPT_POSTFIELDSIZE, (long)strlen(body));
		curl_easy_setopt(h->curl, CURLOPT_POSTFIELDS, body);
	}
	curl_easy_setopt(h->curl, CURLOPT_NOBODY, strcmp(req->method, "HEAD") ? 0L : 1L);
	curl_easy_setopt(h->curl, CURLOPT_CUSTOMREQUEST, req->method);
	curl_easy_setopt(h->curl, CURLOPT_WRITEFUNCTION, in->fn ? take_stream : take_body);
	curl_easy_setopt(h->curl, CURLOPT_WRITEDATA, in);
	curl_easy_setopt(h->curl, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(h->curl, CURLOPT_HEADERDATA, in);
}

static int transport_error(const struct http *h, const struct http_request *req, const struct receive *in,
			   CURLcode code, struct err *err)
{
	const char *advice = "";

	if (in->too_large)
		return err_set(err, -EFBIG, "%s: the answer is larger than %d MiB", req->url,
			       REPLY_MAX >> 20);
	if (code == CURLE_PEER_FAILED_VERIFICATION)
		advice = " (--os-cacert FILE names the authority that signed the server's certificate)";
	return err_set(err, code == CURLE_OPERATION_TIMEDOUT ? -ETIMEDOUT : -ECONNREFUSED, "%s: %s%s",
		       req->url, h->error[0] ? h->error : curl_easy_strerror(code), advice);
}

static void take_reply(struct http *h, struct receive *in, struct http_reply *reply)
{
	long status = 0;

	curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &status);
	reply->status = (int)status;
	reply->len = in->body.len;
	reply->body = talloc_zero_size(in->mem, reply->len + 1);
	if (reply->len > 0)
		memcpy(reply->body, in->body.data, reply->len);
}

/* `in` says where the body goes; its reply is filled. */
static int perform(struct http *h, const struct http_request *req, struct receive *in, struct err *err)
{
	AUTO_FREE char *body = req->body ? json_dumps(req->body, JSON_COMPACT) : NULL;
	struct curl_slist *headers = make_headers(req);
	double seconds = 0;
	CURLcode code;

	if (h->debug)
		show_request(req, body);
	h->error[0] = 0;
	set_request(h, req, headers, body, in);
	code = curl_easy_perform(h->curl);
	curl_easy_getinfo(h->curl, CURLINFO_TOTAL_TIME, &seconds);
	curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, NULL);
	curl_slist_free_all(headers);
	if (code && !in->enough) {
		buf_done(&in->body);
		return transport_error(h, req, in, code, err);
	}
	take_reply(h, in, in->reply);
	buf_done(&in->body);
	if (h->debug)
		show_reply(in->reply, seconds);
	return 0;
}

int http_send(struct http *h, const struct http_request *req, void *mem, struct http_reply *ret,
	      struct err *err)
{
	struct http_reply reply = {0};
	struct receive in = {.reply = &reply, .mem = mem};
	int r = perform(h, req, &in, err);

	if (r == 0)
		*ret = reply;
	return r;
}

int http_listen(struct http *h, const struct http_request *req, void *mem, http_line_fn *fn, void *arg,
		struct http_reply *ret, struct err *err)
{
	struct http_reply reply = {0};
	struct receive in = {.reply = &reply, .mem = mem, .curl = h->curl, .fn = fn, .arg = arg};
	int r;

	curl_easy_setopt(h->curl, CURLOPT_TIMEOUT, 0L);
	r = perform(h, req, &in, err);
	curl_easy_setopt(h->curl, CURLOPT_TIMEOUT, h->timeout_s);
	if (r == 0)
		*ret = reply;
	return r;
}
