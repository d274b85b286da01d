/* The express data path's programs and maps: loaded, pinned, found again.
 * Below express_fip.c, express_hook.c and express_path.c; above libbpf and the skeleton. */
#include "kernel/express.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>

#include "bpf/express.skel.h"

#define CAPACITY_MIN 4096
#define CAPACITY_MAX (1U << 22)

static const char *const map_names[EXPRESS_MAPS] = {
	[MAP_STATE] = "state",           [MAP_FLOATS] = "floats",     [MAP_PLACES] = "places",
	[MAP_FIXEDS] = "fixeds",         [MAP_LEGS] = "legs",         [MAP_PATHS] = "paths",
	[MAP_NEIGHBOURS] = "neighbours", [MAP_STATIONS] = "stations", [MAP_JUMPS] = "jumps",
	[MAP_EVENTS] = "events",         [MAP_WAYS] = "ways",
};

static const char *const program_names[EXPRESS_PROGRAMS] = {
	[PROGRAM_PORT] = "port",           [PROGRAM_UPLINK] = "uplink",     [PROGRAM_OUTER_IN] = "outer_in",
	[PROGRAM_OUTER_OUT] = "outer_out", [PROGRAM_INNER_IN] = "inner_in", [PROGRAM_INNER_OUT] = "inner_out",
	[PROGRAM_XDP] = "uplink_xdp",      [PROGRAM_COMMIT] = "commit",     [PROGRAM_CLOCK] = "clock",
};

/* --- folders --- */

#define LAYOUT_PREFIX "layout-%d-"

static char *layout_path(const struct express *x)
{
	return xasprintf("%s/" LAYOUT_PREFIX "%u", x->folder, EXPRESS_LAYOUT, x->capacity);
}

/* Which build of the programs this is. */
static char *programs_path(const struct express *x)
{
	char *layout AUTO_FREE = layout_path(x);
	uint64_t hash = 14695981039346656037ULL; /* FNV-1a */
	size_t size;
	const unsigned char *elf = express_bpf__elf_bytes(&size);

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ elf[i]) * 1099511628211ULL;
	return xasprintf("%s/programs-%016lx", layout, hash);
}

static bool is_bpf_fs(const char *path)
{
	struct statfs st;

	return statfs(path, &st) == 0 && st.f_type == BPF_FS_MAGIC;
}

/* mkdir -p from the file system on. */
static int make_folder(const char *path, struct err *err)
{
	char *copy AUTO_FREE = xstrdup(path);

	for (char *at = copy + 1; *at; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		mkdir(copy, 0755);
		*at = '/';
	}
	if (mkdir(copy, 0700) < 0 && errno != EEXIST)
		return err_set(err, -errno, "%s: %m", path);
	return 0;
}

/* The folder's parent is to be a BPF file system: usually /sys/fs/bpf, mounted by whoever came first. */
static int mount_fs(const char *folder, struct err *err)
{
	char *parent AUTO_FREE = xstrdup(folder), *slash = strrchr(parent, '/');

	if (slash && slash != parent)
		*slash = '\0';
	if (is_bpf_fs(parent))
		return 0;
	mkdir(parent, 0755);
	if (mount("bpf", parent, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RELATIME, "mode=0700") < 0)
		return err_set(err, -errno, "mount -t bpf %s: %m", parent);
	return 0;
}

static void remove_tree(const char *path)
{
	DIR *d = opendir(path);
	const struct dirent *e;

	while (d && (e = readdir(d))) {
		char *name AUTO_FREE = xasprintf("%s/%s", path, e->d_name);

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		if (unlink(name) < 0)
			remove_tree(name);
	}
	if (d)
		closedir(d);
	rmdir(path);
}

