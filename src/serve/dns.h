/* DNS for instances: names and addresses of their own network are answered, the rest is forwarded.
 * Pure, as serve.h. RFC 1035; ldns reads and writes the messages. */
#pragma once
#include "serve/serve.h"

#define DNS_QUESTION_MAX 512  /* bytes of a question that is looked at */
#define DNS_MESSAGE_MAX  1400 /* of an answer */

enum dns_verdict {
	DNS_SILENCE, /* no question of a resolver's kind, or from nobody of this network */
	DNS_ANSWER,  /* `out` has it */
	DNS_FORWARD, /* to be asked of others, as it stands */
};
enum dns_verdict dns_answer(const struct serve_at *at, const struct datagram *asked,
			    uint8_t out[DNS_MESSAGE_MAX], size_t *ret_len);

/* Whether the message answers that question: same question, and same id where `id` (as in the message) says.
 */
bool dns_is_answer(const uint8_t *question, size_t question_len, const uint8_t *id, const uint8_t *message,
		   size_t len);
/* The length of the header and the question section; 0 when it is none. */
size_t dns_question_len(const uint8_t *message, size_t len);
/* An answer without records, made of the question: `rcode` (RFC 1035, 4.1.1), or cut short (TC). */
#define DNS_SERVFAIL 2
size_t dns_refuse(const uint8_t *question, size_t len, uint8_t rcode, bool cut, uint8_t out[DNS_MESSAGE_MAX]);
