/* Dynamic updates made and signed, and their answers checked, by ldns.
 * Under publish.c. */
#include "daemon/publish_message.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include <ldns/ldns.h>

#define FUDGE_S 300

/* The record as an item of the update section: to be deleted is said by its class (RFC 2136, 2.5.4). */
static ldns_rr_list *make_list(const char *text, bool add)
{
	ldns_rr_list *list;
	ldns_rr *rr = NULL;

	if (ldns_rr_new_frm_str(&rr, text, 0, NULL, NULL) != LDNS_STATUS_OK)
		return NULL;
	if (!add) {
		ldns_rr_set_class(rr, LDNS_RR_CLASS_NONE);
		ldns_rr_set_ttl(rr, 0);
	}
	list = ldns_rr_list_new();
	ldns_rr_list_push_rr(list, rr);
	return list;
}

static int take_mac(ldns_pkt *pkt, struct update *ret)
{
	ldns_rdf *mac = ldns_pkt_tsig(pkt) ? ldns_rr_rdf(ldns_pkt_tsig(pkt), 3) : NULL;

	if (!mac || ldns_rdf_size(mac) > sizeof(ret->mac))
		return -EINVAL;
	ret->mac_len = ldns_rdf_size(mac);
	memcpy(ret->mac, ldns_rdf_data(mac), ret->mac_len);
	return 0;
}

static int sign(const struct publish_settings *s, ldns_pkt *pkt, struct update *ret)
{
	uint8_t *wire = NULL;
	uint16_t id;
	int r = -EINVAL;

	if (getrandom(&id, sizeof(id), 0) != sizeof(id))
		return -EIO;
	ldns_pkt_set_id(pkt, id);
	ldns_pkt_set_rd(pkt, false);
	if (ldns_pkt_tsig_sign(pkt, s->key_name, s->secret, FUDGE_S, s->algorithm, NULL) == LDNS_STATUS_OK &&
	    take_mac(pkt, ret) == 0 && ldns_pkt2wire(&wire, pkt, &ret->len) == LDNS_STATUS_OK &&
	    ret->len <= sizeof(ret->wire)) {
		memcpy(ret->wire, wire, ret->len);
		r = 0;
	}
	free(wire);
	return r;
}

int update_make(const struct publish_settings *s, const char *zone, const char *rr, bool add,
		struct update *ret)
{
	ldns_rdf *dname = ldns_dname_new_frm_str(zone);
	ldns_rr_list *list = make_list(rr, add);
	ldns_pkt *pkt = dname && list ? ldns_update_pkt_new(dname, LDNS_RR_CLASS_IN, NULL, list, NULL) : NULL;
	int r = pkt ? sign(s, pkt, ret) : -EINVAL;

	if (pkt)
		ldns_pkt_free(pkt);
	else
		ldns_rdf_deep_free(dname);
	ldns_rr_list_deep_free(list);
	return r;
}

int update_read(const struct publish_settings *s, const struct update *u, const uint8_t *wire, size_t len,
		char why[128])
{
	ldns_pkt *pkt = NULL;
	ldns_rdf *mac;
	char *word;
	int r = 0;

	if (len < 12 || memcmp(wire, u->wire, 2) != 0 || !(wire[2] & 0x80) ||
	    ldns_wire2pkt(&pkt, wire, len) != LDNS_STATUS_OK)
		return -EAGAIN;
	mac = ldns_rdf_new_frm_data(LDNS_RDF_TYPE_INT16_DATA, u->mac_len, u->mac);
	if (ldns_pkt_get_rcode(pkt) != LDNS_RCODE_NOERROR) {
		word = ldns_pkt_rcode2str(ldns_pkt_get_rcode(pkt));
		snprintf(why, 128, "the server answers %s", word ? word : "an error");
		free(word);
		r = -EPERM;
	} else if (!ldns_pkt_tsig_verify(pkt, wire, len, s->key_name, s->secret, mac)) {
		snprintf(why, 128, "the answer is not signed with our key");
		r = -EPERM;
	}
	ldns_rdf_deep_free(mac);
	ldns_pkt_free(pkt);
	return r;
}
