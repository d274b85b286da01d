/* Runs a fuzz target over every file of the folders given as arguments, so that what a fuzzer once found
 * is an ordinary test, with any compiler. */
#include "base/util.h"

#include <dirent.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX_BYTES (1024 * 1024)

static int replay_file(const char *path)
{
	/* Of the exact size, so that a sanitizer sees a read past the end. */
	AUTO_FREE uint8_t *buffer = xalloc(INPUT_MAX_BYTES), *data = NULL;
	FILE *file = fopen(path, "rb");
	size_t size;

	if (!file) {
		perror(path);
		return -1;
	}
	size = fread(buffer, 1, INPUT_MAX_BYTES, file);
	fclose(file);
	data = xalloc(size);
	for (size_t i = 0; i < size; i++)
		data[i] = buffer[i];
	LLVMFuzzerTestOneInput(data, size);
	return 0;
}

static int replay_folder(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	int n = 0, r = 0;

	if (!dir) {
		perror(folder);
		return -1;
	}
	while (r == 0 && (entry = readdir(dir))) {
		AUTO_FREE char *path = xasprintf("%s/%s", folder, entry->d_name);

		if (entry->d_name[0] == '.')
			continue;
		fprintf(stderr, "%s\n", path); /* the last one printed is the one that crashed */
		r = replay_file(path);
		n++;
	}
	closedir(dir);
	/* An empty corpus tests nothing and should not look like a success. */
	return r == 0 && n > 0 ? 0 : -1;
}

int main(int argc, char **argv)
{
	int r = argc > 1 ? 0 : -1;

	for (int i = 1; i < argc && r == 0; i++)
		r = replay_folder(argv[i]);
	return r == 0 ? 0 : 1;
}
