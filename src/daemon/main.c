/* buoyd: what the command line says.
 * Configuration, then one of the commands. */
#include "api/console.h"
#include "daemon/process.h"

#include <getopt.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define DEFAULT_CONFIG "/etc/buoy/buoyd.conf"

struct options {
	const char *config, *user, *project, *password;
	struct single_host host;
};

static const char usage[] =
	"Usage: buoyd [-c FILE] [COMMAND]\n"
	"\n"
	"Floating IPs for Linux: an API process and an agent that programs this node's kernel.\n"
	"\n"
	"Commands:\n"
	"  run        answer requests and keep the kernel in step, in the foreground (the default)\n"
	"  bootstrap  make the first administrator in an empty database; prints its password once\n"
	"               --user NAME (admin)  --project NAME (admin)  --password-stdin\n"
	"  single-host  make this host the router of a bridge: configuration, administrator, networks, pool\n"
	"               --public-interface IF --bridge BRIDGE --floating RANGE\n"
	"               [--range RANGE] [--metadata ADDRESS:PORT] [--clouds FILE]\n"
	"  plan       print what would change in this node's kernel, and why; changes nothing\n"
	"  check      read the configuration and say whether it is right\n"
	"  nat        print what this host itself translates, as iptables -L -t nat would\n"
	"  cleanup    remove everything that Buoy made in this node's kernel; stop buoyd first\n"
	"\n"
	"Options:\n"
	"  -c, --config FILE   configuration (default " DEFAULT_CONFIG "; see buoyd.conf(5))\n"
	"  -h, --help          this text\n"
	"  -V, --version       the version\n";

static int run_run(const struct config *c, const struct options *o)
{
	return supervise(c);
}

static int run_plan(const struct config *c, const struct options *o)
{
	return command_plan(c);
}

static int run_check(const struct config *c, const struct options *o)
{
	printf("listen %s, public %s, database %s, node %s, physical networks %zu: fine\n", c->listen,
	       c->public_url, c->database, c->node_name, c->physical_count);
	for (size_t i = 0; i < c->physical_count; i++)
		if (!if_nametoindex(c->physical[i].device))
			printf("but physical network %s: there is no interface %s on this machine now\n",
			       c->physical[i].name, c->physical[i].device);
	nova_check(c);
	if (c->physical_count == 0)
		puts("but no network leads outside: [physical_networks] is empty");
	return 0;
}

static int run_cleanup(const struct config *c, const struct options *o)
{
	return command_cleanup(c);
}

static int run_bootstrap(const struct config *c, const struct options *o)
{
	return command_bootstrap(c, o->user, o->project, o->password);
}

/* Comes before there is a configuration: main calls it itself. */
static int run_single_host(const struct config *c, const struct options *o)
{
	return command_single_host(&o->host);
}

static int run_nat(const struct config *c, const struct options *o)
{
	return command_nat(c);
}

struct command {
	const char *name;
	int (*fn)(const struct config *c, const struct options *o);
};
static const struct command commands[] = {
	{"run", run_run},
	{"bootstrap", run_bootstrap},
	{"plan", run_plan},
	{"check", run_check},
	{"cleanup", run_cleanup},
	{"nat", run_nat},
	{"single-host", run_single_host},
};

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

static const char *read_password(void)
{
	static char line[1026];

	if (!fgets(line, sizeof(line), stdin))
		return NULL;
	line[strcspn(line, "\r\n")] = '\0';
	return line[0] ? line : NULL;
}

static const char **host_option(struct single_host *h, int opt)
{
	return opt == 'I'   ? &h->public_interface
	       : opt == 'B' ? &h->bridge
	       : opt == 'R' ? &h->range
	       : opt == 'F' ? &h->floating
	       : opt == 'M' ? &h->metadata
			    : &h->clouds;
}

/* -1: go on; otherwise the exit code. */
static int parse_options(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{"config", required_argument, NULL, 'c'},
		{"help", no_argument, NULL, 'h'},
		{"public-interface", required_argument, NULL, 'I'},
		{"bridge", required_argument, NULL, 'B'},
		{"range", required_argument, NULL, 'R'},
		{"floating", required_argument, NULL, 'F'},
		{"metadata", required_argument, NULL, 'M'},
		{"clouds", required_argument, NULL, 'C'},
		{"version", no_argument, NULL, 'V'},
		{"user", required_argument, NULL, 'u'},
		{"project", required_argument, NULL, 'p'},
		{"password", required_argument, NULL, 'P'},
		{"password-stdin", no_argument, NULL, 'S'},
		{0},
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "c:hV", longs, NULL)) != -1) {
		if (opt == 'c')
			o->config = optarg;
		else if (opt == 'u')
			o->user = optarg;
		else if (strchr("IBRFMC", opt))
			*host_option(&o->host, opt) = optarg;
		else if (opt == 'p')
			o->project = optarg;
		else if (opt == 'P')
			o->password = optarg;
		else if (opt == 'S') {
			o->password = read_password();
			if (!o->password) {
				fputs("buoyd: --password-stdin: no password on standard input\n", stderr);
				return 2;
			}
		} else if (opt == 'h') {
			fputs(usage, stdout);
			return 0;
		} else if (opt == 'V') {
			puts("buoyd " BUOY_VERSION);
			return 0;
		} else {
			fputs(usage, stderr);
			return 2;
		}
	}
	return -1;
}

int main(int argc, char **argv)
{
	struct options o = {.user = "admin", .project = "admin"};
	int code = parse_options(argc, argv, &o);
	const char *name = code < 0 && optind < argc ? argv[optind] : "run";
	const struct command *command = find_command(name);
	AUTO_CONFIG struct config config = {0};
	struct err err = {0};

	if (code >= 0)
		return code;
	if (!command || optind + 1 < argc) {
		fprintf(stderr, "buoyd: %s '%s'; see buoyd --help\n",
			command ? "one command at a time, so not" : "there is no command",
			command ? argv[optind + 1] : name);
		return 2;
	}
	umask(0077);
	o.host.config = o.config ? o.config : DEFAULT_CONFIG;
	if (command->fn == run_single_host)
		return run_single_host(NULL, &o);
	if (!o.config && access(DEFAULT_CONFIG, F_OK) == 0)
		o.config = DEFAULT_CONFIG;
	if (config_load(o.config, &config, &err) < 0) {
		fprintf(stderr, "buoyd: %s\n", err.message);
		return 1;
	}
	config.api.console = &console_files;
	return command->fn(&config, &o);
}