/* Removes what is in the folder, but for the one name. */
static void prune_folder(const char *path, const char *prefix, const char *keep)
{
	DIR *d = opendir(path);
	const struct dirent *e;

	while (d && (e = readdir(d))) {
		char *name AUTO_FREE = xasprintf("%s/%s", path, e->d_name);

		if (!strncmp(e->d_name, prefix, strlen(prefix)) && strcmp(name, keep) != 0)
			remove_tree(name);
	}
	if (d)
		closedir(d);
}

void express_prune(struct express *x, bool all)
{
	char *layout AUTO_FREE = layout_path(x), *programs AUTO_FREE = programs_path(x);

	prune_folder(x->folder, "layout-", all ? "" : layout);
	if (all)
		rmdir(x->folder);
	else
		prune_folder(layout, "programs-", programs);
}

/* --- opening --- */

static int get_pinned(const char *folder, const char *name)
{
	char *path AUTO_FREE = xasprintf("%s/%s", folder, name);
	int fd = bpf_obj_get(path);

	return fd < 0 ? -errno : fd;
}

static int open_pinned(int *fd, const char *folder, const char *name)
{
	if (*fd < 0)
		*fd = get_pinned(folder, name);
	return *fd;
}

static bool get_maps(struct express *x)
{
	char *folder AUTO_FREE = layout_path(x);

	for (size_t i = 0; i < EXPRESS_MAPS; i++)
		if (open_pinned(&x->maps[i], folder, map_names[i]) < 0)
			return false;
	return true;
}

static bool get_programs(struct express *x)
{
	char *folder AUTO_FREE = programs_path(x);

	for (size_t i = 0; i < EXPRESS_PROGRAMS; i++)
		if (open_pinned(&x->programs[i], folder, program_names[i]) < 0)
			return false;
	return true;
}

static void close_all(struct express *x)
{
	for (size_t i = 0; i < EXPRESS_MAPS; i++)
		if (x->maps[i] >= 0)
			close(x->maps[i]);
	for (size_t i = 0; i < EXPRESS_PROGRAMS; i++)
		if (x->programs[i] >= 0)
			close(x->programs[i]);
	memset(x->maps, -1, sizeof(x->maps));
	memset(x->programs, -1, sizeof(x->programs));
}

static int quiet(enum libbpf_print_level level, const char *format, va_list args)
{
	return 0;
}

static int pin_programs(struct express *x, struct express_bpf *skel, struct err *err)
{
	char *folder AUTO_FREE = programs_path(x);
	int r;

	remove_tree(folder); /* of a start that did not come to its end */
	r = make_folder(folder, err);
	for (size_t i = 0; r == 0 && i < EXPRESS_PROGRAMS; i++) {
		char *path AUTO_FREE = xasprintf("%s/%s", folder, program_names[i]);
		struct bpf_program *p = bpf_object__find_program_by_name(skel->obj, program_names[i]);

		r = p ? bpf_program__pin(p, path) : -ENOENT;
		if (r < 0)
			err_set(err, r, "%s: %s", path, strerror(-r));
	}
	return r;
}

/* What the programs are told as constants, and what depends on the room. */
static int set_sizes(const struct express *x, struct express_bpf *skel)
{
	struct timespec tick;
	int r;

	clock_getres(CLOCK_MONOTONIC_COARSE, &tick);
	skel->rodata->tick_ns = (uint32_t)tick.tv_nsec;
	skel->rodata->place_mask = x->capacity * PLACES_EACH - 1;
	r = bpf_map__set_max_entries(skel->maps.floats, x->capacity);
	return r < 0 ? r : bpf_map__set_max_entries(skel->maps.places, x->capacity * PLACES_EACH);
}

