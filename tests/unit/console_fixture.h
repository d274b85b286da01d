/* A browser, as far as the console's API sees one: headers by the line, a cookie kept from answer to answer.
 * Included by the tests of the console, after api_fixture.h. */
#pragma once
#include "api/console.h"

#define SESSION     "/console/api/session"
#define MARK        "X-Buoy-Console: 1"
#define COOKIE_NAME "buoy_session"

/* The value of a header of the last reply, malloc'd; NULL when absent. */
static inline char *reply_header(const struct fixture *f, const char *name)
{
	AUTO_FREE char *line = xasprintf("\n%s: ", name);
	const char *at = strcasestr(buf_text(&f->headers), line);

	if (!at)
		return NULL;
	at += strlen(line);
	return strndup(at, strcspn(at, "\r\n"));
}

/* One request with exactly these header lines, separated by "\n"; NULL: none. */
static inline int browse(struct fixture *f, const char *method, const char *path, const char *lines,
			 const char *body)
{
	AUTO_FREE char *copy = xstrdup(lines ? lines : "");
	struct curl_slist *headers = NULL;
	char *save = NULL;

	for (char *p = strtok_r(copy, "\n", &save); p; p = strtok_r(NULL, "\n", &save))
		headers = curl_slist_append(headers, p);
	return request_with(f, method, path, headers, body);
}

static inline void expect_browse(struct fixture *f, int status, const char *method, const char *path,
				 const char *lines, const char *body)
{
	if (browse(f, method, path, lines, body) != status)
		fail_msg("%s %s with %s: %d instead of %d: %s", method, path, lines ? lines : "nothing",
			 f->status, status, buf_text(&f->text));
}

/* The cookie's value of the last reply, malloc'd; fails when there is none. */
static inline char *cookie_of(const struct fixture *f)
{
	AUTO_FREE char *line = reply_header(f, "Set-Cookie");

	assert_non_null(line);
	assert_int_equal(strncmp(line, COOKIE_NAME "=", strlen(COOKIE_NAME) + 1), 0);
	return strndup(line + strlen(COOKIE_NAME) + 1, strcspn(line + strlen(COOKIE_NAME) + 1, ";"));
}

/* Header lines of a page of ours that holds the cookie, malloc'd. */
static inline char *as_page(const char *cookie)
{
	return xasprintf(MARK "\nCookie: " COOKIE_NAME "=%s", cookie);
}

/* Logs in; the lines to go on with, malloc'd. */
static inline char *log_in(struct fixture *f, const char *user, const char *password)
{
	AUTO_FREE char *body = xasprintf("{\"username\": \"%s\", \"password\": \"%s\"}", user, password);
	AUTO_FREE char *cookie = NULL;

	expect_browse(f, 201, "POST", SESSION, MARK, body);
	cookie = cookie_of(f);
	return as_page(cookie);
}
