/* Rows that the nouns of the Network API's resources share. */
#pragma once
#include "cli/noun.h"

/* What most resources share: owner, switch, tags and the filters by tags. */
#define OWNER_ROW                                                                                            \
	{                                                                                                    \
		"project_id", "project", .form = FORM_REF, .ref = "project", .doc = "Project that owns it"   \
	}
#define SWITCH_ROW                                                                                           \
	{                                                                                                    \
		"admin_state_up", "enable", "disable", .doc = "Switch it on; the opposite switches it off"   \
	}
#define NAME_ROW                                                                                             \
	{                                                                                                    \
		"name", .flags = FIELD_SAME | FIELD_ARG                                                      \
	}
#define TAG_ROWS                                                                                             \
	{"tags", "tag", NULL, FORM_TAGS, FIELD_RW | FIELD_NULL, .doc = "Tag; set replaces all tags"},        \
		{"tags",                                                                                     \
		 "tags",                                                                                     \
		 NULL,                                                                                       \
		 FORM_TEXT,                                                                                  \
		 FIELD_FILTER,                                                                               \
		 .value = "A,B",                                                                             \
		 .doc = "Only with all these tags"},                                                         \
		{"tags-any",                                                                                 \
		 "any-tags",                                                                                 \
		 NULL,                                                                                       \
		 FORM_TEXT,                                                                                  \
		 FIELD_FILTER,                                                                               \
		 .value = "A,B",                                                                             \
		 .doc = "Only with one of these tags"},                                                      \
		{"not-tags",                                                                                 \
		 "not-tags",                                                                                 \
		 NULL,                                                                                       \
		 FORM_TEXT,                                                                                  \
		 FIELD_FILTER,                                                                               \
		 .value = "A,B",                                                                             \
		 .doc = "Only without all these tags"},                                                      \
	{                                                                                                    \
		"not-tags-any", "not-any-tags", NULL, FORM_TEXT, FIELD_FILTER,                               \
			.value = "A,B", .doc = "Only without any of these tags"                              \
	}