/* Maps that are pinned already are taken over; libbpf refuses those of another layout. */
static int load(struct express *x, struct err *err)
{
	char *folder AUTO_FREE = layout_path(x);
	struct express_bpf *skel = express_bpf__open();
	int r = skel ? make_folder(folder, err) : err_set(err, -errno, "the express programs: %m");

	for (size_t i = 0; r == 0 && i < EXPRESS_MAPS; i++) {
		char *path AUTO_FREE = xasprintf("%s/%s", folder, map_names[i]);
		struct bpf_map *m = bpf_object__find_map_by_name(skel->obj, map_names[i]);

		r = m ? bpf_map__set_pin_path(m, path) : -ENOENT;
	}
	if (r == 0) {
		r = set_sizes(x, skel);
		r = r < 0 ? r : express_bpf__load(skel);
		if (r < 0)
			err_set(err, r, "loading the express programs: %s", strerror(-r));
	}
	if (r == 0)
		r = pin_programs(x, skel, err);
	express_bpf__destroy(skel);
	return r;
}

static uint32_t map_id(int fd)
{
	struct bpf_map_info info = {0};
	uint32_t size = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &size) == 0 ? info.id : 0;
}

static uint32_t program_id(int fd)
{
	struct bpf_prog_info info = {0};
	uint32_t size = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &size) == 0 ? info.id : 0;
}

/* From here on every stub that is attached jumps to these programs. */
static int connect_programs(struct express *x, struct err *err)
{
	for (uint32_t i = 0; i < PROGRAMS; i++)
		if (bpf_map_update_elem(x->maps[MAP_JUMPS], &i, &x->programs[i], BPF_ANY) < 0)
			return err_set(err, -errno, "express program %s: %m", program_names[i]);
	x->jumps_id = map_id(x->maps[MAP_JUMPS]);
	x->xdp_id = program_id(x->programs[PROGRAM_XDP]);
	return 0;
}

/* The largest that is there, if it has room; else one that has, and as much again. */
static uint32_t choose_capacity(const struct express *x, size_t wanted)
{
	DIR *d = opendir(x->folder);
	const struct dirent *e;
	uint32_t largest = 0, needed = CAPACITY_MIN;
	unsigned layout, capacity;

	while (d && (e = readdir(d)))
		if (sscanf(e->d_name, "layout-%u-%u", &layout, &capacity) == 2 && layout == EXPRESS_LAYOUT)
			largest = MAX(largest, (uint32_t)capacity);
	if (d)
		closedir(d);
	while (needed < CAPACITY_MAX && needed < 2 * wanted)
		needed *= 2;
	return largest && largest >= wanted + wanted / 4 ? largest : needed;
}

/* What the programs' clock is in ours. */
static void read_clock(struct express *x)
{
	struct express_clock clock = {0};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &clock, .ctx_size_in = sizeof(clock));

	if (bpf_prog_test_run_opts(x->programs[PROGRAM_CLOCK], &opts) == 0)
		x->clock_ns = clock_mono_us() * 1000 - (int64_t)clock.now_ns;
}

static int map_state(struct express *x, struct err *err)
{
	void *at = mmap(NULL, sizeof(*x->state), x->only_looks ? PROT_READ : PROT_READ | PROT_WRITE,
			MAP_SHARED, x->maps[MAP_STATE], 0);

	if (at == MAP_FAILED)
		return err_set(err, -errno, "the express state: %m");
	x->state = at;
	return 0;
}

static int nothing_there(const struct express *x, struct err *err)
{
	return err_set(err, -ENOENT, "%s: there is nothing of the express data path", x->folder);
}

static int look(struct express *x, struct err *err)
{
	if (!get_maps(x))
		return nothing_there(x, err);
	x->jumps_id = map_id(x->maps[MAP_JUMPS]);
	if (get_programs(x))
		x->xdp_id = program_id(x->programs[PROGRAM_XDP]);
	return 0;
}

static int take(struct express *x, bool make, struct err *err)
{
	int r;

	if (!make && !get_maps(x))
		return nothing_there(x, err);
	if (!get_maps(x) || !get_programs(x)) {
		close_all(x);
		r = load(x, err);
		if (r < 0)
			return r;
		if (!get_maps(x) || !get_programs(x))
			return err_set(err, -ENOENT, "%s: pinned and gone", x->folder);
	}
	return connect_programs(x, err);
}

