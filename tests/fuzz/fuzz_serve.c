/* Fuzz target: a frame of an instance, up to the answer; and a name server's answer to what is forwarded. The
 * first byte says whether the input is a frame, a message of DHCP, one of DNS, or two of DNS. */
#include "serve/dns.h"
#include "tests/unit/serve_world.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void tweak(struct network *n, struct subnet *s, struct port *p)
{
	static const struct dhcp_opt opts[] = {{"bootfile-name", "pxelinux.0", 4}, {"router", "", 4}};

	p->dns_name = "web1";
	p->extra_dhcp_opts = (struct list){opts, 2};
}

static void dhcp(const struct serve_at *at, const struct datagram *asked)
{
	uint8_t out[DHCP_MESSAGE_MAX], frame[SERVE_FRAME_MAX];
	struct datagram told, again;

	if (!dhcp_answer(at, asked, out, &told))
		return;
	assert(told.len >= 300 && told.len <= DHCP_MESSAGE_MAX && told.data == out);
	assert(frame_read(frame, frame_write(&told, frame), false, &again) == 0 && again.len == told.len);
}

static void dns(const struct serve_at *at, const struct datagram *asked)
{
	uint8_t out[DNS_MESSAGE_MAX];
	size_t len;

	if (dns_answer(at, asked, out, &len) == DNS_ANSWER)
		assert(len >= 17 && len <= 512 &&
		       dns_is_answer(asked->data, asked->len, asked->data, out, len));
	len = dns_refuse(asked->data, asked->len, DNS_SERVFAIL, true, out);
	assert(len <= DNS_MESSAGE_MAX && len <= asked->len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world w;
	uint8_t out[SERVE_FRAME_MAX];
	struct datagram d = {.to = SERVER, .from_port = 68};

	if (!size)
		return 0;
	build(&w, tweak);
	d.from_mac = w.mac;
	d.data = data + 1;
	d.len = size - 1;
	d.to_port = data[0] % 4 == 1 ? 67 : 53;
	if (data[0] % 4 == 0) {
		frame_answer_arp(&w.at, d.data, d.len, out);
		if (frame_read(d.data, d.len, true, &d) < 0)
			d.len = 0;
	}
	if (data[0] % 4 == 3)
		dns_is_answer(d.data, d.len / 2, d.data, d.data + d.len / 2, d.len - d.len / 2);
	dhcp(&w.at, &d);
	dns(&w.at, &d);
	done(&w);
	return 0;
}