static void settle(struct express *x)
{
	read_clock(x);
	express_settle(x);
}

int express_open(const char *folder, enum express_open how, size_t wanted, struct express **ret,
		 struct err *err)
{
	struct express *x = xalloc(sizeof(*x));
	int r = 0;

	*x = (struct express){.folder = xstrdup(folder), .only_looks = how == EXPRESS_LOOK};
	memset(x->maps, -1, sizeof(x->maps));
	memset(x->programs, -1, sizeof(x->programs));
	libbpf_set_print(quiet);
	x->capacity = choose_capacity(x, how == EXPRESS_MAKE ? wanted : 0);
	if (how == EXPRESS_MAKE)
		r = mount_fs(folder, err);
	if (r == 0)
		r = how == EXPRESS_LOOK ? look(x, err) : take(x, how == EXPRESS_MAKE, err);
	if (r == 0)
		r = map_state(x, err);
	if (r == 0)
		r = express_table_open(x, err);
	if (r == 0 && !x->only_looks)
		settle(x);
	if (r == 0 && how == EXPRESS_MAKE)
		r = express_open_events(x, err);
	if (r < 0)
		express_close(x);
	else
		*ret = x;
	return r;
}

void express_close(struct express *x)
{
	if (!x)
		return;
	express_table_close(x->table);
	if (x->state)
		munmap(x->state, sizeof(*x->state));
	ring_buffer__free(x->ring);
	close_all(x);
	free(x->folder);
	express_free_uplinks(x);
	free(x->refused);
	free(x);
}

bool kernel_linux_can_express(void)
{
	return libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_SCHED_CLS, NULL) > 0 &&
	       libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_XDP, NULL) > 0 &&
	       libbpf_probe_bpf_map_type(BPF_MAP_TYPE_RINGBUF, NULL) > 0;
}

/* --- names and numbers --- */

uint64_t express_router(const struct symtab *syms, sym ns)
{
	static const char prefix[] = "qrouter-";
	const char *text = symtab_text(syms, ns);
	uint64_t router = 0;
	struct uuid id;

	if (strncmp(text, prefix, strlen(prefix)) != 0 || uuid_parse(text + strlen(prefix), &id) < 0)
		return 0;
	for (size_t i = 0; i < sizeof(router); i++)
		router = router << 8 | id.b[i];
	return router;
}

static int by_router(const void *a, const void *b)
{
	const struct express_router_name *x = a, *y = b;

	return (x->router > y->router) - (x->router < y->router);
}

int express_routers(struct kernel_linux *k, struct express_routers *ret, struct err *err)
{
	sym *names AUTO_FREE = NULL;
	size_t count;
	int r = netns_list(&k->nss, &names, &count, err);

	if (r < 0)
		return r;
	*ret = (struct express_routers){.list = xalloc((count + 1) * sizeof(*ret->list))};
	for (size_t i = 0; i < count; i++) {
		uint64_t router = express_router(k->base.syms, names[i]);

		if (router)
			ret->list[ret->count++] = (struct express_router_name){router, names[i]};
	}
	if (ret->count > 1)
		qsort(ret->list, ret->count, sizeof(*ret->list), by_router);
	return 0;
}

sym express_router_ns(const struct express_routers *r, uint64_t router)
{
	struct express_router_name key = {.router = router};
	const struct express_router_name *found =
		r->count ? bsearch(&key, r->list, r->count, sizeof(key), by_router) : NULL;

	return found ? found->ns : 0;
}

int express_walk(struct express *x, enum express_map map, size_t key_size,
		 int (*fn)(void *arg, const void *key), void *arg)
{
	char keys[2][64], *last = NULL, *next = keys[0];
	int r = 0;

	if (key_size > sizeof(keys[0]))
		return -EINVAL;
	while (r == 0 && bpf_map_get_next_key(x->maps[map], last, next) == 0) {
		r = fn(arg, next);
		last = next;
		next = keys[next == keys[0]];
	}
	return r;
}
